//! What is remembered of the subscription at OnSIP: one item of the alerts table, which `renew` writes and `notify` reads.
//!
//! It holds ids, times and digests. Nothing of the user's secret is in it, and nothing of an answer but a code and a message.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::outbox::{EXPIRES, KEPT, OutboxError};

/// The item's key: the only one that `renew` may read and write.
pub const KEY: &str = "renewal#onsip";
/// A subscription dies that long after it was added or renewed, unless it is renewed.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Renewal {
    /// Our subscription.
    pub subscription: Option<Known>,
    /// Ours of before, which are to be deleted, each with when it is dead at the latest.
    pub retired: BTreeMap<String, Timestamp>,
    /// One that may have been added, though its id was not told.
    pub adding: Option<Adding>,
    /// When it was last added or renewed.
    pub renewed_at: Option<Timestamp>,
    /// When it dies, by our own clock: none is published.
    pub dead_at: Option<Timestamp>,
    /// No login before.
    pub locked_until: Option<Timestamp>,
    /// Logins that were refused.
    pub logins: Logins,
    /// Why the last run failed.
    pub trouble: Option<Trouble>,
    /// Until when a run has it for itself.
    pub leased_until: Option<Timestamp>,
}

/// A subscription that we know to be ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// A digest of its URL, with the token in it.
    pub target: String,
}

/// A subscription that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adding {
    /// The ids that were there before it.
    pub before: BTreeSet<String>,
    /// A digest of its URL, with the token in it.
    pub target: String,
}

/// Logins with one version of the secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Logins {
    /// The version, as Secrets Manager names it.
    pub secret: String,
    /// When one was refused, or was begun and nobody knows.
    pub refused: Vec<Timestamp>,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The API's code, or a word of ours.
    pub code: String,
    /// A line for a person.
    pub message: String,
    /// What has to be mended.
    pub cause: Cause,
    /// When the first of the runs in a row failed.
    pub since: Timestamp,
}

/// What has to be mended where a run failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The secret can't be read, or is incomplete.
    Secret,
    /// OnSIP refuses the login.
    Login,
    /// Logins at OnSIP are locked.
    Locked,
    /// OnSIP refuses our URL.
    Target,
    /// OnSIP's API does not do, or does not say, what it should; and what no later release knows.
    #[default]
    #[serde(other)]
    Api,
}

/// The item, where it is kept.
#[derive(Debug, Clone)]
pub struct Renewals {
    client: Client,
    table: String,
}

/// The item as it was read.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// What it says.
    pub renewal: Renewal,
    version: u64,
}

impl Renewals {
    /// The item in the alerts table of that name.
    #[must_use]
    pub fn new(aws: &Aws, table: String) -> Self {
        Self { client: aws.dynamodb(), table }
    }

    /// Reads it. What no `renew` wrote says nothing.
    ///
    /// # Errors
    /// [`OutboxError`] when the table does not answer.
    pub async fn recall(&self) -> Result<Remembered, OutboxError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = request.key("pk", AttributeValue::S(KEY.to_owned())).send().await;
        let item = answer.map_err(|error| OutboxError::of("reading what is known of the subscription", error))?.item;
        let item = item.unwrap_or_default();
        let renewal = item.get("renewal").and_then(|text| serde_json::from_str(text.as_s().ok()?).ok());
        let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok());
        Ok(Remembered { renewal: renewal.unwrap_or_default(), version: version.unwrap_or(0) })
    }

    /// Writes it over what was read; false if another writer was faster.
    ///
    /// # Errors
    /// [`OutboxError`] when the table does not answer.
    pub async fn keep(&self, remembered: &mut Remembered, now: Timestamp) -> Result<bool, OutboxError> {
        let Remembered { renewal, version } = remembered;
        let request = self.client.put_item().table_name(&self.table).set_item(Some(row(renewal, *version + 1, now)));
        let condition = if *version == 0 { "attribute_not_exists(pk)" } else { "version = :version" };
        let values = HashMap::from([(":version".to_owned(), AttributeValue::N(version.to_string()))]);
        let request = request.set_expression_attribute_values((*version > 0).then_some(values));
        match request.condition_expression(condition).send().await {
            Ok(_) => *version += 1,
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                return Ok(false);
            }
            Err(error) => return Err(OutboxError::of("noting what is known of the subscription", error)),
        }
        Ok(true)
    }
}

fn row(renewal: &Renewal, version: u64, now: Timestamp) -> HashMap<String, AttributeValue> {
    // It has no map whose keys are no strings: it can be written.
    let text = serde_json::to_string(renewal).unwrap_or_default();
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(KEY.to_owned())),
        ("version".to_owned(), AttributeValue::N(version.to_string())),
        ("renewal".to_owned(), AttributeValue::S(text)),
        (EXPIRES.to_owned(), AttributeValue::N((now.as_second() + KEPT.as_secs()).to_string())),
    ])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_written_and_read_and_what_a_later_release_adds_is_passed_over() {
        let time = Timestamp::UNIX_EPOCH;
        let renewal = Renewal {
            subscription: Some(Known { id: "300".to_owned(), target: "d".to_owned() }),
            retired: [("299".to_owned(), time)].into(),
            adding: Some(Adding { before: ["1".to_owned()].into(), target: "d".to_owned() }),
            logins: Logins { secret: "v1".to_owned(), refused: vec![time] },
            trouble: Some(Trouble {
                code: "Late".to_owned(),
                message: "m".to_owned(),
                cause: Cause::Login,
                since: time,
            }),
            dead_at: Some(time),
            ..Renewal::default()
        };
        let item = row(&renewal, 3, time);
        let text = item.get("renewal").unwrap().as_s().unwrap();
        assert_eq!(serde_json::from_str::<Renewal>(text).unwrap(), renewal);
        let later = r#"{"later": 1, "dead_at": "1970-01-01T00:00:00Z"}"#;
        assert_eq!(
            serde_json::from_str::<Renewal>(later).unwrap(),
            Renewal { dead_at: Some(time), ..Renewal::default() }
        );
    }
}
