//! The read API: events, calls, alerts, the quarantine. An operator can also retry a quarantined delivery, send a test alert and mute
//! alerts.

mod alerts;
mod call;
mod calls;
mod error;
mod events;
mod lists;
mod mutes;
mod parameters;
mod quarantine;
mod route;
mod settings;

use std::convert::Infallible;

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response, service_fn};
use serde::Serialize;
use shared::access::{KnownToken, admits_address};
use shared::aws::Aws;
use shared::key::EventId;
use shared::metric::Gauges;
use shared::mute::Mutes;
use shared::outbox::Outbox;
use shared::settings::environment;
use shared::store::Store;
use shared::store::list::{CallFilter, EventFilter};
use shared::told::Told;
use shared::{answer, request};

use crate::alerts::AlertQuery;
use crate::call::CallQuery;
use crate::error::QueryError;
use crate::lists::ListQuery;
pub use crate::route::{ROUTES, Role, Route};
pub use crate::settings::QuerySettings;

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_http::Error> {
    shared::log::init(&environment);
    let (settings, aws) = (QuerySettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let query = &Query::new(settings, &aws);
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
    mutes: Mutes,
    told: Told,
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
        let mutes = Mutes::new(aws, settings.alerts_table.clone());
        let told = Told::new(aws, settings.alerts_table.clone());
        Self { settings, store, outbox, mutes, told }
    }

    /// Answers one request, whatever happens.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let path = request::path(&request);
        let Some(route) = Route::parse(&path) else {
            return answer::not_found("there is nothing at this path");
        };
        if request.method().as_str() != route.method() {
            return answer::method_not_allowed(&[route.method()]);
        }
        if !admits_address(self.settings.addresses.as_deref(), request::source(&request)) {
            return answer::problem(StatusCode::FORBIDDEN, "this address may not read");
        }
        let (tokens, who) = match route.role() {
            Role::Reader => (&self.settings.readers, "a reader's"),
            Role::Operator => (&self.settings.operators, "an operator's"),
        };
        let bearer: Vec<String> = request::bearer(request.headers()).into_iter().collect();
        let Some(by) = tokens.admit(&bearer) else {
            return answer::unauthorized(&format!("{who} token is required, as Authorization: Bearer"));
        };
        let answered = self.answer(&request, route, by, Timestamp::now()).await;
        let answered = answered.unwrap_or_else(|error| error.problem());
        log(&request, route, by, answered.status());
        answered
    }

    async fn answer(&self, request: &Request, route: Route<'_>, by: &KnownToken, now: Timestamp) -> Answer {
        if !by.has(route.right()) {
            return Err(QueryError::NoRight(route.right()));
        }
        match route {
            Route::Events => shown(&self.events(&ListQuery::<EventFilter>::read(request, now)?, now).await?),
            Route::Event(id) => shown(&self.event(id, now).await?),
            Route::Body(id) => self.body(&events::known(id)?, now).await,
            Route::Calls => shown(&self.calls(&ListQuery::<CallFilter>::read(request, now)?, now).await?),
            Route::Call(id) => shown(&self.call(&CallQuery::read(id, request)?, now).await?),
            Route::Quarantine => shown(&self.quarantine(&quarantine::page(request)?, now).await?),
            Route::Quarantined(id) => self.quarantined(id, now).await,
            Route::Retry(id) => self.retry(id, now).await,
            Route::Alerts => shown(&self.alerts(&alerts::page(request, now)?, now).await?),
            Route::Alert(id) => shown(&self.alert(&AlertQuery::read(id, request)?, now).await?),
            Route::TestAlert => self.test_alert(now).await,
            Route::Mute => self.mute(request, by, now).await,
            Route::Mutes => self.mutes(now).await,
        }
    }

    /// A stored delivery's body, as it came.
    async fn body(&self, id: &EventId, now: Timestamp) -> Answer {
        let (body, content_type) = self.store.body(id, now).await?.ok_or(QueryError::NotFound("delivery"))?;
        Ok(answer::stored(&content_type, body))
    }
}

/// Who asked for what. The path and the query string stay out: they may hold a number.
fn log(request: &Request, route: Route<'_>, by: &KnownToken, status: StatusCode) {
    let (request_id, route) = (request::id(request), format!("{} {}", route.method(), route.resource()));
    tracing::info!(by = by.name(), route, status = status.as_u16(), request_id, "answered");
}

/// What was found, as JSON.
fn shown<T: Serialize>(found: &T) -> Answer {
    Ok(answer::json(StatusCode::OK, found))
}
