//! Bodies that go sooner than their events.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::key::EventId;
use shared::name::Provider;
use shared::store::item::{self, Item};
use shared::store::{Put, Retention, Shards, Store};
use tests::proxy::{Fault, Proxy};
use tests::stack::{self, Stack};
use tests::wait;
use tokio::runtime::Runtime;

use super::indexed::{Bench, now};
use super::traffic::{self, Delivery};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const ONSIP: &str = "/webhooks/onsip/call";

/// Of a call each; more than are found at a time.
fn deliveries(count: usize) -> Vec<Delivery> {
    let body = |nth| stack::onsip("call.dialog.created", &format!("kept-{nth}"));
    (0..count).map(|nth| (Provider::Onsip, serde_json::from_slice(&body(nth)).unwrap())).collect()
}

/// The ids of the events that have a body, in their order.
fn with_body(bench: &Bench) -> Vec<EventId> {
    let has = |id: &EventId| bench.runtime.block_on(bench.store.body(id, now())).unwrap().is_some();
    bench.events.iter().map(|event| event.id.clone()).filter(has).collect()
}

#[test]
fn bodies_whose_time_is_over_go_and_their_events_stay() {
    let (mut bench, proxy, now) = (Bench::new(), Proxy::start(), now());
    proxy.forward_to(bench.database.url().trim_start_matches("http://").parse().unwrap());
    let all = deliveries(250);
    let (old, young) = all.split_at(245);
    old.iter().zip(0..).for_each(|(one, nth)| bench.store_at(one, now - DAY * 2 + SignedDuration::from_secs(nth * 60)));
    young.iter().for_each(|one| bench.store_at(one, now - DAY / 2));
    let tick = |bodies, url: String| bench.runtime.block_on(bench.index_keeping(url, bodies).handle(&json!({}), now));

    tick(Retention::Forever, bench.database.url()).unwrap();
    assert_eq!(with_body(&bench).len(), 250, "kept as long as the events");
    // A run that is cut short is gone on with.
    proxy.break_where("UpdateItem", Fault::Error("ProvisionedThroughputExceededException"));
    assert!(tick(Retention::Days(1), proxy.url()).is_err());
    proxy.heal();
    tick(Retention::Days(1), proxy.url()).unwrap();

    let kept: Vec<_> = bench.events[245..].iter().map(|event| event.id.clone()).collect();
    assert_eq!(with_body(&bench), kept);
    for (delivery, event) in old.iter().zip(&bench.events) {
        let there = bench.runtime.block_on(bench.store.event(&event.id, now)).unwrap().unwrap();
        assert_eq!(&there, event, "all but the body is as it was");
        let (again, content) = traffic::received(delivery, now);
        let put = bench.runtime.block_on(bench.store.put_event(&again, &content, Retention::Forever)).unwrap();
        assert_eq!(put, Put::Duplicate(event.id.clone()), "a repeat is known as one");
    }
}

#[test]
fn what_is_stored_so_late_that_its_time_is_over_loses_its_body_at_once() {
    let (mut bench, now) = (Bench::new(), now());
    let index = bench.index_keeping(bench.database.url(), Retention::Days(1));
    bench.runtime.block_on(index.handle(&json!({}), now)).unwrap();
    let all = deliveries(2);
    all.iter().zip([3, 0]).for_each(|(one, days)| bench.store_at(one, now - DAY * days));
    bench.batch(&index, &bench.records);
    assert_eq!(with_body(&bench), [bench.events[1].id.clone()]);
}

/// A client of the stack's own, with its database.
fn aws(stack: &Stack) -> Aws {
    let settings = stack.client().send("GET", "/local/notify", &[], b"").json();
    Aws::read(&|name| settings[name].as_str().map(str::to_owned)).unwrap()
}

fn stored(stack: &Stack, route: &str, body: impl AsRef<[u8]>) -> String {
    stack.post(route, body).json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_erased_body_is_not_found_and_nothing_is_told_again() {
    let stack = Stack::start();
    let id = stored(&stack, ONSIP, stack::onsip("call.dialog.created", "erased"));
    wait::until("it is published", || (stack.published_events().len() == 1).then_some(()));
    let store = Store::new(&aws(&stack), "EventsTable".to_owned(), Shards::default());
    let (event, ids) = (stack.event(&id), [id.parse().unwrap()]);
    for _ in 0..2 {
        Runtime::new().unwrap().block_on(store.erase_bodies(&ids)).unwrap();
    }
    let answer = stack.read(&format!("/events/{id}/body"));
    assert_eq!((answer.status, &answer.json()["title"]), (404, &json!("Not Found")), "{answer:?}");
    assert_eq!(stack.event(&id), event);
    assert_eq!(stack.today().len(), 1);
    let other = stored(&stack, ONSIP, stack::onsip("call.dialog.created", "other"));
    let published: Vec<Value> = wait::until("the other is published", || {
        Some(stack.published_events()).filter(|all| all.iter().any(|one| one["message"].to_string().contains(&other)))
    });
    assert_eq!(published.len(), 2, "{published:?}");
}

/// The days from its receipt to its end.
fn days(item: &Item) -> i64 {
    let number = |value: &AttributeValue| value.as_n().ok()?.parse::<i64>().ok();
    let expires = item.get("expires").and_then(number).unwrap();
    (expires - Timestamp::now().as_second() + 3600) / 86_400
}

#[test]
fn a_quarantined_delivery_goes_with_the_bodies() {
    let stack = Stack::with(|options| {
        options.environment.insert("RETENTION_DAYS".to_owned(), "400".to_owned());
        options.environment.insert("BODY_RETENTION_DAYS".to_owned(), "30".to_owned());
    });
    let (client, runtime) = (aws(&stack).dynamodb(), Runtime::new().unwrap());
    for (body, expected) in [(stack::onsip("call.dialog.created", "kept"), 400), (b"[".to_vec(), 30)] {
        let id = stored(&stack, ONSIP, body).parse().unwrap();
        let asked = client.get_item().table_name("EventsTable").set_key(Some(item::keys(&id)));
        assert_eq!(days(&runtime.block_on(asked.send()).unwrap().item.unwrap()), expected);
    }
}
