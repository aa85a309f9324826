//! What `notify` remembers in the alerts table: incidents, balances, when a provider last delivered, the SMS of the last
//! hour. Each is one item that is read, changed and written whole, on condition that nobody wrote it meanwhile; an alert
//! that follows from the change is recorded in the same transaction, so that neither is ever there without the other.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use shared::aws::{Aws, batch_find};
use shared::failure::FailureClass;
use shared::mute::{InForce, Mutes, Target};
use shared::outbox::listed::{WITHDRAWN, place_of_note};
use shared::outbox::{Alert, EXPIRES, KEPT, Outbox, OutboxError, PENDING, Pending};
use shared::time;

/// How often a change is retried when another writer was faster.
const TRIES: u64 = 10;

/// One remembered thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    key: String,
    version: u64,
    attributes: HashMap<String, AttributeValue>,
}

impl State {
    /// Its key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// A remembered text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_s().ok().map(String::as_str)
    }

    /// A remembered time.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        time::from_stamp(self.text(name)?).flatten()
    }

    /// Remembers a text, or forgets it.
    pub(crate) fn set(&mut self, name: &str, value: Option<String>) {
        match value {
            Some(value) => self.attributes.insert(name.to_owned(), AttributeValue::S(value)),
            None => self.attributes.remove(name),
        };
    }

    /// Remembers a time, or forgets it.
    pub(crate) fn set_time(&mut self, name: &str, value: Option<Timestamp>) {
        self.set(name, value.map(|value| time::stamp(Some(value))));
    }

    /// The names of the attributes here with that prefix.
    pub(crate) fn names(&self, prefix: &str) -> Vec<String> {
        self.attributes.keys().filter(|name| name.starts_with(prefix)).cloned().collect()
    }

    fn item(&self, now: Timestamp) -> HashMap<String, AttributeValue> {
        let mut item = self.attributes.clone();
        item.insert("pk".to_owned(), AttributeValue::S(self.key.clone()));
        item.insert("version".to_owned(), AttributeValue::N((self.version + 1).to_string()));
        item.insert(EXPIRES.to_owned(), expires(now));
        item
    }
}

fn expires(now: Timestamp) -> AttributeValue {
    AttributeValue::N((now.as_second() + KEPT.as_secs()).to_string())
}

/// What a decision does to a state.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It stays as it is.
    Unchanged,
    /// It was changed, perhaps with an alert.
    Changed(Option<Alert>),
    /// It was changed, with an alert that a mute of what it is about holds back.
    Mutable(Alert, Target),
}

/// What became of a change.
#[derive(Debug)]
pub(crate) enum Change {
    /// It is made. The caller sends the alert that was recorded with it.
    Made(Option<Box<Pending>>),
    /// Another writer was faster: read it again.
    Raced,
}

/// All that is remembered.
#[derive(Debug, Clone)]
pub(crate) struct States {
    client: Client,
    table: String,
    outbox: Outbox,
    mutes: Mutes,
}

impl States {
    pub(crate) fn new(aws: &Aws, table: String, outbox: Outbox) -> Self {
        Self { client: aws.dynamodb(), mutes: Mutes::new(aws, table.clone()), table, outbox }
    }

    /// The mutes that are in force.
    pub(crate) async fn mutes(&self, now: Timestamp) -> Result<InForce, OutboxError> {
        self.mutes.in_force(now).await
    }

    /// The state of that key; an empty one where nothing is remembered yet.
    pub(crate) async fn read(&self, key: &str) -> Result<State, OutboxError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = request.key("pk", AttributeValue::S(key.to_owned())).send().await;
        let mut attributes =
            answer.map_err(|error| OutboxError::of("reading what is remembered", error))?.item.unwrap_or_default();
        let version = attributes.remove("version").and_then(|version| version.as_n().ok()?.parse().ok()).unwrap_or(0);
        attributes.remove("pk");
        attributes.remove(EXPIRES);
        Ok(State { key: key.to_owned(), version, attributes })
    }

    /// Reads the state of that key, decides and writes it; retries while other writers are faster. The caller sends the alert
    /// that was recorded with it.
    pub(crate) async fn update(
        &self,
        key: &str,
        doing: &'static str,
        now: Timestamp,
        mut decide: impl FnMut(&mut State) -> Decision,
    ) -> Result<Option<Pending>, OutboxError> {
        for attempt in 0..TRIES {
            pause(attempt).await;
            let mut state = self.read(key).await?;
            let change = match decide(&mut state) {
                Decision::Unchanged => return Ok(None),
                Decision::Changed(alert) => self.write(&state, alert.as_ref(), now).await?,
                Decision::Mutable(alert, about) => self.write_or_hold(&state, &alert, &about, now).await?,
            };
            if let Change::Made(pending) = change {
                return Ok(pending.map(|pending| *pending));
            }
        }
        Err(OutboxError::Contended { doing })
    }

    /// Writes a changed state, unless it was written since it was read, and records an alert with it.
    pub(crate) async fn write(
        &self,
        state: &State,
        alert: Option<&Alert>,
        now: Timestamp,
    ) -> Result<Change, OutboxError> {
        match alert.and_then(|alert| self.outbox.recorded(alert, now)) {
            None => self.write_alone(state, now).await,
            Some((recorded, pending)) => self.write_with(state, recorded, pending, now).await,
        }
    }

    async fn write_alone(&self, state: &State, now: Timestamp) -> Result<Change, OutboxError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(state.item(now)));
        let (condition, version) = unchanged(state);
        let request = request.condition_expression(condition).set_expression_attribute_values(version);
        match request.send().await {
            Ok(_) => Ok(Change::Made(None)),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(Change::Raced)
            }
            Err(error) => Err(OutboxError::of("remembering", error)),
        }
    }

    async fn write_with(
        &self,
        state: &State,
        recorded: Put,
        pending: Pending,
        now: Timestamp,
    ) -> Result<Change, OutboxError> {
        match self.transact(vec![self.changed(state, now), put(Some(recorded))]).await? {
            Fate::Made => Ok(Change::Made(Some(Box::new(pending)))),
            Fate::Cancelled(_) => Ok(Change::Raced),
        }
    }

    /// Writes changed states, each unless it was written since it was read, with notes of what is told where, and records an alert: all
    /// or nothing. At most 100 in all.
    pub(crate) async fn commit(
        &self,
        states: &[&State],
        notes: &[Note],
        alert: Option<&Alert>,
        now: Timestamp,
    ) -> Result<Committed, OutboxError> {
        let recorded = alert.and_then(|alert| self.outbox.recorded(alert, now));
        let (recorded, pending) = recorded.map_or((None, None), |(put, pending)| (Some(put), Some(pending)));
        let mut items: Vec<_> = states.iter().map(|state| self.changed(state, now)).collect();
        items.extend(recorded.map(|recorded| put(Some(recorded))));
        let before = items.len();
        items.extend(notes.iter().map(|note| note.write(&self.table, now)));
        match self.transact(items).await? {
            Fate::Made => Ok(Committed::Made(pending.map(Box::new))),
            Fate::Cancelled(failed) if !failed.is_empty() && failed.iter().all(|at| *at >= before) => {
                Ok(Committed::Known(failed.into_iter().map(|at| at - before).collect()))
            }
            Fate::Cancelled(_) => Ok(Committed::Raced),
        }
    }

    fn changed(&self, state: &State, now: Timestamp) -> TransactWriteItem {
        let (condition, version) = unchanged(state);
        let changed = Put::builder().table_name(&self.table).set_item(Some(state.item(now)));
        put(changed.condition_expression(condition).set_expression_attribute_values(version).build().ok())
    }

    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Fate, OutboxError> {
        let error = match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => return Ok(Fate::Made),
            Err(error) => error,
        };
        match error.as_service_error() {
            // Also for two transactions at once: the loser reads again.
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons().iter().enumerate();
                let failed = reasons.filter(|(_, reason)| reason.code() == Some(CHECK_FAILED)).map(|(at, _)| at);
                Ok(Fate::Cancelled(failed.collect()))
            }
            _ => Err(OutboxError::of("remembering", error)),
        }
    }

    /// The keys of the states of that kind that are due, the longest waiting first.
    pub(crate) async fn due(&self, kind: &str, now: Timestamp) -> Result<Vec<String>, OutboxError> {
        let request = self.client.query().table_name(&self.table).index_name(PENDING);
        let request = request
            .key_condition_expression("pending = :kind AND due <= :now")
            .expression_attribute_values(":kind", AttributeValue::S(kind.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(time::stamp(Some(now))));
        let (mut pages, mut keys) = (request.into_paginator().items().send(), Vec::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| OutboxError::of("looking for what is due", error))?;
            keys.extend(item.get("pk").and_then(|pk| pk.as_s().ok()).cloned());
        }
        Ok(keys)
    }

    /// The notes of those failures, as far as there are any.
    pub(crate) async fn notes(&self, ids: &[String]) -> Result<Vec<Known>, OutboxError> {
        let keys: Vec<_> =
            ids.iter().map(|id| HashMap::from([("pk".to_owned(), AttributeValue::S(id.clone()))])).collect();
        let found = batch_find(&self.client, &self.table, &keys).await;
        let found = found.map_err(|error| OutboxError::of("looking for what was told", error))?;
        let text = |item: &HashMap<String, AttributeValue>, name| item.get(name)?.as_s().ok().cloned();
        Ok(found
            .iter()
            .filter_map(|item| {
                Some(Known {
                    id: text(item, "pk")?,
                    message: text(item, "message")?,
                    incident: text(item, "incident")?,
                })
            })
            .collect())
    }
}

/// What became of a transaction: whether it is made, and else which of its items failed their conditions.
enum Fate {
    Made,
    Cancelled(Vec<usize>),
}

/// The code of an item that failed its condition, in a cancelled transaction.
const CHECK_FAILED: &str = "ConditionalCheckFailed";

fn put(put: Option<Put>) -> TransactWriteItem {
    TransactWriteItem::builder().set_put(put).build()
}

/// What became of a change of several items.
#[derive(Debug)]
pub(crate) enum Committed {
    /// It is made. The caller sends the alert that was recorded with it.
    Made(Option<Box<Pending>>),
    /// Nothing is changed: those notes are there already, or no longer as they were.
    Known(Vec<usize>),
    /// Nothing is changed: another writer was faster. Read it again.
    Raced,
}

/// Which message tells of a failure: the one record of that.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// The failure's id.
    pub(crate) id: String,
    /// The message.
    pub(crate) message: String,
    /// The key of the incident that the failure is part of.
    pub(crate) incident: String,
    /// What failed.
    pub(crate) class: FailureClass,
    /// Over what it is written.
    pub(crate) over: Over,
}

/// Over what a note is written.
#[derive(Debug, Clone)]
pub(crate) enum Over {
    /// Over nothing, or what was withdrawn: a failure is told once.
    Nothing,
    /// Over the one that names this message, which will not tell of it after all.
    Message(String),
}

/// A note as the table has it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) message: String,
    pub(crate) incident: String,
}

impl Note {
    fn write(&self, table: &str, now: Timestamp) -> TransactWriteItem {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut item = HashMap::from([
            ("pk".to_owned(), text(&self.id)),
            ("message".to_owned(), text(&self.message)),
            ("incident".to_owned(), text(&self.incident)),
            ("class".to_owned(), text(self.class.as_str())),
            ("decided_at".to_owned(), text(&time::stamp(Some(now)))),
            (EXPIRES.to_owned(), expires(now)),
        ]);
        item.extend(place_of_note(&self.id, &self.message, now).into_iter().flatten());
        let note = Put::builder().table_name(table).set_item(Some(item));
        let over = match &self.over {
            Over::Nothing => note.condition_expression("attribute_not_exists(pk) OR message = :message"),
            Over::Message(_) => note.condition_expression("message = :message"),
        };
        let message = match &self.over {
            Over::Nothing => WITHDRAWN,
            Over::Message(message) => message,
        };
        put(over.expression_attribute_values(":message", text(message)).build().ok())
    }
}

/// A little longer before each further attempt.
pub(crate) async fn pause(attempt: u64) {
    if attempt > 0 {
        tokio::time::sleep(Duration::from_millis(10 * attempt)).await;
    }
}

/// The condition that a state is as it was read.
fn unchanged(state: &State) -> (&'static str, Option<HashMap<String, AttributeValue>>) {
    match state.version {
        0 => ("attribute_not_exists(pk)", None),
        version => (
            "version = :version",
            Some(HashMap::from([(":version".to_owned(), AttributeValue::N(version.to_string()))])),
        ),
    }
}
