//! `index`, given what was stored in any grouping, twice, to two instances at a time, and killed at each of its steps: in the
//! end every event is found everywhere once, and every record says what its events say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use index::{Index, IndexSettings};
use jiff::Timestamp;
use local::BareDatabase;
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::call::Call;
use shared::entity::Entity;
use shared::event::Event;
use shared::key::{CallId, Partition, Subject};
use shared::record::Record;
use shared::store::item::{self, Item};
use shared::store::record::{self, Row, Span};
use shared::store::{CallEvents, Listing, Retention, Shards, Store};
use tests::proxy::{Fault, Proxy};
use tokio::runtime::Runtime;

use super::scene;
use super::traffic::{self, Delivery, Random};

/// The calls and messages of the mixed traffic; `CALLS=2000` takes a minute.
const CALLS: usize = 240;

/// A database with nothing that reads its stream, and what was stored there.
struct Bench {
    runtime: Runtime,
    database: BareDatabase,
    store: Store,
    client: aws_sdk_dynamodb::Client,
    events: Vec<Event>,
    records: Vec<Value>,
    /// What a failed assertion tells first.
    told: String,
}

fn aws(url: String) -> Aws {
    let lookup = |name: &str| match name {
        "AWS_ENDPOINT_URL" => Some(url.clone()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    };
    Aws::read(&lookup).unwrap()
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let database = runtime.block_on(BareDatabase::start()).unwrap();
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
    fn store(&mut self, deliveries: &[Delivery]) {
        for delivery in deliveries {
            let at = shared::time::parse(&Timestamp::now().to_string()).unwrap();
            let (event, content) = traffic::received(delivery, at);
            self.runtime.block_on(self.store.put_event(&event, &content, Retention::Forever)).unwrap();
            let item = item::of_event(&event, &content, Shards::default(), Retention::Forever);
            self.records.push(scene::record(&item));
            self.events.push(event);
        }
    }

    fn index(&self, url: String) -> Index {
        let settings = IndexSettings {
            events_table: "EventsTable".to_owned(),
            shards: Shards::default(),
            // Nothing here can't be read.
            dead_letter_queue: "http://127.0.0.1:9/none".to_owned(),
        };
        Index::new(settings, &aws(url))
    }

    fn batch(&self, index: &Index, records: &[Value]) {
        let answer = self.runtime.block_on(index.handle(&json!({ "Records": records })));
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }

    /// Each event is found under each of its entities, once.
    fn all_are_found(&self) {
        let mut expected = BTreeMap::<Entity, BTreeSet<String>>::new();
        for event in &self.events {
            for pair in event.pairs() {
                expected.entry(pair.entity).or_default().insert(event.id.to_string());
            }
        }
        for (entity, expected) in expected {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let listing = Listing::Entity(entity.clone(), None);
                let page = self.runtime.block_on(self.store.list(&listing, after, 100, Timestamp::now())).unwrap();
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
    fn all_records_hold(&self) -> usize {
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

    /// The records in the lists of the days, whose keys begin so.
    fn listed(&self, prefix: &str) -> Vec<Partition> {
        let (now, day) = (Timestamp::now(), |at: Timestamp| at.strftime("%Y-%m-%d").to_string());
        let days: BTreeSet<_> = [day(now), day(now - jiff::SignedDuration::from_mins(30))].into();
        let keys = days.iter().flat_map(|day| {
            let shards = move |kind: &'static str| (0..4).map(move |shard| format!("{prefix}{kind}/{day}#{shard}"));
            ["call", "message"].into_iter().flat_map(shards)
        });
        keys.flat_map(|key| self.rows(&key)).map(|row| record::of_item(&row).unwrap().id).collect()
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

#[test]
fn mixed_traffic_in_any_grouping_repeated_and_to_two_instances_at_a_time_is_found_and_told_right() {
    let calls = std::env::var("CALLS").map_or(CALLS, |text| text.parse().unwrap());
    let (mut random, seed) = Random::new();
    let mut pile: Vec<_> = (0..calls).flat_map(|nth| traffic::scene(nth, Timestamp::now())).collect();
    random.shuffle(&mut pile);
    let mut bench = Bench::new();
    bench.told = format!("SEED={seed}");
    let (one, two) = (bench.index(bench.database.url()), bench.index(bench.database.url()));
    let mut stored = 0;
    for some in pile.chunks(60) {
        bench.store(some);
        // What came since, in two batches, and perhaps again what came before.
        let cut = stored + random.below(some.len());
        let again = random.below(bench.records.len());
        let (first, second) = (&bench.records[again.min(stored)..cut], &bench.records[cut..]);
        let batch = |records: &[Value]| json!({ "Records": records.iter().rev().take(100).rev().collect::<Vec<_>>() });
        let (first, second) = (batch(first), batch(second));
        let answers = bench.runtime.block_on(async { tokio::join!(one.handle(&first), two.handle(&second)) });
        for answer in [answers.0, answers.1] {
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
        }
        stored = bench.records.len();
    }
    // What the cut batches left out.
    for records in bench.records.chunks(100) {
        bench.batch(&one, records);
    }
    bench.all_are_found();
    let over = bench.all_records_hold();
    assert_eq!(over, (0..calls).filter(|nth| nth % 8 != 6).count(), "SEED={seed}");
}

#[test]
fn killed_at_any_step_it_is_made_good_by_the_next_one() {
    // An answered call with a child, one joined by its thread, and a message that was delivered.
    let deliveries: Vec<_> = [0, 2, 5].into_iter().flat_map(|nth| traffic::scene(nth, Timestamp::now())).collect();
    let mut steps = 0;
    for (nth, fault) in (0..60).flat_map(|nth| [Fault::CutBefore, Fault::CutAfter].map(|fault| (nth, fault))) {
        let mut bench = Bench::new();
        bench.told = format!("killed at step {nth}, {fault:?}");
        bench.store(&deliveries);
        let proxy = Proxy::start();
        proxy.forward_to(bench.database.url().trim_start_matches("http://").parse().unwrap());
        // What it might try again after the cut is never heard of: it is dead.
        proxy.next((0..nth).map(|_| None).chain([Some(fault)]));
        proxy.break_with(Fault::Hang);
        let (dying, batch) = (bench.index(proxy.url()), json!({ "Records": bench.records }));
        let died = bench.runtime.block_on(async {
            let cut = async {
                while proxy.seen() <= nth {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            };
            tokio::select! {
                _ = dying.handle(&batch) => proxy.seen() > nth,
                () = cut => true,
            }
        });
        proxy.heal();
        if !died {
            break;
        }
        steps = nth + 1;
        let next = bench.index(bench.database.url());
        bench.batch(&next, &bench.records);
        bench.batch(&next, &bench.records);
        bench.all_are_found();
        assert_eq!(bench.all_records_hold(), 3, "{}", bench.told);
    }
    assert!((10..60).contains(&steps), "{steps} steps");
}
