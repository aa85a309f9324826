//! The layout of a call on one axis of time, for whoever draws it: where each leg is set up, rings and is talked on, where
//! it ends, and where the marks stand. Positions run from 0 to 1 in the order of the times. A long time in which nothing
//! changes is folded, so that seconds of ringing can be seen beside an hour of talk.

mod axis;

use jiff::Timestamp;
use serde::Deserialize;
use shared::call::LegView;

use self::axis::Axis;
pub use self::axis::{Fold, Tick, lapse};

/// When a leg reached what, as far as anybody tells.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LegTimes {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When the called party was alerted.
    pub rang_at: Option<Timestamp>,
    /// When it was picked up.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How long a call is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// To this time, at which it goes on.
    Now(Timestamp),
    /// To its end, where that is known.
    Ended(Option<Timestamp>),
}

/// What a leg is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It was begun, and nobody is alerted yet.
    Setup,
    /// The called party is alerted.
    Ringing,
    /// It was picked up.
    Talking,
}

/// A phase of a leg, from one position to another. A phase that took no time has none between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Which.
    pub phase: Phase,
    /// Where it begins.
    pub from: f64,
    /// Where the next one begins, or the leg ends.
    pub to: f64,
}

/// What is known of the end of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// When it was.
    Told,
    /// Nothing: the call goes on.
    GoesOn,
    /// Nothing, although the call is over: it is drawn to the end of that.
    Untold,
}

/// Where a leg is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its phases, one behind the other.
    pub segments: Vec<Segment>,
    /// Where it ends; None where no time of it is known.
    pub end: Option<(End, f64)>,
    /// Whether its times come in an order in which nothing happens: clocks differ. It is drawn as if each thing had happened
    /// when the one before it had.
    pub is_disordered: bool,
}

/// A call on its axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// What times are relative to: the first of all.
    pub origin: Option<Timestamp>,
    /// The legs, as they were given.
    pub lanes: Vec<Lane>,
    /// The marks, as they were given; None where no time is known.
    pub marks: Vec<Option<f64>>,
    /// Where times are written, in order.
    pub ticks: Vec<Tick>,
    /// Where the axis is broken, in order.
    pub folds: Vec<Fold>,
}

impl Timeline {
    /// Lays out the legs and the marks of a call.
    #[must_use]
    pub fn of(legs: &[LegTimes], marks: &[Option<Timestamp>], until: Until) -> Self {
        let end = match until {
            Until::Now(now) => Some(now),
            Until::Ended(end) => end,
        };
        let times = legs.iter().flat_map(LegTimes::all).chain(marks.iter().copied()).flatten();
        let known: Vec<_> = times.collect();
        // Of a call without any time nothing is drawn, not even that it goes on.
        let end = end.filter(|_| !known.is_empty());
        let axis = Axis::of(known.into_iter().chain(end).collect());
        Self {
            origin: axis.origin(),
            lanes: legs.iter().map(|leg| leg.lane(&axis, until)).collect(),
            marks: marks.iter().map(|mark| mark.map(|at| axis.position(at))).collect(),
            ticks: axis.ticks(),
            folds: axis.folds(),
        }
    }
}

impl From<&LegView> for LegTimes {
    fn from(leg: &LegView) -> Self {
        Self { started_at: leg.started_at, rang_at: leg.rang_at, answered_at: leg.answered_at, ended_at: leg.ended_at }
    }
}

impl LegTimes {
    fn all(&self) -> [Option<Timestamp>; 4] {
        [self.started_at, self.rang_at, self.answered_at, self.ended_at]
    }

    fn lane(&self, axis: &Axis, until: Until) -> Lane {
        let begun = self.begun();
        let last = begun.last().map(|(_, at)| *at);
        let (end, stop) = match (self.ended_at, until) {
            (Some(ended), _) => (End::Told, Some(ended)),
            (None, Until::Now(now)) => (End::GoesOn, last.map(|_| now)),
            (None, Until::Ended(ended)) => (End::Untold, ended.filter(|_| last.is_some()).or(last)),
        };
        let stop = stop.max(last);
        let nexts = begun.iter().skip(1).map(|(_, at)| Some(*at)).chain([stop]);
        let segments = begun.iter().zip(nexts).filter_map(|((phase, from), to)| {
            Some(Segment { phase: *phase, from: axis.position(*from), to: axis.position(to?) })
        });
        Lane {
            segments: segments.collect(),
            end: stop.map(|stop| (end, axis.position(stop))),
            is_disordered: !self.all().iter().flatten().is_sorted(),
        }
    }

    /// Which phases it went through and when each began, none before the one ahead of it.
    fn begun(&self) -> Vec<(Phase, Timestamp)> {
        let phases =
            [(Phase::Setup, self.started_at), (Phase::Ringing, self.rang_at), (Phase::Talking, self.answered_at)];
        let mut reached = Timestamp::MIN;
        let told = phases.into_iter().filter_map(|(phase, at)| Some((phase, at?)));
        let in_order = told.map(|(phase, at)| {
            reached = reached.max(at);
            (phase, reached)
        });
        in_order.collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
