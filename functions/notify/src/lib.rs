//! From stored failures to alerts.
//!
//! Two things wake this function: a batch of the events table's stream, and a schedule, every minute. An alert is
//! recorded in the outbox before it is sent, and is pending until every transport has taken it; what a batch could not
//! send, the schedule sends. An event is published after the alerts, and kept in the same table only if that failed. Only
//! a failure of the alerts table or of the dead-letter queue fails a batch, so that SNS being down holds up no shard and
//! loses nothing.

pub mod balance;
mod failures;
mod publish;
mod send;
mod settings;
pub mod signal;
mod silence;
mod state;
mod stream;
pub mod tally;
mod topic;
mod watch;
pub mod windows;
pub mod words;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::log::chain;
use shared::outbox::{Outbox, OutboxError};
use shared::settings::environment;
use shared::store::{Store, StoreError};

use crate::publish::Publisher;
use crate::send::{DeadLetterError, DeadLetters, Delivery, Sender, SmsLimit, Topics};
pub use crate::settings::{NotifySettings, Numbers};
use crate::silence::Written;
use crate::state::States;
use crate::stream::{Batch, Letter, Stored};
use crate::words::Words;

/// The most pending alerts, and the most windows, that one tick of the schedule looks at.
const TICK: i32 = 100;
/// A tick leaves the rest to the next one after this long: well within the function's time-out.
const TICK_TIME: Duration = Duration::from_secs(20);

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    shared::log::init(&environment);
    let notify = &Notify::new(NotifySettings::read(&environment)?, &Aws::read(&environment)?);
    notify.store.connect().await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| notify.handle(event.payload))).await
}

/// Why an invocation failed. A batch fails by the records it reports; this is for what has none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The alerts table did not answer.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The events table did not answer when a summary was counted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The dead-letter queue did not take it.
    #[error(transparent)]
    DeadLetter(#[from] DeadLetterError),
}

/// The runtime's log and metrics name an error by its type; these names stay as they are.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let error_type = match &error {
            Error::Outbox(_) => "AlertsTableUnavailable",
            Error::Store(_) => "EventsTableUnavailable",
            Error::DeadLetter(_) => "DeadLetterQueueUnavailable",
        };
        Self { error_type: error_type.to_owned(), error_message: chain(&error) }
    }
}

/// The notifier.
#[derive(Debug)]
pub struct Notify {
    settings: NotifySettings,
    words: Words,
    store: Store,
    states: States,
    sender: Sender,
    dead_letters: DeadLetters,
    publisher: Publisher,
    written: Written,
}

impl Notify {
    /// A notifier over those tables, topics and that queue.
    #[must_use]
    pub fn new(settings: NotifySettings, aws: &Aws) -> Self {
        let outbox = Outbox::new(aws, settings.alerts_table.clone());
        let topics = Topics::new(aws, settings.alerts_topic.clone(), settings.urgent_topic.clone());
        let (events_topic, alerts_table) = (settings.events_topic.clone(), settings.alerts_table.clone());
        let limit = SmsLimit { per_hour: settings.sms_per_hour };
        Self {
            words: Words { api_url: settings.api_url.clone(), numbers: settings.numbers },
            store: Store::new(aws, settings.events_table.clone(), settings.shards),
            states: States::new(aws, settings.alerts_table.clone(), outbox.clone()),
            sender: Sender { topics, outbox, limit },
            dead_letters: DeadLetters::new(aws, settings.dead_letter_queue.clone()),
            publisher: Publisher::new(aws, events_topic, alerts_table, settings.events_table.clone()),
            written: Written::default(),
            settings,
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
            None => Box::pin(self.tick()).await.map(|()| Value::Null),
        }
    }

    /// Takes the records. Where the alerts table can't be written, Lambda brings the whole batch again: each step knows
    /// what it did before. What can't be read holds up nothing.
    async fn batch(&self, records: &[Value]) -> Value {
        let Batch { events, letters } = stream::batch(records);
        let mut delivery = Delivery::default();
        if let Err(error) = self.take(&events, &mut delivery).await {
            tracing::error!(error = chain(&error), "a batch could not be taken; it comes again");
            return failed(records.first().map(stream::sequence));
        }
        for letter in &letters {
            if let Err(error) = self.bury(letter).await {
                tracing::error!(error = chain(&error), "a stream record could not be taken; it comes again");
                return failed(Some(letter.sequence.clone()));
            }
        }
        failed(None)
    }

    async fn take(&self, events: &[Stored], delivery: &mut Delivery) -> Result<(), Error> {
        self.balances(events, delivery).await?;
        self.failures(events, delivery).await?;
        self.deliveries(events, delivery).await?;
        // After the alerts, which are not to wait for it.
        Ok(self.publisher.publish(events.iter().map(|stored| &stored.event)).await?)
    }

    async fn bury(&self, letter: &Letter) -> Result<(), DeadLetterError> {
        tracing::error!(reason = letter.reason, "an item could not be read; its key goes to the dead-letter queue");
        self.dead_letters.put(&letter.keys, &letter.reason).await
    }

    /// Sends what is due and was not sent, sums up the windows that are over, and looks for silence.
    async fn tick(&self) -> Result<(), Error> {
        let begun = Instant::now();
        let mut delivery = Delivery::default();
        self.pending(&mut delivery, begun).await?;
        self.silences(&mut delivery).await?;
        self.close_windows(&mut delivery, begun).await?;
        self.publisher.tick().await
    }

    async fn pending(&self, delivery: &mut Delivery, begun: Instant) -> Result<(), Error> {
        let outbox = &self.sender.outbox;
        for pending in outbox.due(Timestamp::now(), TICK).await? {
            if delivery.is_refused() || begun.elapsed() > TICK_TIME {
                break;
            }
            if outbox.claim(&pending, Timestamp::now()).await? {
                delivery.send(&self.sender, &self.states, &pending).await?;
            }
        }
        Ok(())
    }
}

/// What Lambda is told of a batch: the record from which on it is to be brought again, if any.
fn failed(sequence: Option<Value>) -> Value {
    let failures: Vec<_> = sequence.into_iter().map(|sequence| json!({"itemIdentifier": sequence})).collect();
    json!({"batchItemFailures": failures})
}
