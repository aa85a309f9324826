//! Rows that lead to others: to an event by a further entity, to a call by its thread. They hold keys and nothing else.
//!
//! Each follows from the event's item alone: the same key, the same content, at the event's own place, expiring with it. So
//! it makes no difference how often they are written, when, or in what order.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::entity::{Category, Entity, EntityKind, Pair};
use crate::event::{Event, Party};
use crate::key::{self, CallId, EventId, Partition, Subject};
use crate::name::{Direction, Status};
use crate::store::item::{Build, EXPIRES, Item, SEEN, string};
use crate::store::{Seen, Shards};

/// Stands before the partition of an event that a row leads to.
const POINTER: &str = "pointer.";

/// Stands before the partition of a thread, in which the calls of it are named.
const THREAD: &str = "thread.";

/// Whether the partition key is that of such a row.
#[must_use]
pub fn is_key(partition: &str) -> bool {
    partition.starts_with(POINTER) || partition.starts_with(THREAD)
}

/// A further entity's place in the indexes.
pub(super) struct Place<'p> {
    pub(super) index: &'static str,
    entity: &'p Entity,
}

impl<'p> Place<'p> {
    fn of(pair: &'p Pair) -> Self {
        let calling = matches!(pair.category, Category::OutboundCall | Category::OutboundSms);
        let index = match (pair.entity.kind(), calling) {
            (EntityKind::SipDomain, true) => "from_domain",
            (EntityKind::SipDomain, false) => "to_domain",
            (_, true) => "from_party",
            (_, false) => "to_party",
        };
        Self { index, entity: &pair.entity }
    }

    /// The key in the index under which what has that id is found, with what stands before all keys of its list.
    pub(super) fn key(&self, list: &str, shards: Shards, id: &str) -> String {
        match self.entity.kind() {
            EntityKind::SipDomain => shards.key(&format!("{list}{}", self.entity.value()), id),
            _ => format!("{list}{}", self.entity),
        }
    }

    /// What tells its row from the others. Not of the key, in which the shard stands: when there are more of them, a repeat
    /// finds the row that is there.
    pub(super) fn digest(&self) -> String {
        key::digest_of(format!("{} {}", self.index, self.entity).as_bytes())
    }
}

/// The places that need a row of their own. What leads to the parties and their domains stands in the indexes itself, and a
/// list of an entity reads it whichever of the two indexes it is in.
pub(super) fn further<'p>(pairs: &'p [Pair], parties: [&Option<Party>; 2]) -> impl Iterator<Item = Place<'p>> {
    let mut found: BTreeSet<_> = parties.into_iter().flatten().flat_map(Party::entities).collect();
    pairs.iter().filter(move |pair| found.insert(pair.entity.clone())).map(Place::of)
}

/// All rows of an event that expires with that attribute, each once.
#[must_use]
pub fn rows(event: &Event, shards: Shards, expires: Option<&AttributeValue>) -> Vec<Item> {
    let mut rows = pointers(event, shards, expires);
    rows.extend(joins(event, expires));
    rows
}

/// The rows that lead to an event from its further entities.
#[must_use]
pub fn pointers(event: &Event, shards: Shards, expires: Option<&AttributeValue>) -> Vec<Item> {
    if event.others.is_empty() {
        return Vec::new();
    }
    let id = event.id.to_string();
    let pointer = |place: Place<'_>| {
        Build(HashMap::new())
            .text("pk", Some(format!("{POINTER}{}", event.id.partition())))
            .text("sk", Some(format!("{}~{}", event.id.sort(), place.digest())))
            .text(SEEN, Some(Seen::new(event.received_at, &id)))
            .text(place.index, Some(place.key("", shards, &id)))
            .value(EXPIRES, expires)
            .0
    };
    further(&event.others, [&event.from, &event.to]).map(pointer).collect()
}

/// Whether the row is one of the event's, and not left behind by another delivery of the same identity. Only then does it
/// lead to the event, at its position.
pub(super) fn leads_to(row: &Item, event: &Event) -> bool {
    Seen::of_item(row).as_ref() == Some(&Seen::of(event))
}

/// The rows that join an event's call to others: in its thread, and as the parent of its leg's children.
#[must_use]
pub fn joins(event: &Event, expires: Option<&AttributeValue>) -> Vec<Item> {
    let Some(call) = event.call() else { return Vec::new() };
    let parent = |child: &Partition| {
        let row = Build(HashMap::new()).text("pk", Some(thread_key(child))).text("sk", Some(call.to_string()));
        row.value(EXPIRES, expires).0
    };
    let children = event.children.iter().filter(|child| *child != call.partition()).map(parent);
    in_thread(event, expires).into_iter().chain(children).collect()
}

/// The row that names an event's call in its thread. Legs that name their parent need none; of the others, a leg from
/// the platform may belong to a leg that came in, and that one says so when it begins and when it ends, since either may be missing.
fn in_thread(event: &Event, expires: Option<&AttributeValue>) -> Option<Item> {
    let (thread, call, leg) = (event.thread.as_ref()?, event.call()?, event.leg.as_ref()?);
    let parentless = *call.partition() == Partition::new(event.provider(), Subject::Call, &leg.id);
    let says_so = leg.direction == Some(Direction::Out)
        || matches!(event.status, Status::Started | Status::Ended | Status::Failed);
    let row = Build(HashMap::new())
        .text("pk", Some(thread_key(thread)))
        .text("sk", Some(call.to_string()))
        .value(EXPIRES, expires);
    (parentless && says_so).then_some(row.0)
}

/// The partition of a thread's calls.
pub(super) fn thread_key(thread: &Partition) -> String {
    format!("{THREAD}{thread}")
}

/// The call that a row of a thread names.
pub(super) fn call_in_thread(row: &Item) -> Option<CallId> {
    string(row, "sk")?.parse().ok()
}

/// The event that a pointer leads to; None if the item is no pointer.
#[must_use]
pub fn pointed(item: &Item) -> Option<EventId> {
    let partition = string(item, "pk")?.strip_prefix(POINTER)?;
    let (sort, _entity) = string(item, "sk")?.rsplit_once('~')?;
    EventId::from_keys(partition, sort).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;
    use crate::provider::tests::samples;
    use crate::store::{Kind, kind};

    #[test]
    fn every_pointer_leads_to_its_event() {
        let mut seen = 0;
        for (name, event, _) in samples() {
            for pointer in pointers(&event, Shards::default(), None) {
                assert_eq!(pointed(&pointer), Some(event.id.clone()), "{name}");
                assert_eq!(kind(&pointer), Kind::Pointer, "{name}");
                seen += 1;
            }
        }
        assert!(seen > 0);
    }

    #[test]
    fn a_row_has_one_key_however_many_shards_there_are() {
        let key = |row: &Item| ["pk", "sk"].map(|name| row.get(name).cloned());
        for (name, event, _) in samples() {
            let [few, many] = ["4", "64"].map(|shards| pointers(&event, shards.parse().unwrap(), None));
            assert!(few.iter().map(key).eq(many.iter().map(key)), "{name}");
        }
    }
}
