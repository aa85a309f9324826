//! Ids that are keys: an event's id holds the key of its item, so that reading one event is one `GetItem`.
//!
//! Written with URI's unreserved characters only: `opentact.call.c7aa8c03~20260111T211058735641Z~k3…`. What a provider
//! sends enters an id only as far as it consists of them; anything else, and anything long, stands as its digest.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::name::{Provider, names, written_in_json};
use crate::time;

/// A provider's id longer than this is written as its digest.
const MAX_NATIVE: usize = 100;
/// Bytes of a SHA-256 that a key holds: 128 bits are beyond any accident.
const DIGEST_BYTES: usize = 16;
/// The same, as base64url.
const DIGEST_CHARS: usize = 22;

/// A SHA-256 as keys hold it: its first 128 bits, base64url.
#[must_use]
pub fn digest(hash: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(hash.get(..DIGEST_BYTES).unwrap_or(hash))
}

/// The [`digest`] of bytes.
pub fn digest_of(bytes: &[u8]) -> String {
    digest(&Sha256::digest(bytes).into())
}

/// What an event belongs to, and shares its partition with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A call with all its legs (OnSIP: everything of one stream, menus too).
    Call,
    /// An SMS, with what becomes of it.
    Message,
    /// A number order.
    Order,
    /// Nothing but itself.
    Event,
    /// Bytes that could not be read.
    Quarantine,
}

names!(Subject, "subject": Call = "call", Message = "message", Order = "order", Event = "event",
    Quarantine = "quarantine");

/// A partition of the events table: provider, subject and the subject's id there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    provider: Provider,
    subject: Subject,
    native: String,
}

impl Partition {
    /// The partition of the provider's subject of that id.
    #[must_use]
    pub fn new(provider: Provider, subject: Subject, native: &str) -> Self {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let fits = (1..=MAX_NATIVE).contains(&native.len()) && native.bytes().all(plain);
        // A plain id holds no `_`: none can pass for the digest of another.
        let native = if fits { native.to_owned() } else { format!("_{}", digest_of(native.as_bytes())) };
        Self { provider, subject, native }
    }

    /// Whose event it is.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// What the partition holds.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.subject
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.provider, self.subject, self.native)
    }
}

/// A text that is no id of ours.
#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

impl FromStr for Partition {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.splitn(3, '.');
        let (Some(provider), Some(subject), Some(native)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(IdError);
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let fits = (1..=MAX_NATIVE).contains(&native.len()) && native.bytes().all(plain);
        fits.then_some(()).ok_or(IdError)?;
        let (provider, subject) = provider.parse().ok().zip(subject.parse().ok()).ok_or(IdError)?;
        Ok(Self { provider, subject, native: native.to_owned() })
    }
}

/// A call's id: its partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallId(Partition);

impl CallId {
    /// The partition that holds the call's events.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.0
    }
}

impl TryFrom<Partition> for CallId {
    type Error = IdError;

    fn try_from(partition: Partition) -> Result<Self, IdError> {
        (partition.subject == Subject::Call).then_some(Self(partition)).ok_or(IdError)
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CallId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse::<Partition>()?.try_into()
    }
}

/// An event's id: partition key and sort key of its item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    partition: Partition,
    occurred_at: Option<Timestamp>,
    /// The identity's digest and, on the second of two conflicting deliveries, the content's.
    identity: String,
}

impl EventId {
    /// The id of what occurred at that time and has that identity, as [`digest`] writes it.
    #[must_use]
    pub fn new(partition: Partition, occurred_at: Option<Timestamp>, identity: &[u8; 32]) -> Self {
        Self { partition, occurred_at, identity: digest(identity) }
    }

    /// The id under which other content of the same identity is kept.
    pub(crate) fn conflicting(&self, content: &str) -> Self {
        let identity = format!("{}~{}", cut_identity(&self.identity), content);
        Self { partition: self.partition.clone(), occurred_at: self.occurred_at, identity }
    }

    /// The id under which the first content of this identity is kept: itself, but for a conflict.
    #[must_use]
    pub fn first(&self) -> Self {
        Self { identity: cut_identity(&self.identity).to_owned(), ..self.clone() }
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// When it occurred, as far as the delivery tells.
    #[must_use]
    pub fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }

    /// The sort key.
    #[must_use]
    pub fn sort(&self) -> String {
        format!("{}~{}", time::stamp(self.occurred_at), self.identity)
    }

    /// The id of the item with these keys.
    ///
    /// # Errors
    /// [`IdError`] when they are no keys of ours.
    pub fn from_keys(partition: &str, sort: &str) -> Result<Self, IdError> {
        let (stamp, identity) = sort.split_once('~').ok_or(IdError)?;
        let digest = |text: &str| {
            text.len() == DIGEST_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let fits = match identity.split_once('~') {
            Some((identity, content)) => digest(identity) && digest(content),
            None => digest(identity),
        };
        fits.then_some(()).ok_or(IdError)?;
        let occurred_at = time::from_stamp(stamp).ok_or(IdError)?;
        Ok(Self { partition: partition.parse()?, occurred_at, identity: identity.to_owned() })
    }
}

fn cut_identity(identity: &str) -> &str {
    identity.split_once('~').map_or(identity, |(identity, _)| identity)
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.partition, self.sort())
    }
}

impl FromStr for EventId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (partition, sort) = text.split_once('~').ok_or(IdError)?;
        Self::from_keys(partition, sort)
    }
}

written_in_json!(Partition, CallId, EventId);

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_id_is_readable_and_any_other_is_a_digest() {
        let native = |text: &str| Partition::new(Provider::Onsip, Subject::Call, text).to_string();
        assert_eq!(native("0d1f6a52-7c38"), "onsip.call.0d1f6a52-7c38");
        for odd in ["", "a~b", "a.b", "a_b", "a/b", "é", "a b", &"a".repeat(101), &native("x")] {
            let written = native(odd);
            assert_eq!(written.len(), "onsip.call._".len() + DIGEST_CHARS, "{odd}");
            assert_eq!(written.parse::<Partition>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in
            ["", "~", "onsip.call.x", "onsip.call.x~y~z", "onsip.call.~20260111T211058735641Z~aaaaaaaaaaaaaaaaaaaaaa"]
        {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
        assert!("onsip.message.x".parse::<CallId>().is_err());
    }

    proptest! {
        #[test]
        fn an_id_is_url_safe_and_survives_being_written_and_read(
            native in any::<String>(), micros in proptest::option::of(0i64..253_000_000_000_000_000), identity: [u8; 32],
        ) {
            let partition = Partition::new(Provider::Opentact, Subject::Message, &native);
            let at = micros.map(|m| Timestamp::from_microsecond(m).unwrap());
            let id = EventId::new(partition, at, &identity);
            for id in [id.conflicting(&digest(&[7; 32])), id] {
                let text = id.to_string();
                let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
                prop_assert!(text.bytes().all(unreserved));
                prop_assert_eq!(text.parse::<EventId>().unwrap(), id);
            }
        }

        #[test]
        fn a_text_is_the_one_form_of_an_id_or_none(
            text in "(onsip|opentact|x)\\.(call|message|event)\\.[a-z-]{0,4}(_|\\.|é)?~20[0-9]{2}(0[1-9]|1[0-3])[012][1-9]T[01][0-9][0-5][0-9][0-5][0-9]{7}Z(~[A-Za-z0-9_-]{21,22}){1,2}",
        ) {
            if let Ok(id) = text.parse::<EventId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
