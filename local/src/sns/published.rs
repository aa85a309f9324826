//! What was published, newest first, for `GET /local/published` and for tests.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

use super::message::{Attribute, Message};

/// How many messages are kept.
const KEPT: usize = 10_000;

/// One published message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// The topic's logical id in the template.
    pub topic: String,
    /// The subject, which becomes that of an e-mail.
    pub subject: Option<String>,
    /// The message as published.
    pub message: String,
    /// The message attributes, as SNS shows them to a subscriber.
    pub attributes: BTreeMap<String, PublishedAttribute>,
    /// When SNS took it.
    pub published_at: Timestamp,
}

/// A message attribute in the form of SNS's notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublishedAttribute {
    /// `String`, `String.Array`, `Number` or `Binary`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// The text, or the bytes in base64.
    pub value: String,
}

/// The last messages of all topics.
#[derive(Default)]
pub(crate) struct Published(Mutex<VecDeque<Publication>>);

impl Published {
    /// Keeps a message, in the place of the oldest when there are too many.
    pub(crate) fn add(&self, publication: Publication) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front(publication);
    }

    /// All that is kept, newest first.
    pub(crate) fn all(&self) -> Vec<Publication> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// All that is kept, newest first, as a JSON array.
    pub(crate) fn to_json(&self) -> String {
        // Texts, maps with text keys and times: nothing here can fail to be written.
        serde_json::to_string(&self.all()).unwrap_or_default()
    }
}

impl Publication {
    /// What becomes of a message that a topic took now.
    pub(crate) fn new(topic: &str, message: Message) -> Self {
        let attributes = message.attributes.into_iter();
        Self {
            topic: topic.to_owned(),
            subject: message.subject,
            message: message.message,
            attributes: attributes.map(|(name, attribute)| (name, attribute.into())).collect(),
            published_at: Timestamp::now(),
        }
    }
}

impl From<Attribute> for PublishedAttribute {
    fn from(attribute: Attribute) -> Self {
        let binary = attribute.binary.map(|bytes| STANDARD.encode(bytes));
        Self { kind: attribute.kind, value: attribute.text.or(binary).unwrap_or_default() }
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_the_oldest_go() {
        let published = Published::default();
        for n in 0..=KEPT {
            let message = Message { subject: None, message: n.to_string(), structure: None, attributes: vec![] };
            published.add(Publication::new("AlertsTopic", message));
        }
        let all = published.all();
        assert_eq!(all.len(), KEPT);
        assert_eq!((all[0].message.as_str(), all[KEPT - 1].message.as_str()), ("10000", "1"));
    }
}
