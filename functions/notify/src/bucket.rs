//! What is told together: the failures of a day that were too few for an incident, those that a storm of messages held back, and what was
//! muted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::failure::FailureClass;
use shared::key::digest_of;
use shared::mute::Mute;
use shared::name::Family;
use shared::outbox::{Alert, AlertState, PENDING};

use crate::signal::Scope;
use crate::state::State;
use crate::tally::Tally;
use crate::text;
use crate::together::Aside;

/// The `kind` of its state while it holds something.
pub(crate) const KIND: &str = "bucket";
/// The attribute that holds it.
const ATTRIBUTE: &str = "bucket";
/// The lines that are counted each.
const LINES: usize = 100;
/// The other alerts of which the subject is kept.
const SUBJECTS: usize = 20;

/// Failures that are told together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bucket {
    /// How many messages told of it.
    messages: u64,
    /// What failed, by class and scope.
    pub lines: BTreeMap<String, Line>,
    /// How many failed beyond these lines.
    pub others: u64,
    /// When it is told.
    #[serde(with = "text::optional")]
    pub(crate) due: Option<Timestamp>,
    /// The mute that holds it back.
    pub mute: Option<Mute>,
    /// The other alerts that it held back: the last of each state, by its key.
    pub subjects: BTreeMap<String, Subject>,
}

/// An alert that was held back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subject {
    /// When.
    #[serde(with = "text")]
    pub at: Timestamp,
    /// Its subject.
    pub text: String,
    /// Whether it told a beginning or an end.
    #[serde(with = "text")]
    pub state: AlertState,
}

/// The failures of a class and scope.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The class.
    #[serde(with = "text")]
    pub class: FailureClass,
    /// What failed.
    #[serde(with = "text")]
    pub family: Family,
    /// The scope.
    #[serde(with = "text")]
    pub scope: Scope,
    /// How many.
    pub tally: Tally,
    /// When the last failed of an incident whose end is told here.
    #[serde(default, with = "text::optional")]
    pub over_at: Option<Timestamp>,
}

impl Bucket {
    /// Takes failures over.
    pub(crate) fn add(&mut self, key: &str, line: Line, due: Timestamp) {
        self.due = self.due.or(Some(due));
        let full = self.lines.len() >= LINES;
        match self.lines.get_mut(key) {
            Some(known) => {
                known.tally.join(line.tally);
                known.over_at = line.over_at;
            }
            None if full => self.others += line.tally.number,
            None => drop(self.lines.insert(key.to_owned(), line)),
        }
    }

    /// Remembers the mute, as it is by now.
    pub(crate) fn keep(&mut self, aside: Aside<'_>) {
        if let Aside::Muted(mute) = aside {
            self.mute = Some(mute.clone());
        }
    }

    /// Takes an alert over that tells of no failures, in place of the one before of the state of that key.
    pub(crate) fn hold(&mut self, key: &str, alert: &Alert, now: Timestamp) {
        self.due = self.due.or(Some(now));
        if self.subjects.len() < SUBJECTS || self.subjects.contains_key(key) {
            let state = alert.attributes.state.unwrap_or(AlertState::Open);
            self.subjects.insert(key.to_owned(), Subject { at: now, text: alert.subject.clone(), state });
        }
    }

    /// How many failed.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.others + self.lines.values().map(|line| line.tally.number).sum::<u64>()
    }

    /// The id of the message that tells of it, as that of the state of this key.
    pub(crate) fn message(&self, key: &str) -> String {
        digest_of(format!("{key}#{}", self.messages).as_bytes())
    }

    /// Notes that it was told.
    pub(crate) fn sent(&mut self) {
        *self = Self { messages: self.messages + 1, ..Self::default() };
    }

    /// Reads it back; an empty one where there is none yet, or in another form.
    pub(crate) fn read(state: &State) -> Self {
        state.text(ATTRIBUTE).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Writes it down.
    pub(crate) fn write(&self, state: &mut State) {
        state.set(ATTRIBUTE, serde_json::to_string(self).ok());
        state.set(PENDING, self.due.map(|_| KIND.to_owned()));
        state.set_time("due", self.due);
    }
}
