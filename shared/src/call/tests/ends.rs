//! Calls whose ends do not all come.

use jiff::SignedDuration;

use super::legs::{Step, end, events, step};
use super::*;

/// What a call of Opentact's comes to that long after the second in which it began.
fn after(steps: &[Step], seconds: i64) -> Call {
    let (id, events, _) = as_it_occurs(events("c", steps));
    let began: Timestamp = "2026-11-02T17:20:00Z".parse().unwrap();
    Call::fold(&id, events, began + SignedDuration::from_secs(seconds)).unwrap()
}

/// As if each event had been received when it occurred.
fn as_it_occurs(mut events: Vec<Event>) -> (CallId, Vec<Event>, Timestamp) {
    for event in &mut events {
        event.received_at = event.occurred_at().unwrap();
    }
    let last = events.iter().map(|event| event.received_at).max().unwrap();
    (events[0].call().unwrap(), events, last)
}

#[test]
fn a_call_of_which_nothing_came_for_six_hours_has_no_end() {
    let in_progress = events("c", &[step("in", "init"), step("out", "ringing")]);
    let answered = events("c", &[step("in", "init"), step("out", "live")]);
    let menu = call_of("onsip-app.attendant-menu.started").1;
    for (events, before) in
        [(in_progress, Outcome::InProgress), (answered, Outcome::Answered), (menu[..1].to_vec(), Outcome::InProgress)]
    {
        let (id, events, last) = as_it_occurs(events);
        let at = |time: Timestamp| Call::fold(&id, events.clone(), time).unwrap();
        let told = at(last + NO_END - SignedDuration::from_micros(1));
        assert_eq!((told.outcome, told.is_over()), (before, false));
        for late in [SignedDuration::ZERO, SignedDuration::from_hours(100)] {
            let call = at(last + NO_END + late);
            assert_eq!((call.outcome, call.is_over(), call.ended_at), (Outcome::NoEnd, true, None));
            assert_eq!((call.answered_at, call.failure), (told.answered_at, None));
        }
    }
}

#[test]
fn a_call_that_ended_stays_what_it_is_however_old() {
    let (id, events, last) = as_it_occurs(call_of("opentact-call_state-out-hangup-busy").1);
    let call = Call::fold(&id, events, last + NO_END).unwrap();
    assert_eq!((call.outcome, call.is_over()), (Outcome::Busy, true));
}

#[test]
fn six_hours_are_counted_from_the_receipt() {
    let (id, mut events, last) = as_it_occurs(events("c", &[step("in", "init"), step("out", "ringing")]));
    events[0].received_at = last + SignedDuration::from_hours(1);
    assert_eq!(Call::fold(&id, events, last + NO_END).unwrap().outcome, Outcome::InProgress);
}

#[test]
fn a_child_whose_end_never_comes_is_over_two_minutes_after_its_parent() {
    let unanswered = [step("in", "init"), step("out", "init"), end("in", 16)];
    let answered = [step("in", "init"), step("out", "init"), step("out", "live"), end("in", 16)];
    for (steps, parents_end, before, behind) in [
        (&unanswered[..], 2, Outcome::InProgress, Outcome::NoAnswer),
        (&answered[..], 3, Outcome::Answered, Outcome::Answered),
    ] {
        let call = after(steps, parents_end + 119);
        assert_eq!((call.outcome, call.is_over()), (before, false));
        let call = after(steps, parents_end + 120);
        assert_eq!((call.outcome, call.is_over()), (behind, true));
        assert_eq!(call.ended_at.unwrap().to_string(), format!("2026-11-02T17:20:0{parents_end}Z"));
        let legs: Vec<_> = call.legs.iter().map(|leg| leg.ended_at.is_some()).collect();
        assert_eq!(legs, [true, false], "the end that is not known is not made up");
    }
}

#[test]
fn a_child_of_whose_parent_nothing_came_is_over_two_minutes_after_the_legs_that_it_is_joined_to() {
    let mut joined = events("a", &[step("in", "init"), end("in", 16)]);
    joined.extend(events("b", &[step("out", "live")]));
    let (id, events, _) = as_it_occurs(joined);
    let at =
        |seconds| Call::fold(&id, events.clone(), events[1].received_at + SignedDuration::from_secs(seconds)).unwrap();
    assert!(!at(119).is_over() && at(120).is_over());
    assert_eq!(at(120).ended_at, Some(events[1].received_at));
}

#[test]
fn a_child_goes_on_while_a_leg_without_a_parent_does() {
    let mut steps = vec![step("in", "init"), step("out", "ringing")];
    assert_eq!(after(&steps, 3600).outcome, Outcome::InProgress);
    steps.remove(0);
    assert_eq!(after(&steps, 3600).outcome, Outcome::InProgress, "of the parent nothing came");
}

#[test]
fn a_branch_of_onsips_that_has_not_ended_goes_on() {
    let (id, mut events, last) = as_it_occurs(call_of("onsip-call.dialog.confirmed-fork-mobile").1);
    let of = |events: &[Event]| Call::fold(&id, events.to_vec(), last + SignedDuration::from_hours(1)).unwrap();
    assert!(of(&events).is_over());
    events.retain(|event| event.status != Status::Failed);
    assert_eq!((of(&events).outcome, of(&events).is_over()), (Outcome::Answered, false));
}

#[test]
fn a_call_is_ended_by_the_party_whose_leg_ends_first_or_by_neither() {
    let talk = [step("in", "init"), step("out", "init"), step("out", "live")];
    let ended = |ends: &[Step]| after(&[&talk[..], ends].concat(), 600).ended_by;
    assert_eq!(ended(&[end("in", 16), end("out", 16)]), Some(EndedBy::Caller));
    assert_eq!(ended(&[end("out", 16), end("in", 16)]), Some(EndedBy::Callee));
    // A limit of time, and a far side that does not respond.
    for code in [602, 102] {
        assert_eq!(ended(&[end("out", code), end("in", 16)]), Some(EndedBy::Platform), "{code}");
    }
    let unanswered = |ends: &[Step]| after(&[&talk[..2], ends].concat(), 600).ended_by;
    assert_eq!(unanswered(&[end("in", 16), end("out", 487)]), Some(EndedBy::Caller));
    assert_eq!(unanswered(&[end("out", 17), end("in", 16)]), None);
    assert_eq!(after(&[&talk[..], &[end("in", 16)]].concat(), 60).ended_by, None, "it is not over");
    let onsip = of_branches(&[("created", "desk"), ("confirmed", "desk"), ("terminated", "desk")]);
    assert_eq!((onsip.outcome, onsip.ended_by), (Outcome::Answered, None), "nobody tells");
}
