//! An `index` of the test's own, over a database that nothing else reads the stream of.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use index::{Index, IndexSettings};
use jiff::Timestamp;
use local::BareDatabase;
use serde_json::{Value, json};
use shared::access::TokenDigest;
use shared::aws::Aws;
use shared::call::Call;
use shared::entity::Entity;
use shared::event::Event;
use shared::key::{CallId, Partition, Subject};
use shared::record::Record;
use shared::store::item::{self, Item};
use shared::store::list::{EventFilter, Order};
use shared::store::record::{self, Row, Span};
use shared::store::{CallEvents, PageRequest, Retention, Shards, Store};
use tokio::runtime::Runtime;

use super::scene;
use super::traffic::{self, Delivery};

/// A database with nothing that reads its stream, and what was stored there.
pub(super) struct Bench {
    pub(super) runtime: Runtime,
    pub(super) database: BareDatabase,
    pub(super) store: Store,
    client: aws_sdk_dynamodb::Client,
    pub(super) events: Vec<Event>,
    pub(super) records: Vec<Value>,
    /// What a failed assertion tells first.
    pub(super) told: String,
}

/// A setting of what reads the bench's tables, for who has the token `reader`.
pub(super) fn reading(name: &str) -> Option<String> {
    match name {
        "READ_TOKEN_DIGESTS" => Some(TokenDigest::of("reader").to_string()),
        "EVENTS_TABLE" => Some("EventsTable".to_owned()),
        "ALERTS_TABLE" => Some("AlertsTable".to_owned()),
        _ => None,
    }
}

pub(super) fn aws(url: String) -> Aws {
    let lookup = |name: &str| match name {
        "AWS_ENDPOINT_URL" => Some(url.clone()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    };
    Aws::read(&lookup).unwrap()
}

/// Now, to the microsecond, as a delivery has it.
pub(super) fn now() -> Timestamp {
    shared::time::parse(&Timestamp::now().to_string()).unwrap()
}

impl Bench {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let database = runtime.block_on(BareDatabase::start(None)).unwrap();
        let aws = aws(database.url());
        let store = Store::new(&aws, "EventsTable".to_owned(), Shards::default());
        Self {
            runtime,
            database,
            store,
            client: aws.dynamodb(),
            events: Vec::new(),
            records: Vec::new(),
            told: String::new(),
        }
    }

    /// Stores deliveries in that order, and keeps the records that the stream would bring.
    pub(super) fn store(&mut self, deliveries: &[Delivery]) {
        deliveries.iter().for_each(|delivery| self.store_at(delivery, now()));
    }

    /// Stores a delivery as received at that time.
    pub(super) fn store_at(&mut self, delivery: &Delivery, at: Timestamp) {
        let (event, content) = traffic::received(delivery, at);
        self.runtime.block_on(self.store.put_event(&event, &content, Retention::Forever)).unwrap();
        let item = item::of_event(&event, &content, Shards::default(), Retention::Forever);
        self.records.push(scene::record(&item));
        self.events.push(event);
    }

    pub(super) fn index(&self, url: String) -> Index {
        self.index_keeping(url, Retention::Forever)
    }

    /// One that keeps bodies so long.
    pub(super) fn index_keeping(&self, url: String, bodies: Retention) -> Index {
        let settings = IndexSettings {
            events_table: "EventsTable".to_owned(),
            shards: Shards::default(),
            bodies,
            calls: shared::metric::Gauges::default(),
            // Nothing here can't be read.
            dead_letter_queue: "http://127.0.0.1:9/none".to_owned(),
            faults: Vec::new(),
        };
        Index::new(settings, &aws(url))
    }

    pub(super) fn batch(&self, index: &Index, records: &[Value]) {
        let answer = self.runtime.block_on(index.handle(&json!({ "Records": records }), Timestamp::now())).unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }

    /// Each event is found under each of its entities, once.
    pub(super) fn all_are_found(&self) {
        let mut expected = BTreeMap::<Entity, BTreeSet<String>>::new();
        for event in &self.events {
            for pair in event.pairs() {
                expected.entry(pair.entity).or_default().insert(event.id.to_string());
            }
        }
        for (entity, expected) in expected {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let filter = EventFilter { entity: Some(entity.clone()), ..EventFilter::default() };
                let asked = PageRequest { from: None, to: None, order: Order::Descending, after, limit: 100 };
                let page = self.runtime.block_on(self.store.list(&filter, &asked, Timestamp::now())).unwrap();
                found.extend(page.items.iter().map(|event| event.id.to_string()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found.len(), expected.len(), "{} {entity}", self.told);
            assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "{} {entity}", self.told);
        }
    }

    /// Each call and message has one record, which says what its events say, and stands once in the list of its day.
    pub(super) fn all_records_hold(&self) -> usize {
        let (mut homes, mut over, told) = (BTreeSet::new(), 0, &self.told);
        let subjects: BTreeSet<_> = self.events.iter().map(|event| event.id.partition().clone()).collect();
        for subject in subjects.iter().filter(|of| matches!(of.subject(), Subject::Call | Subject::Message)) {
            let now = Timestamp::now();
            let CallEvents { events, expires, .. } = self.runtime.block_on(self.store.subject(subject, now)).unwrap();
            let home = Span::of(&events, expires).unwrap().home;
            let stored = self.runtime.block_on(self.store.record_rows(subject, now)).unwrap();
            if home != *subject {
                assert!(
                    matches!(&stored.call, Some(Row::Joined { to, .. }) if *to == home),
                    "{told} {subject}: {stored:?}"
                );
                assert!(!matches!(stored.ended, Some(Row::Record(_))), "{told} {subject}: {stored:?}");
                continue;
            }
            let expected = expected(&home, events, now);
            let record =
                stored.call.as_ref().and_then(Row::record).unwrap_or_else(|| panic!("{told} {subject}: {stored:?}"));
            // While a call goes on, its record is not written with each event.
            let same =
                |way: fn(&Record, &Record) -> bool| assert!(way(record, &expected), "{told} {record:?}\n{expected:?}");
            same(if expected.is_over() { Record::says_the_same } else { Record::names_the_same });
            assert_eq!(record.is_over(), expected.is_over(), "{told} {subject}");
            let ended = stored.ended.as_ref().and_then(Row::record);
            assert_eq!(ended, Some(record).filter(|record| record.is_over()), "{told} {subject}");
            over += usize::from(ended.is_some());
            homes.insert(home);
        }
        for (key, expected) in [("", homes.len()), ("ended-", over)] {
            let listed = self.listed(key);
            assert_eq!(listed.len(), expected, "{told} {key}: {listed:?}");
            let of_day: BTreeSet<_> = listed.iter().cloned().collect();
            assert_eq!(of_day.len(), expected, "{told} {key}: each once");
            assert!(of_day.is_subset(&homes), "{told} {key}");
        }
        over
    }

    /// The records that are over.
    pub(super) fn ended(&self) -> Vec<Record> {
        self.of_days("ended-").iter().map(|row| record::of_item(row).unwrap()).collect()
    }

    pub(super) fn item(&self, keys: Item) -> Option<Item> {
        let asked = self.client.get_item().table_name("EventsTable").set_key(Some(keys)).send();
        self.runtime.block_on(asked).unwrap().item
    }

    /// All items of the alerts table.
    pub(super) fn alerts(&self) -> Vec<Item> {
        let asked = self.client.scan().table_name("AlertsTable").consistent_read(true).into_paginator().items().send();
        self.runtime.block_on(asked.collect::<Result<Vec<_>, _>>()).unwrap()
    }

    /// Makes each mark a few minutes older than it is.
    pub(super) fn make_marks_older(&self) {
        let (store, before) = (&self.store, Timestamp::now() - jiff::SignedDuration::from_mins(5));
        self.runtime.block_on(async {
            let marks = store.marks().await.unwrap();
            assert_ne!(marks, []);
            store.unmark(&marks).await.unwrap();
            store.mark(marks.iter().map(|mark| mark.slice), before).await.unwrap();
        });
    }

    /// The records in the lists of the days, whose keys begin so.
    fn listed(&self, prefix: &str) -> Vec<Partition> {
        self.of_days(prefix).iter().map(|row| record::of_item(row).unwrap().id).collect()
    }

    fn of_days(&self, prefix: &str) -> Vec<Item> {
        let (now, day) = (Timestamp::now(), |at: Timestamp| at.strftime("%Y-%m-%d").to_string());
        let days: BTreeSet<_> = [day(now), day(now - jiff::SignedDuration::from_hours(2))].into();
        let keys = days.iter().flat_map(|day| {
            let shards = move |kind: &'static str| (0..4).map(move |shard| format!("{prefix}{kind}/{day}#{shard}"));
            ["call", "message"].into_iter().flat_map(shards)
        });
        keys.flat_map(|key| self.rows(&key)).collect()
    }

    fn rows(&self, key: &str) -> Vec<Item> {
        let asked =
            self.client.query().table_name("EventsTable").index_name("day").key_condition_expression("#day = :key");
        let asked = asked.expression_attribute_names("#day", "day");
        let asked = asked.expression_attribute_values(":key", AttributeValue::S(key.to_owned()));
        self.runtime.block_on(asked.into_paginator().items().send().collect::<Result<Vec<_>, _>>()).unwrap()
    }
}

/// What the events of a call or message come to.
fn expected(home: &Partition, events: Vec<Event>, now: Timestamp) -> Record {
    match CallId::try_from(home.clone()) {
        Ok(id) => Record::of_call(&Call::fold(&id, events, now).unwrap()).unwrap(),
        Err(_) => Record::of_message(home, &events).unwrap(),
    }
}
