//! The merge of a list's sources. Of a source that may have more, nothing is taken that could come behind it: what is given
//! out is in order, and no row is read twice.

use std::collections::VecDeque;

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::{IndexKey, Order, Stretch};
use crate::store::item::{Item, is_expired};
use crate::store::{Seen, Store, StoreError};

/// The most queries of an index for a page, and the most rows that they read together. More only where a list has so many
/// sources that looking into each takes more.
const READS: usize = 200;
const ROWS: usize = 1_000;
/// The rows of a query: at least so many, or too many queries would be made; and so many once the first ones did not do.
const LEAST: usize = 10;
const FURTHER: usize = 100;

/// What a page has taken.
#[derive(Default)]
pub(super) struct Taken {
    reads: usize,
    rows: usize,
}

impl Taken {
    /// How many rows each of so many queries may read; None where they may not be made.
    fn share(&self, reads: usize) -> Option<usize> {
        let share = (ROWS.saturating_sub(self.rows)) / reads.max(1);
        match self.reads {
            0 => Some(share.max(LEAST)),
            before => (before + reads <= READS && share >= LEAST).then_some(share),
        }
    }
}

/// A row of a list, and its position.
pub(super) struct Row {
    pub(super) seen: Seen,
    pub(super) item: Item,
}

struct Source {
    key: IndexKey,
    /// What is not read yet; None once all is.
    rest: Option<Stretch>,
    /// How far it is read; None before that.
    read_to: Option<Seen>,
    rows: VecDeque<Row>,
}

impl Source {
    /// Whether it must be read before it is known what comes next in it.
    fn is_dry(&self) -> bool {
        self.rows.is_empty() && self.rest.is_some()
    }
}

/// The rows of a few sources, in order.
pub(super) struct Merge<'s> {
    store: &'s Store,
    sources: Vec<Source>,
    order: Order,
    now: Timestamp,
}

impl<'s> Merge<'s> {
    pub(super) fn new(
        store: &'s Store,
        keys: Vec<IndexKey>,
        (stretch, order): (&Stretch, Order),
        now: Timestamp,
    ) -> Self {
        let rest = || Some(stretch.clone());
        let source = |key| Source { key, rest: rest(), read_to: None, rows: VecDeque::new() };
        Self { store, sources: keys.into_iter().map(source).collect(), order, now }
    }

    /// The next rows, at most so many; none at the end, or where no more may be taken.
    pub(super) async fn next(&mut self, most: usize, taken: &mut Taken) -> Result<Vec<Row>, StoreError> {
        loop {
            let rows: Vec<_> = std::iter::from_fn(|| self.pop()).take(most).collect();
            if !rows.is_empty() || !self.read(most, taken).await? {
                return Ok(rows);
            }
        }
    }

    /// How far all sources are read together; None where that is to their end, or not at all yet.
    pub(super) fn read_to(&self) -> Option<Seen> {
        let frontiers =
            self.sources.iter().filter(|source| source.is_dry()).filter_map(|source| source.read_to.clone());
        match self.order {
            Order::Ascending => frontiers.min(),
            Order::Descending => frontiers.max(),
        }
    }

    /// The time by which rows have expired or not.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether all is read and taken.
    pub(super) fn is_over(&self) -> bool {
        self.sources.iter().all(|source| source.rest.is_none() && source.rows.is_empty())
    }

    /// Whether nothing comes behind a row.
    pub(super) fn ends_with(&self, last: &Seen) -> bool {
        self.sources.iter().all(|source| source.rest.is_none() && source.rows.iter().all(|row| row.seen == *last))
    }

    /// The next row, where it is known which that is.
    fn pop(&mut self) -> Option<Row> {
        if self.sources.iter().any(|source| source.is_dry() && source.read_to.is_none()) {
            return None;
        }
        let (border, order) = (self.read_to(), self.order);
        let filled = self.sources.iter_mut().filter(|source| !source.rows.is_empty());
        let next = filled.reduce(|best, other| match is_ahead(order, head(&other.rows), head(&best.rows)) {
            true => other,
            false => best,
        })?;
        // A source that has more may have it right behind the border.
        let known = border.is_none_or(|border| !is_ahead(order, Some(&border), head(&next.rows)));
        known.then(|| next.rows.pop_front())?
    }

    /// Reads on in each source that has to be. Whether it did.
    async fn read(&mut self, most: usize, taken: &mut Taken) -> Result<bool, StoreError> {
        let (store, order, now) = (self.store, self.order, self.now);
        let dry: Vec<_> = self.sources.iter_mut().filter(|source| source.is_dry()).collect();
        let Some(share) = taken.share(dry.len()).filter(|_| !dry.is_empty()) else { return Ok(false) };
        // One more tells whether there is more.
        let usual = if dry.iter().any(|source| source.read_to.is_some()) { FURTHER } else { most + 1 };
        let limit = usual.min(share);
        taken.reads += dry.len();
        let read = try_join_all(dry.into_iter().map(|source| fill(store, source, (order, limit), now))).await?;
        taken.rows += read.iter().sum::<usize>();
        Ok(true)
    }
}

/// Reads on in a source. Returns how many rows that took.
async fn fill(
    store: &Store,
    source: &mut Source,
    (order, limit): (Order, usize),
    now: Timestamp,
) -> Result<usize, StoreError> {
    let Some(stretch) = source.rest.take() else { return Ok(0) };
    let asked = store.stretch(&source.key, stretch.clone()).limit(i32::try_from(limit).unwrap_or(i32::MAX));
    let answer = asked.scan_index_forward(order == Order::Ascending).send().await;
    let answer = answer.map_err(|error| StoreError::of("reading an index", error))?;
    if let Some(last) = answer.last_evaluated_key().and_then(Seen::of_item) {
        source.rest = Some(stretch.behind(&last, order));
        source.read_to = Some(last);
    }
    let items = answer.items.unwrap_or_default();
    let read = items.len();
    let rows = items.into_iter().filter(|item| !is_expired(item, now));
    source.rows.extend(rows.filter_map(|item| Some(Row { seen: Seen::of_item(&item)?, item })));
    Ok(read)
}

fn head(rows: &VecDeque<Row>) -> Option<&Seen> {
    rows.front().map(|row| &row.seen)
}

/// Whether one position comes before another.
fn is_ahead(order: Order, one: Option<&Seen>, other: Option<&Seen>) -> bool {
    match order {
        Order::Ascending => one < other,
        Order::Descending => one > other,
    }
}
