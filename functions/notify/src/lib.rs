//! From stored failures to alerts.
//!
//! Two things wake this function: a batch of the events table's stream, and a schedule, every minute. An alert is
//! recorded in the outbox before it is sent, and is pending until every transport has taken it. The schedule sends what a
//! batch could not send. Events, and records that ended, are published after the alerts, and kept in the same table only
//! if that failed. Only a failure of the alerts table or of the dead-letter queue fails a batch, so that SNS being down
//! holds up no shard and loses nothing.
//!
//! Each kind of alert decides in a module of its own: the module changes its state, and returns the alert that follows
//! as data. `States::update` writes both together, `Sending` sends. A new alert is such a module, a text in
//! `words`, and a line in `Notify::decide`, or in `Notify::tick` if time alone brings it about.

mod alone;
mod answers;
mod balance;
mod brake;
pub mod bucket;
pub mod case;
pub mod channel;
pub mod faults;
pub mod incident;
mod incidents;
pub mod metric;
mod muted;
mod names;
mod origin;
mod outages;
mod page;
mod publish;
mod recovery;
mod renewal;
mod send;
mod settings;
mod share;
pub mod signal;
pub mod silence;
mod state;
mod stored;
pub mod tally;
mod text;
mod together;
mod topic;
mod unpublished;
pub mod words;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use shared::aws::Aws;
use shared::dead_letters::DeadLetters;
use shared::key::Partition;
use shared::log::chain;
use shared::metric::Gauges;
use shared::outbox::{Outbox, OutboxError, Pending};
use shared::settings::environment;
use shared::store::record::Row;
use shared::store::{Store, StoreError};
use shared::stream::{self, Batch, failed};

use crate::balance::Balances;
use crate::channel::Channel;
use crate::faults::Faults;
pub use crate::incidents::Evidence;
use crate::incidents::{Incidents, Rules};
pub use crate::names::KnownNames;
use crate::publish::Publisher;
use crate::renewal::RenewalWatch;
pub use crate::send::TopicArns;
use crate::send::{Sender, Sending, SmsLimit, Topics};
pub use crate::settings::{NotifySettings, Numbers};
use crate::silence::Silence;
use crate::state::States;
pub use crate::stored::Texts;
use crate::stored::{Images, Stored, image};
pub use crate::topic::{EventsTopic, Left, Message, ShownError, batches, ended_call_again, event_again};
use crate::unpublished::Unpublished;

/// The function's name in dead letters.
pub const READER: &str = "notify";

/// The most pending alerts that one tick of the schedule looks at.
const TICK: i32 = 100;
/// After this long a tick leaves the rest to the next one: well within the function's time-out.
const TICK_TIME: Duration = Duration::from_secs(20);

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    shared::log::init(&environment);
    let notify = &Notify::new(NotifySettings::read(&environment)?, &Aws::read(&environment)?);
    notify.store.connect().await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| notify.handle(event.payload, Timestamp::now()))).await
}

/// Why an invocation failed. A batch reports the record that it failed at; this is for what has no record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The alerts table did not answer.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The events table did not answer when a summary was counted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The runtime's log and metrics name an error by its type; these names stay as they are.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let error_type = match &error {
            Error::Outbox(_) => "AlertsTableUnavailable",
            Error::Store(_) => "EventsTableUnavailable",
        };
        Self { error_type: error_type.to_owned(), error_message: chain(&error) }
    }
}

/// The notifier.
#[derive(Debug)]
pub struct Notify {
    store: Store,
    balances: Balances,
    incidents: Incidents,
    silence: Silence,
    renewal: RenewalWatch,
    faults: Faults,
    channel: Channel,
    sender: Sender,
    dead_letters: DeadLetters,
    publisher: Publisher,
    texts: Texts,
    gauges: Gauges,
    names: KnownNames,
}

impl Notify {
    /// A notifier over those tables, topics and that queue.
    #[must_use]
    pub fn new(settings: NotifySettings, aws: &Aws) -> Self {
        let NotifySettings { alerts_table, severities, window, words, after, digest, .. } = settings;
        let names = words.names.clone();
        let outbox = Outbox::new(aws, alerts_table.clone());
        let states = States::new(aws, alerts_table.clone(), outbox.clone());
        let store = Store::new(aws, settings.events_table, settings.shards);
        let topics = Topics::new(aws, settings.topics);
        let limit = SmsLimit { per_hour: settings.sms_per_hour };
        let topic = EventsTopic::new(aws, settings.events_topic);
        let unpublished = Unpublished::new(aws, alerts_table.clone());
        Self {
            balances: Balances {
                states: states.clone(),
                store: store.clone(),
                words: words.clone(),
                limits: settings.low_balance,
            },
            renewal: RenewalWatch::new(aws, &alerts_table, states.clone(), words.clone(), settings.renewal),
            channel: Channel {
                states: states.clone(),
                words: words.clone(),
                gauges: settings.gauges.clone(),
                topics: topics.clone(),
                settings: settings.channel,
            },
            faults: Faults::new(
                states.clone(),
                words.clone(),
                settings.gauges.clone(),
                [&settings.faults, aws.faults()].concat(),
            ),
            silence: Silence::new(states.clone(), store.clone(), words.clone(), settings.silence),
            incidents: Incidents {
                states: states.clone(),
                store: store.clone(),
                words,
                rules: Rules { severities, after, window, digest },
                gauges: settings.gauges.clone(),
            },
            sender: Sender { topics, outbox, states, limit, gauges: settings.gauges.clone() },
            dead_letters: DeadLetters::new(aws, settings.dead_letter_queue, READER),
            publisher: Publisher {
                topic,
                unpublished,
                store: store.clone(),
                texts: settings.texts,
                gauges: settings.gauges.clone(),
            },
            texts: settings.texts,
            gauges: settings.gauges,
            store,
            names,
        }
    }

    /// Handles a batch of the stream, or a tick of the schedule, that comes at that time.
    ///
    /// # Errors
    /// [`Error`] when a tick could not read what is pending. A batch answers with the record that it stopped at.
    pub async fn handle(&self, event: Value, now: Timestamp) -> Result<Value, Error> {
        match event.get("Records").and_then(Value::as_array) {
            // Boxed: the SDK's futures are deep, and the callers' futures contain them.
            Some(records) => Ok(Box::pin(self.batch(records, now)).await),
            None => Box::pin(self.tick(now)).await.map(|()| Value::Null),
        }
    }

    /// Handles the records. When the alerts table can't be written, Lambda sends the whole batch again: each step knows
    /// what it did before. An item that can't be read holds up nothing.
    async fn batch(&self, records: &[Value], now: Timestamp) -> Value {
        self.gauges.tell(metric::POLLED, u32::try_from(records.len()).map_or(f64::MAX, f64::from), now);
        let Batch { read, unreadable } = stream::batch(records, |item| image(item, self.texts));
        if let Err(error) = self.take(read.into_iter().collect(), now).await {
            tracing::error!(error = chain(&error), "a batch could not be taken; it comes again");
            return failed(records.first().map(stream::sequence));
        }
        self.dead_letters.settle(&unreadable).await
    }

    /// Decides and writes, then sends, then publishes. Alerts recorded before a step failed are sent nevertheless.
    async fn take(&self, Images { events, ended }: Images, now: Timestamp) -> Result<(), Error> {
        self.names.refresh(&self.store, now).await;
        let mut alerts = Vec::new();
        let decided = self.decide(&events, &ended, now, &mut alerts).await;
        Sending::new(&self.sender, now).send_all(&alerts).await?;
        decided?;
        // After the alerts, which must not wait for it.
        let events = events.iter().map(|stored| Message::of_event(&stored.event));
        Ok(self.publisher.publish(events.chain(ended.iter().map(|(id, row)| Message::of_ended(id, row))), now).await?)
    }

    async fn decide(
        &self,
        events: &[Stored],
        ended: &BTreeMap<Partition, Row>,
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        self.balances.take(events, now, alerts).await?;
        self.incidents.take(events, ended, now, alerts).await?;
        self.silence.take(events, now, alerts).await
    }

    /// Sends pending alerts that are due, looks for silence, at the subscription and after incidents, and publishes what waits for that.
    async fn tick(&self, now: Timestamp) -> Result<(), Error> {
        let (begun, mut sending) = (Instant::now(), Sending::new(&self.sender, now));
        self.names.refresh(&self.store, now).await;
        self.send_due(&mut sending, begun, now).await?;
        let mut silent = Vec::new();
        let looked = self.silence.look(now, &mut silent).await;
        let renewal = self.renewal.look(now, &mut silent).await;
        let faults = self.faults.look(now, &mut silent).await;
        sending.send_all(&silent).await?;
        looked.and(renewal).and(faults)?;
        let mut unheard = Vec::new();
        let channel = self.channel.look(now, &mut unheard).await;
        sending.send_all(&unheard).await?;
        channel?;
        // What was muted is told before that it goes on.
        for key in self.incidents.due_together(now).await? {
            sending.send_all(self.incidents.tell_together(&key, now).await?.as_slice()).await?;
        }
        let mutes = self.incidents.states.mutes(now).await?;
        sending.send_all(&self.incidents.look_for_outages(&mutes, now).await?).await?;
        sending.send_all(&self.incidents.look_for_answers(&mutes, now).await?).await?;
        for key in self.incidents.due(now).await? {
            if begun.elapsed() > TICK_TIME {
                break;
            }
            sending.send_all(self.incidents.look(&key, &mutes, now).await?.as_slice()).await?;
        }
        self.publisher.tick(now).await
    }

    async fn send_due(&self, sending: &mut Sending<'_>, begun: Instant, now: Timestamp) -> Result<(), OutboxError> {
        let outbox = &self.sender.outbox;
        let mut due = outbox.due(now, TICK).await?;
        let recorded = due.iter().filter_map(|pending| pending.recorded_at);
        self.gauges.tell(metric::OLDEST_PENDING, metric::age(recorded, now), now);
        // What is critical goes first.
        due.sort_by_key(|pending| pending.alert.sms.is_none());
        for pending in due {
            if begun.elapsed() > TICK_TIME {
                break;
            }
            if outbox.claim(&pending, now).await? {
                sending.send(&self.as_it_is(pending).await?).await?;
            }
        }
        Ok(())
    }

    /// An alert that waited for SNS, as it is told now: what it asks for may be done meanwhile.
    async fn as_it_is(&self, pending: Pending) -> Result<Pending, OutboxError> {
        let alert = &pending.alert;
        if self.balances.is_over(alert).await? || self.incidents.is_topped_up(alert).await? {
            let alert = self.incidents.words.over_by_now(alert);
            return Ok(pending.retold(alert));
        }
        Ok(pending)
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]
mod texts;
