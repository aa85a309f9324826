//! How long the store keeps what it is given.

use std::str::FromStr;

/// How long events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// For good.
    Forever,
    /// That many days after they were received.
    Days(u16),
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
