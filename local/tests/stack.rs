//! What is the local stack's own: how it starts, stops and starts again, and what its gateway answers before any
//! handler does. What the handlers answer is tested in `tests/`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::{Options, Stack, Subscription};
use serde_json::{Value, json};
use shared::aws::Aws;

const TOKEN: &str = "a-token";

fn options() -> Options {
    Options { token: Some(TOKEN.to_owned()), read_token: Some(TOKEN.to_owned()), ..Options::default() }
}

async fn send(stack: &Stack, method: &str, path: &str, body: impl Into<Bytes>) -> (u16, String, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", stack.url()))
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Full::new(body.into()))
        .unwrap();
    let response = Client::builder(TokioExecutor::new()).build_http().request(request).await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, kind, serde_json::from_slice(&body).unwrap())
}

fn out_of_money(call: &str) -> String {
    let call = json!({
        "uuid": call, "direction": "in", "state": "failed", "from": "+12025550111", "to": "12025550144",
        "reason": "Insufficient account balance",
    });
    json!({ "uuid": "e", "created_on": "2026-11-02T16:40:00.317Z", "type": "call_state", "call": call }).to_string()
}

/// What was told of events; that their call is over comes in its own time.
async fn told(stack: &Stack) -> Vec<Value> {
    let (status, _, list) = send(stack, "GET", "/local/published", "").await;
    assert_eq!(status, 200);
    list.as_array().unwrap().iter().filter(|told| told["attributes"]["outcome"].is_null()).cloned().collect()
}

async fn published(stack: &Stack, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let list = told(stack).await;
        if list.len() >= count {
            return list;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} messages were not published");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_nowhere_is_a_problem_and_known_paths_reach_their_handlers() {
    let stack = Stack::start(options()).await.unwrap();
    for path in ["/", "/webhooks/onsip", "/events/x/y", "/local"] {
        let (status, kind, problem) = send(&stack, "GET", path, "").await;
        assert_eq!((status, kind.as_str()), (404, "application/problem+json"), "{path}");
        assert_eq!(problem["status"], 404);
    }
    assert_eq!(send(&stack, "POST", "/webhooks/onsip/call", "{}").await.0, 200);
    assert_eq!(send(&stack, "PUT", "/webhooks/onsip/call", "{}").await.0, 405);
    assert_eq!(send(&stack, "GET", "/quarantine", "").await.0, 200);
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_ten_megabytes_is_read_to_its_end_and_refused() {
    let stack = Stack::start(options()).await.unwrap();
    for size in [10 * 1024 * 1024 + 1, 40 * 1024 * 1024] {
        let (status, kind, _) = send(&stack, "POST", "/webhooks/onsip/call", vec![b' '; size]).await;
        assert_eq!((status, kind.as_str()), (413, "application/problem+json"), "{size}");
    }
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_published_on_every_topic() {
    let stack = Stack::start(options()).await.unwrap();
    let (status, _, answer) = send(&stack, "POST", "/webhooks/opentact/call", out_of_money("c")).await;
    assert_eq!((status, &answer["status"]), (200, &json!("stored")));
    let list = published(&stack, 5).await;
    let mut topics: Vec<_> = list.iter().map(|publication| publication["topic"].as_str().unwrap()).collect();
    topics.sort_unstable();
    assert_eq!(topics, ["AlertsTopic", "ChatTopic", "EventsTopic", "PagesTopic", "UrgentTopic"]);
    assert!(list[0]["publishedAt"].is_string() && list[0]["attributes"].is_object());
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_directory_everything_is_there_on_the_next_start_and_nothing_alerts_again() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options { data: Some(directory.path().to_owned()), ..options() };
    let stack = Stack::start(options()).await.unwrap();
    let (_, _, stored) = send(&stack, "POST", "/webhooks/opentact/call", out_of_money("c")).await;
    published(&stack, 3).await;
    assert!(Stack::start(options()).await.is_err(), "the directory belongs to one stack at a time");
    stack.shutdown().await;
    assert!(directory.path().join("stream-position").exists());

    let stack = Stack::start(options()).await.unwrap();
    let path = format!("/events/{}", stored["id"].as_str().unwrap());
    assert_eq!(send(&stack, "GET", &path, "").await.0, 200);
    let (_, _, repeat) = send(&stack, "POST", "/webhooks/opentact/call", out_of_money("c")).await;
    assert_eq!(repeat["status"], "duplicate");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(told(&stack).await, Vec::<Value>::new());
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_a_version_with_fewer_indexes_goes_on_and_what_is_told_from_then_on_is_listed() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options { data: Some(directory.path().to_owned()), ..options() };
    let stack = Stack::start(options()).await.unwrap();
    send(&stack, "POST", "/webhooks/opentact/call", out_of_money("c")).await;
    published(&stack, 3).await;
    let client = client(&stack);
    let index = DeleteGlobalSecondaryIndexAction::builder().index_name("listed").build().unwrap();
    let update = GlobalSecondaryIndexUpdate::builder().delete(index).build();
    client.update_table().table_name("AlertsTable").global_secondary_index_updates(update).send().await.unwrap();
    assert_eq!(send(&stack, "GET", "/alerts", "").await.0, 503, "it has no such index");
    stack.shutdown().await;

    let stack = Stack::start(options()).await.unwrap();
    let (status, _, list) = send(&stack, "GET", "/alerts", "").await;
    assert_eq!((status, list["items"].as_array().unwrap().len()), (200, 1), "{list}");
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_a_power_failure_is_told_though_the_readers_had_come_further() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options { data: Some(directory.path().to_owned()), ..options() };
    let stack = Stack::start(options()).await.unwrap();
    send(&stack, "POST", "/webhooks/opentact/call", out_of_money("c")).await;
    published(&stack, 3).await;
    stack.shutdown().await;
    // A number of a time to come: the clock went back too.
    std::fs::write(directory.path().join("stream-position"), "109999999999999999999").unwrap();
    let stack = Stack::start(options()).await.unwrap();
    send(&stack, "POST", "/webhooks/opentact/call", out_of_money("d")).await;
    published(&stack, 1).await;
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_notify_fails_comes_again_until_it_is_taken_and_holds_up_no_other_reader() {
    let directory = tempfile::tempdir().unwrap();
    let options = |alerts_table: &str| Options {
        data: Some(directory.path().to_owned()),
        environment: [("ALERTS_TABLE".to_owned(), alerts_table.to_owned())].into(),
        ..options()
    };
    let stack = Stack::start(options("NoSuchTable")).await.unwrap();
    assert_eq!(send(&stack, "POST", "/webhooks/opentact/call", out_of_money("c")).await.0, 200);
    // Meanwhile the stream's other reader goes on.
    let position = directory.path().join("stream-position-index");
    while !position.exists() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told(&stack).await, Vec::<Value>::new());
    stack.shutdown().await;
    assert!(!directory.path().join("stream-position").exists());
    let stack = Stack::start(options("AlertsTable")).await.unwrap();
    published(&stack, 3).await;
    stack.shutdown().await;
}

fn client(stack: &Stack) -> aws_sdk_dynamodb::Client {
    let lookup = |name: &str| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(stack.dynamodb_url().to_owned()),
        "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("us-east-1".to_owned()),
        _ => None,
    };
    Aws::read(&lookup).unwrap().dynamodb()
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_items_go_with_the_schedule() {
    let every = Duration::from_millis(100);
    let stack = Stack::start(Options { every, ..options() }).await.unwrap();
    let client = client(&stack);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = client.put_item().table_name("EventsTable").item("pk", text("x")).item("sk", text("y"));
    put.item("expires", AttributeValue::N("1".to_owned())).send().await.unwrap();
    for _ in 0..100 {
        let found = client.get_item().table_name("EventsTable").key("pk", text("x")).key("sk", text("y"));
        if found.send().await.unwrap().item.is_none() {
            stack.shutdown().await;
            return;
        }
        tokio::time::sleep(every).await;
    }
    panic!("the item is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_to_renew_its_subscription_has_one_when_it_has_started() {
    let stack = Stack::start(Options { subscription: Subscription::Renewed, ..options() }).await.unwrap();
    let known = async {
        loop {
            // The stand-in has probed the stack's own URL with its token before it took it.
            let known = stack.renewal().await.unwrap();
            if known.subscription.is_some() {
                return known;
            }
            assert_eq!(known.trouble, None);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let known = tokio::time::timeout(Duration::from_secs(20), known).await.unwrap();
    assert_eq!(known.dead_at, known.renewed_at.unwrap().checked_add(shared::renewal::LIFE).ok());
    stack.shutdown().await;
    let by_hand = Stack::start(options()).await.unwrap();
    assert_eq!(by_hand.renewal().await, None);
    by_hand.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_named() {
    let stack = Stack::start(options()).await.unwrap();
    let taken = stack.url().trim_start_matches("http://").parse().unwrap();
    let refused = Stack::start(Options { listen: taken, ..options() }).await.err().unwrap();
    assert!(refused.to_string().contains("cannot listen"), "{refused}");
    stack.shutdown().await;
    let networks = vec!["10.0.0.0/8".to_owned(), "nowhere".to_owned()];
    let refused = Stack::start(Options { opentact_allow: networks, ..options() }).await.err().unwrap();
    assert!(refused.to_string().contains("\"nowhere\""), "{refused}");
}
