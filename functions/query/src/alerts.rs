//! Alerts: what people were told, and of which calls; and a test alert, so that an operator sees that alerts arrive.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, Attributes, KEPT, Part, Severity, Transport};
use shared::store::{Cursor, PageRequest};
use shared::text::digest;
use shared::told::{Delivery, Failed, Message};
use shared::{answer, time};

use crate::csv::Column;
use crate::lists::{Element, LEEWAY, List, RangeNames, ordered};
use crate::parameters::{ParameterError, Parameters};
use crate::{Answer, Paged, Query, QueryError, Views};

/// The parameters of the list.
pub(crate) const PARAMETERS: [&str; 5] = ["from", "to", "order", "limit", "cursor"];
/// Those of one alert, for what it tells of.
pub(crate) const FAILED_PARAMETERS: [&str; 2] = ["limit", "cursor"];
const RANGE: RangeNames = ["from", "to"];

/// Which part of the list of alerts is asked for.
///
/// # Errors
/// When a parameter is wrong.
pub fn page_of_alerts(parameters: &Parameters, now: Timestamp) -> Result<PageRequest, ParameterError> {
    let page = ordered(parameters.page(parameters.range(RANGE)?)?, "from")?;
    match page.from.is_some_and(|from| now.duration_since(from) > KEPT + LEEWAY) {
        true => Err(ParameterError::of(
            "from",
            "more than 90 days ago, which is how long alerts are kept; give a later one",
        )),
        false => Ok(page),
    }
}

/// Which alert is asked for, and which part of what it tells of.
#[derive(Debug)]
pub struct AlertQuery {
    id: String,
    after: Option<Cursor>,
    limit: usize,
}

impl AlertQuery {
    /// Reads it.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub fn read(id: &str, parameters: &Parameters) -> Result<Self, ParameterError> {
        let PageRequest { after, limit, .. } = parameters.page([None, None])?;
        Ok(Self { id: id.to_owned(), after, limit })
    }
}

/// An alert, as lists and calls show it. The entities that it can be chosen by are not shown: they hold numbers that its texts may mask.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertView {
    /// Its id.
    pub id: String,
    /// The class of failures that it tells of.
    pub class: Option<String>,
    /// The provider that it is about.
    pub provider: Option<Provider>,
    /// How urgent it is.
    pub severity: Option<Severity>,
    /// Where in its incident it stands.
    pub state: Option<AlertState>,
    /// The id of that incident, which further messages bear.
    pub incident: Option<String>,
    /// Whether the incident is over; None of a message that is part of none.
    pub over: Option<bool>,
    /// How many failures it tells of.
    pub failures: Option<u64>,
    /// When it was decided.
    pub recorded_at: Timestamp,
    /// Its subject, masked as in the mail.
    pub subject: String,
    /// By which ways it was told, and what became of that.
    pub transports: Vec<Delivery>,
}

impl Element for AlertView {
    const COLUMNS: &'static [Column] = &[
        ("id", "/id"),
        ("recordedAt", "/recordedAt"),
        ("subject", "/subject"),
        ("class", "/class"),
        ("provider", "/provider"),
        ("severity", "/severity"),
        ("state", "/state"),
        ("incident", "/incident"),
        ("over", "/over"),
        ("failures", "/failures"),
        ("transports", "/transports/*/transport"),
        ("transportStates", "/transports/*/state"),
    ];
}

impl From<Message> for AlertView {
    fn from(message: Message) -> Self {
        let Message { alert, recorded_at, deliveries, over } = message;
        let Attributes { provider, class, severity, state, .. } = alert.attributes;
        Self {
            id: alert.id,
            class,
            provider,
            severity,
            state,
            incident: alert.incident.as_ref().map(Part::id),
            over,
            failures: alert.failures,
            recorded_at,
            subject: alert.subject,
            transports: deliveries,
        }
    }
}

/// An alert with its texts, and what it tells of.
#[derive(Debug, Serialize)]
pub struct WholeAlert {
    /// What lists show of it.
    #[serde(flatten)]
    pub alert: AlertView,
    /// The mail's text.
    pub text: String,
    /// The SMS, if there is one.
    pub sms: Option<String>,
    /// The calls, messages and orders.
    pub failed: Vec<Failed>,
    /// The cursor of the next page of those.
    pub next: Option<String>,
}

impl Paged for WholeAlert {
    fn next(&self) -> Option<String> {
        self.next.clone()
    }
}

impl Views {
    /// A page of what people were told.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn alerts(&self, asked: &PageRequest, now: Timestamp) -> Result<List<AlertView>, QueryError> {
        Ok(List::of(self.told.list_messages(asked, now).await?, AlertView::from))
    }

    /// One alert, and what it tells of.
    ///
    /// # Errors
    /// When there is none of that id, or the table does not answer.
    pub async fn alert(&self, asked: &AlertQuery, now: Timestamp) -> Result<WholeAlert, QueryError> {
        let message = self.told.message(&asked.id, now).await?.ok_or(QueryError::NotFound("alert"))?;
        let failed = self.told.list_failures(&asked.id, (asked.after.clone(), asked.limit), now).await?;
        let (text, sms) = (message.alert.text.clone(), message.alert.sms.clone());
        let next = failed.next.map(|cursor| cursor.to_string());
        Ok(WholeAlert { alert: message.into(), text, sms, failed: failed.items, next })
    }
}

impl Query {
    /// Records an alert as a failure would: `notify` finds it pending and sends it with its next tick.
    pub(crate) async fn test_alert(&self, now: Timestamp) -> Answer {
        let (at, mark) = (time::readable(now), self.settings.label.mark());
        let alert = Alert {
            id: format!("test-{}", digest(&[&time::stamp(Some(now))])),
            subject: format!("Trunkline test alert: alerts reach you{mark}"),
            text: format!(
                "This is a test, asked for at {at}.\n\nNothing has failed. Alerts of failed calls come this way.\n"
            ),
            sms: Some(format!("Trunkline test alert, asked for at {at}. Nothing has failed.{mark}")),
            transports: vec![Transport::Email, Transport::Sms, Transport::Chat],
            attributes: Attributes { class: Some("test".to_owned()), ..Attributes::default() },
            failures: None,
            incident: None,
            page: None,
        };
        let id = alert.id.clone();
        self.outbox.record_due(&alert, now).await?;
        Ok(answer::json(StatusCode::ACCEPTED, &json!({"status": "recorded", "id": id})))
    }
}
