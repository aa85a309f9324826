//! What people were told: the messages, each with what became of it, and the calls that it tells of.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;

use crate::aws::{Aws, batch_find};
use crate::failure::FailureClass;
use crate::key::{Partition, Subject};
use crate::name::names;
use crate::outbox::listed::{DAY, GENERATION, LISTED, failure_id, failures_of, within};
use crate::outbox::{self, Alert, HELD_BACK, OutboxError, Transport};
use crate::store::item::{Item, is_expired, string};
use crate::store::list::{List, Order, Place, Stretch};
use crate::store::{Cursor, IndexKey, Page, PageRequest, Shards, Store, StoreError};
use crate::time;

/// As many of the incidents are looked into that a message about many tells of.
const WITHIN: i32 = 100;
/// As many parts of a call are looked for among what was told.
const PARTS: usize = 20;

/// A message that was recorded.
#[derive(Debug, Clone)]
pub struct Message {
    /// What it says; in lists without its text.
    pub alert: Alert,
    /// When it was recorded, which is when it was decided.
    pub recorded_at: Timestamp,
    /// What became of it by each of its ways.
    pub deliveries: Vec<Delivery>,
    /// Whether the incident is over that it is part of; None where it is part of none.
    pub over: Option<bool>,
}

/// What became of a message by one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The way.
    pub transport: Transport,
    /// What became of it.
    pub state: DeliveryState,
    /// When the transport took it.
    pub at: Option<Timestamp>,
}

/// What became of a message by one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// The transport has not taken it yet.
    Pending,
    /// The transport took it.
    Sent,
    /// Not sent: the limit on SMS was reached.
    HeldBack,
}

names!(DeliveryState, "state of a delivery": Pending = "pending", Sent = "sent", HeldBack = "held_back");

/// What failed that a message tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// What it is.
    pub subject: Subject,
    /// Its id.
    pub id: String,
    /// How it failed.
    pub class: FailureClass,
    /// When it was decided that it had failed.
    pub decided_at: Timestamp,
}

/// What the alerts table tells of what was told.
#[derive(Debug, Clone)]
pub struct Told {
    client: Client,
    table: String,
    lists: Store,
}

struct Messages;

impl List for Messages {
    type Element = Message;

    fn place(&self) -> Place {
        Place::Days(LISTED, vec![(DAY.to_owned(), String::new())])
    }

    async fn element(&self, _: &Store, row: &Item, _: Timestamp) -> Result<Option<(String, Message)>, StoreError> {
        Ok(Message::read(row).map(|message| (message.alert.id.clone(), message)))
    }
}

/// What failed that these messages tell of.
struct Failures(Vec<String>);

impl List for Failures {
    type Element = Failed;

    fn place(&self) -> Place {
        Place::Keys(self.0.iter().map(|message| listed(failures_of(message))).collect())
    }

    async fn element(&self, _: &Store, row: &Item, _: Timestamp) -> Result<Option<(String, Failed)>, StoreError> {
        Ok(Failed::read(row).map(|failed| (failed.id.clone(), failed)))
    }
}

fn listed(key: String) -> IndexKey {
    IndexKey { index: LISTED, key }
}

impl Told {
    /// What the alerts table of that name tells.
    #[must_use]
    pub fn new(aws: &Aws, table: String) -> Self {
        Self { client: aws.dynamodb(), lists: Store::new(aws, table.clone(), Shards::ONE), table }
    }

    /// A page of messages.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_messages(&self, asked: &PageRequest, now: Timestamp) -> Result<Page<Message>, ToldError> {
        let mut page = self.lists.page(&Messages, asked, now).await?;
        self.look_over(&mut page.items, now).await?;
        Ok(page)
    }

    /// A message; None where there is none of that id, or it is forgotten.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn message(&self, id: &str, now: Timestamp) -> Result<Option<Message>, ToldError> {
        let item = self.item(id, now).await?;
        let mut found: Vec<_> = item.as_ref().and_then(Message::read).into_iter().collect();
        self.look_over(&mut found, now).await?;
        Ok(found.pop())
    }

    /// A page of what failed that a message tells of, the last first. A message about many incidents tells of theirs.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn list_failures(
        &self,
        message: &str,
        (after, limit): (Option<Cursor>, usize),
        now: Timestamp,
    ) -> Result<Page<Failed>, ToldError> {
        let asked = self.lists.stretch(&listed(within(message)), Stretch::all()).limit(WITHIN).send().await;
        let rows = asked.map_err(|error| OutboxError::of("reading what is told together", error))?;
        let others = rows.items().iter().filter_map(|row| string(row, "pk")).map(str::to_owned);
        let messages = [message.to_owned()].into_iter().chain(others).collect();
        let asked = PageRequest { from: None, to: None, order: Order::Descending, after, limit };
        Ok(self.lists.page(&Failures(messages), &asked, now).await?)
    }

    /// The message that told of a call of these partitions; None where none did, or none yet.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn message_of(&self, call: &BTreeSet<&Partition>, now: Timestamp) -> Result<Option<Message>, ToldError> {
        // That the balance was empty is told last, and is the reason.
        let ids = [FailureClass::InsufficientBalance, FailureClass::Unknown]
            .iter()
            .flat_map(|class| call.iter().take(PARTS).map(|partition| failure_id(partition, *class)));
        let ids: Vec<_> = ids.collect();
        let keys: Vec<_> = ids.iter().map(|id| key(id)).collect();
        let found = batch_find(&self.client, &self.table, &keys).await;
        let found = found.map_err(|error| OutboxError::of("looking for what was told", error))?;
        let notes: BTreeMap<_, _> = found.iter().filter_map(|note| Some((string(note, "pk")?, note))).collect();
        for note in ids.iter().filter_map(|id| notes.get(id.as_str())).filter(|note| !is_expired(note, now)) {
            let Some(message) = string(note, "message") else { continue };
            if let Some(message) = self.message_or_its_own(message, now).await? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// A message, or the one that tells of what it would have told.
    async fn message_or_its_own(&self, id: &str, now: Timestamp) -> Result<Option<Message>, ToldError> {
        let Some(item) = self.item(id, now).await? else { return Ok(None) };
        match string(&item, "message") {
            Some(other) => self.message(other, now).await,
            None => {
                let mut found: Vec<_> = Message::read(&item).into_iter().collect();
                self.look_over(&mut found, now).await?;
                Ok(found.pop())
            }
        }
    }

    async fn item(&self, id: &str, now: Timestamp) -> Result<Option<Item>, OutboxError> {
        let asked = self.client.get_item().table_name(&self.table).set_key(Some(key(id))).send().await;
        let found = asked.map_err(|error| OutboxError::of("reading what was told", error))?;
        Ok(found.item.filter(|item| !is_expired(item, now)))
    }

    /// Says of each message whether its incident is over, by the item of the incident.
    async fn look_over(&self, messages: &mut [Message], now: Timestamp) -> Result<(), OutboxError> {
        let part = |message: &Message| message.alert.incident.clone();
        let keys: BTreeSet<_> = messages.iter().filter_map(part).map(|part| part.key).collect();
        let read = keys.into_iter().map(async |key| {
            let generation =
                self.item(&key, now).await?.and_then(|item| string(&item, GENERATION)?.parse::<u64>().ok());
            Ok::<_, OutboxError>((key, generation))
        });
        let generations: BTreeMap<_, _> = try_join_all(read).await?.into_iter().collect();
        for message in messages {
            // Of one that nothing is known of any more nothing came for months.
            let later = |part: outbox::Part| {
                generations.get(&part.key).copied().flatten().is_none_or(|generation| generation > part.generation)
            };
            message.over = part(message).map(later);
        }
        Ok(())
    }
}

/// Why it could not be read what was told.
#[derive(Debug, thiserror::Error)]
pub enum ToldError {
    /// An item was not read.
    #[error(transparent)]
    Item(#[from] OutboxError),
    /// A list was not read.
    #[error(transparent)]
    List(#[from] StoreError),
}

fn key(id: &str) -> Item {
    Item::from([("pk".to_owned(), AttributeValue::S(id.to_owned()))])
}

fn time_of(item: &Item, name: &str) -> Option<Timestamp> {
    time::from_stamp(string(item, name)?)?
}

impl Message {
    /// Reads an item, or its row in the index; None for whatever else the table holds.
    fn read(item: &Item) -> Option<Self> {
        let alert = outbox::alert(item)?;
        let deliveries = alert.transports.iter().map(|transport| Delivery::read(*transport, item)).collect();
        Some(Self { recorded_at: time_of(item, "recorded_at")?, deliveries, alert, over: None })
    }
}

impl Delivery {
    fn read(transport: Transport, item: &Item) -> Self {
        let state = match string(item, transport.sent()) {
            None => DeliveryState::Pending,
            Some(HELD_BACK) => DeliveryState::HeldBack,
            Some(_) => DeliveryState::Sent,
        };
        Self { transport, state, at: time_of(item, transport.sent()) }
    }
}

impl Failed {
    /// Reads the row of a note.
    fn read(row: &Item) -> Option<Self> {
        let (subject, id) = string(row, "pk")?.split_once('~')?;
        let subject = subject.parse().ok()?;
        // An event's id has the sign itself; behind the others may stand the class.
        let id = if subject == Subject::Event { id } else { id.split('~').next()? };
        let (class, decided_at) = (string(row, "class")?.parse().ok()?, time_of(row, "decided_at")?);
        Some(Self { subject, id: id.to_owned(), class, decided_at })
    }
}
