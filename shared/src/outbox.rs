//! The alerts table: an outbox. An alert is recorded under its own id, once, before anyone tries to send it, and stays
//! pending until each of its transports has taken it. So a crash at any moment loses no alert.
//!
//! Beside the alerts the table holds what `notify` remembers; see there.

mod attributes;
mod label;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::{SignedDuration, Timestamp};

pub use self::attributes::{AlertState, Attributes, ENTITY, Severity};
pub use self::label::Label;
use crate::aws::{Aws, ServiceError};
use crate::time;

/// The table's TTL attribute.
pub const EXPIRES: &str = "expires";
/// The index of pending items, named as its partition key, sorted by `due`.
pub const PENDING: &str = "pending";
/// How long the one who records or claims an alert has to send it before another may.
pub const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// When an alert that could not be sent is due again.
pub const RETRY: SignedDuration = SignedDuration::from_secs(55);
/// Alerts, and what `notify` remembers of them, are kept this long, so that a late repeat of a failure is not alerted again.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// An alert with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id: equal ids are one alert.
    pub id: String,
    /// The e-mail's subject: ASCII, at most 99 characters.
    pub subject: String,
    /// The e-mail's text.
    pub text: String,
    /// The SMS, for a critical alert: GSM-7, at most 160 characters.
    pub sms: Option<String>,
    /// What people choose it by.
    pub attributes: Attributes,
}

impl Alert {
    /// The alert with those attributes.
    #[must_use]
    pub fn with(self, attributes: Attributes) -> Self {
        Self { attributes, ..self }
    }
}

/// How an alert travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The alerts topic, by e-mail.
    Email,
    /// The urgent topic, by SMS.
    Sms,
}

impl Transport {
    /// The attribute that says that the transport has taken the alert.
    fn sent(self) -> &'static str {
        match self {
            Self::Email => "email_sent",
            Self::Sms => "sms_sent",
        }
    }
}

/// What a transport did with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It took it.
    Sent,
    /// Held back: the limit on SMS is reached. The e-mail says so.
    HeldBack,
}

/// An alert that is to be sent, by those of its transports that have not taken it.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The alert.
    pub alert: Alert,
    /// The transports left.
    pub transports: Vec<Transport>,
    /// When it was recorded.
    pub recorded_at: Option<Timestamp>,
    due: String,
}

/// Why an operation of the outbox failed.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The alerts table could not be reached, was throttled, timed out, or denied: a retry may succeed.
    #[error("{doing}: the alerts table is not available")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// Why the call failed.
        source: ServiceError,
    },
    /// Each attempt lost against another writer.
    #[error("{doing}: another writer was faster each time")]
    Contended {
        /// What was being done.
        doing: &'static str,
    },
    /// Each attempt left some of the writes undone.
    #[error("{doing}: {left} of the writes were left undone")]
    Undone {
        /// What was being done.
        doing: &'static str,
        /// How many.
        left: usize,
    },
}

impl OutboxError {
    /// Why a call to the table failed.
    pub fn of(doing: &'static str, error: impl Into<ServiceError>) -> Self {
        Self::Unavailable { doing, source: error.into() }
    }
}

/// The alerts table.
#[derive(Debug, Clone)]
pub struct Outbox {
    client: Client,
    table: String,
}

fn due(now: Timestamp, after: SignedDuration) -> AttributeValue {
    AttributeValue::S(time::stamp(now.checked_add(after).ok()))
}

impl Outbox {
    /// The table of that name.
    #[must_use]
    pub fn new(aws: &Aws, table: String) -> Self {
        Self { client: aws.dynamodb(), table }
    }

    /// The write that records an alert, for a transaction with the change that led to it. The caller then sends the alert.
    #[must_use]
    pub fn recorded(&self, alert: &Alert, now: Timestamp) -> Option<(Put, Pending)> {
        let item = recorded_item(alert, now, due(now, LEASE));
        let pending = pending(&item)?;
        Some((Put::builder().table_name(&self.table).set_item(Some(item)).build().ok()?, pending))
    }

    /// Records an alert that is due at once, unless it is there. The next tick sends it.
    ///
    /// # Errors
    /// [`OutboxError`]; the alert may be recorded nevertheless.
    pub async fn record_due(&self, alert: &Alert, now: Timestamp) -> Result<(), OutboxError> {
        let item = recorded_item(alert, now, due(now, SignedDuration::ZERO));
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        match request.condition_expression("attribute_not_exists(pk)").send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(())
            }
            Err(error) => Err(OutboxError::of("recording an alert", error)),
        }
    }

    /// The alerts that are due, the longest waiting first, at most `limit`.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Pending>, OutboxError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING)
            .key_condition_expression("pending = :pending AND due <= :now")
            .expression_attribute_values(":pending", AttributeValue::S(PENDING.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(time::stamp(Some(now))))
            .limit(limit);
        let found = request.send().await.map_err(|error| OutboxError::of("looking for pending alerts", error))?;
        Ok(found.items().iter().filter_map(pending).collect())
    }

    /// Claims a pending alert for the caller to send; false if another was faster.
    pub async fn claim(&self, pending: &Pending, now: Timestamp) -> Result<bool, OutboxError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pending.alert.id.clone()))
            .update_expression("SET due = :lease")
            .condition_expression("due = :seen")
            .expression_attribute_values(":lease", due(now, LEASE))
            .expression_attribute_values(":seen", AttributeValue::S(pending.due.clone()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(OutboxError::of("claiming an alert", error)),
        }
    }

    /// Records what the transports did with the alert. It is done when none is left, otherwise due again later.
    pub async fn sent(
        &self,
        pending: &Pending,
        taken: &[(Transport, Taken)],
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let marks: Vec<_> = taken.iter().map(|(transport, _)| transport.sent()).collect();
        let sets = marks.iter().map(|mark| format!("{mark} = :{mark}"));
        let done = taken.len() == pending.transports.len();
        let sets = sets.chain((!done).then(|| "due = :later".to_owned())).collect::<Vec<_>>().join(", ");
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pending.alert.id.clone()))
            .update_expression(if done { format!("SET {sets} REMOVE pending, due") } else { format!("SET {sets}") });
        for (transport, taken) in taken {
            let value = match taken {
                Taken::Sent => time::stamp(Some(now)),
                Taken::HeldBack => HELD_BACK.to_owned(),
            };
            request = request.expression_attribute_values(format!(":{}", transport.sent()), AttributeValue::S(value));
        }
        if !done {
            request = request.expression_attribute_values(":later", due(now, RETRY));
        }
        request.send().await.map(|_| ()).map_err(|error| OutboxError::of("noting that an alert was sent", error))
    }
}

/// Stands in place of a time where an SMS was held back.
const HELD_BACK: &str = "held_back";

fn recorded_item(alert: &Alert, now: Timestamp, due: AttributeValue) -> HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let expires = now.as_second() + KEPT.as_secs();
    let mut item = HashMap::from([
        ("pk".to_owned(), text(&alert.id)),
        ("subject".to_owned(), text(&alert.subject)),
        ("text".to_owned(), text(&alert.text)),
        ("recorded_at".to_owned(), text(&time::stamp(Some(now)))),
        (EXPIRES.to_owned(), AttributeValue::N(expires.to_string())),
        (PENDING.to_owned(), text(PENDING)),
        ("due".to_owned(), due),
    ]);
    if let Some(sms) = &alert.sms {
        item.insert("sms".to_owned(), text(sms));
    }
    item.extend(alert.attributes.stored());
    item
}

/// The transports still to send; None if this code did not write the item.
fn pending(item: &HashMap<String, AttributeValue>) -> Option<Pending> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let alert = Alert {
        id: text("pk")?,
        subject: text("subject")?,
        text: text("text")?,
        sms: text("sms"),
        attributes: Attributes::read(item),
    };
    let email = Some(Transport::Email);
    let transports = email.into_iter().chain(alert.sms.as_ref().map(|_| Transport::Sms));
    let transports = transports.filter(|transport| !item.contains_key(transport.sent())).collect();
    let recorded_at = text("recorded_at").and_then(|at| time::from_stamp(&at)?);
    Some(Pending { due: text("due")?, recorded_at, alert, transports })
}
