//! A queue subscribed to the topics: what their subscribers get.

use serde_json::{Value, json};
use tests::wait;

use super::emulator::Emulator;
use super::stack::Stack;

pub(super) struct Inbox<'a> {
    emulator: &'a Emulator,
    url: String,
}

impl<'a> Inbox<'a> {
    /// Made before the stack, so that it is no part of what the stack leaves behind.
    pub(super) fn new(emulator: &'a Emulator, name: &str) -> Self {
        let queue = emulator.aws("sqs", "create_queue", &json!({"QueueName": name}));
        Self { emulator, url: queue["QueueUrl"].as_str().unwrap().to_owned() }
    }

    /// The queue's URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Subscribes to topics; of what they publish, the filter policy chooses. An empty one takes all.
    pub(super) fn subscribe(&self, stack: &Stack<'_>, topics: &[&str], policy: &Value) {
        let question = json!({"QueueUrl": self.url, "AttributeNames": ["QueueArn"]});
        let queue = self.emulator.aws("sqs", "get_queue_attributes", &question);
        let endpoint = &queue["Attributes"]["QueueArn"];
        let sns = json!({"Service": "sns.amazonaws.com"});
        let statement = json!({"Effect": "Allow", "Principal": sns, "Action": "sqs:SendMessage", "Resource": endpoint});
        let access = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let wish = json!({"QueueUrl": self.url, "Attributes": {"Policy": access}});
        self.emulator.aws("sqs", "set_queue_attributes", &wish);
        for topic in topics {
            let mut wish = json!({"TopicArn": stack.resource(topic), "Protocol": "sqs", "Endpoint": endpoint});
            if policy.as_object().is_some_and(|policy| !policy.is_empty()) {
                wish["Attributes"] = json!({"FilterPolicy": policy.to_string()});
            }
            self.emulator.aws("sns", "subscribe", &wish);
        }
    }

    /// Waits for that many messages, and returns each as SNS wraps it: `TopicArn`, `Subject`, `Message`.
    pub(super) fn take(&self, count: usize) -> Vec<Value> {
        let mut taken = Vec::new();
        wait::until("the messages are there", || {
            taken.extend(self.receive());
            (taken.len() >= count).then_some(())
        });
        taken
    }

    /// Waits for one message that the next run of the schedule, up to a minute away, brings.
    pub(super) fn take_scheduled(&self) -> Value {
        let mut rounds = (0..45).flat_map(|_| self.receive());
        rounds.next().expect("a message within a minute and a half")
    }

    /// All that is there now, after a moment for what is on its way.
    pub(super) fn take_rest(&self) -> Vec<Value> {
        std::iter::repeat_with(|| self.receive()).take_while(|some| !some.is_empty()).flatten().collect()
    }

    fn receive(&self) -> Vec<Value> {
        let question = json!({"QueueUrl": self.url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2});
        let answer = self.emulator.aws("sqs", "receive_message", &question);
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let done = json!({"QueueUrl": self.url, "ReceiptHandle": message["ReceiptHandle"]});
            self.emulator.aws("sqs", "delete_message", &done);
        }
        messages.iter().map(|message| serde_json::from_str(message["Body"].as_str().unwrap()).unwrap()).collect()
    }
}
