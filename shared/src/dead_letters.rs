//! The dead-letter queue: the keys of items that a reader of the stream can't handle, each with the reader and the reason; and
//! messages of the spool that hold no delivery, as they are.

use serde_json::{Value, json};

use crate::aws::{Aws, ServiceError};
use crate::log::chain;
use crate::stream::{Unreadable, failed};

/// The queue.
#[derive(Debug)]
pub struct DeadLetters {
    client: aws_sdk_sqs::Client,
    url: String,
    reader: &'static str,
}

/// The dead-letter queue did not take a letter.
#[derive(Debug, thiserror::Error)]
#[error("the dead-letter queue is not available")]
pub struct DeadLetterError(#[source] ServiceError);

impl DeadLetters {
    /// The queue of that URL, for the letters of that reader of the stream.
    #[must_use]
    pub fn new(aws: &Aws, url: String, reader: &'static str) -> Self {
        Self { client: aws.sqs(), url, reader }
    }

    /// Keeps the keys of a batch's items that could not be handled. The answer for the batch: it comes again from the first one that the
    /// queue did not take.
    pub async fn settle(&self, items: &[Unreadable]) -> Value {
        match self.put(items).await {
            Ok(()) => failed(None),
            Err((item, error)) => {
                tracing::error!(error = chain(&error), "a stream record could not be taken; it comes again");
                failed(Some(item.sequence.clone()))
            }
        }
    }

    /// Keeps a message of another queue, as it is.
    ///
    /// # Errors
    /// [`DeadLetterError`] when the queue does not take it.
    pub async fn keep_message(&self, body: &str) -> Result<(), DeadLetterError> {
        self.send_letter(body).await
    }

    async fn send_letter(&self, body: impl Into<String>) -> Result<(), DeadLetterError> {
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(|_| ()).map_err(|error| DeadLetterError(error.into()))
    }

    async fn put<'u>(&self, items: &'u [Unreadable]) -> Result<(), (&'u Unreadable, DeadLetterError)> {
        for item in items {
            tracing::error!(
                reason = item.reason,
                "an item could not be handled; its key goes to the dead-letter queue"
            );
            let letter = json!({"reader": self.reader, "keys": item.keys, "reason": item.reason}).to_string();
            self.send_letter(letter).await.map_err(|error| (item, error))?;
        }
        Ok(())
    }
}
