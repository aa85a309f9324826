//! How long the store keeps what it is given.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// How long events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// For good.
    Forever,
    /// That many days after they were received.
    Days(u16),
}

impl Retention {
    /// The one that ends first.
    #[must_use]
    pub fn or_sooner(self, other: Self) -> Self {
        match (self, other) {
            (Self::Days(days), Self::Days(others)) => Self::Days(days.min(others)),
            (Self::Forever, sooner) | (sooner, Self::Forever) => sooner,
        }
    }

    /// Since when what is kept so was received, at that time; None where it is kept for good.
    #[must_use]
    pub fn since(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Forever => None,
            Self::Days(days) => now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).ok(),
        }
    }
}

impl FromStr for Retention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(0) => Ok(Self::Forever),
            Ok(days) => Ok(Self::Days(days)),
            Err(_) => Err("not a number of days from 0 (keep for good) to 65535".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_no_longer_than_its_event() {
        let (days, forever) = (Retention::Days, Retention::Forever);
        for (one, other, sooner) in [
            (days(400), days(30), days(30)),
            (forever, days(30), days(30)),
            (days(7), forever, days(7)),
            (forever, forever, forever),
        ] {
            assert_eq!((one.or_sooner(other), other.or_sooner(one)), (sooner, sooner));
        }
    }
}
