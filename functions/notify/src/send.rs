//! Sending: alerts to SNS, what can't be read to the dead-letter queue.

use std::collections::HashMap;

use aws_sdk_sns::error::DisplayErrorContext;
use aws_sdk_sns::types::MessageAttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::outbox::{Alert, Outbox, OutboxError, Pending, Transport};

/// The two topics: no rule of one transport bends the other.
#[derive(Debug)]
pub(crate) struct Topics {
    client: aws_sdk_sns::Client,
    alerts: String,
    urgent: String,
}

impl Topics {
    pub(crate) fn new(aws: &Aws, alerts: String, urgent: String) -> Self {
        Self { client: aws_sdk_sns::Client::new(&aws.service("SNS")), alerts, urgent }
    }

    /// Publishes an alert by one transport. The error's text is for the log and holds nothing of the alert.
    async fn publish(&self, alert: &Alert, transport: Transport) -> Result<(), String> {
        let request = self.client.publish();
        let request = match transport {
            Transport::Email => request.topic_arn(&self.alerts).subject(&alert.subject).message(&alert.text),
            Transport::Sms => request
                .topic_arn(&self.urgent)
                .message(alert.sms.as_deref().unwrap_or(&alert.subject))
                .set_message_attributes(transactional()),
        };
        request.send().await.map(|_| ()).map_err(|error| DisplayErrorContext(error).to_string())
    }
}

/// Tells SNS to put reliability before price.
fn transactional() -> Option<HashMap<String, MessageAttributeValue>> {
    let value = MessageAttributeValue::builder().data_type("String").string_value("Transactional").build().ok()?;
    Some(HashMap::from([("AWS.SNS.SMS.SMSType".to_owned(), value)]))
}

/// The sending of one invocation: after the first refusal the rest stays pending, so that an SNS that does not answer
/// takes no invocation's time but once.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    refused: bool,
}

impl Delivery {
    pub(crate) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Tries what is left of a pending alert and notes what came of it.
    ///
    /// # Errors
    /// [`OutboxError`] when that could not be noted; what was sent may then be sent again.
    pub(crate) async fn send(
        &mut self,
        topics: &Topics,
        outbox: &Outbox,
        pending: &Pending,
    ) -> Result<(), OutboxError> {
        let mut taken = Vec::new();
        for transport in pending.transports.iter().copied() {
            if self.refused {
                break;
            }
            match topics.publish(&pending.alert, transport).await {
                Ok(()) => taken.push(transport),
                Err(error) => {
                    tracing::error!(alert = pending.alert.id, error, "SNS did not take an alert; it stays pending");
                    self.refused = true;
                }
            }
        }
        outbox.sent(pending, &taken, Timestamp::now()).await
    }
}

/// The queue for items that can't be read.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    client: aws_sdk_sqs::Client,
    url: String,
}

/// The dead-letter queue did not take a key.
#[derive(Debug, thiserror::Error)]
#[error("the dead-letter queue is not available: {0}")]
pub struct DeadLetterError(String);

impl DeadLetters {
    pub(crate) fn new(aws: &Aws, url: String) -> Self {
        Self { client: aws_sdk_sqs::Client::new(&aws.service("SQS")), url }
    }

    /// Keeps the key of an item, and why it could not be read.
    pub(crate) async fn put(&self, keys: &Value, reason: &str) -> Result<(), DeadLetterError> {
        let letter = json!({"keys": keys, "reason": reason}).to_string();
        let sent = self.client.send_message().queue_url(&self.url).message_body(letter).send().await;
        sent.map(|_| ()).map_err(|error| DeadLetterError(DisplayErrorContext(error).to_string()))
    }
}
