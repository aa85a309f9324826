//! What `notify` remembers in the alerts table: windows, balances, when a provider last delivered, the SMS of the last
//! hour. Each is one item that is read, changed and written whole, on condition that nobody wrote it meanwhile; an alert
//! that follows from the change is recorded in the same transaction, so that neither is ever there without the other.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, PutRequest, TransactWriteItem, WriteRequest};
use jiff::Timestamp;
use shared::aws::{Aws, batch_find, batch_write};
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
}

/// What became of a change.
#[derive(Debug)]
pub(crate) enum Change {
    /// It is made. The caller sends the alert that was recorded with it.
    Made(Option<Pending>),
    /// Another writer was faster: read it again.
    Raced,
}

impl Change {
    /// The alert to send, if the change is made and has one.
    pub(crate) fn made(self) -> Option<Pending> {
        match self {
            Self::Made(pending) => pending,
            Self::Raced => None,
        }
    }
}

/// All that is remembered.
#[derive(Debug, Clone)]
pub(crate) struct States {
    client: Client,
    table: String,
    outbox: Outbox,
}

impl States {
    pub(crate) fn new(aws: &Aws, table: String, outbox: Outbox) -> Self {
        Self { client: aws.dynamodb(), table, outbox }
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
            let Decision::Changed(alert) = decide(&mut state) else { return Ok(None) };
            if let Change::Made(pending) = self.write(&state, alert.as_ref(), now).await? {
                return Ok(pending);
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
        let (condition, version) = unchanged(state);
        let put = Put::builder().table_name(&self.table).set_item(Some(state.item(now)));
        let put = put.condition_expression(condition).set_expression_attribute_values(version).build().ok();
        let items = [put, Some(recorded)].map(|put| TransactWriteItem::builder().set_put(put).build());
        match self.client.transact_write_items().set_transact_items(Some(items.into())).send().await {
            Ok(_) => Ok(Change::Made(Some(pending))),
            // Also for two transactions at once: the loser reads again.
            Err(error)
                if error.as_service_error().is_some_and(TransactWriteItemsError::is_transaction_canceled_exception) =>
            {
                Ok(Change::Raced)
            }
            Err(error) => Err(OutboxError::of("recording an alert", error)),
        }
    }

    /// The keys of the states of that kind that are due, the longest waiting first.
    pub(crate) async fn due(&self, kind: &str, now: Timestamp, limit: i32) -> Result<Vec<String>, OutboxError> {
        let request = self.client.query().table_name(&self.table).index_name(PENDING).limit(limit);
        let request = request
            .key_condition_expression("pending = :kind AND due <= :now")
            .expression_attribute_values(":kind", AttributeValue::S(kind.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(time::stamp(Some(now))));
        let found = request.send().await.map_err(|error| OutboxError::of("looking for what is due", error))?;
        Ok(found.items().iter().filter_map(|item| item.get("pk")?.as_s().ok().cloned()).collect())
    }

    /// Which of those failures were handled before. An unread one counts as new: at worst a failure is alerted twice.
    pub(crate) async fn known(&self, ids: &[String]) -> Result<Vec<String>, OutboxError> {
        let keys: Vec<_> =
            ids.iter().map(|id| HashMap::from([("pk".to_owned(), AttributeValue::S(seen_to(id)))])).collect();
        let found = batch_find(&self.client, &self.table, &keys).await;
        let found = found.map_err(|error| OutboxError::of("looking for known failures", error))?;
        Ok(found
            .iter()
            .filter_map(|item| item.get("pk")?.as_s().ok()?.strip_prefix(SEEN_TO).map(str::to_owned))
            .collect())
    }

    /// Remembers that those failures were handled: alerted, or left to a window. One that stays unwritten is found in its
    /// window if its event comes again.
    pub(crate) async fn remember(&self, ids: &[String], now: Timestamp) -> Result<(), OutboxError> {
        let writes: Vec<_> = ids.iter().filter_map(|id| remembered(id, now)).collect();
        let undone = batch_write(&self.client, &self.table, &writes).await;
        undone.map(|_| ()).map_err(|error| OutboxError::of("remembering failures", error))
    }
}

fn remembered(id: &str, now: Timestamp) -> Option<WriteRequest> {
    let item = HashMap::from([("pk".to_owned(), AttributeValue::S(seen_to(id))), (EXPIRES.to_owned(), expires(now))]);
    let put = PutRequest::builder().set_item(Some(item)).build().ok()?;
    Some(WriteRequest::builder().put_request(put).build())
}

const SEEN_TO: &str = "failure#";

fn seen_to(id: &str) -> String {
    format!("{SEEN_TO}{id}")
}

/// A little longer before each further attempt.
async fn pause(attempt: u64) {
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
