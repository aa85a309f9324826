//! Positions in the order of receipt, by which all indexes are sorted.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::event::Event;
use crate::key::{self, IdError};
use crate::store::item::{self, Item, SEEN};
use crate::time;

/// The length of the digest that separates events received at the same time.
const DIGEST: usize = 10;

/// The position of an event among all that were received: when, and a digest of its id. Positions are ordered as their
/// texts are, which is how DynamoDB sorts them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen(String);

impl Seen {
    /// The position of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self::new(event.received_at, &event.id.to_string())
    }

    /// The position of an item received at that time under that id.
    #[must_use]
    pub fn new(received_at: Timestamp, id: &str) -> Self {
        let digest = key::digest_of(id.as_bytes());
        Self(format!("{}~{}", time::stamp(Some(received_at)), digest.get(..DIGEST).unwrap_or(&digest)))
    }

    /// The position before everything received at that time or later.
    #[must_use]
    pub fn before(time: Timestamp) -> Self {
        Self(time::stamp(Some(time)))
    }

    /// The position of an item, as the table has it.
    pub(super) fn of_item(item: &Item) -> Option<Self> {
        item::string(item, SEEN).map(|text| Self(text.to_owned()))
    }

    /// The time of receipt.
    #[must_use]
    pub fn received_at(&self) -> Option<Timestamp> {
        time::from_stamp(self.0.split('~').next()?)?
    }

    /// The day of receipt (UTC), as keys have it.
    pub(super) fn day(&self) -> String {
        let digits = |range: std::ops::Range<usize>| self.0.get(range).unwrap_or_default();
        format!("{}-{}-{}", digits(0..4), digits(4..6), digits(6..8))
    }

    /// The text that sorts right behind it.
    pub(super) fn just_behind(&self) -> String {
        format!("{}!", self.0)
    }

    /// The text that sorts right before it: behind every other position that does, since all are of one length.
    pub(super) fn just_before(&self) -> String {
        let mut text = self.0.clone();
        let last = text.pop().and_then(|last| u8::try_from(last).ok()).unwrap_or_default();
        format!("{text}{}~", char::from(last.saturating_sub(1)))
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Seen> for String {
    fn from(Seen(text): Seen) -> Self {
        text
    }
}

impl FromStr for Seen {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (stamp, digest) = text.split_once('~').map_or((text, None), |(stamp, digest)| (stamp, Some(digest)));
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let whole = |digest: &str| digest.len() == DIGEST && digest.bytes().all(plain);
        time::from_stamp(stamp).filter(|_| digest.is_none_or(whole)).map(|_| Self(text.to_owned())).ok_or(IdError)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;
    use crate::provider::tests::samples;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        for (name, event, _) in samples() {
            let seen = Seen::of(&event);
            assert_eq!(seen.to_string().parse().ok().as_ref(), Some(&seen), "{name}");
            assert!(Seen::before(event.received_at) < seen);
            assert_eq!(seen.day(), time::day(event.received_at).to_string(), "{name}");
        }
        let border = Seen::before(Timestamp::UNIX_EPOCH);
        assert_eq!(border.to_string().parse().ok(), Some(border));
    }

    #[test]
    fn positions_are_ordered_by_time_before_all_else() {
        let (early, late) = ("2026-11-02T16:40:01Z".parse().unwrap(), "2026-11-02T16:40:01.000001Z".parse().unwrap());
        for id in ["a", "b", "c", "d"] {
            assert!(Seen::new(early, id) < Seen::before(late), "{id}");
        }
        assert_ne!(Seen::new(early, "a"), Seen::new(early, "b"));
    }

    #[test]
    fn what_has_another_form_is_no_position() {
        for text in [
            "",
            "~",
            "20261102T164001000000",
            "20261102T164001000000Z~",
            "20261102T164001000000Z~short",
            "20261102T164001000000Z~elevenchars",
            "20261102T164001000000Z~ten%chars!",
            "~elevenchar",
        ] {
            assert!(text.parse::<Seen>().is_err(), "{text}");
        }
    }
}
