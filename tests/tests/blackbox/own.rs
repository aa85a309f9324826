//! Whose an event is, as readers and subscribers see it.

use serde_json::{Value, json};
use tests::http::escape;
use tests::stack::Stack;
use tests::wait;

/// A sample leg that reaches bob by a number that is neither party.
const VIA: &str = "opentact-call_state-out-init-no-answer";

/// Delivers the beginning of a call at OnSIP and returns the event.
fn dialog(stack: &Stack, from: &str, to: &str) -> Value {
    let body = json!({
        "id": from, "streamId": from, "subscriptionId": "300", "type": "call.dialog.created",
        "payload": {"callId": "c", "fromUri": from, "toUri": to}, "createdAt": "2026-11-02T15:30:00Z",
    });
    let answer = stack.post("/webhooks/onsip/call", body.to_string());
    stack.event(answer.json()["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")))
}

fn count(stack: &Stack, entity: &str) -> usize {
    stack.list(&format!("/events?entity={}", escape(entity))).len()
}

#[test]
fn an_event_says_whose_it_is_alone_in_lists_and_on_the_topic() {
    let stack = Stack::start();
    let answer = stack.deliver(VIA);
    let own = json!([
        {"entity": "sip_user:bob@office.example.com", "side": "to"},
        {"entity": "phone_number:12025550150", "side": "via"},
    ]);
    assert_eq!(stack.event(answer.json()["id"].as_str().unwrap())["own"], own);
    assert_eq!(stack.list("/events?entity=sip_user:bob%40office.example.com")[0]["own"], own);
    let published = wait::until("the event is published", || stack.published_events().pop());
    let event: Value = serde_json::from_str(published["message"].as_str().unwrap()).unwrap();
    assert_eq!(event["own"], own);
}

#[test]
fn a_strangers_domain_is_listed_until_the_customers_are_named() {
    let (stranger, alice) = ("sip:carol@carrier.example.net", "sip:alice@voice.example.com:5060");
    for (named, own, listed) in [
        (None, json!([]), 1),
        (Some("Voice.Example.com,onsip.com"), json!([{"entity": "sip_user:alice@voice.example.com", "side": "to"}]), 0),
    ] {
        let stack = Stack::with(|options| {
            options.environment.extend(named.map(|domains: &str| ("OWN_DOMAINS".to_owned(), domains.to_owned())));
        });
        assert_eq!(dialog(&stack, stranger, alice)["own"], own, "{named:?}");
        assert_eq!(count(&stack, "sip_domain:carrier.example.net"), listed, "{named:?}");
        for entity in ["sip_user:carol@carrier.example.net", "sip_domain:voice.example.com"] {
            assert_eq!(count(&stack, entity), 1, "{entity} {named:?}");
        }
    }
}
