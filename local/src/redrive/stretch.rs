//! `redrive --from --to`: gives the events that were received in a stretch of time to the readers again, from the table
//! itself. So what the stream has forgotten is made up for, and events get what a later version writes beside them.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use shared::aws::Aws;
use shared::store::item::{Item, SEEN};
use shared::store::list::EventFilter;
use shared::store::{IndexKey, Seen, Shards};

use super::letter::Key;
use super::trouble::{Trouble, told};

/// The events of so much time are read together, and given in the order in which they were received.
const STEP: SignedDuration = SignedDuration::from_hours(1);

/// A time that is received: a day (UTC) or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// A whole day.
    Day(Date),
    /// An instant.
    Instant(Timestamp),
}

impl FromStr for Border {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A time without a zone is read as its day, too: that is not what was meant.
        let day = || text.parse().ok().filter(|_| text.len() == "2026-11-22".len()).map(Self::Day);
        let instant = text.parse().ok().map(Self::Instant);
        instant.or_else(day).ok_or("not a day such as 2026-11-22 or a time such as 2026-11-22T10:00:00Z")
    }
}

/// A stretch of time: from the one up to the other, which is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    from: Timestamp,
    to: Timestamp,
}

/// A stretch that ends before it begins, or lies outside the years that there are.
#[derive(Debug, thiserror::Error)]
#[error("--to is not after --from")]
pub struct StretchError;

impl Stretch {
    /// From the beginning of the one to the end of the other: of a day, its last moment; an instant is its own end.
    ///
    /// # Errors
    /// [`StretchError`] when it ends before it begins.
    pub fn new(from: Border, to: Border) -> Result<Self, StretchError> {
        let start = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        let from = match from {
            Border::Day(day) => start(day),
            Border::Instant(instant) => Some(instant),
        };
        let to = match to {
            Border::Day(day) => day.tomorrow().ok().and_then(start),
            Border::Instant(instant) => Some(instant),
        };
        from.zip(to).filter(|(from, to)| from < to).map(|(from, to)| Self { from, to }).ok_or(StretchError)
    }

    /// Its steps, in their order. None reaches over midnight: an event is listed under its day.
    pub(super) fn steps(self) -> impl Iterator<Item = Self> {
        let next = move |from: Timestamp| {
            let step = STEP.as_secs();
            let end = Timestamp::from_second((from.as_second().div_euclid(step) + 1) * step).unwrap_or(self.to);
            (from < self.to).then(|| Self { from, to: end.min(self.to) })
        };
        std::iter::successors(next(self.from), move |step| next(step.to))
    }

    fn day(self) -> Date {
        self.from.to_zoned(TimeZone::UTC).date()
    }
}

impl fmt::Display for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

/// The days' index of the events table.
#[derive(Debug)]
pub(super) struct Days {
    client: Client,
    table: String,
    shards: Shards,
}

impl Days {
    pub(super) fn new(aws: &Aws, table: String, shards: Shards) -> Self {
        Self { client: aws.dynamodb(), table, shards }
    }

    /// The keys of the events that were received in a step, in the order in which they were.
    pub(super) async fn keys(&self, step: Stretch) -> Result<Vec<Key>, Trouble> {
        let sources = EventFilter::default().place().sources(self.shards, step.day());
        let rows = try_join_all(sources.iter().map(|source| self.rows(source, step))).await?;
        let mut rows: Vec<_> = rows.into_iter().flatten().collect();
        let text = |row: &Item, name: &str| row.get(name).and_then(|value| value.as_s().ok()).cloned();
        rows.sort_by_key(|row| text(row, SEEN));
        Ok(rows.iter().filter_map(|row| Some(Key::new(text(row, "pk")?, text(row, "sk")?))).collect())
    }

    async fn rows(&self, source: &IndexKey, step: Stretch) -> Result<Vec<Item>, Trouble> {
        let text = |text: String| AttributeValue::S(text);
        // A position is its time and more: none is equal to a border, and the one after the step sorts behind it.
        let asked = self.client.query().table_name(&self.table).index_name(source.index);
        let asked = asked
            .key_condition_expression("#key = :key AND seen BETWEEN :from AND :to")
            .projection_expression("pk, sk, seen")
            .expression_attribute_names("#key", source.index)
            .expression_attribute_values(":key", text(source.key.clone()))
            .expression_attribute_values(":from", text(Seen::before(step.from).to_string()))
            .expression_attribute_values(":to", text(Seen::before(step.to).to_string()));
        let rows = asked.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        rows.map_err(|error| Trouble::Item(told(error)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    fn stretch(from: &str, to: &str) -> Result<Stretch, StretchError> {
        Stretch::new(from.parse().unwrap(), to.parse().unwrap())
    }

    #[test]
    fn a_day_is_taken_whole_and_an_instant_as_it_is() {
        let whole = stretch("2026-11-22", "2026-11-22").unwrap();
        assert_eq!(whole.to_string(), "2026-11-22T00:00:00Z to 2026-11-23T00:00:00Z");
        assert_eq!(stretch("2026-11-22T00:00:00Z", "2026-11-23T01:00:00+01:00").unwrap(), whole);
        assert!(stretch("2026-11-22", "2026-11-21").is_err());
        assert!(stretch("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z").is_err());
        for text in ["", "yesterday", "2026-11-22T10:00", "2026-13-01"] {
            assert!(text.parse::<Border>().is_err(), "{text}");
        }
    }

    #[test]
    fn its_steps_cover_it_without_a_gap_and_none_reaches_over_midnight() {
        let whole = stretch("2026-11-22T22:55:01.5Z", "2026-11-23T00:20:00Z").unwrap();
        let steps: Vec<_> = whole.steps().collect();
        assert_eq!(steps.len(), 3);
        assert_eq!((steps.first().unwrap().from, steps.last().unwrap().to), (whole.from, whole.to));
        assert!(steps.windows(2).all(|two| two.first().unwrap().to == two.last().unwrap().from));
        assert!(steps.iter().all(|step| step.day()
            == step.to.checked_sub(SignedDuration::from_nanos(1)).unwrap().to_zoned(TimeZone::UTC).date()));
    }
}
