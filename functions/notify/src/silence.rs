//! Silence: a provider that delivered before and has not for a while, or delivers only what can't be read. The time of its last
//! event is written at most once a minute: near enough for a silence of minutes. What leaves no event behind is noted by the
//! functions that receive it, and read here only where no event came.

mod usual;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use shared::event::{Event, TRIAL};
use shared::log::chain;
use shared::mute::Target;
use shared::name::Provider;
use shared::outbox::{Alert, OutboxError, Pending};
use shared::store::{LastDeliveries, Store, StoreError};
use shared::text::digest;
use shared::time;

use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::words::Words;
use usual::{SHORTEST, Usual};

/// How much newer a delivery must be to be worth a write.
const STEP: SignedDuration = SignedDuration::from_mins(1);

/// When a provider that delivers nothing is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilentAfter {
    /// Never: none is watched.
    Off,
    /// After a time that usually has calls, once two weeks are known.
    Usual,
    /// Until then after that long, too.
    Minutes(SignedDuration),
}

impl FromStr for SilentAfter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse::<i64>()) {
            ("off", _) => Ok(Self::Off),
            (_, Ok(0)) => Ok(Self::Usual),
            (_, Ok(minutes @ 5..=44_640)) => Ok(Self::Minutes(SignedDuration::from_mins(minutes))),
            _ => Err("not a number of minutes from 5 to 44640, nor 0, nor off"),
        }
    }
}

/// The watch over the providers.
#[derive(Debug)]
pub(crate) struct Silence {
    states: States,
    store: Store,
    words: Words,
    after: SilentAfter,
    written: LastWritten,
}

/// What a provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    /// It delivers, last at that time.
    Delivers(Timestamp),
    /// Since that time it delivers nothing that can be read.
    Unreadable(Timestamp),
    /// Since that time it delivers nothing.
    Silent(Timestamp),
}

impl Finding {
    /// The text under which it is remembered that it was told.
    fn told(self) -> Option<&'static str> {
        match self {
            Self::Delivers(_) => None,
            Self::Unreadable(_) => Some("unreadable"),
            Self::Silent(_) => Some("yes"),
        }
    }
}

impl Silence {
    /// A watch that finds a provider silent after that.
    pub(crate) fn new(states: States, store: Store, words: Words, after: SilentAfter) -> Self {
        Self { states, store, words, after, written: LastWritten::default() }
    }

    /// Records that the providers of the events deliver, and alerts those that deliver again.
    pub(crate) async fn take(
        &self,
        events: &[Stored],
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        if self.after == SilentAfter::Off {
            return Ok(());
        }
        for (provider, at) in self.written.news(events.iter().map(|stored| &stored.event)) {
            let decide = |state: &mut State| {
                if state.time(LAST).is_some_and(|last| last >= at) {
                    return Decision::Unchanged;
                }
                state.set_time(LAST, Some(at));
                decision(provider, self.tell(state, provider, Finding::Delivers(at), now))
            };
            alerts.extend(self.states.update(&key(provider), "noting a delivery", now, decide).await?);
            self.written.wrote(provider, at);
        }
        Ok(())
    }

    /// Alerts the providers that have fallen silent, and those that deliver again.
    pub(crate) async fn look(&self, now: Timestamp, alerts: &mut Vec<Pending>) -> Result<(), OutboxError> {
        if self.after == SilentAfter::Off {
            return Ok(());
        }
        for provider in Provider::ALL.iter().copied() {
            alerts.extend(self.look_at(provider, now).await?);
        }
        Ok(())
    }

    async fn look_at(&self, provider: Provider, now: Timestamp) -> Result<Option<Pending>, OutboxError> {
        let known = self.states.read(&key(provider)).await?;
        let Some(event) = known.time(LAST) else { return Ok(None) };
        if now.duration_since(event) < SHORTEST && known.text(TOLD).is_none() {
            return Ok(None);
        }
        let finding = match self.find(provider, event, now).await {
            Ok(finding) => finding,
            Err(error) => {
                // The next run looks again.
                tracing::error!(error = chain(&error), "whether a provider delivers could not be read");
                return Ok(None);
            }
        };
        let decide = |state: &mut State| match state.time(LAST) == Some(event) && state.text(TOLD) != finding.told() {
            true => decision(provider, self.tell(state, provider, finding, now)),
            false => Decision::Unchanged,
        };
        self.states.update(&key(provider), "noting a silence", now, decide).await
    }

    async fn find(&self, provider: Provider, event: Timestamp, now: Timestamp) -> Result<Finding, StoreError> {
        let noted = self.store.last_deliveries(provider).await?;
        let since = noted.readable.map_or(event, |noted| noted.max(event));
        let usual = Usual::read(&self.store, provider, since, now).await?;
        Ok(find(event, noted, |last| usual.is_quiet(last, self.after, now)))
    }

    /// Remembers what is found, and returns what is to be told of it.
    fn tell(&self, state: &mut State, provider: Provider, finding: Finding, now: Timestamp) -> Option<Alert> {
        let (told, since) = (state.text(TOLD).map(str::to_owned), state.time(SINCE));
        if told.as_deref() == finding.told() {
            return None;
        }
        state.set(TOLD, finding.told().map(str::to_owned));
        let id = |what: &str, at: Timestamp| format!("{what}-{}", digest(&[provider.as_str(), &time::stamp(Some(at))]));
        let (alert, since) = match finding {
            Finding::Delivers(at) => (self.words.back(id("back", at), provider, since.unwrap_or(at), at), None),
            Finding::Unreadable(since) => {
                (self.words.unreadable(id("unreadable", since), provider, since, now), Some(since))
            }
            Finding::Silent(since) => (self.words.silent(id("silent", since), provider, since, now), Some(since)),
        };
        state.set_time(SINCE, since);
        Some(alert)
    }
}

/// A mute of the whole provider holds its silence back.
fn decision(provider: Provider, alert: Option<Alert>) -> Decision {
    let about = Target { provider: Some(provider), ..Target::default() };
    alert.map_or(Decision::Changed(None), |alert| Decision::Mutable(alert, about))
}

/// When the last event came; what is told and since when that is so, until the provider delivers again.
const LAST: &str = "last";
const TOLD: &str = "silent";
const SINCE: &str = "since";

/// The key of its state.
fn key(provider: Provider) -> String {
    format!("delivery#{provider}")
}

/// What a provider does whose last event came then.
fn find(event: Timestamp, noted: LastDeliveries, is_quiet: impl Fn(Timestamp) -> bool) -> Finding {
    let readable = noted.readable.map_or(event, |noted| noted.max(event));
    let last = noted.quarantined.map_or(readable, |noted| noted.max(readable));
    match (is_quiet(last), is_quiet(readable)) {
        (true, _) => Finding::Silent(last),
        (false, true) => Finding::Unreadable(readable),
        (false, false) => Finding::Delivers(readable),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_delivery_ends_a_silence_and_only_one_that_can_be_read_ends_the_other() {
        let at = |minute: i64| Timestamp::constant(1_793_640_000 + minute * 60, 0);
        let found = |readable: Option<i64>, quarantined: Option<i64>, now: i64| {
            let noted = LastDeliveries { readable: readable.map(at), quarantined: quarantined.map(at) };
            find(at(0), noted, |last| at(now).duration_since(last) > SignedDuration::from_mins(30))
        };
        assert_eq!(found(None, None, 30), Finding::Delivers(at(0)));
        assert_eq!(found(None, None, 31), Finding::Silent(at(0)));
        assert_eq!(found(Some(20), None, 40), Finding::Delivers(at(20)), "a repeat or a probe");
        assert_eq!(found(None, Some(20), 40), Finding::Unreadable(at(0)));
        assert_eq!(found(Some(5), Some(20), 40), Finding::Unreadable(at(5)));
        assert_eq!(found(Some(15), Some(20), 40), Finding::Delivers(at(15)));
        assert_eq!(found(Some(15), Some(20), 51), Finding::Silent(at(20)));
    }
}
