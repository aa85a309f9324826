//! SNS's answers: XML in the namespace and nesting of its 2010-03-31 API.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::error::SnsError;
use crate::random;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// The answer to an action that was carried out; `result` is XML.
pub(crate) fn done(action: &str, result: &str) -> Response<Body> {
    let metadata = format!("<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>", random::uuid());
    let body = format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>{metadata}</{action}Response>"
    );
    response(StatusCode::OK, body)
}

/// The answer to an action that was refused.
pub(crate) fn refused(error: &SnsError) -> Response<Body> {
    let fault = if error.status.is_server_error() { "Receiver" } else { "Sender" };
    let members = [element("Type", fault), element("Code", error.code), element("Message", &error.message)].concat();
    let request_id = element("RequestId", &random::uuid());
    let body = format!("<ErrorResponse xmlns=\"{NAMESPACE}\"><Error>{members}</Error>{request_id}</ErrorResponse>");
    response(error.status, body)
}

/// One element with a text.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn response(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
