//! A message to publish, and SNS's rules for one. The limits are AWS's own, so that what passes here passes there.

use super::error::SnsError;

/// SNS's limit on a message with its attributes, and on all messages of a batch together: 256 KiB.
pub(crate) const SIZE_LIMIT: usize = 262_144;

/// A message as it was sent to the topic.
#[derive(Debug)]
pub(crate) struct SnsMessage {
    pub(crate) subject: Option<String>,
    pub(crate) message: String,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Vec<(String, MessageAttributeValue)>,
}

/// A message attribute: `String`, `String.Array` and `Number` have a text, `Binary` has bytes.
#[derive(Debug)]
pub(crate) struct MessageAttributeValue {
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    pub(crate) binary: Option<Vec<u8>>,
}

impl SnsMessage {
    /// What counts against [`SIZE_LIMIT`]: the text, and each attribute's name, type and value.
    pub(crate) fn size(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, attribute)| name.len() + attribute.size());
        self.message.len() + attributes.sum::<usize>()
    }

    /// Checks everything that SNS refuses in one message.
    pub(crate) fn check(&self) -> Result<(), SnsError> {
        if let Some(subject) = &self.subject {
            check_subject(subject)?;
        }
        if self.message.is_empty() {
            return Err(SnsError::parameter("Empty message"));
        }
        if self.size() > SIZE_LIMIT {
            return Err(SnsError::parameter("Message too long"));
        }
        self.check_structure()?;
        self.attributes.iter().try_for_each(|(name, attribute)| check_attribute(name, attribute))
    }

    /// `json` selects a text per transport, of which `default` must be one.
    fn check_structure(&self) -> Result<(), SnsError> {
        match self.structure.as_deref() {
            None => Ok(()),
            Some("json") => {
                let texts: Result<serde_json::Map<_, _>, _> = serde_json::from_str(&self.message);
                let texts =
                    texts.map_err(|_| SnsError::parameter("Message Structure - JSON message body failed to parse"))?;
                let default = texts.get("default").and_then(|text| text.as_str());
                default
                    .map(|_| ())
                    .ok_or(SnsError::parameter("Message Structure - No default entry in JSON message body"))
            }
            Some(_) => Err(SnsError::parameter("MessageStructure")),
        }
    }
}

impl MessageAttributeValue {
    fn size(&self) -> usize {
        self.kind.len() + self.text.as_ref().map_or(0, String::len) + self.binary.as_ref().map_or(0, Vec::len)
    }
}

/// "less than 100 characters long", ASCII, no line breaks or control characters, the first a letter, digit or
/// punctuation mark.
fn check_subject(subject: &str) -> Result<(), SnsError> {
    let starts_well = subject.starts_with(|first: char| first.is_ascii_graphic());
    let printable = subject.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if starts_well && printable && subject.len() < 100 {
        return Ok(());
    }
    Err(SnsError::parameter("Subject"))
}

fn check_attribute(name: &str, attribute: &MessageAttributeValue) -> Result<(), SnsError> {
    check_name(name)?;
    let kind = attribute.kind.as_str();
    let filled = match kind {
        "Binary" => attribute.binary.as_ref().is_some_and(|bytes| !bytes.is_empty()),
        "String" | "String.Array" | "Number" => attribute.text.as_ref().is_some_and(|text| !text.is_empty()),
        _ => {
            return Err(SnsError::value(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
            )));
        }
    };
    if !filled {
        return Err(SnsError::value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{kind}'."
        )));
    }
    check_text(name, kind, attribute.text.as_deref().unwrap_or_default())
}

/// Letters, digits, `_`, `-` and `.`; no period at an end or beside another; up to 256 characters. What begins with
/// `AWS.` or `Amazon.` is reserved: of these SNS takes its own, which steer SMS and mobile push.
fn check_name(name: &str) -> Result<(), SnsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let periods = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let lower = name.to_ascii_lowercase();
    let reserved = ["aws.", "amazon."].iter().any(|prefix| lower.starts_with(prefix));
    let own = ["AWS.SNS.SMS.", "AWS.SNS.MOBILE.", "AWS.MM.SMS."].iter().any(|prefix| name.starts_with(prefix));
    if name.is_empty() || name.len() > 256 || !name.chars().all(allowed) || periods || (reserved && !own) {
        return Err(SnsError::value(format!("Invalid message attribute name '{name}'.")));
    }
    Ok(())
}

fn check_text(name: &str, kind: &str, text: &str) -> Result<(), SnsError> {
    let array = || serde_json::from_str::<Vec<serde_json::Value>>(text);
    let scalar = |value: &serde_json::Value| !value.is_array() && !value.is_object();
    match kind {
        "Number" if text.parse::<f64>().is_err() => {
            Err(SnsError::value(format!("Could not cast message attribute '{name}' value to number.")))
        }
        "String.Array" if !array().is_ok_and(|values| values.iter().all(scalar)) => Err(SnsError::value(format!(
            "The message attribute '{name}' of type String.Array must be a JSON array of strings, numbers, true, false and null."
        ))),
        _ => Ok(()),
    }
}
