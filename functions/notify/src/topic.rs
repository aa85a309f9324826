//! The events topic: every stored event, as the API shows it, and every record that ended, for subscribers.

mod attribute;
mod message;
mod pack;
mod shown;

use aws_sdk_sns::Client;
use aws_sdk_sns::types::{BatchResultErrorEntry, PublishBatchRequestEntry};
use futures_util::future::join_all;
use shared::aws::{Aws, ServiceError};
use shared::log::chain;

pub(crate) use self::attribute::{Attribute, sdk_values};
pub use self::message::Message;
pub(crate) use self::message::entities;
pub use self::shown::{ShownError, ended_call_again, event_again};
use crate::origin::Origin;

/// How many batches are under way at the same time: the hundred records of a stream's batch are three rounds.
const AT_ONCE: usize = 4;

/// SNS's codes for a batch that holds something that can't be published: one bad message must not hold up the others.
const UNFIT: [&str; 5] = [
    "InvalidParameter",
    "InvalidParameterValue",
    "ParameterValueInvalid",
    "BatchRequestTooLong",
    "ValidationException",
];

/// The topic; empty where publishing is switched off.
#[derive(Debug)]
pub struct EventsTopic {
    client: Client,
    arn: Option<String>,
}

/// The origins of the messages that a publication left unpublished.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Those that SNS refused while it took others.
    pub(crate) refused: Vec<Origin>,
    /// Those without an answer of SNS's, and those not tried after that.
    pub(crate) untried: Vec<Origin>,
}

impl EventsTopic {
    /// The topic of that ARN; without one, nothing is published.
    #[must_use]
    pub fn new(aws: &Aws, arn: Option<String>) -> Self {
        Self { client: Client::new(&aws.service("SNS")), arn }
    }

    /// Whether anything is published at all.
    pub(crate) fn is_on(&self) -> bool {
        self.arn.is_some()
    }

    /// Publishes the messages, and returns the origins of those that SNS did not take. After the first round without an answer
    /// for a batch the rest is not tried: an invocation waits at most once for an SNS that hangs.
    pub async fn publish(&self, messages: impl Iterator<Item = Message>) -> Left {
        let mut left = Left::default();
        let Some(arn) = &self.arn else { return left };
        let batches = batches(messages.collect());
        for round in batches.chunks(AT_ONCE) {
            if left.untried.is_empty() {
                let each = join_all(round.iter().map(|batch| self.publish_or_split(arn, batch))).await;
                each.into_iter().for_each(|of_batch| left.add(of_batch));
            } else {
                left.untried.extend(round.iter().flatten().map(|message| message.origin.clone()));
            }
        }
        left
    }

    /// Publishes a batch; one message after the other where SNS refuses the batch as a whole.
    async fn publish_or_split(&self, arn: &str, batch: &[Message]) -> Left {
        let mut left = self.publish_batch(arn, batch).await;
        if batch.len() > 1 && left.refused.len() == batch.len() {
            left = Left::default();
            for message in batch {
                left.add(self.publish_batch(arn, std::slice::from_ref(message)).await);
            }
        }
        left
    }

    async fn publish_batch(&self, arn: &str, batch: &[Message]) -> Left {
        let entries: Vec<_> = batch.iter().enumerate().filter_map(|(place, message)| entry(place, message)).collect();
        let request = self.client.publish_batch().topic_arn(arn).set_publish_batch_request_entries(Some(entries));
        match request.send().await {
            Ok(answer) => Left { refused: refused(batch, answer.failed()), untried: Vec::new() },
            Err(error) => {
                let error = ServiceError::from(error);
                let unfit = error.code().is_some_and(|code| UNFIT.contains(&code));
                tracing::error!(messages = batch.len(), error = chain(&error), "SNS did not take a batch of messages");
                let all = batch.iter().map(|message| message.origin.clone()).collect();
                if unfit { Left { refused: all, ..Left::default() } } else { Left { untried: all, ..Left::default() } }
            }
        }
    }
}

/// The messages in batches that SNS takes, and SQS.
#[must_use]
pub fn batches(messages: Vec<Message>) -> Vec<Vec<Message>> {
    pack::pack(messages, Message::size)
}

impl Left {
    /// How many they are.
    #[must_use]
    pub fn number(&self) -> usize {
        self.refused.len() + self.untried.len()
    }

    fn add(&mut self, other: Self) {
        self.refused.extend(other.refused);
        self.untried.extend(other.untried);
    }
}

/// The entry of a message, under its place in the batch.
fn entry(place: usize, message: &Message) -> Option<PublishBatchRequestEntry> {
    let entry = PublishBatchRequestEntry::builder().id(place.to_string()).message(&message.text);
    entry.set_message_attributes(Some(sdk_values(&message.attributes))).build().ok()
}

/// The origins of the messages that SNS refused out of a batch.
fn refused(batch: &[Message], failed: &[BatchResultErrorEntry]) -> Vec<Origin> {
    let of = |failure: &BatchResultErrorEntry| {
        let origin = batch.get(failure.id().parse::<usize>().ok()?)?.origin.clone();
        let (code, reason) = (failure.code(), failure.message().unwrap_or_default());
        tracing::error!(%origin, code, reason, "SNS refused a message; it stays pending");
        Some(origin)
    };
    failed.iter().filter_map(of).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use shared::event::Event;
    use shared::json::Json;
    use shared::provider::onsip;

    use super::*;

    /// Answers one request after the other: a batch in which the text stands is unfit as a whole.
    fn serve(mut stream: TcpStream, unfit: &str) {
        let mut requests = BufReader::new(stream.try_clone().unwrap());
        loop {
            let (mut length, mut line) = (0, String::new());
            while line != "\r\n" {
                line.clear();
                if requests.read_line(&mut line).unwrap_or_default() == 0 {
                    return;
                }
                let value = line.to_ascii_lowercase();
                length = value.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
            }
            let mut body = vec![0; length];
            requests.read_exact(&mut body).unwrap();
            let (status, xml) = if String::from_utf8(body).unwrap().contains(unfit) {
                (400, "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>")
            } else {
                (200, "<PublishBatchResponse><PublishBatchResult/></PublishBatchResponse>")
            };
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{xml}", xml.len()).unwrap();
        }
    }

    fn event(id: &str) -> Event {
        let text = format!(r#"{{"id":"{id}","streamId":"{id}","type":"call.dialog.created","payload":{{}}}}"#);
        onsip::read(&Json::read(&text).unwrap(), "2026-11-02T16:40:01Z".parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn one_message_that_makes_a_batch_unfit_is_told_apart_from_the_others() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(stream, "poison"));
            }
        });
        let lookup = |name: &str| match name {
            "AWS_ENDPOINT_URL_SNS" => Some(url.clone()),
            "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("x".to_owned()),
            _ => None,
        };
        let topic = EventsTopic::new(&Aws::read(&lookup).unwrap(), Some("arn:aws:sns:x:1:t".to_owned()));
        let events = ["one", "poison", "three"].map(event);
        let left = topic.publish(events.iter().map(Message::of_event)).await;
        let poison = events.iter().filter(|event| event.id.to_string().contains("poison"));
        let poison = poison.map(|event| Origin::Event(event.id.clone()));
        assert_eq!(left, Left { refused: poison.collect(), untried: Vec::new() });
    }
}
