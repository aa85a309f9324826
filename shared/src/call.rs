//! A call, folded from its events when it is read.
//!
//! Nothing about a call is stored but its events: late, early, repeated and missing ones need no special case, and no
//! write ever races another.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::entity::Entity;
use crate::event::{Event, Leg, Party};
use crate::failure::{Cause, Failure, FailureClass};
use crate::key::CallId;
use crate::name::{Direction, Family, Status};

/// What a call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
}

/// A call as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Our id.
    pub id: String,
    /// What it came to.
    pub outcome: Outcome,
    /// When its first leg began.
    pub started_at: Option<String>,
    /// When it was answered, if it was.
    pub answered_at: Option<String>,
    /// When its last leg ended, once all have.
    pub ended_at: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Its legs, in the order in which they began.
    pub legs: Vec<LegState>,
    /// Its events, in the order in which they occurred.
    pub events: Vec<Event>,
}

/// A leg of a call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LegState {
    /// The provider's id of it.
    pub id: String,
    /// Seen from the platform: `in` or `out`; null where the provider does not say.
    pub direction: Option<&'static str>,
    /// The furthest that it came to: `started`, `ringing`, `answered`, `transferred`, `ended` or `failed`.
    pub state: &'static str,
    /// The calling party.
    pub from: Option<Party>,
    /// The called party.
    pub to: Option<Party>,
    /// When it began.
    pub started_at: Option<String>,
    /// When the called party was alerted.
    pub rang_at: Option<String>,
    /// When it was picked up.
    pub answered_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// How long the called party was alerted, in seconds.
    pub ring_seconds: Option<f64>,
    /// How long it lasted from being picked up to its end, in seconds.
    pub talk_seconds: Option<f64>,
    /// The code that it ended with.
    pub cause: Option<String>,
    /// The code's name in Q.850 or SIP.
    pub cause_name: Option<&'static str>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What is odd about how it went.
    pub warnings: Vec<String>,
    #[serde(skip)]
    to_menu: bool,
    #[serde(skip)]
    times: Times,
    #[serde(skip)]
    ended_by: Option<Cause>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Times {
    started: Option<Timestamp>,
    rang: Option<Timestamp>,
    answered: Option<Timestamp>,
    ended: Option<Timestamp>,
}

impl Call {
    /// Folds the events of one call; None if none of them is of a call (a recording alone makes none).
    #[must_use]
    pub fn fold(id: &CallId, mut events: Vec<Event>) -> Option<Self> {
        events.sort_by(|a, b| (a.occurred_at(), &a.id).cmp(&(b.occurred_at(), &b.id)));
        events.dedup_by(|a, b| a.id == b.id);
        let mut legs: Vec<LegState> = Vec::new();
        for event in events.iter().filter(|event| moves(event)) {
            let leg = event.leg.clone().unwrap_or(Leg { id: String::new(), direction: None });
            let known = place_of(&legs, &leg, event);
            let index = known.unwrap_or_else(|| {
                legs.push(LegState::new(&leg));
                legs.len() - 1
            });
            if let Some(state) = legs.get_mut(index) {
                state.apply(event);
            }
        }
        let menu = events.iter().any(|event| event.family == Family::App);
        if legs.is_empty() && !menu {
            return None;
        }
        let menus: BTreeSet<_> = events.iter().filter_map(menu_of).collect();
        for leg in &mut legs {
            leg.settle();
            leg.to_menu = leg.to.as_ref().and_then(address).is_some_and(|address| menus.contains(address));
            leg.write_times();
        }
        legs.sort_by_key(|leg| (leg.times.started.or(leg.times.ended), leg.direction == Some("out")));
        let outcome = outcome(&legs, &events);
        let over = !legs.is_empty() && legs.iter().all(|leg| leg.times.ended.is_some());
        let answered = answering(&legs).filter(|leg| is_answered(leg)).filter_map(|leg| leg.times.answered).min();
        let failing = legs.iter().filter(|_| !matches!(outcome, Outcome::Answered | Outcome::InProgress));
        Some(Self {
            id: id.to_string(),
            outcome,
            started_at: text(legs.iter().filter_map(|leg| leg.times.started).min()),
            answered_at: text(answered.filter(|_| outcome == Outcome::Answered)),
            ended_at: text(legs.iter().filter_map(|leg| leg.times.ended).max().filter(|_| over)),
            failure: failing.filter_map(|leg| leg.failure.clone()).max_by_key(weight),
            legs,
            events,
        })
    }
}

/// The place of the leg that an event is about. A proxy that forks gives every branch the same id: where the provider says
/// no direction, the party called tells the branches apart, and a beginning after an end is another branch. An event whose
/// party began no branch is about the one that is still open.
fn place_of(legs: &[LegState], leg: &Leg, event: &Event) -> Option<usize> {
    let same = |known: &LegState| known.id == leg.id;
    if leg.direction.is_some() {
        return legs.iter().position(same);
    }
    let (begins, at) = (event.status == Status::Started, event.occurred_at());
    let called = |party: &Option<Party>| party.as_ref().map(|party| party.raw.clone());
    let open = |known: &LegState| known.times.ended.is_none();
    let over = |known: &LegState| {
        let resumed = matches!(event.status, Status::Started | Status::Ringing | Status::Answered);
        known.times.answered.is_none() && resumed && known.times.ended < at && !open(known)
    };
    let of_party = |known: &LegState| same(known) && !over(known) && called(&known.to) == called(&event.to);
    let place = legs.iter().rposition(of_party);
    place.or_else(|| (!begins).then(|| legs.iter().rposition(|known| same(known) && open(known))).flatten())
}

/// The address of the menu that an event is of.
fn menu_of(event: &Event) -> Option<&str> {
    event.to.as_ref().filter(|_| event.family == Family::App).and_then(address)
}

fn address(party: &Party) -> Option<&str> {
    party.entity.as_ref().map(Entity::value)
}

/// Of several failures the one to name: the balance before everything, a known class before an unknown.
fn weight(failure: &Failure) -> u8 {
    match failure.class {
        FailureClass::InsufficientBalance => 2,
        FailureClass::Unknown => 0,
        _ => 1,
    }
}

/// Whether an event says something about a leg's state.
fn moves(event: &Event) -> bool {
    event.family == Family::Call && event.status != Status::Info
}

impl LegState {
    fn new(leg: &Leg) -> Self {
        Self {
            id: leg.id.clone(),
            direction: leg.direction.map(Direction::as_str),
            state: "started",
            from: None,
            to: None,
            started_at: None,
            rang_at: None,
            answered_at: None,
            ended_at: None,
            ring_seconds: None,
            talk_seconds: None,
            cause: None,
            cause_name: None,
            failure: None,
            warnings: Vec::new(),
            to_menu: false,
            times: Times::default(),
            ended_by: None,
        }
    }

    /// Takes in one event; the events come in order of occurrence, and the first of several that say the same counts.
    fn apply(&mut self, event: &Event) {
        let at = event.occurred_at().or(Some(event.received_at));
        self.direction = self.direction.or(event.leg.as_ref().and_then(|leg| leg.direction).map(Direction::as_str));
        self.from = self.from.take().or_else(|| event.from.clone());
        self.to = self.to.take().or_else(|| event.to.clone());
        let time = match event.status {
            Status::Started => &mut self.times.started,
            Status::Ringing => &mut self.times.rang,
            Status::Answered => &mut self.times.answered,
            Status::Ended | Status::Failed => &mut self.times.ended,
            _ => &mut None,
        };
        *time = time.or(at);
        self.ended_by = self.ended_by.or(event.cause);
        if self.failure.as_ref().map(weight) < event.failure.as_ref().map(weight) {
            self.failure.clone_from(&event.failure);
        }
        let rank = |state: &str| {
            ["started", "ringing", "answered", "transferred", "ended", "failed"].iter().position(|s| *s == state)
        };
        if rank(event.status.as_str()) > rank(self.state) {
            self.state = event.status.as_str();
        }
    }

    /// Judges what the events told one by one. A leg that somebody answered has not failed to come about, whatever code it
    /// ended with; an `in` leg that the platform picked up has only where a talk was cut. The balance stays told.
    fn settle(&mut self) {
        let by_platform = self.direction == Some("in");
        let cut = self.ended_by.is_some_and(Cause::is_drop);
        let empty = self.failure.as_ref().is_some_and(|f| f.class == FailureClass::InsufficientBalance);
        if self.times.answered.is_none() || empty || (by_platform && !cut) {
            return;
        }
        self.failure = None;
        if self.state == "failed" {
            self.state = "ended";
        }
        if cut {
            self.warnings.push("the talk was cut".to_owned());
        }
    }

    fn write_times(&mut self) {
        self.started_at = text(self.times.started);
        self.rang_at = text(self.times.rang);
        self.answered_at = text(self.times.answered);
        self.ended_at = text(self.times.ended);
        let seconds = |from: Option<Timestamp>, to: Option<Timestamp>| {
            Some(to?.duration_since(from?).as_secs_f64()).filter(|seconds| *seconds >= 0.0)
        };
        self.ring_seconds = seconds(self.times.rang, self.times.answered.or(self.times.ended));
        self.talk_seconds = seconds(self.times.answered, self.times.ended);
        self.cause = self.ended_by.map(|cause| cause.to_string());
        self.cause_name = self.ended_by.and_then(Cause::name);
    }
}

fn text(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// The legs whose being answered makes the call answered: where there are legs towards somebody, only those, since the
/// platform itself picks up an `in` leg and a leg to a menu.
fn answering(legs: &[LegState]) -> impl Iterator<Item = &LegState> {
    let outward = |leg: &LegState| leg.direction == Some("out") || (leg.direction.is_none() && !leg.to_menu);
    let any = legs.iter().any(outward);
    legs.iter().filter(move |leg| !any || outward(leg))
}

/// Whether somebody picked the leg up. What the platform itself picks up counts once it has ended in the ordinary way:
/// until then nobody knows whether anyone spoke.
fn is_answered(leg: &LegState) -> bool {
    let by_platform = leg.direction == Some("in");
    leg.times.answered.is_some()
        && !leg.to_menu
        && (!by_platform || (leg.times.ended.is_some() && leg.failure.is_none()))
}

/// Whether a leg of OnSIP's was answered although nobody told of it: what nobody answers ends as failed.
fn ended_unseen(leg: &LegState) -> bool {
    leg.direction.is_none() && !leg.to_menu && leg.state == "ended" && leg.times.answered.is_none()
}

fn outcome(legs: &[LegState], events: &[Event]) -> Outcome {
    if answering(legs).any(|leg| is_answered(leg) || ended_unseen(leg)) && !left_in_menu(events) {
        return Outcome::Answered;
    }
    if left_in_menu(events) {
        return Outcome::Abandoned;
    }
    if !answering(legs).all(|leg| leg.times.ended.is_some()) {
        return Outcome::InProgress;
    }
    let Some(last) = answering(legs).max_by_key(|leg| leg.times.ended) else {
        return Outcome::InProgress;
    };
    if legs.iter().any(|leg| leg.ended_by.is_some_and(Cause::is_given_up)) && last.failure.is_none() {
        return Outcome::Abandoned;
    }
    let caller = legs.iter().filter(|leg| leg.direction == Some("in")).filter_map(|leg| leg.times.ended).min();
    if last.direction == Some("out") && caller.is_some_and(|caller| Some(caller) < last.times.ended) {
        return Outcome::Abandoned;
    }
    of_cause(last)
}

/// The caller's last step in a menu was to hang up.
fn left_in_menu(events: &[Event]) -> bool {
    let last = events.iter().rev().find(|event| event.family == Family::App);
    last.is_some_and(|event| event.status == Status::Ended)
}

fn of_cause(leg: &LegState) -> Outcome {
    match leg.failure.as_ref().map(|failure| failure.class) {
        Some(FailureClass::Busy) => Outcome::Busy,
        Some(FailureClass::NoAnswer) => Outcome::NoAnswer,
        // OnSIP says of a call that was not answered that it failed, and never why.
        Some(FailureClass::Unknown) if leg.direction.is_none() && leg.ended_by.is_none() => Outcome::NoAnswer,
        Some(_) => Outcome::Failed,
        // An ordinary end of a leg that nobody picked up.
        None if leg.direction == Some("out") && leg.ended_by.is_some() => Outcome::Failed,
        None => Outcome::NoAnswer,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::provider::tests::samples;

    /// The events of the samples that belong to the same call as the sample of that name.
    fn call_of(name: &str) -> (CallId, Vec<Event>) {
        let samples = samples();
        let (_, event, _) = samples.iter().find(|(n, ..)| n == name).unwrap();
        let id = event.call().unwrap();
        let events = samples.iter().filter(|(_, event, _)| event.call().as_ref() == Some(&id));
        (id.clone(), events.map(|(_, event, _)| event.clone()).collect())
    }

    fn fold(name: &str) -> Call {
        let (id, events) = call_of(name);
        Call::fold(&id, events).unwrap()
    }

    #[test]
    fn the_samples_calls_come_to_what_they_tell() {
        for (name, outcome, legs) in [
            ("opentact-call_state-out-hangup-answered", Outcome::Answered, 2),
            ("opentact-call_state-out-hangup-no-answer", Outcome::NoAnswer, 2),
            ("opentact-call_state-out-hangup-busy", Outcome::Busy, 2),
            ("opentact-call_state-in-failed-insufficient-balance", Outcome::Failed, 1),
            ("opentact-call_state-in-failed-not-permitted", Outcome::Failed, 1),
            ("onsip-call.dialog.confirmed", Outcome::Answered, 1),
            ("onsip-call.dialog.failed", Outcome::NoAnswer, 1),
            ("onsip-app.attendant-menu.abandoned", Outcome::Abandoned, 0),
        ] {
            let call = fold(name);
            assert_eq!((call.outcome, call.legs.len()), (outcome, legs), "{name}: {call:?}");
        }
    }

    #[test]
    fn a_call_tells_why_it_failed() {
        let call = fold("opentact-call_state-in-failed-insufficient-balance");
        let failure = call.failure.unwrap();
        assert_eq!(failure.class, FailureClass::InsufficientBalance);
        assert_eq!(failure.reason.as_deref(), Some("Insufficient account balance"));
        assert_eq!(fold("opentact-call_state-out-hangup-no-answer").failure.unwrap().class, FailureClass::NoAnswer);
        assert_eq!(fold("opentact-call_state-out-hangup-answered").failure, None);
    }

    /// The outcome of a call of one leg towards the platform that goes through those states.
    fn of_states(states: &[&str], end: &str) -> Outcome {
        let event = |(second, state): (usize, &&str)| {
            let text = format!(
                r#"{{"uuid":"e{second}","created_on":"2026-11-02T16:10:0{second}Z","type":"call_state","payload":{{"state":"{state}"}},
                "call":{{"uuid":"l","direction":"in"{}}}}}"#,
                if second + 1 == states.len() { end } else { "" }
            );
            crate::provider::opentact::read(&crate::json::Json::read(&text).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
        };
        let events: Vec<_> = states.iter().enumerate().map(event).collect();
        Call::fold(&events[0].call().unwrap(), events).unwrap().outcome
    }

    #[test]
    fn the_platform_picking_up_is_no_answer_until_the_leg_has_ended_well() {
        assert_eq!(of_states(&["init", "live"], ""), Outcome::InProgress);
        assert_eq!(of_states(&["init", "live", "hangup"], r#","q850_cause":16"#), Outcome::Answered);
        assert_eq!(of_states(&["init", "live", "hangup"], r#","q850_cause":17"#), Outcome::Busy);
        assert_eq!(of_states(&["init", "live", "failed"], r#","reason":"Insufficient balance""#), Outcome::Failed);
        assert_eq!(of_states(&["init", "hangup"], r#","q850_cause":16"#), Outcome::NoAnswer);
    }

    #[test]
    fn a_menu_that_picks_up_does_not_make_a_call_answered() {
        let (id, mut events) = call_of("onsip-call.dialog.referred-menu-call");
        let to_menu = |event: &Event| event.to.as_ref().is_some_and(|to| to.raw.contains("menu@"));
        events.retain(|event| {
            event.family == Family::App || to_menu(event) || !matches!(event.status, Status::Answered | Status::Ended)
        });
        assert_ne!(Call::fold(&id, events).unwrap().outcome, Outcome::Answered);
    }

    #[test]
    fn a_recording_alone_is_no_call() {
        let (id, events) = call_of("onsip-call.recording.uploaded-menu-call");
        let recording = events.into_iter().filter(|event| event.kind == "call.recording.uploaded").collect();
        assert!(Call::fold(&id, recording).is_none());
    }

    #[test]
    fn a_call_whose_end_has_not_come_is_in_progress() {
        for (name, outcome) in [
            ("opentact-call_state-out-hangup-no-answer", Outcome::InProgress),
            ("opentact-call_state-out-hangup-answered", Outcome::Answered),
        ] {
            let (id, mut events) = call_of(name);
            events.retain(|event| !matches!(event.status, Status::Ended | Status::Failed));
            let call = Call::fold(&id, events).unwrap();
            assert_eq!((call.outcome, call.ended_at), (outcome, None), "{name}");
        }
    }

    #[test]
    fn an_in_leg_alone_that_was_live_and_ended_is_answered() {
        let (id, mut events) = call_of("opentact-call_state-in-live-answered");
        events.retain(|event| event.leg.as_ref().unwrap().direction == Some(Direction::In));
        assert_eq!(Call::fold(&id, events).unwrap().outcome, Outcome::Answered);
    }

    #[test]
    fn a_caller_who_hangs_up_first_has_abandoned_the_call() {
        let (id, mut events) = call_of("opentact-call_state-out-hangup-no-answer");
        let ends = |event: &Event| matches!(event.status, Status::Ended | Status::Failed);
        let out = |event: &Event| event.leg.as_ref().unwrap().direction == Some(Direction::Out);
        let last = events.iter().filter_map(Event::occurred_at).max().unwrap();
        for event in events.iter_mut().filter(|event| ends(event) && out(event)) {
            event.reached_at = Some(last + jiff::SignedDuration::from_secs(1));
        }
        assert_eq!(Call::fold(&id, events).unwrap().outcome, Outcome::Abandoned);
    }

    #[test]
    fn a_leg_that_was_answered_has_not_failed_whatever_it_ended_with() {
        let (id, events) = call_of("opentact-call_state-out-hangup-answered");
        for code in [18, 21, 27, 38, 54, 102, 127, 600, 602, 604] {
            let mut events = events.clone();
            let ends = |event: &Event| matches!(event.status, Status::Ended | Status::Failed);
            for event in events.iter_mut().filter(|event| ends(event)) {
                event.status = Status::Failed;
                event.cause = Some(Cause::Q850(code));
                let class = FailureClass::Congestion;
                event.failure = Some(Failure { class, reason: None, code: event.cause });
            }
            let call = Call::fold(&id, events).unwrap();
            let leg = call.legs.iter().find(|leg| leg.direction == Some("out")).unwrap();
            assert_eq!((call.outcome, call.failure, leg.state), (Outcome::Answered, None, "ended"), "{code}");
            assert_eq!((leg.failure.clone(), leg.cause.clone()), (None, Some(format!("q850:{code}"))));
            assert_eq!(leg.warnings.is_empty(), ![27, 38, 102, 604].contains(&code), "{code}");
        }
    }

    #[test]
    fn a_caller_who_gives_up_has_abandoned_the_call() {
        assert_eq!(of_states(&["init", "ringing", "hangup"], r#","q850_cause":487"#), Outcome::Abandoned);
    }

    /// A call of OnSIP whose branches share one id: what happened to whom, a second each.
    fn of_branches(steps: &[(&str, &str)]) -> Call {
        let event = |(second, (step, to)): (usize, &(&str, &str))| {
            let text = format!(
                r#"{{"id":"e{second}","streamId":"s","type":"call.dialog.{step}","createdAt":"2026-11-02T16:10:0{second}Z",
                "payload":{{"callId":"c","fromUri":"sip:+12025550111@jnctn.net","toUri":"sip:{to}@example.com"}}}}"#
            );
            crate::provider::onsip::read(&crate::json::Json::read(&text).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
        };
        let events: Vec<_> = steps.iter().enumerate().map(event).collect();
        Call::fold(&events[0].call().unwrap(), events).unwrap()
    }

    #[test]
    fn the_branches_of_a_fork_that_share_one_id_are_a_leg_each() {
        let (created, failed, confirmed, ended) = ("created", "failed", "confirmed", "terminated");
        for steps in [
            // Both ring, one gives up before the other answers.
            &[(created, "desk"), (created, "cell"), (failed, "desk"), (confirmed, "cell"), (ended, "cell")][..],
            // The loser is cancelled at the answer.
            &[(created, "desk"), (created, "cell"), (confirmed, "cell"), (failed, "desk"), (ended, "cell")],
            // One after the other.
            &[(created, "desk"), (failed, "desk"), (created, "cell"), (confirmed, "cell"), (ended, "cell")],
            // The same telephone again.
            &[(created, "cell"), (failed, "cell"), (created, "cell"), (confirmed, "cell"), (ended, "cell")],
        ] {
            let call = of_branches(steps);
            let states: Vec<_> = call.legs.iter().map(|leg| leg.state).collect();
            assert_eq!((call.outcome, states), (Outcome::Answered, vec!["failed", "ended"]), "{steps:?}");
            assert!(call.answered_at < call.ended_at && call.legs[1].talk_seconds > Some(0.0), "{steps:?}");
        }
        let ringing = of_branches(&[(created, "desk"), (created, "cell"), (failed, "desk")]);
        assert_eq!(ringing.outcome, Outcome::InProgress);
    }

    #[test]
    fn an_end_whose_answer_was_never_told_is_one_of_an_answered_call() {
        let (id, mut events) = call_of("onsip-call.dialog.confirmed");
        events.retain(|event| event.status != Status::Answered);
        let call = Call::fold(&id, events).unwrap();
        assert_eq!((call.outcome, call.answered_at), (Outcome::Answered, None));
        assert_eq!(call.legs[0].talk_seconds, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_and_repetition_of_events_make_no_difference(
            (events, copies) in {
                let names = ["opentact-call_state-out-hangup-answered", "opentact-call_state-out-hangup-busy",
                    "opentact-call_state-out-hangup-no-answer", "onsip-call.dialog.referred-menu-call"];
                let calls: Vec<Vec<Event>> = names.iter().map(|name| call_of(name).1).collect();
                proptest::sample::select(calls).prop_flat_map(|events| (Just(events.clone()).prop_shuffle(), 0..events.len()))
            },
        ) {
            let id = events[0].call().unwrap();
            let json = |events: Vec<Event>| serde_json::to_string(&Call::fold(&id, events).unwrap()).unwrap();
            let mut ordered = events.clone();
            ordered.sort_by(|a, b| a.id.cmp(&b.id));
            let mut repeated = events.clone();
            repeated.extend(events[..copies].iter().cloned());
            prop_assert_eq!(json(ordered), json(repeated));
        }
    }
}
