//! What an event says beyond what all events have, by what it is about. Read from the delivery's body; texts and numbers
//! are as the provider writes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Details longer than this in JSON stand in no list: each row of a list would carry them.
const LISTED: usize = 300;

/// What an event says beyond what all events have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Details {
    /// Of a message.
    Message(Message),
    /// Of a step in an attendant menu.
    Menu(Menu),
    /// Of an order of phone numbers.
    Order(Order),
    /// Of an account's balance.
    Balance(Balance),
    /// Of a recording.
    Recording(Recording),
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its text; lists and, unless that is switched on, the events topic leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it carries beside the text.
    #[serde(default)]
    pub media: Vec<Media>,
    /// Into how many parts the carrier splits it.
    pub parts: Option<u32>,
}

/// A picture, sound or file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Media {
    /// Where the provider keeps it.
    pub url: String,
    /// Its media type (RFC 6838).
    pub content_type: Option<String>,
}

/// A step in an attendant menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Menu {
    /// What the caller entered: digits, `*` and `#`, leading zeros kept.
    pub entry: Option<String>,
    /// The SIP address that the caller was sent on to.
    pub refer_to: Option<String>,
}

/// An order of phone numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The numbers that were accepted.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Those that were not.
    #[serde(default)]
    pub rejected: Vec<Rejected>,
}

/// A number that an order does not get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The number.
    pub number: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Why, in a sentence.
    pub description: Option<String>,
}

/// An account's balance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// How much it is, a decimal in the account's currency.
    pub amount: Option<String>,
    /// What changed it.
    pub caused_by: Option<String>,
}

/// A recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Where the provider keeps it.
    pub url: Option<String>,
    /// How long it is; the unit is the provider's.
    pub duration: Option<String>,
    /// The storage service that it was uploaded to.
    pub service: Option<String>,
    /// The bucket there.
    pub bucket: Option<String>,
    /// The key in the bucket.
    pub key: Option<String>,
}

impl Details {
    /// Them without the text of a message.
    #[must_use]
    pub fn without_text(self) -> Self {
        match self {
            Self::Message(message) => Self::Message(Message { text: None, ..message }),
            other => other,
        }
    }

    /// What a list shows of them; None where that is too long, or nothing.
    pub(crate) fn listed(self) -> Option<Self> {
        let listed = self.without_text();
        let says = listed != Self::Message(Message::default());
        let short = serde_json::to_string(&listed).is_ok_and(|json| json.len() <= LISTED);
        Some(listed).filter(|_| says && short)
    }

    /// Their JSON in an item: only what is said, since every byte of an item counts.
    pub(crate) fn stored(&self) -> Option<String> {
        let said = serde_json::to_value(self).ok().map(said)?;
        Some(said.to_string())
    }
}

/// The value without null and empty members.
fn said(value: Value) -> Value {
    let says = |value: &Value| !value.is_null() && value.as_array().is_none_or(|values| !values.is_empty());
    match value {
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| says(value)).map(|(name, value)| (name, said(value))).collect()
        }
        Value::Array(values) => values.into_iter().map(said).collect(),
        other => other,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_list_shows_no_text_of_a_message_and_nothing_long() {
        let text = Some("secret".to_owned());
        let plain = Details::Message(Message { text: text.clone(), ..Message::default() });
        assert_eq!(plain.listed(), None);
        let media = |url: &str| vec![Media { url: url.to_owned(), content_type: None }];
        let picture = Details::Message(Message { text, media: media("https://example.com/a"), parts: Some(1) });
        let listed = serde_json::to_string(&picture.listed().unwrap()).unwrap();
        assert_eq!(listed, r#"{"message":{"media":[{"url":"https://example.com/a","contentType":null}],"parts":1}}"#);
        assert_eq!(Details::Message(Message { media: media(&"a".repeat(300)), ..Message::default() }).listed(), None);
    }

    #[test]
    fn an_item_holds_only_what_is_said_and_gives_it_back() {
        let rejected = vec![Rejected { number: None, reason: Some("gone".to_owned()), description: None }];
        for (details, stored) in [
            (Details::Message(Message { parts: Some(1), ..Message::default() }), r#"{"message":{"parts":1}}"#),
            (Details::Menu(Menu::default()), r#"{"menu":{}}"#),
            (Details::Order(Order { rejected, ..Order::default() }), r#"{"order":{"rejected":[{"reason":"gone"}]}}"#),
            (Details::Balance(Balance::default()), r#"{"balance":{}}"#),
            (Details::Recording(Recording::default()), r#"{"recording":{}}"#),
        ] {
            assert_eq!(details.stored().unwrap(), stored);
            assert_eq!(serde_json::from_str::<Details>(stored).unwrap(), details);
        }
    }
}
