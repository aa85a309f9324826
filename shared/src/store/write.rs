//! Writing: one conditional put an event. The item is the record that it was received. On refusal DynamoDB returns the
//! old item, which tells a repeat from a conflict without a second read.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, ReturnValuesOnConditionCheckFailure, WriteRequest};
use jiff::Timestamp;

use crate::access::Content;
use crate::aws::batch_write;
use crate::event::Event;
use crate::key::EventId;
use crate::store::item::{self, Item};
use crate::store::quarantine::{self, Quarantined};
use crate::store::{Retention, Store, StoreError};

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is stored now.
    Stored(EventId),
    /// It was stored before.
    Duplicate(EventId),
    /// It is stored beside another of the same identity with other content.
    Conflict {
        /// Its own id.
        id: EventId,
        /// The other's.
        other: EventId,
    },
}

/// Nothing is ever written over,
const IF_NEW: &str = "attribute_not_exists(pk)";
/// but for what has expired, which nobody can read and DynamoDB deletes at its leisure.
const IF_NEW_OR_EXPIRED: &str = "attribute_not_exists(pk) OR expires <= :now";

enum Written {
    New,
    There(Item),
}

impl Store {
    /// Stores an event with the body that it was read from. The rows by which it is found beyond that are written from the
    /// table's stream, by [`Store::put_rows`].
    ///
    /// # Errors
    /// [`StoreError::Refused`] for what the table never takes, else [`StoreError::Unavailable`].
    pub async fn put_event(&self, event: &Event, content: &Content, retention: Retention) -> Result<Put, StoreError> {
        let there = match self.put_new(event, content, retention).await? {
            Written::New => return Ok(Put::Stored(event.id.clone())),
            Written::There(item) => item,
        };
        let Some(digest) = event.content.as_ref().filter(|_| !is_repeat(&there, event)) else {
            return Ok(Put::Duplicate(event.id.clone()));
        };
        let other = event.id.clone();
        let mut second = Event { id: other.conflicting(digest), ..event.clone() };
        second.warnings.push(format!("conflict: {other} has the same identity and other content"));
        match self.put_new(&second, content, retention).await? {
            Written::New => Ok(Put::Conflict { id: second.id, other }),
            Written::There(_) => Ok(Put::Duplicate(second.id)),
        }
    }

    /// Stores a delivery that could not be read.
    pub async fn put_quarantined(
        &self,
        quarantined: &Quarantined,
        content: &Content,
        retention: Retention,
    ) -> Result<(), StoreError> {
        let item = quarantine::to_item(quarantined, content, self.shards, retention);
        self.put_one(item).await.map(|_| ())
    }

    /// Takes a delivery out of the quarantine, once it is stored as an event.
    pub async fn release(&self, id: &EventId) -> Result<(), StoreError> {
        let request = self.client.delete_item().table_name(&self.table).set_key(Some(item::keys(id)));
        let released = request.send().await;
        released.map(|_| ()).map_err(|error| StoreError::of("taking a delivery out of the quarantine", error))
    }

    async fn put_new(&self, event: &Event, content: &Content, retention: Retention) -> Result<Written, StoreError> {
        self.put_one(item::of_event(event, content, self.shards, retention)).await
    }

    /// Writes rows over what is there; of several with one key, the last.
    ///
    /// # Errors
    /// [`StoreError`]; some of the rows may be written nevertheless.
    pub async fn put_rows(&self, rows: impl IntoIterator<Item = Item>) -> Result<(), StoreError> {
        let doing = "writing rows";
        let key = |row: &Item| ["pk", "sk"].map(|name| item::string(row, name).map(str::to_owned));
        let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (key(&row), row)).collect();
        let put = |row| {
            Some(WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(row)).build().ok()?).build())
        };
        let writes: Vec<_> = rows.into_values().filter_map(put).collect();
        match batch_write(&self.client, &self.table, &writes).await.map_err(|error| StoreError::of(doing, error))? {
            0 => Ok(()),
            left => Err(StoreError::Undone { doing, left }),
        }
    }

    async fn put_one(&self, item: Item) -> Result<Written, StoreError> {
        let expires = item.contains_key(item::EXPIRES);
        let mut request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        request = request
            .condition_expression(if expires { IF_NEW_OR_EXPIRED } else { IF_NEW })
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if expires {
            let now = AttributeValue::N(Timestamp::now().as_second().to_string());
            request = request.expression_attribute_values(":now", now);
        }
        match request.send().await {
            Ok(_) => Ok(Written::New),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Written::There(refused.item.clone().unwrap_or_default()))
                }
                _ => Err(StoreError::of("storing a delivery", error)),
            },
        }
    }
}

/// Whether the item and the event are of the same delivery. Compares only the digest, so that a repeat is recognized even
/// if another version wrote the item. An item without a digest counts as the same.
fn is_repeat(there: &Item, event: &Event) -> bool {
    event.content.as_deref().zip(item::digest(there)).is_none_or(|(event, there)| event == there)
}
