//! Reading back: events, calls, the quarantine. And the one thing an operator can set off: a test alert.

mod parameters;

use std::convert::Infallible;

use jiff::Timestamp;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, RequestExt as _, Response, service_fn};
use serde::Serialize;
use serde_json::json;
use shared::access::TokenDigests;
use shared::answer;
use shared::aws::Aws;
use shared::call::Call;
use shared::key::{CallId, EventId, Subject};
use shared::outbox::{Alert, Outbox, OutboxError};
use shared::provider::{self, Reading};
use shared::request;
use shared::settings::{Lookup, Reader, Retention, SettingsError, environment};
use shared::store::{Page, Put, Shards, Store, StoreError};
use shared::time;

use crate::parameters::{LISTING, PAGING, ParameterError, Parameters};

/// The routes: method and path, as API Gateway writes them.
pub const ROUTES: [(&str, &str); 8] = [
    ("GET", "/events"),
    ("GET", "/events/{id}"),
    ("GET", "/events/{id}/body"),
    ("GET", "/calls/{id}"),
    ("GET", "/quarantine"),
    ("GET", "/quarantine/{id}"),
    ("POST", "/quarantine/{id}/retry"),
    ("POST", "/alerts/test"),
];

/// What the function is told.
#[derive(Debug, Clone)]
pub struct QuerySettings {
    /// The events table's name.
    pub events_table: String,
    /// The alerts table's name.
    pub alerts_table: String,
    /// Who may read.
    pub readers: TokenDigests,
    /// Who may set something off.
    pub operators: TokenDigests,
    /// How long events are kept, for those that come out of the quarantine.
    pub retention: Retention,
    /// Into how many shards the busy index keys are split.
    pub shards: Shards,
}

impl QuerySettings {
    /// Reads them.
    ///
    /// # Errors
    /// [`SettingsError`] with all that is wrong.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            alerts_table: reader.required("ALERTS_TABLE"),
            readers: TokenDigests::new(reader.list("READ_TOKEN_DIGESTS")),
            operators: TokenDigests::new(reader.list("OPERATOR_TOKEN_DIGESTS")),
            retention: reader.parsed("RETENTION_DAYS", Retention::Forever),
            shards: reader.parsed("SHARDS", Shards::default()),
        };
        reader.finish(settings)
    }
}

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_http::Error> {
    shared::log::init(&environment);
    let query = &Query::new(QuerySettings::read(&environment)?, &Aws::read(&environment)?);
    query.store.connect().await;
    let handle = |request| async move { Ok::<_, Infallible>(query.handle(request).await) };
    lambda_http::run(service_fn(handle)).await
}

/// The read API.
#[derive(Debug)]
pub struct Query {
    settings: QuerySettings,
    store: Store,
    outbox: Outbox,
}

/// Why there is no answer but a problem.
#[derive(Debug, thiserror::Error)]
enum QueryError {
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the delivery stays in quarantine: {0}")]
    StillUnreadable(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

type Answer = Result<Response<Body>, QueryError>;

impl Query {
    /// The API over those tables.
    #[must_use]
    pub fn new(settings: QuerySettings, aws: &Aws) -> Self {
        for (name, tokens) in [("READ", &settings.readers), ("OPERATOR", &settings.operators)] {
            if tokens.is_empty() {
                tracing::warn!(
                    "{name}_TOKEN_DIGESTS is empty: what needs such a token is refused until it holds a digest"
                );
            }
        }
        let store = Store::new(aws, settings.events_table.clone(), settings.shards);
        let outbox = Outbox::new(aws, settings.alerts_table.clone());
        Self { settings, store, outbox }
    }

    /// Answers one request, whatever happens.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let path = request::path(&request);
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let allowed = match segments.as_slice() {
            ["events"] | ["events", _] | ["events", _, "body"] | ["calls", _] | ["quarantine"] | ["quarantine", _] => {
                Method::GET
            }
            ["quarantine", _, "retry"] | ["alerts", "test"] => Method::POST,
            _ => return answer::not_found("there is nothing at this path"),
        };
        if *request.method() != allowed {
            return answer::method_not_allowed(&[allowed.as_str()]);
        }
        let (tokens, who) = match allowed {
            Method::POST => (&self.settings.operators, "an operator's"),
            _ => (&self.settings.readers, "a reader's"),
        };
        let bearer: Vec<String> = request::bearer(request.headers()).into_iter().collect();
        if !tokens.admit(&bearer) {
            return answer::unauthorized(&format!("{who} token is required, as Authorization: Bearer"));
        }
        let answered = self.answer(&request, &segments, Timestamp::now()).await;
        answered.unwrap_or_else(|error| problem(&error))
    }

    async fn answer(&self, request: &Request, segments: &[&str], now: Timestamp) -> Answer {
        match segments {
            ["events"] => self.events(request, now).await,
            ["events", id] => self.event(&of_event(id)?, now).await,
            ["events", id, "body"] => self.body(&of_event(id)?, now).await,
            ["calls", id] => self.call(id, now).await,
            ["quarantine"] => self.quarantine(request, now).await,
            ["quarantine", id] => self.body(&of_quarantine(id)?, now).await,
            ["quarantine", id, _] => self.retry(&of_quarantine(id)?, now).await,
            _ => self.test_alert(now).await,
        }
    }

    async fn events(&self, request: &Request, now: Timestamp) -> Answer {
        let parameters = Parameters::new(request.query_string_parameters(), &LISTING)?;
        let listing = parameters.listing()?;
        let (after, limit) = parameters.page()?;
        page(self.store.list(&listing, after, limit, now).await?)
    }

    async fn event(&self, id: &EventId, now: Timestamp) -> Answer {
        let event = self.store.event(id, now).await?.ok_or(QueryError::NotFound("event"))?;
        Ok(answer::json(StatusCode::OK, &event))
    }

    async fn body(&self, id: &EventId, now: Timestamp) -> Answer {
        let (body, content_type) = self.store.body(id, now).await?.ok_or(QueryError::NotFound("delivery"))?;
        Ok(answer::stored(&content_type, body))
    }

    async fn call(&self, id: &str, now: Timestamp) -> Answer {
        let id: CallId = id.parse().map_err(|_| QueryError::NotFound("call"))?;
        let events = self.store.call(&id, now).await?;
        let call = Call::fold(&id, events).ok_or(QueryError::NotFound("call"))?;
        Ok(answer::json(StatusCode::OK, &call))
    }

    async fn quarantine(&self, request: &Request, now: Timestamp) -> Answer {
        let parameters = Parameters::new(request.query_string_parameters(), &PAGING)?;
        let (after, limit) = parameters.page()?;
        page(self.store.list_quarantine(after, limit, now).await?)
    }

    /// Reads a quarantined delivery again, as after an upgrade, and moves it into the events if that works now. Stopped
    /// half-way, it can be done again: the event is then a duplicate.
    async fn retry(&self, id: &EventId, now: Timestamp) -> Answer {
        let delivery = self.store.quarantined(id, now).await?.ok_or(QueryError::NotFound(QUARANTINED))?;
        let event = match provider::read(&delivery) {
            Ok(Reading::Event(event)) => event,
            Ok(Reading::Probe) => return Err(QueryError::StillUnreadable("it says nothing".to_owned())),
            Err(unreadable) => return Err(QueryError::StillUnreadable(unreadable.to_string())),
        };
        let put = self.store.put_event(&event, delivery.content(), self.settings.retention).await;
        let (status, event) = match put {
            Ok(Put::Stored(id) | Put::Conflict { id, .. }) => ("stored", id),
            Ok(Put::Duplicate(id)) => ("duplicate", id),
            Err(StoreError::Refused { cause, .. }) => return Err(QueryError::StillUnreadable(cause)),
            Err(error) => return Err(error.into()),
        };
        self.store.release(id).await?;
        Ok(answer::json(StatusCode::OK, &json!({"status": status, "id": event.to_string()})))
    }

    /// Records an alert as a failure would: `notify` finds it pending and sends it with its next tick.
    async fn test_alert(&self, now: Timestamp) -> Answer {
        let at = time::readable(now);
        let alert = Alert {
            id: format!("test#{}", time::stamp(Some(now))),
            subject: "Trunkline test alert: alerts reach you".to_owned(),
            text: format!(
                "This is a test, asked for at {at}.\n\nNothing has failed. Alerts of failed calls come this way.\n"
            ),
            sms: Some(format!("Trunkline test alert, asked for at {at}. Nothing has failed.")),
        };
        let id = alert.id.clone();
        self.outbox.record_due(&alert, now).await?;
        Ok(answer::json(StatusCode::ACCEPTED, &json!({"status": "recorded", "id": id})))
    }
}

/// What is not found in the quarantine.
const QUARANTINED: &str = "quarantined delivery";

fn of_event(id: &str) -> Result<EventId, QueryError> {
    let id = id.parse::<EventId>().ok().filter(|id| id.partition().subject() != Subject::Quarantine);
    id.ok_or(QueryError::NotFound("event"))
}

fn of_quarantine(id: &str) -> Result<EventId, QueryError> {
    let id = id.parse::<EventId>().ok().filter(|id| id.partition().subject() == Subject::Quarantine);
    id.ok_or(QueryError::NotFound(QUARANTINED))
}

/// A list, as the API shows it.
#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    next: Option<String>,
}

fn page<T: Serialize>(page: Page<T>) -> Answer {
    let list = List { items: page.items, next: page.next.map(|cursor| cursor.to_string()) };
    Ok(answer::json(StatusCode::OK, &list))
}

fn problem(error: &QueryError) -> Response<Body> {
    match error {
        QueryError::Parameter(wrong) => answer::problem(StatusCode::BAD_REQUEST, &wrong.to_string()),
        QueryError::NotFound(_) => answer::not_found(&error.to_string()),
        QueryError::StillUnreadable(_) => answer::problem(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
        QueryError::Store(StoreError::Item { .. }) => {
            tracing::error!(%error, "an item could not be read");
            answer::problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "a stored item could not be read; see the function's log",
            )
        }
        QueryError::Store(_) | QueryError::Outbox(_) => {
            tracing::error!(%error, "the store did not answer");
            answer::unavailable("the store did not answer; try again")
        }
    }
}
