//! Lambda's Runtime API, for one function and one request at a time, as AWS has it: the function asks for an event, and
//! posts its answer. The time between the two is the request's latency.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use crate::error::{BenchError, While as _};

/// How long a function may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the function did.
#[derive(Debug)]
enum Heard {
    /// It asked for its first event: the end of its init.
    Ready(Instant),
    /// It answered.
    Answered { sent: Instant, received: Instant, answer: Bytes },
    /// It reported an error, in these words.
    Failed(String),
}

impl Heard {
    fn unexpected(self, doing: &str) -> BenchError {
        let cause = match self {
            Self::Failed(error) => error,
            Self::Ready(_) => "it asked for another event".to_owned(),
            Self::Answered { .. } => "it answered without having been asked".to_owned(),
        };
        BenchError::new(doing, cause)
    }
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is in the table.
    Stored,
    /// The table denies it, and it is in the spool.
    Spooled,
}

impl Kept {
    /// The answer's code and status.
    fn answer(self) -> (u64, &'static str) {
        match self {
            Self::Stored => (200, "stored"),
            Self::Spooled => (202, "spooled"),
        }
    }
}

/// The Runtime API of one function.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    /// Its address, as `AWS_LAMBDA_RUNTIME_API` wants it.
    pub(crate) address: String,
    events: mpsc::UnboundedSender<Vec<u8>>,
    heard: mpsc::UnboundedReceiver<Heard>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answered request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    /// When the answer was there.
    pub(crate) at: Instant,
    /// How long after the event was handed out.
    pub(crate) latency: Duration,
}

impl RuntimeApi {
    /// Opens it on a free port of the loopback interface.
    pub(crate) async fn open() -> Result<Self, BenchError> {
        let doing = "opening a Runtime API";
        let listener = TcpListener::bind("127.0.0.1:0").await.while_doing(doing)?;
        let address = listener.local_addr().while_doing(doing)?.to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let (hear, heard) = mpsc::unbounded_channel();
        let side = Arc::new(Side { waiting: Mutex::new((waiting, None)), hear });
        let task = tokio::spawn(side.accept(listener));
        Ok(Self { address, events, heard, task })
    }

    /// Waits until the function asks for its first event.
    pub(crate) async fn ready(&mut self) -> Result<Instant, BenchError> {
        match self.hear().await? {
            Heard::Ready(at) => Ok(at),
            heard => Err(heard.unexpected("waiting for init")),
        }
    }

    /// Hands out an event and waits for its answer, which must say what became of it.
    pub(crate) async fn invoke(&mut self, event: Vec<u8>, expected: Kept) -> Result<Answered, BenchError> {
        let (answered, answer) = self.ask(event).await?;
        is_kept(&answer, expected).while_doing("reading an answer")?;
        Ok(answered)
    }

    /// Hands out an event and waits for its answer.
    pub(crate) async fn ask(&mut self, event: Vec<u8>) -> Result<(Answered, Bytes), BenchError> {
        self.events.send(event).while_doing("handing out an event")?;
        match self.hear().await? {
            Heard::Answered { sent, received, answer } => {
                Ok((Answered { at: received, latency: received - sent }, answer))
            }
            heard => Err(heard.unexpected("waiting for an answer")),
        }
    }

    async fn hear(&mut self) -> Result<Heard, BenchError> {
        let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await;
        heard.while_doing("waiting for the function")?.while_doing("hearing of the function")
    }
}

/// The events that wait, and when the last one was handed out: none before the first `next`.
type Waiting = (mpsc::UnboundedReceiver<Vec<u8>>, Option<Instant>);

/// What the function talks to.
#[derive(Debug)]
struct Side {
    waiting: Mutex<Waiting>,
    hear: mpsc::UnboundedSender<Heard>,
}

impl Side {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let side = Arc::clone(&self);
            // Without it a short answer would wait for an acknowledgement.
            let _ = stream.set_nodelay(true);
            let answer = service_fn(move |request| Arc::clone(&side).answer(request));
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        if request.method() == Method::GET {
            return Ok(self.next().await);
        }
        let failed = request.uri().path().ends_with("/error");
        let answer = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let received = Instant::now();
        let sent = self.waiting.lock().await.1.unwrap_or(received);
        let heard = if failed {
            Heard::Failed(String::from_utf8_lossy(&answer).into_owned())
        } else {
            Heard::Answered { sent, received, answer }
        };
        let _ = self.hear.send(heard);
        Ok(status(StatusCode::ACCEPTED))
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let mut waiting = self.waiting.lock().await;
        if waiting.1.is_none() {
            let _ = self.hear.send(Heard::Ready(Instant::now()));
        }
        let Some(event) = waiting.0.recv().await else {
            return status(StatusCode::GONE);
        };
        waiting.1 = Some(Instant::now());
        invocation(event).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn invocation(event: Vec<u8>) -> Result<Response<Full<Bytes>>, hyper::http::Error> {
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + PATIENCE;
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench")
        .header("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")
        .body(Full::new(Bytes::from(event)))
}

fn is_kept(answer: &[u8], expected: Kept) -> Result<(), String> {
    let read: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let body = read.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str::<Value>(body).ok());
    let status = body.as_ref().and_then(|body| body.get("status")).and_then(Value::as_str).unwrap_or_default();
    let code = read.get("statusCode").and_then(Value::as_u64).unwrap_or_default();
    if (code, status) == expected.answer() { Ok(()) } else { Err(format!("not {expected:?}: {read}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_stored_counts() {
        let stored = br#"{"statusCode":200,"body":"{\"status\":\"stored\",\"id\":\"x\"}"}"#;
        assert!(is_kept(stored, Kept::Stored).is_ok() && is_kept(stored, Kept::Spooled).is_err());
        assert!(is_kept(br#"{"statusCode":202,"body":"{\"status\":\"spooled\"}"}"#, Kept::Spooled).is_ok());
        for answer in [
            r#"{"statusCode":200,"body":"{\"status\":\"duplicate\"}"}"#,
            r#"{"statusCode":503,"body":"{\"status\":\"stored\"}"}"#,
            r#"{"statusCode":200}"#,
            "",
        ] {
            assert!(is_kept(answer.as_bytes(), Kept::Stored).is_err(), "{answer}");
        }
    }
}
