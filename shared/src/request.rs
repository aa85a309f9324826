//! What is taken from an API Gateway request: path, address, tokens and content.

use std::net::IpAddr;

use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequestContext;
use lambda_http::http::{HeaderMap, Method, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::access::{Carrier, Content, Delivery};
use crate::name::Provider;

/// What a query string's names and values keep unencoded: URI's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path without the API's stage, decoded: a client may encode an id's `~`.
#[must_use]
pub fn path(request: &Request) -> String {
    percent_decode_str(request.raw_http_path()).decode_utf8_lossy().into_owned()
}

/// Whether the request is of that method: `HEAD` asks for what `GET` would be answered.
#[must_use]
pub fn is_of(request: &Request, method: &'static str) -> bool {
    answered(method).contains(&request.method().as_str())
}

/// The methods that a path of that method answers.
#[must_use]
pub fn answered(method: &'static str) -> &'static [&'static str] {
    match method {
        "GET" => &["GET", "HEAD"],
        _ => &["POST"],
    }
}

/// The token of `Authorization: Bearer …`.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The caller's address, from API Gateway's request context: headers can be forged.
#[must_use]
pub fn source(request: &Request) -> Option<IpAddr> {
    context(request)?.identity.source_ip.as_deref()?.parse().ok()
}

/// API Gateway's id of the request, by which the access log has it; empty where there is none.
#[must_use]
pub fn id(request: &Request) -> &str {
    context(request).and_then(|context| context.request_id.as_deref()).unwrap_or_default()
}

fn context(request: &Request) -> Option<&ApiGatewayProxyRequestContext> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV1(context) => Some(context),
        _ => None,
    }
}

/// The delivery of a request to that provider's route.
#[must_use]
pub fn delivery(request: Request, provider: Provider, received_at: Timestamp) -> Delivery {
    let (source, request_id) = (source(&request), id(&request).to_owned());
    let query = request.query_string_parameters();
    let in_query = query.all("token").unwrap_or_default().into_iter().map(str::to_owned);
    let tokens = in_query.chain(bearer(request.headers())).collect();
    let path = path(&request);
    let content_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (carrier, content_type, body) = if request.method() == Method::GET {
        (
            Carrier::QueryString,
            Some("application/x-www-form-urlencoded".to_owned()),
            without_token(query.iter()).into_bytes(),
        )
    } else {
        (Carrier::Body, content_type, bytes(request.into_body()))
    };
    Delivery::new(provider, source, tokens, Content { path, request_id, carrier, content_type, body, received_at })
}

/// The request's query string with one parameter as given.
#[must_use]
pub fn query_with(request: &Request, name: &str, value: &str) -> String {
    let query = request.query_string_parameters();
    written(query.iter().filter(|(other, _)| *other != name).chain([(name, value)]))
}

/// A query string without the token.
fn without_token<'q>(pairs: impl Iterator<Item = (&'q str, &'q str)>) -> String {
    written(pairs.filter(|(name, _)| *name != "token"))
}

/// A query string, its pairs sorted by name: API Gateway does not keep their order.
fn written<'q>(pairs: impl Iterator<Item = (&'q str, &'q str)>) -> String {
    let encode = |text| utf8_percent_encode(text, QUERY);
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(name, _)| *name);
    pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

fn bytes(body: Body) -> Vec<u8> {
    match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    }
}
