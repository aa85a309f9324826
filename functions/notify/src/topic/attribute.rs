//! The message attributes that filter policies use. Whatever they hold, SNS takes them.

use std::collections::HashMap;

use aws_sdk_sns::types::MessageAttributeValue;
use serde_json::json;
use shared::outbox::{Attributes, ENTITY};

/// A data type of SNS's message attributes.
const TEXT: &str = "String";
/// The data type of several values, a JSON array: any of them can match a filter policy.
pub(super) const LIST: &str = "String.Array";

/// A message attribute. SNS takes no empty value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) value: String,
}

impl Attribute {
    /// Those of an alert.
    pub(crate) fn of_alert(attributes: &Attributes) -> Vec<Self> {
        Self::of(&attributes.words(), attributes.entities.iter().cloned().collect::<Vec<_>>().as_slice())
    }

    /// Those of one value each, and the entities.
    pub(super) fn of(words: &[(&'static str, &str)], entities: &[String]) -> Vec<Self> {
        let said = words.iter().filter(|(_, value)| !value.is_empty());
        let texts = said.map(|(name, value)| Self { name, kind: TEXT, value: plain(value) });
        let list = Self { name: ENTITY, kind: LIST, value: quoted(&json!(entities).to_string()) };
        texts.chain((!entities.is_empty()).then_some(list)).collect()
    }

    /// Tells SNS to put reliability before price in an SMS.
    pub(crate) fn transactional() -> Self {
        Self { name: "AWS.SNS.SMS.SMSType", kind: TEXT, value: "Transactional".to_owned() }
    }
}

/// The attributes as the SDK takes them.
pub(crate) fn sdk_values(attributes: &[Attribute]) -> HashMap<String, MessageAttributeValue> {
    let value = |Attribute { name, kind, value }: &Attribute| {
        let value = MessageAttributeValue::builder().data_type(*kind).string_value(value).build().ok()?;
        Some(((*name).to_owned(), value))
    };
    attributes.iter().filter_map(value).collect()
}

/// JSON without the two characters that it may hold and that SQS refuses: a subscribed queue would not get the message.
pub(super) fn quoted(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// A text without what SQS refuses and what a filter policy can't be compared with.
fn plain(text: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}
