//! Against a service that answers at once, and in Tokio's own time, which passes only while all wait.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]

use tokio::time::Instant;

use super::*;
use crate::aws::fake::{Fault, Service};

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
        let attempts = service.asked("DynamoDB");
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
        assert_eq!((service.asked("DynamoDB"), took), (1, Duration::ZERO), "{code}");
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
        assert!(service.asked("DynamoDB") >= 9, "call {nth}");
    }
    // The budget that the SDK's calls share is empty by then.
    let usual = service.aws().dynamodb();
    let mut attempts = Vec::new();
    for _ in 0..60 {
        failing(&usual).await;
        attempts.push(service.asked("DynamoDB"));
    }
    assert_eq!((attempts.first(), attempts.last()), (Some(&3), Some(&1)));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_leaves_time_for_another() {
    for (time, attempts) in [(TIME, 3), (Duration::from_millis(1500), 2)] {
        let service = Service::of(Fault::Hangs);
        let took = failing(&service.aws().persistent(time).dynamodb()).await;
        assert_eq!((service.asked("DynamoDB"), took), (attempts, time));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_tried_once_is_over_after_its_time() {
    let time = Duration::from_millis(500);
    for (fault, expected) in [(Fault::Hangs, time), (Fault::Lost, Duration::ZERO)] {
        let service = Service::of(fault);
        let took = failing(&service.aws().once(time).dynamodb()).await;
        assert_eq!((service.asked("DynamoDB"), took), (1, expected), "{fault:?}");
    }
}
