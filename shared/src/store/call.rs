//! Reading a call with the calls that are joined to it, within bounds: somebody waits for the answer, and a function has
//! its memory and its time-out. What was not read is said.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::read::projection;
use crate::event::Event;
use crate::key::{CallId, Partition, Subject};
use crate::provider::{Threads, profile};
use crate::store::item::{self, Item, SEEN};
use crate::store::{Store, StoreError, pointer};

/// The queries for one call: one for each call that is joined to it, and more where one is large.
const QUERIES: usize = 1_000;
/// The bytes of the rows that they return; in memory an event takes several times as much.
const BYTES: usize = 16 * 1024 * 1024;
/// After this long nothing more is asked: what was asked then has the time of an operation of the SDK, and the answer the rest
/// of ten seconds.
const TIME: Duration = Duration::from_secs(4);
/// The events of a page: it comes well within the time of an attempt, also where the machine is busy.
const PAGE: i32 = 500;
/// What `index` reads for a batch of events of one call is bounded more tightly: where more calls than this are joined to it, it
/// is taken alone, and of a large one some pages from both ends are read.
const JOINED: usize = 50;
const PAGES: usize = 4;
/// Queries at a time, each on a connection of its own.
const AT_ONCE: usize = 16;

/// The events of a call and of those joined to it, as far as they were read, in no order and some of them twice.
#[derive(Debug)]
pub struct CallEvents {
    /// The events.
    pub events: Vec<Event>,
    /// When the last of them expires, in seconds since 1970; None where one never does.
    pub expires: Option<i64>,
    /// What was not read.
    pub unread: Unread,
}

/// What of a call was not read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Whether the call has events of its own that were not read.
    pub events: bool,
    /// At least how many calls that are joined to it were not read, or not wholly.
    pub calls: usize,
}

/// The reader of one call, with what it may still take.
struct CallReader<'s> {
    store: &'s Store,
    now: Timestamp,
    until: Instant,
    /// The pages of each partition.
    pages: usize,
    queries: AtomicUsize,
    bytes: AtomicUsize,
}

/// What was read of a partition.
struct Part<T> {
    found: Vec<T>,
    whole: bool,
}

/// The stretch of a partition that is not read yet: between these sort keys.
#[derive(Default)]
struct Gap {
    after: Option<String>,
    before: Option<String>,
}

/// From which end a page is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// How much of a partition is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// One page, as large as DynamoDB makes it: 1 MB.
    Page,
    /// Everything, as far as the allowance goes.
    Whole,
}

impl Store {
    /// The events of a call and of those that its threads join to it; none if there is no such call.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn call(&self, id: &CallId, now: Timestamp) -> Result<CallEvents, StoreError> {
        CallReader::new(self, now, usize::MAX).read(id.partition(), usize::MAX).await
    }

    /// The events of a call or of a message and, where they are few, of the calls that its threads join to it.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn subject(&self, id: &Partition, now: Timestamp) -> Result<CallEvents, StoreError> {
        CallReader::new(self, now, PAGES).read(id, JOINED).await
    }
}

impl<'s> CallReader<'s> {
    fn new(store: &'s Store, now: Timestamp, pages: usize) -> Self {
        CallReader { store, now, until: Instant::now() + TIME, pages, queries: QUERIES.into(), bytes: BYTES.into() }
    }

    /// Reads a call and those joined to it, or it alone where more than so many are.
    async fn read(&self, id: &Partition, most: usize) -> Result<CallEvents, StoreError> {
        let Part { mut found, whole } = self.events(id).await?;
        let mut unread = Unread { events: !whole, calls: 0 };
        let mut joined = self.joined(id, found.iter().map(|(event, _)| event), &mut unread).await?;
        if joined.len() + unread.calls > most {
            unread.calls += joined.len();
            joined.clear();
        }
        for some in joined.chunks(AT_ONCE) {
            for part in try_join_all(some.iter().map(|call| self.events(call.partition()))).await? {
                found.extend(part.found);
                unread.calls += usize::from(!part.whole);
            }
        }
        let expires = found.iter().map(|(_, expires)| *expires).try_fold(0, |last, expires| Some(last.max(expires?)));
        Ok(CallEvents { events: found.into_iter().map(|(event, _)| event).collect(), expires, unread })
    }

    /// The calls that are joined to one of those events, by being in its thread or as child or parent.
    async fn joined(
        &self,
        own: &Partition,
        events: impl Iterator<Item = &Event> + Clone,
        unread: &mut Unread,
    ) -> Result<Vec<CallId>, StoreError> {
        if own.subject() != Subject::Call || profile(own.provider()).threads == Threads::Absent {
            return Ok(Vec::new());
        }
        let threads: BTreeSet<_> = events.clone().filter_map(|event| event.thread.as_ref()).chain([own]).collect();
        let threads: Vec<_> = threads.into_iter().map(pointer::thread_key).collect();
        let mut joined: BTreeSet<_> = events.flat_map(|event| event.children.clone()).collect();
        for some in threads.chunks(AT_ONCE) {
            for part in try_join_all(some.iter().map(|thread| self.calls_in(thread))).await? {
                joined.extend(part.found.into_iter().flatten().map(|call| call.partition().clone()));
                // A thread that has further rows has further calls.
                unread.calls += usize::from(!part.whole);
            }
        }
        joined.remove(own);
        Ok(joined.into_iter().filter_map(|partition| CallId::try_from(partition).ok()).collect())
    }

    async fn calls_in(&self, thread: &str) -> Result<Part<Option<CallId>>, StoreError> {
        let names = ["sk", item::EXPIRES];
        self.partition(thread, &names, Extent::Page, |row| Ok(pointer::call_in_thread(row))).await
    }

    /// The events of a partition, each with its time of expiry.
    async fn events(&self, id: &Partition) -> Result<Part<(Event, Option<i64>)>, StoreError> {
        let doing = "reading a call";
        let names: Vec<_> = ["pk", "sk", SEEN].iter().chain(&item::PROJECTED).copied().collect();
        let event = |item: &Item| match item::event(item) {
            Ok(event) => Ok((event, item::expiry(item))),
            Err(source) => Err(StoreError::Item { doing, source }),
        };
        self.partition(&id.to_string(), &names, Extent::Whole, event).await
    }

    /// What stands in a partition: its first page, and where there are more, further ones from both ends at once. So a large
    /// one is read in half the time, and one too large has its first and its last items.
    async fn partition<T>(
        &self,
        key: &str,
        names: &[&str],
        extent: Extent,
        read: impl Fn(&Item) -> Result<T, StoreError>,
    ) -> Result<Part<T>, StoreError> {
        let (mut part, mut gap) = (Part { found: Vec::new(), whole: false }, Gap::default());
        let (mut ends, mut asked) = ([End::First].as_slice(), 0);
        while !part.whole && asked < self.pages && self.may_ask(ends.len()) {
            asked += ends.len();
            let pages = try_join_all(ends.iter().map(|end| self.page(key, names, (extent, *end), &gap))).await?;
            for (end, (items, last)) in ends.iter().zip(pages) {
                self.spend(&items);
                let kept = items.iter().filter(|item| !item::is_expired(item, self.now));
                part.found.extend(kept.map(&read).collect::<Result<Vec<_>, _>>()?);
                part.whole |= last.is_none();
                gap.narrow(*end, last);
            }
            part.whole |= gap.is_closed();
            if extent == Extent::Page {
                break;
            }
            ends = &[End::First, End::Last];
        }
        Ok(part)
    }

    /// A page from one end of the gap, and the sort key that it stops at; None where the gap is read with it.
    async fn page(
        &self,
        key: &str,
        names: &[&str],
        (extent, end): (Extent, End),
        gap: &Gap,
    ) -> Result<(Vec<Item>, Option<String>), StoreError> {
        let (projection, names) = projection(names);
        let (condition, borders) = gap.condition();
        let borders = borders.into_iter().chain([(":pk", key)]);
        let values = borders.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned()))).collect();
        let request = self.store.client.query().table_name(&self.store.table).consistent_read(true);
        let request = request
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .projection_expression(projection)
            .set_expression_attribute_names(Some(names))
            .set_limit((extent == Extent::Whole).then_some(PAGE))
            .scan_index_forward(end == End::First);
        let answer = request.send().await.map_err(|error| StoreError::of("reading a partition", error))?;
        let last = answer.last_evaluated_key().and_then(|key| item::string(key, "sk")).map(str::to_owned);
        Ok((answer.items.unwrap_or_default(), last))
    }

    /// Takes that many queries, if so many are left, and time.
    fn may_ask(&self, queries: usize) -> bool {
        let left = |left: usize| left.checked_sub(queries);
        Instant::now() < self.until
            && self.bytes.load(Ordering::Relaxed) > 0
            && self.queries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }

    fn spend(&self, items: &[Item]) {
        let bytes: usize = items.iter().map(item::size).sum();
        let left = self.bytes.load(Ordering::Relaxed).saturating_sub(bytes);
        self.bytes.store(left, Ordering::Relaxed);
    }
}

impl Gap {
    fn narrow(&mut self, end: End, last: Option<String>) {
        match end {
            End::First => self.after = last,
            End::Last => self.before = last,
        }
    }

    /// Whether the pages from both ends have met.
    fn is_closed(&self) -> bool {
        matches!((&self.after, &self.before), (Some(after), Some(before)) if after >= before)
    }

    /// The condition of a query for it, and the values of its names. With two borders they are read again: a key takes no
    /// two conditions but `BETWEEN`.
    fn condition(&self) -> (&'static str, Vec<(&'static str, &str)>) {
        match (&self.after, &self.before) {
            (None, None) => ("pk = :pk", vec![]),
            (Some(after), None) => ("pk = :pk AND sk > :after", vec![(":after", after)]),
            (None, Some(before)) => ("pk = :pk AND sk < :before", vec![(":before", before)]),
            (Some(after), Some(before)) => {
                ("pk = :pk AND sk BETWEEN :after AND :before", vec![(":after", after), (":before", before)])
            }
        }
    }
}
