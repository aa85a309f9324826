//! JSON as the sender wrote it: numbers stay the text they were, members keep their order and their repetitions.
//!
//! `serde_json` does the reading. Its `Value` would turn `873.0604` into a float and two different large integers into
//! one, so identities and balances are read with this module.

mod number;

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

pub use self::number::Number;

/// Deeper nesting than this is not read: no provider comes near it, and each level costs another pass over the text.
const MAX_DEPTH: usize = 64;

/// A JSON value that borrows from the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// A string, unescaped.
    String(Text<'a>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object's members in the order sent; a name can stand twice.
    Object(Vec<(Text<'a>, Json<'a>)>),
}

/// A string or a name. Half of a surrogate pair stands in it where a text was cut within an emoji: no reason to read
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a> {
    /// The text, with U+FFFD for what is no character.
    shown: Cow<'a, str>,
    /// The bytes that stand for it, where they are no UTF-8: two different halves are two texts.
    halves: Option<Vec<u8>>,
}

impl<'a> Text<'a> {
    fn of_bytes(bytes: &'a [u8]) -> Self {
        let shown = String::from_utf8_lossy(bytes);
        let whole = shown.as_bytes() == bytes;
        Self { shown, halves: (!whole).then(|| bytes.to_vec()) }
    }

    fn into_owned(self) -> Text<'static> {
        Text { shown: Cow::Owned(self.shown.into_owned()), halves: self.halves }
    }

    fn bytes(&self) -> &[u8] {
        self.halves.as_deref().unwrap_or_else(|| self.shown.as_bytes())
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.shown
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self { shown: Cow::Owned(text), halves: None }
    }
}

/// Why bytes are not JSON that can be read.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text breaks JSON's grammar.
    #[error("not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Arrays and objects stand more than `MAX_DEPTH` deep in each other.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl<'a> Json<'a> {
    /// Reads one JSON text. A byte order mark before it is passed over, as RFC 8259 lets a parser do (section 8.1).
    ///
    /// # Errors
    /// [`JsonError`] when the text is not JSON or is nested too deep.
    pub fn read(text: &'a str) -> Result<Self, JsonError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if depth(text) > MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        Self::from_raw(serde_json::from_str(text)?)
    }

    fn from_raw(raw: &'a RawValue) -> Result<Self, JsonError> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let members: Members<'a> = serde_json::from_str(text)?;
                let read = |(name, value)| Ok((name, Self::from_raw(value)?));
                Json::Object(members.0.into_iter().map(read).collect::<Result<_, JsonError>>()?)
            }
            Some(b'[') => {
                let values: Vec<&RawValue> = serde_json::from_str(text)?;
                Json::Array(values.into_iter().map(Self::from_raw).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Json::String(serde_json::from_str(text)?),
            Some(b't') => Json::Bool(true),
            Some(b'f') => Json::Bool(false),
            Some(b'n') => Json::Null,
            _ => Json::Number(Number::new(text)),
        })
    }

    /// The member of that name; of several, the last, as JSON parsers commonly have it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(members) => members.iter().rev().find(|(n, _)| **n == *name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a path of member names.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Json<'a>> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The member's text, if it is a string that is not empty.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Json::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The member's text where it says nothing: the place is there and nobody stands in it.
    #[must_use]
    pub fn is_blank(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Json::String(text)) if text.is_empty())
    }

    /// The member's text, be it a string or a number (an integer as its digits): providers write phone numbers and codes
    /// both ways.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Json::as_text)
    }

    /// This value's text, if it is a number, or a string that is not empty.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Json::String(text) if !text.is_empty() => Some(text),
            Json::Number(number) => Some(number.as_str()),
            _ => None,
        }
    }

    /// The member's elements, if it is an array; else none.
    #[must_use]
    pub fn elements(&self, name: &str) -> &[Json<'a>] {
        match self.get(name) {
            Some(Json::Array(values)) => values,
            _ => &[],
        }
    }

    /// Whether this is an object (with or without members).
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Json::Object(_))
    }

    /// SHA-256 of the canonical text (members sorted by name, no white space, numbers as written) without the members at
    /// those paths: equal for two deliveries that say the same.
    #[must_use]
    pub fn digest_without(&self, left_out: &[&[&str]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.write_canonical(left_out, &mut hash);
        hash.finalize().into()
    }

    fn write_canonical(&self, left_out: &[&[&str]], hash: &mut Sha256) {
        match self {
            Json::Null => hash.update("null"),
            Json::Bool(true) => hash.update("true"),
            Json::Bool(false) => hash.update("false"),
            Json::Number(number) => hash.update(number.written()),
            Json::String(text) => write_string(text, hash),
            Json::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    hash.update(if index == 0 { "[" } else { "," });
                    value.write_canonical(&[], hash);
                }
                hash.update(if values.is_empty() { "[]" } else { "]" });
            }
            Json::Object(members) => write_object(members, left_out, hash),
        }
    }
}

/// How deep arrays and objects are nested. Counted before reading, since each level costs a pass.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => (),
        }
    }
    deepest
}

fn write_object(members: &[(Text<'_>, Json<'_>)], left_out: &[&[&str]], hash: &mut Sha256) {
    let mut sorted: Vec<_> = members.iter().collect();
    // Stable: members of one name keep their order, which decides what the object means.
    sorted.sort_by(|a, b| a.0.bytes().cmp(b.0.bytes()));
    hash.update("{");
    for (name, value) in sorted {
        let paths = left_out.iter().filter_map(|path| path.split_first());
        let within: Vec<_> = paths.filter(|(first, _)| **first == &**name).map(|(_, rest)| rest).collect();
        if within.iter().any(|rest| rest.is_empty()) {
            continue;
        }
        write_string(name, hash);
        hash.update(":");
        value.write_canonical(&within, hash);
        hash.update(",");
    }
    hash.update("}");
}

/// A string's length and bytes: unambiguous, and cheaper than escaping.
fn write_string(text: &Text<'_>, hash: &mut Sha256) {
    hash.update("\"");
    hash.update(text.bytes().len().to_be_bytes());
    hash.update(text.bytes());
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Text::of_bytes(bytes))
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Text::of_bytes(bytes).into_owned())
            }
        }
        // As bytes, since half of a surrogate pair is no UTF-8.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct Members<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// What JSON is made of, right and wrong.
    const TOKENS: &str = r#"{ } [ ] [] {} : , "a": "\ud83d" "\n" " \ null true nul 1 -0.5e3 1e999 01"#;

    fn digest(text: &str) -> [u8; 32] {
        Json::read(text).unwrap().digest_without(&[])
    }

    #[test]
    fn a_digest_does_not_depend_on_order_or_white_space() {
        assert_eq!(digest(r#"{"a":1,"b":[true,null]}"#), digest("{ \"b\" : [ true , null ],\n \"a\":1 }"));
        assert_eq!(digest(r#"{"a":"é"}"#), digest(r#"{"a":"\u00e9"}"#));
    }

    #[test]
    fn a_byte_order_mark_before_the_text_says_nothing() {
        assert_eq!(digest("\u{feff}{\"a\":1}"), digest("{\"a\":1}"));
        assert_ne!(digest("{\"a\":\"\u{feff}\"}"), digest("{\"a\":\"\"}"));
        assert!(Json::read("\u{feff}\u{feff}{}").is_err());
    }

    #[test]
    fn a_digest_is_exact_in_numbers() {
        assert_ne!(digest("12345678901234567890123"), digest("12345678901234567890124"));
        assert_ne!(digest("873.0604"), digest("873.06040"));
        assert_ne!(digest(r#"{"a":1}"#), digest(r#"{"a":"1"}"#));
    }

    #[test]
    fn a_digest_tells_structures_apart() {
        let different = ["[]", "{}", "[[]]", "[{}]", r#"["a","b"]"#, r#"["ab"]"#, r#"{"a":"b"}"#, "null", r#""null""#];
        let digests: std::collections::BTreeSet<_> = different.iter().map(|text| digest(text)).collect();
        assert_eq!(digests.len(), different.len());
    }

    #[test]
    fn a_member_can_be_left_out_at_any_depth() {
        let without = |text: &str, path: &[&str]| Json::read(text).unwrap().digest_without(&[path]);
        let (a, b) = (r#"{"id":"1","to":{"id":"2"}}"#, r#"{"id":"1","to":{"id":"3"}}"#);
        assert_eq!(without(a, &["to"]), without(b, &["to"]));
        assert_eq!(without(a, &["to", "id"]), without(b, &["to", "id"]));
        for other in [&["id"][..], &["to", "x"], &["to", "id", "x"], &["x", "id"]] {
            assert_ne!(without(a, other), without(b, other), "{other:?}");
        }
        assert_ne!(without(a, &["to", "id"]), without(r#"{"id":"2","to":{"id":"2"}}"#, &["to", "id"]));
    }

    #[test]
    fn half_an_emoji_is_no_reason_to_read_nothing() {
        assert_eq!(Json::read(r#""Hi \ud83d""#).unwrap().as_text().unwrap().chars().next(), Some('H'));
        assert_eq!(Json::read(r#"{"a\"[":"]{"}"#).unwrap().str("a\"["), Some("]{"));
    }

    #[test]
    fn halves_of_surrogate_pairs_count_as_they_were_written() {
        let texts = [
            r#""\ud83d""#,
            r#""\ud83e""#,
            r#""\udc00""#,
            r#""\ufffd""#,
            r#""\ufffd\ufffd\ufffd""#,
            r#""\ud83d\ude00""#,
        ];
        let names = texts.map(|text| format!("{{{text}:1}}"));
        let all: Vec<_> = texts.into_iter().chain(names.iter().map(String::as_str)).collect();
        let digests: std::collections::BTreeSet<_> = all.iter().map(|text| digest(text)).collect();
        assert_eq!(digests.len(), all.len());
        assert_eq!(digest(r#""\ud83d""#), digest(r#""\uD83D""#));
        assert_eq!(digest(r#"{"\ud83d":1,"\ud83e":2}"#), digest(r#"{"\ud83e":2, "\ud83d":1}"#));
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::read(&nested(MAX_DEPTH)).is_ok());
        assert!(matches!(Json::read(&nested(MAX_DEPTH + 1)), Err(JsonError::TooDeep)));
        assert!(matches!(Json::read(&nested(100_000)), Err(JsonError::TooDeep)));
    }

    proptest! {
        #[test]
        fn what_is_json_to_serde_is_json_here(tokens in proptest::collection::vec(select(TOKENS.split(' ').collect::<Vec<_>>()), 0..12)) {
            let text = tokens.concat();
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_err() || Json::read(&text).is_ok(), "{}", text);
        }

        #[test]
        fn strings_come_out_as_they_went_in(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(Json::read(&json).unwrap(), Json::String(text.into()));
        }
    }
}
