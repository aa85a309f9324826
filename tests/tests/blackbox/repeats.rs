//! The same delivery twice is one event and one alert; other content is another event.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::store::item;
use tests::samples::sample;
use tests::stack::{self, Stack};
use tests::wait;
use tokio::runtime::Runtime;

fn stored(stack: &Stack, route: &str, body: &[u8]) -> String {
    let answer = stack.post(route, body);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()), "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn the_documents_three_examples_share_one_id_and_are_three_events() {
    let stack = Stack::start();
    let examples = [
        ("onsip-app.attendant-menu.started", "app.attendant-menu.started"),
        ("onsip-app.attendant-menu.transferred", "app.attendant-menu.transferred"),
        ("onsip-app.attendant-menu.started-with-entry", "app.attendant-menu.started"),
    ];
    let shared: BTreeSet<_> = examples.iter().map(|(name, _)| parsed(&sample(name))["id"].to_string()).collect();
    assert_eq!(shared.len(), 1, "as in the documents");
    let mut ids = BTreeSet::new();
    for (name, kind) in examples {
        let id = stored(&stack, "/webhooks/onsip/app", &sample(name));
        let event = stack.event(&id);
        assert_eq!(event["type"], kind, "stored under the type it names");
        let warnings = event["warnings"].to_string();
        let odd = name.ends_with("with-entry");
        assert_eq!(warnings.contains("invalid-dtmf"), odd, "a warning names what it looks like: {event}");
        assert_eq!(event["warnings"].as_array().unwrap().len(), usize::from(odd), "{event}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(stack.today().len(), 3);
}

#[test]
fn a_repeat_is_one_however_it_differs_in_what_is_not_content() {
    let stack = Stack::start();
    let first = sample("onsip-call.dialog.created");
    let id = stored(&stack, "/webhooks/onsip/call", &first);
    let mut other_subscription = parsed(&first);
    other_subscription["subscriptionId"] = json!("abd490b7");
    let spaced = parsed(&first).to_string().replace(',', " ,\n");
    let mut reversed: Vec<_> = parsed(&first).as_object().unwrap().clone().into_iter().collect();
    reversed.reverse();
    let members: Vec<_> = reversed.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    let reversed = format!("{{{}}}", members.join(","));
    for repeat in [other_subscription.to_string(), spaced, reversed] {
        // An event is the same wherever it is delivered.
        let answer = stack.post("/webhooks/onsip/app", &repeat);
        assert_eq!(answer.json(), json!({"status": "duplicate", "id": id}), "{repeat}");
    }
    assert_eq!(stack.today().len(), 1);
}

#[test]
fn the_same_event_id_with_other_content_is_kept_beside_the_first_as_a_conflict() {
    let stack = Stack::start();
    let first = sample("opentact-call_state-out-live-answered");
    let mut second = parsed(&first);
    second["payload"]["duration"] = json!(9);
    let ids = [first, second.to_string().into_bytes()].map(|body| stored(&stack, "/webhooks/opentact/call", &body));
    assert_ne!(ids[0], ids[1]);
    let conflict = stack.event(&ids[1]);
    assert!(conflict["warnings"].to_string().contains(&ids[0]), "the warning names the other: {conflict}");
    assert_eq!(stack.event(&ids[0])["warnings"], json!([]));
    let again = stack.post("/webhooks/opentact/call", second.to_string());
    assert_eq!(again.json(), json!({"status": "duplicate", "id": ids[1]}), "a conflict's repeat is a repeat");
    assert_eq!(stack.today().len(), 2);
}

/// The same value with the members of every object the other way round.
fn reversed(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(" ,\n");
    match value {
        Value::Object(members) => {
            let members = members.iter().rev().map(|(name, value)| format!("{}: {}", json!(name), reversed(value)));
            format!("{{{}}}", joined(members.collect()))
        }
        Value::Array(values) => format!("[{}]", joined(values.iter().map(reversed).collect())),
        other => other.to_string(),
    }
}

/// The message as it may come again after the balance of its account has changed.
fn later_balance(body: &Value) -> Option<String> {
    let mut other = body.clone();
    let message = if body["type"] == "sms" { &mut other["payload"] } else { &mut other };
    message["type"].as_str().filter(|kind| kind.starts_with("sms"))?;
    *message.pointer_mut("/account/balance")? = json!("0.0113");
    Some(other.to_string())
}

/// The delivery as it may come again.
fn again(body: &Value) -> Vec<String> {
    let mut other = body.clone();
    if body.get("subscriptionId").is_some() {
        other["subscriptionId"] = json!("another");
    } else if body.get("meta").is_some() {
        other["meta"] = json!({"attempt": 9, "delivered_to": "https://example.com/second"});
    } else if body["type"] == "sms" {
        other["timestamp"] = json!("2026-11-25T02:08:09.000Z");
        other["message"] = json!("told again");
    }
    let mut all = vec![reversed(body), other.to_string()];
    all.extend((body["type"] == "sms").then(|| body["payload"].to_string()));
    all.extend(later_balance(body));
    all
}

/// The delivery with one thing more in what it is about.
fn with_other_content(body: &Value) -> String {
    let mut other = body.clone();
    let place = if body.get("data").is_some() { &mut other["data"]["payload"] } else { &mut other["payload"] };
    match place {
        Value::Object(payload) => _ = payload.insert("reason_of_the_test".to_owned(), json!("another")),
        // A bare entity, or a balance.
        _ => other["reason_of_the_test"] = json!("another"),
    }
    if other["payload"].is_null() {
        other.as_object_mut().unwrap().remove("payload");
    }
    other.to_string()
}

#[test]
fn each_sample_is_a_repeat_when_only_its_delivery_differs_and_kept_when_its_content_does() {
    let stack = Stack::start();
    for name in tests::samples::names() {
        let body = parsed(&sample(&name));
        let route = tests::samples::route(&name);
        let id = stored(&stack, route, &sample(&name));
        let elsewhere = if name.starts_with("onsip") { "/webhooks/onsip/app" } else { "/webhooks/opentact/account" };
        for repeat in again(&body) {
            for route in [route, elsewhere] {
                let answer = stack.post(route, &repeat);
                assert_eq!(answer.json(), json!({"status": "duplicate", "id": id}), "{name}: {repeat}");
            }
        }
        let other = stored(&stack, route, with_other_content(&body).as_bytes());
        assert_ne!(other, id, "{name}");
        let conflict = stack.event(&other)["warnings"].to_string().contains("conflict");
        let one_identity = body.get("data").is_some()
            || ["sms", "call_flow"].iter().any(|kind| body["type"] == *kind)
            || name.starts_with("opentact-bare-sms")
            || (body.get("uuid").is_some() && body.get("type").is_some() && body.get("call").is_some());
        assert_eq!(conflict, one_identity, "{name}: {}", stack.event(&other));
    }
}

#[test]
fn the_second_report_of_one_state_of_a_message_is_kept_with_its_reason() {
    let stack = Stack::start();
    let mut report = parsed(&sample("opentact-sms-smso-failed-undelivered"));
    let mut deliver = |reason: Value| {
        report["payload"]["reason"] = reason;
        stack.event(&stored(&stack, "/webhooks/opentact/sms", report.to_string().as_bytes()))
    };
    let first = deliver(Value::Null);
    let second = deliver(json!("Insufficient balance"));
    assert_eq!(first["failure"]["class"], "undelivered");
    assert_eq!(second["failure"]["class"], "insufficient_balance");
    assert!(second["warnings"].to_string().contains(first["id"].as_str().unwrap()), "{second}");
}

#[test]
fn a_conflict_is_found_by_its_own_entities_and_the_first_by_its_own() {
    let stack = Stack::start();
    let first = String::from_utf8(sample("opentact-call_state-in-failed-insufficient-balance")).unwrap();
    let second = first.replace("+12025550111", "+12025550177");
    let ids = [first, second].map(|body| stored(&stack, "/webhooks/opentact/call", body.as_bytes()));
    for (number, id) in [("12025550111", &ids[0]), ("12025550177", &ids[1])] {
        let path = format!("/events?entity=phone_number:{number}");
        let found = wait::until(number, || Some(stack.list(&path)).filter(|found| !found.is_empty()));
        let found: Vec<_> = found.iter().map(|event| event["id"].as_str().unwrap()).collect();
        assert_eq!(found, [id], "{number}");
    }
}

#[test]
fn a_number_that_is_a_party_of_one_and_stands_beside_a_user_in_its_conflict_lists_each_once() {
    let stack = Stack::start();
    let mut ids = BTreeSet::new();
    for leg in 0..4 {
        let alone = stack::opentact_call(&leg.to_string(), "init");
        let mut beside = parsed(&alone);
        beside["call"]["sip_user"] = json!({"login": "alice", "sip_domain": {"name": "example.com"}});
        for body in [alone, beside.to_string().into_bytes()] {
            ids.insert(stored(&stack, "/webhooks/opentact/call", &body));
        }
    }
    for limit in 1..4 {
        let path = format!("/events?entity=phone_number:12025550101&limit={limit}");
        let found = wait::until("all are found", || Some(stack.list(&path)).filter(|found| found.len() >= 8));
        let found: Vec<_> = found.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found.len(), 8, "limit {limit}: {found:?}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), ids, "limit {limit}");
    }
}

#[test]
fn what_comes_again_after_it_has_expired_is_stored_anew() {
    let stack = Stack::with(|options| {
        options.environment.insert("RETENTION_DAYS".to_owned(), "1".to_owned());
    });
    let settings = stack.client().send("GET", "/local/notify", &[], b"").json();
    let aws = Aws::read(&|name| settings[name].as_str().map(str::to_owned)).unwrap();
    for body in [b"[unreadable".to_vec(), stack::opentact_call("expired", "init")] {
        let deliver = || stack.post("/webhooks/opentact/call", &body).json();
        let id = deliver()["id"].as_str().unwrap().to_owned();
        let past = AttributeValue::N((jiff::Timestamp::now().as_second() - 5).to_string());
        let update = aws.dynamodb().update_item().table_name("EventsTable");
        let update = update.set_key(Some(item::keys(&id.parse().unwrap()))).update_expression("SET expires = :past");
        Runtime::new().unwrap().block_on(update.expression_attribute_values(":past", past).send()).unwrap();
        let path = if id.contains("quarantine") { format!("/quarantine/{id}") } else { format!("/events/{id}") };
        assert_eq!(stack.read(&path).status, 404, "{path}");
        assert_ne!(deliver()["status"], "duplicate", "{path}");
        assert_eq!(stack.read(&path).status, 200, "{path}");
    }
    let published = || stack.published_events().len();
    // Once more for the test's own change, which nothing in the product makes.
    wait::until("the event is published each time that it is new", || (published() == 3).then_some(()));
}

#[test]
fn an_sms_gives_an_event_for_each_change_and_no_more() {
    let stack = Stack::start();
    let names = ["opentact-sms-smso-created", "opentact-sms-smso-success", "opentact-sms-smso-success-delivered"];
    for name in names {
        stored(&stack, "/webhooks/opentact/sms", &sample(name));
        assert_eq!(stack.post("/webhooks/opentact/sms", sample(name)).json()["status"], "duplicate");
    }
    let statuses: BTreeSet<_> = stack.today().iter().map(|event| event["status"].to_string()).collect();
    assert_eq!(statuses, ["\"delivered\"", "\"queued\"", "\"sent\""].map(String::from).into());
}

#[test]
fn many_senders_of_one_delivery_at_once_store_it_once() {
    let stack = Stack::start();
    let body = stack::onsip("call.dialog.created", "at once");
    let said: Vec<Value> = std::thread::scope(|scope| {
        let send = || stack.post("/webhooks/onsip/call", &body).json();
        let senders: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let stored = said.iter().filter(|answer| answer["status"] == "stored").count();
    let repeats = said.iter().filter(|answer| answer["status"] == "duplicate").count();
    assert_eq!((stored, repeats), (1, 7), "{said:?}");
    assert_eq!(stack.today().len(), 1);
}
