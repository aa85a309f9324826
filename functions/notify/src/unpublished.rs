//! The ids of events that the events topic did not take, in the alerts table until it has taken them. An event that is
//! published at once leaves nothing here.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use jiff::{SignedDuration, Timestamp};
use shared::aws::{Aws, batch_write};
use shared::key::EventId;
use shared::outbox::{EXPIRES, OutboxError, PENDING};
use shared::time;

/// Stands before the event's id in the item's key.
const EVENT: &str = "event#";
/// The value of `pending` that the items are listed under.
const WAITING: &str = "event";
/// An event that could not be published for this long is dropped.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

type Item = HashMap<String, AttributeValue>;

/// Some of the events that wait.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Their ids, the longest waiting first.
    pub(crate) ids: Vec<EventId>,
    /// Where the next page begins; none if this is the last.
    pub(crate) next: Option<StartKey>,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub(crate) struct StartKey(Item);

/// The alerts table, as far as it holds events that were not published.
#[derive(Debug, Clone)]
pub(crate) struct Unpublished {
    client: Client,
    table: String,
}

impl Unpublished {
    /// The table of that name.
    #[must_use]
    pub(crate) fn new(aws: &Aws, table: String) -> Self {
        Self { client: aws.dynamodb(), table }
    }

    /// Keeps events, to be published by the schedule.
    ///
    /// # Errors
    /// [`OutboxError`]; some may be kept nevertheless.
    pub(crate) async fn keep(&self, ids: &[EventId], now: Timestamp) -> Result<(), OutboxError> {
        let put = |id: &EventId| {
            let put = PutRequest::builder().set_item(Some(kept(id, now))).build().ok()?;
            Some(WriteRequest::builder().put_request(put).build())
        };
        self.write("keeping unpublished events", ids, put).await
    }

    /// Forgets events that were published.
    ///
    /// # Errors
    /// [`OutboxError`]; those not forgotten are published again.
    pub(crate) async fn forget(&self, ids: &[EventId]) -> Result<(), OutboxError> {
        let delete = |id: &EventId| {
            let delete = DeleteRequest::builder().set_key(Some(key(id))).build().ok()?;
            Some(WriteRequest::builder().delete_request(delete).build())
        };
        self.write("forgetting published events", ids, delete).await
    }

    /// Makes a kept event due later, so that it does not stand before all others. One that is gone stays gone.
    pub(crate) async fn postpone(&self, id: &EventId, due: Timestamp) -> Result<(), OutboxError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(id)))
            .update_expression("SET due = :due")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":due", AttributeValue::S(time::stamp(Some(due))));
        match request.send().await {
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            answer => answer.map(|_| ()).map_err(|error| OutboxError::of("postponing an unpublished event", error)),
        }
    }

    /// A page of the events that are due.
    pub(crate) async fn waiting(
        &self,
        now: Timestamp,
        from: Option<StartKey>,
        limit: i32,
    ) -> Result<Waiting, OutboxError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING)
            .key_condition_expression("pending = :waiting AND due <= :now")
            .expression_attribute_values(":waiting", AttributeValue::S(WAITING.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(time::stamp(Some(now))))
            .set_exclusive_start_key(from.map(|StartKey(key)| key))
            .limit(limit);
        let found = request.send().await.map_err(|error| OutboxError::of("looking for unpublished events", error))?;
        let ids = found.items().iter().filter_map(id).collect();
        Ok(Waiting { ids, next: found.last_evaluated_key.map(StartKey) })
    }

    /// Makes one write for each event, every event once: DynamoDB refuses a call that names a key twice.
    async fn write(
        &self,
        doing: &'static str,
        ids: &[EventId],
        write: impl Fn(&EventId) -> Option<WriteRequest>,
    ) -> Result<(), OutboxError> {
        let ids: BTreeSet<_> = ids.iter().collect();
        let writes: Vec<_> = ids.into_iter().filter_map(write).collect();
        let undone = batch_write(&self.client, &self.table, &writes).await;
        match undone.map_err(|error| OutboxError::of(doing, error))? {
            0 => Ok(()),
            left => Err(OutboxError::Undone { doing, left }),
        }
    }
}

fn key(id: &EventId) -> Item {
    HashMap::from([("pk".to_owned(), AttributeValue::S(format!("{EVENT}{id}")))])
}

fn kept(id: &EventId, now: Timestamp) -> Item {
    let expires = now.as_second() + KEPT.as_secs();
    let mut item = key(id);
    item.extend([
        (PENDING.to_owned(), AttributeValue::S(WAITING.to_owned())),
        ("due".to_owned(), AttributeValue::S(time::stamp(Some(now)))),
        (EXPIRES.to_owned(), AttributeValue::N(expires.to_string())),
    ]);
    item
}

/// The event of an item; None if this code did not write it.
fn id(item: &Item) -> Option<EventId> {
    item.get("pk")?.as_s().ok()?.strip_prefix(EVENT)?.parse().ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn an_item_leads_to_its_event() {
        let event: EventId = "onsip.call.x~20260111T211058735641Z~aaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let item = kept(&event, Timestamp::UNIX_EPOCH);
        assert_eq!(id(&item), Some(event));
        assert_eq!(item.get(EXPIRES).unwrap().as_n().unwrap(), "1209600");
    }
}
