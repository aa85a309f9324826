//! What a call or a message came to: a record, as lists, counts and consumers show it. It follows from the events alone,
//! in whatever order they came and however often.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::call::{self, Call, LegView, MenuStep, Outcome};
use crate::entity::{Entity, Pair};
use crate::event::{Event, Own, Party, Side};
use crate::failure::Failure;
use crate::key::{IdError, Partition, Subject};
use crate::name::{Direction, Family, Status, names, written_in_json};
use crate::text::cut;

/// The entities that a record names at most, and those of them that are the customer's.
const MAX_ENTITIES: usize = 100;
/// The steps in menus that a record has at most, and the bytes of each.
const MAX_STEPS: usize = 20;
const MAX_STEP: usize = 32;

/// What a call or a message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// A call.
    Call(Outcome),
    /// A message: the furthest that it came to.
    Message(Status),
}

/// Which way a call or a message went, as the customer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// To the customer.
    Inbound,
    /// From the customer.
    Outbound,
    /// From one of the customer's to another.
    Internal,
}

names!(Traffic, "direction": Inbound = "inbound", Outbound = "outbound", Internal = "internal");

/// A record; its JSON is derived from these fields, in this order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The id of the call or message.
    pub id: Partition,
    /// Which writing of it this is, from 1.
    pub version: u32,
    /// What it came to.
    pub outcome: Disposition,
    /// Which way it went; None where nothing tells.
    pub direction: Option<Traffic>,
    /// Those of its entities that are the customer's, in the order in which they took part.
    pub own: Vec<Own>,
    /// Who called or sent.
    pub from: Option<Party>,
    /// Who was called at first, or was sent it.
    pub to: Option<Party>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was answered, if it was.
    pub answered_at: Option<Timestamp>,
    /// When it was over; None where it is not, or where nobody told.
    pub ended_at: Option<Timestamp>,
    /// How long somebody was alerted, in seconds.
    pub ring_seconds: Option<f64>,
    /// How long somebody talked, in seconds: while any leg towards somebody was answered.
    pub talk_seconds: Option<f64>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The legs towards somebody.
    pub attempts: usize,
    /// What the caller entered in menus, in that order.
    pub menu_steps: Vec<String>,
    /// How many recordings of it were told of.
    pub recordings: usize,
    /// How many events it follows from.
    pub events: usize,
    /// The account that it happened in.
    pub account: Option<Entity>,
    /// Every entity that it concerns, each with its category: the parties and their domains, then all others.
    pub entities: Vec<Pair>,
    /// When its first event was received.
    pub received_at: Timestamp,
}

impl Record {
    /// The record of a call.
    #[must_use]
    pub fn of_call(call: &Call) -> Option<Self> {
        let first = call.legs.first();
        let parties = first.map_or_else(|| parties(&call.events), |leg| [leg.from.clone(), leg.to.clone()]);
        // Whoever is tried later, as after a transfer, changes nothing of which way the call went.
        let out = call.legs.iter().find(|leg| leg.direction == Some(Direction::Out));
        let begins = |event: &Event| is_on(event, first);
        let reaches = |event: &Event| is_on(event, first) || out.is_some_and(|out| is_on(event, Some(out)));
        let record = Self::about(call.id.partition(), Disposition::Call(call.outcome), &call.events, parties)?;
        Some(Self {
            direction: direction(&call.events, begins, reaches),
            started_at: call.started_at,
            answered_at: call.answered_at,
            ended_at: call.ended_at,
            ring_seconds: call.ring_seconds(),
            talk_seconds: call.talk_seconds(),
            failure: call.failure.clone(),
            attempts: call.attempts.number,
            menu_steps: call.menu.iter().filter_map(entered).take(MAX_STEPS).collect(),
            recordings: call.recordings.len(),
            ..record
        })
    }

    /// The record of a message; None where no event is of one.
    #[must_use]
    pub fn of_message(id: &Partition, events: &[Event]) -> Option<Self> {
        let mut events: Vec<_> = events.iter().filter(|event| event.family == Family::Sms).cloned().collect();
        call::in_order(&mut events);
        // The first of those that came as far.
        let furthest = events.iter().min_by_key(|event| Reverse(rank(event.status)))?;
        let status = furthest.status;
        let over = !matches!(status, Status::Queued | Status::Started | Status::Info);
        let failures = events.iter().filter(|_| status == Status::Failed).filter_map(|event| event.failure.clone());
        let record = Self::about(id, Disposition::Message(status), &events, parties(&events))?;
        Some(Self {
            direction: direction(&events, |_| true, |_| true),
            started_at: events.iter().map(call::at).min(),
            ended_at: Some(call::at(furthest)).filter(|_| over),
            failure: failures.max_by_key(call::weight),
            ..record
        })
    }

    /// What is said of calls and messages alike.
    fn about(id: &Partition, outcome: Disposition, events: &[Event], [from, to]: [Option<Party>; 2]) -> Option<Self> {
        Some(Self {
            id: id.clone(),
            version: 1,
            outcome,
            direction: None,
            own: own(events),
            entities: entities(events, [&from, &to]),
            from,
            to,
            started_at: None,
            answered_at: None,
            ended_at: None,
            ring_seconds: None,
            talk_seconds: None,
            failure: None,
            attempts: 0,
            menu_steps: Vec::new(),
            recordings: 0,
            events: events.len(),
            account: events.iter().find_map(|event| event.account.clone()),
            received_at: events.iter().map(|event| event.received_at).min()?,
        })
    }

    /// Whether a version says the same, from however many events.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        Self { version: other.version, events: other.events, ..self.clone() } == *other
    }

    /// Whether a version names the same parties, and the same way between them.
    #[must_use]
    pub fn names_the_same(&self, other: &Self) -> bool {
        (&self.from, &self.to, self.direction) == (&other.from, &other.to, other.direction)
    }

    /// Whether nothing more is expected of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended_at.is_some() || self.outcome == Disposition::Call(Outcome::NoEnd)
    }
}

impl Disposition {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Call(outcome) => outcome.as_str(),
            Self::Message(status) => status.as_str(),
        }
    }

    /// The disposition of that name of a call or of a message.
    ///
    /// # Errors
    /// [`IdError`] when it has none of that name.
    pub fn read(subject: Subject, name: &str) -> Result<Self, IdError> {
        match subject {
            Subject::Call => name.parse().map(Self::Call),
            _ => name.parse().map(Self::Message),
        }
        .map_err(|_| IdError)
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

written_in_json!(Disposition);

/// The parties of the first event that names them.
fn parties(events: &[Event]) -> [Option<Party>; 2] {
    [events.iter().find_map(|event| event.from.clone()), events.iter().find_map(|event| event.to.clone())]
}

/// Whether an event is of that leg; without one, any is.
fn is_on(event: &Event, leg: Option<&LegView>) -> bool {
    leg.is_none_or(|leg| event.leg.as_ref().is_some_and(|of_event| of_event.id == leg.id))
}

/// Which way it went. Where it comes from is told by the events that begin it: a call that is forwarded to a stranger leaves the
/// customer's number too. Where it goes to is told by those that reach somebody first.
fn direction(events: &[Event], begins: impl Fn(&Event) -> bool, reaches: impl Fn(&Event) -> bool) -> Option<Traffic> {
    let is_own = |event: &Event, side| event.own.iter().any(|own| own.side == side);
    let from = events.iter().any(|event| begins(event) && is_own(event, Side::From));
    let to = events.iter().any(|event| reaches(event) && is_own(event, Side::To));
    match (from, to) {
        (true, true) => Some(Traffic::Internal),
        (true, false) => Some(Traffic::Outbound),
        (false, true) => Some(Traffic::Inbound),
        (false, false) => None,
    }
}

fn own(events: &[Event]) -> Vec<Own> {
    let mut all: Vec<Own> = Vec::new();
    for own in events.iter().flat_map(|event| &event.own) {
        if all.len() < MAX_ENTITIES && !all.contains(own) {
            all.push(own.clone());
        }
    }
    all
}

fn entities(events: &[Event], parties: [&Option<Party>; 2]) -> Vec<Pair> {
    let all: BTreeSet<_> = events.iter().flat_map(Event::pairs).collect();
    let of_parties: BTreeSet<_> = parties.into_iter().flatten().flat_map(Party::entities).collect();
    let (first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|pair| of_parties.contains(&pair.entity));
    first.into_iter().chain(rest).take(MAX_ENTITIES).collect()
}

/// What the caller entered in a menu.
fn entered(step: &MenuStep) -> Option<String> {
    step.said.entry.as_deref().map(|entry| cut(entry, MAX_STEP).to_owned())
}

/// How far a message came: of several states the furthest counts, whichever was told last.
fn rank(status: Status) -> u8 {
    match status {
        Status::Delivered | Status::Received | Status::Succeeded => 6,
        Status::Partial => 5,
        Status::Failed => 4,
        Status::Sent => 3,
        Status::Queued => 2,
        Status::Started => 1,
        Status::Ringing | Status::Answered | Status::Transferred | Status::Ended | Status::Info => 0,
    }
}

#[cfg(test)]
pub(crate) mod tests;
