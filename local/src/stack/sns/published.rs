//! What was published, newest first, for `GET /local/published` and for tests.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

use super::message::{MessageAttributeValue, SnsMessage};
use crate::terminal::{indented, printable};

/// How many messages of each topic are kept: a flood of events must not push the alerts out.
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

/// The last messages of each topic.
#[derive(Default)]
pub(crate) struct Published(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How many messages there have been: the place of each in the order of all topics.
    count: u64,
    topics: BTreeMap<String, VecDeque<(u64, Publication)>>,
}

impl Published {
    /// Keeps a message, in the place of the topic's oldest when there are too many.
    pub(crate) fn add(&self, publication: Publication) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count += 1;
        let place = kept.count;
        let topic = kept.topics.entry(publication.topic.clone()).or_default();
        topic.truncate(KEPT - 1);
        topic.push_front((place, publication));
    }

    /// All that is kept, newest first.
    pub(crate) fn all(&self) -> Vec<Publication> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = kept.topics.values().flatten().collect();
        all.sort_by_key(|(place, _)| Reverse(*place));
        all.into_iter().map(|(_, publication)| publication.clone()).collect()
    }

    /// All that is kept, newest first, as a JSON array.
    pub(crate) fn to_json(&self) -> String {
        // Texts, maps with text keys and times: nothing here can fail to be written.
        serde_json::to_string(&self.all()).unwrap_or_default()
    }
}

impl Publication {
    /// What becomes of a message that a topic took now.
    pub(crate) fn new(topic: &str, message: SnsMessage) -> Self {
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

/// As the terminal shows it.
impl fmt::Display for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = format!("\n┌ {} {}", self.topic, printable(self.subject.as_deref().unwrap_or_default()));
        write!(f, "{}\n{}", head.trim_end(), indented(&self.message))
    }
}

impl From<MessageAttributeValue> for PublishedAttribute {
    fn from(attribute: MessageAttributeValue) -> Self {
        let binary = attribute.binary.map(|bytes| STANDARD.encode(bytes));
        Self { kind: attribute.kind, value: attribute.text.or(binary).unwrap_or_default() }
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test's own values")]
mod tests {
    use super::*;

    fn add(published: &Published, topic: &str, n: usize) {
        let message = SnsMessage { subject: None, message: n.to_string(), structure: None, attributes: vec![] };
        published.add(Publication::new(topic, message));
    }

    #[test]
    fn the_newest_come_first_and_the_oldest_go() {
        let published = Published::default();
        (0..=KEPT).for_each(|n| add(&published, "EventsTopic", n));
        let all = published.all();
        assert_eq!(all.len(), KEPT);
        assert_eq!((all[0].message.as_str(), all[KEPT - 1].message.as_str()), ("10000", "1"));
    }

    #[test]
    fn a_flood_of_one_topic_pushes_nothing_of_another_out() {
        let published = Published::default();
        add(&published, "EventsTopic", 0);
        add(&published, "AlertsTopic", 1);
        (2..=KEPT + 1).for_each(|n| add(&published, "EventsTopic", n));
        add(&published, "AlertsTopic", 0);
        let all = published.all();
        assert_eq!(all.len(), KEPT + 2);
        assert_eq!((all[0].topic.as_str(), all[1].topic.as_str()), ("AlertsTopic", "EventsTopic"));
        assert_eq!((all[KEPT + 1].topic.as_str(), all[KEPT + 1].message.as_str()), ("AlertsTopic", "1"));
    }
}
