//! One queue: a message that was received stays, hidden for a while, until it is deleted by its latest receipt.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::random;

#[derive(Default)]
pub(crate) struct Queue(Mutex<VecDeque<Held>>);

struct Held {
    id: String,
    body: String,
    attributes: Value,
    /// The handle that its latest receiver got.
    receipt: Option<String>,
    visible_from: Instant,
    received: u32,
}

impl Queue {
    pub(crate) fn send(&self, body: String, attributes: Value) {
        let id = random::uuid();
        let held = Held { id, body, attributes, receipt: None, visible_from: Instant::now(), received: 0 };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(held);
    }

    /// Up to `count` messages that are visible, as SQS writes them, each hidden from now on for `hidden`.
    pub(crate) fn receive(&self, count: usize, hidden: Duration) -> Vec<Value> {
        let now = Instant::now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter_mut()
            .filter(|held| held.visible_from <= now)
            .take(count)
            .map(|held| held.hand_out(now + hidden))
            .collect()
    }

    /// Hides the message of that receipt from now on for `hidden`; none if no such message is hidden now.
    pub(crate) fn hide(&self, receipt: &str, hidden: Duration) -> Option<()> {
        let now = Instant::now();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut in_flight = held.iter_mut().filter(|held| held.visible_from > now);
        in_flight.find(|held| held.receipt.as_deref() == Some(receipt))?.visible_from = now + hidden;
        Some(())
    }

    /// Deletes the message of that receipt; one that is gone already is no error.
    pub(crate) fn delete(&self, receipt: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|held| held.receipt.as_deref() != Some(receipt));
    }
}

impl Held {
    fn hand_out(&mut self, visible_from: Instant) -> Value {
        self.visible_from = visible_from;
        self.received += 1;
        let receipt = random::uuid();
        self.receipt = Some(receipt.clone());
        json!({
            "MessageId": self.id,
            "ReceiptHandle": receipt,
            "Body": self.body,
            "MD5OfBody": format!("{:x}", md5::compute(&self.body)),
            "Attributes": { "ApproximateReceiveCount": self.received.to_string() },
            "MessageAttributes": self.attributes,
        })
    }
}
