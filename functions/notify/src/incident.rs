//! An incident: failures of a class and scope, from the first evidence to the end. Pure: what it is told, and what it tells then.
//!
//! Failures gather until there are enough of them. Then the incident opens with a message, and while it is open a summary comes at the
//! end of each window in which more failed. It is over when calls of its scope come about again and none failed for a while. Each
//! failure is noted under the message that tells of it; a failure of the last seconds waits, since the call may yet be answered.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::failure::FailureClass;
use shared::key::digest_of;
use shared::name::{Family, Provider};
use shared::outbox::listed::GENERATION;
use shared::outbox::{PENDING, Part};

use crate::bucket::Line;
use crate::case::{Case, Held};
use crate::signal::{Scope, Severity};
use crate::state::State;
use crate::tally::Tally;
use crate::text;

/// The `kind` of an incident's state while it has something to do.
pub(crate) const KIND: &str = "incident";
/// Failures are evidence of an incident for this long.
pub(crate) const EVIDENCE: SignedDuration = SignedDuration::from_mins(10);
/// The longest window.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// A failure is certain after this long: until then an event that came late may tell that the call was answered.
const SETTLE: SignedDuration = SignedDuration::from_secs(20);
/// An incident ends after this long without a failure, though nothing came about.
const QUIET: SignedDuration = SignedDuration::from_hours(24);
/// The failures of which each is said something; of the others only the number, and whom they hit.
const HELD: usize = 60;

/// An incident.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Incident {
    /// The class of its failures.
    #[serde(with = "text")]
    pub class: FailureClass,
    /// What failed.
    #[serde(with = "text")]
    pub family: Family,
    /// Their scope.
    #[serde(with = "text")]
    pub scope: Scope,
    /// The provider.
    #[serde(with = "text")]
    pub provider: Provider,
    /// How urgently its opening was told, or will be.
    #[serde(with = "text")]
    pub severity: Severity,
    /// How many incidents of this class and scope were over before it.
    generation: u64,
    /// How many messages it has sent.
    pub(crate) messages: u64,
    /// The failures that the next message tells of.
    pub next: Tally,
    /// Those of them of which something is said.
    pub held: Vec<Held>,
    /// How many failures its messages told of.
    pub told: u64,
    /// When it opened; None while failures gather.
    #[serde(with = "text::optional")]
    pub opened_at: Option<Timestamp>,
    /// When the first of its failures was.
    #[serde(with = "text::optional")]
    pub began_at: Option<Timestamp>,
    /// When it was last decided that something failed.
    #[serde(with = "text::optional")]
    pub failed_at: Option<Timestamp>,
    /// When the window ends.
    #[serde(with = "text::optional")]
    closes: Option<Timestamp>,
    /// The window's length in seconds.
    window: i64,
    /// How many came about since the last failure, and up to when that was looked for.
    pub through: u64,
    #[serde(with = "text::optional")]
    pub(crate) looked_to: Option<Timestamp>,
    /// When the last of its failures was, as the provider tells; until there is one, that of the incident before.
    #[serde(with = "text::optional", default)]
    pub(crate) last_at: Option<Timestamp>,
    /// The message that woke somebody.
    #[serde(default)]
    pub(crate) alarm: Option<String>,
}

/// What an incident has to do at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing yet.
    Nothing,
    /// Enough failed: it may open.
    Open,
    /// What gathered is too old to be evidence: it goes to the digest.
    Release,
    /// The window is over, and more failed.
    More,
    /// Nothing failed for a while and something came about.
    Over,
}

impl Incident {
    /// One that nothing is known of but its first failure.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let signal = &case.signal;
        Self::new(signal.class, signal.family, signal.scope.clone(), (case.provider, signal.severity))
    }

    /// One of calls that nobody answers.
    #[must_use]
    pub fn of_no_answers(provider: Provider) -> Self {
        Self::new(FailureClass::NoAnswer, Family::Call, Scope::Provider(provider), (provider, Severity::Critical))
    }

    fn new(class: FailureClass, family: Family, scope: Scope, (provider, severity): (Provider, Severity)) -> Self {
        Self {
            class,
            family,
            scope,
            provider,
            severity,
            generation: 0,
            messages: 0,
            next: Tally::default(),
            held: Vec::new(),
            told: 0,
            opened_at: None,
            began_at: None,
            failed_at: None,
            closes: None,
            window: 0,
            through: 0,
            looked_to: None,
            last_at: None,
            alarm: None,
        }
    }

    /// The id of the message that it tells next: a digest, since it stands in URLs, and its scope may be a telephone number.
    #[must_use]
    pub fn message(&self) -> String {
        self.nth_message(self.messages)
    }

    /// The id of the message after that.
    pub(crate) fn message_after(&self) -> String {
        self.nth_message(self.messages + 1)
    }

    fn nth_message(&self, nth: u64) -> String {
        let Part { key, generation } = self.part();
        digest_of(format!("{key}#{generation}#{nth}").as_bytes())
    }

    /// The key of its state.
    pub(crate) fn key(&self) -> String {
        crate::signal::key(self.class, self.family, &self.scope)
    }

    /// What its messages are part of.
    #[must_use]
    pub fn part(&self) -> Part {
        Part { key: self.key(), generation: self.generation }
    }

    /// What failed; None where an empty account failed all alike.
    #[must_use]
    pub fn matter(&self) -> Option<Family> {
        matter(self.class, self.family)
    }

    /// The seconds of the window.
    #[must_use]
    pub fn window(&self) -> i64 {
        self.window
    }

    /// Whether nothing failed for so long that it is over once something comes about.
    pub(crate) fn is_quiet(&self, window: SignedDuration, now: Timestamp) -> bool {
        self.is_open() && self.failed_at.is_some_and(|at| now.duration_since(at) >= quiet(window))
    }

    /// Whether its opening was told, and its end was not.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.opened_at.is_some()
    }

    /// Where nothing gathers yet it is as urgent as its first failure: that an outage before it was critical says nothing of it.
    pub(crate) fn begin_as(&mut self, severity: Severity) {
        if !self.is_open() && self.next.number == 0 {
            self.severity = severity;
        }
    }

    /// Takes failures in.
    pub fn add<'h>(&mut self, all: impl IntoIterator<Item = &'h Held>) {
        for held in all {
            self.next.add(held);
            self.last_at = self.last_at.max(Some(held.failed_at));
            if self.held.len() < HELD {
                self.held.push(held.clone());
            }
            if self.failed_at < Some(held.decided_at) {
                self.failed_at = Some(held.decided_at);
                self.looked_to = self.failed_at;
                self.through = 0;
            }
        }
    }

    /// Notes that it goes on.
    pub(crate) fn fails(&mut self, now: Timestamp) {
        (self.failed_at, self.looked_to, self.through) = (Some(now), Some(now), 0);
    }

    /// Takes a failure out that was none; false where it is told already, or nothing is said of it.
    pub fn withdraw(&mut self, id: &str) -> bool {
        let Some(at) = self.held.iter().position(|held| held.id == id) else { return false };
        self.next.take(&self.held.remove(at));
        true
    }

    /// The failures that are certain: all but those of the last seconds.
    pub(crate) fn settled(&self, now: Timestamp, window: SignedDuration) -> u64 {
        let settle = SETTLE.min(window / 4);
        let young = self.held.iter().filter(|held| now.duration_since(held.decided_at) < settle).count();
        self.next.number.saturating_sub(young as u64)
    }

    /// What it has to do, where so many failures open it.
    #[must_use]
    pub fn due(&self, after: u64, window: SignedDuration, now: Timestamp) -> Due {
        let since = |at: Option<Timestamp>| at.map_or(SignedDuration::MAX, |at| now.duration_since(at));
        if !self.is_open() {
            let oldest = self.held.iter().map(|held| held.decided_at).min();
            return if self.settled(now, window) >= after {
                Due::Open
            } else if self.next.number > 0 && since(oldest) >= EVIDENCE {
                Due::Release
            } else {
                Due::Nothing
            };
        }
        if (self.is_quiet(window, now) && self.through > 0) || since(self.failed_at) >= QUIET {
            Due::Over
        } else if self.closes.is_none_or(|closes| closes <= now) && self.settled(now, window) > 0 {
            Due::More
        } else {
            Due::Nothing
        }
    }

    /// Splits off the failures that are not certain yet, at most so many; the next message but one tells of them.
    pub(crate) fn unsettled(&mut self, window: SignedDuration, now: Timestamp) -> Vec<Held> {
        let settle = SETTLE.min(window / 4);
        let (young, certain) =
            std::mem::take(&mut self.held).into_iter().partition(|held| now.duration_since(held.decided_at) < settle);
        self.held = certain;
        let young: Vec<Held> = young;
        young.iter().for_each(|held| self.next.take(held));
        young
    }

    /// Notes that a message told of all that it holds, and goes on with what is not certain yet.
    pub(crate) fn sent(&mut self, left: &[Held]) {
        self.told += self.next.number;
        self.messages += 1;
        self.next = Tally::default();
        self.held.clear();
        let (failed_at, looked_to, through) = (self.failed_at, self.looked_to, self.through);
        self.add(left);
        (self.failed_at, self.looked_to, self.through) = (failed_at, looked_to, through);
    }

    /// Opens it.
    pub(crate) fn open(&mut self, severity: Severity, window: SignedDuration, now: Timestamp) {
        self.severity = severity;
        self.opened_at = self.opened_at.or(Some(now));
        self.began_at = self.began_at.or(self.next.first).or(Some(now));
        self.failed_at = self.failed_at.or(Some(now));
        self.looked_to = self.looked_to.or(Some(now));
        self.window = window.as_secs();
        self.closes = now.checked_add(window).ok();
    }

    /// How long the next window is.
    #[must_use]
    pub fn longer(&self) -> SignedDuration {
        let window = SignedDuration::from_secs(self.window);
        (window * 2).min(LONGEST.max(window))
    }

    /// What is told of it among others.
    pub(crate) fn line(&self, over_at: Option<Timestamp>) -> Line {
        let Self { class, family, scope, next, .. } = self;
        Line { class: *class, family: *family, scope: scope.clone(), tally: next.clone(), over_at }
    }

    /// Notes that others tell of all that it holds. One that is open has its next summary a window later.
    pub(crate) fn set_aside(&mut self, left: &[Held], now: Timestamp) {
        if self.is_open() {
            self.told += self.next.number;
            self.closes = now.checked_add(SignedDuration::from_secs(self.window)).ok();
        }
        self.next = Tally::default();
        self.held.clear();
        self.add(left);
    }

    /// Opens the next window.
    pub(crate) fn go_on(&mut self, now: Timestamp) {
        let longer = self.longer();
        self.window = longer.as_secs();
        self.closes = now.checked_add(longer).ok();
    }

    /// Ends it: what fails from now on gathers for another.
    pub(crate) fn end(&mut self) {
        self.generation += 1;
        (self.messages, self.told, self.through) = (0, 0, 0);
        (self.opened_at, self.began_at, self.failed_at) = (None, None, None);
        (self.looked_to, self.closes, self.alarm) = (None, None, None);
        // What waited to be certain gathers for the next one.
        let left = std::mem::take(&mut self.held);
        self.next = Tally::default();
        self.add(&left);
    }

    /// Reads it back; None where there is none yet, or in another form.
    #[must_use]
    pub(crate) fn read(state: &State) -> Option<Self> {
        serde_json::from_str(state.text(ATTRIBUTE)?).ok()
    }

    /// Writes it down. While it holds something or is open, each tick looks after it.
    pub(crate) fn write(&self, state: &mut State, now: Timestamp) {
        state.set(ATTRIBUTE, serde_json::to_string(self).ok());
        // Who reads its messages sees by this whether it is over.
        state.set(GENERATION, Some(self.generation.to_string()));
        let alive = self.is_open() || self.next.number > 0;
        state.set(PENDING, alive.then(|| KIND.to_owned()));
        state.set_time("due", alive.then_some(now));
    }
}

/// What failed; None where an empty account failed all alike.
pub(crate) fn matter(class: FailureClass, family: Family) -> Option<Family> {
    (class != FailureClass::InsufficientBalance).then_some(family)
}

/// How long nothing may fail before an incident is over.
fn quiet(window: SignedDuration) -> SignedDuration {
    EVIDENCE.min(window * 2 / 3)
}

/// The attribute that holds it.
const ATTRIBUTE: &str = "incident";
