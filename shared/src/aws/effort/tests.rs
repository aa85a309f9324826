//! Against a service that answers at once, and in Tokio's own time, which passes only while all wait.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use tokio::time::Instant;

use super::*;
use crate::aws::Aws;

/// What a service does with each request.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Status(u16, &'static str),
    /// The connection is refused or lost.
    Lost,
    Hangs,
}

/// The service, and when it was asked.
#[derive(Debug, Clone)]
struct Service(Fault, Arc<Mutex<Vec<Instant>>>);

impl HttpConnector for Service {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.1.lock().unwrap().push(Instant::now());
        match self.0 {
            Fault::Status(status, code) => {
                let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"m"}}"#);
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
            }
            Fault::Lost => HttpConnectorFuture::ready(Err(ConnectorError::io("connection lost".into()))),
            Fault::Hangs => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl Service {
    fn of(fault: Fault) -> Self {
        Self(fault, Arc::default())
    }

    fn aws(&self) -> Aws {
        let service = self.clone();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(service.clone())));
        Aws::from(config.build())
    }

    /// The waits between the attempts since this was asked last.
    fn waits(&self) -> Vec<Duration> {
        let asked = std::mem::take(&mut *self.1.lock().unwrap());
        asked.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// How often it was asked since this was asked last.
    fn asked(&self) -> usize {
        std::mem::take(&mut *self.1.lock().unwrap()).len()
    }
}

const TIME: Duration = Duration::from_secs(3);

/// A call that fails, and how long it took.
async fn failing(client: &aws_sdk_dynamodb::Client) -> Duration {
    let begun = Instant::now();
    client.put_item().table_name("t").send().await.unwrap_err();
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn what_a_repeat_may_cure_is_tried_until_the_time_is_over() {
    for fault in [
        Fault::Status(400, "ThrottlingException"),
        Fault::Status(400, "ProvisionedThroughputExceededException"),
        Fault::Status(400, "RequestLimitExceeded"),
        Fault::Status(500, "InternalServerError"),
        Fault::Status(503, "ServiceUnavailable"),
        Fault::Status(501, "x"),
        Fault::Status(599, "x"),
        Fault::Lost,
    ] {
        let service = Service::of(fault);
        let took = failing(&service.aws().persistent(TIME).dynamodb()).await;
        // The longest waits there may be are 50, 100, 200, 400 and then 500 milliseconds.
        let attempts = service.asked();
        assert!(attempts >= 9 && took == TIME, "{fault:?}: {attempts} attempts in {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_missing_or_wrong_is_not_tried_again() {
    for code in [
        "AccessDeniedException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
        "ResourceNotFoundException",
        "ValidationException",
        "ConditionalCheckFailedException",
        "ItemCollectionSizeLimitExceededException",
    ] {
        let service = Service::of(Fault::Status(400, code));
        let took = failing(&service.aws().persistent(TIME).dynamodb()).await;
        assert_eq!((service.asked(), took), (1, Duration::ZERO), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn waits_grow_to_half_a_second_and_are_drawn_by_lot() {
    let service = Service::of(Fault::Status(400, "ThrottlingException"));
    let client = service.aws().persistent(TIME).dynamodb();
    let mut longest = Vec::new();
    for _ in 0..20 {
        failing(&client).await;
        let waits = service.waits();
        for (nth, wait) in waits.iter().enumerate() {
            let limit = FIRST_WAIT * 2_u32.saturating_pow(nth.try_into().unwrap());
            // Tokio's timers have a grain of a millisecond.
            assert!(*wait <= limit.min(LONGEST_WAIT) + Duration::from_millis(1), "{nth}: {wait:?}");
        }
        longest.extend(waits.into_iter().max());
    }
    longest.sort();
    longest.dedup();
    assert!(longest.len() > 10 && longest[0] > FIRST_WAIT, "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn no_call_takes_from_the_attempts_of_another() {
    let service = Service::of(Fault::Status(400, "ThrottlingException"));
    let client = service.aws().persistent(TIME).dynamodb();
    for nth in 0..60 {
        failing(&client).await;
        assert!(service.asked() >= 9, "call {nth}");
    }
    // The budget that the SDK's calls share is empty by then.
    let usual = service.aws().dynamodb();
    let mut attempts = Vec::new();
    for _ in 0..60 {
        failing(&usual).await;
        attempts.push(service.asked());
    }
    assert_eq!((attempts.first(), attempts.last()), (Some(&3), Some(&1)));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_leaves_time_for_another() {
    for (time, attempts) in [(TIME, 3), (Duration::from_millis(1500), 2)] {
        let service = Service::of(Fault::Hangs);
        let took = failing(&service.aws().persistent(time).dynamodb()).await;
        assert_eq!((service.asked(), took), (attempts, time));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_tried_once_is_over_after_its_time() {
    let time = Duration::from_millis(500);
    for (fault, expected) in [(Fault::Hangs, time), (Fault::Lost, Duration::ZERO)] {
        let service = Service::of(fault);
        let took = failing(&service.aws().once(time).dynamodb()).await;
        assert_eq!((service.asked(), took), (1, expected), "{fault:?}");
    }
}
