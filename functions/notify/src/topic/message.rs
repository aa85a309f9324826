//! Events and records as the events topic shows them: their JSON, with message attributes. Whatever they hold, SNS takes the
//! message.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use shared::entity::{Entity, Pair};
use shared::event::Event;
use shared::failure::Failure;
use shared::key::{Partition, Subject};
use shared::name::Family;
use shared::outbox::ENTITY;
use shared::record::Record;
use shared::store::record::Row;

use super::attribute::{Attribute, LIST, quoted};
use super::pack::BYTES;
use crate::origin::Origin;

/// The outcome of a call that was joined to another: nothing more is said of it.
const JOINED: &str = "joined";
/// The warning in a message that has no room for all entities of its event.
const CUT: &str = "too many entities for a message: read the event by its id";

/// The attributes of an event's message that hold one value each.
pub(super) const OF_EVENTS: [&str; 5] = ["provider", "family", "type", "status", "class"];
/// Those of a record's message, behind those that follow from its id.
pub(super) const OF_RECORDS: [&str; 3] = ["outcome", "class", "direction"];

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is made of.
    pub(crate) origin: Origin,
    /// That in JSON.
    pub(crate) text: String,
    /// The attributes that filter policies use.
    pub(crate) attributes: Vec<Attribute>,
}

impl Message {
    /// The message of an event.
    pub(crate) fn of_event(event: &Event) -> Self {
        let (provider, family, status) = (event.provider().as_str(), event.family.as_str(), event.status.as_str());
        let words = named(OF_EVENTS, [provider, family, &event.kind, status, class(event.failure.as_ref())]);
        let entities = entities(&event.pairs(), event.account.as_ref());
        Self::fitting(Origin::Event(event.id.clone()), event, &words, entities)
    }

    /// The message of what the table has where the record of that call or message ended.
    pub(crate) fn of_ended(id: &Partition, row: &Row) -> Self {
        let origin = Origin::Record(id.clone(), row.version());
        match row {
            Row::Record(record) => Self::of_record(origin, record),
            Row::Joined { version, to } => {
                // So that who has a record under that id drops it.
                let shown = json!({"id": id, "version": version, "outcome": JOINED, "call": to});
                Self::of_whole(origin, id, &shown, &[("outcome", JOINED)], Vec::new())
            }
        }
    }

    fn of_record(origin: Origin, record: &Record) -> Self {
        let direction = record.direction.map_or("", |direction| direction.as_str());
        let words = named(OF_RECORDS, [record.outcome.as_str(), class(record.failure.as_ref()), direction]);
        Self::of_whole(origin, &record.id, record, &words, entities(&record.entities, record.account.as_ref()))
    }

    /// The message about a whole call or message, shown so.
    pub(super) fn of_whole(
        origin: Origin,
        id: &Partition,
        shown: &impl Serialize,
        words: &[(&'static str, &str)],
        entities: Vec<String>,
    ) -> Self {
        let kind = format!("trunkline.{}", id.subject());
        let family = if id.subject() == Subject::Call { Family::Call } else { Family::Sms };
        let common = [("provider", id.provider().as_str()), ("family", family.as_str()), ("type", &kind)];
        Self::fitting(origin, shown, &[&common, words].concat(), entities)
    }

    /// The message within SNS's limit.
    pub(super) fn fitting(
        origin: Origin,
        shown: &impl Serialize,
        words: &[(&'static str, &str)],
        entities: Vec<String>,
    ) -> Self {
        let whole = Self { origin, text: text(shown), attributes: Attribute::of(words, &entities) };
        if whole.size() <= BYTES {
            return whole;
        }
        // A subscriber can read what the text leaves out by the id, but never hears of an entity that the attribute leaves out.
        let bare = Self { text: text_without_entities(shown), attributes: Attribute::of(words, &[]), ..whole };
        let room = BYTES.saturating_sub(bare.size() + ENTITY.len() + LIST.len());
        Self { attributes: Attribute::of(words, &shortest(entities, room)), ..bare }
    }

    /// What it says, as JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The attributes, each with its name, its data type and its value.
    pub fn attributes(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        self.attributes.iter().map(|attribute| (attribute.name, attribute.kind, attribute.value.as_str()))
    }

    /// What counts against SNS's limit: the text, and each attribute's name, type and value.
    pub(crate) fn size(&self) -> usize {
        let attributes = self.attributes.iter();
        self.text.len() + attributes.map(|a| a.name.len() + a.kind.len() + a.value.len()).sum::<usize>()
    }
}

pub(super) fn named<'v, const N: usize>(
    names: [&'static str; N],
    values: [&'v str; N],
) -> Vec<(&'static str, &'v str)> {
    names.into_iter().zip(values).collect()
}

fn class(failure: Option<&Failure>) -> &'static str {
    failure.map_or("", |failure| failure.class.as_str())
}

/// Each entity in its categories and alone, so that both "alice's inbound calls" and "all of alice" are one value; and the
/// account.
pub(crate) fn entities(pairs: &[Pair], account: Option<&Entity>) -> Vec<String> {
    let both = pairs.iter().flat_map(|pair| [pair.to_string(), pair.entity.to_string()]);
    let mut seen = BTreeSet::new();
    let both = both.chain(account.map(ToString::to_string));
    both.filter(|value| seen.insert(value.clone())).collect()
}

/// As many of the values as fit into that many bytes of JSON, the longest left out, in the order in which they came.
fn shortest(values: Vec<String>, bytes: usize) -> Vec<String> {
    // With the comma after it, or with the closing bracket.
    let written = |value: &String| quoted(&json!(value).to_string()).len() + 1;
    let mut sizes: Vec<_> = values.iter().map(written).enumerate().collect();
    sizes.sort_by_key(|(_, size)| *size);
    let mut left = bytes.saturating_sub(1);
    let fits = |(place, size): &(usize, usize)| {
        left = left.checked_sub(*size)?;
        Some(*place)
    };
    let kept: BTreeSet<_> = sizes.iter().map_while(fits).collect();
    values.into_iter().enumerate().filter(|(place, _)| kept.contains(place)).map(|(_, value)| value).collect()
}

fn text(shown: &impl Serialize) -> String {
    // Names, texts and numbers: nothing here can fail to be written.
    quoted(&serde_json::to_string(shown).unwrap_or_default())
}

/// A record has neither details nor warnings.
fn text_without_entities(shown: &impl Serialize) -> String {
    let mut whole = serde_json::to_value(shown).unwrap_or_default();
    if let Some(entities) = whole.get_mut("entities") {
        *entities = json!([]);
    }
    if let Some(details) = whole.get_mut("details") {
        *details = Value::Null;
    }
    if let Some(warnings) = whole.get_mut("warnings").and_then(Value::as_array_mut) {
        warnings.push(json!(CUT));
    }
    quoted(&whole.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
