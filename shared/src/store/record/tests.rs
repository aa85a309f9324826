//! Records and items, there and back.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::call::Call;
use crate::call::tests::call_of;
use crate::entity::{Entity, EntityKind};
use crate::event::{Own, Party};
use crate::failure::{Failure, FailureClass};
use crate::key::{CallId, Subject};
use crate::record::tests::of_samples;
use crate::store::item::{INDEXES, size};
use crate::store::shards::unsharded;
use crate::store::{Kind, Shards, kind};

/// The rows of everything that the samples tell of.
fn of_all() -> Vec<(Record, Rows)> {
    let rows_of = |(record, events): (Record, Vec<Event>)| {
        let rows = rows(&record, &Span::of(&events, Some(1_800_000_000)).unwrap(), Shards::default());
        (record, rows)
    };
    of_samples().into_iter().map(rows_of).collect()
}

#[test]
fn every_record_comes_back_from_either_of_its_rows_as_it_was() {
    let mut over = 0;
    for (record, rows) in of_all() {
        assert_eq!(of_item(&rows.call).unwrap(), record);
        assert_eq!(rows.ended.is_some(), record.is_over(), "{record:?}");
        if let Some(ended) = &rows.ended {
            assert_eq!(of_item(ended).unwrap(), record);
            over += 1;
        }
    }
    assert!(over > 20, "{over}");
}

#[test]
fn an_index_row_says_all_and_nothing_that_tells_an_event() {
    let projected = |name: &str| ["pk", "sk", SEEN].contains(&name) || PROJECTED.contains(&name);
    for (record, rows) in of_all() {
        for mut row in [Some(rows.call), rows.ended].into_iter().flatten() {
            row.retain(|name, _| projected(name));
            assert_eq!(of_item(&row).unwrap(), record);
            assert!(!row[SUMMARY].as_m().unwrap().contains_key("family"), "{row:?}");
        }
    }
}

#[test]
fn a_record_is_one_write_unit() {
    for (record, rows) in of_all() {
        for row in [&rows.call].into_iter().chain(&rows.ended).chain(&rows.entities) {
            assert!(size(row) <= 1024, "{}: {}", record.id, size(row));
        }
    }
}

/// The places of a row in the indexes.
fn places(row: &Item) -> Vec<(&'static str, String)> {
    let place = |index: &&'static str| Some((*index, unsharded(string(row, index)?).to_owned()));
    INDEXES.iter().filter_map(place).collect()
}

#[test]
fn a_record_stands_in_lists_of_its_own_where_it_began_and_again_where_it_ended() {
    let (record, rows) = of_all().into_iter().find(|(record, _)| record.id.to_string().contains("1155f117")).unwrap();
    let begun = [
        ("from_party", "call/sip_user:alice@example.com"),
        ("to_party", "call/phone_number:12025550143"),
        ("from_domain", "call/example.com"),
        ("day", "call/2026-01-12"),
        ("failure", "call/busy"),
    ];
    assert_eq!(places(&rows.call), begun.map(|(index, key)| (index, key.to_owned())), "{record:?}");
    assert_eq!(places(rows.ended.as_ref().unwrap()), [("day", "ended-call/2026-01-12".to_owned())]);
    let shown = ("from_party", "call/phone_number:12025550111".to_owned());
    assert_eq!(rows.entities.iter().flat_map(places).collect::<Vec<_>>(), [shown]);
}

#[test]
fn a_record_is_found_once_under_each_of_its_entities() {
    for (record, rows) in of_all() {
        let list = format!("{}/", record.id.subject());
        let found = |row: &Item| {
            let entities = places(row).into_iter().filter(|(index, _)| !["day", "failure"].contains(index));
            entities.map(|(_, key)| key.strip_prefix(&list).unwrap().to_owned()).collect::<Vec<_>>()
        };
        let found: Vec<_> = rows.entities.iter().chain([&rows.call]).flat_map(found).collect();
        let name = |entity: &Entity| match entity.kind() {
            EntityKind::SipDomain => entity.value().to_owned(),
            _ => entity.to_string(),
        };
        let all: BTreeSet<_> = record.entities.iter().map(|pair| name(&pair.entity)).collect();
        assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), all);
        assert_eq!(found.len(), all.len(), "{found:?}");
    }
}

#[test]
fn a_further_entity_that_calls_and_is_called_has_one_row() {
    let (record, events) = of_samples().remove(0);
    let pair = |category| format!("phone_number:12025550177/{category}").parse().unwrap();
    let record = Record { entities: ["inbound_call", "outbound_call"].map(pair).to_vec(), ..record };
    let rows = rows(&record, &Span::of(&events, None).unwrap(), Shards::default());
    assert_eq!(rows.entities.len(), 1, "{:?}", rows.entities);
}

#[test]
fn the_positions_of_a_record_are_those_of_its_first_and_its_last_event() {
    let (_, mut events) = of_samples().into_iter().max_by_key(|(_, events)| events.len()).unwrap();
    for (second, event) in (0..).zip(&mut events) {
        event.received_at += SignedDuration::from_secs(second);
    }
    let [first, last] = [events.first(), events.last()].map(|event| Seen::of(event.unwrap()));
    for _ in 0..2 {
        events.reverse();
        let span = Span::of(&events, Some(1_800_000_000)).unwrap();
        assert_eq!((&span.first, &span.last), (&first, &last));
    }
    assert_eq!(Span::of(&[], None), None);
}

#[test]
fn a_record_that_goes_on_past_midnight_began_on_one_day_ended_on_the_next() {
    let (id, mut events) = call_of("opentact-call_state-out-hangup-busy");
    let [first, last]: [Timestamp; 2] =
        ["2026-11-02T23:59:00Z", "2026-11-03T00:01:00Z"].map(|time| time.parse().unwrap());
    for event in &mut events {
        event.received_at = first;
    }
    events[3].received_at = last;
    let (span, call) = (Span::of(&events, Some(1_800_000_000)).unwrap(), Call::fold(&id, events, last).unwrap());
    let record = Record::of_call(&call).unwrap();
    let Rows { call, ended, entities } = rows(&record, &span, Shards::default());
    let ended = ended.unwrap();
    assert!(places(&call).contains(&("day", "call/2026-11-02".to_owned())), "{call:?}");
    assert_eq!(places(&ended), [("day", "ended-call/2026-11-03".to_owned())]);
    assert_eq!([&call, &ended].map(Seen::of_item), [Some(span.first), Some(span.last)]);
    let expires = Some(number(1_800_000_000));
    assert!([&call, &ended].into_iter().chain(&entities).all(|row| row.get(EXPIRES) == expires.as_ref()));
    assert_eq!([of_item(&call).unwrap(), of_item(&ended).unwrap()], [record.clone(), record]);
}

#[test]
fn what_is_odd_in_a_record_comes_back_as_it_was() {
    let (record, events) = of_samples().into_iter().find(|(record, _)| record.account.is_some()).unwrap();
    let withheld = Some(Party { raw: String::new(), entity: None, domain: None });
    let host = Party { raw: "x".to_owned(), entity: None, domain: crate::address::Host::parse("example.net") };
    let own =
        ["from", "to", "via"].map(|side| Own { entity: "sip_user:a@b".parse().unwrap(), side: side.parse().unwrap() });
    let odd = Record {
        own: own.to_vec(),
        from: withheld,
        to: Some(host),
        ring_seconds: Some(0.1 + 0.2),
        failure: Some(Failure { class: FailureClass::Unknown, reason: None, code: None }),
        menu_steps: vec!["*".to_owned(), String::new()],
        attempts: usize::MAX,
        account: None,
        entities: Vec::new(),
        ..record.clone()
    };
    for record in [Record { from: None, to: None, ..record }, odd] {
        let rows = rows(&record, &Span::of(&events, None).unwrap(), Shards::default());
        assert_eq!(of_item(&rows.call).unwrap(), record);
    }
}

#[test]
fn what_leads_to_a_record_leads_to_it_alone_and_expires_with_it() {
    let mut leading = 0;
    for (record, rows) in of_all() {
        assert_eq!((pointed(&rows.call), kind(&rows.call)), (None, Kind::Record));
        for row in &rows.entities {
            assert_eq!((pointed(row).as_ref(), kind(row)), (Some(&record.id), Kind::Record));
            assert_eq!((row.get(SEEN), row.get(EXPIRES)), (rows.call.get(SEEN), rows.call.get(EXPIRES)));
            leading += 1;
        }
    }
    assert!(leading > 5, "{leading}");
}

#[test]
fn a_call_that_was_joined_to_another_leaves_all_lists_and_says_to_which() {
    let (_, events) = of_samples().remove(0);
    let (span, of) = (Span::of(&events, Some(1_800_000_000)).unwrap(), events[0].id.partition().clone());
    let to: Partition = "opentact.call.other".parse().unwrap();
    let (record, rows) = of_all().remove(0);
    assert_eq!(record.id, of);
    let [call, ended] = joined(&of, &to, 3, &span);
    for (row, sort) in [(call, CALL), (ended, ENDED)] {
        assert_eq!((row.get("pk"), string(&row, "sk")), (rows.call.get("pk"), Some(sort)));
        assert_eq!((places(&row), row.get(EXPIRES)), (vec![], rows.call.get(EXPIRES)));
        assert_eq!(Row::of_item(&row).unwrap(), Row::Joined { version: 3, to: to.clone() });
        assert!(of_item(&row).is_err());
    }
}

#[test]
fn a_record_of_another_form_is_told_by_its_attribute() {
    let (_, rows) = of_all().into_iter().find(|(record, _)| record.failure.is_some()).unwrap();
    let odd = || AttributeValue::S("?".to_owned());
    for name in ["pk", SEEN, SUMMARY] {
        let mut row = rows.call.clone();
        row.insert(name.to_owned(), odd());
        assert!(of_item(&row).is_err(), "{name}");
    }
    for name in
        ["version", "outcome", "direction", "own", "from", "started_at", "ring", "class", "attempts", "entities"]
    {
        let mut row = rows.call.clone();
        let Some(AttributeValue::M(summary)) = row.get_mut(SUMMARY) else { continue };
        summary.insert(name.to_owned(), odd());
        assert!(of_item(&row).is_err(), "{name}");
    }
}

proptest! {
    #[test]
    fn a_record_of_any_of_a_calls_events_comes_back_as_it_was(
        events in proptest::sample::select(of_samples()).prop_flat_map(|(_, events)| {
            let some = 1..=events.len();
            proptest::sample::subsequence(events, some)
        }),
        version in 1..u32::MAX,
    ) {
        let id = events[0].id.partition().clone();
        let now = events[0].received_at + crate::call::NO_END;
        let record = match CallId::try_from(id.clone()) {
            Ok(call) => Call::fold(&call, events.clone(), now).and_then(|call| Record::of_call(&call)),
            Err(_) => Record::of_message(&id, &events),
        };
        if let Some(record) = record {
            let record = Record { version, ..record };
            let rows = rows(&record, &Span::of(&events, None).unwrap(), Shards::default());
            prop_assert!(rows.ended.is_some() || record.id.subject() == Subject::Message, "a call is over by then");
            for row in [Some(rows.call), rows.ended].into_iter().flatten() {
                prop_assert_eq!(Row::of_item(&row).unwrap(), Row::Record(Box::new(record.clone())));
                prop_assert_eq!(item::version(&row).unwrap(), version);
            }
        }
    }
}
