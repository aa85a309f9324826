//! The dead-letter queue: letters are taken ten at a time, hidden while they are worked on, and deleted or shown again.

use std::time::Duration;

use aws_sdk_sqs::Client;
use shared::aws::Aws;
use shared::log::chain;

use super::trouble::{RedriveError, Trouble, told};

/// How many letters SQS hands out at once, at most.
const LETTERS: i32 = 10;
/// Far more than ten letters need, stream batches among them. It is over by itself where a run is cut short.
const HIDDEN: Duration = Duration::from_secs(300);
/// Any waiting makes SQS ask all of its servers: without it, an answer of none means little.
const WAIT: Duration = Duration::from_secs(1);

/// The dead-letter queue.
#[derive(Debug)]
pub(super) struct DeadLetterQueue {
    client: Client,
    url: String,
}

/// A letter as it was taken.
#[derive(Debug)]
pub(super) struct ReceivedMessage {
    pub(super) id: String,
    pub(super) receipt: String,
    pub(super) body: String,
}

impl DeadLetterQueue {
    pub(super) fn new(aws: &Aws, url: String) -> Self {
        Self { client: Client::new(&aws.service("SQS")), url }
    }

    /// Some of the letters; none once all are taken.
    pub(super) async fn receive(&self) -> Result<Vec<ReceivedMessage>, RedriveError> {
        let asked = self.client.receive_message().queue_url(&self.url).max_number_of_messages(LETTERS);
        let asked = asked.visibility_timeout(seconds(HIDDEN)).wait_time_seconds(seconds(WAIT));
        let answer = asked.send().await.map_err(|error| RedriveError::Queue(told(error)))?;
        Ok(answer.messages.unwrap_or_default().into_iter().map(ReceivedMessage::from).collect())
    }

    pub(super) async fn delete(&self, message: &ReceivedMessage) -> Result<(), Trouble> {
        let asked = self.client.delete_message().queue_url(&self.url).receipt_handle(&message.receipt);
        asked.send().await.map(|_| ()).map_err(|error| Trouble::Undeleted(told(error)))
    }

    /// Lets the next run see a letter at once. Without that it sees it some minutes later, so a refusal is no failure.
    pub(super) async fn release(&self, receipt: &str) {
        let asked = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(receipt);
        if let Err(error) = asked.visibility_timeout(0).send().await {
            tracing::warn!(error = chain(&told(error)), "what is left stays hidden for {} s", HIDDEN.as_secs());
        }
    }
}

impl From<aws_sdk_sqs::types::Message> for ReceivedMessage {
    fn from(message: aws_sdk_sqs::types::Message) -> Self {
        Self {
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        }
    }
}

fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_secs()).unwrap_or(i32::MAX)
}
