//! One queue: a message that was received stays, hidden for a while, until it is deleted by its latest receipt. With a
//! file, every message in the queue is in the file too, and all are visible after a restart.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::random;

pub(crate) struct Queue {
    messages: Mutex<VecDeque<Held>>,
    file: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Held {
    id: String,
    body: String,
    attributes: Value,
    #[serde(skip, default = "InFlight::not_yet")]
    in_flight: InFlight,
}

/// What a message's receivers have to do with it.
struct InFlight {
    /// The handle that its latest receiver got.
    receipt: Option<String>,
    visible_from: Instant,
    received: u32,
}

impl InFlight {
    fn not_yet() -> Self {
        Self { receipt: None, visible_from: Instant::now(), received: 0 }
    }
}

impl Queue {
    /// The queue with what an earlier run left in the file.
    ///
    /// # Errors
    /// When there is a file that cannot be read.
    pub(crate) fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let messages = match file.as_ref().map(fs::read) {
            None => VecDeque::new(),
            Some(Ok(text)) => serde_json::from_slice(&text)?,
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => VecDeque::new(),
            Some(Err(error)) => return Err(error),
        };
        Ok(Self { messages: Mutex::new(messages), file })
    }

    pub(crate) fn send(&self, body: String, attributes: Value) {
        let held = Held { id: random::uuid(), body, attributes, in_flight: InFlight::not_yet() };
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push_back(held);
        self.keep(&messages);
    }

    /// Up to `count` messages that are visible, as SQS writes them, each hidden from now on for `hidden`.
    pub(crate) fn receive(&self, count: usize, hidden: Duration) -> Vec<Value> {
        let now = Instant::now();
        let mut held = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter_mut()
            .filter(|held| held.in_flight.visible_from <= now)
            .take(count)
            .map(|held| held.hand_out(now + hidden))
            .collect()
    }

    /// Hides the message of that receipt from now on for `hidden`; none if no such message is hidden now.
    pub(crate) fn hide(&self, receipt: &str, hidden: Duration) -> Option<()> {
        let now = Instant::now();
        let mut held = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut in_flight = held.iter_mut().map(|held| &mut held.in_flight).filter(|held| held.visible_from > now);
        in_flight.find(|held| held.receipt.as_deref() == Some(receipt))?.visible_from = now + hidden;
        Some(())
    }

    /// Deletes the message of that receipt; one that is gone already is no error.
    pub(crate) fn delete(&self, receipt: &str) {
        let mut held = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|held| held.in_flight.receipt.as_deref() != Some(receipt));
        self.keep(&held);
    }

    /// A file that cannot be written costs the messages at the next start, no more.
    fn keep(&self, messages: &VecDeque<Held>) {
        let Some(file) = &self.file else { return };
        let next = file.with_extension("next");
        let written = serde_json::to_vec(messages).map_err(io::Error::from).and_then(|text| fs::write(&next, text));
        // Renamed into place: a reader finds the old messages or the new ones, never half of them.
        if let Err(error) = written.and_then(|()| fs::rename(&next, file)) {
            tracing::warn!(%error, "the messages of a queue are not kept");
        }
    }
}

impl Held {
    fn hand_out(&mut self, visible_from: Instant) -> Value {
        let receipt = random::uuid();
        let received = self.in_flight.received + 1;
        self.in_flight = InFlight { receipt: Some(receipt.clone()), visible_from, received };
        json!({
            "MessageId": self.id,
            "ReceiptHandle": receipt,
            "Body": self.body,
            "MD5OfBody": format!("{:x}", md5::compute(&self.body)),
            "Attributes": { "ApproximateReceiveCount": received.to_string() },
            "MessageAttributes": self.attributes,
        })
    }
}
