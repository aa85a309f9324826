//! The console's pages of a call, of what was told of it, and of what became of callers in menus.

use regex_lite::Regex;
use shared::access::TokenDigest;
use tests::samples::{route, sample};
use tests::stack::{self, READ_TOKEN, Stack};
use tests::wait;

use super::console::{page, text};

fn shown(stack: &Stack, path: &str) -> String {
    let answer = page(stack, READ_TOKEN, path);
    assert_eq!(answer.status, 200, "{path}");
    text(&answer)
}

/// Delivers a sample; returns the event's id, and that of its call.
fn deliver(stack: &Stack, name: &str) -> (String, String) {
    let answer = stack.post(route(name), sample(name));
    let event = answer.json()["id"].as_str().unwrap().to_owned();
    let call = event.split('~').next().unwrap().to_owned();
    (event, call)
}

fn assert_has(shown: &str, parts: &[&str]) {
    for part in parts {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
}

#[test]
fn a_call_says_why_it_failed_and_what_to_do_and_opens_the_event_that_its_address_names() {
    let stack = Stack::start();
    let (event, call) = deliver(&stack, "opentact-call_state-in-failed-insufficient-balance");
    let whole = shown(&stack, &format!("/console/calls/{call}"));
    assert_has(
        &whole,
        &["Failed: insufficient balance", "Top up the account at the provider.", "<path class=\"failed\""],
    );
    assert_has(&whole, &["Insufficient account balance", "alice@example.com", "+12025550144"]);
    assert!(!whole.contains("<pre class=\"body\"") && !whole.contains("http-equiv=\"refresh\""), "{whole}");
    let opened = shown(&stack, &format!("/console/calls/{call}?event={event}"));
    assert_has(&opened, &["<pre class=\"body\"", "&quot;freeswitch_call_state&quot;", &format!("id=\"e-{event}\"")]);
    let foreign = shown(&stack, &format!("/console/calls/{call}?event=onsip.call.x~20261102T164001000000Z~a"));
    assert!(!foreign.contains("<pre class=\"body\""), "an event of another call is not opened");
}

#[test]
fn a_call_in_progress_says_so_and_is_shown_anew() {
    let stack = Stack::start();
    let answer = stack.post("/webhooks/opentact/call", stack::opentact_call("one", "init"));
    let call = answer.json()["id"].as_str().unwrap().split('~').next().unwrap().to_owned();
    let whole = shown(&stack, &format!("/console/calls/{call}"));
    assert_has(&whole, &["In progress", "It goes on", "http-equiv=\"refresh\"", "class=\"goes-on\""]);
    let missing = page(&stack, READ_TOKEN, "/console/calls/opentact.call.none");
    assert_eq!(missing.status, 404);
    assert_has(&text(&missing), &["It may have expired, or not have come yet."]);
}

#[test]
fn a_body_is_not_shown_to_whom_bodies_are_not_open() {
    let stack = Stack::with(|options| {
        let digest = TokenDigest::of("few");
        options.environment.insert("READ_TOKEN_DIGESTS".to_owned(), format!("few:calls={digest}"));
    });
    let (event, call) = deliver(&stack, "onsip-call.dialog.failed");
    let answer = text(&page(&stack, "few", &format!("/console/calls/{call}?event={event}")));
    assert_has(&answer, &["takes the right <code>bodies</code>"]);
    assert!(!answer.contains("<pre class=\"body\"") && !answer.contains("console/alerts"), "{answer}");
}

#[test]
fn a_menu_call_has_its_steps_and_its_recording_as_marks_and_its_menu_counts_them() {
    let stack = Stack::start();
    let (_, call) = deliver(&stack, "onsip-call.dialog.created-menu-call");
    for step in ["started", "invalid-dtmf", "transferred"] {
        deliver(&stack, &format!("onsip-app.attendant-menu.{step}-menu-call"));
    }
    deliver(&stack, "onsip-call.recording.uploaded-menu-call");
    let whole = shown(&stack, &format!("/console/calls/{call}"));
    assert_has(
        &whole,
        &["menu began", "entered \u{201c}009\u{201d}: not an entry", "entered \u{201c}7001\u{201d}: sent on"],
    );
    assert_has(&whole, &["recording there", "<circle class=\"mark\""]);
    let menus = shown(&stack, "/console/menus");
    assert_has(&menus, &["menu@example.onsip.com", "7001", "009", "Counted from 3 events"]);
    // Each figure leads to that many events.
    let figure = Regex::new("<a href=\"\\.\\./(console/events[^\"]+)\">([0-9]+)</a>").unwrap();
    let figures: Vec<_> = figure.captures_iter(&menus).collect();
    assert_eq!(figures.len(), 3, "{menus}");
    for found in figures {
        let list = shown(&stack, &format!("/{}", found[1].replace("&amp;", "&")));
        assert_eq!(list.matches("<tr data-id=").count().to_string(), found[2], "{}", &found[1]);
    }
}

#[test]
fn an_alert_leads_to_its_calls_and_a_call_to_its_alert() {
    let stack = Stack::start();
    let (_, call) = deliver(&stack, "opentact-call_state-in-failed-insufficient-balance");
    let alert = wait::until("it is told", || {
        let list = stack.list("/alerts");
        list.first().map(|alert| alert["id"].as_str().unwrap().to_owned())
    });
    let list = shown(&stack, "/console/alerts");
    let link = format!("console/alerts/{alert}");
    assert_has(&list, &["Opentact balance empty: calls fail", &link, "Open incidents"]);
    let incident = list.split("</ul>").find(|part| part.contains("class=\"incidents\"")).unwrap();
    assert_has(incident, &[&link, "critical"]);
    let whole = wait::until("what it tells of is noted", || {
        let whole = shown(&stack, &format!("/console/alerts/{alert}"));
        whole.contains("What it tells of").then_some(whole)
    });
    assert_has(
        &whole,
        &[&format!("../../console/calls/{call}"), "What to do: top up", "data-mute=\"../../alerts/mute\""],
    );
    assert_has(&whole, &["<option value=\"insufficient_balance\" selected>"]);
    let told = shown(&stack, &format!("/console/calls/{call}"));
    assert_has(&told, &[&format!("../../{link}")]);
}

#[test]
fn an_incident_stays_among_the_open_ones_however_many_messages_follow() {
    let stack = Stack::start();
    deliver(&stack, "opentact-call_state-in-failed-insufficient-balance");
    let open = || {
        let list = shown(&stack, "/console/alerts");
        let incidents = list.split("</ul>").find(|part| part.contains("class=\"incidents\"")).unwrap().to_owned();
        incidents.contains("Opentact balance empty: calls fail").then_some(())
    };
    wait::until("it is told", open);
    let bearer = stack::bearer(stack::OPERATOR_TOKEN);
    for _ in 0..101 {
        let answer = stack.client().send("POST", "/alerts/test", &[("authorization", &bearer)], b"");
        assert_eq!(answer.status, 202);
    }
    wait::until("all are listed", || (stack.list("/alerts?limit=100").len() > 101).then_some(()));
    assert_eq!(open(), Some(()));
}

#[test]
fn a_mail_leads_to_the_page_of_its_call_and_opens_its_event() {
    let stack = Stack::start();
    let (event, _) = deliver(&stack, "opentact-call_state-in-failed-insufficient-balance");
    let mail = wait::until("the mail is published", || {
        let published = stack.published();
        let mail = published.iter().find(|message| message["topic"] == "AlertsTopic");
        mail.map(|mail| mail["message"].as_str().unwrap().to_owned())
    });
    let pages: Vec<_> = mail.lines().filter_map(|line| Some(line.split_once("/console/")?.1)).collect();
    let [call, opened] = pages.as_slice() else { panic!("{mail}") };
    assert_has(&shown(&stack, &format!("/console/{call}")), &["Failed: insufficient balance"]);
    assert_has(&shown(&stack, &format!("/console/{opened}")), &[&format!("class=\"open\" id=\"e-{event}\"")]);
}

#[test]
fn failures_name_whose_calls_they_are_and_lead_to_them() {
    let stack = Stack::start();
    deliver(&stack, "opentact-call_state-in-failed-insufficient-balance");
    let whole = wait::until("the call's record is written", || {
        let whole = shown(&stack, "/console/failures?class=insufficient_balance");
        whole.contains("own=sip_domain:example.com").then_some(whole)
    });
    assert_has(&whole, &["class=insufficient_balance", "Whose calls went wrong"]);
    assert!(!shown(&stack, "/console/failures?class=busy").contains("own=sip_domain"));
}
