//! What a summary counts: the failures of a fingerprint within a stretch of the failures index, each call or message
//! once, however many events tell of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::entity::{Entity, EntityKind};
use shared::event::Event;
use shared::name::Family;
use shared::store::Seen;

use crate::signal::{self, Severities, Signal};
use crate::windows::Window;

/// How many of the most affected are named.
const NAMED: usize = 3;

/// The count so far.
#[derive(Debug, Default)]
pub struct Tally {
    failures: BTreeSet<String>,
    families: BTreeSet<Family>,
    who: BTreeMap<Entity, usize>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// The last position in the index that was read, of whatever scope.
    pub(crate) last_in_index: Option<Seen>,
}

impl Tally {
    /// Counts an event of the failures index, if it is one of the window's that its first alert did not tell.
    pub(crate) fn add(&mut self, event: &Event, window: &Window, severities: &Severities) {
        self.last_in_index = self.last_in_index.take().max(Some(Seen::of(event)));
        let Some(signal) = signal::of(event, severities) else { return };
        if signal.scope != window.scope || signal.id == window.first {
            return;
        }
        self.count(event, signal);
    }

    /// Counts a failure.
    pub fn count(&mut self, event: &Event, signal: Signal) {
        let at = Some(event.received_at);
        self.first = self.first.map_or(at, |first| at.min(Some(first)));
        self.last = self.last.max(at);
        if !self.failures.insert(signal.id) {
            return;
        }
        self.families.insert(event.family);
        if let Some(who) = who(event) {
            *self.who.entry(who).or_default() += 1;
        }
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.len()
    }

    /// The family that failed; None where there are several.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        let mut families = self.families.iter();
        families.next().copied().filter(|_| families.next().is_none())
    }

    /// When the first and the last of them were received.
    #[must_use]
    pub fn between(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.first?, self.last?))
    }

    /// The most affected, each with its count.
    #[must_use]
    pub fn most(&self) -> Vec<(&Entity, usize)> {
        let mut most: Vec<_> = self.who.iter().map(|(who, count)| (who, *count)).collect();
        most.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        most.truncate(NAMED);
        most
    }

    /// How many different ones were affected.
    #[must_use]
    pub(crate) fn hit(&self) -> usize {
        self.who.len()
    }
}

/// Who was affected: the calling or sending party; of an order, its first number.
fn who(event: &Event) -> Option<Entity> {
    let party = event.from.as_ref().and_then(|party| party.entity.clone());
    let other =
        || event.others.iter().map(|pair| &pair.entity).find(|entity| entity.kind() != EntityKind::Account).cloned();
    party.or_else(other)
}
