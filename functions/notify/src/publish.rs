//! Publishing events so that none is lost: events that the topic did not take are kept, and the schedule publishes them.
//! An event may be published twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use shared::event::Event;
use shared::key::EventId;
use shared::log::chain;
use shared::outbox::OutboxError;
use shared::store::{Store, StoreError};

use crate::Error;
use crate::stored::{Texts, detailed};
use crate::topic::EventsTopic;
use crate::unpublished::Unpublished;

/// How many kept events are published together: ten batches of the topic's.
const PAGE: i32 = 100;
/// After this long a tick leaves the rest to the next one: well within the function's time-out, after the alerts.
const TICK_TIME: Duration = Duration::from_secs(20);
/// How many events are read at the same time, each over a connection of its own.
const READS: usize = 10;
/// When an event that SNS refused by itself is due again: its fault does not pass soon.
const RETRY: SignedDuration = SignedDuration::from_mins(10);

/// The topic, and the two tables behind it.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) topic: EventsTopic,
    pub(crate) unpublished: Unpublished,
    pub(crate) store: Store,
    pub(crate) texts: Texts,
}

impl Publisher {
    /// Publishes events, and keeps those that SNS did not take.
    ///
    /// # Errors
    /// [`OutboxError`] when these could not be kept: the batch must be sent again.
    pub(crate) async fn publish(&self, events: impl Iterator<Item = &Event>) -> Result<(), OutboxError> {
        let left = self.topic.publish(events).await;
        self.unpublished.keep(&[left.refused, left.untried].concat(), Timestamp::now()).await
    }

    /// Publishes kept events until none is left, SNS does not answer, or the time is over. Two calls at a time may publish
    /// an event twice; it is forgotten only after SNS took it.
    ///
    /// # Errors
    /// [`Error`] when a table did not answer.
    pub(crate) async fn tick(&self) -> Result<(), Error> {
        let (begun, now) = (Instant::now(), Timestamp::now());
        let mut from = None;
        while self.topic.is_on() && begun.elapsed() < TICK_TIME {
            let page = self.unpublished.waiting(now, from, PAGE).await?;
            let answered = self.publish_kept(&page.ids, now).await?;
            from = page.next.filter(|_| answered);
            if from.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Publishes kept events; false if SNS did not answer.
    async fn publish_kept(&self, ids: &[EventId], now: Timestamp) -> Result<bool, Error> {
        let (events, unreadable) = self.read(ids, now).await?;
        let left = self.topic.publish(events.iter()).await;
        let later = [left.refused, unreadable].concat();
        let staying: BTreeSet<_> = later.iter().chain(&left.untried).collect();
        let done: Vec<_> = ids.iter().filter(|id| !staying.contains(id)).cloned().collect();
        self.unpublished.forget(&done).await?;
        for id in &later {
            self.unpublished.postpone(id, now.checked_add(RETRY).unwrap_or(now)).await?;
        }
        Ok(left.untried.is_empty())
    }

    /// Those of the events that are still there, and the ids of those that can't be read.
    async fn read(&self, ids: &[EventId], now: Timestamp) -> Result<(Vec<Event>, Vec<EventId>), StoreError> {
        let (mut events, mut unreadable) = (Vec::new(), Vec::new());
        for ids in ids.chunks(READS) {
            let read = join_all(ids.iter().map(|id| self.store.event_with_body(id, now))).await;
            for (id, event) in ids.iter().zip(read) {
                match event {
                    Ok(found) => events.extend(found.map(|(event, body)| detailed(event, &body, self.texts))),
                    Err(error @ StoreError::Unavailable { .. }) => return Err(error),
                    Err(error) => {
                        tracing::error!(event = %id, error = chain(&error), "a kept event could not be read; it stays pending");
                        unreadable.push(id.clone());
                    }
                }
            }
        }
        Ok((events, unreadable))
    }
}
