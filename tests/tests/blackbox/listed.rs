//! Lists of calls: each call once, as its record says, by whatever is asked for.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::http::escape;
use tests::stack::Stack;
use tests::wait;

use super::traffic;

/// Calls and messages that are delivered: two of each kind, of which one is a message and one goes on.
const SCENES: usize = 16;
const CALLS: usize = 14;

fn text<'v>(call: &'v Value, name: &str) -> &'v str {
    call[name].as_str().unwrap_or_else(|| panic!("no {name}: {call}"))
}

fn ids<'v>(calls: impl IntoIterator<Item = &'v Value>) -> BTreeSet<&'v str> {
    calls.into_iter().map(|call| text(call, "id")).collect()
}

/// A stack that was told of the calls, and the list of them, which has what each came to.
fn told() -> (Stack, Vec<Value>) {
    let stack = Stack::start();
    for nth in 0..SCENES {
        let begun = Timestamp::now() - SignedDuration::from_mins(10);
        for (provider, body) in traffic::scene(nth, begun) {
            let answer = stack.post(&format!("/webhooks/{provider}/call"), body.to_string());
            assert_eq!(answer.json()["status"], "stored", "{answer:?}");
        }
    }
    let settled = |call: &Value| {
        let whole = stack.call(text(call, "id"));
        let events = whole["events"].as_array().unwrap().len();
        call["outcome"] == whole["outcome"] && (call["endedAt"].is_null() || call["eventCount"] == json!(events))
    };
    let listed = || Some(stack.list("/calls?limit=5")).filter(|all| all.len() == CALLS && all.iter().all(settled));
    let all = wait::until("the records say what the calls came to", listed);
    assert_eq!(ids(&all).len(), CALLS, "each once");
    (stack, all)
}

fn seconds(call: &Value, name: &str) -> f64 {
    call[name].as_f64().unwrap_or(f64::NAN)
}

fn names(call: &Value, entity: &str) -> bool {
    call["entities"].as_array().unwrap().iter().any(|pair| text_of(pair).starts_with(&format!("{entity}/")))
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap()
}

type Filter = (&'static str, fn(&Value) -> bool);

const FILTERS: [Filter; 11] = [
    ("outcome=busy", |call| call["outcome"] == "busy"),
    ("class=any", |call| !call["failure"].is_null()),
    ("class=busy", |call| call["failure"]["class"] == "busy"),
    ("entity=sip_domain:example.com", |call| names(call, "sip_domain:example.com")),
    // No party, but what the user shows.
    ("entity=phone_number:12025550101&outcome=answered", |call| {
        names(call, "phone_number:12025550101") && call["outcome"] == "answered"
    }),
    ("entity=sip_user:user1@example.com&class=any", |call| {
        names(call, "sip_user:user1@example.com") && !call["failure"].is_null()
    }),
    ("own=sip_user:user0@example.com", |call| {
        call["own"].as_array().unwrap().iter().any(|own| own["entity"] == "sip_user:user0@example.com")
    }),
    ("minTalk=10", |call| seconds(call, "talkSeconds") >= 10.0),
    ("maxTalk=10", |call| seconds(call, "talkSeconds") <= 10.0),
    ("minTalk=0.5&maxTalk=31", |call| (0.5..=31.0).contains(&seconds(call, "talkSeconds"))),
    ("minRing=20", |call| seconds(call, "ringSeconds") >= 20.0),
];

#[test]
fn each_filter_gives_the_calls_that_it_says_by_their_beginning_and_by_their_end() {
    let (stack, all) = told();
    let begin = escape(text(all.last().unwrap(), "receivedAt"));
    let over = |call: &&Value| call["outcome"] != "in_progress";
    for (filter, holds) in FILTERS {
        let expected = ids(all.iter().filter(|call| holds(call)));
        assert!(!expected.is_empty() && expected.len() < all.len(), "{filter}: {expected:?}");
        let begun = stack.list(&format!("/calls?{filter}&limit=2"));
        assert_eq!((ids(&begun), begun.len()), (expected.clone(), expected.len()), "{filter}");
        assert!(begun.iter().all(|call| all.contains(call)), "{filter}");
        let mut upwards = stack.list(&format!("/calls?{filter}&order=asc&from={begin}"));
        upwards.reverse();
        assert_eq!(upwards, begun, "{filter}");
        let ended = stack.list(&format!("/calls?{filter}&endedFrom={begin}&order=asc&limit=3"));
        let expected = ids(all.iter().filter(over).filter(|call| holds(call)));
        assert_eq!((ids(&ended), ended.len()), (expected.clone(), expected.len()), "{filter}");
        assert!(ended.iter().all(|call| all.contains(call)), "{filter}: {ended:?}");
    }
    let ended = stack.list(&format!("/calls?endedFrom={begin}"));
    assert_eq!(ids(&ended), ids(all.iter().filter(over)));
}

#[test]
fn a_time_is_that_of_the_first_event_or_of_the_last_one() {
    let (stack, all) = told();
    let time = |nth: usize| text(&all[nth], "receivedAt");
    let (from, to) = (time(10), time(4));
    let within = |call: &&Value| (from..to).contains(&text(call, "receivedAt"));
    for list in ["", "&entity=sip_domain:example.com", "&class=any"] {
        let of_list = stack.list(&format!("/calls?limit=100{list}"));
        let found = stack.list(&format!("/calls?from={from}&to={to}{list}"));
        assert_eq!(ids(&found), ids(of_list.iter().filter(within)), "{list}");
        assert!(!found.is_empty(), "{list}");
    }
    // Who polls goes on from what ended until then, and misses nothing of what ended since.
    let begin = text(all.last().unwrap(), "receivedAt");
    let over = stack.list(&format!("/calls?endedFrom={begin}&order=asc"));
    let first = stack.read(&format!("/calls?endedFrom={begin}&order=asc&limit=4")).json();
    let rest = stack.list(&format!("/calls?endedFrom={}&order=asc", text(&first, "readTo")));
    assert_eq!(ids(&rest), ids(&over[3..]), "it begins with the one that it was read to");
}

#[test]
fn a_list_of_calls_that_can_not_be_read_is_400_and_names_the_parameter() {
    let stack = Stack::start();
    for (query, said) in [
        ("outcome=over", "outcome: unknown outcome; known are answered"),
        ("class=all", "class: unknown"),
        ("minTalk=-1", "minTalk: not a number of seconds"),
        ("minTalk=NaN", "minTalk: not a number of seconds"),
        ("minRing=1m", "minRing: not a number of seconds"),
        ("minTalk=5&maxTalk=4", "minTalk: more than maxTalk"),
        ("from=2026-11-02T16:00:00Z&endedFrom=2026-11-02T16:00:00Z", "endedFrom: give either"),
        ("endedFrom=2026-11-02T16:00:00Z&endedTo=2026-11-02T15:00:00Z", "endedFrom: not before endedTo"),
        (
            "endedFrom=2026-01-01T00:00:00Z&endedTo=2026-06-01T00:00:00Z",
            "endedFrom: more than 31 days before endedTo or now",
        ),
        ("endedTo=2026-06-01T00:00:00Z&order=asc", "order: asc needs endedFrom"),
        ("order=asc", "order: asc needs from"),
        ("status=failed", "unknown parameter status; known are entity"),
        ("limit=101", "limit: not a number from 1 to 100"),
        ("cursor=forged", "cursor: not one of this API's"),
        ("outcome=busy&outcome=failed", "outcome: given more than once"),
    ] {
        let answer = stack.read(&format!("/calls?{query}"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        let problem = answer.json();
        assert!(text(&problem, "detail").starts_with(said), "{query}: {problem}");
    }
    assert_eq!(stack.list("/calls"), Vec::<Value>::new());
}

/// The clocks differ, and time passes before the request is there.
#[test]
fn thirty_one_days_by_the_clients_clock_are_not_too_many() {
    let stack = Stack::start();
    let from = Timestamp::now() - SignedDuration::from_hours(31 * 24) - SignedDuration::from_mins(1);
    for path in ["/events", "/calls", "/stats", "/stats/top"] {
        let answer = stack.read(&format!("{path}?from={from}"));
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
    let answer = stack.read("/calls?class=all").json();
    assert!(text(&answer, "detail").ends_with(", or any"), "{answer}");
}
