use std::collections::BTreeSet;

use query::EventOfCall;
use shared::call::{Attempts, Call, LegStatus, MenuStep, Outcome, Recorded};
use shared::event::{Menu, Recording};
use shared::failure::{Cause, Failure, FailureClass};

use super::*;

const EVENT: &str = "onsip.call.x~20261102T164001000000Z~aaaaaaaaaaaaaaaaaaaaaa";

fn at(second: u8) -> Option<Timestamp> {
    Some(format!("2026-11-02T16:30:{second:02}Z").parse().unwrap())
}

/// A leg that began, rang, was picked up and ended at those seconds.
fn leg(to: &str, seconds: [Option<u8>; 4]) -> LegView {
    let [started_at, rang_at, answered_at, ended_at] = seconds.map(|second| second.and_then(at));
    LegView {
        id: to.to_owned(),
        direction: Some(Direction::Out),
        state: LegStatus::Answered,
        from: Some(Party::unknown("alice")),
        to: Some(Party::unknown(to)),
        started_at,
        rang_at,
        answered_at,
        ended_at,
        ring_seconds: None,
        talk_seconds: None,
        cause: None,
        cause_name: None,
        failure: None,
        warnings: Vec::new(),
    }
}

fn call(legs: Vec<LegView>) -> CallView {
    let call = Call {
        id: "onsip.call.x".parse().unwrap(),
        outcome: Outcome::Answered,
        started_at: at(0),
        answered_at: None,
        ended_at: at(40),
        ended_by: None,
        failure: None,
        warnings: BTreeSet::new(),
        legs,
        menu: Vec::new(),
        recordings: Vec::new(),
        events: Vec::new(),
        attempts: Attempts { number: 1, rang_at: None, talk_seconds: None },
    };
    CallView {
        call,
        events: Vec::<EventOfCall>::new(),
        names: shared::store::names::Names::new(),
        alert: None,
        left_out: None,
        next: None,
    }
}

fn drawn(view: &CallView) -> String {
    let party = |party: Option<&Party>| html! { (party.map(|party| party.raw.as_str()).unwrap_or_default()) };
    let naming = Naming { party: &party, event: &|id| format!("?event={id}") };
    drawing(view, usize::MAX, &marks(view), at(50).unwrap(), &naming).into_string()
}

#[test]
fn a_lane_shows_setup_ringing_and_talk_apart_and_its_end() {
    let view = call(vec![leg("bob", [Some(0), Some(10), Some(20), Some(40)])]);
    let html = drawn(&view);
    for part in [
        r#"<line class="setup" x1="0%" x2="25%""#,
        r##"<rect class="ringing" x="25%" width="25%" y="6" height="16" fill="url(#ringing)">"##,
        r#"<rect class="talking" x="50%" width="50%""#,
        r#"<svg x="100%" overflow="visible"><path class="ended""#,
        r#"role="img" aria-label="set up, rang, connected; ended""#,
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn a_leg_that_failed_has_a_cross_and_says_why_in_words_code_and_the_providers_words() {
    let mut failed = leg("carrier-a", [Some(0), None, None, Some(10)]);
    failed.cause = Some(Cause::Q850(34));
    failed.cause_name = Cause::Q850(34).name();
    let reason = Some("all trunks busy".to_owned());
    failed.failure = Some(Failure { class: FailureClass::Congestion, reason, code: failed.cause });
    let html = drawn(&call(vec![failed, leg("carrier-b", [Some(10), None, Some(20), Some(40)])]));
    let first = html.split("</li>").next().unwrap();
    assert!(first.contains(r#"<path class="failed""#) && !first.contains(r#"class="ended""#), "{first}");
    assert!(first.contains("failed: congestion") && first.contains("(q850:34)"), "{first}");
    assert!(first.contains("the provider says \u{201c}all trunks busy\u{201d}"), "{first}");
    assert_eq!(html.matches("<li class=\"lane\">").count(), 2);
}

#[test]
fn a_leg_goes_on_to_now_while_its_call_does_and_what_is_not_told_is_a_question() {
    let mut view = call(vec![leg("bob", [Some(0), None, Some(20), None])]);
    assert!(drawn(&view).contains(r#"class="untold""#) && drawn(&view).contains("its end was not told"));
    // Somebody talks: what came of it is known, and its end is not.
    view.call.ended_at = None;
    assert!(drawn(&view).contains(r#"class="goes-on""#) && drawn(&view).contains("50 s</text>"));
}

#[test]
fn steps_and_recordings_are_numbered_marks_that_a_list_explains() {
    let event = || EVENT.parse().unwrap();
    let mut view = call(vec![leg("menu", [Some(0), None, None, Some(40)])]);
    let said = Menu { entry: Some("7".to_owned()), refer_to: None };
    let kind = "app.attendant-menu.invalid-dtmf".to_owned();
    view.call.menu = vec![MenuStep { event: event(), kind, at: at(20), menu: None, said }];
    view.call.recordings = vec![Recorded { event: event(), at: at(10), recording: Recording::default() }];
    let html = drawn(&view);
    let explained = html.split("<ol class=\"lane-end\">").nth(1).unwrap();
    let (recording, step) = explained.split_once("</li>").unwrap();
    assert!(recording.contains("<b>10 s</b>") && recording.contains("recording"), "{recording}");
    assert!(step.contains("<b>20 s</b>") && step.contains("entered \u{201c}7\u{201d}: not an entry"), "{step}");
    assert!(step.contains(&format!("?event={EVENT}")), "{step}");
    assert!(html.contains(r#"<svg x="50%" y="0" overflow="visible"><circle class="mark""#), "{html}");
}

#[test]
fn marks_at_one_time_stand_in_rows() {
    assert_eq!(marks::rows(&[Some(0.5), Some(0.5), None, Some(0.51), Some(0.59)]), [0, 1, 0, 2, 0]);
    assert_eq!(marks::rows(&[Some(0.5); 6]), [0, 1, 2, 3, 3, 3]);
}

#[test]
fn a_long_time_without_a_change_is_a_break_that_says_how_long_it_is() {
    let mut long = leg("bob", [Some(0), None, Some(20), None]);
    long.ended_at = Some("2026-11-02T18:30:20Z".parse().unwrap());
    let mut view = call(vec![long]);
    view.call.ended_at = view.call.legs[0].ended_at;
    let html = drawn(&view);
    assert!(html.contains("2:00:00</text>") && html.matches(r#"<path class="gap""#).count() == 1, "{html}");
}

#[test]
fn what_a_provider_wrote_is_text_and_nothing_has_a_style_of_its_own() {
    let mut hostile = leg("<img src=x onerror=alert(1)>\u{202e}", [Some(0), None, None, Some(40)]);
    let reason = Some("\"><script>alert(1)</script>\u{202e}\0".to_owned());
    hostile.failure = Some(Failure { class: FailureClass::Unknown, reason, code: None });
    let html = drawn(&call(vec![hostile]));
    assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("style="), "{html}");
    assert!(html.contains("[U+202E][U+0000]"), "{html}");
}
