//! Counting, every minute: the slices that are due, those with a mark, and the calls of which nobody tells the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use shared::log::chain;
use shared::store::counts::{Position, Slice};
use shared::store::{Store, StoreError};

use crate::records::Records;

/// A slice is counted this long after its end, when `index` has usually written what belongs to it,
const SOON: SignedDuration = SignedDuration::from_mins(2);
/// and once more after this long.
const LATE: SignedDuration = SignedDuration::from_mins(10);
/// What is stored under a time of so long ago leaves a mark: its slice may be counted for the last time at this moment.
const MARKED: SignedDuration = SignedDuration::from_mins(7);
/// What a mark was made for is written this long after it at the latest, or by a batch that comes again and marks again.
const WRITTEN: SignedDuration = SignedDuration::from_mins(1);
/// After this long a run leaves the rest to the next one. The slice that it is at may take as long as the function's time-out.
const TIME: Duration = Duration::from_secs(40);
/// How many slices after its beginning it is looked whether a call is over, though nothing came of it: soon for a child that outlived
/// its parent, and from six hours on for calls without an end, however late their last event came.
const AGES: [i32; 17] = [0, 1, 2, 4, 8, 16, 32, 64, 73, 75, 80, 96, 128, 192, 288, 576, 2016];

/// Counts the events table.
#[derive(Debug)]
pub(crate) struct Counting {
    store: Store,
}

impl Counting {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Counts what is due, as far as the time allows.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer: the next run goes on where this one stopped.
    pub(crate) async fn run(&self, records: &Records, now: Timestamp) -> Result<(), StoreError> {
        let until = Instant::now() + TIME;
        let mut position = match self.store.counted_to().await? {
            Some(position) => position,
            None => self.begin(now).await?,
        };
        while due(position.counted, now, SOON) && Instant::now() < until {
            position.counted = position.counted.next();
            self.give_up(records, position.counted, now).await?;
            self.store.count(position.counted).await?;
            self.store.put_counted_to(position).await?;
        }
        while due(position.settled, now, LATE) && Instant::now() < until {
            position.settled = position.settled.next();
            self.store.count(position.settled).await?;
            self.store.put_counted_to(position).await?;
        }
        self.count_marked(now, until).await
    }

    /// Begins with the slice that has just ended: a new stack takes deliveries before its first run. That is written down, or each run
    /// would begin anew.
    async fn begin(&self, now: Timestamp) -> Result<Position, StoreError> {
        let last = Slice::of(now).before(2);
        let position = Position { counted: last, settled: last };
        self.store.put_counted_to(position).await?;
        Ok(position)
    }

    async fn count_marked(&self, now: Timestamp, until: Instant) -> Result<(), StoreError> {
        while Instant::now() < until {
            let mut marks = self.store.marks().await?;
            marks.retain(|mark| now.duration_since(mark.made_at) >= WRITTEN);
            let slices: BTreeSet<_> = marks.iter().map(|mark| mark.slice).collect();
            if slices.is_empty() {
                break;
            }
            for slice in slices {
                self.store.count(slice).await?;
            }
            self.store.unmark(&marks).await?;
        }
        Ok(())
    }

    /// Ends the calls that began so long before that slice that they are given up.
    async fn give_up(&self, records: &Records, slice: Slice, now: Timestamp) -> Result<(), StoreError> {
        for age in AGES {
            match records.refresh_all(self.store.going_on(slice.before(age)).await?, now).await {
                // A record that the table rejects for good must not hold up counting.
                Err(error @ StoreError::Refused { .. }) => {
                    tracing::error!(error = chain(&error), "calls could not be given up");
                }
                done => done?,
            }
        }
        Ok(())
    }
}

/// Marks the slices of times that may be counted already.
///
/// # Errors
/// [`StoreError`] when the table does not answer.
pub(crate) async fn mark(
    store: &Store,
    times: impl Iterator<Item = Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let late = |slice: &Slice| now.duration_since(slice.end()) > MARKED;
    let slices: BTreeSet<_> = times.map(Slice::of).filter(late).collect();
    if slices.is_empty() { Ok(()) } else { store.mark(slices, now).await }
}

/// Whether the slice behind that one has been over for so long.
fn due(last: Slice, now: Timestamp, wait: SignedDuration) -> bool {
    now.duration_since(last.next().end()) >= wait
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_slice_is_due_two_minutes_after_its_end_and_again_after_ten() {
        let last = Slice::of(at("2026-11-02T16:35:00Z"));
        for (now, soon, late) in [
            ("2026-11-02T16:46:59Z", false, false),
            ("2026-11-02T16:47:00Z", true, false),
            ("2026-11-02T16:54:59Z", true, false),
            ("2026-11-02T16:55:00Z", true, true),
        ] {
            assert_eq!((due(last, at(now), SOON), due(last, at(now), LATE)), (soon, late), "{now}");
        }
    }

    #[test]
    fn a_call_is_given_up_within_minutes_of_the_sixth_hour_and_never_before() {
        // The last event at the beginning, and some minutes after it.
        for (after, within) in [(0, 10), (8, 20), (30, 60), (60, 60)] {
            let over = after + 6 * 60;
            let looked = AGES.into_iter().map(|age| age * 5).find(|minutes| *minutes >= over).unwrap();
            assert!(looked - over <= within, "{after}: {looked}");
        }
    }
}
