//! Silence: a provider that delivered before and has not for a while. The time of its last delivery is written at most
//! once a minute: near enough for a silence of minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use shared::event::{Event, TRIAL};
use shared::name::Provider;
use shared::outbox::{OutboxError, Pending};
use shared::time;

use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::words::Words;

/// How much newer a delivery must be to be worth a write.
const STEP: SignedDuration = SignedDuration::from_mins(1);

/// The watch over the providers.
#[derive(Debug)]
pub(crate) struct Silence {
    states: States,
    words: Words,
    after: Option<SignedDuration>,
    written: LastWritten,
}

impl Silence {
    /// A watch that finds a provider silent after that long without a delivery; None watches no provider.
    pub(crate) fn new(states: States, words: Words, after: Option<SignedDuration>) -> Self {
        Self { states, words, after, written: LastWritten::default() }
    }

    /// Records that the providers of the events deliver, and alerts those that deliver again.
    pub(crate) async fn take(
        &self,
        events: &[Stored],
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        if self.after.is_none() {
            return Ok(());
        }
        for (provider, at) in self.written.news(events.iter().map(|stored| &stored.event)) {
            let decide = |state: &mut State| self.delivers(state, provider, at);
            alerts.extend(self.states.update(&key(provider), "noting a delivery", now, decide).await?);
            self.written.wrote(provider, at);
        }
        Ok(())
    }

    fn delivers(&self, state: &mut State, provider: Provider, at: Timestamp) -> Decision {
        let Some(silent_since) = delivered(state, at) else { return Decision::Unchanged };
        let id = format!("back#{provider}#{}", time::stamp(Some(at)));
        Decision::Changed(silent_since.map(|last| self.words.back(id, provider, last, at)))
    }

    /// Alerts the providers that have fallen silent.
    pub(crate) async fn look(&self, now: Timestamp, alerts: &mut Vec<Pending>) -> Result<(), OutboxError> {
        let Some(after) = self.after else { return Ok(()) };
        for provider in Provider::ALL.iter().copied() {
            let decide = |state: &mut State| self.is_silent(state, provider, after, now);
            alerts.extend(self.states.update(&key(provider), "noting a silence", now, decide).await?);
        }
        Ok(())
    }

    fn is_silent(&self, state: &mut State, provider: Provider, after: SignedDuration, now: Timestamp) -> Decision {
        let Some(last) = falls_silent(state, after, now) else { return Decision::Unchanged };
        let id = format!("silent#{provider}#{}", time::stamp(Some(last)));
        Decision::Changed(Some(self.words.silent(id, provider, last, now)))
    }
}

/// The key of its state.
fn key(provider: Provider) -> String {
    format!("delivery#{provider}")
}

/// When each provider last delivered, as far as this instance of the function wrote it down.
#[derive(Debug, Default)]
struct LastWritten(Mutex<BTreeMap<Provider, Timestamp>>);

impl LastWritten {
    /// The providers among the events, each with its last delivery, that are worth a write.
    fn news<'e>(&self, events: impl Iterator<Item = &'e Event>) -> BTreeMap<Provider, Timestamp> {
        let mut last = BTreeMap::new();
        for event in events.filter(|event| event.kind != TRIAL) {
            let known = last.entry(event.provider()).or_insert(event.received_at);
            *known = event.received_at.max(*known);
        }
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|provider, at| written.get(provider).is_none_or(|written| at.duration_since(*written) >= STEP));
        last
    }

    /// Notes that a write was made.
    fn wrote(&self, provider: Provider, at: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(provider, at);
    }
}

/// Takes over a delivery: None if it is not newer, else since when the provider was silent, if it was said to be.
fn delivered(state: &mut State, at: Timestamp) -> Option<Option<Timestamp>> {
    let last = state.time("last");
    if last.is_some_and(|last| last >= at) {
        return None;
    }
    state.set_time("last", Some(at));
    let silent = state.text("silent").is_some();
    state.set("silent", None);
    Some(last.filter(|_| silent))
}

/// Whether the provider has to be said to be silent, since its last delivery; said once.
fn falls_silent(state: &mut State, after: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    let last = state.time("last").filter(|_| state.text("silent").is_none())?;
    // A delivery that was not worth a write may be newer by up to a step.
    if now.duration_since(last) < after + STEP {
        return None;
    }
    state.set("silent", Some("yes".to_owned()));
    Some(last)
}
