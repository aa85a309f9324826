//! The console: HTML in a browser, of the same parameters and views that `query` answers with as JSON and CSV.
//!
//! It reads, and nothing else. What an operator sets off goes from the browser to the API, with the operator's token.

mod answer;
mod assets;
mod drawing;
mod filters;
mod page;
mod range;
mod route;
mod session;
mod settings;
mod sign_in;
mod states;
mod typed;
mod views;
mod visit;
mod words;

use std::convert::Infallible;

use jiff::Timestamp;
use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Request, RequestExt as _, Response, service_fn};
use query::{QueryError, Views};
use shared::access::admits_address;
use shared::answer::headers_of;
use shared::aws::Aws;
use shared::metric::Gauges;
use shared::request;
use shared::settings::environment;

use crate::filters::Filters;
pub use crate::route::RESOURCES;
use crate::route::{Access, Route};
pub use crate::settings::{ConsoleSettings, Days};
use crate::visit::Visit;

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_http::Error> {
    shared::log::init(&environment);
    let (settings, aws) = (ConsoleSettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let console = &Console::new(settings, &aws);
    console.views.connect().await;
    let handle = |request| async move { Ok::<_, Infallible>(console.handle(request).await) };
    lambda_http::run(service_fn(handle)).await
}

/// The console.
#[derive(Debug)]
pub struct Console {
    settings: ConsoleSettings,
    views: Views,
}

type Answer = Result<Response<Body>, QueryError>;

impl Console {
    /// The console over those tables.
    #[must_use]
    pub fn new(settings: ConsoleSettings, aws: &Aws) -> Self {
        let views = Views::new(aws, &settings.events_table, &settings.alerts_table, settings.shards);
        Self { settings, views }
    }

    /// Answers one request, whatever happens.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let is_head = request.method() == Method::HEAD;
        let answered = self.answer(&request).await;
        if is_head { headers_of(answered) } else { answered }
    }

    async fn answer(&self, request: &Request) -> Response<Body> {
        let path = request::path(request);
        if !admits_address(self.settings.addresses.as_deref(), request::source(request)) {
            return answer::plain(StatusCode::FORBIDDEN, "This address may not read.");
        }
        let Some(route) = Route::parse(&path) else { return unknown(request, &path) };
        if !request::is_of(request, route.method()) {
            return method_not_allowed(route);
        }
        match route {
            Route::Asset(version, name) => assets::answer(version, name),
            Route::SignIn => self.sign_in(request),
            Route::SignOut => self.sign_out(request),
            _ => self.show(request, route).await,
        }
    }

    async fn show(&self, request: &Request, route: Route<'_>) -> Response<Body> {
        let filters = Filters::of(request);
        let Some(by) = session::signed_in(request, &self.settings.readers) else {
            return sign_in::form(route, &filters);
        };
        if filters.leave_out_some_of(request) {
            // A view has one address, and that is short enough to pass on.
            return answer::redirect(&filters.href());
        }
        let canonical = typed::canonical(&filters);
        if canonical != filters {
            return answer::redirect(&canonical.href());
        }
        let visit = Visit { route, by, filters, now: Timestamp::now() };
        let answered = match route.access() {
            Access::Reader(right) if !by.has(right) => Err(QueryError::NoRight(right)),
            _ => self.view(&visit).await,
        };
        let answered = answered.unwrap_or_else(|error| states::failed(&visit, &error));
        log(request, &visit, answered.status());
        answer::guarded(answered)
    }

    async fn view(&self, visit: &Visit<'_>) -> Answer {
        match visit.route {
            Route::Overview => views::overview::show(&self.views, visit).await,
            Route::Calls => views::calls::show(&self.views, visit).await,
            Route::CallsCsv => views::calls::file(&self.views, visit).await,
            Route::Call(id) => views::call::show(&self.views, visit, id).await,
            Route::Events => views::events::show(&self.views, visit).await,
            Route::EventsCsv => views::events::file(&self.views, visit).await,
            Route::Event(id) => views::event::show(&self.views, visit, id).await,
            Route::Body(id) => self.views.body(id, visit.now).await,
            Route::Failures => views::failures::show(&self.views, visit).await,
            Route::Alerts => views::alerts::show(&self.views, visit).await,
            Route::Alert(id) => views::alert::show(&self.views, visit, id).await,
            Route::Menus => views::menus::show(&self.views, visit).await,
            Route::Quarantine => views::quarantine::show(&self.views, visit).await,
            Route::Quarantined(id) => self.views.quarantined(id, visit.now).await,
            Route::Entity => views::entity::show(&self.views, visit).await,
            Route::Search => views::search::show(&self.views, visit).await,
            Route::Help => views::help::show(visit),
            Route::SignIn | Route::SignOut | Route::Asset(..) => Err(QueryError::NotFound("view")),
        }
    }
}

/// Who looked at what. The path and the query string stay out: they may hold a number.
fn log(request: &Request, visit: &Visit<'_>, status: StatusCode) {
    let (request_id, route) = (request::id(request), visit.route.name());
    tracing::info!(by = visit.by.name(), route, status = status.as_u16(), request_id, "answered");
}

/// There is nothing at that path, unless a slash ends it, by which relative addresses would be other ones.
fn unknown(request: &Request, path: &str) -> Response<Body> {
    match path.strip_suffix('/').and_then(Route::parse).filter(|route| route.method() == "GET") {
        Some(route) => answer::redirect(&format!("../{}{}", route.up(), route.address())),
        None => page::unknown(request.raw_http_path()),
    }
}

fn method_not_allowed(route: Route<'_>) -> Response<Body> {
    let allowed = request::answered(route.method());
    let mut answered =
        answer::plain(StatusCode::METHOD_NOT_ALLOWED, &format!("This path answers only {}.", allowed.join(", ")));
    answered.headers_mut().extend(HeaderValue::try_from(allowed.join(", ")).ok().map(|value| (header::ALLOW, value)));
    answered
}
