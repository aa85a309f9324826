//! Failures and their windows: a new failure is alerted at once or left to its window, and a closing window is summed up.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use shared::event::Event;
use shared::failure::FailureClass;
use shared::outbox::{OutboxError, Pending};
use shared::store::{Seen, Store};

use crate::balance::{self, Balance};
use crate::signal::{self, Severities};
use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::tally::Tally;
use crate::windows::{self, Failed, Window};
use crate::words::{Context, Words};
use crate::{Error, TICK};

/// The failures that events report, and their state.
#[derive(Debug)]
pub(crate) struct Failures {
    pub(crate) states: States,
    pub(crate) store: Store,
    pub(crate) words: Words,
    pub(crate) severities: Severities,
    pub(crate) window: SignedDuration,
}

impl Failures {
    /// Alerts the failures among the events or leaves them to open windows, and remembers them as seen.
    pub(crate) async fn take(
        &self,
        events: &[Stored],
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        let failures = self.new_failures(events).await?;
        let ids: Vec<_> = failures.iter().map(|failed| failed.signal.id.clone()).collect();
        let mut groups: BTreeMap<String, Vec<Failed<'_>>> = BTreeMap::new();
        for failed in failures {
            groups.entry(failed.signal.fingerprint()).or_default().push(failed);
        }
        for (fingerprint, group) in groups {
            alerts.extend(self.enter(&fingerprint, &group, now).await?);
        }
        // Last, so that a crash before this leaves them new.
        self.states.remember(&ids, now).await
    }

    /// The failures that were not handled before, each once, the earliest received first.
    async fn new_failures<'e>(&self, events: &'e [Stored]) -> Result<Vec<Failed<'e>>, OutboxError> {
        let signals = events.iter().filter_map(|stored| {
            let event = &stored.event;
            let signal = signal::of(event, &self.severities)?;
            Some(Failed { signal, event, seen: Seen::of(event) })
        });
        let mut failures: Vec<_> = signals.collect();
        failures.sort_by(|a, b| a.seen.cmp(&b.seen));
        let mut ids = BTreeSet::new();
        failures.retain(|failed| ids.insert(failed.signal.id.clone()));
        let known = self.states.known(&ids.into_iter().collect::<Vec<_>>()).await?;
        failures.retain(|failed| !known.contains(&failed.signal.id));
        Ok(failures)
    }

    /// Leaves failures of one fingerprint to their window, or opens it with an alert.
    async fn enter(
        &self,
        fingerprint: &str,
        group: &[Failed<'_>],
        now: Timestamp,
    ) -> Result<Option<Pending>, OutboxError> {
        let balance = self.last_balance(group).await?;
        let key = windows::key(fingerprint);
        let enter = |state: &mut State| self.entered(state, group, balance.as_ref(), now);
        self.states.update(&key, "leaving a failure to its window", now, enter).await
    }

    fn entered(&self, state: &mut State, group: &[Failed<'_>], balance: Option<&Balance>, now: Timestamp) -> Decision {
        let known = Window::read(state);
        // A repeated batch brings the failure that opened the window: it was alerted already.
        let told = |failed: &&Failed<'_>| known.as_ref().is_some_and(|window| window.first == failed.signal.id);
        let group: Vec<_> = group.iter().filter(|failed| !told(failed)).cloned().collect();
        let Some((first, rest)) = group.split_first() else { return Decision::Unchanged };
        if let Some(mut window) = known.clone().filter(Window::is_open) {
            window.leave(&group);
            window.write(state);
            return Decision::Changed(None);
        }
        let mut window = Window::opened(first, known.as_ref(), self.window, now);
        window.leave(rest);
        window.write(state);
        let id = format!("alert#{}#{}", window.fingerprint(), first.seen);
        let context = Context { balance: balance.cloned(), window: self.window, now };
        Decision::Changed(Some(self.words.failure(id, first.event, &first.signal, &context)))
    }

    /// The balance last reported of the account, else of the provider, where the failures are due to it.
    async fn last_balance(&self, group: &[Failed<'_>]) -> Result<Option<Balance>, OutboxError> {
        let short = group.iter().find(|failed| failed.signal.class == FailureClass::InsufficientBalance);
        let Some(failed) = short else { return Ok(None) };
        for key in balance::keys(failed.event) {
            if let Some(known) = balance::read(&self.states.read(&key).await?) {
                return Ok(Some(known));
            }
        }
        Ok(None)
    }

    /// The keys of the windows that are due to close.
    pub(crate) async fn due(&self, now: Timestamp) -> Result<Vec<String>, OutboxError> {
        self.states.due(windows::KIND, now, TICK).await
    }

    /// Closes a window, for good if nothing was left to it. Where another writer was faster, the next tick looks again.
    pub(crate) async fn close(&self, key: &str, now: Timestamp) -> Result<Option<Pending>, Error> {
        let mut state = self.states.read(key).await?;
        let Some(mut window) = Window::read(&state).filter(|window| window.is_due(now)) else { return Ok(None) };
        let alert = match window.stretches() {
            None => {
                window.close();
                None
            }
            Some(stretches) => {
                let tally = self.count(&window, stretches, now).await?;
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
        Ok(self.states.write(&state, alert.as_ref(), now).await?.made())
    }

    async fn count(
        &self,
        window: &Window,
        stretches: Vec<RangeInclusive<Seen>>,
        now: Timestamp,
    ) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        for stretch in stretches {
            let count = |event: &Event| tally.add(event, window, &self.severities);
            self.store.failures_between(window.class, &stretch, now, count).await?;
        }
        Ok(tally)
    }
}
