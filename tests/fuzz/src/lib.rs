//! What the fuzz targets check, apart from libFuzzer, so that `cargo test` replays the corpus through the same code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use renew::reply::Reply;
use renew::secret::Secret;
use serde_json::json;
use shared::access::{Carrier, Content, Delivery, MAX_BODY, Rule, Rules, TokenDigest, TokenDigests, Verified};
use shared::event::Event;
use shared::key::EventId;
use shared::name::Provider;
use shared::provider::{OwnDomains, Reading, read};
use shared::request;
use shared::store::{Retention, Shards, item, pointer, quarantine};

/// A parser takes any bytes: what is an event has an id that can be read again and an item that gives it back.
pub fn parse(provider: Provider, body: &[u8]) {
    let content = Content {
        path: format!("/webhooks/{provider}/call"),
        request_id: "request".to_owned(),
        carrier: Carrier::Body,
        content_type: None,
        body: body.to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
    };
    take(&verify(Delivery::new(provider, None, vec!["token".to_owned()], content)));
}

/// The answer of OnSIP's API is read whatever it is: what is kept of it is bounded, and no secret is in the API's words. The first
/// byte says what was asked.
pub fn reply(bytes: &[u8]) {
    let Some((which, body)) = bytes.split_first() else { return };
    let Some(action) = ACTIONS.iter().cycle().nth(usize::from(*which)) else { return };
    match Reply::read(action, body, &[&Secret::new(SECRET)]) {
        Ok(reply) => {
            let subscriptions = reply.subscriptions().into_iter().map(|subscription| subscription.id);
            let ids = subscriptions.chain(reply.user()).chain(reply.organization()).chain(reply.added());
            ids.for_each(|id| assert!((1..=256).contains(&id.len()) && id.is_ascii(), "{id}"));
            assert!(reply.session().is_none_or(|session| !session.expose().is_empty()));
        }
        Err(unfit) => {
            let told = format!("{unfit} {unfit:?}");
            assert!(told.len() < 4096 && !told.contains(SECRET), "{told}");
        }
    }
}

const ACTIONS: [&str; 5] =
    ["SessionCreate", "UserRead", "WebhookSubscriptionBrowse", "WebhookSubscriptionAdd", "WebhookSubscriptionRenew"];
const SECRET: &str = "s3cr3t";

/// The whole way of a request: as API Gateway passes it, to the item. The first byte says how it comes.
pub fn ingest(bytes: &[u8]) {
    let Some((how, body)) = bytes.split_first() else { return };
    let which = usize::from(how & 1) + 2 * usize::from(how >> 3);
    let Some(provider) = Provider::ALL.iter().copied().cycle().nth(which) else { return };
    let (method, path) = if how & 2 == 0 { ("POST", "call") } else { ("GET", "call") };
    let text = std::str::from_utf8(body).ok().filter(|_| how & 4 == 0);
    let query = json!({"token": ["token"], "state": [String::from_utf8_lossy(body)]});
    let event = json!({
        "resource": "/", "path": format!("/webhooks/{provider}/{path}"), "httpMethod": method,
        "headers": {"content-type": "application/json"}, "multiValueHeaders": {"content-type": ["application/json"]},
        "queryStringParameters": {"token": "token"}, "multiValueQueryStringParameters": query,
        "pathParameters": null, "stageVariables": null,
        "requestContext": {"stage": "v1", "requestId": "r", "httpMethod": method, "resourcePath": "/", "accountId": "0",
            "resourceId": "0", "apiId": "0", "identity": {"sourceIp": "192.0.2.1"}},
        "body": text.map_or_else(|| STANDARD.encode(body), str::to_owned), "isBase64Encoded": text.is_none(),
    });
    let Ok(request) = lambda_http::request::from_str(&event.to_string()) else { panic!("the gateway's event is read") };
    let delivery = verify(request::delivery(request, provider, Timestamp::UNIX_EPOCH));
    if method == "POST" {
        assert_eq!(delivery.content().body, body, "the body comes as it was sent");
    }
    take(&delivery);
}

fn verify(delivery: Delivery) -> Verified {
    let rules = Rules::new(|_| Rule { tokens: TokenDigests::new(vec![TokenDigest::of("token")]), addresses: None });
    rules.verify(delivery).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn take(delivery: &Verified) {
    let content = delivery.content();
    if content.body.len() > MAX_BODY {
        return;
    }
    match read(delivery, &OwnDomains::default()) {
        Ok(Reading::Event(event)) => stored(&event, content),
        Ok(Reading::Probe) => assert!(content.body.len() < 3 || content.body.iter().any(u8::is_ascii_whitespace)),
        Err(unreadable) => {
            let quarantined = quarantine::Quarantined::new(delivery, unreadable.to_string());
            let item = quarantine::to_item(&quarantined, content, Shards::default(), Retention::Days(1));
            assert_eq!(item::body(&item).map(|(body, _)| body).ok().as_ref(), Some(&content.body));
            assert!(quarantine::of_item(&item).is_ok_and(|read| read.id == quarantined.id));
        }
    }
}

fn stored(event: &Event, content: &Content) {
    let id = event.id.to_string();
    assert_eq!(id.parse::<EventId>().ok().as_ref(), Some(&event.id));
    let item = item::of_event(event, content, Shards::default(), Retention::Days(1));
    assert!(item::size(&item) < 400 * 1024, "an item that DynamoDB takes");
    assert_eq!(item::body(&item).map(|(body, _)| body).ok().as_ref(), Some(&content.body));
    match item::event(&item) {
        Ok(read) => assert_eq!(&read, event),
        Err(error) => panic!("{error}"),
    }
    for pointer in pointer::pointers(event, Shards::default(), None) {
        assert_eq!(pointer::pointed(&pointer).as_ref(), Some(&event.id));
    }
    for key in ["pk", "sk"].into_iter().chain(item::INDEXES) {
        let length = item.get(key).map_or(1, |value| value.as_s().map_or(0, String::len));
        assert!((1..=1024).contains(&length), "{key} is a key that DynamoDB takes");
    }
}
