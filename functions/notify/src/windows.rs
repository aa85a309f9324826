//! Windows: the first failure of a fingerprint is alerted at once and opens a window. Further failures while it is open
//! arrive in one summary when it closes.
//!
//! A window covers a stretch of the time at which events were received, and its summary is counted from the failures
//! index over that stretch. A failure is left to a window by a write to it, and a window closes by a write on condition
//! that nothing was left to it since it was read: so each failure either opened its window with an alert or lies in
//! the stretch of a summary still to come.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use shared::event::Event;
use shared::failure::FailureClass;
use shared::outbox::PENDING;
use shared::store::Seen;

use crate::signal::{Scope, Severity, Signal};
use crate::state::State;

/// The `kind` of a window's state.
pub(crate) const KIND: &str = "window";
/// The longest window.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// How long after its end a window is summed up: the index and the stream lag by less.
const SETTLE: SignedDuration = SignedDuration::from_secs(10);
/// How long a summary waits for the failures index to show the failures left to the window.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// A failure that was not handled yet.
#[derive(Debug, Clone)]
pub struct Failed<'e> {
    /// Its signal.
    pub signal: Signal,
    /// The first event that reported it.
    pub event: &'e Event,
    /// Its position in the failures index.
    pub seen: Seen,
}

/// A window, open or closed.
#[derive(Debug, Clone)]
pub struct Window {
    /// The class of its failures.
    pub class: FailureClass,
    /// Their scope.
    pub scope: Scope,
    /// Their severity.
    pub severity: Severity,
    /// The start of its summary's range in the failures index.
    pub from: Seen,
    /// The end of that range.
    pub closes: Timestamp,
    length: SignedDuration,
    /// The failure whose alert opened it.
    pub first: String,
    /// The position of the last failure left to it.
    newest: Option<Seen>,
    /// The positions of failures too late for the summary before, which covered everything around them.
    late: BTreeSet<Seen>,
    open: bool,
}

/// The most late failures that are counted one by one. Beyond this many, the next summary recounts from the earliest:
/// better twice than never.
const LATE: usize = 50;

/// The key of a fingerprint's window.
pub(crate) fn key(fingerprint: &str) -> String {
    format!("window#{fingerprint}")
}

impl Window {
    /// A window that this failure opens. It starts behind the range of the window before: a failure that was received long
    /// ago must not make later ones be alerted again.
    #[must_use]
    pub fn opened(failed: &Failed<'_>, before: Option<&Self>, length: SignedDuration, now: Timestamp) -> Self {
        let covered = before.map(|before| before.from.clone());
        Self {
            class: failed.signal.class,
            scope: failed.signal.scope.clone(),
            severity: failed.signal.severity,
            from: covered.map_or_else(|| failed.seen.clone(), |covered| covered.max(failed.seen.clone())),
            closes: now.checked_add(length).unwrap_or(now),
            length,
            first: failed.signal.id.clone(),
            newest: None,
            late: BTreeSet::new(),
            open: true,
        }
    }

    /// The fingerprint of its failures.
    pub(crate) fn fingerprint(&self) -> String {
        format!("{}#{}", self.class.as_str(), self.scope)
    }

    /// How long it stays open the next time.
    pub(crate) fn longer(&self) -> SignedDuration {
        (self.length * 2).min(LONGEST.max(self.length))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether its summary is due.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.open && self.due() <= now
    }

    fn due(&self) -> Timestamp {
        self.closes.checked_add(SETTLE.min(self.length / 4)).unwrap_or(self.closes)
    }

    /// Leaves failures to it.
    pub(crate) fn leave(&mut self, failures: &[Failed<'_>]) {
        for Failed { seen, .. } in failures {
            self.newest = self.newest.take().max(Some(seen.clone()));
            if *seen < self.from {
                self.late.insert(seen.clone());
            }
        }
        if self.late.len() > LATE
            && let Some(earliest) = std::mem::take(&mut self.late).pop_first()
        {
            self.from = earliest;
        }
    }

    /// The ranges of the failures index that its summary covers; None if nothing was left to it.
    pub(crate) fn stretches(&self) -> Option<Vec<RangeInclusive<Seen>>> {
        self.newest.as_ref()?;
        let late = self.late.iter().map(|seen| seen.clone()..=seen.clone());
        Some(late.chain([self.from.clone()..=Seen::before(self.closes)]).collect())
    }

    /// Whether the index does not show all failures left to the window yet, and is worth waiting for.
    pub(crate) fn is_ahead_of(&self, last_in_index: Option<&Seen>, now: Timestamp) -> bool {
        let end = Seen::before(self.closes);
        let told = self.newest.as_ref().filter(|newest| **newest < end);
        let waited = now.duration_since(self.closes);
        told.is_some_and(|told| last_in_index.is_none_or(|last| last < told)) && waited < PATIENCE
    }

    /// Closes for good: nothing was left to it.
    pub(crate) fn close(&mut self) {
        self.open = false;
        self.from = Seen::before(self.closes).max(self.from.clone());
    }

    /// Opens again behind its end, for longer, because it keeps filling.
    pub(crate) fn reopen(&mut self, now: Timestamp) {
        let end = Seen::before(self.closes);
        self.length = self.longer();
        self.newest = self.newest.take().filter(|newest| *newest >= end);
        self.late.clear();
        self.closes = now.max(self.closes).checked_add(self.length).unwrap_or(self.closes);
        self.from = end;
    }

    /// Reads it back; None where there is none yet, or in another form.
    pub(crate) fn read(state: &State) -> Option<Self> {
        let late = state.text("late").into_iter().flat_map(str::split_whitespace);
        Some(Self {
            class: state.text("class")?.parse().ok()?,
            scope: state.text("scope")?.parse().ok()?,
            severity: state.text("severity")?.parse().ok()?,
            from: state.text("from")?.parse().ok()?,
            closes: state.time("closes")?,
            length: SignedDuration::from_secs(state.text("seconds")?.parse().ok()?),
            first: state.text("first")?.to_owned(),
            newest: state.text("newest").map(str::parse).transpose().ok()?,
            late: late.map(str::parse).collect::<Result<_, _>>().ok()?,
            open: state.text(PENDING).is_some(),
        })
    }

    /// Writes it down.
    pub(crate) fn write(&self, state: &mut State) {
        state.set("class", Some(self.class.as_str().to_owned()));
        state.set("scope", Some(self.scope.to_string()));
        state.set("severity", Some(self.severity.as_str().to_owned()));
        state.set("from", Some(self.from.to_string()));
        state.set_time("closes", Some(self.closes));
        state.set("seconds", Some(self.length.as_secs().to_string()));
        state.set("first", Some(self.first.clone()));
        state.set("newest", self.newest.as_ref().map(ToString::to_string));
        let late = self.late.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        state.set("late", Some(late).filter(|late| !late.is_empty()));
        state.set(PENDING, self.open.then(|| KIND.to_owned()));
        state.set_time("due", self.open.then(|| self.due()));
    }
}
