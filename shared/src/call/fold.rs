//! The fold: from the events of a call to what each of its legs went through.
//!
//! In two steps, since what an event says of its leg can be undone by another. First each leg takes in its events in order
//! of occurrence, each of which can only add: a time that is not known yet, a further state, a weightier failure. So it
//! makes no difference in what order they were received. Then each leg is judged by all that it took in.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::entity::{Entity, EntityKind};
use crate::event::{self, Event, Party, Side};
use crate::failure::{Cause, Failure, FailureClass};
use crate::key::{Partition, Subject};
use crate::name::{Direction, Family, Provider, Status, names};

/// How far a leg came, in this order: the furthest counts, whichever event was received last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegStatus {
    /// Begun.
    Started,
    /// The called party is being alerted.
    Ringing,
    /// Picked up.
    Answered,
    /// Sent on to another party.
    Transferred,
    /// Over.
    Ended,
    /// Over, and it did not come about.
    Failed,
}

names!(LegStatus, "state of a leg": Started = "started", Ringing = "ringing", Answered = "answered",
    Transferred = "transferred", Ended = "ended", Failed = "failed");

impl LegStatus {
    /// What an event's status says of its leg; None where it says nothing.
    fn of(status: Status) -> Option<Self> {
        match status {
            Status::Started => Some(Self::Started),
            Status::Ringing => Some(Self::Ringing),
            Status::Answered => Some(Self::Answered),
            Status::Transferred => Some(Self::Transferred),
            Status::Ended => Some(Self::Ended),
            Status::Failed => Some(Self::Failed),
            Status::Queued | Status::Sent | Status::Delivered | Status::Received => None,
            Status::Partial | Status::Succeeded | Status::Info => None,
        }
    }
}

/// When a leg reached what.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Times {
    pub(super) started: Option<Timestamp>,
    pub(super) rang: Option<Timestamp>,
    pub(super) answered: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
}

/// A leg, and what it went through.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: String,
    pub(super) direction: Option<Direction>,
    pub(super) status: LegStatus,
    pub(super) from: Option<Party>,
    pub(super) to: Option<Party>,
    pub(super) times: Times,
    pub(super) ended_by: Option<Cause>,
    pub(super) failure: Option<Failure>,
    /// Whether the called party is a menu of the platform's.
    pub(super) to_menu: bool,
    /// The call that its parent began; None where it has no parent. Of OnSIP's legs each belongs to its stream.
    parent: Option<Partition>,
    /// When it ended, or is taken to have ended.
    pub(super) over: Option<Timestamp>,
}

/// After this long nothing more is expected of the children of a leg that ended.
const CHILDREN: SignedDuration = SignedDuration::from_mins(2);

/// Puts the events into the order in which they occurred, each once.
pub(crate) fn in_order(events: &mut Vec<Event>) {
    events.sort_by(|a, b| (a.occurred_at(), &a.id).cmp(&(b.occurred_at(), &b.id)));
    events.dedup_by(|a, b| a.id == b.id);
}

/// The legs of the events, which stand in order, by when they began; None where no event is of a call or of a menu.
pub(super) fn legs(events: &[Event], now: Timestamp) -> Option<Vec<Leg>> {
    let mut legs = Legs::default();
    for event in events.iter().filter(|event| event.family == Family::Call) {
        if let Some(status) = LegStatus::of(event.status) {
            legs.take(event, status);
        }
    }
    let menus = Menus::of(events);
    let Legs { mut legs, .. } = legs;
    if legs.is_empty() && !events.iter().any(|event| event.family == Family::App) {
        return None;
    }
    for leg in &mut legs {
        leg.to_menu = leg.reaches(&menus);
        leg.judge();
    }
    close(&mut legs, now);
    // Of two that began at once, what came to the platform led to what left it.
    legs.sort_by_key(|leg| (leg.times.started.or(leg.times.ended), leg.is(Direction::Out)));
    Some(legs)
}

/// Says when each leg was over. A child does not outlive its parent: once all legs without a parent have ended, one whose end
/// never came is taken to have ended with its own. A stream of OnSIP's is no leg and has no end.
fn close(legs: &mut [Leg], now: Timestamp) {
    let roots = || legs.iter().filter(|leg| leg.parent.is_none());
    let settled = roots().all(|root| root.times.ended.is_some_and(|ended| now.duration_since(ended) >= CHILDREN));
    let ends: HashMap<_, _> = roots().filter_map(|root| Some((root.call(), root.times.ended?))).collect();
    let last = ends.values().max().copied();
    for leg in legs {
        let of_parent = || ends.get(leg.parent.as_ref()?).copied().or(last);
        leg.over = leg.times.ended.or_else(|| of_parent().filter(|_| settled));
    }
}

/// The legs so far, in the order in which they were first told of.
#[derive(Default)]
struct Legs {
    legs: Vec<Leg>,
    /// The places of those of one id: there may be thousands of ids.
    places: HashMap<String, Vec<usize>>,
}

impl Legs {
    /// Lets the leg that an event is about take it in.
    fn take(&mut self, event: &Event, status: LegStatus) {
        let leg = event.leg.clone().unwrap_or(event::Leg { id: String::new(), direction: None });
        let place = self.place_of(&leg, event).unwrap_or_else(|| {
            self.places.entry(leg.id.clone()).or_default().push(self.legs.len());
            self.legs.push(Leg::new(leg));
            self.legs.len() - 1
        });
        if let Some(leg) = self.legs.get_mut(place) {
            leg.take(event, status);
        }
    }

    /// The place of the leg that an event is about. A proxy that forks gives every branch the same id: where the provider
    /// says no direction, the party called tells the branches apart, and a beginning after an end is another branch. An event
    /// whose party began no branch is about the one that is still open.
    fn place_of(&self, leg: &event::Leg, event: &Event) -> Option<usize> {
        let places = self.places.get(&leg.id)?;
        if leg.direction.is_some() {
            return places.first().copied();
        }
        let last = |is: &dyn Fn(&Leg) -> bool| {
            places.iter().rev().copied().find(|place| self.legs.get(*place).is_some_and(is))
        };
        let (begins, at) = (event.status == Status::Started, event.occurred_at());
        let open = |known: &Leg| known.times.ended.is_none();
        let over = |known: &Leg| {
            let resumed = matches!(event.status, Status::Started | Status::Ringing | Status::Answered);
            known.times.answered.is_none() && resumed && known.times.ended < at && !open(known)
        };
        let of_party = |known: &Leg| !over(known) && raw(&known.to) == raw(&event.to);
        last(&of_party).or_else(|| last(&open).filter(|_| !begins))
    }
}

fn raw(party: &Option<Party>) -> Option<&str> {
    party.as_ref().map(|party| party.raw.as_str())
}

/// The menus of a call: by their addresses, and by the legs on which they were played.
struct Menus<'e> {
    addresses: BTreeSet<&'e str>,
    legs: BTreeSet<&'e str>,
}

impl<'e> Menus<'e> {
    fn of(events: &'e [Event]) -> Self {
        let menus = || events.iter().filter(|event| event.family == Family::App);
        Self {
            addresses: menus().filter_map(|event| event.on(Side::To)).map(Entity::value).collect(),
            legs: menus().filter_map(|event| Some(event.leg.as_ref()?.id.as_str())).collect(),
        }
    }
}

/// Of several failures the one to name: the balance before everything, a known class before an unknown.
pub(crate) fn weight(failure: &Failure) -> u8 {
    match failure.class {
        FailureClass::InsufficientBalance => 2,
        FailureClass::NotPermitted | FailureClass::Busy | FailureClass::NoAnswer | FailureClass::Rejected => 1,
        FailureClass::InvalidNumber | FailureClass::Congestion | FailureClass::Undelivered => 1,
        FailureClass::Unknown => 0,
    }
}

/// Whether something failed because the balance was empty.
pub(super) fn is_of_balance(failure: &Failure) -> bool {
    failure.class == FailureClass::InsufficientBalance
}

impl Leg {
    fn new(leg: event::Leg) -> Self {
        Self {
            id: leg.id,
            direction: leg.direction,
            status: LegStatus::Started,
            from: None,
            to: None,
            times: Times::default(),
            ended_by: None,
            failure: None,
            to_menu: false,
            parent: None,
            over: None,
        }
    }

    /// The call that it begins where it has no parent.
    fn call(&self) -> Partition {
        Partition::new(Provider::Opentact, Subject::Call, &self.id)
    }

    pub(super) fn is(&self, direction: Direction) -> bool {
        self.direction == Some(direction)
    }

    /// Takes in one event; the events come in order of occurrence, and the first of several that say the same counts: a
    /// leg ends when it is hung up, and not when the platform forgets it.
    fn take(&mut self, event: &Event, status: LegStatus) {
        self.direction = self.direction.or(event.leg.as_ref().and_then(|leg| leg.direction));
        let call = event.id.partition();
        self.parent = self.parent.take().or_else(|| (*call != self.call()).then(|| call.clone()));
        self.from = self.from.take().or_else(|| event.from.clone());
        self.to = self.to.take().or_else(|| event.to.clone());
        if let Some(time) = self.times.of(status) {
            *time = time.or(event.occurred_at()).or(Some(event.received_at));
        }
        self.times.answered = self.times.answered.or(event.answered_at);
        self.status = self.status.max(status);
        self.ended_by = self.ended_by.or(event.cause);
        if self.failure.as_ref().map(weight) < event.failure.as_ref().map(weight) {
            self.failure.clone_from(&event.failure);
        }
    }

    /// Whether the leg led to a menu: by its address, or by a number, where the menu was played on the leg.
    fn reaches(&self, menus: &Menus<'_>) -> bool {
        let called = self.to.as_ref().and_then(|party| party.entity.as_ref());
        called.is_some_and(|called| {
            menus.addresses.contains(called.value())
                || (called.kind() == EntityKind::PhoneNumber && menus.legs.contains(self.id.as_str()))
        })
    }

    /// Judges what the events told one by one. A leg that somebody answered has not failed to come about, whatever code it
    /// ended with; an `in` leg that the platform picked up has only where a talk was cut or a limit ended it. The balance
    /// stays told.
    fn judge(&mut self) {
        let dropped = self.ended_by.is_some_and(Cause::is_drop) && !self.is_unpaid();
        let tells = !self.is(Direction::In) || dropped || self.ended_by.is_some_and(Cause::is_limit);
        if self.times.answered.is_none() || !tells {
            return;
        }
        self.failure = self.failure.take().filter(is_of_balance);
        self.status = self.status.min(LegStatus::Ended);
    }

    fn is_unpaid(&self) -> bool {
        self.failure.as_ref().is_some_and(is_of_balance)
    }

    /// Whether a talk ended that neither side ended. Whether anybody spoke on an `in` leg that an empty balance ended, its
    /// other leg says.
    pub(super) fn is_cut(&self) -> bool {
        let cut = if self.is_unpaid() { !self.is(Direction::In) } else { self.ended_by.is_some_and(Cause::is_drop) };
        self.times.answered.is_some() && cut
    }

    /// What is odd about how it went.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &'static str> {
        self.is_cut().then_some("the talk was cut").into_iter()
    }
}

impl Times {
    /// The time at which that state is reached; a transfer has none.
    fn of(&mut self, status: LegStatus) -> Option<&mut Option<Timestamp>> {
        match status {
            LegStatus::Started => Some(&mut self.started),
            LegStatus::Ringing => Some(&mut self.rang),
            LegStatus::Answered => Some(&mut self.answered),
            LegStatus::Transferred => None,
            LegStatus::Ended | LegStatus::Failed => Some(&mut self.ended),
        }
    }
}
