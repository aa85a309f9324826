//! Answers over HTTP: JSON, and RFC 9457 problem documents for what went wrong. The client sees what it can act on,
//! the log says more.

use std::io;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use serde::Serialize;

/// Seconds after which a provider may retry a delivery that was not stored.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// A JSON answer.
#[must_use]
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    match serde_json::to_string(value) {
        Ok(text) => written(status, text),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be written")
        }
    }
}

/// A JSON answer that is written already.
#[must_use]
pub fn written(status: StatusCode, text: String) -> Response<Body> {
    bytes(status, "application/json", text.into())
}

/// An answer of rows under a heading (RFC 4180).
#[must_use]
pub fn csv(text: String) -> Response<Body> {
    bytes(StatusCode::OK, "text/csv; charset=utf-8; header=present", text.into())
}

/// The bytes that a value's JSON takes as Lambda passes it on: as a string in JSON, in which a quote or backslash takes two.
#[must_use]
pub fn passed_on<T: Serialize>(value: &T) -> usize {
    let mut length = Length(0);
    // One that can't be written has no length; the answer with it says so.
    serde_json::to_writer(&mut length, value).map_or(0, |()| length.0)
}

/// Counts instead of writing.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() + bytes.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An answer of those bytes.
#[must_use]
fn bytes(status: StatusCode, content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let octets = HeaderValue::from_static("application/octet-stream");
    let content_type = HeaderValue::from_str(content_type).unwrap_or(octets);
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        // Stored bodies come from outside: a browser must not guess their type.
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ] {
        response.headers_mut().insert(name, value);
    }
    response
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

/// An answer of bytes as they were stored. It names an encoding so that `lambda_http` passes them on in base64: otherwise
/// it decodes bodies of text types, and puts replacement characters for bad bytes.
///
/// They come from outside, and pages may share the API's origin: a browser runs nothing in them, and shows only JSON and plain text.
#[must_use]
pub fn stored(content_type: &str, body: Vec<u8>) -> Response<Body> {
    let mut response = bytes(StatusCode::OK, content_type, body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    if !is_shown(content_type) {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    response
}

fn is_shown(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    ["application/json", "text/plain"].iter().any(|shown| kind.eq_ignore_ascii_case(shown))
}

/// A problem document (RFC 9457).
#[must_use]
pub fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let document = Problem { kind: "about:blank", title, status: status.as_u16(), detail };
    let text = serde_json::to_string(&document).unwrap_or_default();
    bytes(status, "application/problem+json", text.into())
}

/// The path does not exist.
#[must_use]
pub fn not_found(detail: &str) -> Response<Body> {
    problem(StatusCode::NOT_FOUND, detail)
}

/// The path does not answer this method.
#[must_use]
pub fn method_not_allowed(allowed: &[&str]) -> Response<Body> {
    let allowed = allowed.join(", ");
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, &format!("this path answers only {allowed}"));
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The answer to `HEAD`: that to `GET` without its body.
#[must_use]
pub fn headers_of(mut answered: Response<Body>) -> Response<Body> {
    *answered.body_mut() = Body::Empty;
    answered
}

/// No accepted token.
#[must_use]
pub fn unauthorized(detail: &str) -> Response<Body> {
    let mut response = problem(StatusCode::UNAUTHORIZED, detail);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// The store did not confirm the write in time; a retry may succeed.
#[must_use]
pub fn unavailable(detail: &str) -> Response<Body> {
    let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, detail);
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn the_length_as_lambda_passes_it_on_is_that_of_the_json_as_a_string_in_json() {
        for value in [serde_json::json!({"a": ["\"\\\n\u{1}é\u{1f4de}", 1.5, null]}), serde_json::json!("")] {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(passed_on(&value), serde_json::to_string(&text).unwrap().len() - 2, "{text}");
        }
    }
}
