//! Counts: how many calls and messages ended and how many events came, from what `index` counted; and of an entity, from its records.

mod top;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::entity::Entity;
use shared::name::{Family, names};
use shared::record::Record;
use shared::store::PageRequest;
use shared::store::counts::{Counts, Slice, Tally};
use shared::store::list::{CallFilter, Order};

use crate::csv::{Column, Mark, Rows};
use crate::lists::LEEWAY;
use crate::parameters::{ParameterError, Parameters};
use crate::{QueryError, Views};

pub(crate) use self::top::OF_TOP;
pub use self::top::{Failing, Top, TopQuery};

/// The parameters of counts.
pub(crate) const PARAMETERS: [&str; 7] = ["from", "to", "by", "group", "entity", "plan", "name"];
/// The time that counts are of unless the request says it, and the longest.
const DAY: SignedDuration = SignedDuration::from_hours(24);
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 31);
/// The most pages of records that are looked at, their size, and how long that may take.
const PAGES: usize = 20;
const PAGE: usize = 100;
const TIME: Duration = Duration::from_secs(4);

/// The length of what is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// An hour.
    Hour,
    /// A day (UTC).
    Day,
}

names!(By, "length of time": Hour = "hour", Day = "day");

/// What is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Providers.
    Provider,
    /// Which way calls and messages went.
    Direction,
    /// What they came to.
    Outcome,
    /// Why they failed.
    Class,
    /// Calls, messages, and what events are of.
    Family,
}

names!(Group, "group": Provider = "provider", Direction = "direction", Outcome = "outcome", Class = "class", Family = "family");

/// What is to be counted.
#[derive(Debug)]
pub struct StatsQuery {
    range: [Timestamp; 2],
    by: Option<By>,
    groups: Vec<Group>,
    entity: Option<Entity>,
}

impl StatsQuery {
    /// Reads it.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub fn read(parameters: &Parameters, now: Timestamp) -> Result<Self, ParameterError> {
        let groups = parameters.text("group")?;
        let groups = groups.iter().flat_map(|text| text.split(',')).map(str::parse).collect::<Result<_, _>>();
        Ok(Self {
            range: range(parameters, now)?,
            by: parameters.parsed("by")?,
            groups: groups.map_err(|error| ParameterError::of("group", error))?,
            entity: parameters.entity()?,
        })
    }
}

fn range(parameters: &Parameters, now: Timestamp) -> Result<[Timestamp; 2], ParameterError> {
    let [from, to] = parameters.range(["from", "to"])?;
    let to = to.map_or(now, |to| to.min(now));
    let from = from.unwrap_or_else(|| to.checked_sub(DAY).unwrap_or(to));
    if from > now {
        return Err(ParameterError::of("from", "in the future; give an earlier one"));
    }
    match to.duration_since(from) > LONGEST + LEEWAY {
        true => Err(ParameterError::of("from", "more than 31 days before to or now; give a later one")),
        false => Ok([from, to]),
    }
}

/// Counts, as the API shows them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// The counts, by time and group.
    pub items: Vec<Counted>,
    /// From when on they count.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Until when all is counted; None where records were, or counting has not begun.
    pub counted_to: Option<Timestamp>,
    /// The records that were counted, of an entity.
    pub records: Option<LookedAt>,
}

/// Always all, whatever is counted apart.
const COLUMNS: &[Column] = &[
    ("at", "/at"),
    ("provider", "/provider"),
    ("direction", "/direction"),
    ("outcome", "/outcome"),
    ("class", "/class"),
    ("family", "/family"),
    ("calls", "/calls"),
    ("messages", "/messages"),
    ("talkSeconds", "/talkSeconds"),
    ("answeredShare", "/answeredShare"),
    ("events", "/events"),
];

impl Rows for Stats {
    type Row = Counted;

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn rows(&self) -> &[Counted] {
        &self.items
    }

    fn marks(&self) -> Vec<Mark> {
        let read_to = self.records.as_ref().and_then(|records| records.read_to);
        vec![("trunkline-counted-to", self.counted_to), ("trunkline-read-to", read_to)]
    }
}

/// What is counted together.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// When the hour or day begins.
    pub at: Option<Timestamp>,
    /// What is counted apart, by the group's name.
    #[serde(flatten)]
    pub group: BTreeMap<&'static str, Option<String>>,
    /// How many.
    #[serde(flatten)]
    pub sum: Sum,
    /// The share of calls that were answered.
    pub answered_share: Option<f64>,
}

/// How many calls, messages and events.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    /// The calls that ended.
    pub calls: u64,
    /// None of an entity, whose calls alone are counted.
    pub messages: Option<u64>,
    /// How long they talked.
    #[serde(serialize_with = "in_milliseconds")]
    pub talk_seconds: f64,
    /// Those of the calls that were answered.
    #[serde(skip)]
    pub answered: u64,
    /// None where they are counted apart by what events are not.
    pub events: Option<u64>,
}

/// How many records were looked at, from the last on, and from when on that was all.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LookedAt {
    /// How many.
    pub number: usize,
    /// From when on that was all.
    pub read_to: Option<Timestamp>,
}

/// Sums by time and group.
struct Sums<'a> {
    by: Option<By>,
    groups: &'a [Group],
    sums: BTreeMap<(Option<Timestamp>, Vec<Option<String>>), Sum>,
}

impl<'a> Sums<'a> {
    fn of(StatsQuery { by, groups, .. }: &'a StatsQuery) -> Self {
        Self { by: *by, groups, sums: BTreeMap::new() }
    }

    /// The sum of what is counted so (`opentact/outbound/answered/-`) at that time.
    fn sum(&mut self, at: Timestamp, counted: &str, family: &str) -> &mut Sum {
        let part = |nth: usize| counted.split('/').nth(nth).filter(|part| !part.is_empty() && *part != "-");
        let name = |group: &Group| match group {
            Group::Provider => part(0),
            Group::Direction => part(1),
            Group::Outcome => part(2),
            Group::Class => part(3),
            Group::Family => Some(family),
        };
        let group = self.groups.iter().map(|group| name(group).map(str::to_owned)).collect();
        self.sums.entry((self.by.map(|by| by.begin(at)), group)).or_default()
    }

    fn add_calls(&mut self, at: Timestamp, calls: &BTreeMap<String, Tally>) {
        for (counted, tally) in calls {
            let sum = self.sum(at, counted, Family::Call.as_str());
            sum.calls += tally.number;
            sum.talk_seconds += tally.talk_seconds;
            sum.answered += if counted.split('/').nth(2) == Some("answered") { tally.number } else { 0 };
        }
    }

    fn add(&mut self, at: Timestamp, counts: &Counts) {
        self.add_calls(at, &counts.calls);
        for (counted, tally) in &counts.messages {
            *self.sum(at, counted, Family::Sms.as_str()).messages.get_or_insert_default() += tally.number;
        }
        if self.groups.iter().all(|group| *group == Group::Family) {
            for (family, number) in &counts.events {
                *self.sum(at, "", family).events.get_or_insert_default() += number;
            }
        }
    }

    fn shown(self) -> Vec<Counted> {
        let names = self.groups.iter().map(|group| group.as_str());
        let shown = |((at, group), sum): ((Option<Timestamp>, Vec<Option<String>>), Sum)| Counted {
            at,
            group: names.clone().zip(group).collect(),
            answered_share: share(&sum),
            sum,
        };
        self.sums.into_iter().map(shown).collect()
    }
}

/// The share of calls that were answered, in ten-thousandths.
fn share(sum: &Sum) -> Option<f64> {
    (sum.calls > 0).then(|| (sum.answered as f64 / sum.calls as f64 * 10_000.0).round() / 10_000.0)
}

/// A sum of seconds, to the millisecond, as each of them was.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn in_milliseconds<S: serde::Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((seconds * 1_000.0).round() / 1_000.0)
}

impl By {
    /// When the hour or day of a time begins.
    fn begin(self, at: Timestamp) -> Timestamp {
        let length = if self == Self::Hour { 3_600 } else { 86_400 };
        Timestamp::from_second(at.as_second().div_euclid(length) * length).unwrap_or(at)
    }
}

impl Views {
    /// Counts of all, or of an entity.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn stats(&self, asked: &StatsQuery, now: Timestamp) -> Result<Stats, QueryError> {
        match &asked.entity {
            Some(entity) => self.stats_of(entity, asked, now).await,
            None => self.stats_of_all(asked).await,
        }
    }

    /// From the slices of five minutes that have something of that time.
    async fn stats_of_all(&self, asked: &StatsQuery) -> Result<Stats, QueryError> {
        let [from, to] = asked.range.map(Slice::of);
        let to = if to.begin() < asked.range[1] { to.next() } else { to };
        let mut sums = Sums::of(asked);
        if from < to {
            let counted = self.store.counts_between(from, to.before(1)).await?;
            counted.iter().for_each(|(slice, counts)| sums.add(slice.begin(), counts));
        }
        let counted_to = self.store.counted_to().await?.map(|position| position.counted.end().min(to.begin()));
        Ok(Stats { items: sums.shown(), from: from.begin(), to: to.begin(), counted_to, records: None })
    }

    async fn stats_of(&self, entity: &Entity, asked: &StatsQuery, now: Timestamp) -> Result<Stats, QueryError> {
        let mut sums = Sums::of(asked);
        let filter = CallFilter { entity: Some(entity.clone()), ..CallFilter::default() };
        let count = |record: &Record| {
            let mut counts = Counts::default();
            counts.add(record);
            sums.add_calls(record.received_at, &counts.calls);
        };
        let records = Some(self.look_at(&filter, asked.range, now, count).await?);
        let [from, to] = asked.range;
        Ok(Stats { items: sums.shown(), from, to, counted_to: None, records })
    }

    /// Looks at the records of calls that began then, from the last on, as far as pages and time allow.
    async fn look_at(
        &self,
        filter: &CallFilter,
        [from, to]: [Timestamp; 2],
        now: Timestamp,
        mut count: impl FnMut(&Record),
    ) -> Result<LookedAt, QueryError> {
        let (from, to, until) = (Some(from), Some(to), Instant::now() + TIME);
        let mut asked = PageRequest { from, to, order: Order::Descending, after: None, limit: PAGE };
        let mut looked = LookedAt { number: 0, read_to: None };
        for _ in 0..PAGES {
            let page = self.store.list_calls(filter, &asked, now).await?;
            page.items.iter().filter(|record| record.is_over()).for_each(&mut count);
            looked = LookedAt { number: looked.number + page.items.len(), read_to: page.read_to };
            asked.after = page.next;
            if asked.after.is_none() || Instant::now() > until {
                break;
            }
        }
        Ok(looked)
    }
}
