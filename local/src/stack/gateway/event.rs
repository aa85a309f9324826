//! An HTTP request as API Gateway's REST proxy integration passes it to a function: header names lowered, values that
//! repeat kept in the `multiValue…` maps, the query decoded, the body in base64 because every media type is binary.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::route::MatchedRoute;

/// The stage's name, which the base path of a deployed API would show.
const STAGE: &str = "local";

/// The event for one request.
pub(crate) fn proxy_event(parts: &Parts, body: &[u8], peer: IpAddr, route: &MatchedRoute, request_id: &str) -> Value {
    let headers = headers(parts);
    let query = query(parts.uri.query().unwrap_or_default());
    json!({
        "resource": route.resource,
        "path": parts.uri.path(),
        "httpMethod": parts.method.as_str(),
        "headers": last_of_each(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last_of_each(&query),
        "multiValueQueryStringParameters": some_or_null(&query),
        "pathParameters": some_or_null(&route.parameters),
        "stageVariables": null,
        "requestContext": context(parts, peer, route, request_id),
        "body": (!body.is_empty()).then(|| STANDARD.encode(body)),
        "isBase64Encoded": !body.is_empty(),
    })
}

fn context(parts: &Parts, peer: IpAddr, route: &MatchedRoute, request_id: &str) -> Value {
    let now = Timestamp::now();
    json!({
        "accountId": crate::place::ACCOUNT,
        "apiId": "local",
        "resourceId": "local",
        "resourcePath": route.resource,
        "path": format!("/{STAGE}{}", parts.uri.path()),
        "stage": STAGE,
        "httpMethod": parts.method.as_str(),
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "extendedRequestId": request_id,
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
        "requestTimeEpoch": now.as_millisecond(),
        "identity": {
            // As API Gateway sees it: the peer of the connection, never a header.
            "sourceIp": peer.to_canonical().to_string(),
            "userAgent": parts.headers.get("user-agent").map(|value| String::from_utf8_lossy(value.as_bytes())),
        },
    })
}

type Multi = BTreeMap<String, Vec<String>>;

fn headers(parts: &Parts) -> Multi {
    let mut all = Multi::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        all.entry(name.as_str().to_owned()).or_default().push(value);
    }
    all
}

/// Percent escapes and `+` decoded, as API Gateway does before it passes parameters on.
fn query(text: &str) -> Multi {
    let mut all = Multi::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        all.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    all
}

/// API Gateway's single-value maps hold the last value of each name, and are null without any.
fn last_of_each(all: &Multi) -> Option<BTreeMap<&str, &str>> {
    let last = all.iter().filter_map(|(name, values)| Some((name.as_str(), values.last()?.as_str())));
    (!all.is_empty()).then(|| last.collect())
}

fn some_or_null<V>(all: &BTreeMap<String, V>) -> Option<&BTreeMap<String, V>> {
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]
mod tests {
    use axum::http::Request;
    use lambda_http::RequestExt as _;

    use super::*;

    fn event(request: Request<()>, body: &[u8], route: &MatchedRoute) -> Value {
        proxy_event(&request.into_parts().0, body, "::ffff:127.0.0.9".parse().unwrap(), route, "an-id")
    }

    fn fixed(resource: &str) -> MatchedRoute {
        MatchedRoute { resource: resource.to_owned(), parameters: BTreeMap::new() }
    }

    #[test]
    fn a_handler_sees_what_the_client_sent() {
        let request = Request::post("/webhooks/onsip/call?token=a%20b%2Bc+d&token=&x")
            .header("X-One", "1")
            .header("X-One", "2")
            .header("Host", "127.0.0.1:3000");
        let body = b"\xff\x00 no utf-8";
        let event = event(request.body(()).unwrap(), body, &fixed("/webhooks/onsip/call"));
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        assert_eq!(request.raw_http_path(), "/webhooks/onsip/call");
        assert_eq!(request.method(), "POST");
        assert_eq!(request.body().as_ref(), body);
        let query = request.query_string_parameters();
        assert_eq!(query.all("token").unwrap(), ["a b+c d", ""]);
        assert_eq!(query.first("x"), Some(""));
        assert_eq!(event["multiValueHeaders"]["x-one"], json!(["1", "2"]));
        assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.9");
        assert_eq!(event["requestContext"]["path"], "/local/webhooks/onsip/call");
    }

    #[test]
    fn an_empty_body_and_no_query_are_null() {
        let event = event(Request::get("/events").body(()).unwrap(), b"", &fixed("/events"));
        for name in ["body", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "headers"] {
            assert_eq!(event[name], Value::Null, "{name}");
        }
        assert_eq!(event["isBase64Encoded"], false);
    }
}
