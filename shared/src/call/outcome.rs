//! What a call came to: judged over all its legs and the caller's steps in menus.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::fold::{Leg, LegStatus, is_of_balance, weight};
use crate::event::Event;
use crate::failure::{Cause, Failure, FailureClass};
use crate::name::{Direction, Family, Status, names};

/// What a call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody spoke with somebody.
    Answered,
    /// Nobody picked up.
    NoAnswer,
    /// The called party was busy.
    Busy,
    /// It did not come about for another reason.
    Failed,
    /// The caller hung up first.
    Abandoned,
    /// It is not over, as far as is known.
    InProgress,
    /// Its end was never told.
    NoEnd,
}

names!(Outcome, "outcome": Answered = "answered", NoAnswer = "no_answer", Busy = "busy", Failed = "failed",
    Abandoned = "abandoned", InProgress = "in_progress", NoEnd = "no_end");

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Who called.
    Caller,
    /// Who was called.
    Callee,
    /// Neither: the platform, by command, at a limit, or since something broke.
    Platform,
}

names!(EndedBy, "party": Caller = "caller", Callee = "callee", Platform = "platform");

/// After this long without an event nobody waits for the end of a call any more.
pub const NO_END: SignedDuration = SignedDuration::from_hours(6);

/// What is said of a call as a whole.
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) started_at: Option<Timestamp>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) ended_by: Option<EndedBy>,
    pub(super) failure: Option<Failure>,
}

impl Verdict {
    pub(super) fn of(legs: &[Leg], events: &[Event], now: Timestamp) -> Self {
        let outcome = outcome(legs, events);
        let left = left_in_menu(events);
        let ended = left.is_some() || (!legs.is_empty() && legs.iter().all(|leg| leg.over.is_some()));
        let over = ended && outcome != Outcome::InProgress;
        let last = events.iter().map(|event| event.received_at).max();
        let lost = !over && last.is_some_and(|last| now.duration_since(last) >= NO_END);
        let answered = answering(legs).filter(|leg| is_answered(leg)).filter_map(|leg| leg.times.answered).min();
        // Of failures that weigh the same, the last one counts. An empty balance is named also where somebody spoke before.
        let failing = legs.iter().chain(deciding(legs)).filter_map(|leg| leg.failure.clone());
        let failing = failing.filter(|failure| match outcome {
            Outcome::InProgress | Outcome::NoEnd => false,
            Outcome::Answered | Outcome::Abandoned => is_of_balance(failure),
            Outcome::NoAnswer | Outcome::Busy | Outcome::Failed => true,
        });
        Self {
            outcome: if lost { Outcome::NoEnd } else { outcome },
            started_at: legs.iter().filter_map(|leg| leg.times.started).chain(in_menu(events).next().map(at)).min(),
            answered_at: answered.filter(|_| outcome == Outcome::Answered),
            ended_at: legs.iter().filter_map(|leg| leg.over).chain(left.map(at)).max().filter(|_| over),
            ended_by: ended_by(legs, outcome).filter(|_| over),
            failure: failing.max_by_key(weight),
        }
    }
}

/// The legs towards somebody.
#[derive(Debug, Clone, Copy)]
pub struct Attempts {
    /// How many there are.
    pub number: usize,
    /// When the first one rang; OnSIP, which tells no ringing, tells when it began.
    pub rang_at: Option<Timestamp>,
    /// For how many seconds somebody talked: while any of them was answered. None where nobody tells.
    pub talk_seconds: Option<f64>,
}

impl Attempts {
    pub(super) fn of(legs: &[Leg]) -> Self {
        let tried = || legs.iter().filter(|leg| is_outward(leg));
        let rang = |leg: &Leg| leg.times.rang.or(leg.times.started.filter(|_| leg.direction.is_none()));
        let talked = answering(legs).filter(|leg| is_answered(leg));
        let talks = talked.filter_map(|leg| Some((leg.times.answered?, leg.times.ended?))).collect();
        Self { number: tried().count(), rang_at: tried().filter_map(rang).min(), talk_seconds: together(talks) }
    }
}

/// The seconds in any of these stretches of time.
fn together(mut stretches: Vec<(Timestamp, Timestamp)>) -> Option<f64> {
    stretches.sort();
    let (mut sum, mut until) = (None, Timestamp::MIN);
    for (from, to) in stretches {
        let seconds = to.duration_since(from.max(until)).as_secs_f64().max(0.0);
        sum = Some(sum.unwrap_or_default() + seconds);
        until = until.max(to);
    }
    sum
}

fn is_outward(leg: &Leg) -> bool {
    leg.is(Direction::Out) || (leg.direction.is_none() && !leg.to_menu)
}

/// The legs whose being answered makes the call answered: where there are legs towards somebody, only those, since the
/// platform itself picks up an `in` leg and a leg to a menu.
fn answering(legs: &[Leg]) -> impl Iterator<Item = &Leg> {
    let any = legs.iter().any(is_outward);
    legs.iter().filter(move |leg| !any || is_outward(leg))
}

/// Whether somebody picked the leg up. What the platform itself picks up counts once it has ended in the ordinary way:
/// until then nobody knows whether anyone spoke.
fn is_answered(leg: &Leg) -> bool {
    leg.times.answered.is_some()
        && !leg.to_menu
        && (!leg.is(Direction::In) || (leg.over.is_some() && leg.failure.is_none()))
}

/// Whether a leg of OnSIP's was answered although nobody told of it: what nobody answers ends as failed.
fn ended_unseen(leg: &Leg) -> bool {
    leg.direction.is_none() && !leg.to_menu && leg.status == LegStatus::Ended && leg.times.answered.is_none()
}

/// Whether a leg that nobody answered ended because somebody did elsewhere, be it on a leg of which nobody told.
fn ended_elsewhere(leg: &Leg) -> bool {
    leg.times.answered.is_none() && leg.ended_by.is_some_and(Cause::is_elsewhere)
}

/// In order of what is certain: an answer, the caller's own step in a menu, legs that go on, the caller's giving up, and
/// at last the cause of the leg that ended last.
fn outcome(legs: &[Leg], events: &[Event]) -> Outcome {
    if answering(legs).any(|leg| is_answered(leg) || ended_unseen(leg) || ended_elsewhere(leg)) {
        return Outcome::Answered;
    }
    if left_in_menu(events).is_some() {
        return Outcome::Abandoned;
    }
    // While the caller's leg goes on, a next branch may begin.
    let over = legs.iter().all(|leg| leg.over.is_some()) && !is_sent_on(legs, events);
    let Some(last) = deciding(legs).filter(|_| over) else {
        return Outcome::InProgress;
    };
    if is_abandoned(legs, last) { Outcome::Abandoned } else { of_cause(last) }
}

/// Who ended a call that is over. Of a talk the leg of the one who hung up ends first; a leg without a direction does not tell
/// whose it is.
fn ended_by(legs: &[Leg], outcome: Outcome) -> Option<EndedBy> {
    let by_platform = |leg: &&Leg| leg.is_cut() || leg.ended_by.is_some_and(Cause::is_by_platform);
    if outcome == Outcome::Abandoned {
        return Some(EndedBy::Caller);
    }
    if legs.iter().filter(|leg| leg.over == last_end(legs)).chain(deciding(legs)).any(|leg| by_platform(&leg)) {
        return Some(EndedBy::Platform);
    }
    let of_caller = legs.iter().filter(|leg| leg.is(Direction::In)).filter_map(|leg| leg.times.ended).min()?;
    let talked = |leg: &&Leg| leg.is(Direction::Out) && leg.times.answered.is_some();
    let of_callee = legs.iter().filter(talked).map(|leg| leg.times.ended).max()??;
    match of_caller.cmp(&of_callee) {
        Ordering::Less => Some(EndedBy::Caller),
        Ordering::Equal => None,
        Ordering::Greater => Some(EndedBy::Callee),
    }
}

fn last_end(legs: &[Leg]) -> Option<Timestamp> {
    legs.iter().filter_map(|leg| leg.over).max()
}

/// The leg that a call comes to nothing with: of those that could have been answered, the one that ended last.
fn deciding(legs: &[Leg]) -> Option<&Leg> {
    answering(legs).max_by_key(|leg| leg.over)
}

/// Whether the caller gave up: a code says so, or the caller's leg ended before the last one did. A leg that the platform
/// ended is none that the caller gave up, whatever it says of the legs that it cancels then.
fn is_abandoned(legs: &[Leg], last: &Leg) -> bool {
    let ended_by = |is: fn(Cause) -> bool| move |leg: &Leg| leg.ended_by.is_some_and(is);
    let mut callers = legs.iter().filter(|leg| leg.is(Direction::In));
    if callers.clone().any(ended_by(Cause::is_by_platform)) {
        return false;
    }
    let before = |leg: &Leg| leg.over.is_some() && leg.over < last.over;
    (legs.iter().any(ended_by(Cause::is_given_up)) && last.failure.is_none())
        || (last.is(Direction::Out) && callers.any(before))
}

/// The caller's steps in menus.
fn in_menu(events: &[Event]) -> impl DoubleEndedIterator<Item = &Event> {
    events.iter().filter(|event| event.family == Family::App)
}

/// The caller's last step in a menu, where it was to hang up.
fn left_in_menu(events: &[Event]) -> Option<&Event> {
    in_menu(events).next_back().filter(|event| event.status == Status::Ended)
}

/// Whether the caller's last step in a menu led on to somebody of whom nothing came yet.
fn is_sent_on(legs: &[Leg], events: &[Event]) -> bool {
    let sent = in_menu(events).next_back().filter(|event| event.status == Status::Transferred).map(at);
    let behind = |leg: &Leg, sent| [leg.times.started, leg.times.ended].iter().any(|time| *time >= Some(sent));
    sent.is_some_and(|sent| !legs.iter().any(|leg| !leg.to_menu && behind(leg, sent)))
}

pub(crate) fn at(event: &Event) -> Timestamp {
    event.occurred_at().unwrap_or(event.received_at)
}

/// What a call comes to whose deciding leg, the one that ended last, nobody answered.
fn of_cause(leg: &Leg) -> Outcome {
    use FailureClass as F;
    let Some(failure) = &leg.failure else {
        // An ordinary end of a leg that nobody picked up.
        return Outcome::NoAnswer;
    };
    match failure.class {
        F::Busy => Outcome::Busy,
        F::NoAnswer => Outcome::NoAnswer,
        // OnSIP says of a call that was not answered that it failed, and never why.
        F::Unknown if leg.direction.is_none() && leg.ended_by.is_none() => Outcome::NoAnswer,
        F::InsufficientBalance | F::NotPermitted | F::Rejected | F::InvalidNumber => Outcome::Failed,
        F::Congestion | F::Undelivered | F::Unknown => Outcome::Failed,
    }
}
