//! The alerts table: an outbox. An alert is recorded under its own id, once, before anyone tries to send it, and stays
//! pending until each of its transports has taken it. So a crash at any moment loses no alert.
//!
//! Beside the alerts the table holds what `notify` remembers; see there.

mod alerts;
mod attributes;
mod label;
pub mod listed;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::{SignedDuration, Timestamp};

pub use self::alerts::{Alert, Page, Part, Transport};
pub use self::attributes::{AlertState, Attributes, ENTITY, Severity};
pub use self::label::Label;
use crate::aws::{Aws, ServiceError};
use crate::store::item::Item;
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

/// What a transport did with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It took it.
    Sent,
    /// Held back: the limit on SMS is reached, and the e-mail says so; or nobody is to be woken any more.
    HeldBack,
}

impl Taken {
    /// What the alert's item says of it.
    fn mark(self, now: Timestamp) -> String {
        match self {
            Self::Sent => time::stamp(Some(now)),
            Self::HeldBack => HELD_BACK.to_owned(),
        }
    }
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
    /// Whether its texts are others than were recorded.
    retold: bool,
}

impl Pending {
    /// The alert in other words than were recorded.
    #[must_use]
    pub fn retold(self, alert: Alert) -> Self {
        Self { alert, retold: true, ..self }
    }

    /// The texts that a transport took, where they are not recorded yet.
    fn retold_by(&self, transport: Transport) -> impl Iterator<Item = (&'static str, &str)> {
        let Alert { subject, text, sms, .. } = &self.alert;
        let texts = match transport {
            Transport::Email => vec![("subject", subject.as_str()), ("text", text)],
            Transport::Sms => sms.iter().map(|sms| ("sms", sms.as_str())).collect(),
            // They are made of the e-mail's texts, and what is recorded is what the e-mail says.
            Transport::Chat | Transport::Pages => Vec::new(),
        };
        texts.into_iter().filter(|_| self.retold)
    }
}

/// When a page is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now.
    Now,
    /// Once the alarm that it ends is sent.
    Later,
    /// Never: what it would wake somebody for is over, or nobody was woken.
    Never,
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

    /// When the page of an alert is sent. So an OK comes after its ALARM, and never without one.
    ///
    /// # Errors
    /// [`OutboxError`] when the table does not answer.
    pub async fn page_turn(&self, pending: &Pending) -> Result<Turn, OutboxError> {
        let of = match &pending.alert.page {
            Some(Page::Alarm) if pending.retold => return Ok(Turn::Never),
            Some(Page::Alarm) => return Ok(Turn::Now),
            Some(Page::Ok(of)) => of,
            None => return Ok(Turn::Never),
        };
        let asked = self.client.get_item().table_name(&self.table).consistent_read(true);
        let asked = asked.key("pk", AttributeValue::S(of.clone())).send().await;
        let alarm = asked.map_err(|error| OutboxError::of("looking for an alarm", error))?.item.unwrap_or_default();
        let sent = alarm.get(Transport::Pages.sent()).and_then(|sent| sent.as_s().ok());
        Ok(match sent {
            Some(sent) if sent == HELD_BACK => Turn::Never,
            Some(_) => Turn::Now,
            None if transports(&alarm).contains(&Transport::Pages) => Turn::Later,
            None => Turn::Never,
        })
    }

    /// Records what the transports did with the alert. It is done when none is left, otherwise due again later.
    pub async fn sent(
        &self,
        pending: &Pending,
        taken: &[(Transport, Taken)],
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let became = taken.iter().map(|(transport, taken)| (transport.sent(), taken.mark(now)));
        let texts = taken.iter().flat_map(|(transport, _)| pending.retold_by(*transport));
        let told: Vec<_> = became.chain(texts.map(|(name, text)| (name, text.to_owned()))).collect();
        // `text` is a word of DynamoDB's.
        let sets = told.iter().map(|(name, _)| format!("#{name} = :{name}"));
        let done = taken.len() == pending.transports.len();
        let sets = sets.chain((!done).then(|| "due = :later".to_owned())).collect::<Vec<_>>().join(", ");
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pending.alert.id.clone()))
            .update_expression(if done { format!("SET {sets} REMOVE pending, due") } else { format!("SET {sets}") });
        for (name, value) in told {
            request = request
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), AttributeValue::S(value));
        }
        if !done {
            request = request.expression_attribute_values(":later", due(now, RETRY));
        }
        request.send().await.map(|_| ()).map_err(|error| OutboxError::of("noting that an alert was sent", error))
    }
}

/// Stands in place of a time where an SMS or a page was held back.
pub(crate) const HELD_BACK: &str = "held_back";

/// The attribute that has the id of the alert that woke somebody: the own one where it is that.
const PAGE: &str = "page";

fn recorded_item(alert: &Alert, now: Timestamp, due: AttributeValue) -> Item {
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
        (
            listed::TRANSPORTS.to_owned(),
            text(&alert.transports.iter().map(|way| way.as_str()).collect::<Vec<_>>().join(" ")),
        ),
    ]);
    if let Some(sms) = &alert.sms {
        item.insert("sms".to_owned(), text(sms));
    }
    let number = |number: u64| AttributeValue::N(number.to_string());
    item.extend(alert.failures.map(|failures| (listed::FAILURES.to_owned(), number(failures))));
    if let Some(Part { key, generation }) = &alert.incident {
        item.insert(listed::INCIDENT.to_owned(), text(key));
        item.insert(listed::GENERATION.to_owned(), number(*generation));
    }
    item.extend(alert.page.as_ref().map(|page| match page {
        Page::Alarm => (PAGE.to_owned(), text(&alert.id)),
        Page::Ok(of) => (PAGE.to_owned(), text(of)),
    }));
    item.extend(alert.attributes.stored());
    item.extend(listed::place_of_message(&alert.id, now));
    item
}

/// The alert of an item, without its text where that is not at hand; None if this code did not write it.
pub(crate) fn alert(item: &Item) -> Option<Alert> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse().ok();
    let part = |key| Some(Part { key, generation: number(listed::GENERATION)? });
    let id = text("pk")?;
    let page = text(PAGE).map(|of| if of == id { Page::Alarm } else { Page::Ok(of) });
    Some(Alert {
        id,
        page,
        subject: text("subject")?,
        text: text("text").unwrap_or_default(),
        sms: text("sms"),
        transports: transports(item),
        attributes: Attributes::read(item),
        failures: number(listed::FAILURES),
        incident: text(listed::INCIDENT).and_then(part),
    })
}

/// The ways of an item. One of a version that knew two says nothing of them.
fn transports(item: &Item) -> Vec<Transport> {
    match item.get(listed::TRANSPORTS).and_then(|ways| ways.as_s().ok()) {
        Some(ways) => ways.split(' ').filter_map(|way| way.parse().ok()).collect(),
        None => [Transport::Email].into_iter().chain(item.contains_key("sms").then_some(Transport::Sms)).collect(),
    }
}

/// The transports still to send; None if this code did not write the item.
fn pending(item: &Item) -> Option<Pending> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let alert = alert(item)?;
    let transports =
        alert.transports.iter().filter(|transport| !item.contains_key(transport.sent())).copied().collect();
    let recorded_at = text("recorded_at").and_then(|at| time::from_stamp(&at)?);
    Some(Pending { due: text("due")?, recorded_at, alert, transports, retold: false })
}
