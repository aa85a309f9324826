//! The read API: events, calls, alerts, counts, names, the quarantine. An operator can also retry a quarantined delivery, send a test alert,
//! mute alerts and give names.
//!
//! Each resource is a function of [`Views`] from typed parameters to a typed view. The console shows the same ones as HTML.

mod alerts;
mod call;
mod calls;
mod csv;
mod error;
mod events;
mod lists;
mod menus;
mod mutes;
mod names;
mod openapi;
mod parameters;
mod quarantine;
mod route;
mod settings;
mod stats;
pub mod timeline;
mod views;

use std::convert::Infallible;

use jiff::Timestamp;
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, Response, service_fn};
use serde::Serialize;
use serde_json::json;
use shared::access::{KnownToken, admits_address};
use shared::aws::Aws;
use shared::metric::Gauges;
use shared::outbox::Outbox;
use shared::settings::environment;
use shared::store::list::{CallFilter, EventFilter};
use shared::version::VERSION;
use shared::{answer, request};

pub use crate::alerts::{AlertQuery, AlertView, WholeAlert, page_of_alerts};
pub use crate::call::{CallQuery, CallView, EventOfCall, LeftOut};
pub use crate::calls::ListedCall;
pub use crate::csv::{Column, Mark, Rows, answered_in_csv};
pub use crate::error::QueryError;
pub use crate::events::NamedEvent;
pub use crate::lists::{Element, List, ListQuery};
pub use crate::menus::{MenuSums, Menus};
pub use crate::names::{NameList, NameQuery, Named};
pub use crate::parameters::{ParameterError, Parameters};
pub use crate::quarantine::page_of_quarantine;
pub use crate::route::{Access, ROUTES, Route};
pub use crate::settings::QuerySettings;
pub use crate::stats::{By, Counted, Failing, Group, LookedAt, Stats, StatsQuery, Sum, Top, TopQuery};
pub use crate::views::Views;

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_http::Error> {
    shared::log::init(&environment);
    let (settings, aws) = (QuerySettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let query = &Query::new(settings, &aws);
    query.views.connect().await;
    let handle = |request| async move { Ok::<_, Infallible>(query.handle(request).await) };
    lambda_http::run(service_fn(handle)).await
}

/// The read API.
#[derive(Debug)]
pub struct Query {
    settings: QuerySettings,
    views: Views,
    outbox: Outbox,
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
        let views = Views::new(aws, &settings.events_table, &settings.alerts_table, settings.shards);
        let outbox = Outbox::new(aws, settings.alerts_table.clone());
        Self { settings, views, outbox }
    }

    /// Answers one request, whatever happens.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let is_head = request.method() == Method::HEAD;
        let answered = self.answered(&request).await;
        if is_head { answer::headers_of(answered) } else { answered }
    }

    async fn answered(&self, request: &Request) -> Response<Body> {
        let path = request::path(request);
        let Some(route) = Route::parse(&path) else {
            return answer::not_found("there is nothing at this path");
        };
        if !request::is_of(request, route.method()) {
            return answer::method_not_allowed(request::answered(route.method()));
        }
        let (tokens, who, right) = match route.access() {
            Access::Open => return open(request, route).unwrap_or_else(|error| error.problem()),
            Access::Reader(right) => (&self.settings.readers, "a reader's", right),
            Access::Operator(right) => (&self.settings.operators, "an operator's", right),
        };
        if !admits_address(self.settings.addresses.as_deref(), request::source(request)) {
            return answer::problem(StatusCode::FORBIDDEN, "this address may not read");
        }
        let bearer: Vec<String> = request::bearer(request.headers()).into_iter().collect();
        let Some(by) = tokens.admit(&bearer) else {
            return answer::unauthorized(&format!("{who} token is required, as Authorization: Bearer"));
        };
        let answered = match by.has(right) {
            true => self.answer(request, route, by, Timestamp::now()).await,
            false => Err(QueryError::NoRight(right)),
        };
        let answered = answered.unwrap_or_else(|error| error.problem());
        log(request, route, by, answered.status());
        answered
    }

    async fn answer(&self, request: &Request, route: Route<'_>, by: &KnownToken, now: Timestamp) -> Answer {
        let views = &self.views;
        let parameters = &views.with_entity(Parameters::of(request, route.parameters())?).await?;
        match route {
            Route::Events => {
                listed(request, &views.events(&ListQuery::<EventFilter>::read(parameters, now)?, now).await?)
            }
            Route::Event(id) => shown(&views.event(id, now).await?),
            Route::Body(id) => views.body(id, now).await,
            Route::Calls => listed(request, &views.calls(&ListQuery::<CallFilter>::read(parameters, now)?, now).await?),
            Route::Call(id) => paged(request, &views.call(&CallQuery::read(id, parameters)?, now).await?),
            Route::Quarantine => paged(request, &views.quarantine(&page_of_quarantine(parameters)?, now).await?),
            Route::Quarantined(id) => views.quarantined(id, now).await,
            Route::Retry(id) => self.retry(id, now).await,
            Route::Alerts => listed(request, &views.alerts(&page_of_alerts(parameters, now)?, now).await?),
            Route::Alert(id) => paged(request, &views.alert(&AlertQuery::read(id, parameters)?, now).await?),
            Route::Stats => csv::shown(request, &views.stats(&StatsQuery::read(parameters, now)?, now).await?),
            Route::Top => shown(&views.top(&TopQuery::read(parameters, now)?, now).await?),
            Route::TestAlert => self.test_alert(now).await,
            Route::Mute => self.mute(request, by, now).await,
            Route::Mutes => shown(&json!({ "items": views.mutes(now).await?.all() })),
            Route::Names => listed(request, &views.names(&NameQuery::read(parameters)?).await?),
            Route::GiveNames => self.give_names(request, by).await,
            Route::Health | Route::Description => open(request, route),
        }
    }
}

/// What everybody is answered.
fn open(request: &Request, route: Route<'_>) -> Answer {
    Parameters::of(request, route.parameters())?;
    match route {
        Route::Description => openapi::answer(),
        _ => shown(&json!({"status": "ok", "version": VERSION})),
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

/// What may go on in a further page.
trait Paged: Serialize {
    /// The cursor of that.
    fn next(&self) -> Option<String>;
}

/// A page as JSON.
fn paged<T: Paged>(request: &Request, page: &T) -> Answer {
    Ok(linked(request, page, answer::json(StatusCode::OK, page)))
}

/// A page of a list, as JSON or CSV.
fn listed<T: Paged + Rows>(request: &Request, page: &T) -> Answer {
    Ok(linked(request, page, csv::shown(request, page)?))
}

/// The answer with the address of the next page, relative to its own: of where the API is, nothing is known here.
fn linked<T: Paged>(request: &Request, page: &T, mut answered: Response<Body>) -> Response<Body> {
    let link = |cursor: String| format!("<?{}>; rel=\"next\"", request::query_with(request, "cursor", &cursor));
    if let Some(link) = page.next().and_then(|cursor| HeaderValue::try_from(link(cursor)).ok()) {
        answered.headers_mut().insert(header::LINK, link);
    }
    answered
}
