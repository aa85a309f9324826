//! An event as the events topic shows it: the API's JSON, and the message attributes that filter policies use.
//! Whatever an event holds, SNS takes its message.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::event::Event;
use shared::key::EventId;

use super::pack::BYTES;

/// A data type of SNS's message attributes.
const TEXT: &str = "String";
/// The data type of several values, a JSON array: any of them can match a filter policy.
const LIST: &str = "String.Array";
/// The attribute of the entities.
const ENTITY: &str = "entity";
/// The warning in a message that has no room for all entities of its event.
const CUT: &str = "too many entities for a message: read the event by its id";

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The event.
    pub(crate) id: EventId,
    /// The event as the API shows it.
    pub(crate) text: String,
    /// The attributes that filter policies use.
    pub(crate) attributes: Vec<Attribute>,
}

/// A message attribute. SNS takes no empty value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) value: String,
}

impl Message {
    /// The message of an event.
    pub(crate) fn of(event: &Event) -> Self {
        let entities = entities(event);
        let whole = Self::new(event, text(event), &entities);
        if whole.size() <= BYTES {
            return whole;
        }
        // A subscriber can read what the text leaves out by the id, but never hears of an entity that the attribute leaves out.
        let bare = Self::new(event, text_without_entities(event), &[]);
        let room = BYTES.saturating_sub(bare.size() + ENTITY.len() + LIST.len());
        Self::new(event, bare.text, &shortest(entities, room))
    }

    fn new(event: &Event, text: String, entities: &[String]) -> Self {
        Self { id: event.id.clone(), text, attributes: attributes(event, entities) }
    }

    /// What counts against SNS's limit: the text, and each attribute's name, type and value.
    pub(crate) fn size(&self) -> usize {
        let attributes = self.attributes.iter();
        self.text.len() + attributes.map(|a| a.name.len() + a.kind.len() + a.value.len()).sum::<usize>()
    }
}

fn attributes(event: &Event, entities: &[String]) -> Vec<Attribute> {
    let text = |name, value: &str| Attribute { name, kind: TEXT, value: plain(value) };
    let texts = [
        ("provider", event.provider().as_str()),
        ("family", event.family.as_str()),
        ("type", &event.kind),
        ("status", event.status.as_str()),
        ("class", event.failure.as_ref().map_or("", |failure| failure.class.as_str())),
    ];
    let list = Attribute { name: ENTITY, kind: LIST, value: quoted(&json!(entities).to_string()) };
    let texts = texts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| text(name, value));
    texts.chain((!entities.is_empty()).then_some(list)).collect()
}

/// Each entity in its categories and alone, so that both "alice's inbound calls" and "all of alice" are one value; and the
/// account.
fn entities(event: &Event) -> Vec<String> {
    let pairs = event.pairs();
    let both = pairs.iter().flat_map(|pair| [pair.to_string(), pair.entity.to_string()]);
    let mut seen = BTreeSet::new();
    let both = both.chain(event.account.iter().map(ToString::to_string));
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

fn text(event: &Event) -> String {
    // Names, texts and numbers: nothing here can fail to be written.
    quoted(&serde_json::to_string(event).unwrap_or_default())
}

fn text_without_entities(event: &Event) -> String {
    let mut whole = serde_json::to_value(event).unwrap_or_default();
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

/// JSON without the two characters that it may hold and that SQS refuses: a subscribed queue would not get the message.
fn quoted(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// A text without what SQS refuses and what a filter policy can't be compared with.
fn plain(text: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
