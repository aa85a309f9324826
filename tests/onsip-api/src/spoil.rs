//! An answer, right or spoiled. Errors of the API come with status 200 (doc); what is made here is not the API's.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode, header};
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::stream::once;
use serde_json::{Value, json};

use crate::knobs::FaultyAnswer;
use crate::reply::{self, NAME_SPACE};

const LARGE: usize = 5 * 1024 * 1024;

/// What a request asks for with `Output`. doc
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Json,
    Xml,
}

/// The answer as it should be.
pub(crate) fn right(reply: &Value, output: Output) -> Response<Body> {
    match output {
        Output::Json => with(StatusCode::OK, "application/json; charset=utf-8", reply.to_string()),
        Output::Xml => with(StatusCode::OK, "text/xml; charset=utf-8", reply::xml(reply)),
    }
}

/// The answer as that fault makes it.
pub(crate) async fn spoiled(mut reply: Value, output: Output, fault: FaultyAnswer) -> Response<Body> {
    match fault {
        FaultyAnswer::Slow(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        FaultyAnswer::Large => reply["Response"]["Padding"] = json!("x".repeat(LARGE)),
        FaultyAnswer::Xml => return right(&reply, Output::Xml),
        FaultyAnswer::Exception => return exception(output),
        FaultyAnswer::Html => return with(StatusCode::OK, "text/html", PAGE.to_owned()),
        FaultyAnswer::Redirect => return redirect(),
        FaultyAnswer::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return with(status, "text/plain", status.to_string());
        }
        FaultyAnswer::Half => return with(StatusCode::OK, "application/json", half(&reply)),
        FaultyAnswer::Cut => return cut(&reply),
    }
    right(&reply, output)
}

const PAGE: &str = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We are back soon.</body></html>";

fn half(reply: &Value) -> String {
    let text = reply.to_string();
    text.chars().take(text.chars().count() / 2).collect()
}

fn cut(reply: &Value) -> Response<Body> {
    let begin = once(ready(Ok(Bytes::from(half(reply)))));
    let end = once(async {
        // The server sends what it has while it waits.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    });
    Response::new(Body::from_stream(begin.chain(end)))
}

fn exception(output: Output) -> Response<Body> {
    let text = "Textual description of the exception.";
    let xml = format!("<Exception xmlns=\"{NAME_SPACE}\">\n<![CDATA[\n{text}\n]]>\n</Exception>\n");
    match output {
        Output::Json => with(StatusCode::OK, "application/json", json!({ "Exception": text }).to_string()),
        Output::Xml => with(StatusCode::OK, "text/xml", xml),
    }
}

fn redirect() -> Response<Body> {
    let mut answer = with(StatusCode::FOUND, "text/plain", String::new());
    answer.headers_mut().insert(header::LOCATION, header::HeaderValue::from_static("/elsewhere"));
    answer
}

pub(crate) fn with(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    answer
}
