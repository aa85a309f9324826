//! DynamoDB as far as a receiver needs it, over HTTPS: it answers at once, and what it was asked is checked afterwards, so
//! that the check costs no one's latency.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::error::{BenchError, While as _};

/// The table's name.
pub(crate) const TABLE: &str = "events";
/// The condition that every write must state.
const IF_NEW: &str = "attribute_not_exists(pk)";
/// The largest item that DynamoDB takes, in bytes.
const LARGEST: usize = 400 * 1024;

/// A request to the database.
#[derive(Debug)]
pub(crate) struct Asked {
    headers: HeaderMap,
    body: Bytes,
}

/// The fake database. Dropping it leaves its connections open until the bench ends.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// Where clients find it.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    denies: Arc<AtomicBool>,
}

impl Database {
    /// Starts it on a free port of the loopback interface.
    pub(crate) async fn start(config: ServerConfig) -> Result<Self, BenchError> {
        let doing = "starting the fake DynamoDB";
        let listener = TcpListener::bind("127.0.0.1:0").await.while_doing(doing)?;
        let url = format!("https://localhost:{}", listener.local_addr().while_doing(doing)?.port());
        let database = Self { url, asked: Arc::default(), denies: Arc::default() };
        tokio::spawn(database.clone().accept(listener, TlsAcceptor::from(Arc::new(config))));
        Ok(database)
    }

    async fn accept(self, listener: TcpListener, acceptor: TlsAcceptor) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(self.clone().serve(stream, acceptor.clone()));
        }
    }

    async fn serve(self, stream: TcpStream, acceptor: TlsAcceptor) {
        // A client that does not trust us hangs up: it then fails to answer, which is seen there.
        let (Ok(()), Ok(stream)) = (stream.set_nodelay(true), acceptor.accept(stream).await) else {
            return;
        };
        let answer = service_fn(|request| self.answer(request));
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let target = parts.headers.get("x-amz-target").map_or(&b""[..], |target| target.as_bytes());
        let denied = target.ends_with(b".PutItem") && self.denies.load(Ordering::Relaxed);
        let answer = if denied {
            r#"{"__type":"com.amazon.coral.service#AccessDeniedException"}"#
        } else if target.ends_with(b".SendMessage") {
            r#"{"MessageId":"d3c0de00-0000-4000-8000-000000000000"}"#
        } else if target.ends_with(b".DescribeEndpoints") {
            r#"{"Endpoints":[{"Address":"localhost","CachePeriodInMinutes":1440}]}"#
        } else {
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked { headers: parts.headers, body });
            "{}"
        };
        let mut response = Response::new(Full::new(Bytes::from_static(answer.as_bytes())));
        if denied {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        let kind = hyper::header::HeaderValue::from_static("application/x-amz-json-1.0");
        response.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
        Ok(response)
    }

    /// Lets nobody write from now on. What comes to the spool is answered here too.
    pub(crate) fn deny(&self) {
        self.denies.store(true, Ordering::Relaxed);
    }

    /// What was asked since this was last called, checked: the size of each event's item in bytes. The further rows that an
    /// event is found by are checked too, and are no items of their own.
    pub(crate) fn check(&self) -> Result<Vec<usize>, BenchError> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        let checked = asked.iter().map(|asked| check(asked).while_doing("checking a request to DynamoDB"));
        checked.filter_map(Result::transpose).collect()
    }
}

fn check(asked: &Asked) -> Result<Option<usize>, String> {
    let header = |name: &str| asked.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signature = header("authorization").split_once("Signature=").map_or("", |(_, signature)| signature);
    if !header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=") || signature.len() != 64 {
        return Err("it is not signed".to_owned());
    }
    let body: Value = serde_json::from_slice(&asked.body).map_err(|error| error.to_string())?;
    match header("x-amz-target") {
        "DynamoDB_20120810.PutItem" => put(&body),
        target => Err(format!("unexpected target {target:?}")),
    }
}

fn put(put: &Value) -> Result<Option<usize>, String> {
    let text = |name: &str| put.get(name).and_then(Value::as_str).unwrap_or_default();
    let expected =
        [("TableName", TABLE), ("ConditionExpression", IF_NEW), ("ReturnValuesOnConditionCheckFailure", "ALL_OLD")];
    if let Some((name, _)) = expected.iter().find(|(name, value)| text(name) != *value) {
        return Err(format!("{name} is {:?}", text(name)));
    }
    let size = put.get("Item").map(size).unwrap_or_default();
    if !(1..=LARGEST).contains(&size) {
        return Err(format!("the item has {size} bytes"));
    }
    let key = put.pointer("/Item/pk/S").and_then(Value::as_str).unwrap_or_default();
    Ok(Some(size).filter(|_| !shared::store::pointer::is_key(key)))
}

/// The bytes of an item as DynamoDB counts them: names and values, and three for each list or map with one for each member.
fn size(item: &Value) -> usize {
    item.as_object().into_iter().flatten().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|typed| typed.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), value) {
        ("S" | "N", Value::String(text)) => text.len(),
        ("B", Value::String(text)) => STANDARD.decode(text).map_or(0, |bytes| bytes.len()),
        ("L", Value::Array(values)) => 3 + values.iter().map(|value| 1 + value_size(value)).sum::<usize>(),
        ("M", Value::Object(members)) => 3 + members.len() + size(value),
        _ => 1,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn asked(target: &str, body: &str) -> Asked {
        let mut headers = HeaderMap::new();
        let signed = format!("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature={}", "0".repeat(64));
        headers.insert("x-amz-target", format!("DynamoDB_20120810.{target}").parse().unwrap());
        headers.insert("authorization", signed.parse().unwrap());
        Asked { headers, body: Bytes::from(body.to_owned()) }
    }

    const PUT: &str = r#"{"TableName":"events","Item":{"pk":{"S":"abc"},"b":{"B":"AAAA"},"m":{"M":{"x":{"L":[{"S":"y"}]}}}},
        "ConditionExpression":"attribute_not_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#;

    #[test]
    fn a_write_is_known_by_target_signature_and_condition() {
        // Names and values: pk and abc, b and three bytes, m and 3 + 1 + x and 3 + 1 + y.
        assert_eq!(check(&asked("PutItem", PUT)), Ok(Some(20)));
        assert_eq!(check(&asked("PutItem", &PUT.replace("abc", "pointer.abc"))), Ok(None));
        for (target, body) in [
            ("PutItem", PUT.replace("attribute_not_exists(pk)", "")),
            ("PutItem", PUT.replace("ALL_OLD", "NONE")),
            ("PutItem", PUT.replace("events", "alerts")),
            ("UpdateItem", PUT.to_owned()),
        ] {
            assert!(check(&asked(target, &body)).is_err(), "{target} {body}");
        }
        let mut unsigned = asked("PutItem", PUT);
        unsigned.headers.remove("authorization");
        assert!(check(&unsigned).is_err());
    }
}
