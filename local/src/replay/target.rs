//! Who gets it: a topic, or a queue as one that is subscribed with raw message delivery gets it.

use std::fmt;
use std::str::FromStr;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use notify::{EventsTopic, Message, batches};
use shared::aws::{Aws, ServiceError};

use super::error::ReplayError;

/// The consumer's queue or topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The topic of that ARN.
    Topic(String),
    /// The queue of that URL.
    Queue(String),
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.ends_with(".fifo") {
            return Err("a FIFO queue or topic takes no messages without groups, which the events topic has not");
        }
        let topic = text.strip_prefix("sns:").filter(|arn| arn.starts_with("arn:") && arn.contains(":sns:"));
        let queue = text.strip_prefix("sqs:").filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let topic = topic.map(|arn| Self::Topic(arn.to_owned()));
        topic
            .or(queue.map(|url| Self::Queue(url.to_owned())))
            .ok_or("neither sqs: and a queue's URL nor sns: and a topic's ARN; the end of the time is --until")
    }
}

impl Target {
    /// The region that it names; a queue behind another host than AWS's own names none.
    pub(super) fn region(&self) -> Option<&str> {
        let region = match self {
            Self::Topic(arn) => arn.split(':').nth(3),
            Self::Queue(url) => {
                let host = url.split_once("://sqs.").and_then(|(_, host)| host.split_once(".amazonaws.com"));
                host.map(|(region, _)| region)
            }
        };
        region.filter(|region| !region.is_empty() && !region.contains(['.', '/']))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(arn) => write!(f, "sns:{arn}"),
            Self::Queue(url) => write!(f, "sqs:{url}"),
        }
    }
}

/// What sends there.
pub(super) enum Sender {
    Topic(EventsTopic),
    Queue(Client, String),
}

impl Sender {
    pub(super) fn new(target: &Target, aws: &Aws) -> Self {
        match target {
            Target::Topic(arn) => Self::Topic(EventsTopic::new(aws, Some(arn.clone()))),
            Target::Queue(url) => Self::Queue(aws.sqs(), url.clone()),
        }
    }

    /// Sends messages in their order. Where some are not taken, others may be.
    pub(super) async fn send(&self, messages: Vec<Message>) -> Result<(), ReplayError> {
        match self {
            Self::Topic(topic) => match topic.publish(messages.into_iter()).await.number() {
                0 => Ok(()),
                left => Err(ReplayError::Topic(left)),
            },
            Self::Queue(client, url) => {
                for batch in batches(messages) {
                    send(client, url, &batch).await?;
                }
                Ok(())
            }
        }
    }
}

async fn send(client: &Client, url: &str, batch: &[Message]) -> Result<(), ReplayError> {
    let entries = batch.iter().enumerate().filter_map(|(place, message)| entry(place, message)).collect();
    let request = client.send_message_batch().queue_url(url).set_entries(Some(entries));
    let told = |error| ReplayError::Queue(ServiceError::from(error).with_message());
    match request.send().await.map_err(told)?.failed().first() {
        None => Ok(()),
        Some(failed) => {
            Err(ReplayError::Refused(format!("{}: {}", failed.code(), failed.message().unwrap_or("no reason given"))))
        }
    }
}

fn entry(place: usize, message: &Message) -> Option<SendMessageBatchRequestEntry> {
    let value =
        |kind: &str, value: &str| MessageAttributeValue::builder().data_type(kind).string_value(value).build().ok();
    let attributes = message.attributes().filter_map(|(name, kind, text)| Some((name.to_owned(), value(kind, text)?)));
    let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(message.text());
    entry.set_message_attributes(Some(attributes.collect())).build().ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_reached_in_its_own_region() {
        for (text, expected) in [
            ("sqs:https://sqs.us-east-1.amazonaws.com/123456789012/crm", Some("us-east-1")),
            ("sqs:https://sqs.cn-north-1.amazonaws.com.cn/123456789012/crm", Some("cn-north-1")),
            ("sns:arn:aws-us-gov:sns:us-gov-west-1:123456789012:crm", Some("us-gov-west-1")),
            // These do not say.
            ("sqs:http://127.0.0.1:4566/000000000000/crm", None),
            ("sqs:https://vpce-0a-sqs.sqs.eu-west-1.vpce.amazonaws.com/1/crm", None),
            ("sns:arn:aws:sns::123456789012:crm", None),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().region(), expected, "{text}");
        }
    }

    #[test]
    fn a_target_is_a_queue_or_a_topic_and_is_written_as_it_is_read() {
        for text in [
            "sqs:https://sqs.us-east-1.amazonaws.com/123456789012/crm",
            "sns:arn:aws-cn:sns:cn-north-1:123456789012:crm",
        ] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "crm",
            "sqs:arn:aws:sqs:us-east-1:1:crm",
            "sns:https://example.com",
            "sqs:https://example.com/1/crm.fifo",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
