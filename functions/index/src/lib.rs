//! From stored events to what reading them needs, beside `notify` on the events table's stream.
//!
//! A batch writes the rows by which its events are found under their further entities and through their threads, and then the
//! records of the calls and messages that they belong to. Rows follow from each item alone, and records from all events that are
//! stored. So a batch may come twice, late, or in other pieces. Every minute a schedule counts the slices of five minutes that are
//! over, and ends the calls of which nobody tells the end. Only a failure of the events table or of the
//! dead-letter queue fails a batch; an item that can't be handled goes to that queue and holds up nothing.

mod counting;
mod erasing;
mod records;
mod settings;
mod stored;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use shared::aws::Aws;
use shared::dead_letters::DeadLetters;
use shared::log::chain;
use shared::metric::Gauges;
use shared::settings::environment;
use shared::store::{Shards, Store, StoreError};
use shared::stream::{self, Batch, Unreadable, failed};

use crate::counting::Counting;
use crate::erasing::Erasing;
use crate::records::Records;
pub use crate::settings::IndexSettings;
use crate::stored::{Stored, stored};

/// The function's name in dead letters.
pub const READER: &str = "index";

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    shared::log::init(&environment);
    let (settings, aws) = (IndexSettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let index = &Index::new(settings, &aws);
    index.store.connect().await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        index.handle(&event.payload, Timestamp::now()).await
    }))
    .await
}

/// Why a run of the schedule failed; the next one goes on where it stopped. A batch reports the record that it failed at.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] StoreError);

/// The runtime's log and metrics name an error by its type; this name stays as it is.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self { error_type: "EventsTableUnavailable".to_owned(), error_message: chain(&error) }
    }
}

/// The indexer.
#[derive(Debug)]
pub struct Index {
    store: Store,
    shards: Shards,
    records: Records,
    counting: Counting,
    erasing: Erasing,
    dead_letters: DeadLetters,
}

impl Index {
    /// An indexer over that table and queue.
    #[must_use]
    pub fn new(settings: IndexSettings, aws: &Aws) -> Self {
        let IndexSettings { events_table, shards, bodies, dead_letter_queue, calls, .. } = settings;
        let store = Store::new(aws, events_table, shards);
        Self {
            records: Records::new(store.clone(), shards, calls),
            counting: Counting::new(store.clone()),
            erasing: Erasing::new(store.clone(), bodies),
            store,
            shards,
            dead_letters: DeadLetters::new(aws, dead_letter_queue, READER),
        }
    }

    /// Handles a batch of the stream, or a run of the schedule, that comes at that time.
    ///
    /// # Errors
    /// [`Error`] when a run of the schedule was cut short. A batch answers with the record from which it must come again, if any.
    pub async fn handle(&self, event: &Value, now: Timestamp) -> Result<Value, Error> {
        // Boxed: the SDK's futures are deep, and the callers' futures contain them.
        match event.get("Records").and_then(Value::as_array) {
            Some(records) => Ok(Box::pin(self.batch(records, now)).await),
            None => Ok(Box::pin(self.tick(now)).await.map(|()| Value::Null)?),
        }
    }

    async fn tick(&self, now: Timestamp) -> Result<(), StoreError> {
        self.counting.run(&self.records, now).await?;
        self.erasing.run(now).await
    }

    async fn batch(&self, records: &[Value], now: Timestamp) -> Value {
        let unhandled = match self.take(records, now).await {
            Ok(unhandled) => unhandled,
            Err(error) => {
                tracing::error!(error = chain(&error), "a batch could not be taken; it comes again");
                return failed(records.first().map(stream::sequence));
            }
        };
        self.dead_letters.settle(&unhandled).await
    }

    /// Does what follows from the records, and returns those from which nothing can follow.
    async fn take(&self, records: &[Value], now: Timestamp) -> Result<Vec<Unreadable>, StoreError> {
        let Batch { read, mut unreadable } = stream::batch(records, |item| stored(item, self.shards));
        match (self.write(read, now).await, records) {
            (Ok(()), _) => {}
            (Err(StoreError::Refused { cause, .. }), [record]) => unreadable.push(Unreadable::of(record, cause)),
            // One of them is at fault, and must not hide the others.
            (Err(StoreError::Refused { .. }), records) => {
                for record in records.chunks(1) {
                    unreadable.extend(Box::pin(self.take(record, now)).await?);
                }
            }
            (Err(error), _) => return Err(error),
        }
        Ok(unreadable)
    }

    async fn write(&self, stored: Vec<Stored>, now: Timestamp) -> Result<(), StoreError> {
        let (events, rows): (Vec<_>, Vec<_>) = stored.into_iter().map(|Stored { event, rows }| (event, rows)).unzip();
        // The threads first: a record needs to know which calls are joined.
        self.store.put_rows(rows.into_iter().flatten()).await?;
        counting::mark(&self.store, events.iter().map(|event| event.received_at), now).await?;
        self.records.follow(&events, now).await?;
        self.erasing.follow(&events, now).await
    }
}
