//! A queue mapping, in Lambda's place: hands a queue's messages to a function, and deletes those that it took. What it did not
//! take comes again when it is no longer hidden.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};
use shared::aws::ServiceError;
use shared::log::chain;

use crate::stack::function::Function;
use crate::stack::shutdown::Shutdown;
use crate::stack::template::QueueMapping;

/// How long to wait before looking again at a queue that shows nothing, or whose messages the function does not take.
const PAUSE: Duration = Duration::from_millis(100);

/// Feeds a function from one queue.
pub(crate) struct Poller {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) mapping: QueueMapping,
    pub(crate) function: Function,
}

impl Poller {
    /// Feeds the function until the signal. A batch that is being handled then is finished.
    pub(crate) async fn run(self, shutdown: Shutdown) {
        loop {
            let pause = match self.next().await {
                Ok(0) => PAUSE,
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(error = chain(&error), "a queue can not be read; trying again");
                    PAUSE
                }
            };
            if shutdown.within(pause).await {
                return;
            }
        }
    }

    /// One batch; how many of its messages the function took.
    async fn next(&self) -> Result<usize, ServiceError> {
        let hidden = i32::try_from(self.mapping.hidden.as_secs()).unwrap_or(i32::MAX);
        let asked = self.client.receive_message().queue_url(&self.url).visibility_timeout(hidden);
        let answer = asked.max_number_of_messages(self.mapping.batch_size).send().await?;
        let messages = answer.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(0);
        }
        let taken = self.taken(&messages).await;
        for message in &taken {
            let receipt = message.receipt_handle().unwrap_or_default();
            self.client.delete_message().queue_url(&self.url).receipt_handle(receipt).send().await?;
        }
        Ok(taken.len())
    }

    /// The messages that the function took.
    async fn taken<'m>(&self, messages: &'m [Message]) -> Vec<&'m Message> {
        let event = json!({ "Records": messages.iter().map(|message| self.record(message)).collect::<Vec<_>>() });
        match self.function.invoke(event).await {
            Ok(answer) => taken(messages, &answer),
            Err(error) => {
                tracing::warn!(error = chain(&*error), "{} failed a batch", self.function);
                Vec::new()
            }
        }
    }

    /// A message as Lambda passes it on.
    fn record(&self, message: &Message) -> Value {
        json!({
            "messageId": message.message_id(),
            "receiptHandle": message.receipt_handle(),
            "body": message.body(),
            "attributes": {},
            "messageAttributes": {},
            "md5OfBody": message.md5_of_body(),
            "eventSource": "aws:sqs",
            "eventSourceARN": format!(
                "arn:aws:sqs:{}:{}:{}", crate::place::REGION, crate::place::ACCOUNT, self.mapping.queue
            ),
            "awsRegion": crate::place::REGION,
        })
    }
}

/// As Lambda has it: what is not reported is taken; a report without an id, or with one that is not in the batch, fails all of it.
fn taken<'m>(messages: &'m [Message], answer: &Value) -> Vec<&'m Message> {
    let failures = answer.get("batchItemFailures").and_then(Value::as_array);
    let reported = failures.into_iter().flatten().map(|failure| failure.get("itemIdentifier").and_then(Value::as_str));
    let Some(failed) = reported.collect::<Option<BTreeSet<_>>>() else { return Vec::new() };
    let (left, taken): (Vec<_>, Vec<_>) =
        messages.iter().partition(|message| message.message_id().is_some_and(|id| failed.contains(id)));
    if left.len() == failed.len() { taken } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reported_is_taken_and_a_report_that_names_nothing_fails_all() {
        let messages = ["a", "b", "c"].map(|id| Message::builder().message_id(id).build());
        for (answer, expected) in [
            (json!({ "batchItemFailures": [] }), &["a", "b", "c"][..]),
            (Value::Null, &["a", "b", "c"]),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] }), &["a", "c"]),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "b" }, { "itemIdentifier": "a" }] }), &["c"]),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "x" }] }), &[]),
            (json!({ "batchItemFailures": [{ "itemIdentifier": null }] }), &[]),
            (json!({ "batchItemFailures": [{}] }), &[]),
        ] {
            let ids: Vec<_> = taken(&messages, &answer).into_iter().filter_map(Message::message_id).collect();
            assert_eq!(ids, expected, "{answer}");
        }
    }
}
