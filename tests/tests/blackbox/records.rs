//! The rows of records, as the database takes them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::access::{Carrier, Content, Verified};
use shared::aws::Aws;
use shared::call::Call;
use shared::event::Event;
use shared::key::Partition;
use shared::name::Provider;
use shared::provider::{OwnDomains, Reading, read};
use shared::record::Record;
use shared::store::item::Item;
use shared::store::record::{self, Row, Rows, Span, joined};
use shared::store::{Shards, Store};
use tests::samples::sample;
use tests::stack::Stack;
use tests::wait;

/// The events table of a stack.
pub(super) struct Table {
    store: Store,
    runtime: tokio::runtime::Runtime,
}

impl Table {
    pub(super) fn of(stack: &Stack) -> Self {
        let aws = Aws::read(&|name| match name {
            "AWS_ENDPOINT_URL" => Some(stack.dynamodb_url().to_owned()),
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            _ => None,
        });
        let store = Store::new(&aws.unwrap(), "EventsTable".to_owned(), Shards::default());
        Self { store, runtime: tokio::runtime::Runtime::new().unwrap() }
    }

    pub(super) fn put(&self, row: &Item, over: Option<u32>) -> bool {
        self.runtime.block_on(self.store.put_record_row(row.clone(), over, Timestamp::now())).unwrap()
    }

    fn insert(&self, rows: &[Item]) -> Vec<bool> {
        self.runtime.block_on(self.store.insert_record_rows(rows.to_vec()))
    }

    /// The record of that call or message, where it is over.
    pub(super) fn ended(&self, id: &Partition) -> Option<Record> {
        let stored = self.runtime.block_on(self.store.record_rows(id, Timestamp::now())).unwrap();
        stored.ended.as_ref().and_then(Row::record).cloned()
    }

    /// What it has for the record, where it began and where it ended.
    fn rows(&self, of: &Record) -> [Option<Row>; 2] {
        let stored = self.runtime.block_on(self.store.record_rows(&of.id, Timestamp::now())).unwrap();
        [stored.call, stored.ended]
    }
}

/// A call that failed, with an entity that is no party of it.
fn events(received_at: Timestamp) -> Vec<Event> {
    let content = Content {
        path: "/webhooks/opentact/call".to_owned(),
        request_id: "request".to_owned(),
        carrier: Carrier::Body,
        content_type: Some("application/json".to_owned()),
        body: sample("opentact-call_state-in-failed-insufficient-balance"),
        received_at,
    };
    let delivery = Verified::before(Provider::Opentact, content);
    match read(&delivery, &OwnDomains::default()) {
        Ok(Reading::Event(event)) => vec![*event],
        other => panic!("{other:?}"),
    }
}

/// The rows of that version of the record of those events.
fn of(events: &[Event], version: u32, expires: Option<i64>) -> (Record, Rows) {
    let call = Call::fold(&events[0].call().unwrap(), events.to_vec(), events[0].received_at).unwrap();
    let record = Record { version, ..Record::of_call(&call).unwrap() };
    let rows = record::rows(&record, &Span::of(events, expires).unwrap(), Shards::default());
    (record, rows)
}

/// That version of the record of a call that failed just now, and the row where it ended.
pub(super) fn ended(version: u32) -> (Record, Item) {
    let (record, rows) = of(&events(now()), version, None);
    (record, rows.ended.unwrap())
}

/// Now, to the microsecond, as a delivery has it.
fn now() -> Timestamp {
    shared::time::parse(&Timestamp::now().to_string()).unwrap()
}

fn record(record: &Record) -> Option<Row> {
    Some(Row::Record(Box::new(record.clone())))
}

#[test]
fn a_version_of_a_record_is_written_over_the_one_before_and_over_no_other() {
    let stack = Stack::start();
    let table = Table::of(&stack);
    let events = events(now());
    let (first, rows) = of(&events, 1, None);
    assert_eq!(table.rows(&first), [None, None]);
    assert!(rows.entities.iter().all(|row| table.put(row, None)) && !rows.entities.is_empty());
    assert!(table.put(&rows.call, None));
    assert!(!table.put(&rows.call, None), "another writer was faster");
    assert_eq!(table.rows(&first), [record(&first), None]);

    let (second, rows) = of(&events, 2, None);
    assert!(!table.put(&rows.call, Some(3)));
    assert!(table.put(&rows.call, Some(1)));
    assert!(!table.put(&rows.call, Some(1)), "another writer was faster");
    let ended = rows.ended.unwrap();
    assert!(!table.put(&ended, Some(1)), "there is none");
    assert!(table.put(&ended, None));
    assert_eq!(table.rows(&second), [record(&second), record(&second)]);

    let to: Partition = "opentact.call.other".parse().unwrap();
    let [call, _] = joined(&second.id, &to, 3, &Span::of(&events, None).unwrap());
    assert!(table.put(&call, Some(2)));
    assert_eq!(table.rows(&second), [Some(Row::Joined { version: 3, to }), record(&second)]);
}

#[test]
fn rows_are_inserted_together_and_over_none_that_is_there() {
    let stack = Stack::start();
    let table = Table::of(&stack);
    let (first, rows) = of(&events(now()), 1, None);
    let other = |nth: usize| {
        let id: Partition = format!("opentact.call.other-{nth}").parse().unwrap();
        let record = Record { id: id.clone(), ..first.clone() };
        (record, joined(&id, &first.id, 1, &Span::of(&events(now()), None).unwrap())[0].clone())
    };
    assert!(table.put(&rows.call, None));
    let (_, over) = of(&events(now()), 2, None);
    // More than a call takes, and the one that is there in the middle.
    let others: Vec<_> = (0..29).map(other).collect();
    let mut all: Vec<_> = others.iter().map(|(_, row)| row.clone()).collect();
    all.insert(12, over.call);
    let written = table.insert(&all);
    assert_eq!(written, (0..30).map(|nth| nth != 12).collect::<Vec<_>>());
    assert_eq!(table.rows(&first), [record(&first), None]);
    for (other, _) in &others {
        assert_eq!(table.rows(other), [Some(Row::Joined { version: 1, to: first.id.clone() }), None]);
    }
    assert_eq!(table.insert(&all), [false; 30]);
    assert_eq!(table.insert(&[]), [false; 0]);
}

#[test]
fn a_record_that_has_expired_is_none() {
    let stack = Stack::start();
    let table = Table::of(&stack);
    let (expired, rows) = of(&events(now() - SignedDuration::from_hours(48)), 7, Some(now().as_second() - 5));
    assert!(table.put(&rows.call, None));
    assert_eq!(table.rows(&expired), [None, None]);
    let (again, rows) = of(&events(now()), 1, Some(now().as_second() + 86_400));
    // What expired is still there, and stands in the way of an insert.
    assert_eq!(table.insert(std::slice::from_ref(&rows.call)), [false]);
    assert!(table.put(&rows.call, None));
    assert_eq!(table.rows(&again), [record(&again), None]);
}

#[test]
fn a_record_stands_in_no_list_of_events_and_is_no_event_to_who_reads_the_stream() {
    let stack = Stack::start();
    let table = Table::of(&stack);
    let (_, rows) = of(&events(now()), 1, None);
    let all: Vec<_> = [Some(rows.call), rows.ended].into_iter().flatten().chain(rows.entities).collect();
    assert!(all.len() > 2 && all.iter().all(|row| table.put(row, None)));
    let name = "opentact-call_state-in-failed-insufficient-balance";
    let id = stack.deliver(name).json()["id"].as_str().unwrap().to_owned();
    let published = || stack.published_events().len();
    wait::until("the event is published", || Some(published()).filter(|count| *count > 0));
    assert_eq!(published(), 1);
    let ids = |list: Vec<Value>| list.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    for list in ["entity=sip_domain:example.com", "entity=phone_number:12025550111", "failure=insufficient_balance"] {
        assert_eq!(ids(stack.list(&format!("/events?{list}"))), [id.as_str()], "{list}");
    }
    assert_eq!(ids(stack.today()), [id]);
}
