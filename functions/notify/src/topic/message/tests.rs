//! What messages say, by what they can be chosen, and that SNS takes each.

use proptest::prelude::*;
use shared::call::Call;
use shared::entity::{Category, EntityKind};
use shared::event::{Own, Side};
use shared::json::Json;
use shared::provider::{onsip, opentact};

use super::*;

fn sample(name: &str) -> Event {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (body, at) = (Json::read(&text).unwrap(), "2026-11-02T16:40:01Z".parse().unwrap());
    if name.starts_with("onsip") { onsip::read(&body, at).unwrap() } else { opentact::read(&body, at).unwrap() }
}

fn value<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    message.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
}

fn listed_of(event: &Event) -> Vec<String> {
    entities(&event.pairs(), event.account.as_ref())
}

fn listed(message: &Message) -> Vec<String> {
    serde_json::from_str(value(message, ENTITY).unwrap_or("[]")).unwrap()
}

/// An order of that many accounts, each with a name of that length.
fn order(count: usize, length: usize) -> Event {
    let mut event = sample("opentact-tn_order-success");
    let pair = |n: usize| Pair {
        entity: Entity::new(EntityKind::Account, &format!("{n:0length$}")).unwrap(),
        category: Category::NumberOrder,
    };
    event.others = (0..count).map(pair).collect();
    event
}

#[test]
fn a_message_is_the_event_as_the_api_shows_it() {
    let event = sample("opentact-call_state-in-failed-insufficient-balance");
    let message = Message::of_event(&event);
    assert_eq!(message.text, serde_json::to_string(&event).unwrap());
    assert_eq!(message.origin, Origin::Event(event.id));
}

#[test]
fn an_event_can_be_chosen_by_what_it_is_and_whom_it_concerns() {
    let message = Message::of_event(&sample("opentact-call_state-in-failed-insufficient-balance"));
    for (name, expected) in [
        ("provider", "opentact"),
        ("family", "call"),
        ("type", "call_state"),
        ("status", "failed"),
        ("class", "insufficient_balance"),
    ] {
        assert_eq!(value(&message, name), Some(expected), "{name}");
    }
    for entity in [
        "sip_user:alice@example.com",
        "sip_user:alice@example.com/outbound_call",
        "sip_domain:example.com",
        "account:9af21132-9b2f-482e-aefe-906062c73008",
    ] {
        assert!(listed(&message).contains(&entity.to_owned()), "{entity}: {message:?}");
    }
    let kinds: Vec<_> = message.attributes.iter().map(|attribute| attribute.kind).collect();
    assert_eq!(kinds, ["String", "String", "String", "String", "String", LIST]);
}

#[test]
fn what_there_is_nothing_to_say_about_is_no_attribute() {
    let mut event = sample("onsip-call.dialog.created");
    assert_eq!(value(&Message::of_event(&event), "class"), None);
    (event.from, event.to, event.others, event.account) = (None, None, Vec::new(), None);
    event.kind.clear();
    let names: Vec<_> = Message::of_event(&event).attributes.iter().map(|attribute| attribute.name).collect();
    assert_eq!(names, ["provider", "family", "status"]);
}

#[test]
fn odd_characters_keep_no_subscriber_from_its_message() {
    let mut event = sample("onsip-call.dialog.created");
    event.kind = "a\"b\\c\u{7}\u{ffff}".to_owned();
    event.warnings = vec!["\u{fffe}\u{ffff}".to_owned()];
    let message = Message::of_event(&event);
    assert_eq!(value(&message, "type"), Some("a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}"));
    assert!(!message.text.contains(['\u{fffe}', '\u{ffff}']));
    let read: Value = serde_json::from_str(&message.text).unwrap();
    assert_eq!(read["warnings"][0], "\u{fffe}\u{ffff}");
}

#[test]
fn an_order_too_large_for_a_message_goes_out_under_all_its_entities_and_says_what_it_leaves_out() {
    let event = order(350, 250);
    assert!(text(&event).len() + json!(listed_of(&event)).to_string().len() > BYTES, "else this tests nothing");
    let message = Message::of_event(&event);
    assert!(message.size() <= BYTES);
    assert_eq!(listed(&message), listed_of(&event));
    let read: Value = serde_json::from_str(&message.text).unwrap();
    assert_eq!((&read["entities"], &read["id"]), (&json!([]), &json!(event.id.to_string())));
    assert_eq!(read["warnings"].as_array().unwrap().last(), Some(&json!(CUT)));
}

#[test]
fn where_even_the_entities_are_too_many_the_longest_are_left_out() {
    let mut event = order(900, 300);
    let short = Pair { entity: "phone_number:12025550101".parse().unwrap(), category: Category::NumberOrder };
    event.others.push(short);
    let message = Message::of_event(&event);
    assert!((BYTES - 400..=BYTES).contains(&message.size()), "{}", message.size());
    let listed = listed(&message);
    assert!(listed.contains(&"phone_number:12025550101/number_order".to_owned()));
    assert!(listed.len() < listed_of(&event).len());
}

/// What a consumer of the record of that call or message gets.
fn of_record(record: Record) -> Message {
    Message::of_ended(&record.id.clone(), &Row::Record(Box::new(record)))
}

/// The record of the call or message that the sample tells of.
fn record(name: &str) -> Record {
    let event = sample(name);
    match event.call() {
        Some(id) => Record::of_call(&Call::fold(&id, vec![event.clone()], event.received_at).unwrap()).unwrap(),
        None => Record::of_message(event.id.partition(), std::slice::from_ref(&event)).unwrap(),
    }
}

#[test]
fn a_record_can_be_chosen_by_what_it_came_to_and_whom_it_concerns() {
    let call = record("opentact-call_state-in-failed-insufficient-balance");
    let message = of_record(call.clone());
    assert_eq!(message.text, serde_json::to_string(&call).unwrap());
    assert_eq!(message.origin, Origin::Record(call.id, 1));
    let told = |message: &Message| -> Vec<_> {
        let texts = message.attributes.iter().filter(|attribute| attribute.kind != LIST);
        texts.map(|attribute| format!("{} {}", attribute.name, attribute.value)).collect()
    };
    assert_eq!(
        told(&message),
        [
            "provider opentact",
            "family call",
            "type trunkline.call",
            "outcome failed",
            "class insufficient_balance",
            "direction outbound",
        ]
    );
    for entity in [
        "sip_user:alice@example.com",
        "sip_user:alice@example.com/outbound_call",
        "account:9af21132-9b2f-482e-aefe-906062c73008",
    ] {
        assert!(listed(&message).contains(&entity.to_owned()), "{entity}: {message:?}");
    }
    let sent = Record { direction: None, ..record("opentact-sms-smso-success") };
    assert_eq!(told(&of_record(sent)), ["provider opentact", "family sms", "type trunkline.message", "outcome sent"]);
}

#[test]
fn a_call_that_was_joined_to_another_is_told_as_that_and_no_more() {
    let [id, to] = ["opentact.call.one", "opentact.call.other"].map(|id| id.parse::<Partition>().unwrap());
    let message = Message::of_ended(&id, &Row::Joined { version: 3, to });
    let shown: Value = serde_json::from_str(&message.text).unwrap();
    let expected = json!({"id": "opentact.call.one", "version": 3, "outcome": "joined", "call": "opentact.call.other"});
    assert_eq!((shown, &message.origin), (expected, &Origin::Record(id, 3)));
    let told: Vec<_> = message.attributes.iter().map(|attribute| (attribute.name, attribute.value.as_str())).collect();
    let expected = [("provider", "opentact"), ("family", "call"), ("type", "trunkline.call"), ("outcome", "joined")];
    assert_eq!(told, expected);
}

#[test]
fn a_record_of_as_many_and_as_long_entities_as_there_can_be_is_published_under_all_of_them() {
    // A quote is two characters in JSON.
    for (character, shown) in [("a", 100), ("\"", 0)] {
        let value = |n: usize| format!("{n:03}{}", character.repeat(390));
        let entity = |n| Entity::new(EntityKind::Account, &value(n)).unwrap();
        let entities: Vec<_> = (0..100).map(|n| Pair { entity: entity(n), category: Category::OutboundCall }).collect();
        let own = (0..100).map(|n| Own { entity: entity(n), side: Side::From }).collect();
        let call = Record { entities: entities.clone(), own, ..record("onsip-call.dialog.created") };
        let message = of_record(call);
        assert!(message.size() <= BYTES);
        assert_eq!(listed(&message), super::entities(&entities, None), "{character}");
        let read: Value = serde_json::from_str(&message.text).unwrap();
        assert_eq!(read["entities"].as_array().unwrap().len(), shown, "{character}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_left_out_is_the_longest_and_what_is_left_fits(
        values in prop::collection::vec("[a\"\\\\é\u{ffff}]{0,9}", 0..20), bytes in 0..120_usize,
    ) {
        let kept = shortest(values.clone(), bytes);
        prop_assert!(kept.is_empty() || quoted(&json!(kept).to_string()).len() <= bytes);
        let mut rest = values.iter();
        prop_assert!(kept.iter().all(|value| rest.any(|other| other == value)), "the order is kept");
        if quoted(&json!(values).to_string()).len() <= bytes {
            prop_assert_eq!(kept, values);
        }
    }

    #[test]
    fn no_message_is_over_the_limit(count in 0..900_usize, length in 1..400_usize) {
        let message = Message::of_event(&order(count, length));
        prop_assert!(message.size() <= BYTES);
        prop_assert!(message.attributes.iter().all(|attribute| !attribute.value.is_empty()));
        prop_assert!(serde_json::from_str::<Value>(&message.text).is_ok());
    }
}
