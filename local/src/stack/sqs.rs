//! A small SQS on a loopback port, for the spool and the dead letters: send, receive, delete and show again, with
//! visibility time-outs. With a data directory the messages are there on the next start.

mod queue;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use self::queue::Queue;
use crate::random;
use crate::terminal::Terminal;

/// The longest that a receiver waits for a message: SQS's own limit.
const LONGEST_WAIT: u64 = 20;

/// The longest that a message is hidden, in seconds: twelve hours, SQS's own limit.
const LONGEST_HIDDEN: u64 = 43_200;

/// The queue whose messages are not shown: they are deliveries, which come again soon.
const SPOOL: &str = "/SpoolQueue";

/// SQS's limit on a message.
const SIZE_LIMIT: usize = 1024 * 1024;

/// The queues by name.
pub(crate) struct Sqs {
    queues: BTreeMap<String, Queue>,
    terminal: Terminal,
}

/// Why SQS refuses: the error's name in SQS's JSON protocol, and a text.
type SqsError = (&'static str, String);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    queue_url: String,
    message_body: String,
    #[serde(default)]
    message_attributes: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendBatch {
    queue_url: String,
    entries: Vec<SendEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEntry {
    id: String,
    message_body: String,
    #[serde(default)]
    message_attributes: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    queue_url: String,
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
    wait_time_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeVisibility {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: u64,
}

/// The URL of a queue on the endpoint.
pub(crate) fn queue_url(endpoint: &str, queue: &str) -> String {
    format!("{endpoint}/{}/{queue}", crate::place::ACCOUNT)
}

/// What answers on the endpoint, with the messages that the directory holds.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn router(names: &[String], directory: Option<&Path>, terminal: Terminal) -> io::Result<Router> {
    let mut queues = BTreeMap::new();
    for name in names {
        let file = directory.map(|directory| directory.join(format!("queue-{name}.json")));
        queues.insert(name.clone(), Queue::open(file)?);
    }
    Ok(Router::new().fallback(answer).with_state(Arc::new(Sqs { queues, terminal })))
}

async fn answer(State(sqs): State<Arc<Sqs>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let answered = match target.strip_prefix("AmazonSQS.") {
        Some("SendMessage") => read(&body).and_then(|request| sqs.send(request)),
        Some("SendMessageBatch") => read(&body).and_then(|request| sqs.send_batch(request)),
        Some("ReceiveMessage") => match read(&body) {
            Ok(request) => sqs.receive(request).await,
            Err(error) => Err(error),
        },
        Some("DeleteMessage") => read(&body).and_then(|request| sqs.delete(&request)),
        Some("ChangeMessageVisibility") => read(&body).and_then(|request| sqs.change_visibility(&request)),
        _ => Err(("UnsupportedOperation", format!("Here SQS sends, receives, deletes and shows again: {target:?}"))),
    };
    match answered {
        Ok(answer) => response(StatusCode::OK, &answer),
        Err((name, message)) => refused(name, &message),
    }
}

/// SDKs take the error's name from the header that keeps the names of the older query protocol.
fn refused(name: &str, message: &str) -> Response<Body> {
    let code = match name {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        name => name,
    };
    let answer = json!({ "__type": format!("com.amazonaws.sqs#{name}"), "message": message });
    let mut response = response(StatusCode::BAD_REQUEST, &answer);
    if let Ok(code) = HeaderValue::try_from(format!("{code};Sender")) {
        response.headers_mut().insert("x-amzn-query-error", code);
    }
    response
}

impl Sqs {
    fn send(&self, request: Send) -> Result<Value, SqsError> {
        self.take(&request.queue_url, request.message_body, request.message_attributes).map(Value::Object)
    }

    /// What is said of a message that the queue took.
    fn take(&self, url: &str, body: String, attributes: Value) -> Result<Map<String, Value>, SqsError> {
        let queue = self.queue(url)?;
        check(&body)?;
        let told = [("MessageId", random::uuid()), ("MD5OfMessageBody", format!("{:x}", md5::compute(&body)))];
        if !url.ends_with(SPOOL) {
            self.terminal.dead_letter(&body);
        }
        queue.send(body, attributes);
        Ok(told.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }

    fn send_batch(&self, SendBatch { queue_url, entries }: SendBatch) -> Result<Value, SqsError> {
        self.queue(&queue_url)?;
        if !(1..=10).contains(&entries.len()) {
            return Err(("TooManyEntriesInBatchRequest", "A batch has 1 to 10 entries.".to_owned()));
        }
        let (mut taken, mut failed) = (Vec::new(), Vec::new());
        for SendEntry { id, message_body, message_attributes } in entries {
            match self.take(&queue_url, message_body, message_attributes) {
                Ok(told) => taken.push(told.into_iter().chain([("Id".to_owned(), id.into())]).collect::<Value>()),
                Err((code, message)) => {
                    failed.push(json!({ "Id": id, "Code": code, "Message": message, "SenderFault": true }));
                }
            }
        }
        Ok(json!({ "Successful": taken, "Failed": failed }))
    }

    async fn receive(&self, request: Receive) -> Result<Value, SqsError> {
        let queue = self.queue(&request.queue_url)?;
        let count = request.max_number_of_messages.unwrap_or(1);
        if !(1..=10).contains(&count) {
            return Err(("InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10".to_owned()));
        }
        let hidden = Duration::from_secs(request.visibility_timeout.unwrap_or(30).min(LONGEST_HIDDEN));
        let wait = Duration::from_secs(request.wait_time_seconds.unwrap_or(0).min(LONGEST_WAIT));
        let until = Instant::now() + wait;
        loop {
            let messages = queue.receive(count, hidden);
            if !messages.is_empty() || Instant::now() >= until {
                return Ok(json!({ "Messages": messages }));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn delete(&self, request: &Delete) -> Result<Value, SqsError> {
        self.queue(&request.queue_url)?.delete(&request.receipt_handle);
        Ok(json!({}))
    }

    fn change_visibility(&self, request: &ChangeVisibility) -> Result<Value, SqsError> {
        let hidden = Duration::from_secs(request.visibility_timeout.min(LONGEST_HIDDEN));
        let queue = self.queue(&request.queue_url)?;
        match queue.hide(&request.receipt_handle, hidden) {
            Some(()) => Ok(json!({})),
            None => Err(("MessageNotInflight", "The message is not in flight.".to_owned())),
        }
    }

    fn queue(&self, url: &str) -> Result<&Queue, SqsError> {
        let name = url.rsplit('/').next().unwrap_or_default();
        let missing = || ("QueueDoesNotExist", "The specified queue does not exist.".to_owned());
        self.queues.get(name).ok_or_else(missing)
    }
}

/// SQS takes what XML 1.0 can hold, and no empty message.
fn check(body: &str) -> Result<(), SqsError> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..);
    match body.len() {
        0 => Err(("MissingParameter", "The request must contain the parameter MessageBody.".to_owned())),
        length if length > SIZE_LIMIT => Err((
            "InvalidParameterValue",
            format!("One or more parameters are invalid. Reason: Message must be shorter than {SIZE_LIMIT} bytes."),
        )),
        _ if !body.chars().all(allowed) => {
            Err(("InvalidMessageContents", "Invalid characters found in the message body.".to_owned()))
        }
        _ => Ok(()),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| ("SerializationException", error.to_string()))
}

fn response(status: StatusCode, answer: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

#[cfg(test)]
mod tests;
