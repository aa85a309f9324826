//! Mutes: what people are not told of for a while. One item of the alerts table, which `query` writes and `notify` reads.
//!
//! There is one mute of a target at most: who mutes it again changes its end.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::aws::Aws;
use crate::entity::Entity;
use crate::failure::FailureClass;
use crate::key::digest_of;
use crate::name::Provider;
use crate::outbox::{EXPIRES, KEPT, OutboxError};

/// The longest mute.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// As many mutes are in force at once.
pub const MOST: usize = 50;
/// The item's key.
const KEY: &str = "mutes";
/// How often a change is tried while other writers are faster.
const TRIES: usize = 10;

/// What is muted: what is of the class, of the provider and of the scope, as far as each is named. And what an alert is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The class of failures.
    #[serde(default, deserialize_with = "named")]
    pub class: Option<FailureClass>,
    /// The provider.
    #[serde(default, deserialize_with = "named")]
    pub provider: Option<Provider>,
    /// The domain, number or account that an incident is about.
    #[serde(default, deserialize_with = "named")]
    pub scope: Option<Entity>,
}

fn named<'de, T: FromStr<Err: std::fmt::Display>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Option::<String>::deserialize(from)?.map(|name| name.parse().map_err(D::Error::custom)).transpose()
}

impl Target {
    /// Whether a mute of this holds back what is about that. An empty balance is held back only where its class is named: whoever waits
    /// for a carrier does not mean the money.
    #[must_use]
    pub fn holds(&self, about: &Self) -> bool {
        let class = match self.class {
            Some(_) => about.class == self.class,
            None => about.class != Some(FailureClass::InsufficientBalance),
        };
        let provider = self.provider.is_none() || about.provider == self.provider;
        class && provider && (self.scope.is_none() || about.scope == self.scope)
    }

    /// A name of it for keys, without a number in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let scope = self.scope.as_ref().map(ToString::to_string).unwrap_or_default();
        let class = self.class.map_or("", FailureClass::as_str);
        digest_of(format!("{class}#{}#{scope}", self.provider.map_or("", Provider::as_str)).as_bytes())
    }
}

/// A mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mute {
    /// What is muted.
    #[serde(flatten)]
    pub target: Target,
    /// When it ends.
    pub until: Timestamp,
    /// Why, in an operator's words.
    pub reason: String,
    /// When it was set.
    pub set_at: Timestamp,
}

/// The mutes that are in force at a time.
#[derive(Debug, Clone, Default)]
pub struct InForce(Vec<Mute>);

impl InForce {
    /// The mute that holds back what is about that; of several the one that ends last.
    #[must_use]
    pub fn holding(&self, about: &Target) -> Option<&Mute> {
        self.0.iter().filter(|mute| mute.target.holds(about)).max_by_key(|mute| mute.until)
    }

    /// Whether that target is muted.
    #[must_use]
    pub fn names(&self, target: &Target) -> bool {
        self.0.iter().any(|mute| mute.target == *target)
    }

    /// All of them, the one that ends first at the beginning.
    #[must_use]
    pub fn all(&self) -> &[Mute] {
        &self.0
    }

    fn of(text: &str, now: Timestamp) -> Self {
        // One that a later release wrote in another form hides no other.
        let all: Vec<serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
        let mutes = all.into_iter().filter_map(|mute| serde_json::from_value::<Mute>(mute).ok());
        let mut mutes: Vec<_> = mutes.filter(|mute| mute.until > now).collect();
        mutes.sort_by_key(|mute| mute.until);
        Self(mutes)
    }
}

/// What became of a mute that was to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// It is in force.
    Set,
    /// There are too many already.
    Full,
}

/// The item, where it is kept.
#[derive(Debug, Clone)]
pub struct Mutes {
    client: Client,
    table: String,
}

impl Mutes {
    /// The item in the alerts table of that name.
    #[must_use]
    pub fn new(aws: &Aws, table: String) -> Self {
        Self { client: aws.dynamodb(), table }
    }

    /// The mutes that are in force.
    ///
    /// # Errors
    /// [`OutboxError`] when the table does not answer.
    pub async fn in_force(&self, now: Timestamp) -> Result<InForce, OutboxError> {
        self.recall_mutes(now).await.map(|(mutes, _)| mutes)
    }

    /// Sets a mute, in place of one of the same target.
    ///
    /// # Errors
    /// [`OutboxError`] when the table does not answer, or others were faster each time.
    pub async fn set_mute(&self, mute: &Mute, now: Timestamp) -> Result<Setting, OutboxError> {
        for _ in 0..TRIES {
            let (InForce(mut mutes), version) = self.recall_mutes(now).await?;
            mutes.retain(|known| known.target != mute.target);
            if mutes.len() >= MOST {
                return Ok(Setting::Full);
            }
            mutes.push(mute.clone());
            if self.keep_mutes(&mutes, version, now).await? {
                return Ok(Setting::Set);
            }
        }
        Err(OutboxError::Contended { doing: "setting a mute" })
    }

    /// Ends the mute of that target; None where there is none.
    ///
    /// # Errors
    /// [`OutboxError`] when the table does not answer, or others were faster each time.
    pub async fn end_mute(&self, target: &Target, now: Timestamp) -> Result<Option<Mute>, OutboxError> {
        for _ in 0..TRIES {
            let (InForce(mut mutes), version) = self.recall_mutes(now).await?;
            let Some(at) = mutes.iter().position(|mute| mute.target == *target) else { return Ok(None) };
            let ended = mutes.remove(at);
            if self.keep_mutes(&mutes, version, now).await? {
                return Ok(Some(ended));
            }
        }
        Err(OutboxError::Contended { doing: "ending a mute" })
    }

    async fn recall_mutes(&self, now: Timestamp) -> Result<(InForce, u64), OutboxError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = request.key("pk", AttributeValue::S(KEY.to_owned())).send().await;
        let item = answer.map_err(|error| OutboxError::of("reading the mutes", error))?.item.unwrap_or_default();
        let text = item.get(KEY).and_then(|text| text.as_s().ok()).map(String::as_str).unwrap_or_default();
        let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok()).unwrap_or(0);
        Ok((InForce::of(text, now), version))
    }

    /// Writes them over what was read; false if another writer was faster.
    async fn keep_mutes(&self, mutes: &[Mute], version: u64, now: Timestamp) -> Result<bool, OutboxError> {
        let text = serde_json::to_string(mutes).unwrap_or_default();
        let number = |number: String| AttributeValue::N(number);
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(KEY.to_owned()))
            .item(KEY, AttributeValue::S(text))
            .item("version", number((version + 1).to_string()))
            .item(EXPIRES, number((now.as_second() + KEPT.as_secs()).to_string()));
        let condition = if version == 0 { "attribute_not_exists(pk)" } else { "version = :version" };
        let values = HashMap::from([(":version".to_owned(), number(version.to_string()))]);
        let request = request.set_expression_attribute_values((version > 0).then_some(values));
        match request.condition_expression(condition).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(OutboxError::of("writing the mutes", error)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn target(class: &str, provider: &str, scope: &str) -> Target {
        Target { class: class.parse().ok(), provider: provider.parse().ok(), scope: scope.parse().ok() }
    }

    #[test]
    fn a_mute_holds_back_what_has_all_that_it_names_and_the_money_only_by_name() {
        let domain = "sip_domain:example.com";
        for (mute, about, held) in [
            (("congestion", "", ""), ("congestion", "opentact", ""), true),
            (("congestion", "", ""), ("rejected", "opentact", ""), false),
            (("congestion", "opentact", ""), ("congestion", "onsip", ""), false),
            (("", "opentact", ""), ("congestion", "opentact", ""), true),
            (("", "opentact", ""), ("not_permitted", "opentact", domain), true),
            (("", "opentact", ""), ("", "opentact", ""), true),
            (("", "opentact", ""), ("insufficient_balance", "opentact", ""), false),
            (("insufficient_balance", "", ""), ("insufficient_balance", "opentact", "account:a1"), true),
            (("", "", domain), ("not_permitted", "opentact", domain), true),
            (("", "", domain), ("congestion", "opentact", ""), false),
            (("congestion", "", ""), ("", "opentact", ""), false),
        ] {
            let of = |(class, provider, scope)| target(class, provider, scope);
            assert_eq!(of(mute).holds(&of(about)), held, "{mute:?} {about:?}");
        }
    }

    #[test]
    fn the_mute_that_ends_last_takes_what_several_hold_and_what_is_over_holds_nothing() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let mute = |target, until| Mute { target, until: at(until), reason: "works".to_owned(), set_at: at(0) };
        let all = [
            mute(target("congestion", "", ""), 2),
            mute(target("", "opentact", ""), 3),
            mute(target("rejected", "", ""), 1),
        ];
        let later = r#"{"class": "of_a_later_release", "until": "2027-01-01T00:00:00Z", "reason": "", "setAt": "2026-01-01T00:00:00Z"}"#;
        let text = serde_json::to_string(&all).unwrap().replacen('[', &format!("[{later},"), 1);
        let mutes = InForce::of(&text, at(1));
        assert_eq!(mutes.all(), &all[..2]);
        assert_eq!(mutes.holding(&target("congestion", "opentact", "")), Some(&all[1]));
        assert_eq!(mutes.holding(&target("congestion", "onsip", "")), Some(&all[0]));
        assert!(mutes.names(&all[0].target) && !mutes.names(&all[2].target));
    }

    #[test]
    fn a_targets_name_holds_no_number_and_is_of_all_that_it_names() {
        let number = target("", "", "phone_number:12025550144").digest();
        assert!(!number.contains("2025550144"));
        assert_ne!(number, target("", "", "").digest());
        assert_ne!(target("congestion", "", "").digest(), target("rejected", "", "").digest());
    }
}
