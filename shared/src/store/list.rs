//! Lists: pages of what stands in the indexes, in the order of receipt, from either end.
//!
//! A cursor is a position in that order: what was visible at the first page appears exactly once, whatever is written or
//! expires meanwhile. A page reads a bounded number of rows, however few of them it shows, and says how far it read.

mod calls;
mod ends;
mod events;
mod merge;
mod page;
mod quarantine;

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::key::IdError;
use crate::name::names;
use crate::store::{Seen, Shards, Store};
use crate::time;

pub use self::calls::{CallFilter, Placed};
pub use self::ends::LastDigits;
pub use self::events::{EventFilter, Failures};
pub(crate) use self::page::List;

/// In which order a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first received first.
    Ascending,
    /// The last received first.
    Descending,
}

names!(Order, "order": Ascending = "asc", Descending = "desc");

/// Where a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    at: Seen,
    /// Since when the list is, where the request left that open: the next page goes by the same.
    since: Option<Timestamp>,
}

impl Cursor {
    pub(super) fn behind(at: Seen) -> Self {
        Self { at, since: None }
    }

    pub(super) fn into_position(self) -> Seen {
        self.at
    }
}

/// `position`, or `position.since`.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)?;
        self.since.map_or(Ok(()), |since| write!(f, ".{}", time::stamp(Some(since))))
    }
}

impl FromStr for Cursor {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (at, since) = text.split_once('.').map_or((text, None), |(at, since)| (at, Some(since)));
        let since = since.map(|since| time::from_stamp(since).flatten().ok_or(IdError)).transpose()?;
        Ok(Self { at: at.parse()?, since })
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// What was received then or later. A list of days that leaves it open goes back one day.
    pub from: Option<Timestamp>,
    /// What was received before then.
    pub to: Option<Timestamp>,
    /// In which order.
    pub order: Order,
    /// What comes behind that.
    pub after: Option<Cursor>,
    /// The most elements.
    pub limit: usize,
}

/// A part of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its elements, in the order that was asked for.
    pub items: Vec<T>,
    /// Where the list goes on.
    pub next: Option<Cursor>,
    /// How far the list was read; None where that was to its end, and it has none in time.
    pub read_to: Option<Timestamp>,
}

/// A part of a list: one key in one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    /// The index.
    pub index: &'static str,
    /// The key in it.
    pub key: String,
}

/// Where the rows of a list are.
#[derive(Debug, Clone)]
pub enum Place {
    /// Under keys that say what is listed.
    Keys(Vec<IndexKey>),
    /// Under such keys of which each has shards.
    Sharded(Vec<IndexKey>),
    /// In that index under the day of receipt, with these texts before it and behind it.
    Days(&'static str, Vec<(String, String)>),
}

impl Place {
    /// The keys to read; of days, those of this one.
    #[must_use]
    pub fn sources(&self, shards: Shards, day: Date) -> Vec<IndexKey> {
        let sharded =
            |index: &'static str, base: &str| shards.keys(base).map(|key| IndexKey { index, key }).collect::<Vec<_>>();
        match self {
            Self::Keys(keys) => keys.clone(),
            Self::Sharded(keys) => keys.iter().flat_map(|of| sharded(of.index, &of.key)).collect(),
            Self::Days(index, keys) => {
                keys.iter().flat_map(|(before, behind)| sharded(index, &format!("{before}{day}{behind}"))).collect()
            }
        }
    }
}

/// A stretch of positions: from one text to another, both of which are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(super) low: String,
    pub(super) high: String,
}

impl Stretch {
    /// All positions there are.
    pub(crate) fn all() -> Self {
        Self { low: "0".to_owned(), high: "~".to_owned() }
    }

    /// What was received from one time until before another.
    pub(super) fn between(from: Timestamp, to: Timestamp) -> Self {
        Self::all().since(from).until(to)
    }

    fn since(self, from: Timestamp) -> Self {
        self.above(Seen::before(from).to_string())
    }

    fn until(self, to: Timestamp) -> Self {
        self.below(Seen::before(to).to_string())
    }

    fn above(self, low: String) -> Self {
        Self { low: self.low.max(low), ..self }
    }

    fn below(self, high: String) -> Self {
        Self { high: self.high.min(high), ..self }
    }

    /// The part behind a position.
    fn behind(self, at: &Seen, order: Order) -> Self {
        match order {
            Order::Ascending => self.above(at.just_behind()),
            Order::Descending => self.below(at.just_before()),
        }
    }

    fn is_empty(&self) -> bool {
        self.low >= self.high
    }
}

impl Store {
    /// The query for a stretch of a source.
    pub(crate) fn stretch(&self, source: &IndexKey, Stretch { low, high }: Stretch) -> QueryFluentBuilder {
        let asked = self.client.query().table_name(&self.table).index_name(source.index);
        asked
            .key_condition_expression("#key = :key AND seen BETWEEN :low AND :high")
            .expression_attribute_names("#key", source.index)
            .expression_attribute_values(":key", AttributeValue::S(source.key.clone()))
            .expression_attribute_values(":low", AttributeValue::S(low))
            .expression_attribute_values(":high", AttributeValue::S(high))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written_and_nothing_else_is_one() {
        for text in [
            "20261102T164001000000Z~0123456789",
            "20261102T164001000000Z",
            "20261102T164001000000Z~0123456789.20261101T164001000000Z",
        ] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for text in ["", ".", "forged", "20261102T164001000000Z~0123456789.", "20261102T164001000000Z.yesterday"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_stretch_behind_a_position_has_its_neighbours_on_that_side_and_not_itself() {
        let seen = |digest: &str| format!("20261102T164001000000Z~{digest}").parse::<Seen>().unwrap();
        let holds = |stretch: &Stretch, seen: &Seen| (&stretch.low..=&stretch.high).contains(&&seen.to_string());
        for (before, at, behind) in [
            ("000000000-", "0000000000", "0000000001"),
            ("aaaaaaaaaZ", "aaaaaaaaa_", "aaaaaaaaaa"),
            ("aaaaaaaaZz", "aaaaaaaa_-", "aaaaaaaa_0"),
        ] {
            let (before, at, behind) = (seen(before), seen(at), seen(behind));
            let down = Stretch::all().behind(&at, Order::Descending);
            let up = Stretch::all().behind(&at, Order::Ascending);
            assert_eq!([&before, &at, &behind].map(|seen| holds(&down, seen)), [true, false, false]);
            assert_eq!([&before, &at, &behind].map(|seen| holds(&up, seen)), [false, false, true]);
        }
        let border = Seen::before("2026-11-02T16:40:01Z".parse().unwrap());
        let at_it = seen("0000000000");
        assert!(holds(&Stretch::all().behind(&border, Order::Ascending), &at_it));
        assert!(!holds(&Stretch::all().behind(&border, Order::Descending), &at_it));
    }
}
