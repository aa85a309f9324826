//! The events topic: every stored event, as the API shows it, to whoever subscribed.

mod message;
mod pack;

use aws_sdk_sns::Client;
use aws_sdk_sns::error::DisplayErrorContext;
use aws_sdk_sns::types::{BatchResultErrorEntry, MessageAttributeValue, PublishBatchRequestEntry};
use futures_util::future::join_all;
use shared::aws::Aws;
use shared::event::Event;
use shared::key::EventId;

use self::message::{Attribute, Message};

/// How many batches are under way at the same time: the hundred records of a stream's batch are three rounds.
const AT_ONCE: usize = 4;

/// The topic, or nothing where nobody wants its cost.
#[derive(Debug)]
pub(crate) struct EventsTopic {
    client: Client,
    arn: Option<String>,
}

/// What a publication left.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// What SNS refused by itself: others were taken.
    pub(crate) refused: Vec<EventId>,
    /// What SNS did not answer for, and what was not tried after that.
    pub(crate) untried: Vec<EventId>,
}

impl EventsTopic {
    /// The topic of that ARN; without one, events are published nowhere.
    pub(crate) fn new(aws: &Aws, arn: Option<String>) -> Self {
        Self { client: Client::new(&aws.service("SNS")), arn }
    }

    /// Whether events are published at all.
    pub(crate) fn is_on(&self) -> bool {
        self.arn.is_some()
    }

    /// Publishes the events, and returns those that SNS did not take. After the first round in which it did not answer
    /// for a batch the rest is not tried: an SNS that hangs takes no invocation's time but once.
    pub(crate) async fn publish(&self, events: &[Event]) -> Left {
        let mut left = Left::default();
        let Some(arn) = &self.arn else { return left };
        let batches = pack::pack(events.iter().map(Message::of).collect(), Message::size);
        for round in batches.chunks(AT_ONCE) {
            if left.untried.is_empty() {
                let each = join_all(round.iter().map(|batch| self.publish_batch(arn, batch))).await;
                each.into_iter().for_each(|of_batch| left.add(of_batch));
            } else {
                left.untried.extend(round.iter().flatten().map(|message| message.id.clone()));
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
                let error = DisplayErrorContext(error).to_string();
                tracing::error!(events = batch.len(), error, "SNS did not take a batch of events; they stay pending");
                Left { refused: Vec::new(), untried: batch.iter().map(|message| message.id.clone()).collect() }
            }
        }
    }
}

impl Left {
    fn add(&mut self, other: Self) {
        self.refused.extend(other.refused);
        self.untried.extend(other.untried);
    }
}

/// The entry of a message, under its place in the batch.
fn entry(place: usize, message: &Message) -> Option<PublishBatchRequestEntry> {
    let value = |Attribute { name, kind, value }: &Attribute| {
        let value = MessageAttributeValue::builder().data_type(*kind).string_value(value).build().ok()?;
        Some(((*name).to_owned(), value))
    };
    let attributes = message.attributes.iter().filter_map(value).collect();
    let entry = PublishBatchRequestEntry::builder().id(place.to_string()).message(&message.text);
    entry.set_message_attributes(Some(attributes)).build().ok()
}

/// The events that SNS refused out of a batch.
fn refused(batch: &[Message], failed: &[BatchResultErrorEntry]) -> Vec<EventId> {
    let of = |failure: &BatchResultErrorEntry| {
        let id = batch.get(failure.id().parse::<usize>().ok()?)?.id.clone();
        let (code, reason) = (failure.code(), failure.message().unwrap_or_default());
        tracing::error!(event = %id, code, reason, "SNS refused an event; it stays pending");
        Some(id)
    };
    failed.iter().filter_map(of).collect()
}
