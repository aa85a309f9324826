//! What calls that go through attendant menus come to, as OnSIP tells them.

use serde_json::json;

use super::*;
use crate::json::Json;
use crate::provider::onsip;

const CALLER: &str = "sip:+12025550101@jnctn.net";
const NUMBER: &str = "sip:+12025550144@jnctn.net";
const MENU: &str = "sip:menu@example.onsip.com";
const ALICE: &str = "sip:alice@example.onsip.com";

/// The call of those events, a second each: the type's last part, the leg's id, the called party.
fn fold(steps: &[(&str, &str, &str)]) -> Call {
    let event = |(second, (kind, leg, to)): (usize, &(&str, &str, &str))| {
        let family = if kind.starts_with("menu.") { "app.attendant-" } else { "call.dialog." };
        let body = json!({"id": format!("{second}"), "streamId": "s", "subscriptionId": "1", "type": format!("{family}{kind}"),
            "payload": {"callId": leg, "fromUri": CALLER, "toUri": to, "entry": "1", "referTo": ALICE},
            "createdAt": format!("2026-11-02T15:30:{second:02}Z")});
        onsip::read(&Json::read(&body.to_string()).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    };
    let events: Vec<_> = steps.iter().enumerate().map(event).collect();
    Call::fold(&events[0].call().unwrap(), events, NOW).unwrap()
}

/// The menu picks up and is played.
fn menu(dialled: &str) -> Vec<(&'static str, &'static str, &str)> {
    vec![("created", "m", dialled), ("confirmed", "m", dialled), ("menu.started", "m", MENU)]
}

#[test]
fn a_menu_answers_nobodys_call_whether_its_address_or_its_number_was_dialled() {
    for dialled in [MENU, NUMBER] {
        let mut steps = menu(dialled);
        assert_eq!(fold(&steps).outcome, Outcome::InProgress, "{dialled}");
        steps.extend([("menu.abandoned", "m", MENU), ("terminated", "m", dialled)]);
        assert_eq!(fold(&steps).outcome, Outcome::Abandoned, "{dialled}");
    }
}

#[test]
fn a_call_that_a_menu_sends_on_is_what_comes_of_that() {
    for dialled in [MENU, NUMBER] {
        let mut steps = menu(dialled);
        steps.extend([("menu.transferred", "m", MENU), ("terminated", "m", dialled)]);
        let call = fold(&steps);
        assert_eq!((call.outcome, call.ended_at), (Outcome::InProgress, None), "{dialled}: nothing came of alice yet");
        steps.push(("created", "a", ALICE));
        assert_eq!(fold(&steps).outcome, Outcome::InProgress, "{dialled}");
        let with = |end: &[(&'static str, &'static str, &'static str)]| fold(&[&steps, end].concat()).outcome;
        assert_eq!(with(&[("failed", "a", ALICE)]), Outcome::NoAnswer, "{dialled}");
        assert_eq!(with(&[("confirmed", "a", ALICE), ("terminated", "a", ALICE)]), Outcome::Answered, "{dialled}");
    }
}

#[test]
fn a_caller_who_talked_and_then_hung_up_in_a_menu_has_talked() {
    let mut steps = vec![("created", "a", ALICE), ("confirmed", "a", ALICE), ("referred", "a", ALICE)];
    steps.extend([("terminated", "a", ALICE), ("menu.started", "m", MENU), ("menu.abandoned", "m", MENU)]);
    let call = fold(&steps);
    assert_eq!((call.outcome, call.answered_at.is_some()), (Outcome::Answered, true));
}
