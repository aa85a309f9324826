//! What lists are asked for: each filter gives what a look at all that there is gives, whichever index serves it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::http::escape;
use tests::samples;
use tests::stack::Stack;
use tests::wait;

/// A stack that has every sample, and all that is listed of them.
fn delivered() -> (Stack, Vec<Value>) {
    let stack = Stack::start();
    for name in samples::names() {
        let _ = stack.deliver(&name);
    }
    let all = stack.list("/events");
    assert!(all.len() > 50, "{}", all.len());
    (stack, all)
}

fn ids<'v>(items: impl IntoIterator<Item = &'v Value>) -> BTreeSet<String> {
    items.into_iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn names(event: &Value, entity: &str) -> bool {
    event["entities"].as_array().unwrap().iter().any(|pair| pair.as_str().unwrap().starts_with(&format!("{entity}/")))
}

type Filter = (&'static str, fn(&Value) -> bool);

const FILTERS: [Filter; 12] = [
    ("class=any", |event| !event["failure"].is_null()),
    ("class=busy", |event| event["failure"]["class"] == "busy"),
    ("failure=busy", |event| event["failure"]["class"] == "busy"),
    ("provider=onsip", |event| event["provider"] == "onsip"),
    ("family=sms", |event| event["family"] == "sms"),
    ("type=call_state", |event| event["type"] == "call_state"),
    ("status=failed", |event| event["status"] == "failed"),
    ("own=sip_user:alice@example.com", |event| {
        event["own"].as_array().unwrap().iter().any(|own| own["entity"] == "sip_user:alice@example.com")
    }),
    ("own=sip_domain:example.com", |event| {
        event["own"].as_array().unwrap().iter().any(|own| own["entity"].as_str().unwrap().ends_with("@example.com"))
    }),
    ("class=any&provider=opentact&family=sms", |event| {
        !event["failure"].is_null() && event["provider"] == "opentact" && event["family"] == "sms"
    }),
    ("entity=sip_domain:example.com&class=any", |event| {
        names(event, "sip_domain:example.com") && !event["failure"].is_null()
    }),
    ("entity=sip_user:alice@example.com&status=ended&type=call_state", |event| {
        names(event, "sip_user:alice@example.com") && event["status"] == "ended" && event["type"] == "call_state"
    }),
];

#[test]
fn each_filter_gives_the_events_that_it_says_in_either_order() {
    let (stack, all) = delivered();
    let begin = all.last().unwrap()["receivedAt"].as_str().unwrap();
    for (filter, holds) in FILTERS {
        let expected = ids(all.iter().filter(|event| holds(event)));
        assert!(!expected.is_empty() && expected.len() < all.len(), "{filter}: {} of {}", expected.len(), all.len());
        let found = || Some(stack.list(&format!("/events?{filter}&limit=4"))).filter(|found| ids(found) == expected);
        let found = wait::until(filter, found);
        assert_eq!(found.len(), expected.len(), "{filter}: each once");
        let mut upwards = stack.list(&format!("/events?{filter}&order=asc&from={begin}&limit=3"));
        upwards.reverse();
        assert_eq!(upwards, found, "{filter}");
    }
}

#[test]
fn a_time_has_its_beginning_and_not_its_end() {
    let (stack, all) = delivered();
    let time = |nth: usize| all[nth]["receivedAt"].as_str().unwrap();
    let (from, to) = (time(2 * all.len() / 3), time(all.len() / 3));
    let within = |event: &&Value| (from..to).contains(&event["receivedAt"].as_str().unwrap());
    for list in ["", "&entity=sip_domain:example.com", "&class=any"] {
        let of_list = if list.is_empty() { all.clone() } else { stack.list(&format!("/events?{}", &list[1..])) };
        let expected = ids(of_list.iter().filter(within));
        assert!(!expected.is_empty(), "{list}");
        assert_eq!(ids(&stack.list(&format!("/events?from={from}&to={to}{list}"))), expected, "{list}");
        // In another zone, and with an end that lies ahead.
        let zoned = from.parse::<jiff::Timestamp>().unwrap().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(2)));
        let zoned = escape(&zoned.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string());
        let since = stack.list(&format!("/events?from={zoned}&to=2999-01-01T00:00:00Z{list}"));
        let begun = |event: &&Value| event["receivedAt"].as_str().unwrap() >= from;
        assert_eq!(ids(&since), ids(of_list.iter().filter(begun)), "{list}");
    }
}

#[test]
fn a_list_says_how_far_it_was_read() {
    let (stack, all) = delivered();
    let page = stack.read("/events?limit=5").json();
    assert_eq!(page["readTo"], page["items"][4]["receivedAt"]);
    let time = |nth: usize| all[nth]["receivedAt"].as_str().unwrap().to_owned();
    let (from, to) = (time(all.len() - 1), time(0));
    let read_to = |query: &str| stack.read(&format!("/events?{query}")).json()["readTo"].clone();
    assert_eq!(read_to(&format!("from={from}&to={to}&type=none&order=asc")), json!(to));
    assert_eq!(read_to(&format!("from={from}&to={to}&type=none")), json!(from));
    assert_eq!(read_to("entity=sip_user:nobody@example.com"), Value::Null);
    let up_to_now = read_to(&format!("from={from}&to=2999-01-01T00:00:00Z&order=asc&type=none"));
    assert!(up_to_now.as_str().unwrap() > to.as_str(), "{up_to_now}");
}
