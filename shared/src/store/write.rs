//! Writing: one conditional put an event. The item is the record that it was received: on refusal the store gives back
//! what is there, and a repeat is told from a conflict without a second read.

use std::time::Duration;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put as PutRequest, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

use futures_util::future::try_join_all;

use crate::access::Content;
use crate::event::Event;
use crate::key::EventId;
use crate::settings::Retention;
use crate::store::item::{self, Item};
use crate::store::pointer;
use crate::store::quarantine::{self, Quarantined};
use crate::store::{Store, StoreError};

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

/// Nothing is ever written over.
const IF_NEW: &str = "attribute_not_exists(pk)";
/// What one transaction takes.
const TRANSACTION: usize = 100;
/// How many pointers beyond a transaction are written at the same time.
const AT_ONCE: usize = 50;
/// How often a write is tried that meets another of the same item in the same instant.
const COLLISIONS: u32 = 3;

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
        // Only the digest is looked at: an item that another version wrote must not keep its repeat from being known.
        let stored = item::digest(&there);
        let Some(digest) = event.content.as_ref().filter(|digest| stored != Some(digest.as_str())) else {
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
    ///
    /// # Errors
    /// [`StoreError`]
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
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn release(&self, id: &EventId) -> Result<(), StoreError> {
        let request = self.client.delete_item().table_name(&self.table).set_key(Some(item::keys(id)));
        let released = request.send().await;
        released.map(|_| ()).map_err(|error| StoreError::of("taking a delivery out of the quarantine", &error))
    }

    /// The event and the first of its pointers are written together, so that no one finds the one without the other.
    /// More pointers than a transaction takes follow; a repeat writes those that are still missing.
    async fn put_new(&self, event: &Event, content: &Content, retention: Retention) -> Result<Written, StoreError> {
        let item = item::of_event(event, content, self.shards, retention);
        let mut pointers = pointer::pointers(event, self.shards, retention);
        let rest = pointers.split_off(pointers.len().min(TRANSACTION - 1));
        let written =
            if pointers.is_empty() { self.put_one(item).await? } else { self.put_together(item, pointers).await? };
        for together in rest.chunks(AT_ONCE) {
            try_join_all(together.iter().cloned().map(|pointer| self.put_one(pointer))).await?;
        }
        for row in pointer::joins(event, retention) {
            self.put_one(row).await?;
        }
        Ok(written)
    }

    async fn put_one(&self, item: Item) -> Result<Written, StoreError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = request
            .condition_expression(IF_NEW)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(Written::New),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Written::There(refused.item.clone().unwrap_or_default()))
                }
                _ => Err(StoreError::of("storing a delivery", &error)),
            },
        }
    }

    async fn put_together(&self, item: Item, pointers: Vec<Item>) -> Result<Written, StoreError> {
        let doing = "storing a delivery with its pointers";
        let build = |item| {
            let put = PutRequest::builder().table_name(&self.table).set_item(Some(item)).condition_expression(IF_NEW);
            put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld).build()
        };
        let puts: Result<Vec<_>, _> = std::iter::once(item).chain(pointers).map(build).collect();
        let puts = puts.map_err(|error| StoreError::Refused { doing, cause: error.to_string() })?;
        let puts: Vec<_> = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        let mut collisions = 0;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(puts.clone()));
            let Err(error) = request.send().await else {
                return Ok(Written::New);
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
            else {
                return Err(StoreError::of(doing, &error));
            };
            let reasons = cancelled.cancellation_reasons();
            let has = |code: &str| reasons.iter().find(|reason| reason.code() == Some(code));
            if let Some(there) = reasons.first().filter(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                return Ok(Written::There(there.item().cloned().unwrap_or_default()));
            }
            if let Some(refused) = has("ValidationError") {
                return Err(StoreError::Refused { doing, cause: refused.message().unwrap_or_default().to_owned() });
            }
            collisions += 1;
            if has("TransactionConflict").is_none() || collisions == COLLISIONS {
                let code = reasons.iter().filter_map(|reason| reason.code()).find(|code| *code != "None");
                return Err(StoreError::Unavailable { doing, cause: code.unwrap_or("cancelled").to_owned() });
            }
            tokio::time::sleep(Duration::from_millis(20) * collisions).await;
        }
    }
}
