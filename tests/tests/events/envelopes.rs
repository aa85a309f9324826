//! The envelopes for `sam local invoke` and `cargo lambda invoke` hold what they say, and the functions take them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use lambda_http::RequestExt as _;
use notify::{Notify, NotifySettings};
use serde_json::{Value, json};
use shared::aws::Aws;
use tests::http::{Answer, Client};
use tests::samples::{folder, sample};
use tests::stack::Stack;
use tests::wait;

const POSTS: [(&str, &str); 4] = [
    ("call-post", BALANCE),
    ("app-post", "onsip-app.attendant-menu.transferred"),
    ("sms-post", "opentact-sms-smso-success-delivered"),
    ("account-post", "opentact-tn_order-success-with-rejected"),
];
const BALANCE: &str = "opentact-call_state-in-failed-insufficient-balance";
const TOKEN: &str = "example-token";

fn envelope(name: &str) -> Value {
    let path = folder().join("envelopes").join(format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

/// A stack that takes the envelopes' token.
fn stack() -> Stack {
    Stack::with(|options| {
        options.token = Some(TOKEN.to_owned());
        options.read_token = Some(TOKEN.to_owned());
    })
}

/// Sends over HTTP what an envelope says that API Gateway was sent.
fn replay(stack: &Stack, name: &str) -> Answer {
    let request = lambda_http::request::from_str(&envelope(name).to_string()).unwrap();
    let query = request.query_string_parameters();
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", tests::http::escape(value))).collect();
    let path = format!("{}?{}", request.raw_http_path(), query.join("&"));
    let headers: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    stack.client().send(request.method().as_str(), &path, &headers, request.body().as_ref())
}

#[test]
fn the_body_of_each_post_is_its_sample() {
    for (name, of) in POSTS {
        let envelope = envelope(name);
        assert_eq!(STANDARD.decode(envelope["body"].as_str().unwrap()).unwrap(), sample(of), "{name}");
        let request = lambda_http::request::from_str(&envelope.to_string()).unwrap();
        assert_eq!(request.body().as_ref(), sample(of), "{name}");
        assert_eq!(request.raw_http_path(), tests::samples::route(of), "{name}");
    }
}

#[test]
fn the_functions_take_the_requests() {
    let stack = stack();
    for name in POSTS.map(|(name, _)| name).into_iter().chain(["call-get"]) {
        let answer = replay(&stack, name);
        assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()), "{name}: {answer:?}");
    }
    let found = replay(&stack, "query-get");
    assert_eq!(found.status, 200, "{found:?}");
    let items = found.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 1, "alice has one of these: {items:?}");
}

/// The rows of the events table, as the database gives them.
fn rows(stack: &Stack) -> Vec<Value> {
    let scan = [
        ("x-amz-target", "DynamoDB_20120810.Scan"),
        ("content-type", "application/x-amz-json-1.0"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=local/20261102/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        ),
        ("x-amz-date", "20261102T170000Z"),
    ];
    let answer = Client::new(stack.dynamodb_url()).send("POST", "/", &scan, br#"{"TableName":"EventsTable"}"#);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["Items"].as_array().unwrap().clone()
}

#[test]
fn the_stream_batch_holds_the_row_that_its_sample_is_stored_as() {
    let stack = stack();
    assert_eq!(stack.post(tests::samples::route(BALANCE), sample(BALANCE)).status, 401, "another token");
    assert_eq!(replay(&stack, "call-post").status, 200);
    let mut row = rows(&stack).remove(0);
    let batch = envelope("notify-stream");
    let change = &batch["Records"][0]["dynamodb"];
    // When it was received differs from time to time, and how its body was packed from release to release.
    for name in ["seen", "day", "body"] {
        assert!(row[name].is_object(), "{name}: {row:#}");
        row[name] = change["NewImage"][name].clone();
    }
    assert_eq!(change["NewImage"], row, "stored today:\n{row:#}");
    assert_eq!(change["Keys"], json!({"pk": row["pk"], "sk": row["sk"]}));
}

#[test]
fn the_notifier_takes_the_stream_batch_and_the_schedule_and_alerts_once() {
    let stack = stack();
    let notifier = || {
        let arn = |topic: &str| format!("arn:aws:sns:us-east-1:000000000000:{topic}");
        let environment = BTreeMap::from([
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", stack.dynamodb_url().to_owned()),
            ("AWS_ENDPOINT_URL_SNS", stack.sns_url().to_owned()),
            ("EVENTS_TABLE", "EventsTable".to_owned()),
            ("ALERTS_TABLE", "AlertsTable".to_owned()),
            ("ALERTS_TOPIC_ARN", arn("AlertsTopic")),
            ("URGENT_TOPIC_ARN", arn("UrgentTopic")),
            ("CHAT_TOPIC_ARN", arn("ChatTopic")),
            ("PAGES_TOPIC_ARN", arn("PagesTopic")),
            ("DEAD_LETTER_QUEUE_URL", "http://127.0.0.1:9/unused".to_owned()),
            ("API_URL", "https://api.example.com/v1".to_owned()),
        ]);
        let lookup = |name: &str| environment.get(name).cloned();
        Notify::new(NotifySettings::read(&lookup).unwrap(), &Aws::read(&lookup).unwrap())
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // A minute after the failure in the batch: one of hours ago waits for the digest.
    let now: Timestamp = "2026-11-02T16:41:00Z".parse().unwrap();
    let invoke = |name: &str| runtime.block_on(async { notifier().handle(envelope(name), now).await.unwrap() });
    for _ in 0..2 {
        assert_eq!(invoke("notify-stream"), json!({"batchItemFailures": []}));
        invoke("notify-schedule");
    }
    wait::until("all are published", || (stack.published().len() >= 4).then_some(()));
    let mut topics: Vec<_> = stack.published().iter().map(|message| message["topic"].to_string()).collect();
    topics.sort();
    assert_eq!(topics, ["\"AlertsTopic\"", "\"ChatTopic\"", "\"PagesTopic\"", "\"UrgentTopic\""]);
}
