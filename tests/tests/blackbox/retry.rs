//! What was quarantined by an older version and can be read by this one.

use shared::access::{Carrier, Content, Verified};
use shared::aws::Aws;
use shared::name::Provider;
use shared::store::quarantine::Quarantined;
use shared::store::{Retention, Shards, Store};
use tests::samples::sample;
use tests::stack::{OPERATOR_TOKEN, READ_TOKEN, Stack, bearer};

/// Puts bytes into the quarantine as a version would that can't read them.
fn quarantine(stack: &Stack, carrier: Carrier, body: &[u8]) -> String {
    let aws = Aws::read(&|name| match name {
        "AWS_ENDPOINT_URL" => Some(stack.dynamodb_url().to_owned()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    });
    let content = Content {
        path: "/webhooks/opentact/call".to_owned(),
        request_id: "request".to_owned(),
        carrier,
        content_type: Some("application/json".to_owned()),
        body: body.to_vec(),
        received_at: "2026-11-02T16:40:00Z".parse().unwrap(),
    };
    let quarantined =
        Quarantined::new(&Verified::before(Provider::Opentact, content.clone()), "an old reason".to_owned());
    let store = Store::new(&aws.unwrap(), "EventsTable".to_owned(), Shards::default());
    let put = store.put_quarantined(&quarantined, &content, Retention::Forever);
    tokio::runtime::Runtime::new().unwrap().block_on(put).unwrap();
    quarantined.id.to_string()
}

fn retry(stack: &Stack, id: &str, token: &str) -> tests::http::Answer {
    stack.client().send("POST", &format!("/quarantine/{id}/retry"), &[("authorization", &bearer(token))], b"")
}

#[test]
fn an_operator_moves_what_can_be_read_now_into_the_events_once() {
    let stack = Stack::start();
    let name = "opentact-call_state-in-failed-insufficient-balance";
    let query = b"from=%2B12025550111&state=init&to=12025550144";
    for (carrier, body) in [(Carrier::Body, sample(name)), (Carrier::QueryString, query.to_vec())] {
        let id = quarantine(&stack, carrier, &body);
        assert_eq!(stack.quarantine().len(), 1);
        assert_eq!(retry(&stack, &id, READ_TOKEN).status, 401);
        let moved = retry(&stack, &id, OPERATOR_TOKEN);
        assert_eq!((moved.status, &moved.json()["status"]), (200, &"stored".into()), "{moved:?}");
        let event = stack.event(moved.json()["id"].as_str().unwrap());
        assert_eq!((&event["family"], &event["receivedAt"]), (&"call".into(), &"2026-11-02T16:40:00Z".into()));
        assert_eq!(stack.quarantine(), Vec::<serde_json::Value>::new());
        assert_eq!(retry(&stack, &id, OPERATOR_TOKEN).status, 404);
        // Quarantined and retried again, it is the same event.
        let id = quarantine(&stack, carrier, &body);
        let again = retry(&stack, &id, OPERATOR_TOKEN).json();
        assert_eq!((&again["status"], &again["id"]), (&"duplicate".into(), &moved.json()["id"]));
    }
}

#[test]
fn what_still_can_not_be_read_stays() {
    let stack = Stack::start();
    let id = stack.post("/webhooks/onsip/call", "[").json()["id"].as_str().unwrap().to_owned();
    let answer = retry(&stack, &id, OPERATOR_TOKEN);
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(stack.quarantine().len(), 1);
}
