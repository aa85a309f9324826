//! Answers to a browser: the headers that each has, and redirects within the console.

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use maud::Markup;

/// Nothing from elsewhere is loaded, run, framed or sent to.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What each answer says, whatever it is of.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// An answer of that type.
pub(crate) fn of(status: StatusCode, kind: HeaderValue, body: Body) -> Response<Body> {
    let mut answered = Response::new(body);
    *answered.status_mut() = status;
    answered.headers_mut().insert(header::CONTENT_TYPE, kind);
    guarded(answered)
}

/// The answer with the headers that it lacks: a stored body brings a stricter policy of its own.
pub(crate) fn guarded(mut answered: Response<Body>) -> Response<Body> {
    for (name, value) in HEADERS {
        answered.headers_mut().entry(name).or_insert(value);
    }
    answered
}

/// A page.
pub(crate) fn page(status: StatusCode, page: Markup) -> Response<Body> {
    of(status, HeaderValue::from_static("text/html; charset=utf-8"), page.into_string().into())
}

/// A line of text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<Body> {
    of(status, HeaderValue::from_static("text/plain; charset=utf-8"), format!("{text}\n").into())
}

/// Sends the browser to that address, which is relative.
pub(crate) fn redirect(address: &str) -> Response<Body> {
    let mut answered = plain(StatusCode::SEE_OTHER, "See there.");
    if let Ok(address) = HeaderValue::try_from(address) {
        answered.headers_mut().insert(header::LOCATION, address);
    }
    answered
}
