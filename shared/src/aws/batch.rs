//! DynamoDB's batches: within its limits. What a call of a write or of a read leaves undone is retried, each time a little later.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementErrorCodeEnum, BatchStatementRequest, KeysAndAttributes, WriteRequest,
};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::ServiceError;
use crate::log::chain;

/// DynamoDB's limits on the items of a call.
const WRITES: usize = 25;
const READS: usize = 100;
/// How many calls are under way at the same time.
const AT_ONCE: usize = 4;
/// The most calls for one batch, the retries of what was left undone among them.
const ROUNDS: u32 = 6;
/// The wait before the second call; it doubles.
const WAIT: Duration = Duration::from_millis(25);

type Item = HashMap<String, AttributeValue>;

/// Makes the writes, and returns how many were left undone. No two of them may have the same key.
///
/// # Errors
/// [`ServiceError`] of the first call that failed; of the others, some are made.
pub async fn batch_write(client: &Client, table: &str, writes: &[WriteRequest]) -> Result<usize, ServiceError> {
    let calls = writes.chunks(WRITES).map(|call| async move {
        let mut left = call.to_vec();
        for round in 0..ROUNDS {
            if left.is_empty() {
                break;
            }
            pause(round).await;
            let answer = client.batch_write_item().request_items(table, left).send().await?;
            left = answer.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
        }
        Ok(left.len())
    });
    let calls = stream::iter(calls.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    calls.try_fold(0, |undone, left| async move { Ok(undone + left) }).await
}

/// Inserts items of whose keys the table has none, and returns which it surely did: one for each, in their order. A batch of
/// PartiQL takes what no batch of puts does, a condition on each item. What it leaves out, for whatever reason, is for a write of
/// its own, which has an error of its own.
pub async fn batch_insert(client: &Client, table: &str, items: &[Item]) -> Vec<bool> {
    let mut inserted = Vec::with_capacity(items.len());
    for call in items.chunks(WRITES) {
        let statements = call.iter().map(|item| insert(table, item)).collect();
        let answer = match client.batch_execute_statement().set_statements(statements).send().await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(error = chain(&ServiceError::from(error)), "items could not be inserted together");
                break;
            }
        };
        let codes = answer.responses().iter().filter_map(|response| response.error.as_ref()?.code.as_ref());
        if let Some(code) = codes.into_iter().find(|code| **code != BatchStatementErrorCodeEnum::DuplicateItem) {
            tracing::warn!(code = code.as_str(), "an item could not be inserted among others");
        }
        let before = inserted.len();
        inserted.extend(answer.responses().iter().map(|response| response.error.is_none()));
        inserted.resize(before + call.len(), false);
    }
    inserted.resize(items.len(), false);
    inserted
}

fn insert(table: &str, item: &Item) -> Option<BatchStatementRequest> {
    let (names, values): (Vec<_>, _) = item.iter().map(|(name, value)| (format!("'{name}': ?"), value.clone())).unzip();
    let statement = format!("INSERT INTO \"{table}\" VALUE {{{}}}", names.join(", "));
    BatchStatementRequest::builder().statement(statement).set_parameters(Some(values)).build().ok()
}

/// Reads items by their keys, those that exist. An item that stayed unread after the last retry counts as missing.
///
/// # Errors
/// [`ServiceError`] of the first call that failed.
pub async fn batch_find(client: &Client, table: &str, keys: &[Item]) -> Result<Vec<Item>, ServiceError> {
    let mut found = Vec::new();
    for call in keys.chunks(READS) {
        let keys = KeysAndAttributes::builder().set_keys(Some(call.to_vec())).consistent_read(true);
        let mut left = keys.build().ok();
        for round in 0..ROUNDS {
            let Some(keys) = left.take() else { break };
            pause(round).await;
            let answer = client.batch_get_item().request_items(table, keys).send().await?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(table));
        }
    }
    Ok(found)
}

async fn pause(round: u32) {
    if let Some(doublings) = round.checked_sub(1) {
        tokio::time::sleep(WAIT * 2_u32.pow(doublings)).await;
    }
}
