//! A delivery, step by step: read the request, verify, parse, store, answer. The four ingest functions are this.

mod noting;
mod settings;
mod table;

use std::convert::Infallible;
use std::sync::Arc;

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response, service_fn};
use serde::Serialize;

use self::noting::Noting;
pub use self::settings::{IngestSettings, addresses_variable, tokens_variable};
use self::table::{Table, TableError};
use crate::access::{MAX_BODY, Origin, Refusal, Rules, Verified};
use crate::answer;
use crate::aws::Aws;
use crate::intake::{Intake, Kept};
use crate::key::EventId;
use crate::log::chain;
use crate::metric::{Disposition, Gauges, Metrics};
use crate::name::Provider;
use crate::request;
use crate::settings::environment;
use crate::spool::Spool;

/// A way in for deliveries.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// Whose deliveries come here.
    pub provider: Provider,
    /// The function that serves it.
    pub function: &'static str,
}

impl Route {
    const fn new(method: &'static str, path: &'static str, provider: Provider, function: &'static str) -> Self {
        Self { method, path, provider, function }
    }
}

/// The routes.
pub const ROUTES: [Route; 6] = [
    Route::new("POST", "/webhooks/onsip/call", Provider::Onsip, "call"),
    Route::new("POST", "/webhooks/onsip/app", Provider::Onsip, "app"),
    Route::new("POST", "/webhooks/opentact/call", Provider::Opentact, "call"),
    Route::new("GET", "/webhooks/opentact/call", Provider::Opentact, "call"),
    Route::new("POST", "/webhooks/opentact/sms", Provider::Opentact, "sms"),
    Route::new("POST", "/webhooks/opentact/account", Provider::Opentact, "account"),
];

/// The receiver of deliveries. Each function accepts any event that it can read, whichever family its URL names: an OnSIP
/// subscription sends all its types to one URL.
#[derive(Debug)]
pub struct Ingest {
    rules: Rules,
    intake: Intake,
    table: Table,
    spool: Spool,
    metrics: Metrics,
    noting: Noting,
}

/// Runs an ingest function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_http::Error> {
    crate::log::init(&environment);
    let (settings, aws) = (IngestSettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let ingest = Arc::new(Ingest::new(settings, aws, Metrics::read(&environment)));
    ingest.table.usual().connect().await;
    let handle = move |request| {
        let ingest = Arc::clone(&ingest);
        async move { Ok::<_, Infallible>(ingest.handle(request).await) }
    };
    // As a task: Tokio wakes one without a system call, and the main future, at each answer that it waits for, with one.
    tokio::task::spawn_local(lambda_http::run(service_fn(handle))).await?
}

impl Ingest {
    /// A receiver with those settings.
    #[must_use]
    pub fn new(settings: IngestSettings, aws: Aws, metrics: Metrics) -> Self {
        let IngestSettings { events_table, rules, own_domains, retention, bodies, shards, spool_queue, .. } = settings;
        for provider in rules.closed() {
            let variable = tokens_variable(provider);
            tracing::warn!("{variable} is empty: every delivery of {provider} is refused until it holds a digest");
        }
        Self {
            rules,
            intake: Intake { own_domains, retention, bodies },
            spool: Spool::new(&aws, spool_queue),
            table: Table::new(aws, events_table, shards),
            metrics,
            noting: Noting::default(),
        }
    }

    /// Takes one request and answers it, whatever happens.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let path = request::path(&request);
        let routes: Vec<_> = ROUTES.into_iter().filter(|route| route.path == path).collect();
        if routes.is_empty() {
            return answer::not_found("there is nothing at this path");
        }
        let method = request.method().as_str();
        let Some(Route { provider, .. }) = routes.iter().copied().find(|route| route.method == method) else {
            return answer::method_not_allowed(&routes.iter().map(|route| route.method).collect::<Vec<_>>());
        };
        let delivery = request::delivery(request, provider, crate::time::to_microsecond(Timestamp::now()));
        let rules = &self.rules;
        let disposition = match rules.origin(&delivery) {
            Origin::Provider => Disposition::Refused,
            Origin::Stranger => Disposition::Stray,
        };
        match rules.verify(delivery) {
            Ok(delivery) => self.take(delivery).await,
            Err(refusal) => self.refuse(provider, disposition, refusal),
        }
    }

    fn refuse(&self, provider: Provider, disposition: Disposition, refusal: Refusal) -> Response<Body> {
        self.metrics.count(provider, disposition, None);
        match refusal {
            Refusal::Token => answer::unauthorized(&refusal.to_string()),
            Refusal::Address => answer::problem(StatusCode::FORBIDDEN, &refusal.to_string()),
        }
    }

    async fn take(&self, delivery: Verified) -> Response<Body> {
        let (provider, size) = (delivery.provider(), delivery.content().body.len());
        if size > MAX_BODY {
            self.metrics.count(provider, Disposition::Refused, None);
            tracing::warn!(%provider, size, "a verified delivery is too large");
            let detail = format!("a body may have at most {MAX_BODY} bytes, this one has {size}");
            return answer::problem(StatusCode::PAYLOAD_TOO_LARGE, &detail);
        }
        let (disposition, response) = match self.table.keep(&self.intake, &delivery).await {
            Ok(kept) => (Disposition::from(&kept), answered(kept)),
            Err(trouble) => self.put_aside(&delivery, &trouble).await,
        };
        self.noting.note(self.table.usual(), provider, disposition, delivery.content().received_at).await;
        self.metrics.count(provider, disposition, Some(&delivery.content().request_id));
        response
    }

    /// Puts what the table did not take into the spool.
    async fn put_aside(&self, delivery: &Verified, trouble: &TableError) -> (Disposition, Response<Body>) {
        let (provider, request_id) = (delivery.provider(), &delivery.content().request_id);
        match self.spool.put_delivery(delivery).await {
            Ok(()) => {
                self.table.avoid();
                tracing::warn!(%provider, request_id, error = chain(trouble), "a delivery waits in the spool");
                (Disposition::Spooled, receipt(StatusCode::ACCEPTED, "spooled", None))
            }
            Err(error) => {
                let (error, spool) = (chain(trouble), chain(&error));
                tracing::error!(%provider, request_id, error, spool, "a delivery could not be stored");
                (Disposition::Failed, answer::unavailable("the delivery could not be stored; send it again"))
            }
        }
    }
}

/// The answer's body for a verified delivery.
#[derive(Serialize)]
struct Receipt {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn answered(kept: Kept) -> Response<Body> {
    match kept {
        Kept::Stored(id) => receipt(StatusCode::OK, "stored", Some(&id)),
        Kept::Duplicate(id) => receipt(StatusCode::OK, "duplicate", Some(&id)),
        Kept::Probe => receipt(StatusCode::OK, "ready", None),
        Kept::Quarantined(id, reason) => {
            let receipt = Receipt { status: "quarantined", id: Some(id.to_string()), reason: Some(reason) };
            answer::json(StatusCode::ACCEPTED, &receipt)
        }
    }
}

fn receipt(code: StatusCode, status: &'static str, id: Option<&EventId>) -> Response<Body> {
    answer::json(code, &Receipt { status, id: id.map(ToString::to_string), reason: None })
}

#[cfg(test)]
mod tests;
