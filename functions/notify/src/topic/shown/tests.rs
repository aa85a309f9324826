//! What is published once more is what was published.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::call::Call;
use shared::event::Event;
use shared::json::Json;
use shared::provider::{self, onsip, opentact};
use shared::record::Record;
use shared::store::record::Row;

use super::*;
use crate::stored::detailed;
use crate::topic::attribute::Attribute;

/// Each sample that is an event by itself, with its body.
fn samples() -> Vec<(Event, Vec<u8>)> {
    let folder = format!("{}/../../events", env!("CARGO_MANIFEST_DIR"));
    let at: Timestamp = "2026-11-02T16:40:01Z".parse().unwrap();
    let read = |path: &std::path::Path| {
        let text = std::fs::read_to_string(path).ok()?;
        let (body, name) = (Json::read(&text).ok()?, path.file_name()?.to_str()?);
        let event = if name.starts_with("onsip") { onsip::read(&body, at) } else { opentact::read(&body, at) };
        Some((event.ok()?, text.clone().into_bytes()))
    };
    std::fs::read_dir(folder).unwrap().filter_map(|entry| read(&entry.unwrap().path())).collect()
}

/// The event as the API shows it by its id.
fn shown(event: &Event, body: &[u8]) -> String {
    let whole = Event { details: provider::details(event.provider(), body), ..event.clone() };
    let json = serde_json::to_string(&whole).unwrap();
    format!(r#"{},"names":{{"phone_number:12025550144":"Front desk"}}}}"#, json.strip_suffix('}').unwrap())
}

fn replayed(message: Message) -> Message {
    let (name, value) = REPLAYED;
    let mut attributes = message.attributes.clone();
    let place = attributes.iter().position(|attribute| attribute.kind != "String").unwrap_or(attributes.len());
    attributes.insert(place, Attribute { name, kind: "String", value: value.to_owned() });
    Message { attributes, ..message }
}

#[test]
fn an_event_is_published_again_as_it_was() {
    let samples = samples();
    assert!(samples.len() > 50, "{}", samples.len());
    let mut texts_of_messages = 0;
    for (event, body) in samples {
        let shown = shown(&event, &body);
        texts_of_messages += usize::from(shown.contains(r#""message":{"text":"#));
        for texts in [Texts::Hidden, Texts::Published] {
            let first = Message::of_event(&detailed(event.clone(), &body, texts));
            assert_eq!(event_again(&shown, texts).unwrap(), replayed(first), "{}", event.id);
        }
    }
    assert!(texts_of_messages > 3, "{texts_of_messages}");
}

#[test]
fn an_event_with_more_entities_than_fit_is_cut_alike_and_no_character_stops_it() {
    let (event, _) = samples().into_iter().find(|(event, _)| event.kind == "tn_order").unwrap();
    let pair = |n: usize| format!("account:{n:040}/number_order").parse::<Pair>().unwrap();
    let (others, kind) = ((0..4_000).map(pair).collect(), "odd \u{ffff}\"\n".to_owned());
    let event = Event { others, kind, ..event };
    let first = Message::of_event(&event);
    assert!(first.text.contains("too many entities"));
    let again = event_again(&serde_json::to_string(&event).unwrap(), Texts::Hidden).unwrap();
    assert_eq!(again.text, first.text);
}

fn record() -> Record {
    let events: Vec<_> = samples().into_iter().map(|(event, _)| event).collect();
    let call = events.iter().filter(|event| event.failure.is_some()).find_map(Event::call).unwrap();
    let of_call = events.into_iter().filter(|event| event.call().as_ref() == Some(&call)).collect();
    Record::of_call(&Call::fold(&call, of_call, Timestamp::MAX).unwrap()).unwrap()
}

fn listed(record: &Record) -> String {
    serde_json::to_string(record).unwrap().replace(r#","events":"#, r#","eventCount":"#)
}

#[test]
fn a_call_that_is_over_is_published_again_as_it_was() {
    let record = Record { version: 3, ring_seconds: Some(6.0), talk_seconds: Some(0.1), ..record() };
    let first = Message::of_ended(&record.id, &Row::Record(Box::new(record.clone())));
    assert_eq!(ended_call_again(&listed(&record)).unwrap(), Some(replayed(first)));
}

#[test]
fn a_call_that_goes_on_is_not_published_yet_and_one_without_an_end_is() {
    for (outcome, is_published) in [("in_progress", false), ("no_end", true)] {
        let mut call: Value = serde_json::from_str(&listed(&record())).unwrap();
        (call["endedAt"], call["outcome"]) = (Value::Null, json!(outcome));
        assert_eq!(ended_call_again(&call.to_string()).unwrap().is_some(), is_published, "{outcome}");
    }
}

#[test]
fn what_is_of_another_form_is_refused() {
    for shown in ["", "[]", "{}", r#"{"id":"x"}"#] {
        assert!(event_again(shown, Texts::Hidden).is_err() && ended_call_again(shown).is_err(), "{shown}");
    }
}
