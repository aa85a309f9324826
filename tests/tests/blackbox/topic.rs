//! What the events topic publishes, and that nothing of it is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tests::proxy::{Fault, Proxy};
use tests::samples::{route, sample};
use tests::stack::{self, Stack};
use tests::wait;

const BALANCE: &str = "opentact-call_state-in-failed-insufficient-balance";
const ORDER: &str = "opentact-tn_order-success";
const TOPIC: &str = "EventsTopic";

fn of_topic(stack: &Stack, topic: &str) -> Vec<Value> {
    stack.published().into_iter().filter(|message| message["topic"] == topic).collect()
}

fn event(message: &Value) -> Value {
    serde_json::from_str(message["message"].as_str().unwrap()).unwrap()
}

fn ids(messages: &[Value]) -> BTreeSet<String> {
    messages.iter().map(|message| event(message)["id"].as_str().unwrap().to_owned()).collect()
}

/// Delivers a body and returns the event's id.
fn stored(stack: &Stack, route: &str, body: impl AsRef<[u8]>) -> String {
    let answer = stack.post(route, body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn published(stack: &Stack, count: usize) -> Vec<Value> {
    wait::until("the events are published", || Some(stack.published_events()).filter(|all| all.len() >= count))
}

/// Whether a filter policy of exact values and `exists` takes the message, as SNS decides it.
fn takes(policy: &Value, message: &Value) -> bool {
    let wanted = |(name, wanted): (&String, &Value)| {
        let attribute = &message["attributes"][name];
        let value = attribute["Value"].as_str().unwrap_or_default();
        let values = match attribute["Type"].as_str() {
            Some("String.Array") => serde_json::from_str(value).unwrap(),
            Some(_) => vec![json!(value)],
            None => Vec::new(),
        };
        let meets = |one: &Value| values.contains(one) || (one["exists"] == true && !values.is_empty());
        wanted.as_array().unwrap().iter().any(meets)
    };
    policy.as_object().unwrap().iter().all(wanted)
}

#[test]
fn every_stored_event_is_published_as_the_api_shows_it() {
    let stack = Stack::start();
    let names = ["onsip-call.dialog.created", "onsip-app.attendant-menu.started", "opentact-sms-smso-success", ORDER];
    let stored: BTreeSet<_> = names.iter().map(|name| stored(&stack, route(name), sample(name))).collect();
    let all = published(&stack, names.len());
    assert_eq!(ids(&all), stored);
    for message in &all {
        let event = event(message);
        let mut shown = stack.event(event["id"].as_str().unwrap());
        // What people call its entities is no part of an event.
        assert_eq!(shown.as_object_mut().unwrap().remove("names"), Some(json!({})));
        if let Some(message) = shown.pointer_mut("/details/message").and_then(Value::as_object_mut) {
            assert!(message.remove("text").unwrap().is_string(), "{message:?}");
        }
        assert_eq!(event, shown);
        for name in ["provider", "family", "type", "status"] {
            assert_eq!(message["attributes"][name], json!({"Type": "String", "Value": event[name]}), "{message}");
        }
        assert!(message["attributes"]["class"].is_null() && message["subject"].is_null(), "{message}");
    }
}

#[test]
fn a_messages_text_is_published_only_where_that_is_switched_on_and_stands_in_no_list() {
    const SMS: &str = "opentact-sms-smsi-success";
    for (setting, text) in [("off", Value::Null), ("on", json!("Thank you!"))] {
        let stack =
            Stack::with(|options| drop(options.environment.insert("PUBLISH_TEXT".to_owned(), setting.to_owned())));
        let id = stored(&stack, route(SMS), sample(SMS));
        let message = published(&stack, 1).remove(0);
        assert_eq!(event(&message)["details"]["message"]["text"], text, "{setting}: {message}");
        assert_eq!(stack.event(&id)["details"]["message"]["text"], "Thank you!");
        assert!(!stack.today()[0].to_string().contains("Thank you!"));
    }
}

#[test]
fn what_an_event_says_beyond_its_parties_stands_in_lists_too() {
    let stack = Stack::start();
    for name in ["onsip-app.attendant-menu.transferred", ORDER, "opentact-balance"] {
        let id = stored(&stack, route(name), sample(name));
        let shown = stack.event(&id)["details"].clone();
        assert!(shown.is_object(), "{name}");
        let listed = stack.today().into_iter().find(|event| event["id"] == *id).unwrap();
        assert_eq!(listed["details"], shown, "{name}");
    }
}

#[test]
fn a_repeat_and_what_cannot_be_read_are_no_events_to_publish() {
    let stack = Stack::start();
    let call = stored(&stack, route("onsip-call.dialog.created"), sample("onsip-call.dialog.created"));
    assert_eq!(stack.deliver("onsip-call.dialog.created").json()["status"], "duplicate");
    assert_eq!(stack.post("/webhooks/onsip/call", "[").status, 202);
    let order = stored(&stack, route(ORDER), sample(ORDER));
    let all = published(&stack, 2);
    assert_eq!((all.len(), ids(&all)), (2, BTreeSet::from([call, order])));
}

#[test]
fn a_subscriber_gets_what_its_filter_policy_says() {
    let stack = Stack::start();
    let names = [BALANCE, "onsip-call.dialog.created", "opentact-sms-smso-success", ORDER];
    let stored = names.map(|name| stored(&stack, route(name), sample(name)));
    let all = published(&stack, names.len());
    for (policy, expected) in [
        (json!({}), &stored[..]),
        (json!({"entity": ["sip_user:bob@example.onsip.com/inbound_call"]}), &stored[1..2]),
        (json!({"entity": ["sip_user:bob@example.onsip.com/outbound_call"]}), &[]),
        (json!({"entity": ["sip_user:alice@example.onsip.com"]}), &stored[1..2]),
        (json!({"entity": ["sip_domain:example.com"]}), &stored[..1]),
        (json!({"entity": ["phone_number:12025550150"], "family": ["sms"]}), &stored[2..3]),
        (json!({"entity": ["account:9af21132-9b2f-482e-aefe-906062c73008"], "family": ["call"]}), &stored[..1]),
        (json!({"class": [{"exists": true}]}), &stored[..1]),
        (json!({"type": ["tn_order"]}), &stored[3..]),
    ] {
        let taken: Vec<_> = all.iter().filter(|message| takes(&policy, message)).cloned().collect();
        assert_eq!(ids(&taken), expected.iter().cloned().collect(), "{policy}");
    }
}

#[test]
fn while_sns_refuses_events_are_kept_and_then_the_schedule_publishes_each() {
    std::thread::scope(|scope| {
        for fault in [Fault::Status(500), Fault::CutBefore, Fault::Hang] {
            scope.spawn(move || {
                let proxy = Proxy::start();
                let stack = Stack::with_sns_behind(&proxy);
                proxy.break_with(fault);
                let call = |n: usize| stack::onsip("call.dialog.created", &format!("{fault:?} {n}"));
                let expected: BTreeSet<_> = (0..30).map(|n| stored(&stack, "/webhooks/onsip/call", call(n))).collect();
                // More than all attempts of one call: somebody has given up.
                wait::until("SNS was tried again", || (proxy.seen() > 3).then_some(()));
                std::thread::sleep(Duration::from_millis(500));
                assert_eq!(stack.published(), Vec::<Value>::new(), "{fault:?}");
                proxy.heal();
                wait::until("all are published", || (ids(&stack.published_events()) == expected).then_some(()));
                // What was published is forgotten: the schedule, which runs several times meanwhile, leaves it alone.
                let count = stack.published_events().len();
                std::thread::sleep(Duration::from_millis(1500));
                assert_eq!(stack.published_events().len(), count, "{fault:?}");
            });
        }
    });
}

#[test]
fn an_alert_does_not_wait_for_the_events_topic() {
    let proxy = Proxy::start();
    let stack = Stack::with_sns_behind(&proxy);
    proxy.break_where("PublishBatch", Fault::Hang);
    assert_eq!(stack.deliver(BALANCE).status, 200);
    wait::until("the alert is sent", || (of_topic(&stack, "AlertsTopic").len() == 1).then_some(()));
    assert_eq!(of_topic(&stack, TOPIC), Vec::<Value>::new());
    proxy.heal();
    published(&stack, 1);
}

#[test]
fn what_can_neither_be_published_nor_kept_comes_again() {
    let (sns, tables) = (Proxy::start(), Proxy::start());
    let stack = Stack::with(|options| {
        options.environment.insert("AWS_ENDPOINT_URL_SNS".to_owned(), sns.url());
        options.environment.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), tables.url());
        // Else the batch stops where the delivery is noted for that watch.
        options.environment.insert("SILENCE_MINUTES".to_owned(), "off".to_owned());
    });
    let address = |url: &str| url.trim_start_matches("http://").parse().unwrap();
    sns.forward_to(address(stack.sns_url()));
    tables.forward_to(address(stack.dynamodb_url()));
    sns.break_with(Fault::CutBefore);
    tables.break_where("AlertsTable", Fault::CutBefore);
    let id = stored(&stack, route(ORDER), sample(ORDER));
    wait::until("SNS was tried twice", || (sns.seen() > 6).then_some(()));
    sns.heal();
    tables.heal();
    // Long before the schedule: the stream brings it.
    assert!(ids(&published(&stack, 1)).contains(&id));
}

#[test]
fn with_the_topic_off_nothing_is_published_and_alerts_come() {
    let stack = Stack::with(|options| {
        options.environment.insert("EVENTS_TOPIC_ARN".to_owned(), String::new());
        options.every = Duration::from_millis(300);
    });
    assert_eq!(stack.deliver(BALANCE).status, 200);
    wait::until("the alert is sent", || (of_topic(&stack, "AlertsTopic").len() == 1).then_some(()));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(of_topic(&stack, TOPIC), Vec::<Value>::new());
}
