//! Failures and their windows: what is new is told at once or left to its window, and a window that is over is summed up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use jiff::Timestamp;
use shared::event::Event;
use shared::failure::FailureClass;
use shared::outbox::{OutboxError, Pending};
use shared::store::item;

use crate::balance::{self, Balance};
use crate::send::Delivery;
use crate::state::{Change, TRIES, pause};
use crate::stream::Stored;
use crate::tally::Tally;
use crate::windows::{self, Failed, Window};
use crate::words::Beside;
use crate::{Error, Notify, TICK, TICK_TIME, signal};

impl Notify {
    /// Tells the failures among the events, or leaves them to open windows, and remembers that.
    pub(crate) async fn failures(&self, events: &[Stored], delivery: &mut Delivery) -> Result<(), Error> {
        let failures = self.new_failures(events).await?;
        let ids: Vec<_> = failures.iter().map(|failed| failed.signal.id.clone()).collect();
        let mut groups: BTreeMap<String, Vec<Failed<'_>>> = BTreeMap::new();
        for failed in failures {
            groups.entry(failed.signal.fingerprint()).or_default().push(failed);
        }
        for (fingerprint, group) in groups {
            if let Some(pending) = self.enter(&fingerprint, group).await? {
                delivery.send(&self.sender, &self.states, &pending).await?;
            }
        }
        // Last, so that whatever dies before leaves them new.
        Ok(self.states.remember(&ids, Timestamp::now()).await?)
    }

    /// The failures that were not seen to before, each once, the earliest received first.
    async fn new_failures<'e>(&self, events: &'e [Stored]) -> Result<Vec<Failed<'e>>, OutboxError> {
        let signals = events.iter().filter_map(|stored| {
            let event = &stored.event;
            let signal = signal::of(event, &self.settings.rules)?;
            Some(Failed { signal, event, seen: item::seen(event.received_at, &event.id) })
        });
        let mut failures: Vec<_> = signals.collect();
        failures.sort_by(|a, b| a.seen.cmp(&b.seen));
        let mut ids = BTreeSet::new();
        failures.retain(|failed| ids.insert(failed.signal.id.clone()));
        let known = self.states.known(&ids.into_iter().collect::<Vec<_>>()).await?;
        failures.retain(|failed| !known.contains(&failed.signal.id));
        Ok(failures)
    }

    /// Leaves failures of one fingerprint to their window, or opens it: the alert of that is the caller's to send.
    async fn enter(&self, fingerprint: &str, group: Vec<Failed<'_>>) -> Result<Option<Pending>, OutboxError> {
        let key = windows::key(fingerprint);
        for attempt in 0..TRIES {
            pause(attempt).await;
            let now = Timestamp::now();
            let mut state = self.states.read(&key).await?;
            let known = Window::read(&state);
            // A batch that comes again brings the failure that opened the window: it was told.
            let told = |failed: &&Failed<'_>| known.as_ref().is_some_and(|window| window.first == failed.signal.id);
            let group: Vec<_> = group.iter().filter(|failed| !told(failed)).cloned().collect();
            let Some((first, rest)) = group.split_first() else { return Ok(None) };
            let (window, alert) = match known {
                Some(mut window) if window.is_open() => {
                    window.leave(&group);
                    (window, None)
                }
                before => {
                    let mut window = Window::opened(first, before.as_ref(), self.settings.window, now);
                    window.leave(rest);
                    let id = format!("alert#{fingerprint}#{}", first.seen);
                    let beside = self.beside(first, now).await?;
                    (window, Some(self.words.failure(id, first.event, &first.signal, &beside)))
                }
            };
            window.write(&mut state);
            if let Change::Made(pending) = self.states.write(&state, alert.as_ref(), now).await? {
                return Ok(pending);
            }
        }
        Err(OutboxError::Contended { doing: "leaving a failure to its window" })
    }

    async fn beside(&self, failed: &Failed<'_>, now: Timestamp) -> Result<Beside, OutboxError> {
        let balance = match failed.signal.class {
            FailureClass::InsufficientBalance => self.last_balance(failed.event).await?,
            _ => None,
        };
        Ok(Beside { balance, window: self.settings.window, now })
    }

    async fn last_balance(&self, event: &Event) -> Result<Option<Balance>, OutboxError> {
        Ok(balance::read(&self.states.read(&balance::key(event)).await?))
    }

    /// Sums up the windows whose time is over.
    pub(crate) async fn close_windows(&self, delivery: &mut Delivery, begun: Instant) -> Result<(), Error> {
        for key in self.states.due(windows::KIND, Timestamp::now(), TICK).await? {
            if begun.elapsed() > TICK_TIME {
                break;
            }
            if let Some(pending) = self.close_window(&key).await? {
                delivery.send(&self.sender, &self.states, &pending).await?;
            }
        }
        Ok(())
    }

    /// Closes a window, for good if nothing was left to it. Where another was faster, the next tick looks again.
    async fn close_window(&self, key: &str) -> Result<Option<Pending>, Error> {
        let now = Timestamp::now();
        let mut state = self.states.read(key).await?;
        let Some(mut window) = Window::read(&state).filter(|window| window.is_due(now)) else { return Ok(None) };
        let alert = match window.stretches() {
            None => {
                window.close();
                None
            }
            Some(stretches) => {
                let mut tally = Tally::default();
                for (from, to) in stretches {
                    let count = |event: &Event| tally.add(event, &window, &self.settings.rules);
                    self.store.failures_between(window.class, (&from, &to), now, count).await?;
                }
                if window.is_ahead_of(tally.last_in_index.as_ref(), now) {
                    tracing::warn!("the failures index is behind; a summary waits for it");
                    return Ok(None);
                }
                let id = format!("summary#{}#{}", window.fingerprint(), window.from);
                let alert = (tally.failed() > 0).then(|| self.words.summary(id, &window, &tally));
                window.reopen(now);
                alert
            }
        };
        window.write(&mut state);
        match self.states.write(&state, alert.as_ref(), now).await? {
            Change::Made(pending) => Ok(pending),
            Change::Raced => Ok(None),
        }
    }
}
