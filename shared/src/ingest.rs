//! A delivery, step by step: read the request, verify, parse, store, answer. The four ingest functions are this.

mod noting;
mod settings;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response, service_fn};
use serde::Serialize;

use self::noting::Noting;
pub use self::settings::{IngestSettings, addresses_variable, tokens_variable};
use crate::access::{MAX_BODY, Origin, Refusal, Verified};
use crate::answer;
use crate::aws::Aws;
use crate::key::EventId;
use crate::log::chain;
use crate::metric::{Disposition, Gauges, Metrics};
use crate::name::Provider;
use crate::provider::{self, Reading};
use crate::request;
use crate::settings::environment;
use crate::store::quarantine::Quarantined;
use crate::store::{Put, Store, StoreError};

/// The most time that storing may take, all attempts together.
const STORING: Duration = Duration::from_secs(3);

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
    settings: IngestSettings,
    store: Store,
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
    ingest.store.connect().await;
    let handle = move |request| {
        let ingest = Arc::clone(&ingest);
        async move { Ok::<_, Infallible>(ingest.handle(request).await) }
    };
    // As a task: Tokio wakes one without a system call, and the main future, at each answer that it waits for, with one.
    tokio::task::spawn_local(lambda_http::run(service_fn(handle))).await?
}

impl Ingest {
    /// A receiver with those rules, storing there.
    #[must_use]
    pub fn new(settings: IngestSettings, aws: Aws, metrics: Metrics) -> Self {
        for provider in settings.rules.closed() {
            let variable = tokens_variable(provider);
            tracing::warn!("{variable} is empty: every delivery of {provider} is refused until it holds a digest");
        }
        let store = Store::new(&aws.persistent(STORING), settings.events_table.clone(), settings.shards);
        Self { settings, store, metrics, noting: Noting::default() }
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
        let rules = &self.settings.rules;
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
        self.metrics.count(provider, disposition);
        match refusal {
            Refusal::Token => answer::unauthorized(&refusal.to_string()),
            Refusal::Address => answer::problem(StatusCode::FORBIDDEN, &refusal.to_string()),
        }
    }

    async fn take(&self, delivery: Verified) -> Response<Body> {
        let (provider, size) = (delivery.provider(), delivery.content().body.len());
        if size > MAX_BODY {
            self.metrics.count(provider, Disposition::Refused);
            tracing::warn!(%provider, size, "a verified delivery is too large");
            let detail = format!("a body may have at most {MAX_BODY} bytes, this one has {size}");
            return answer::problem(StatusCode::PAYLOAD_TOO_LARGE, &detail);
        }
        let taken = tokio::time::timeout(STORING, self.store(&delivery)).await;
        let request_id = &delivery.content().request_id;
        let (disposition, response) = match taken {
            Ok(Ok(taken)) => taken,
            Ok(Err(error)) => {
                tracing::error!(%provider, request_id, error = chain(&error), "a delivery could not be stored");
                (Disposition::Failed, answer::unavailable("the delivery could not be stored; send it again"))
            }
            Err(_) => {
                tracing::error!(%provider, request_id, "a delivery could not be stored in time");
                (Disposition::Failed, answer::unavailable("the delivery could not be stored in time; send it again"))
            }
        };
        self.noting.note(&self.store, provider, disposition, delivery.content().received_at).await;
        self.metrics.count(provider, disposition);
        response
    }

    async fn store(&self, delivery: &Verified) -> Result<(Disposition, Response<Body>), StoreError> {
        let event = match provider::read(delivery, &self.settings.own_domains) {
            Ok(Reading::Event(event)) => event,
            Ok(Reading::Probe) => return Ok((Disposition::Probe, receipt("ready", None))),
            Err(unreadable) => return self.quarantine(delivery, unreadable.to_string()).await,
        };
        match self.store.put_event(&event, delivery.content(), self.settings.retention).await {
            Ok(Put::Stored(id)) => Ok((Disposition::Stored, receipt("stored", Some(&id)))),
            Ok(Put::Duplicate(id)) => Ok((Disposition::Duplicate, receipt("duplicate", Some(&id)))),
            Ok(Put::Conflict { id, other }) => {
                tracing::warn!(%id, %other, "two deliveries have one identity and different contents; both are kept");
                Ok((Disposition::Stored, receipt("stored", Some(&id))))
            }
            Err(StoreError::Refused { cause, .. }) => {
                self.quarantine(delivery, format!("refused by the store: {cause}")).await
            }
            Err(error) => Err(error),
        }
    }

    async fn quarantine(
        &self,
        delivery: &Verified,
        reason: String,
    ) -> Result<(Disposition, Response<Body>), StoreError> {
        let quarantined = Quarantined::new(delivery, reason);
        self.store.put_quarantined(&quarantined, delivery.content(), self.settings.retention).await?;
        let Quarantined { id, reason, .. } = quarantined;
        tracing::warn!(%id, reason, "a delivery could not be read as an event; it is in quarantine");
        let receipt = Receipt { status: "quarantined", id: Some(id.to_string()), reason: Some(reason) };
        Ok((Disposition::Quarantined, answer::json(StatusCode::ACCEPTED, &receipt)))
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

fn receipt(status: &'static str, id: Option<&EventId>) -> Response<Body> {
    answer::json(StatusCode::OK, &Receipt { status, id: id.map(ToString::to_string), reason: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_a_way_in_and_its_name_stands_in_the_path() {
        for provider in Provider::ALL.iter().copied() {
            let routes: Vec<_> = ROUTES.iter().filter(|route| route.provider == provider).collect();
            assert!(routes.iter().any(|route| route.method == "POST"), "{provider}");
            for route in routes {
                assert_eq!(route.path, format!("/webhooks/{provider}/{}", route.function));
            }
        }
    }
}
