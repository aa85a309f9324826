//! What calls of several legs come to, as Opentact tells them.

use serde_json::{Value, json};

use super::*;
use crate::json::Json;
use crate::provider::opentact;

/// What happened on a leg: its id, the state that it reached, and the leg's members beside its id and direction.
pub(crate) type Step = (&'static str, &'static str, Value);

/// The events of a call, a second each: `in` is the leg that it begins with, every other leg goes out from that.
pub(crate) fn events(call: &str, steps: &[Step]) -> Vec<Event> {
    let event = |(second, (leg, state, members)): (usize, &Step)| {
        let parent = if *leg == "in" { Value::Null } else { json!({"uuid": format!("{call}-in")}) };
        let direction = if *leg == "in" { "in" } else { "out" };
        let mut own = json!({"uuid": format!("{call}-{leg}"), "direction": direction, "parent": parent});
        own.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let body = json!({"uuid": format!("{call}-e{second}"), "created_on": format!("2026-11-02T17:20:{second:02}Z"),
            "type": "call_state", "payload": {"state": state}, "call": own});
        opentact::read(&Json::read(&body.to_string()).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    };
    steps.iter().enumerate().map(event).collect()
}

fn fold(steps: &[Step]) -> Call {
    let events = events("c", steps);
    Call::fold(&events[0].call().unwrap(), events, NOW).unwrap()
}

pub(crate) fn step(leg: &'static str, state: &'static str) -> Step {
    (leg, state, json!({}))
}

/// The end of a leg with a cause of Q.850 or of FreeSWITCH.
pub(crate) fn end(leg: &'static str, code: u16) -> Step {
    (leg, "hangup", json!({"q850_cause": code}))
}

fn class(failure: Option<&Failure>) -> Option<FailureClass> {
    failure.map(|failure| failure.class)
}

#[test]
fn a_call_that_the_second_carrier_completes_has_not_failed() {
    for refusal in [38, 34, 27, 3, 102] {
        let call = fold(&[
            step("in", "init"),
            step("first", "init"),
            end("first", refusal),
            step("second", "init"),
            step("second", "live"),
            step("in", "live"),
            end("second", 16),
            end("in", 16),
        ]);
        assert_eq!((call.outcome, call.failure, call.legs.len()), (Outcome::Answered, None, 3), "{refusal}");
        assert_eq!(call.answered_at.unwrap().to_string(), "2026-11-02T17:20:04Z", "{refusal}");
        assert_eq!(call.legs[2].talk_seconds, Some(2.0), "{refusal}");
    }
}

#[test]
fn a_carriers_refusal_stays_with_its_leg() {
    let call = fold(&[step("in", "init"), end("first", 34), step("second", "live"), end("second", 16), end("in", 16)]);
    let first = call.legs.iter().find(|leg| leg.id == "c-first").unwrap();
    assert_eq!((first.state, class(first.failure.as_ref())), (LegStatus::Failed, Some(FailureClass::Congestion)));
}

#[test]
fn a_call_whose_legs_end_with_causes_of_two_classes_failed_for_the_one_of_the_leg_out() {
    for (out, told) in [(41, FailureClass::Congestion), (28, FailureClass::InvalidNumber)] {
        let call = fold(&[step("in", "init"), step("out", "init"), end("out", out), end("in", 21)]);
        let legs: Vec<_> = call.legs.iter().map(|leg| class(leg.failure.as_ref())).collect();
        assert_eq!((call.outcome, class(call.failure.as_ref())), (Outcome::Failed, Some(told)), "{out}");
        assert_eq!(legs, [Some(FailureClass::Rejected), Some(told)], "{out}");
    }
}

#[test]
fn forty_strangers_who_meet_one_outage_have_the_number_called_in_common() {
    let called = "phone_number:12025550177/inbound_call";
    for stranger in 100..140 {
        let members = json!({"from": format!("+12025550{stranger}"), "to": "12025550177", "sip_user": null,
            "tn": {"tn": 12_025_550_177_u64}, "q850_cause": 42, "q850_cause_string": "SWITCH_CONGESTION"});
        let events = events(&format!("c{stranger}"), &[("in", "hangup", members)]);
        let pairs: Vec<_> = events[0].pairs().iter().map(ToString::to_string).collect();
        assert_eq!(pairs, [format!("phone_number:12025550{stranger}/outbound_call"), called.to_owned()]);
        let call = Call::fold(&events[0].call().unwrap(), events, NOW).unwrap();
        assert_eq!((call.outcome, class(call.failure.as_ref())), (Outcome::Failed, Some(FailureClass::Congestion)));
    }
}

#[test]
fn a_limit_of_time_is_an_ordinary_end_of_what_the_platform_answered_alone() {
    for code in [602, 802] {
        let call = fold(&[step("in", "init"), step("in", "live"), end("in", code)]);
        let leg = &call.legs[0];
        assert_eq!((call.outcome, call.failure, call.warnings.len()), (Outcome::Answered, None, 0), "{code}");
        assert_eq!((leg.state, leg.cause), (LegStatus::Ended, Some(Cause::Q850(code))));
        assert_eq!((leg.failure.clone(), leg.talk_seconds), (None, Some(1.0)), "{code}");
        let unanswered = fold(&[step("in", "init"), step("in", "ringing"), end("in", code)]);
        assert_eq!(unanswered.outcome, Outcome::NoAnswer, "{code}");
        assert_eq!(class(unanswered.failure.as_ref()), Some(FailureClass::NoAnswer), "{code}");
    }
}

#[test]
fn a_call_that_somebody_answered_elsewhere_is_answered_though_nobody_told_when() {
    let header = |text: &str| json!({"release_cause_from_protocol_stack": format!("SIP;cause=200;text=\"{text}\"")});
    for members in [
        json!({"q850_cause": 26}),
        json!({"q850_cause": 502, "q850_cause_string": "LOSE_RACE"}),
        json!({"q850_cause": 805, "q850_cause_string": "PICKED_OFF"}),
        json!({"sip_code": 487, "reason": "Call completed elsewhere"}),
        header("Call completed elsewhere"),
    ] {
        for leg in ["in", "out"] {
            let call = fold(&[step(leg, "init"), step(leg, "ringing"), (leg, "hangup", members.clone())]);
            assert_eq!((call.outcome, call.answered_at, call.failure), (Outcome::Answered, None, None), "{members}");
            assert_eq!((call.legs[0].state, call.legs[0].talk_seconds), (LegStatus::Ended, None), "{members}");
        }
    }
    let call = fold(&[step("out", "init"), ("out", "hangup", header("OK"))]);
    assert_ne!(call.outcome, Outcome::Answered, "{:?}", call.legs);
}

#[test]
fn a_leg_out_that_nobody_answered_and_that_ended_in_the_ordinary_way_is_no_answer() {
    for code in [0, 14, 16, 23, 31, 142, 503, 703, 614, 801] {
        let call =
            fold(&[step("in", "init"), step("in", "live"), step("out", "ringing"), end("out", code), end("in", 16)]);
        assert_eq!((call.outcome, call.failure), (Outcome::NoAnswer, None), "{code}");
        let alone = fold(&[step("out", "init"), end("out", code)]);
        assert_eq!((alone.outcome, alone.failure), (Outcome::NoAnswer, None), "{code}");
    }
}

#[test]
fn a_caller_whose_leg_the_platform_ended_has_not_given_up() {
    for (code, outcome) in [
        (16, Outcome::Abandoned),
        (487, Outcome::Abandoned),
        (503, Outcome::NoAnswer),
        (703, Outcome::NoAnswer),
        (602, Outcome::NoAnswer),
        (802, Outcome::NoAnswer),
    ] {
        for cancelled in [16, 487] {
            let call = fold(&[step("in", "live"), step("out", "ringing"), end("in", code), end("out", cancelled)]);
            assert_eq!(call.outcome, outcome, "{code} {cancelled}");
        }
    }
}

#[test]
fn a_call_fails_for_what_the_leg_that_ended_last_failed_for() {
    let (busy, rejected) = (FailureClass::Busy, FailureClass::Rejected);
    for (first, second, told) in [(17, 21, rejected), (21, 17, busy)] {
        for begun in [["a", "b"], ["b", "a"]] {
            let call = fold(&[
                step("in", "init"),
                step(begun[0], "init"),
                step(begun[1], "init"),
                end("a", first),
                end("b", second),
                end("in", 16),
            ]);
            assert_eq!(class(call.failure.as_ref()), Some(told), "{begun:?}");
            assert_eq!(call.outcome == Outcome::Busy, told == busy, "{begun:?}");
        }
    }
}

#[test]
fn an_end_that_says_when_the_leg_was_answered_needs_no_event_of_the_answer() {
    let hangup = |answered: &str, code: u16| {
        let times = json!({"answer_on": answered, "hangup_on": "2026-11-02T17:20:40Z", "q850_cause": code});
        fold(&[("out", "hangup", times)])
    };
    let call = hangup("2026-11-02T17:20:10Z", 16);
    assert_eq!((call.outcome, call.legs[0].talk_seconds), (Outcome::Answered, Some(30.0)));
    let cut = hangup("2026-11-02T17:20:10Z", 41);
    assert_eq!((cut.outcome, cut.failure, cut.warnings.len()), (Outcome::Answered, None, 1));
    for never in ["0", "", "1970-01-01T00:00:00.000Z", "1970-01-01T01:00:00+01:00", "0000-00-00 00:00:00", "never"] {
        let call = hangup(never, 34);
        assert_eq!(
            (call.outcome, class(call.failure.as_ref())),
            (Outcome::Failed, Some(FailureClass::Congestion)),
            "{never}"
        );
        assert_eq!(hangup(never, 17).outcome, Outcome::Busy, "{never}");
    }
}

#[test]
fn a_talk_that_an_empty_balance_ended_was_a_talk_and_says_why_it_ended() {
    let broke = || json!({"reason": "Insufficient balance"});
    let call = fold(&[
        step("in", "init"),
        step("out", "init"),
        step("out", "live"),
        step("in", "live"),
        ("out", "hangup", broke()),
        ("in", "hangup", broke()),
    ]);
    let out = call.legs.iter().find(|leg| leg.id == "c-out").unwrap();
    assert_eq!((call.outcome, out.state), (Outcome::Answered, LegStatus::Ended));
    let empty = Some(FailureClass::InsufficientBalance);
    assert_eq!((class(call.failure.as_ref()), class(out.failure.as_ref())), (empty, empty));
    assert!(call.warnings.contains("the talk was cut"));
    let call = fold(&[step("in", "init"), step("in", "live"), ("in", "failed", broke())]);
    assert_eq!((call.outcome, class(call.failure.as_ref())), (Outcome::Failed, empty), "nobody was reached");
}

#[test]
fn a_call_goes_on_while_its_callers_leg_does() {
    let mut steps = vec![step("in", "init"), step("in", "live"), step("first", "init"), end("first", 19)];
    let call = fold(&steps);
    assert_eq!(
        (call.outcome, call.ended_at, call.failure),
        (Outcome::InProgress, None, None),
        "a next branch may begin"
    );
    steps.push(end("in", 16));
    assert_eq!(fold(&steps).outcome, Outcome::NoAnswer);
}

#[test]
fn a_caller_who_gives_up_leaves_no_failure_of_another_branch() {
    let call = fold(&[
        step("in", "init"),
        step("first", "init"),
        step("second", "init"),
        end("first", 17),
        end("in", 487),
        end("second", 487),
    ]);
    assert_eq!((call.outcome, call.failure), (Outcome::Abandoned, None));
}
