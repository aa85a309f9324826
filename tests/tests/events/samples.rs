//! The table of samples: what each is stored as, held against the stack and against `events/README.md`.

mod onsip;
mod opentact_calls;
mod opentact_others;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::samples;
use tests::stack::Stack;

/// Samples that share family, call, leg and entities. Nothing is the empty string.
struct Group {
    family: &'static str,
    call: &'static str,
    leg: &'static str,
    direction: &'static str,
    entities: &'static [&'static str],
    /// Name, status and failure class.
    events: &'static [(&'static str, &'static str, &'static str)],
}

fn groups() -> impl Iterator<Item = &'static Group> {
    [onsip::GROUPS, opentact_calls::GROUPS, opentact_others::GROUPS].into_iter().flatten()
}

fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn entities(event: &Value) -> BTreeSet<&str> {
    event["entities"].as_array().unwrap().iter().map(|pair| pair.as_str().unwrap()).collect()
}

#[test]
fn every_sample_is_stored_as_what_it_is() {
    let stack = Stack::start();
    for group in groups() {
        for (name, status, class) in group.events {
            let answer = stack.deliver(name);
            assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()), "{name}: {answer:?}");
            let event = stack.event(answer.json()["id"].as_str().unwrap());
            assert_eq!(event["provider"], name.split('-').next().unwrap(), "{name}");
            assert_eq!(event["family"], group.family, "{name}");
            assert_eq!(event["status"], *status, "{name}: {event}");
            assert_eq!(event["failure"]["class"], or_null(class), "{name}: {event}");
            assert_eq!(event["call"], or_null(group.call), "{name}");
            let leg = json!({"id": group.leg, "direction": or_null(group.direction)});
            assert_eq!(event["leg"], if group.leg.is_empty() { Value::Null } else { leg }, "{name}");
            assert_eq!(entities(&event), group.entities.iter().copied().collect(), "{name}");
        }
    }
}

#[test]
fn a_sample_bears_its_type_and_its_own_time() {
    let stack = Stack::start();
    for name in samples::names() {
        let body: Value = serde_json::from_slice(&samples::sample(&name)).unwrap();
        let event = stack.event(stack.deliver(&name).json()["id"].as_str().unwrap());
        // Without an envelope there is no type but the one that such an entity has within one.
        let kind = match (&body["type"], &body["data"]["event_type"]) {
            _ if name.contains("-bare-call") => "call_state",
            _ if name.contains("-bare-sms") => "sms",
            (Value::String(kind), _) | (_, Value::String(kind)) => kind,
            _ => panic!("{name} has no type"),
        };
        assert_eq!(event["type"], kind, "{name}");
        let occurred = event["occurredAt"].as_str().unwrap_or_else(|| panic!("{name}: {event}"));
        assert!(occurred.starts_with("2026-11-02T"), "{name}: {occurred}");
        assert_ne!(event["receivedAt"], event["occurredAt"], "{name}");
    }
}

#[test]
fn every_sample_has_its_row_in_the_table_and_in_the_readme() {
    let events = || groups().flat_map(|group| group.events.iter().map(move |event| (group.family, event)));
    let table: BTreeMap<_, _> =
        events().map(|(family, (name, status, class))| (*name, [family, *status, *class].map(String::from))).collect();
    let names = samples::names();
    assert_eq!(table.keys().copied().collect::<Vec<_>>(), names.iter().map(String::as_str).collect::<Vec<_>>());

    let readme = std::fs::read_to_string(samples::folder().join("README.md")).unwrap();
    let rows: BTreeMap<_, _> = readme.lines().filter_map(row).collect();
    for (name, expected) in table {
        assert_eq!(rows.get(name), Some(&expected), "events/README.md on {name}");
    }
    assert_eq!(rows.len(), names.len(), "the README names no other files");
}

/// Name, family, status and failure of a row of the README's table of samples.
fn row(line: &str) -> Option<(&str, [String; 3])> {
    let cells: Vec<_> = line.split(" | ").map(|cell| cell.trim_matches([' ', '|'])).collect();
    let [name, _what, family, status, class] = cells.as_slice() else {
        return None;
    };
    let name = name.strip_prefix('`')?.strip_suffix(".json`")?;
    Some((name, [family, status, class].map(|cell| (*cell).to_owned())))
}
