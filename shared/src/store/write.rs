//! Writing: one conditional put an event. The item is the record that it was received. On refusal DynamoDB returns the
//! old item, which tells a repeat from a conflict without a second read.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::access::Content;
use crate::event::Event;
use crate::key::EventId;
use crate::store::item::{self, Item};
use crate::store::quarantine::{self, Quarantined};
use crate::store::{Retention, Store, StoreError, pointer};

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
/// How many of an event's rows are written at the same time.
const AT_ONCE: usize = 50;

enum Written {
    New,
    There(Item),
}

impl Store {
    /// Stores an event with the body that it was read from, and all rows that it is found by.
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

    /// Writes the rows that lead to an event before the event, so that a stored event is found under all its entities. A
    /// crash in between leaves rows that lead nowhere until the delivery is repeated. Not in one transaction: DynamoDB
    /// takes two write units for each one in it.
    async fn put_new(&self, event: &Event, content: &Content, retention: Retention) -> Result<Written, StoreError> {
        let mut rows = pointer::pointers(event, self.shards, retention);
        rows.extend(pointer::joins(event, retention));
        let mut lying = Vec::with_capacity(rows.len());
        while !rows.is_empty() {
            let together = rows.split_off(rows.len().saturating_sub(AT_ONCE));
            lying.extend(try_join_all(together.into_iter().map(|row| self.put_row(row))).await?);
        }
        let item = item::of_event(event, content, self.shards, retention);
        let place = pointer::seen_and_expires(&item);
        let written = self.put_one(item).await?;
        let place = match &written {
            Written::New => place,
            Written::There(there) if is_repeat(there, event) => pointer::seen_and_expires(there),
            // The other event's rows stay as they are; ours must not lead to it.
            Written::There(_) => return Ok(written),
        };
        // An attempt that died, or one at the same time, may have left a row at its own place.
        let astray: Vec<_> = lying.into_iter().filter_map(|row| pointer::moved(row, &place)).collect();
        for together in astray.chunks(AT_ONCE) {
            try_join_all(together.iter().cloned().map(|row| self.put_over(row))).await?;
        }
        Ok(written)
    }

    /// Writes a row, and returns the one that is there then.
    async fn put_row(&self, row: Item) -> Result<Item, StoreError> {
        Ok(match self.put_one(row.clone()).await? {
            Written::New => row,
            Written::There(there) => there,
        })
    }

    async fn put_over(&self, row: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(row)).send().await;
        put.map(|_| ()).map_err(|error| StoreError::of("moving a row", error))
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
