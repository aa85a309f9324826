//! Calls and lists of thousands: an answer stays within its bounds, and says what is not in it.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use jiff::{SignedDuration, Timestamp};
use local::BareDatabase;
use serde_json::{Value, json};
use shared::aws::{Aws, batch_write};
use shared::store::item::{self, Item};
use tests::http::escape;
use tests::proxy::{Exchange, Proxy};
use tests::stack::{self, Stack};
use tests::wait;
use tokio::runtime::Runtime;

use super::names::give;

/// The most bytes of an answer as Lambda passes it on: as a string in JSON.
const MOST: usize = 4_000_000;

/// A stack over a database that nothing reads the stream of, whose reads are counted and whose table is written past all code.
struct Vast {
    proxy: Proxy,
    stack: Stack,
    runtime: Runtime,
    _database: BareDatabase,
    dynamodb: aws_sdk_dynamodb::Client,
}

impl Vast {
    fn start() -> Self {
        let proxy = Proxy::start();
        let stack = Stack::with_store_behind_and(&proxy, |options| {
            options.every = Duration::from_secs(3600);
        });
        let runtime = Runtime::new().unwrap();
        let database = runtime.block_on(BareDatabase::start(None)).unwrap();
        proxy.forward_to(database.url().trim_start_matches("http://").parse().unwrap());
        let lookup = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some(database.url()),
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
            _ => None,
        };
        // A batch of large items takes its time.
        let time = Duration::from_secs(30);
        let dynamodb = Aws::read(&lookup).unwrap().with_time(time, time).dynamodb();
        Self { proxy, stack, runtime, _database: database, dynamodb }
    }

    /// The item of a delivery, as it was stored.
    fn delivered(&self, body: impl AsRef<[u8]>) -> Item {
        let answer = self.stack.post("/webhooks/opentact/call", body).json();
        let keys = item::keys(&answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap());
        let asked = self.dynamodb.get_item().table_name("EventsTable").set_key(Some(keys)).send();
        self.runtime.block_on(asked).unwrap().item.unwrap()
    }

    fn write(&self, items: impl Iterator<Item = Item>) {
        let put = |item| PutRequest::builder().set_item(Some(item)).build().unwrap();
        let writes: Vec<_> = items.map(|item| WriteRequest::builder().put_request(put(item)).build()).collect();
        let undone = self.runtime.block_on(batch_write(&self.dynamodb, "EventsTable", &writes));
        assert_eq!(undone.unwrap(), 0);
    }

    /// An answer, within its bounds, and the queries and the rows that it took. On a loaded machine the database may be too
    /// slow for one, which says so, and is asked for again.
    fn read(&self, path: &str) -> (Value, usize, u64) {
        wait::until("an answer comes in time", || self.try_read(path))
    }

    fn try_read(&self, path: &str) -> Option<(Value, usize, u64)> {
        self.proxy.meter();
        let before = self.proxy.metered();
        let answer = self.stack.read(path);
        if answer.status == 503 {
            return None;
        }
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let text = String::from_utf8(answer.body.clone()).unwrap();
        let passed_on = serde_json::to_string(&text).unwrap().len();
        assert!(passed_on <= MOST, "{path}: {passed_on} bytes");
        // Whether there are names is asked once for all answers.
        let of_names = |exchange: &Exchange| exchange.request["ExpressionAttributeValues"][":pk"]["S"] == "names";
        let queries = self.proxy.metered_since(before).into_iter().filter(|query| !of_names(query));
        let rows: Vec<_> = queries.filter_map(|query| query.answer["ScannedCount"].as_u64()).collect();
        Some((answer.json(), rows.len(), rows.iter().sum()))
    }
}

/// What an answer says that could not read everything in its time, as on a loaded machine it cannot.
const UNREAD: &str = "not all of its events were read";

fn is_whole(page: &Value) -> bool {
    page["warnings"].as_array().unwrap().iter().all(|warning| !warning.as_str().unwrap().starts_with(UNREAD))
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// The item as it would be of another event, so many seconds later.
fn later(item: &Item, seconds: usize) -> Item {
    let begin: Timestamp = "2026-11-02T17:00:00Z".parse().unwrap();
    let at = (begin + SignedDuration::from_secs(seconds as i64)).strftime("%Y%m%dT%H%M%S000000Z").to_string();
    let mut later = item.clone();
    later.insert("sk".to_owned(), text(format!("{at}~{seconds:022}")));
    let seen = item["seen"].as_s().unwrap().split_once('~').unwrap().0;
    later.insert("seen".to_owned(), text(format!("{seen}~{seconds:010}")));
    // What is not read takes time to write.
    for name in ["body", "day", "from_domain", "to_domain"] {
        later.remove(name);
    }
    later
}

/// That only so many events are left out.
fn left_out(events: usize) -> Value {
    json!({"events": events, "legs": 0, "calls": 0, "menu": 0, "recordings": 0})
}

/// A call with that many events, the first its beginning and the last its end.
fn call_of(vast: &Vast, events: usize, mut change: impl FnMut(&mut Item)) -> String {
    let [begin, live, end] = ["init", "live", "hangup"].map(|state| stack::opentact_call("vast", state));
    let [begin, live, end] = [begin, live, end].map(|body| vast.delivered(body));
    let call = begin["pk"].as_s().unwrap().clone();
    let item = |n| {
        let mut item = later(if n + 1 == events { &end } else { &live }, n);
        change(&mut item);
        item
    };
    vast.write((1..events).map(item));
    // Of the three that were delivered the first stays, which is the earliest of all.
    for item in [&live, &end] {
        let keys = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
        let asked = vast.dynamodb.delete_item().table_name("EventsTable").set_key(Some(keys.into())).send();
        vast.runtime.block_on(asked).unwrap();
    }
    call
}

#[test]
fn a_call_of_twelve_thousand_events_comes_in_pages_that_hold_each_once_and_in_order() {
    let vast = Vast::start();
    let call = call_of(&vast, 12_000, |_| ());
    let (mut ids, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (page, queries, _) = wait::until("a page is read in time", || {
            Some(vast.read(&format!("/calls/{call}{cursor}"))).filter(|(page, ..)| is_whole(page))
        });
        assert!(queries < 60, "{queries} queries");
        assert_eq!((&page["outcome"], page["legs"].as_array().unwrap().len()), (&json!("answered"), 1));
        assert_eq!(page["warnings"], json!([]));
        let events = page["events"].as_array().unwrap();
        ids.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["next"].as_str() else {
            assert_eq!(page["leftOut"], Value::Null);
            break;
        };
        assert_eq!(page["leftOut"], left_out(12_000 - ids.len()));
        cursor = format!("?cursor={}", escape(next));
    }
    assert!(pages > 1);
    assert_eq!(ids.len(), 12_000);
    assert!(ids.is_sorted(), "the times stand in the ids");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 12_000);
}

#[test]
fn of_a_call_too_large_to_be_read_the_beginning_and_the_end_are() {
    let vast = Vast::start();
    // A row of 17 KB.
    let others = AttributeValue::L((0..460).map(|_| text("phone_number:12025550144/inbound_call")).collect());
    let call = call_of(&vast, 1_200, |item| {
        let AttributeValue::M(summary) = item.get_mut("summary").unwrap() else { panic!("no summary") };
        summary.insert("others".to_owned(), others.clone());
    });
    let (page, queries, _) = vast.read(&format!("/calls/{call}"));
    assert!(queries < 60, "{queries} queries");
    assert_eq!(page["outcome"], "answered", "its first and its last event are read");
    assert!(!is_whole(&page), "{:?}", page["warnings"]);
}

#[test]
fn a_thread_of_four_thousand_calls_is_read_by_a_bounded_number_of_queries() {
    let vast = Vast::start();
    let body = String::from_utf8(stack::opentact_call("joined", "init")).unwrap();
    let body = body.replace("\"parent\":null", "\"parent\":null,\"thread\":\"0123456789abcdef\"");
    let leg = vast.delivered(&body);
    let own = leg["pk"].as_s().unwrap().clone();
    let thread = leg["summary"].as_m().unwrap()["thread"].as_s().unwrap();
    let joined: Vec<_> = (1..4_000).map(|n| format!("{own}-{n}")).collect();
    let item = |(n, call): (usize, &String)| {
        let mut item = later(&leg, n);
        item.insert("pk".to_owned(), text(call));
        let AttributeValue::M(summary) = item.get_mut("summary").unwrap() else { panic!("no summary") };
        summary.insert("leg".to_owned(), text(format!("leg-{n}")));
        item
    };
    vast.write(joined.iter().enumerate().map(item));
    vast.write(joined.iter().map(|call| {
        [("pk".to_owned(), text(format!("thread.{thread}"))), ("sk".to_owned(), text(call))].into_iter().collect()
    }));
    let (answer, queries, _) = vast.read(&format!("/calls/{own}"));
    assert!(queries <= 1_000, "{queries} queries");
    let legs = answer["legs"].as_array().unwrap();
    let [left_legs, left_calls] = ["legs", "calls"].map(|of| answer["leftOut"][of].as_u64().unwrap() as usize);
    assert!(left_calls >= 3_000);
    assert_eq!(legs.len() + left_legs + left_calls, 4_000, "{} legs, {}", legs.len(), answer["leftOut"]);
    assert!(legs.iter().any(|leg| leg["id"] == "joined"), "its own leg is read before all others");
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_page_over_rows_that_have_expired_reads_a_bounded_number_and_goes_on_behind_them() {
    let vast = Vast::start();
    let alive = vast.delivered(stack::opentact_call("alive", "init"));
    let from = alive["from_party"].as_s().unwrap();
    // All of one position in time, and the one that is alive behind them.
    let mut expired = alive.clone();
    expired.insert("seen".to_owned(), text("29991231T000000000000Z~0000000000"));
    expired.insert("expires".to_owned(), AttributeValue::N("1".to_owned()));
    vast.write((0..2_500).map(|n| later(&expired, n)));
    let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (page, queries, rows) = vast.read(&format!("/events?entity={}&limit=2{cursor}", escape(from)));
        assert!(queries <= 20 && rows <= 1_000, "{queries} queries of {rows} rows");
        pages += 1;
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={}", escape(next));
    }
    assert!((3..10).contains(&pages), "{pages} pages");
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_page_that_finds_nothing_reads_as_much_of_few_events_as_of_many() {
    let vast = Vast::start();
    let event = vast.delivered(stack::opentact_call("one", "init"));
    let path = format!("/events?entity={}&status=delivered", escape(event["from_party"].as_s().unwrap()));
    let mut read = Vec::new();
    for (from, to) in [(0, 1_500), (1_500, 5_000)] {
        vast.write((from..to).map(|n| later(&event, n)));
        let (page, queries, rows) = vast.read(&path);
        assert_eq!((&page["items"], page["next"].is_string()), (&json!([]), true));
        assert!(queries <= 200 && (900..=1_000).contains(&rows), "{queries} queries of {rows} rows");
        let (page, ..) = vast.read(&format!("{path}&cursor={}", escape(page["next"].as_str().unwrap())));
        assert_eq!((&page["items"], page["readTo"].is_null()), (&json!([]), to == 1_500));
        read.push((queries, rows));
    }
    assert_eq!(read[0], read[1]);
}

#[test]
fn a_page_over_a_month_makes_a_bounded_number_of_reads_and_the_next_goes_on() {
    let vast = Vast::start();
    vast.delivered(stack::opentact_call("one", "init"));
    let begin = Timestamp::now() - SignedDuration::from_hours(24 * 30);
    let (mut found, mut cursor, mut read_to) = (Vec::new(), String::new(), Vec::new());
    loop {
        let (page, queries, rows) = vast.read(&format!("/events?from={begin}{cursor}"));
        assert!((1..=200).contains(&queries) && rows <= 1_000, "{queries} queries of {rows} rows");
        found.extend(page["items"].as_array().unwrap().clone());
        read_to.push(page["readTo"].as_str().unwrap().to_owned());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={}", escape(next));
    }
    assert!((3..8).contains(&read_to.len()) && read_to.is_sorted_by(|a, b| a > b), "{read_to:?}");
    assert_eq!(read_to.last().unwrap(), &begin.to_string());
    assert_eq!(found.len(), 1);
    // Calls stand in one list a day.
    let (page, queries, _) = vast.read(&format!("/calls?from={begin}&minTalk=1"));
    assert_eq!(page, json!({"items": [], "next": null, "readTo": begin.to_string(), "names": {}}));
    assert!((31 * 4..=32 * 4).contains(&queries), "{queries} queries");
}

#[test]
fn an_answer_looks_up_the_names_of_three_hundred_entities_at_most_and_none_where_it_shows_none() {
    let vast = Vast::start();
    let looked_up = |path: &str| {
        let before = vast.proxy.metered();
        vast.read(path);
        let asked = vast.proxy.metered_since(before).into_iter();
        let keys = |asked: Exchange| asked.request["RequestItems"]["EventsTable"]["Keys"].as_array().map(Vec::len);
        asked.filter_map(keys).collect::<Vec<_>>()
    };
    assert_eq!(give(&vast.stack, &[("account:a", "A")]).status, 200);
    assert_eq!(looked_up("/events"), [0; 0]);
    let mut number = 12_025_560_000_u64;
    let call = call_of(&vast, 400, |item| {
        number += 1;
        item.insert("from_party".to_owned(), text(format!("phone_number:{number}")));
    });
    assert_eq!(looked_up(&format!("/calls/{call}")), [100, 100, 100]);
}
