//! What was published once, made of what the API shows of it: for a consumer that comes later. The text is that of the first
//! message byte for byte, as far as the stack still has what that said.

use std::fmt;
use std::str::FromStr;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use shared::call::Outcome;
use shared::entity::{Entity, Pair};
use shared::event::Details;
use shared::key::{EventId, Partition};

use super::message::{Message, OF_EVENTS, OF_RECORDS, entities, named};
use crate::origin::Origin;
use crate::stored::Texts;

/// The attribute that tells a message which was published before.
const REPLAYED: (&str, &str) = ("replayed", "true");

/// Why what was shown makes no message.
#[derive(Debug, thiserror::Error)]
pub enum ShownError {
    /// It is not what this version's API shows.
    #[error("the stack shows it in a form that this version does not know; use the version that is deployed")]
    Form(#[from] serde_json::Error),
}

/// The message of an event as `/events/{id}` shows it.
///
/// # Errors
/// [`ShownError`] when that shows no event.
pub fn event_again(shown: &str, texts: Texts) -> Result<Message, ShownError> {
    let said: ShownEvent<'_> = serde_json::from_str(shown)?;
    let mut members: Members<'_> = serde_json::from_str(shown)?;
    // They are looked up for an answer, and no part of an event.
    members.0.retain(|(name, _)| *name != "names");
    let details = said.details.filter(|_| texts == Texts::Hidden).map(Details::without_text);
    let details = details.map(|details| serde_json::value::to_raw_value(&details)).transpose()?;
    if let Some(details) = &details {
        let place = members.0.iter_mut().filter(|(name, _)| *name == "details");
        place.for_each(|(_, value)| *value = details);
    }
    let values = [said.provider, said.family, &said.kind, said.status, class(said.failure.as_ref())];
    let words = [named(OF_EVENTS, values), vec![REPLAYED]].concat();
    let entities = entities(&said.entities, said.account.as_ref());
    Ok(Message::fitting(Origin::Event(said.id), &members, &words, entities))
}

/// The message of a call as `/calls` lists it; None of one that is not over: its record was not published yet.
///
/// # Errors
/// [`ShownError`] when that shows no call.
pub fn ended_call_again(shown: &str) -> Result<Option<Message>, ShownError> {
    let said: ShownCall<'_> = serde_json::from_str(shown)?;
    if said.ended_at.is_none() && said.outcome != Outcome::NoEnd.as_str() {
        return Ok(None);
    }
    let mut members: Members<'_> = serde_json::from_str(shown)?;
    // In a record's own words.
    members.0.iter_mut().filter(|(name, _)| *name == "eventCount").for_each(|(name, _)| *name = "events");
    let values = [said.outcome, class(said.failure.as_ref()), said.direction.unwrap_or_default()];
    let words = [named(OF_RECORDS, values), vec![REPLAYED]].concat();
    let entities = entities(&said.entities, said.account.as_ref());
    let origin = Origin::Record(said.id.clone(), said.version);
    Ok(Some(Message::of_whole(origin, &said.id, &members, &words, entities)))
}

/// What the attributes are made of.
#[derive(Deserialize)]
struct ShownEvent<'s> {
    #[serde(deserialize_with = "written")]
    id: EventId,
    provider: &'s str,
    family: &'s str,
    /// The provider's word, which may need escapes.
    #[serde(rename = "type")]
    kind: String,
    status: &'s str,
    #[serde(borrow)]
    failure: Option<ShownFailure<'s>>,
    #[serde(deserialize_with = "each")]
    entities: Vec<Pair>,
    #[serde(deserialize_with = "perhaps")]
    account: Option<Entity>,
    details: Option<Details>,
}

/// The same of a call's record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownCall<'s> {
    #[serde(deserialize_with = "written")]
    id: Partition,
    version: u32,
    outcome: &'s str,
    direction: Option<&'s str>,
    ended_at: Option<&'s str>,
    #[serde(borrow)]
    failure: Option<ShownFailure<'s>>,
    #[serde(deserialize_with = "each")]
    entities: Vec<Pair>,
    #[serde(deserialize_with = "perhaps")]
    account: Option<Entity>,
}

#[derive(Deserialize)]
struct ShownFailure<'s> {
    class: &'s str,
}

fn class<'s>(failure: Option<&ShownFailure<'s>>) -> &'s str {
    failure.map_or("", |failure| failure.class)
}

/// What is written as a text.
fn written<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

fn perhaps<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
}

fn each<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

/// The members of an object, in their order, each value as it was written.
struct Members<'s>(Vec<(&'s str, &'s RawValue)>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
