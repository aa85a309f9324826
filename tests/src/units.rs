//! The write units that a delivery takes, as the database reports them: those of the receiver, and those that `index` and
//! `notify` take until nothing more follows.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::proxy::{Exchange, Proxy};
use crate::samples::{self, route, sample};
use crate::stack::Stack;

/// The write units of one delivery.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// The sample's name.
    pub sample: String,
    /// Of the event's own item in the table.
    pub event: f64,
    /// Of its row in each index.
    pub indexes: BTreeMap<String, f64>,
    /// How many rows lead to it beside these: to a further number or address, from a thread, from a parent.
    pub rows: usize,
    /// Of these rows, with their own index rows.
    pub further: f64,
    /// Of the record of the call or message, with its index rows.
    pub record: f64,
    /// Of the alerts table, until the window that a failure opens is closed.
    pub alerts: f64,
}

impl Units {
    fn is_told(&self) -> bool {
        self.indexes.contains_key("failure") || self.sample.starts_with("opentact-balance")
    }

    /// All units of the delivery.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.event + self.indexes.values().sum::<f64>() + self.further + self.record + self.alerts
    }

    /// The receiver's write.
    fn add_event(&mut self, Exchange { answer, .. }: &Exchange) {
        let consumed = &answer["ConsumedCapacity"];
        assert!(self.event == 0.0, "a delivery is one write");
        self.event = units_of(&consumed["Table"]);
        let indexes = consumed["GlobalSecondaryIndexes"].as_object().expect("the indexes that the row stands in");
        self.indexes = indexes.iter().map(|(name, index)| (name.clone(), units_of(index))).collect();
    }

    /// A write of rows.
    fn add_rows(&mut self, Exchange { request, answer, .. }: &Exchange) {
        self.rows += request["RequestItems"]["EventsTable"].as_array().map_or(0, Vec::len);
        self.further += units_of_all(answer);
    }
}

fn units_of(consumed: &Value) -> f64 {
    consumed["CapacityUnits"].as_f64().expect("what an operation consumes")
}

/// Of a batch.
fn units_of_all(answer: &Value) -> f64 {
    answer["ConsumedCapacity"].as_array().map_or(0.0, |tables| tables.iter().map(units_of).sum())
}

/// The operations that take write units.
const WRITES: [&str; 6] =
    ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "BatchExecuteStatement"];
/// The window of an alert, and how often the schedule looks for windows that are over.
const WINDOW: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(500);
/// `index` has written what follows when nothing has followed for this long.
const SETTLED: Duration = Duration::from_millis(500);
/// Nothing more is told when nothing has been told for this long: a window, its settling and a tick.
const QUIET: Duration = Duration::from_secs(3);
/// How many stacks a small machine can run at a time.
const AT_ONCE: usize = 12;

/// The units of every sample. Each sample that leads to an alert is delivered to a stack of its own too, where a balance
/// is always low.
///
/// # Panics
/// When a delivery is not accepted.
#[must_use]
pub fn measure() -> Vec<Units> {
    let metered = Metered::start();
    let mut all: Vec<_> = samples::names().into_iter().map(|name| metered.receive(name)).collect();
    let mut told: Vec<_> = all.iter_mut().filter(|units| units.is_told()).collect();
    for some in told.chunks_mut(AT_ONCE) {
        thread::scope(|scope| {
            for units in some {
                scope.spawn(|| units.alerts = alerts(&units.sample));
            }
        });
    }
    all
}

/// A stack whose functions reach the database through a meter, and whose windows are short.
struct Metered {
    proxy: Proxy,
    stack: Stack,
}

impl Metered {
    fn start() -> Self {
        let proxy = Proxy::start();
        let stack = Stack::with_store_behind_and(&proxy, |options| {
            options.every = EVERY;
            options.alert_window = WINDOW;
            options.low_balance = "999999999999".to_owned();
            // What that watch writes goes by the minute, whatever comes.
            options.environment.insert("SILENCE_MINUTES".to_owned(), "off".to_owned());
        });
        proxy.meter();
        Self { proxy, stack }
    }

    fn deliver(&self, name: &str) {
        // The samples are indented; the platforms send JSON without white space.
        let body: Value = serde_json::from_slice(&sample(name)).expect("a sample is JSON");
        let answer = self.stack.post(route(name), body.to_string());
        assert_eq!(answer.json()["status"], "stored", "{name}: {answer:?}");
    }

    fn receive(&self, sample: String) -> Units {
        let before = self.proxy.metered();
        self.deliver(&sample);
        let mut units = Units { sample, ..Units::default() };
        self.quiet(|| self.of_events(before).len());
        for exchange in self.of_events(before) {
            match exchange.request["Item"]["pk"]["S"].as_str() {
                Some(key) if key.starts_with("record.") => {
                    units.record += units_of(&exchange.answer["ConsumedCapacity"]);
                }
                // Counting goes by the clock, and not by deliveries.
                Some(key) if key.starts_with("counts") => {}
                Some(_) => units.add_event(&exchange),
                // Only records are inserted together.
                None if exchange.operation == "BatchExecuteStatement" => units.record += units_of_all(&exchange.answer),
                None => units.add_rows(&exchange),
            }
        }
        units
    }

    /// What was written to the events table since. Meanwhile `notify` writes its own table, and counts failures in this one.
    fn of_events(&self, since: usize) -> Vec<Exchange> {
        let exchanges = self.proxy.metered_since(since).into_iter();
        let writes = exchanges.filter(|exchange| WRITES.contains(&exchange.operation.as_str()));
        writes.filter(|exchange| exchange.request.to_string().contains("EventsTable")).collect()
    }

    /// Waits until a number has not changed for a while.
    fn quiet(&self, number: impl Fn() -> usize) {
        let (mut seen, mut since) = (number(), Instant::now());
        while since.elapsed() < SETTLED {
            thread::sleep(Duration::from_millis(20));
            if seen != number() {
                (seen, since) = (number(), Instant::now());
            }
        }
    }

    /// The write units that were consumed of the alerts table, for each operation.
    fn alerts(&self) -> Vec<f64> {
        let exchanges = self.proxy.metered_since(0).into_iter();
        let writes = exchanges.filter(|exchange| WRITES.contains(&exchange.operation.as_str()));
        let consumed = writes.flat_map(|Exchange { answer, .. }| match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.clone(),
            table => vec![table.clone()],
        });
        consumed.filter(|table| table["TableName"] == "AlertsTable").map(|table| units_of(&table)).collect()
    }
}

fn alerts(name: &str) -> f64 {
    let metered = Metered::start();
    metered.deliver(name);
    let (mut seen, mut since) = (0, Instant::now());
    while since.elapsed() < QUIET {
        thread::sleep(Duration::from_millis(100));
        let now = metered.alerts().len();
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
    }
    // Not `sum`, whose zero is a negative one.
    metered.alerts().iter().fold(0.0, |all, units| all + units)
}

/// The units as a Markdown table.
#[must_use]
pub fn markdown(all: &[Units]) -> String {
    let mut lines = vec![
        "| sample | event | indexes | further rows | record | alerts | in all |".to_owned(),
        "|---|---:|---|---|---:|---:|---:|".to_owned(),
    ];
    lines.extend(all.iter().map(|units| {
        let Units { sample, event, indexes, rows, further, record, alerts } = units;
        let indexes: Vec<_> = indexes.iter().map(|(name, units)| format!("{name} {units}")).collect();
        let further = if *rows == 0 { String::new() } else { format!("{further} ({rows})") };
        format!("| {sample} | {event} | {} | {further} | {record} | {alerts} | {} |", indexes.join(", "), units.total())
    }));
    lines.join("\n")
}
