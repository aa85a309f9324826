//! The origins of messages that the events topic did not take, in the alerts table until it has taken them. What is
//! published at once leaves nothing here.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use jiff::{SignedDuration, Timestamp};
use shared::aws::{Aws, batch_write};
use shared::outbox::{EXPIRES, OutboxError, PENDING};
use shared::time;

use crate::origin::Origin;

/// Stands before the origin in the item's key, whichever kind it is of: items were written so when events were all that was
/// published.
const EVENT: &str = "event#";
/// The value of `pending` that the items are listed under.
const WAITING: &str = "event";
/// What could not be published for this long is dropped.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

type Item = HashMap<String, AttributeValue>;

/// Some of what waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The longest waiting first.
    pub(crate) origins: Vec<Origin>,
    /// When the first of them was kept.
    pub(crate) oldest: Option<Timestamp>,
    /// Where the next page begins; none if this is the last.
    pub(crate) next: Option<StartKey>,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub(crate) struct StartKey(Item);

/// The alerts table, as far as it holds what was not published.
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

    /// Keeps origins, to be published by the schedule.
    ///
    /// # Errors
    /// [`OutboxError`]; some may be kept nevertheless.
    pub(crate) async fn keep(&self, origins: &[Origin], now: Timestamp) -> Result<(), OutboxError> {
        let put = |origin: &Origin| {
            let put = PutRequest::builder().set_item(Some(kept(origin, now))).build().ok()?;
            Some(WriteRequest::builder().put_request(put).build())
        };
        self.write("keeping what is unpublished", origins, put).await
    }

    /// Forgets what was published.
    ///
    /// # Errors
    /// [`OutboxError`]; those not forgotten are published again.
    pub(crate) async fn forget(&self, origins: &[Origin]) -> Result<(), OutboxError> {
        let delete = |origin: &Origin| {
            let delete = DeleteRequest::builder().set_key(Some(key(origin))).build().ok()?;
            Some(WriteRequest::builder().delete_request(delete).build())
        };
        self.write("forgetting what is published", origins, delete).await
    }

    /// Makes what is kept due later, so that it does not stand before all others. What is gone stays gone.
    pub(crate) async fn postpone(&self, origin: &Origin, due: Timestamp) -> Result<(), OutboxError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(origin)))
            .update_expression("SET due = :due")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":due", AttributeValue::S(time::stamp(Some(due))));
        match request.send().await {
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            answer => answer.map(|_| ()).map_err(|error| OutboxError::of("postponing what is unpublished", error)),
        }
    }

    /// A page of what is due.
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
        let found = request.send().await.map_err(|error| OutboxError::of("looking for what is unpublished", error))?;
        let origins = found.items().iter().filter_map(origin).collect();
        let oldest = found.items().iter().filter_map(kept_at).min();
        Ok(Waiting { origins, oldest, next: found.last_evaluated_key.map(StartKey) })
    }

    /// Makes one write for each origin, every one once: DynamoDB refuses a call that names a key twice.
    async fn write(
        &self,
        doing: &'static str,
        origins: &[Origin],
        write: impl Fn(&Origin) -> Option<WriteRequest>,
    ) -> Result<(), OutboxError> {
        let origins: BTreeSet<_> = origins.iter().collect();
        let writes: Vec<_> = origins.into_iter().filter_map(write).collect();
        let undone = batch_write(&self.client, &self.table, &writes).await;
        match undone.map_err(|error| OutboxError::of(doing, error))? {
            0 => Ok(()),
            left => Err(OutboxError::Undone { doing, left }),
        }
    }
}

fn key(origin: &Origin) -> Item {
    HashMap::from([("pk".to_owned(), AttributeValue::S(format!("{EVENT}{origin}")))])
}

fn kept(origin: &Origin, now: Timestamp) -> Item {
    let expires = now.as_second() + KEPT.as_secs();
    let mut item = key(origin);
    item.extend([
        (PENDING.to_owned(), AttributeValue::S(WAITING.to_owned())),
        ("due".to_owned(), AttributeValue::S(time::stamp(Some(now)))),
        (EXPIRES.to_owned(), AttributeValue::N(expires.to_string())),
    ]);
    item
}

/// When it was kept.
fn kept_at(item: &Item) -> Option<Timestamp> {
    let expires: i64 = item.get(EXPIRES)?.as_n().ok()?.parse().ok()?;
    Timestamp::from_second(expires - KEPT.as_secs()).ok()
}

/// The origin that an item keeps; None if this code did not write it.
fn origin(item: &Item) -> Option<Origin> {
    item.get("pk")?.as_s().ok()?.strip_prefix(EVENT)?.parse().ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn an_item_leads_to_its_event_or_record() {
        for (text, key) in [
            (
                "onsip.call.x~20260111T211058735641Z~aaaaaaaaaaaaaaaaaaaaaa",
                "event#onsip.call.x~20260111T211058735641Z~aaaaaaaaaaaaaaaaaaaaaa",
            ),
            ("record.opentact.message.x~2", "event#record.opentact.message.x~2"),
        ] {
            let kept_origin: Origin = text.parse().unwrap();
            let item = kept(&kept_origin, Timestamp::UNIX_EPOCH);
            assert_eq!(item.get("pk").unwrap().as_s().unwrap(), key);
            assert_eq!(origin(&item), Some(kept_origin));
            assert_eq!(kept_at(&item), Some(Timestamp::UNIX_EPOCH));
            assert_eq!(item.get(EXPIRES).unwrap().as_n().unwrap(), "1209600");
        }
    }
}
