//! Finding events by whom they concern, in every written form.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::http::escape;
use tests::samples;
use tests::stack::Stack;
use tests::wait;

fn ids(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

fn pairs(event: &Value) -> Vec<String> {
    event["entities"].as_array().unwrap().iter().map(|pair| pair.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_event_is_found_by_each_of_its_entities_and_says_its_category_there() {
    let stack = Stack::start();
    let mut delivered = Vec::new();
    for name in samples::names() {
        let answer = stack.deliver(&name);
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        delivered.push(stack.event(answer.json()["id"].as_str().unwrap()));
    }
    let all: BTreeSet<_> = delivered.iter().flat_map(pairs).collect();
    let entities: BTreeSet<_> = all.iter().map(|pair| pair.rsplit_once('/').unwrap().0).collect();
    assert!(entities.len() > 10, "{entities:?}");
    for entity in entities {
        let expected: BTreeSet<_> = delivered
            .iter()
            .filter(|event| pairs(event).iter().any(|pair| pair.rsplit_once('/').unwrap().0 == entity))
            .map(|event| event["id"].as_str().unwrap().to_owned())
            .collect();
        let path = format!("/events?entity={}", escape(entity));
        let found = wait::until(entity, || Some(stack.list(&path)).filter(|found| ids(found).is_superset(&expected)));
        assert_eq!(ids(&found), expected, "{entity}");
        assert_eq!(found.len(), expected.len(), "{entity}: each once");
        for event in found {
            let whole = delivered.iter().find(|other| other["id"] == event["id"]).unwrap();
            assert_eq!(event["entities"], whole["entities"], "a list shows the same as the event");
        }
    }
}

#[test]
fn a_number_is_one_entity_however_it_is_written() {
    let stack = Stack::start();
    // The called number stands as a string on the in leg and as a JSON number on the out leg.
    for name in ["opentact-call_state-in-hangup-busy", "opentact-call_state-out-hangup-busy"] {
        assert_eq!(stack.deliver(name).status, 200);
    }
    for written in [
        "12025550143",
        "%2B12025550143",
        "+12025550143",
        "%2B1%20202%20555%200143",
        "sip:%2B12025550143",
        "0012025550143",
        "202-555-0143&plan=nanp",
        "(202)%20555%200143&plan=nanp",
        "*672025550143&plan=nanp",
        "01112025550143&plan=nanp",
        "12025550143&plan=nanp",
    ] {
        let found = stack.list(&format!("/events?entity=phone_number:{written}"));
        assert_eq!(found.len(), 2, "{written}");
        for event in found {
            assert!(pairs(&event).contains(&"phone_number:12025550143/inbound_call".to_owned()), "{event}");
        }
    }
}

#[test]
fn a_user_and_a_domain_are_found_in_every_written_form() {
    let stack = Stack::start();
    for name in ["onsip-call.dialog.created", "onsip-call.dialog.requested"] {
        assert_eq!(stack.deliver(name).status, 200);
    }
    for (entity, expected) in [
        ("sip_user:bob@example.onsip.com", 2),
        ("sip_user:sip:bob@Example.OnSIP.com", 2),
        ("sip_user:alice@example.onsip.com", 1),
        ("sip_user:carol@example.net", 1),
        ("sip_domain:example.onsip.com", 2),
        ("sip_domain:EXAMPLE.ONSIP.COM", 2),
        ("sip_domain:example.net", 1),
        ("sip_domain:onsip.com", 0),
        ("sip_user:bob@example.net", 0),
    ] {
        assert_eq!(stack.list(&format!("/events?entity={}", escape(entity))).len(), expected, "{entity}");
    }
}

#[test]
fn a_call_from_one_user_to_another_is_outbound_for_the_one_and_inbound_for_the_other() {
    let stack = Stack::start();
    let answer = stack.deliver("onsip-call.dialog.created");
    let event = stack.event(answer.json()["id"].as_str().unwrap());
    let expected = [
        "sip_user:alice@example.onsip.com/outbound_call",
        "sip_domain:example.onsip.com/outbound_call",
        "sip_user:bob@example.onsip.com/inbound_call",
        "sip_domain:example.onsip.com/inbound_call",
    ];
    assert_eq!(pairs(&event).into_iter().collect::<BTreeSet<_>>(), expected.map(String::from).into());
}

#[test]
fn an_order_of_thousands_of_numbers_is_stored_at_once_and_found_by_them_soon() {
    let stack = Stack::start();
    let mut order: Value = serde_json::from_slice(&samples::sample("opentact-tn_order-success")).unwrap();
    let numbers = |count: u64| (0..count).map(|n| json!({"tn": 12_025_550_000 + n})).collect::<Vec<_>>();
    for (uuid, count) in [("an-order-of-120", 120), ("an-order-of-4000", 4000)] {
        order["payload"]["uuid"] = json!(uuid);
        order["payload"]["items"] = json!(numbers(count));
        let answer = stack.post("/webhooks/opentact/account", order.to_string());
        assert_eq!(answer.status, 200, "{count} numbers: {answer:?}");
        wait::until("it is found by the first of them", || {
            let found = stack.list("/events?entity=phone_number:12025550000");
            found.iter().any(|event| event["providerId"] == uuid).then_some(())
        });
    }
}
