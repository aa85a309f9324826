//! Silence: a provider that delivered before and has not for a while. Remembered is when it last delivered, at most once a
//! minute: near enough for a silence of minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use shared::event::Event;
use shared::name::Provider;

use crate::state::State;

/// How much newer a delivery is that is worth a write.
const STEP: SignedDuration = SignedDuration::from_mins(1);
/// The type of the deliveries by which an operator tries the stack: they are no sign of the provider.
const TRIAL: &str = "trunkline.test";

/// The key under which it is remembered.
pub(crate) fn key(provider: Provider) -> String {
    format!("delivery#{provider}")
}

/// When each provider last delivered, as far as this instance of the function wrote it down.
#[derive(Debug, Default)]
pub(crate) struct Written(Mutex<BTreeMap<Provider, Timestamp>>);

impl Written {
    /// The providers among the events, each with its last delivery, that are worth a write.
    pub(crate) fn news<'e>(&self, events: impl Iterator<Item = &'e Event>) -> BTreeMap<Provider, Timestamp> {
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
    pub(crate) fn wrote(&self, provider: Provider, at: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(provider, at);
    }
}

/// Takes over a delivery: None if it is not newer, else since when the provider was silent, if it was said to be.
pub(crate) fn delivered(state: &mut State, at: Timestamp) -> Option<Option<Timestamp>> {
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
pub(crate) fn falls_silent(state: &mut State, after: SignedDuration, now: Timestamp) -> Option<Timestamp> {
    let last = state.time("last").filter(|_| state.text("silent").is_none())?;
    // What was not worth a write may be younger by a step.
    if now.duration_since(last) < after + STEP {
        return None;
    }
    state.set("silent", Some("yes".to_owned()));
    Some(last)
}
