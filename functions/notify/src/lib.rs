//! From stored events to alerts, and to the events topic.
//!
//! Two things wake this function: a batch of the events table's stream, and a schedule, every minute. An alert is
//! recorded in the outbox before it is sent, and is pending until every transport has taken it; what a batch could not
//! send, the schedule sends. An event is published after the alerts, and kept in the same table only if that failed. Only
//! a failure of the alerts table or of the dead-letter queue fails a batch, so that SNS being down holds up no shard and
//! loses nothing.

mod publish;
mod send;
pub mod signal;
mod stream;
mod topic;
pub mod words;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::event::Event;
use shared::outbox::{Outbox, OutboxError, Recorded};
use shared::settings::{Lookup, Reader, SettingsError, environment};
use shared::store::{self, Kind, StoreError, item};

use crate::publish::Publisher;
use crate::send::{DeadLetterError, DeadLetters, Delivery, Topics};

/// The most pending alerts that one tick of the schedule looks at.
const TICK: i32 = 100;
/// A tick leaves the rest to the next one after this long: well within the function's time-out.
const TICK_TIME: Duration = Duration::from_secs(20);

/// What the function is told.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// The events table's name.
    pub events_table: String,
    /// The alerts table's name.
    pub alerts_table: String,
    /// The topic of all events; none where they are not published.
    pub events_topic: Option<String>,
    /// The topic of e-mails.
    pub alerts_topic: String,
    /// The topic of SMS.
    pub urgent_topic: String,
    /// The URL of the queue for what can't be read.
    pub dead_letter_queue: String,
    /// The base URL of the read API, for the links in alerts.
    pub api_url: String,
}

impl NotifySettings {
    /// Reads them.
    ///
    /// # Errors
    /// [`SettingsError`] with all that is wrong.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            alerts_table: reader.required("ALERTS_TABLE"),
            events_topic: reader.optional("EVENTS_TOPIC_ARN"),
            alerts_topic: reader.required("ALERTS_TOPIC_ARN"),
            urgent_topic: reader.required("URGENT_TOPIC_ARN"),
            dead_letter_queue: reader.required("DEAD_LETTER_QUEUE_URL"),
            api_url: reader.required("API_URL").trim_end_matches('/').to_owned(),
        };
        reader.finish(settings)
    }
}

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let notify = &Notify::new(NotifySettings::read(&environment)?, &Aws::read(&environment)?);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| notify.handle(event.payload))).await
}

/// Why an invocation failed. A batch fails by the records it reports; this is for what has none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The alerts table did not answer.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The dead-letter queue did not take it.
    #[error(transparent)]
    DeadLetter(#[from] DeadLetterError),
    /// The events table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The runtime's log and metrics name an error by its type; these names stay as they are.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let error_type = match error {
            Error::Outbox(_) => "AlertsTableUnavailable",
            Error::DeadLetter(_) => "DeadLetterQueueUnavailable",
            Error::Store(_) => "EventsTableUnavailable",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// The notifier.
#[derive(Debug)]
pub struct Notify {
    outbox: Outbox,
    topics: Topics,
    dead_letters: DeadLetters,
    publisher: Publisher,
    api_url: String,
}

impl Notify {
    /// A notifier over that table, those topics and that queue.
    #[must_use]
    pub fn new(settings: NotifySettings, aws: &Aws) -> Self {
        let alerts_table = settings.alerts_table.clone();
        Self {
            publisher: Publisher::new(aws, settings.events_topic, alerts_table, settings.events_table),
            outbox: Outbox::new(aws, settings.alerts_table),
            topics: Topics::new(aws, settings.alerts_topic, settings.urgent_topic),
            dead_letters: DeadLetters::new(aws, settings.dead_letter_queue),
            api_url: settings.api_url,
        }
    }

    /// Takes a stream batch, or a tick of the schedule.
    ///
    /// # Errors
    /// [`Error`] when a tick could not look for what is pending; a batch answers with the record that it stopped at.
    pub async fn handle(&self, event: Value) -> Result<Value, Error> {
        match event.get("Records").and_then(Value::as_array) {
            // Boxed: the SDK's futures are deep, and whoever runs this builds on them.
            Some(records) => Ok(Box::pin(self.batch(records)).await),
            None => {
                Box::pin(self.tick()).await?;
                Box::pin(self.publisher.tick()).await.map(|()| Value::Null)
            }
        }
    }

    /// Takes the records in their order, up to the first whose alert can't be recorded: Lambda brings that one and those
    /// after it again. Those taken are then published; if what SNS did not take can't be kept, all come again.
    async fn batch(&self, records: &[Value]) -> Value {
        let (mut delivery, mut events, mut failed) = (Delivery::default(), Vec::new(), None);
        for record in records {
            if let Err(error) = self.record(record, &mut delivery, &mut events).await {
                tracing::error!(%error, "a stream record could not be taken; it comes again");
                failed = Some(record);
                break;
            }
        }
        if let Err(error) = self.publisher.publish(&events).await {
            tracing::error!(%error, "events that were not published could not be kept; all come again");
            failed = records.first();
        }
        let sequence = |record: &Value| record.pointer("/dynamodb/SequenceNumber").cloned().unwrap_or_default();
        let failures: Vec<_> = failed.map(|record| json!({"itemIdentifier": sequence(record)})).into_iter().collect();
        json!({"batchItemFailures": failures})
    }

    /// Takes a record, and adds its event to those that are to be published.
    async fn record(&self, record: &Value, delivery: &mut Delivery, events: &mut Vec<Event>) -> Result<(), Error> {
        if record.get("eventName").and_then(Value::as_str) != Some("INSERT") {
            return Ok(());
        }
        match read(record) {
            Ok(Some(event)) => {
                self.alert(&event, delivery).await?;
                events.push(event);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(reason) => {
                let keys = record.pointer("/dynamodb/Keys").cloned().unwrap_or_default();
                tracing::error!(reason, "an item could not be read; its key goes to the dead-letter queue");
                Ok(self.dead_letters.put(&keys, &reason).await?)
            }
        }
    }

    async fn alert(&self, event: &Event, delivery: &mut Delivery) -> Result<(), Error> {
        let Some(signal) = signal::of(event) else { return Ok(()) };
        let alert = words::alert(event, &signal, &self.api_url);
        match self.outbox.record(alert, Timestamp::now()).await? {
            Recorded::New(pending) => Ok(delivery.send(&self.topics, &self.outbox, &pending).await?),
            Recorded::Known => Ok(()),
        }
    }

    /// Sends what is due and was not sent.
    async fn tick(&self) -> Result<(), Error> {
        let begun = Instant::now();
        let mut delivery = Delivery::default();
        for pending in self.outbox.due(Timestamp::now(), TICK).await? {
            if delivery.is_refused() || begun.elapsed() > TICK_TIME {
                break;
            }
            if self.outbox.claim(&pending, Timestamp::now()).await? {
                delivery.send(&self.topics, &self.outbox, &pending).await?;
            }
        }
        Ok(())
    }
}

/// The event of a record, if it is one; the reason if it should be one and can't be read.
fn read(record: &Value) -> Result<Option<Event>, String> {
    let image = record.pointer("/dynamodb/NewImage").ok_or("the record has no new image")?;
    let item = stream::item(image).map_err(|error| error.to_string())?;
    match store::kind(&item) {
        Kind::Event => item::event(&item).map(Some).map_err(|error| error.to_string()),
        Kind::Pointer | Kind::Quarantined => Ok(None),
    }
}
