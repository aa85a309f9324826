//! From the spool to the events table: stores what the table did not take when it came, as it would have been stored then.
//!
//! A message is done once its delivery is stored or in quarantine. It may come again after anything: what is stored already is a
//! repeat. What holds no delivery, and what the table refuses in every form, goes to the dead letters as it is. While the table
//! does not answer, the rest of a batch stays in the spool.

mod settings;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::dead_letters::{DeadLetterError, DeadLetters};
use shared::intake::Intake;
use shared::log::chain;
use shared::metric::{Disposition, Gauges, Metrics};
use shared::settings::environment;
use shared::spool;
use shared::store::{Store, StoreError};

pub use crate::settings::DrainSettings;

/// The function's name.
pub const NAME: &str = "drain";

/// After this long the rest of a batch is left to the next one. What is begun then takes up to twelve seconds: the event, its
/// quarantine and its dead letter.
const TIME: Duration = Duration::from_secs(10);

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    shared::log::init(&environment);
    let (settings, aws) = (DrainSettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let drain = &Drain::new(settings, &aws, Metrics::read(&environment));
    drain.store.connect().await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move { drain.handle(event.payload).await })).await
}

/// What was given is no batch of a queue: the function is wired wrongly. Its text stays out, which may be anything.
#[derive(Debug, thiserror::Error)]
#[error("this is no batch of a queue")]
pub struct NoBatch;

/// The runtime's log and metrics name an error by its type; this name stays as it is.
impl From<NoBatch> for Diagnostic {
    fn from(error: NoBatch) -> Self {
        Self { error_type: "NoBatch".to_owned(), error_message: error.to_string() }
    }
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "messageId")]
    id: String,
    body: String,
}

/// Why a message stays in the spool.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Table(StoreError),
    #[error(transparent)]
    DeadLetters(DeadLetterError),
}

/// The drain.
#[derive(Debug)]
pub struct Drain {
    store: Store,
    intake: Intake,
    dead_letters: DeadLetters,
    metrics: Metrics,
}

impl Drain {
    /// A drain into that table.
    #[must_use]
    pub fn new(settings: DrainSettings, aws: &Aws, metrics: Metrics) -> Self {
        let DrainSettings { events_table, own_domains, retention, bodies, shards, dead_letter_queue, .. } = settings;
        Self {
            store: Store::new(aws, events_table, shards),
            intake: Intake { own_domains, retention, bodies },
            dead_letters: DeadLetters::new(aws, dead_letter_queue, NAME),
            metrics,
        }
    }

    /// Handles a batch of the spool. The answer names the messages that must come again.
    ///
    /// # Errors
    /// [`NoBatch`] for anything else.
    pub async fn handle(&self, event: Value) -> Result<Value, NoBatch> {
        let Batch { messages } = serde_json::from_value(event).map_err(|_| NoBatch)?;
        // Boxed: the SDK's futures are deep, and the callers' futures contain them.
        let left = Box::pin(self.take_all(messages)).await;
        let failures: Vec<_> = left.into_iter().map(|id| json!({"itemIdentifier": id})).collect();
        Ok(json!({"batchItemFailures": failures}))
    }

    /// Takes one message after the other, as long as the table answers. The ids of those that are left.
    async fn take_all(&self, messages: Vec<Message>) -> Vec<String> {
        let mut until = Instant::now() + TIME;
        let mut left = Vec::new();
        for Message { id, body } in messages {
            if Instant::now() >= until {
                left.push(id);
                continue;
            }
            let Err(trouble) = self.take(&body).await else { continue };
            tracing::error!(error = chain(&trouble), "a delivery stays in the spool; it comes again");
            if matches!(trouble, Trouble::Table(_)) {
                until = Instant::now();
            }
            left.push(id);
        }
        left
    }

    async fn take(&self, body: &str) -> Result<(), Trouble> {
        let delivery = match spool::read(body) {
            Ok(delivery) => delivery,
            Err(error) => return self.bury(body, &error.to_string()).await,
        };
        match self.intake.keep_delivery(&self.store, &delivery).await {
            Ok(kept) => {
                let request_id = &delivery.content().request_id;
                self.metrics.count(delivery.provider(), Disposition::from(&kept), Some(request_id));
                Ok(())
            }
            Err(StoreError::Refused { .. }) => self.bury(body, "the table refuses it in every form").await,
            Err(error) => Err(Trouble::Table(error)),
        }
    }

    async fn bury(&self, body: &str, reason: &str) -> Result<(), Trouble> {
        tracing::error!(reason, "a message of the spool goes to the dead-letter queue");
        self.dead_letters.keep_message(body).await.map_err(Trouble::DeadLetters)
    }
}
