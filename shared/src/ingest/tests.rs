//! What a provider is answered while AWS does not, and how long that takes.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::access::tests::verified;
use crate::aws::fake::{Fault, Service};

const THROTTLED: Fault = Fault::Status(400, "ThrottlingException");

fn ingest(service: &Service) -> Ingest {
    let lookup = |name: &str| ["EVENTS_TABLE", "SPOOL_QUEUE_URL"].contains(&name).then(|| "x".to_owned());
    Ingest::new(IngestSettings::read(&lookup).unwrap(), service.aws(), Metrics::Off)
}

/// The status of the answer to a delivery, and how long it took.
async fn deliver(ingest: &Ingest) -> (u16, Duration) {
    let begun = Instant::now();
    let answer = ingest.take(verified(Provider::Onsip, br#"{"id":"1","type":"call.dialog.created"}"#)).await;
    (answer.status().as_u16(), begun.elapsed())
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[tokio::test(start_paused = true)]
async fn every_provider_has_its_answer_within_five_seconds_whatever_hangs() {
    for (faults, expected) in [
        (&[][..], (200, seconds(0.0))),
        (&[("DynamoDB", Fault::Hangs)], (202, seconds(3.0))),
        (&[("DynamoDB", THROTTLED)], (202, seconds(3.0))),
        (&[("DynamoDB", Fault::Status(400, "AccessDeniedException"))], (202, seconds(0.0))),
        (&[("DynamoDB", Fault::Status(400, "ResourceNotFoundException"))], (202, seconds(0.0))),
        (&[("DynamoDB", Fault::Hangs), ("AmazonSQS", Fault::Hangs)], (503, seconds(4.5))),
        (&[("DynamoDB", Fault::Lost), ("AmazonSQS", Fault::Status(403, "AccessDenied"))], (503, seconds(3.0))),
    ] {
        let service = Service::default();
        faults.iter().for_each(|(name, fault)| service.break_with(name, *fault));
        assert_eq!(deliver(&ingest(&service)).await, expected, "{faults:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn for_ten_seconds_after_a_spooled_delivery_the_table_has_one_attempt_of_half_a_second() {
    for (fault, brief) in [(THROTTLED, 0.0), (Fault::Hangs, 0.5)] {
        let service = Service::of(fault);
        let ingest = ingest(&service);
        assert_eq!(deliver(&ingest).await, (202, seconds(3.0)));
        assert!(service.asked("DynamoDB") >= 3 && service.asked("AmazonSQS") == 1);
        for _ in 0..3 {
            tokio::time::advance(seconds(9.0)).await;
            assert_eq!(deliver(&ingest).await, (202, seconds(brief)), "{fault:?}: each tells of the outage anew");
            assert_eq!((service.asked("DynamoDB"), service.asked("AmazonSQS")), (1, 1));
        }
        tokio::time::advance(seconds(10.0)).await;
        assert_eq!(deliver(&ingest).await, (202, seconds(3.0)), "{fault:?}: it is tried again");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_spool_did_not_take_costs_the_next_delivery_none_of_its_time() {
    let service = Service::of(THROTTLED);
    service.break_with("AmazonSQS", Fault::Lost);
    let ingest = ingest(&service);
    for _ in 0..2 {
        assert_eq!(deliver(&ingest).await, (503, seconds(4.5)));
    }
}

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
