//! Items without whom they are about: what stays of an event or a record says when, by which provider, and what came of it. So counts and
//! durations stay true.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::store::item::{self, EXPIRES, Item, SEEN, SUMMARY, string};
use crate::store::record::Row;
use crate::store::{Kind, kind};

/// The attribute of what was made nameless: when that was.
const FORGOTTEN: &str = "forgotten";

/// What stays of an item. Nothing else does, so that what a later version adds is not kept by oversight.
const KEPT: [&str; 7] = ["pk", "sk", SEEN, "day", "failure", EXPIRES, "version"];

/// What stays of the summary: of an event,
const OF_EVENT: [&str; 13] = [
    item::FORM,
    "provider_id",
    "reached_at",
    "answered_at",
    "family",
    "type",
    "status",
    "leg",
    "thread",
    "direction",
    "code",
    "cause",
    "children",
];
/// and of a record.
const OF_RECORD: [&str; 16] = [
    item::FORM,
    "version",
    "outcome",
    "direction",
    "started_at",
    "answered_at",
    "ended_at",
    "ring",
    "talk",
    "class",
    "code",
    "attempts",
    "recordings",
    "events",
    "received_at",
    "joined",
];

/// The item without its parties, texts and body; None for one that says nothing without them: a row that leads to another, a delivery
/// in quarantine, and what this code did not write.
#[must_use]
pub fn nameless(item: &Item, at: Timestamp) -> Option<Item> {
    match kind(item) {
        Kind::Event => Some(only(item, &OF_EVENT, at)).filter(|item| item::event(item).is_ok()),
        Kind::Record => Some(only(item, &OF_RECORD, at)).filter(|item| Row::of_item(item).is_ok()),
        Kind::Pointer | Kind::Quarantined => None,
    }
}

/// Whether the item was made nameless. Nothing follows from that it was: nobody is to be told of it again.
#[must_use]
pub fn is_forgotten(item: &Item) -> bool {
    string(item, FORGOTTEN).is_some()
}

fn only(item: &Item, of_summary: &[&str], at: Timestamp) -> Item {
    let pick = |from: &Item, names: &[&str]| -> Item {
        names.iter().filter_map(|name| Some(((*name).to_owned(), from.get(*name)?.clone()))).collect()
    };
    let mut kept = pick(item, &KEPT);
    let summary = item.get(SUMMARY).and_then(|summary| summary.as_m().ok());
    kept.extend(summary.map(|summary| (SUMMARY.to_owned(), AttributeValue::M(pick(summary, of_summary)))));
    kept.insert(FORGOTTEN.to_owned(), AttributeValue::S(at.to_string()));
    kept
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;
    use crate::access::tests::verified;
    use crate::event::Event;
    use crate::provider::tests::samples;
    use crate::store::{Retention, Shards};

    #[test]
    fn a_nameless_event_is_read_as_the_event_without_anybody() {
        for (name, event, body) in samples() {
            let whole = item::of_event(
                &event,
                verified(event.provider(), &body).content(),
                Shards::default(),
                Retention::Days(1),
            );
            let left = nameless(&whole, event.received_at).unwrap();
            let read = item::event(&left).unwrap();
            assert!(is_forgotten(&left) && !is_forgotten(&whole), "{name}");
            assert!(
                read.from.is_none() && read.to.is_none() && read.own.is_empty() && read.others.is_empty(),
                "{name}"
            );
            assert!(read.details.is_none() && read.account.is_none() && item::body(&left).is_err(), "{name}");
            assert_eq!((&read.id, read.family, read.status), (&event.id, event.family, event.status), "{name}");
            let failure = |event: &Event| event.failure.as_ref().map(|failure| (failure.class, failure.code));
            assert_eq!((read.answered_at, failure(&read)), (event.answered_at, failure(&event)), "{name}");
            assert_eq!((item::expiry(&left), read.leg), (item::expiry(&whole), event.leg), "{name}");
        }
    }

    #[test]
    fn what_only_names_somebody_has_nothing_left() {
        let now = Timestamp::UNIX_EPOCH;
        for (name, event, _) in samples() {
            for row in crate::store::pointer::rows(&event, Shards::default(), None) {
                assert_eq!(nameless(&row, now), None, "{name}");
            }
        }
    }
}
