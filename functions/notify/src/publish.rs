//! Publishing events and records so that none is lost: what the topic did not take is kept, and the schedule publishes it.
//! The same may be published twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use shared::log::chain;
use shared::metric::Gauges;
use shared::outbox::OutboxError;
use shared::store::{Store, StoreError};

use crate::Error;
use crate::metric;
use crate::origin::Origin;
use crate::stored::{Texts, detailed};
use crate::topic::{EventsTopic, Message};
use crate::unpublished::Unpublished;

/// How much of what is kept is published together: ten batches of the topic's.
const PAGE: i32 = 100;
/// After this long a tick leaves the rest to the next one: well within the function's time-out, after the alerts.
const TICK_TIME: Duration = Duration::from_secs(20);
/// How many of the kept are read at the same time, each over a connection of its own.
const READS: usize = 10;
/// When a message that SNS refused by itself is due again: its fault does not pass soon.
const RETRY: SignedDuration = SignedDuration::from_mins(10);

/// The topic, and the two tables behind it.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) topic: EventsTopic,
    pub(crate) unpublished: Unpublished,
    pub(crate) store: Store,
    pub(crate) texts: Texts,
    pub(crate) gauges: Gauges,
}

impl Publisher {
    /// Publishes messages, and keeps the origins of those that SNS did not take.
    ///
    /// # Errors
    /// [`OutboxError`] when these could not be kept: the batch must be sent again.
    pub(crate) async fn publish(
        &self,
        messages: impl Iterator<Item = Message>,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let left = self.topic.publish(messages).await;
        self.unpublished.keep(&[left.refused, left.untried].concat(), now).await
    }

    /// Publishes what is kept until nothing is left, SNS does not answer, or the time is over. Two calls at a time may publish
    /// the same twice; it is forgotten only after SNS took it.
    ///
    /// # Errors
    /// [`Error`] when a table did not answer.
    pub(crate) async fn tick(&self, now: Timestamp) -> Result<(), Error> {
        let begun = Instant::now();
        let mut from = None;
        while self.topic.is_on() && begun.elapsed() < TICK_TIME {
            let first = from.is_none();
            let page = self.unpublished.waiting(now, from, PAGE).await?;
            if first {
                self.gauges.tell(metric::OLDEST_UNPUBLISHED, metric::age(page.oldest.into_iter(), now), now);
            }
            let answered = self.publish_kept(&page.origins, now).await?;
            from = page.next.filter(|_| answered);
            if from.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Publishes what is kept; false if SNS did not answer.
    async fn publish_kept(&self, kept: &[Origin], now: Timestamp) -> Result<bool, Error> {
        let (messages, unreadable) = self.read(kept, now).await?;
        let left = self.topic.publish(messages.into_iter()).await;
        let later = [left.refused, unreadable].concat();
        let staying: BTreeSet<_> = later.iter().chain(&left.untried).collect();
        let done: Vec<_> = kept.iter().filter(|origin| !staying.contains(origin)).cloned().collect();
        self.unpublished.forget(&done).await?;
        for origin in &later {
            self.unpublished.postpone(origin, now.checked_add(RETRY).unwrap_or(now)).await?;
        }
        Ok(left.untried.is_empty())
    }

    /// The messages of those that are still there, and those that can't be read.
    async fn read(&self, kept: &[Origin], now: Timestamp) -> Result<(Vec<Message>, Vec<Origin>), StoreError> {
        let (mut messages, mut unreadable) = (Vec::new(), Vec::new());
        for some in kept.chunks(READS) {
            let read = join_all(some.iter().map(|origin| self.message(origin, now))).await;
            for (origin, message) in some.iter().zip(read) {
                match message {
                    Ok(found) => messages.extend(found),
                    Err(error @ StoreError::Unavailable { .. }) => return Err(error),
                    Err(error) => {
                        tracing::error!(%origin, error = chain(&error), "what is kept could not be read; it stays pending");
                        unreadable.push(origin.clone());
                    }
                }
            }
        }
        Ok((messages, unreadable))
    }

    /// The message of what is there now: a record may have a later version than the one that was kept.
    async fn message(&self, origin: &Origin, now: Timestamp) -> Result<Option<Message>, StoreError> {
        match origin {
            Origin::Event(id) => {
                let found = self.store.event_with_body(id, now).await?;
                let told = |(event, body): (_, Option<Vec<u8>>)| match body {
                    Some(body) => Message::of_event(&detailed(event, &body, self.texts)),
                    None => Message::of_event(&event),
                };
                Ok(found.map(told))
            }
            Origin::Record(id, _) => {
                let found = self.store.record_rows(id, now).await?.ended;
                Ok(found.map(|row| Message { origin: origin.clone(), ..Message::of_ended(id, &row) }))
            }
        }
    }
}
