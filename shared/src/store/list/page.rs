//! A page of a list: day after day where it goes by days, and else at once.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::merge::{Merge, Row, Taken};
use super::{Cursor, Order, Page, PageRequest, Place, Stretch};
use crate::store::item::Item;
use crate::store::{Seen, Store, StoreError};

/// How far a list of days goes back unless the request says it.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How far the clock of a function that receives may be ahead.
const SKEW: SignedDuration = SignedDuration::from_mins(1);
/// The rows that are looked at together, at least: some lead to what they are about, each by a read of its own.
const TOGETHER: usize = 25;

/// What a list is of.
pub(crate) trait List {
    /// What is listed.
    type Element;

    /// Where its rows are.
    fn place(&self) -> Place;

    /// What a row is about, with its id; None where that is gone, or was not asked for.
    async fn element(
        &self,
        store: &Store,
        row: &Item,
        now: Timestamp,
    ) -> Result<Option<(String, Self::Element)>, StoreError>;
}

/// A part of a list that is read at once.
struct Step {
    day: Date,
    stretch: Stretch,
    /// What lies before it.
    border: Seen,
}

/// Where a page stops.
enum Stop {
    /// At the end of the step.
    End,
    /// Behind that position, with more to come in the step.
    At(Seen),
    /// Behind that position, with nothing more in the step.
    Full(Seen),
}

/// The page so far.
struct Filling<T> {
    items: Vec<T>,
    ids: BTreeSet<String>,
    limit: usize,
    taken: Taken,
}

impl Store {
    /// A page of a list.
    pub(crate) async fn page<L: List>(
        &self,
        list: &L,
        asked: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<L::Element>, StoreError> {
        let place = list.place();
        let since = asked.since(&place, now);
        let mut page = Filling { items: Vec::new(), ids: BTreeSet::new(), limit: asked.limit, taken: Taken::default() };
        let mut steps = asked.steps(&place, since, now).into_iter();
        let mut next = None;
        while let Some(step) = steps.next() {
            let merge = Merge::new(self, place.sources(self.shards, step.day), (&step.stretch, asked.order), now);
            match self.fill(list, &mut page, merge, &step.border).await? {
                Stop::End => continue,
                Stop::At(at) => next = Some(at),
                Stop::Full(at) => next = steps.next().map(|_| at),
            }
            break;
        }
        let read_to = match &next {
            Some(at) => at.received_at(),
            None if asked.order == Order::Ascending => Some(asked.to.map_or(now, |to| to.min(now))),
            None => since,
        };
        let next = next.map(|at| Cursor { at, since: since.filter(|_| asked.from.is_none()) });
        Ok(Page { items: page.items, next, read_to })
    }

    /// Fills the page from one step.
    async fn fill<L: List>(
        &self,
        list: &L,
        page: &mut Filling<L::Element>,
        mut merge: Merge<'_>,
        border: &Seen,
    ) -> Result<Stop, StoreError> {
        let now = merge.now();
        loop {
            let wanted = page.limit.saturating_sub(page.items.len());
            let rows = merge.next(wanted.max(TOGETHER), &mut page.taken).await?;
            if rows.is_empty() {
                return Ok(merge.stop(border));
            }
            let elements = try_join_all(rows.iter().map(|row| list.element(self, &row.item, now))).await?;
            let mut left = rows.iter().zip(elements);
            while let Some((Row { seen, .. }, element)) = left.next() {
                if let Some((_, element)) = element.filter(|(id, _)| page.ids.insert(id.clone())) {
                    page.items.push(element);
                }
                if page.items.len() == page.limit {
                    let ends = left.all(|(row, _)| row.seen == *seen) && merge.ends_with(seen);
                    return Ok(if ends { Stop::Full(seen.clone()) } else { Stop::At(seen.clone()) });
                }
            }
        }
    }
}

impl Merge<'_> {
    /// Where a page stops that gets no more rows.
    fn stop(&self, border: &Seen) -> Stop {
        match self.is_over() {
            true => Stop::End,
            false => Stop::At(self.read_to().unwrap_or_else(|| border.clone())),
        }
    }
}

impl PageRequest {
    /// Since when the list is.
    fn since(&self, place: &Place, now: Timestamp) -> Option<Timestamp> {
        let cursor = || self.after.as_ref().and_then(|after| after.since);
        let until = self.to.map_or(now, |to| to.min(now));
        let last_day = || matches!(place, Place::Days(..)).then(|| until.checked_sub(DAY).unwrap_or(until));
        self.from.or_else(cursor).or_else(last_day)
    }

    /// What to read, in order.
    fn steps(&self, place: &Place, since: Option<Timestamp>, now: Timestamp) -> Vec<Step> {
        let mut all = Stretch::all();
        all = since.map_or(all.clone(), |since| all.since(since));
        all = self.to.map_or(all.clone(), |to| all.until(to));
        all = self.after.as_ref().map_or(all.clone(), |after| all.behind(&after.at, self.order));
        let today = date(now);
        let whole = Step { day: today, stretch: all.clone(), border: Seen::before(now) };
        let mut steps = match (place, since) {
            (Place::Days(..), Some(since)) => self.days(since, now).filter_map(|day| self.step(day, &all)).collect(),
            _ => vec![whole],
        };
        steps.retain(|step| !step.stretch.is_empty());
        if self.order == Order::Descending {
            steps.reverse();
        }
        steps
    }

    /// The days that the list has something of.
    fn days(&self, since: Timestamp, now: Timestamp) -> impl Iterator<Item = Date> {
        let soon = now.checked_add(SKEW).unwrap_or(now);
        let cursor = self.after.as_ref().and_then(|after| after.at.received_at());
        let (first, last) = match self.order {
            Order::Ascending => (cursor.map_or(since, |at| at.max(since)), None),
            Order::Descending => (since, cursor),
        };
        let last = date([self.to, last].into_iter().flatten().fold(soon, Timestamp::min));
        date(first).series(1.day()).take_while(move |day| *day <= last)
    }

    fn step(&self, day: Date, all: &Stretch) -> Option<Step> {
        let begin = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp());
        let (from, to) = (begin(day)?, begin(day.tomorrow().ok()?)?);
        let border = if self.order == Order::Ascending { from } else { to };
        Some(Step { day, stretch: all.clone().since(from).until(to), border: Seen::before(border) })
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
