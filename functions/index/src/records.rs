//! Records: what each call and message came to, brought up to date with its events.
//!
//! A record is folded from all events that are stored, and these are read consistently after the one that led here was
//! stored. So whoever the last event leads here sees all of them. A row goes through on condition that nobody wrote it
//! meanwhile, and gives way to one that follows from more events: the last word is that of the fold that saw most.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use shared::call::{Call, Outcome};
use shared::event::Event;
use shared::key::{CallId, Partition, Subject};
use shared::log::chain;
use shared::metric::Gauges;
use shared::record::{Disposition, Record};
use shared::store::item::Item;
use shared::store::record::{self, Row, Rows, Span, Stored};
use shared::store::{CallEvents, Shards, Store, StoreError};

use crate::counting::mark;

/// How many records are brought up to date at the same time, each over connections of its own.
const AT_ONCE: usize = 5;
/// How many new ones are written with one call: each is over as soon as it has begun.
const TOGETHER: usize = 25;
/// How often a row is tried that others were faster with.
const TRIES: usize = 10;
/// After so many looks a call that was joined is no longer believed to be.
const LOOKS: usize = 2;

/// The records of the events table.
#[derive(Debug)]
pub(crate) struct Records {
    store: Store,
    shards: Shards,
    /// Where calls are counted when they are over.
    calls: Gauges,
}

/// What the events say, and where that belongs.
struct Folded {
    record: Record,
    span: Span,
    /// The calls that are joined to the record's.
    joined: Vec<Partition>,
    thread: Thread,
}

impl Folded {
    /// Whether it has that many events, and none of another call.
    fn is_all_of(&self, events: usize) -> bool {
        self.joined.is_empty() && self.record.events == events
    }
}

/// The thread of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thread {
    /// All of it is read.
    Whole,
    /// More calls are joined than are read.
    Crowded,
}

/// What became of an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Done,
    /// Another writer was faster.
    Outrun,
}

impl Records {
    pub(crate) fn new(store: Store, shards: Shards, calls: Gauges) -> Self {
        Self { store, shards, calls }
    }

    /// Brings the records of the calls and messages that the events belong to up to date.
    ///
    /// # Errors
    /// [`StoreError`]; some of the records may be up to date nevertheless.
    pub(crate) async fn follow(&self, events: &[Event], now: Timestamp) -> Result<(), StoreError> {
        let mut came: BTreeMap<_, usize> = BTreeMap::new();
        for id in events.iter().map(|event| &event.id).collect::<BTreeSet<_>>() {
            *came.entry(id.partition()).or_default() += 1;
        }
        let told = |(subject, _): &(&Partition, usize)| matches!(subject.subject(), Subject::Call | Subject::Message);
        let looks = came.into_iter().filter(told).map(|(subject, came)| async move {
            Ok(self.look(subject, now).await?.map(|folded| (subject.clone(), folded, came)))
        });
        let looks = stream::iter(looks.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        let looks = looks.try_collect::<Vec<_>>().await?.into_iter().flatten();
        // Where all its events came just now, it has no record yet. If that is wrong, the table says so.
        let (new, known): (Vec<_>, Vec<_>) = looks.partition(|(_, folded, came)| folded.is_all_of(*came));
        let mut new: Vec<_> = new.into_iter().map(|(subject, folded, _)| (subject, folded)).collect();
        let mut outrun = Vec::new();
        while !new.is_empty() {
            let rest = new.split_off(new.len().min(TOGETHER));
            outrun.extend(self.begin(new, now).await?);
            new = rest;
        }
        let outrun = outrun.into_iter().map(|subject| (subject, None));
        self.refresh_each(known.into_iter().map(|(subject, folded, _)| (subject, Some(folded))).chain(outrun), now)
            .await
    }

    /// Brings records up to date.
    ///
    /// # Errors
    /// [`StoreError`]; some of the records may be up to date nevertheless.
    pub(crate) async fn refresh_all(&self, subjects: Vec<Partition>, now: Timestamp) -> Result<(), StoreError> {
        self.refresh_each(subjects.into_iter().map(|subject| (subject, None)), now).await
    }

    async fn refresh_each(
        &self,
        subjects: impl Iterator<Item = (Partition, Option<Folded>)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let refresh = |(subject, folded)| async move { self.refresh(&subject, folded, now).await };
        stream::iter(subjects).map(Ok).try_for_each_concurrent(AT_ONCE, refresh).await
    }

    /// What the events of a call or message say; None if they are of neither, or one of them can't be read: that is a dead letter
    /// of its own, and leads here again once it is mended.
    async fn look(&self, subject: &Partition, now: Timestamp) -> Result<Option<Folded>, StoreError> {
        match self.store.subject(subject, now).await {
            Ok(read) => Ok(fold(read, now)),
            Err(error @ StoreError::Item { .. }) => {
                left_as_it_is(subject, &error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the first versions of records together, and returns those of which it could not write all: another writer was faster,
    /// or the table does not take one, and says why when it is written by itself.
    async fn begin(&self, new: Vec<(Partition, Folded)>, now: Timestamp) -> Result<Vec<Partition>, StoreError> {
        let rows = new.iter().map(|(_, folded): &(_, Folded)| record::rows(&folded.record, &folded.span, self.shards));
        let (mut entities, mut begun, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        for rows in rows {
            entities.extend(rows.entities);
            begun.push(rows.call);
            ended.push(rows.ended);
        }
        // First what leads to them, so that they are found everywhere once they are there.
        self.store.put_rows(entities).await?;
        let begun = self.store.insert_record_rows(begun).await;
        let (mut outrun, mut over, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for ((begun, ended), (subject, folded)) in begun.into_iter().zip(ended).zip(new) {
            match ended {
                _ if !begun => outrun.push(subject),
                Some(row) => {
                    over.push((subject, folded));
                    ends.push(row);
                }
                None => {}
            }
        }
        let times: Vec<_> = over.iter().filter_map(|(_, folded)| folded.span.last.received_at()).collect();
        mark(&self.store, times.into_iter(), now).await?;
        for (ended, (subject, folded)) in self.store.insert_record_rows(ends).await.into_iter().zip(over) {
            match ended {
                true => self.count(&folded.record, now),
                false => outrun.push(subject),
            }
        }
        Ok(outrun)
    }

    /// Brings one record up to date, with what its events say as far as that is known. One that has an event or a row that can't be
    /// read stays as it is.
    async fn refresh(&self, subject: &Partition, mut folded: Option<Folded>, now: Timestamp) -> Result<(), StoreError> {
        for nth in 0..TRIES {
            match self.attempt(subject, (folded.take(), nth), now).await {
                Ok(Attempt::Done) => return Ok(()),
                Ok(Attempt::Outrun) => {}
                Err(error @ StoreError::Item { .. }) => {
                    left_as_it_is(subject, &error);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Contended { doing: "writing a record" })
    }

    async fn attempt(
        &self,
        subject: &Partition,
        (folded, nth): (Option<Folded>, usize),
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let folded = match folded {
            None => fold(self.store.subject(subject, now).await?, now),
            folded => folded,
        };
        let Some(folded) = folded else { return Ok(Attempt::Done) };
        let stored = self.store.record_rows(&folded.span.home, now).await?;
        // In a thread of too many calls, those that were joined before they were too many stay part of the one they are joined to.
        if folded.thread == Thread::Crowded && matches!(stored.call, Some(Row::Joined { .. })) {
            return Ok(Attempt::Done);
        }
        // Somebody saw a call that is joined to it: a second look sees it too, or it has expired.
        if nth < LOOKS && matches!(&stored.call, Some(Row::Joined { to, .. }) if !folded.joined.contains(to)) {
            return Ok(Attempt::Outrun);
        }
        let Folded { record, span, joined, thread } = folded;
        if stored.call.as_ref().and_then(Row::record).is_some_and(|before| gives_way(&record, before, thread)) {
            return Ok(Attempt::Done);
        }
        let mut outrun = self.write(record, span.clone().kept(&stored), (&stored, now)).await? == Attempt::Outrun;
        for joined in &joined {
            outrun |= self.join(joined, &span, now).await? == Attempt::Outrun;
        }
        Ok(if outrun { Attempt::Outrun } else { Attempt::Done })
    }

    /// Writes what of a record is new: its beginning, whose call it is where that is known only now, and each change once it is
    /// over. What happens in between would be a write for each event.
    async fn write(
        &self,
        mut record: Record,
        span: Span,
        (stored, now): (&Stored, Timestamp),
    ) -> Result<Attempt, StoreError> {
        let version = stored.call.as_ref().map(Row::version);
        let before = stored.call.as_ref().and_then(Row::record);
        let changed = before.is_none_or(|before| !before.says_the_same(&record));
        let told = before.is_none_or(|before| before.is_over() || record.is_over() || !before.names_the_same(&record));
        record.version = version.map_or(1, |version| version.saturating_add(u32::from(changed)));
        let Rows { call, ended, entities } = record::rows(&record, &span, self.shards);
        if changed && told {
            // First what leads to it, so that it is found everywhere once it is there.
            let known = before.map_or_else(Vec::new, |before| record::rows(before, &span, self.shards).entities);
            self.store.put_rows(entities.into_iter().filter(|row| !known.contains(row))).await?;
            if self.put(call, version, now).await? == Attempt::Outrun {
                return Ok(Attempt::Outrun);
            }
        }
        let over = stored.ended.as_ref().map(Row::version);
        match ended.filter(|_| over != Some(record.version)) {
            Some(ended) => {
                mark(&self.store, span.last.received_at().into_iter(), now).await?;
                let attempt = self.put(ended, over, now).await?;
                // A later version is the same call.
                if attempt == Attempt::Done && over.is_none() {
                    self.count(&record, now);
                }
                Ok(attempt)
            }
            None => Ok(Attempt::Done),
        }
    }

    fn count(&self, record: &Record, now: Timestamp) {
        if let Disposition::Call(outcome) = record.outcome {
            self.calls.count_call(outcome, record.failure.as_ref().map(|failure| failure.class), now);
        }
    }

    /// Takes the record of a call that was joined to another out of all lists. Also where it has none: whoever folds it without
    /// the other at this moment must not write one.
    async fn join(&self, call: &Partition, span: &Span, now: Timestamp) -> Result<Attempt, StoreError> {
        let stored = self.store.record_rows(call, now).await?;
        let is_joined = |row: &Row| matches!(row, Row::Joined { to, .. } if *to == span.home);
        // Whoever took it for a call of its own may have been between its beginning and its end.
        if stored.call.as_ref().is_some_and(is_joined) && stored.ended.as_ref().is_none_or(is_joined) {
            return Ok(Attempt::Done);
        }
        let over = stored.call.as_ref().map(Row::version);
        let [begun, ended] = record::joined(call, &span.home, over.unwrap_or_default().saturating_add(1), span);
        let ended_over = stored.ended.as_ref().map(Row::version);
        // The end first: once the beginning is joined, nobody looks after it.
        if ended_over.is_some() && self.put(ended, ended_over, now).await? == Attempt::Outrun {
            return Ok(Attempt::Outrun);
        }
        self.put(begun, over, now).await
    }

    async fn put(&self, row: Item, over: Option<u32>, now: Timestamp) -> Result<Attempt, StoreError> {
        Ok(if self.store.put_record_row(row, over, now).await? { Attempt::Done } else { Attempt::Outrun })
    }
}

/// Whether a record gives way to one that follows from more events. In a thread that has grown too large its home is folded alone from
/// then on, and must come to an end nevertheless.
fn gives_way(record: &Record, before: &Record, thread: Thread) -> bool {
    before.events > record.events && (thread == Thread::Whole || before.is_over())
}

/// What the events of a call or message say; None if they are of neither, as of a recording alone.
fn fold(read: CallEvents, now: Timestamp) -> Option<Folded> {
    let CallEvents { events, expires, unread } = read;
    let span = Span::of(&events, expires)?;
    let joined: BTreeSet<_> = events.iter().map(|event| event.id.partition()).filter(|of| **of != span.home).collect();
    let joined = joined.into_iter().cloned().collect();
    let record = match span.home.subject() {
        Subject::Call => Record::of_call(&Call::fold(&CallId::try_from(span.home.clone()).ok()?, events, now)?)?,
        _ => Record::of_message(&span.home, &events)?,
    };
    let span = if record.outcome == Disposition::Call(Outcome::NoEnd) { span.without_end() } else { span };
    let thread = if unread.calls > 0 { Thread::Crowded } else { Thread::Whole };
    Some(Folded { record, span, joined, thread })
}

fn left_as_it_is(subject: &Partition, error: &StoreError) {
    tracing::error!(%subject, error = chain(error), "a record could not be brought up to date");
}
