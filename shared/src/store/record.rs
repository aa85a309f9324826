//! Records in the table: the one of a call or message has a partition of its own, so that the partition of its events
//! holds events only. Its rows stand in the indexes of events under keys of their own: no list of events reads past them.
//!
//! `call` is the record at its place in lists, where it began; `ended` the same where it ended, once it has; `entity~…` a row
//! for each further entity that it is found by. A row is written over by the next version of the record.

mod item;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::item::{EXPIRES, Item, ItemError, PROJECTED, SEEN, SUMMARY, is_expired, string};
use super::read::projection;
use crate::aws::batch_insert;
use crate::call::NO_END;
use crate::event::Event;
use crate::key::{Partition, Subject};
use crate::record::Record;
use crate::store::{Seen, Store, StoreError};
use crate::time;

pub use self::item::{Rows, joined, of_item, pointed, rows};
pub(super) use self::item::{begun_key, ended_key, leads_to};

/// Stands before the partition of the call or message.
const RECORD: &str = "record.";
/// The sort keys of its rows. Those of the record itself come before all others, so that one query reads both and no more.
const CALL: &str = "call";
const ENDED: &str = "ended";
const ENTITY: &str = "entity~";
/// The attribute that says which version a row is of.
const VERSION: &str = "version";

/// Whether the partition key is that of a record.
pub(super) fn is_key(partition: &str) -> bool {
    partition.starts_with(RECORD)
}

/// Where the events of a call or message stand in the order of receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The partition of the first one: calls that are joined have one record, and it is that one's.
    pub home: Partition,
    /// The position of the first one.
    pub first: Seen,
    /// The position of the last one: where the record is over.
    pub last: Seen,
    /// When the last one was received.
    received_at: Timestamp,
    /// When the last one expires, in seconds since 1970; None where one never does.
    expires: Option<i64>,
}

impl Span {
    /// The span of those events, in whatever order, the last of which expires then; None without any.
    #[must_use]
    pub fn of(events: &[Event], expires: Option<i64>) -> Option<Self> {
        let first = events.iter().min_by_key(|event| Seen::of(event))?;
        let last = events.iter().max_by_key(|event| Seen::of(event))?;
        Some(Self {
            home: first.id.partition().clone(),
            first: Seen::of(first),
            last: Seen::of(last),
            received_at: last.received_at,
            expires,
        })
    }

    /// The same for a call of which nobody told the end: it stands where it is given up.
    #[must_use]
    pub fn without_end(self) -> Self {
        let given_up = self.received_at.checked_add(NO_END).unwrap_or(self.received_at);
        Self { last: Seen::new(given_up, &self.home.to_string()), ..self }
    }

    /// The same, at the places where the table has the record already: a record never moves.
    #[must_use]
    pub fn kept(self, stored: &Stored) -> Self {
        Self {
            first: stored.begun_at.clone().unwrap_or(self.first),
            last: stored.ended_at.clone().unwrap_or(self.last),
            ..self
        }
    }

    fn expires(&self) -> Option<AttributeValue> {
        self.expires.map(number)
    }
}

/// What the table has for a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// The record.
    Record(Box<Record>),
    /// Nothing more: the call was joined to another, whose record says what both came to.
    Joined {
        /// Which version of the row that is.
        version: u32,
        /// The call that it was joined to.
        to: Partition,
    },
}

impl Row {
    /// Reads a `call` or an `ended` row.
    ///
    /// # Errors
    /// [`ItemError`] names the attribute that is not as this code writes it.
    pub fn of_item(item: &Item) -> Result<Self, ItemError> {
        match item::joined_to(item)? {
            Some(to) => Ok(Self::Joined { version: item::version(item)?, to }),
            None => Ok(Self::Record(Box::new(of_item(item)?))),
        }
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Joined { .. } => None,
        }
    }

    /// The record itself.
    #[must_use]
    pub fn into_record(self) -> Option<Record> {
        match self {
            Self::Record(record) => Some(*record),
            Self::Joined { .. } => None,
        }
    }

    /// The version, over which the next one is written.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self {
            Self::Record(record) => record.version,
            Self::Joined { version, .. } => *version,
        }
    }
}

/// Reads an `ended` row, with the call or message that it is of; None for any other item.
///
/// # Errors
/// [`ItemError`] names the attribute that is not as this code writes it.
pub fn ended(item: &Item) -> Result<Option<(Partition, Row)>, ItemError> {
    if !string(item, "pk").is_some_and(is_key) || string(item, "sk") != Some(ENDED) {
        return Ok(None);
    }
    let id = item::partition(item).ok_or(ItemError("pk"))?;
    Ok(Some((id, Row::of_item(item)?)))
}

/// The two rows of a record, as they are in the table.
#[derive(Debug, Default)]
pub struct Stored {
    /// The one where it began.
    pub call: Option<Row>,
    /// The one where it ended.
    pub ended: Option<Row>,
    /// Where the first stands in lists.
    begun_at: Option<Seen>,
    /// Where the second does.
    ended_at: Option<Seen>,
}

impl Store {
    /// What the table has for the record of a call or message.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn record_rows(&self, id: &Partition, now: Timestamp) -> Result<Stored, StoreError> {
        let doing = "reading a record";
        let names: Vec<_> = ["pk", "sk", SEEN, VERSION].iter().chain(&PROJECTED).copied().collect();
        let (projection, names) = projection(&names);
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request
            .key_condition_expression("pk = :pk AND sk BETWEEN :call AND :ended")
            .expression_attribute_values(":pk", AttributeValue::S(format!("{RECORD}{id}")))
            .expression_attribute_values(":call", AttributeValue::S(CALL.to_owned()))
            .expression_attribute_values(":ended", AttributeValue::S(ENDED.to_owned()))
            .projection_expression(projection)
            .set_expression_attribute_names(Some(names));
        let answer = request.send().await.map_err(|error| StoreError::of(doing, error))?;
        let mut stored = Stored::default();
        for item in answer.items().iter().filter(|item| !is_expired(item, now)) {
            let row = Row::of_item(item).map_err(|source| StoreError::Item { doing, source })?;
            let (place, at) = match string(item, "sk") {
                Some(CALL) => (&mut stored.call, &mut stored.begun_at),
                _ => (&mut stored.ended, &mut stored.ended_at),
            };
            (*place, *at) = (Some(row), Seen::of_item(item));
        }
        Ok(stored)
    }

    /// The calls that ended since then, the last first in each shard, and at most so many of each.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn calls_ended(&self, since: Timestamp, now: Timestamp, limit: i32) -> Result<Vec<Record>, StoreError> {
        let days = BTreeSet::from([since, now].map(time::day));
        let lists: Vec<_> = days.iter().map(|day| ended_key(Subject::Call, day)).collect();
        let keys = lists.iter().flat_map(|list| self.shards.keys(list));
        let rows = try_join_all(keys.map(|key| self.ended_under(key, since, limit))).await?;
        Ok(rows.iter().flatten().filter(|row| !is_expired(row, now)).filter_map(|row| of_item(row).ok()).collect())
    }

    async fn ended_under(&self, key: String, since: Timestamp, limit: i32) -> Result<Vec<Item>, StoreError> {
        let asked = self.client.query().table_name(&self.table).index_name("day").limit(limit);
        let asked = asked
            .scan_index_forward(false)
            .key_condition_expression("#day = :key AND seen >= :since")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":key", AttributeValue::S(key))
            .expression_attribute_values(":since", AttributeValue::S(Seen::before(since).to_string()));
        let answer = asked.send().await.map_err(|error| StoreError::of("looking for calls that ended", error))?;
        Ok(answer.items.unwrap_or_default())
    }

    /// Writes rows of records of which there are none, not even expired ones, and returns which it surely wrote: one for each, in
    /// their order. The others are for [`Store::put_record_row`], which says what is in the way.
    pub async fn insert_record_rows(&self, rows: Vec<Item>) -> Vec<bool> {
        batch_insert(&self.client, &self.table, &rows).await
    }

    /// Writes a row of a record over that version of it, or where there is none that has not expired by then. Whether it was: another writer may have been
    /// faster.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take it.
    pub async fn put_record_row(&self, row: Item, over: Option<u32>, now: Timestamp) -> Result<bool, StoreError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(row));
        let request = match over {
            None => request
                .condition_expression("attribute_not_exists(pk) OR #expires <= :now")
                .expression_attribute_names("#expires", EXPIRES)
                .expression_attribute_values(":now", number(now.as_second())),
            Some(version) => request
                .condition_expression("#version = :over")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":over", number(version)),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(StoreError::of("writing a record", error)),
        }
    }
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests;
