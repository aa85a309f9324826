//! The AWS query protocol as the SDK speaks it: names with dots for nesting, `.member.N` for lists, `.entry.N` for maps.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::message::{MessageAttributeValue, SnsMessage};

/// A request's parameters.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Decodes a form-encoded body.
    pub(crate) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// One parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The message of a `Publish`.
    pub(crate) fn message(&self) -> SnsMessage {
        self.message_at("")
    }

    /// The entries of a `PublishBatch`, each with its id.
    pub(crate) fn entries(&self) -> Vec<(String, SnsMessage)> {
        let prefixes = (1..).map(|n| format!("PublishBatchRequestEntries.member.{n}."));
        let there = prefixes.take_while(|prefix| self.0.keys().any(|name| name.starts_with(prefix.as_str())));
        there.map(|prefix| (self.text(&prefix, "Id").unwrap_or_default(), self.message_at(&prefix))).collect()
    }

    fn message_at(&self, prefix: &str) -> SnsMessage {
        SnsMessage {
            subject: self.text(prefix, "Subject"),
            message: self.text(prefix, "Message").unwrap_or_default(),
            structure: self.text(prefix, "MessageStructure"),
            attributes: self.attributes(prefix),
        }
    }

    fn attributes(&self, prefix: &str) -> Vec<(String, MessageAttributeValue)> {
        let entries = (1..).map(|n| format!("{prefix}MessageAttributes.entry.{n}."));
        entries.map_while(|entry| Some((self.text(&entry, "Name")?, self.attribute(&entry)))).collect()
    }

    fn attribute(&self, entry: &str) -> MessageAttributeValue {
        MessageAttributeValue {
            kind: self.text(entry, "Value.DataType").unwrap_or_default(),
            text: self.text(entry, "Value.StringValue"),
            binary: self.text(entry, "Value.BinaryValue").and_then(|value| STANDARD.decode(value).ok()),
        }
    }

    fn text(&self, prefix: &str, name: &str) -> Option<String> {
        self.get(&format!("{prefix}{name}")).map(str::to_owned)
    }
}
