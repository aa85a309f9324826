//! How many failed, whom that hit, and when: what a message tells of failures that it does not name.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case::Held;
use crate::text;

/// The ones hit that are counted each.
const HIT: usize = 50;

/// How many failed, whom that hit, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub number: u64,
    /// Whom how often, as far as they are counted.
    pub who: BTreeMap<String, u64>,
    /// When the first of them failed.
    #[serde(with = "text::optional")]
    pub first: Option<Timestamp>,
    /// When the last of them failed.
    #[serde(with = "text::optional")]
    pub last: Option<Timestamp>,
}

impl Tally {
    pub(crate) fn add(&mut self, held: &Held) {
        self.number += 1;
        if let Some(who) = &held.who
            && (self.who.len() < HIT || self.who.contains_key(who))
        {
            *self.who.entry(who.clone()).or_default() += 1;
        }
        let at = Some(held.failed_at);
        self.first = self.first.map_or(at, |first| at.min(Some(first)));
        self.last = self.last.max(at);
    }

    /// Takes another over.
    pub(crate) fn join(&mut self, other: Self) {
        self.number += other.number;
        for (who, count) in other.who {
            if self.who.len() < HIT || self.who.contains_key(&who) {
                *self.who.entry(who).or_default() += count;
            }
        }
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }

    pub(crate) fn take(&mut self, held: &Held) {
        self.number = self.number.saturating_sub(1);
        if let Some(count) = held.who.as_ref().and_then(|who| self.who.get_mut(who)) {
            *count = count.saturating_sub(1);
        }
        self.who.retain(|_, count| *count > 0);
    }

    /// Those hit, the most affected first.
    #[must_use]
    pub fn most(&self) -> Vec<(&str, u64)> {
        let mut most: Vec<_> = self.who.iter().map(|(who, count)| (who.as_str(), *count)).collect();
        most.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        most
    }
}
