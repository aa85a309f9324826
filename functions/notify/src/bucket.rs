//! What is told together: the failures of a day that were too few for an incident, and those that a storm of messages held back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::failure::FailureClass;
use shared::key::digest_of;
use shared::name::Family;
use shared::outbox::PENDING;

use crate::incident::Tally;
use crate::signal::Scope;
use crate::state::State;
use crate::text;

/// The `kind` of its state while it holds something.
pub(crate) const KIND: &str = "bucket";
/// The attribute that holds it.
const ATTRIBUTE: &str = "bucket";
/// The lines that are counted each.
const LINES: usize = 100;

/// Failures that are told together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
}

impl Bucket {
    /// Takes failures over.
    pub(crate) fn add(&mut self, key: &str, line: Line, due: Timestamp) {
        self.due = self.due.or(Some(due));
        let full = self.lines.len() >= LINES;
        match self.lines.get_mut(key) {
            Some(known) => known.tally.join(line.tally),
            None if full => self.others += line.tally.number,
            None => drop(self.lines.insert(key.to_owned(), line)),
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
