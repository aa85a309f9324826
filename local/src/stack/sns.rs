//! A small SNS on a loopback port: takes what `notify` publishes through the real SDK, refuses what AWS would refuse,
//! prints each alert and keeps each message for `GET /local/published`.

mod error;
mod form;
mod message;
mod published;
mod xml;

use std::collections::HashSet;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::Response;

use self::error::SnsError;
use self::form::Form;
use self::message::{SIZE_LIMIT, SnsMessage};
pub(crate) use self::published::Published;
pub use self::published::{Publication, PublishedAttribute};
use crate::random;
use crate::terminal::Terminal;

/// The topics and what they took.
pub(crate) struct Sns {
    pub(crate) topics: Vec<String>,
    pub(crate) published: Arc<Published>,
    pub(crate) terminal: Terminal,
}

/// The topic of all events: each of them printed would bury the alerts.
const EVENTS: &str = "EventsTopic";

/// The ARN of a topic here.
pub(crate) fn topic_arn(topic: &str) -> String {
    format!("arn:aws:sns:{}:{}:{topic}", crate::place::REGION, crate::place::ACCOUNT)
}

/// What answers on the endpoint.
pub(crate) fn router(sns: Sns) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(sns))
}

async fn answer(State(sns): State<Arc<Sns>>, body: Bytes) -> Response<Body> {
    let form = Form::read(&body);
    let answered = match form.get("Action") {
        Some("Publish") => sns.publish(&form),
        Some("PublishBatch") => sns.publish_batch(&form),
        other => {
            Err(SnsError::bad("InvalidAction", format!("Here SNS only publishes: {}", other.unwrap_or("no action"))))
        }
    };
    answered.unwrap_or_else(|error| xml::refused(&error))
}

impl Sns {
    fn publish(&self, form: &Form) -> Result<Response<Body>, SnsError> {
        let topic = self.topic(form)?;
        let message = form.message();
        message.check()?;
        let id = self.take(topic, message);
        Ok(xml::done("Publish", &xml::element("MessageId", &id)))
    }

    fn publish_batch(&self, form: &Form) -> Result<Response<Body>, SnsError> {
        let topic = self.topic(form)?;
        let entries = form.entries();
        check_batch(&entries)?;
        let (mut taken, mut failed) = (String::new(), String::new());
        for (id, message) in entries {
            match message.check() {
                Ok(()) => taken.push_str(&succeeded(&id, &self.take(topic, message))),
                Err(error) => failed.push_str(&self::failed(&id, &error)),
            }
        }
        Ok(xml::done("PublishBatch", &format!("<Successful>{taken}</Successful><Failed>{failed}</Failed>")))
    }

    fn topic(&self, form: &Form) -> Result<&str, SnsError> {
        let arn = form.get("TopicArn").ok_or_else(|| SnsError::parameter("TopicArn or TargetArn Reason: no value"))?;
        if arn.split(':').count() != 6 || !arn.starts_with("arn:aws:sns:") {
            return Err(SnsError::parameter("TopicArn"));
        }
        self.topics.iter().find(|topic| topic_arn(topic) == arn).map(String::as_str).ok_or_else(SnsError::unknown_topic)
    }

    fn take(&self, topic: &str, message: SnsMessage) -> String {
        let publication = Publication::new(topic, message);
        if topic != EVENTS {
            self.terminal.say(&publication.to_string());
        }
        self.published.add(publication);
        random::uuid()
    }
}

/// The rules for a batch as a whole.
fn check_batch(entries: &[(String, SnsMessage)]) -> Result<(), SnsError> {
    let well_named = |id: &String| {
        (1..=80).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let ids: HashSet<_> = entries.iter().map(|(id, _)| id).collect();
    let size: usize = entries.iter().map(|(_, message)| message.size()).sum();
    let refuse = |code, message: &str| Err(SnsError::bad(code, message));
    match entries.len() {
        0 => refuse("EmptyBatchRequest", "The batch request doesn't contain any entries."),
        11.. => {
            refuse("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible (10).")
        }
        _ if !ids.iter().all(|id| well_named(id)) => refuse(
            "InvalidBatchEntryId",
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        ),
        count if ids.len() < count => {
            refuse("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
        }
        _ if size > SIZE_LIMIT => {
            refuse("BatchRequestTooLong", "The length of all the batch messages put together is more than the limit.")
        }
        _ => Ok(()),
    }
}

fn succeeded(id: &str, message_id: &str) -> String {
    format!("<member>{}{}</member>", xml::element("Id", id), xml::element("MessageId", message_id))
}

fn failed(id: &str, error: &SnsError) -> String {
    let parts = [("Id", id), ("Code", error.code), ("Message", &error.message), ("SenderFault", "true")];
    format!("<member>{}</member>", parts.map(|(name, text)| xml::element(name, text)).concat())
}

#[cfg(test)]
mod tests;
