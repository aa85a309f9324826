//! Who reads and operates: what each right opens, and what the log says of each.

use jiff::{SignedDuration, Timestamp};
use lambda_http::{Request, request};
use query::{Access, Query, QuerySettings, ROUTES, Route};
use serde_json::{Value, json};
use shared::access::{Right, TokenDigest};
use shared::settings::Lookup;
use tests::log::Log;
use tests::samples::folder;
use tests::stack::{self, OPERATOR_TOKEN, READ_TOKEN, Stack, TOKEN};
use tokio::runtime::Runtime;
use tracing::Level;

use super::indexed::aws;

/// What each right opens.
const RIGHTS: [(&str, &[&str]); 5] = [
    ("calls", &["/calls", "/calls/{id}"]),
    ("events", &["/events", "/events/{id}", "/names", "/names/import"]),
    ("bodies", &["/events/{id}/body", "/quarantine", "/quarantine/{id}", "/quarantine/{id}/retry"]),
    ("alerts", &["/alerts", "/alerts/{id}", "/alerts/test", "/alerts/mute", "/alerts/mutes"]),
    ("stats", &["/stats", "/stats/top"]),
];

/// A token of that name for each label, such as `crm:calls`.
fn tokens(labels: &[&str]) -> String {
    let element = |label: &&str| format!("{label}={}", TokenDigest::of(&token(label)));
    labels.iter().map(element).collect::<Vec<_>>().join(",")
}

fn token(label: &str) -> String {
    format!("secret-of-{}", label.split(':').next().unwrap())
}

/// The routes that take a token.
fn guarded() -> impl Iterator<Item = &'static Route<'static>> {
    ROUTES.iter().filter(|route| route.access() != Access::Open)
}

fn admitting(labels: &[&str]) -> Stack {
    Stack::with(|options| {
        for variable in ["READ_TOKEN_DIGESTS", "OPERATOR_TOKEN_DIGESTS"] {
            options.environment.insert(variable.to_owned(), tokens(labels));
        }
    })
}

#[test]
fn each_right_opens_its_routes_and_no_other() {
    assert_eq!(RIGHTS.map(|(right, _)| right).as_slice(), Right::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>());
    let labels = RIGHTS.map(|(right, _)| format!("{right}:{right}"));
    let labels: Vec<_> = labels.iter().map(String::as_str).chain(["two:calls+alerts", "all"]).collect();
    let stack = admitting(&labels);
    for route in guarded() {
        let (needed, _) = RIGHTS.iter().find(|(_, resources)| resources.contains(&route.resource())).unwrap();
        for label in &labels {
            let bearer = stack::bearer(&token(label));
            let path = route.resource().replace("{id}", "none");
            let answer = stack.client().send(route.method(), &path, &[("authorization", &bearer)], b"");
            let opens = *label == "all" || label.split([':', '+']).skip(1).any(|right| right == *needed);
            assert_eq!(answer.status != 403, opens, "{label} {path}: {answer:?}");
            assert!(opens || answer.json()["detail"].as_str().unwrap().ends_with(&format!("right {needed}")));
            assert_ne!(answer.status, 401, "{label} {path}");
        }
    }
}

#[test]
fn where_addresses_are_listed_nobody_reads_or_operates_from_elsewhere() {
    for (listed, allowed) in [("192.0.2.0/24,127.0.0.0/8", true), ("192.0.2.0/24", false), ("nowhere", false)] {
        let stack = Stack::with(|options| {
            options.environment.insert("READ_ADDRESSES".to_owned(), listed.to_owned());
        });
        for route in guarded() {
            let token = if route.method() == "GET" { READ_TOKEN } else { OPERATOR_TOKEN };
            // An address in a header is the sender's own claim.
            let headers = [("authorization", &*stack::bearer(token)), ("x-forwarded-for", "192.0.2.1")];
            let answer = stack.client().send(route.method(), &route.resource().replace("{id}", "none"), &headers, b"");
            assert_eq!(answer.status != 403, allowed, "{listed} {}: {answer:?}", route.resource());
        }
        assert_eq!(stack.post("/webhooks/onsip/call", "{}").status, 200, "deliveries have lists of their own");
    }
}

#[test]
fn a_providers_token_may_have_a_name() {
    let stack = Stack::with(|options| {
        options.environment.insert("ONSIP_TOKEN_DIGESTS".to_owned(), format!("2026={}", TokenDigest::of(TOKEN)));
    });
    let delivered = stack.post("/webhooks/onsip/call", stack::onsip("call.dialog.created", "named"));
    assert_eq!(delivered.json()["status"], "stored");
    assert_eq!(stack.client().post("/webhooks/onsip/call?token=2026", b"{}").status, 401);
}

/// A request as API Gateway passes it on, with a query string that holds a number.
fn asked(method: &str, path: &str, token: &str, body: &Value) -> Request {
    let envelope = std::fs::read(folder().join("envelopes/query-get.json")).unwrap();
    let mut envelope: Value = serde_json::from_slice(&envelope).unwrap();
    envelope["httpMethod"] = json!(method);
    envelope["path"] = json!(path);
    envelope["headers"] = json!({});
    envelope["multiValueHeaders"]["Authorization"] = json!([format!("Bearer {token}")]);
    // No other method takes a parameter.
    let query = if method == "GET" { json!({"entity": ["phone_number:12025550144"]}) } else { json!({}) };
    envelope["multiValueQueryStringParameters"] = query;
    envelope["queryStringParameters"] = json!({});
    envelope["body"] = json!(body.to_string());
    request::from_str(&envelope.to_string()).unwrap()
}

#[test]
fn each_request_is_logged_with_its_name_and_shows_no_token_and_no_number() {
    let stack = Stack::start();
    let digests = format!("{},{}", tokens(&["crm:calls+events", "jane"]), TokenDigest::of("nameless"));
    let lookup: Lookup<'_> = &|name| match name {
        "READ_TOKEN_DIGESTS" | "OPERATOR_TOKEN_DIGESTS" => Some(digests.clone()),
        "EVENTS_TABLE" => Some("EventsTable".to_owned()),
        "ALERTS_TABLE" => Some("AlertsTable".to_owned()),
        _ => None,
    };
    let log = Log::start(Level::INFO);
    let query = Query::new(QuerySettings::read(lookup).unwrap(), &aws(stack.dynamodb_url().to_owned()));
    let until = (Timestamp::now() + SignedDuration::from_hours(1)).to_string();
    let mute =
        json!({"scope": "phone_number:12025550144", "class": "not_permitted", "until": until, "reason": "works"});
    let told = |method: &str, path: &str, token: &str| {
        let runtime = Runtime::new().unwrap();
        let answered = runtime.block_on(query.handle(asked(method, path, token, &mute)));
        let text = log.take();
        assert!(!text.contains(token) && !text.contains("5550144") && !text.contains("entity"), "{text}");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.windows(2).all(|two| two[0]["fields"]["by"] == two[1]["fields"]["by"]), "{text}");
        let line = lines.last().map_or(Value::Null, |line| line["fields"].clone());
        assert!(line.is_null() || line["status"] == answered.status().as_u16(), "{line}");
        assert!(line.is_null() || line["request_id"] == "00000000-0000-4000-8000-000000000006", "{line}");
        [line["by"].clone(), line["route"].clone(), json!(answered.status().as_u16())]
    };
    let (crm, jane) = (token("crm"), token("jane"));
    let nameless = &TokenDigest::of("nameless").to_string()[..8];
    for (method, path, token, by, route, status) in [
        ("GET", "/events", &*crm, "crm", "GET /events", 200),
        ("GET", "/calls/opentact.call.12025550144", &crm, "crm", "GET /calls/{id}", 400),
        ("GET", "/events/none/body", &crm, "crm", "GET /events/{id}/body", 403),
        ("POST", "/quarantine/none/retry", &jane, "jane", "POST /quarantine/{id}/retry", 404),
        ("POST", "/alerts/mute", &jane, "jane", "POST /alerts/mute", 200),
        ("POST", "/alerts/test", &jane, "jane", "POST /alerts/test", 202),
        ("GET", "/events", "nameless", nameless, "GET /events", 200),
    ] {
        assert_eq!(told(method, path, token), [json!(by), json!(route), json!(status)]);
    }
    assert_eq!(told("GET", "/events", "wrong"), [Value::Null, Value::Null, json!(401)]);
}
