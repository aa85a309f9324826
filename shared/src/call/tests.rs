//! What calls come to, from the samples and from events that are made here.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

mod ends;
pub(crate) mod legs;
mod menus;

use proptest::prelude::*;

use jiff::Timestamp;

use super::*;
use crate::event::Event;
use crate::failure::{Cause, Failure, FailureClass};
use crate::key::CallId;
use crate::name::{Direction, Family, Status};
use crate::provider::tests::samples;

/// Before any of the calls: of none has an end been waited for in vain.
pub(crate) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// The events of the samples that belong to the same call as the sample of that name.
pub(crate) fn call_of(name: &str) -> (CallId, Vec<Event>) {
    let samples = samples();
    let (_, event, _) = samples.iter().find(|(n, ..)| n == name).unwrap();
    let id = event.call().unwrap();
    let events = samples.iter().filter(|(_, event, _)| event.call().as_ref() == Some(&id));
    (id.clone(), events.map(|(_, event, _)| event.clone()).collect())
}

fn fold(name: &str) -> Call {
    let (id, events) = call_of(name);
    Call::fold(&id, events, NOW).unwrap()
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
    Call::fold(&events[0].call().unwrap(), events, NOW).unwrap().outcome
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
    assert_ne!(Call::fold(&id, events, NOW).unwrap().outcome, Outcome::Answered);
}

#[test]
fn a_call_of_menu_events_alone_has_their_times() {
    let call = fold("onsip-app.attendant-menu.abandoned");
    let first = call.events.first().and_then(Event::occurred_at);
    let last = call.events.last().and_then(Event::occurred_at);
    assert!(first.is_some() && call.legs.is_empty());
    assert_eq!((call.started_at, call.answered_at, call.ended_at), (first, None, last));
}

#[test]
fn a_recording_alone_is_no_call() {
    let (id, events) = call_of("onsip-call.recording.uploaded-menu-call");
    let recording = events.into_iter().filter(|event| event.kind == "call.recording.uploaded").collect();
    assert!(Call::fold(&id, recording, NOW).is_none());
}

#[test]
fn a_call_whose_end_has_not_come_is_in_progress() {
    for (name, outcome) in [
        ("opentact-call_state-out-hangup-no-answer", Outcome::InProgress),
        ("opentact-call_state-out-hangup-answered", Outcome::Answered),
    ] {
        let (id, mut events) = call_of(name);
        events.retain(|event| !matches!(event.status, Status::Ended | Status::Failed));
        let call = Call::fold(&id, events, NOW).unwrap();
        assert_eq!((call.outcome, call.ended_at), (outcome, None), "{name}");
    }
}

#[test]
fn an_in_leg_alone_that_was_live_and_ended_is_answered() {
    let (id, mut events) = call_of("opentact-call_state-in-live-answered");
    events.retain(|event| event.leg.as_ref().unwrap().direction == Some(Direction::In));
    assert_eq!(Call::fold(&id, events, NOW).unwrap().outcome, Outcome::Answered);
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
    assert_eq!(Call::fold(&id, events, NOW).unwrap().outcome, Outcome::Abandoned);
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
        let call = Call::fold(&id, events, NOW).unwrap();
        let leg = call.legs.iter().find(|leg| leg.direction == Some(Direction::Out)).unwrap();
        assert_eq!((call.outcome, call.failure, leg.state), (Outcome::Answered, None, LegStatus::Ended), "{code}");
        assert_eq!((leg.failure.clone(), leg.cause), (None, Some(Cause::Q850(code))));
        assert_eq!(leg.warnings.is_empty(), ![27, 38, 102, 604].contains(&code), "{code}");
        assert!(call.warnings.iter().eq(&leg.warnings), "{code}");
    }
}

#[test]
fn a_caller_who_gives_up_has_abandoned_the_call() {
    assert_eq!(of_states(&["init", "ringing", "hangup"], r#","q850_cause":487"#), Outcome::Abandoned);
}

/// A call of OnSIP whose branches share one id: what happened to whom, a second each.
pub(crate) fn of_branches(steps: &[(&str, &str)]) -> Call {
    let event = |(second, (step, to)): (usize, &(&str, &str))| {
        let text = format!(
            r#"{{"id":"e{second}","streamId":"s","type":"call.dialog.{step}","createdAt":"2026-11-02T16:10:0{second}Z",
            "payload":{{"callId":"c","fromUri":"sip:+12025550111@jnctn.net","toUri":"sip:{to}@example.com"}}}}"#
        );
        crate::provider::onsip::read(&crate::json::Json::read(&text).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    };
    let events: Vec<_> = steps.iter().enumerate().map(event).collect();
    Call::fold(&events[0].call().unwrap(), events, NOW).unwrap()
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
        assert_eq!((call.outcome, states), (Outcome::Answered, vec![LegStatus::Failed, LegStatus::Ended]), "{steps:?}");
        assert!(call.answered_at < call.ended_at && call.legs[1].talk_seconds > Some(0.0), "{steps:?}");
    }
    let ringing = of_branches(&[(created, "desk"), (created, "cell"), (failed, "desk")]);
    assert_eq!(ringing.outcome, Outcome::InProgress);
}

#[test]
fn an_end_whose_answer_was_never_told_is_one_of_an_answered_call() {
    let (id, mut events) = call_of("onsip-call.dialog.confirmed");
    events.retain(|event| event.status != Status::Answered);
    let call = Call::fold(&id, events, NOW).unwrap();
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
        let json = |events: Vec<Event>| serde_json::to_string(&Call::fold(&id, events, NOW).unwrap()).unwrap();
        let mut ordered = events.clone();
        ordered.sort_by(|a, b| a.id.cmp(&b.id));
        let mut repeated = events.clone();
        repeated.extend(events[..copies].iter().cloned());
        prop_assert_eq!(json(ordered), json(repeated));
    }
}
