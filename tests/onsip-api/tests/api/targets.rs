//! Probes and deliveries.

use std::time::Duration;

use axum::http::StatusCode;
use onsip_api::{OnsipApi, Route};
use serde_json::{Value, json};

use super::client::{Client, Target};

async fn add(client: &Client, target: &str) -> Result<Value, String> {
    let session = client.log_in().await;
    client.webhook(&session, "Add", &[("Name", "trunkline"), ("TargetUrl", target)]).await
}

#[tokio::test]
async fn a_target_is_probed_with_an_empty_object_and_must_take_it() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    let good = Target::start(StatusCode::ACCEPTED).await;
    add(&client, &good.url).await.unwrap();
    assert_eq!(good.bodies(), ["{}"]);
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FOUND, StatusCode::SERVICE_UNAVAILABLE] {
        let bad = Target::start(status).await;
        assert_eq!(add(&client, &bad.url).await, Err("TargetUrl.Unreachable".to_owned()), "{status}");
        assert_eq!(bad.bodies().len(), 1);
    }
    assert_eq!(add(&client, "http://127.0.0.1:1/").await, Err("TargetUrl.Unreachable".to_owned()));
    assert_eq!(add(&client, "http://example.com/").await, Err("Url.Invalid".to_owned()));
    assert_eq!(api.record().subscriptions.len(), 1);
}

#[tokio::test]
async fn an_https_target_is_reached_where_a_knob_says_that_its_host_is() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    let target = Target::start(StatusCode::OK).await;
    let address = target.url.parse::<axum::http::Uri>().unwrap().authority().unwrap().as_str().parse().unwrap();
    let url = "https://example.com/v1/webhooks/onsip/call?token=secret";
    assert_eq!(add(&client, url).await, Err("TargetUrl.Unreachable".to_owned()));
    let route = Route { address, host: "other.example.com".to_owned() };
    api.turn(|knobs| knobs.hosts = [("example.com".to_owned(), route)].into());
    add(&client, url).await.unwrap();
    assert_eq!(api.deliver(&json!({ "id": "1" })).await[0].status, Some(200));
    assert_eq!(target.bodies()[0], "{}");
    assert_eq!(target.hosts(), ["other.example.com"; 2]);
}

#[tokio::test]
async fn an_event_goes_to_all_that_are_live_each_under_its_own_subscription() {
    let api = OnsipApi::start(0).await.unwrap();
    let (good, bad) = (Target::start(StatusCode::OK).await, Target::start(StatusCode::UNAUTHORIZED).await);
    let dead = api.add("dead", &good.url);
    api.advance(Duration::from_secs(24 * 60 * 60));
    let (first, second, third) = (api.add("one", &good.url), api.add("two", &good.url), api.add("three", &bad.url));
    let deliveries = api.deliver(&json!({ "id": "1", "type": "call.dialog.created" })).await;
    let statuses: Vec<_> = deliveries.iter().map(|one| (one.subscription.clone(), one.status)).collect();
    assert_eq!(statuses, [(first.clone(), Some(200)), (second.clone(), Some(200)), (third, Some(401))]);
    let of = |body: &String| serde_json::from_str::<Value>(body).unwrap()["subscriptionId"].clone();
    let ids: Vec<_> = good.bodies().iter().map(of).collect();
    assert_eq!(ids, [json!(first), json!(second)]);
    assert!(!ids.contains(&json!(dead)));
}
