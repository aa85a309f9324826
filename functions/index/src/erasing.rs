//! Erasing, where bodies go sooner than their events: every minute it is looked whether an hour's are due.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use shared::event::Event;
use shared::store::{Rest, Retention, Store, StoreError};

/// After this long a run leaves the rest to the next one.
const TIME: Duration = Duration::from_secs(15);
/// Bodies are erased by the hour: to look for some costs reads.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Erases bodies.
#[derive(Debug)]
pub(crate) struct Erasing {
    store: Store,
    bodies: Retention,
}

impl Erasing {
    pub(crate) fn new(store: Store, bodies: Retention) -> Self {
        Self { store, bodies }
    }

    /// Erases what is due, as far as the time allows.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer: the next run goes on where this one stopped.
    pub(crate) async fn run(&self, now: Timestamp) -> Result<(), StoreError> {
        let Some(since) = self.bodies.since(hour(now)) else {
            return Ok(());
        };
        let until = Instant::now() + TIME;
        while Instant::now() < until && self.store.erase_bodies_before(since, now).await? == Rest::Some {}
        Ok(())
    }

    /// Erases the bodies of events that were stored so late that their time is over: the runs are past them.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub(crate) async fn follow(&self, events: &[Event], now: Timestamp) -> Result<(), StoreError> {
        let Some(since) = self.bodies.since(now) else {
            return Ok(());
        };
        let late = events.iter().filter(|event| event.received_at < since);
        self.store.erase_bodies(&late.map(|event| event.id.clone()).collect::<Vec<_>>()).await
    }
}

/// The hour's beginning.
fn hour(now: Timestamp) -> Timestamp {
    let second = now.as_second().div_euclid(HOUR.as_secs()) * HOUR.as_secs();
    Timestamp::from_second(second).unwrap_or(now)
}
