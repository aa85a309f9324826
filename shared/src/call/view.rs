//! Calls as the API shows them: JSON derived from these fields, in this order.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::fold::{self, Leg, LegStatus};
use super::outcome::{Attempts, EndedBy, Outcome, Verdict};
use super::told::{MenuStep, Recorded};
use crate::event::{Event, Party};
use crate::failure::{Cause, Failure};
use crate::key::CallId;
use crate::name::Direction;

/// A call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Our id.
    pub id: CallId,
    /// What it came to.
    pub outcome: Outcome,
    /// When its first leg began.
    pub started_at: Option<Timestamp>,
    /// When it was answered, if it was.
    pub answered_at: Option<Timestamp>,
    /// When its last leg ended, once all have.
    pub ended_at: Option<Timestamp>,
    /// Who ended it; null where nothing tells.
    pub ended_by: Option<EndedBy>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What is odd about how its legs went, each said once.
    pub warnings: BTreeSet<&'static str>,
    /// Its legs, in the order in which they began.
    pub legs: Vec<LegView>,
    /// The caller's steps in menus, in the order in which they occurred.
    pub menu: Vec<MenuStep>,
    /// The recordings of it.
    pub recordings: Vec<Recorded>,
    /// Its events, in the order in which they occurred.
    #[serde(skip)]
    pub events: Vec<Event>,
    /// What was tried to reach somebody.
    #[serde(skip)]
    pub attempts: Attempts,
}

/// A leg of a call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LegView {
    /// The provider's id of it.
    pub id: String,
    /// Seen from the platform; null where the provider does not say.
    pub direction: Option<Direction>,
    /// The furthest that it came to.
    pub state: LegStatus,
    /// The calling party.
    pub from: Option<Party>,
    /// The called party.
    pub to: Option<Party>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When the called party was alerted.
    pub rang_at: Option<Timestamp>,
    /// When it was picked up.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long the called party was alerted, in seconds.
    pub ring_seconds: Option<f64>,
    /// How long it lasted from being picked up to its end, in seconds.
    pub talk_seconds: Option<f64>,
    /// The code that it ended with.
    pub cause: Option<Cause>,
    /// The code's name in Q.850 or SIP.
    pub cause_name: Option<&'static str>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What is odd about how it went.
    pub warnings: Vec<&'static str>,
}

impl Call {
    /// Folds the events of one call as it stands at that time; None if none of them is of a call (a recording alone makes
    /// none).
    #[must_use]
    pub fn fold(id: &CallId, mut events: Vec<Event>, now: Timestamp) -> Option<Self> {
        fold::in_order(&mut events);
        let legs = fold::legs(&events, now)?;
        let Verdict { outcome, started_at, answered_at, ended_at, ended_by, failure } =
            Verdict::of(&legs, &events, now);
        let warnings = legs.iter().flat_map(Leg::warnings).collect();
        let attempts = Attempts::of(&legs);
        let legs = legs.into_iter().map(LegView::from).collect();
        Some(Self {
            id: id.clone(),
            outcome,
            started_at,
            answered_at,
            ended_at,
            ended_by,
            failure,
            warnings,
            legs,
            menu: events.iter().filter_map(MenuStep::of).collect(),
            recordings: events.iter().filter_map(Recorded::of).collect(),
            events,
            attempts,
        })
    }

    /// How long somebody was alerted, in seconds. Of an answer elsewhere nobody tells when it was.
    #[must_use]
    pub fn ring_seconds(&self) -> Option<f64> {
        let until = self.answered_at.or(self.ended_at.filter(|_| self.outcome != Outcome::Answered));
        seconds(self.attempts.rang_at, until)
    }

    /// How long somebody talked, in seconds: while any leg towards somebody was answered.
    #[must_use]
    pub fn talk_seconds(&self) -> Option<f64> {
        self.attempts.talk_seconds.filter(|_| self.outcome == Outcome::Answered)
    }

    /// Whether it is over: nothing more is expected of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended_at.is_some() || self.outcome == Outcome::NoEnd
    }
}

impl From<Leg> for LegView {
    fn from(leg: Leg) -> Self {
        let times = leg.times;
        Self {
            started_at: times.started,
            rang_at: times.rang,
            answered_at: times.answered,
            ended_at: times.ended,
            ring_seconds: seconds(times.rang, times.answered.or(times.ended)),
            talk_seconds: seconds(times.answered, times.ended),
            cause_name: leg.ended_by.and_then(Cause::name),
            cause: leg.ended_by,
            warnings: leg.warnings().collect(),
            id: leg.id,
            direction: leg.direction,
            state: leg.status,
            from: leg.from,
            to: leg.to,
            failure: leg.failure,
        }
    }
}

/// The seconds between two times; None where clocks that differ put the later one first.
fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<f64> {
    Some(to?.duration_since(from?).as_secs_f64()).filter(|seconds| *seconds >= 0.0)
}
