//! Counts: how many calls and messages ended and how many events were received, by slices of five minutes.
//!
//! A slice is counted whole from its rows and written over, so that it makes no difference how often that is done. What is
//! stored later under an older time leaves a mark, and its slice is counted again.

mod marks;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use futures_util::future::{try_join, try_join_all};
use jiff::{SignedDuration, Timestamp};

pub use self::marks::Mark;
use super::item::{Build, Item, ItemError, keys_of, parsed};
use super::record;
use crate::failure::FailureClass;
use crate::key::{Partition, Subject};
use crate::name::{Family, Provider};
use crate::record::{Disposition, Record, Traffic};
use crate::store::list::Stretch;
use crate::store::{IndexKey, Store, StoreError};
use crate::time;

/// The length of a slice.
const SLICE: SignedDuration = SignedDuration::from_mins(5);
/// The partition of what counting itself remembers; that of a day's slices has the day behind it.
const COUNTS: &str = "counts";
/// The sort key of how far counting has come.
const POSITION: &str = "position";
/// How many rows are asked for at once, of each list. A page of a megabyte from each would take a function of 256 MB half of its
/// memory, and takes the embedded database from everybody else for as long as it reads it.
const PAGE: i32 = 500;

/// Five minutes, which begin at a multiple of five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice(Timestamp);

impl Slice {
    /// The slice that holds a time.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        let second = time.as_second().div_euclid(SLICE.as_secs()) * SLICE.as_secs();
        Self(Timestamp::from_second(second).unwrap_or(time))
    }

    /// When it begins.
    #[must_use]
    pub fn begin(self) -> Timestamp {
        self.0
    }

    /// When it ends, and the next one begins.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.0.checked_add(SLICE).unwrap_or(self.0)
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.end())
    }

    /// The one so many before.
    #[must_use]
    pub fn before(self, slices: i32) -> Self {
        Self(self.0.checked_sub(SLICE * slices).unwrap_or(self.0))
    }

    fn day(self) -> String {
        time::day(self.0)
    }

    fn stretch(self) -> Stretch {
        Stretch::between(self.0, self.end())
    }
}

/// When it begins.
impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The provider.
    pub provider: Provider,
    /// Which way the calls or messages went; None where nothing tells.
    pub direction: Option<Traffic>,
    /// What they came to.
    pub outcome: Disposition,
    /// Why they failed.
    pub class: Option<FailureClass>,
}

/// `opentact/outbound/failed/insufficient_balance`, with `-` for what there is not.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = self.direction.map_or("-", Traffic::as_str);
        let class = self.class.map_or("-", FailureClass::as_str);
        write!(f, "{}/{direction}/{}/{class}", self.provider, self.outcome)
    }
}

/// How many, and how long they talked.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Tally {
    /// How many.
    pub number: u64,
    /// The seconds from being answered to the end, in all.
    pub talk_seconds: f64,
}

/// The counts of a slice; groups by their texts.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Counts {
    /// The calls that ended.
    pub calls: BTreeMap<String, Tally>,
    /// The messages that came to what they came to.
    pub messages: BTreeMap<String, Tally>,
    /// The events that were received, by family.
    pub events: BTreeMap<String, u64>,
}

/// What is counted of a record.
struct Ended {
    group: Group,
    talk_seconds: f64,
}

impl Ended {
    fn of(record: &Record) -> Self {
        let class = record.failure.as_ref().map(|failure| failure.class);
        let (provider, outcome) = (record.id.provider(), record.outcome);
        let group = Group { provider, direction: record.direction, outcome, class };
        Self { group, talk_seconds: record.talk_seconds.unwrap_or_default() }
    }
}

impl Counts {
    /// Counts a record.
    pub fn add(&mut self, record: &Record) {
        self.tally(&Ended::of(record));
    }

    fn tally(&mut self, Ended { group, talk_seconds }: &Ended) {
        let all = match group.outcome {
            Disposition::Call(_) => &mut self.calls,
            Disposition::Message(_) => &mut self.messages,
        };
        let tally = all.entry(group.to_string()).or_default();
        tally.number += 1;
        tally.talk_seconds += talk_seconds;
    }
}

/// How far counting has come: every slice up to these is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Soon after its end.
    pub counted: Slice,
    /// And once more, when what came late is there.
    pub settled: Slice,
}

impl Store {
    /// Counts a slice, and writes that down.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn count(&self, slice: Slice) -> Result<Counts, StoreError> {
        let (ended, events) = try_join(self.ended(slice), self.received(slice)).await?;
        let mut counts = Counts { events, ..Counts::default() };
        ended.iter().for_each(|ended| counts.tally(ended));
        self.put_plain(to_item(slice, &counts)).await?;
        Ok(counts)
    }

    /// The calls that began in a slice and are still going on, as far as their records say.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn going_on(&self, slice: Slice) -> Result<Vec<Partition>, StoreError> {
        let going_on = |record: Record| (!record.is_over()).then_some(record.id);
        self.records(slice, &[record::begun_key(Subject::Call, &slice.day())], going_on).await
    }

    /// The calls or messages that ended from one time until before another, as their records say: of each of the lists that they
    /// stand in at most so many, the last ones.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn ended_between(
        &self,
        subject: Subject,
        [from, to]: [Timestamp; 2],
        most: i32,
    ) -> Result<Vec<Record>, StoreError> {
        let days: BTreeSet<_> = [from, to].map(time::day).into();
        let keys = days.iter().flat_map(|day| self.shards.keys(&record::ended_key(subject, day)).collect::<Vec<_>>());
        let asked = keys.map(|key| async move {
            let query = self.stretch(&IndexKey { index: "day", key }, Stretch::between(from, to));
            let query = query.scan_index_forward(false).limit(most);
            query.send().await.map_err(|error| StoreError::of("reading the days' index", error))
        });
        let rows = try_join_all(asked).await?.into_iter().flat_map(|page| page.items.unwrap_or_default());
        Ok(rows.filter_map(|row| record::of_item(&row).ok()).collect())
    }

    async fn ended(&self, slice: Slice) -> Result<Vec<Ended>, StoreError> {
        let lists = [Subject::Call, Subject::Message].map(|subject| record::ended_key(subject, &slice.day()));
        self.records(slice, &lists, |record| Some(Ended::of(&record))).await
    }

    /// What is kept of each record in the lists of those keys whose position lies in the slice. Records themselves are not: a
    /// slice may have a hundred thousand.
    async fn records<T>(
        &self,
        slice: Slice,
        lists: &[String],
        keep: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let keys = lists.iter().flat_map(|list| self.shards.keys(list));
        let kept = try_join_all(keys.map(|key| self.records_under(key, slice, &keep))).await?;
        Ok(kept.into_iter().flatten().collect())
    }

    async fn records_under<T>(
        &self,
        key: String,
        slice: Slice,
        keep: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.stretch(&IndexKey { index: "day", key }, slice.stretch());
        let mut rows = rows.into_paginator().page_size(PAGE).items().send();
        let mut kept = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| StoreError::of("reading the days' index", error))?;
            match record::of_item(&row) {
                Ok(record) => kept.extend(keep(record)),
                // It must not hide the others.
                Err(error) => tracing::warn!(%error, "a row of the days' index could not be read"),
            }
        }
        Ok(kept)
    }

    /// The events that were received in a slice, by family.
    async fn received(&self, slice: Slice) -> Result<BTreeMap<String, u64>, StoreError> {
        let of_family = |family: &Family| {
            let name = family.as_str().to_owned();
            let keys: Vec<_> = self.shards.keys(&format!("{}/{family}", slice.day())).collect();
            async move {
                let counts = try_join_all(keys.into_iter().map(|key| self.number(key, slice))).await?;
                Ok::<_, StoreError>((name, counts.into_iter().sum::<u64>()))
            }
        };
        let all = try_join_all(Family::ALL.iter().map(of_family)).await?;
        Ok(all.into_iter().filter(|(_, number)| *number > 0).collect())
    }

    async fn number(&self, key: String, slice: Slice) -> Result<u64, StoreError> {
        let source = IndexKey { index: "day", key };
        let pages = self.stretch(&source, slice.stretch()).select(Select::Count);
        let mut pages = pages.into_paginator().page_size(PAGE).send();
        let mut number = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| StoreError::of("counting the days' index", error))?;
            number += u64::try_from(page.count()).unwrap_or_default();
        }
        Ok(number)
    }

    /// How far counting has come; None before it has begun.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn counted_to(&self) -> Result<Option<Position>, StoreError> {
        let doing = "reading how far counting has come";
        let found = self.counting(POSITION, 1).await?;
        let read = |item: &Item| {
            let slice = |name| parsed::<Timestamp>(item, name)?.map(Slice::of).ok_or(ItemError(name));
            Ok(Position { counted: slice("counted")?, settled: slice("settled")? })
        };
        found.first().map(read).transpose().map_err(|source| StoreError::Item { doing, source })
    }

    /// Writes down how far counting has come.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn put_counted_to(&self, Position { counted, settled }: Position) -> Result<(), StoreError> {
        let item = Build(keys_of(COUNTS, POSITION));
        self.put_plain(item.text("counted", Some(counted.to_string())).text("settled", Some(settled.to_string())).0)
            .await
    }

    /// What counting remembers under sort keys that begin so.
    async fn counting(&self, sort: &str, limit: i32) -> Result<Vec<Item>, StoreError> {
        let asked = self.client.query().table_name(&self.table).consistent_read(true).limit(limit);
        let asked = asked
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(COUNTS.to_owned()))
            .expression_attribute_values(":sk", AttributeValue::S(sort.to_owned()));
        let answer = asked.send().await.map_err(|error| StoreError::of("reading what counting remembers", error))?;
        Ok(answer.items.unwrap_or_default())
    }

    async fn put_plain(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        put.map(|_| ()).map_err(|error| StoreError::of("writing counts", error))
    }
}

/// The keys of a slice's counts.
#[must_use]
pub fn keys(slice: Slice) -> Item {
    keys_of(&format!("{COUNTS}.{}", slice.day()), &time::stamp(Some(slice.0)))
}

fn to_item(slice: Slice, counts: &Counts) -> Item {
    let number = |number: String| AttributeValue::N(number);
    let tally = |(group, Tally { number: count, talk_seconds }): (&String, &Tally)| {
        let values = vec![number(count.to_string()), number(format!("{talk_seconds:.3}"))];
        (group.clone(), AttributeValue::L(values))
    };
    let mut item = keys(slice);
    let maps = [
        ("calls", counts.calls.iter().map(tally).collect()),
        ("messages", counts.messages.iter().map(tally).collect()),
        ("events", counts.events.iter().map(|(family, count)| (family.clone(), number(count.to_string()))).collect()),
    ];
    item.extend(maps.map(|(name, map)| (name.to_owned(), AttributeValue::M(map))));
    item
}

/// Reads the counts of a slice.
///
/// # Errors
/// [`ItemError`] names the attribute that is not as this code writes it.
pub fn of_item(item: &Item) -> Result<Counts, ItemError> {
    fn number<T: std::str::FromStr>(value: &AttributeValue) -> Option<T> {
        value.as_n().ok()?.parse().ok()
    }
    let tally = |value: &AttributeValue| match value.as_l().ok()?.as_slice() {
        [count, talk] => Some(Tally { number: number(count)?, talk_seconds: number(talk)? }),
        _ => None,
    };
    Ok(Counts {
        calls: each(item, "calls", tally)?,
        messages: each(item, "messages", tally)?,
        events: each(item, "events", number)?,
    })
}

fn each<T>(
    item: &Item,
    name: &'static str,
    read: impl Fn(&AttributeValue) -> Option<T>,
) -> Result<BTreeMap<String, T>, ItemError> {
    let map = super::item::map(item, name)?;
    let read = |(key, value): (&String, &AttributeValue)| Some((key.clone(), read(value)?));
    map.iter().map(read).collect::<Option<_>>().ok_or(ItemError(name))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_five_minutes_from_a_multiple_of_five() {
        let at = |text: &str| Slice::of(text.parse().unwrap());
        let slice = at("2026-11-02T16:44:59.999999Z");
        assert_eq!(slice.to_string(), "2026-11-02T16:40:00Z");
        assert_eq!(slice.next(), at("2026-11-02T16:45:00Z"));
        assert_eq!(at("2026-11-03T00:01:00Z").before(73), at("2026-11-02T17:57:00Z"));
    }

    #[test]
    fn counts_are_read_as_they_are_written() {
        let mut counts = Counts::default();
        counts.calls.insert("opentact/outbound/answered/-".to_owned(), Tally { number: 12, talk_seconds: 61.25 });
        counts.messages.insert("opentact/-/failed/undelivered".to_owned(), Tally { number: 1, talk_seconds: 0.0 });
        counts.events.insert("call".to_owned(), 70);
        assert_eq!(of_item(&to_item(Slice::of(Timestamp::UNIX_EPOCH), &counts)).unwrap(), counts);
    }
}
