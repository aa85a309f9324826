//! What a person reads, made from the sample deliveries through the same path that real ones take.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use notify::{signal, words};
use proptest::prelude::*;
use shared::access::{Carrier, Content, Delivery, Rule, Rules, TokenDigest, TokenDigests};
use shared::event::{Event, Provider};
use shared::outbox::Alert;
use shared::provider::{Reading, read};

fn event(provider: Provider, body: &[u8]) -> Event {
    let rule = Rule { tokens: TokenDigests::new(vec![TokenDigest::of("t")]), addresses: None };
    let rules = Rules { onsip: rule.clone(), opentact: rule };
    let content = Content {
        path: String::new(),
        request_id: "1".to_owned(),
        carrier: Carrier::Body,
        content_type: None,
        body: body.to_vec(),
        received_at: "2026-11-02T16:40:01Z".parse().unwrap(),
    };
    let delivery = rules.verify(Delivery::new(provider, None, vec!["t".to_owned()], content)).unwrap();
    match read(&delivery).unwrap() {
        Reading::Event(event) => *event,
        Reading::Probe => panic!("a probe"),
    }
}

fn sample(name: &str) -> Event {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    event(name.split('-').next().unwrap().parse().unwrap(), &std::fs::read(path).unwrap())
}

fn alert(event: &Event) -> Option<Alert> {
    signal::of(event).map(|signal| words::alert(event, &signal, "https://api.example.com/v1"))
}

#[test]
fn an_insufficient_balance_says_everything_a_person_needs_at_night() {
    let alert = alert(&sample("opentact-call_state-in-failed-insufficient-balance")).unwrap();
    assert_eq!(alert.subject, "Call failed: insufficient balance - alice@example.com to +12025550144");
    assert_eq!(
        alert.sms.as_deref(),
        Some(
            "Call failed: insufficient balance. Top up now. Opentact, alice@example.com to +12025550144, \
             2026-11-02 16:40:00 UTC"
        )
    );
    assert_eq!(
        alert.text,
        "\
Call failed: the account has not enough balance.

Event:    call_state
Leg:      inbound (towards the platform), 8f293405-c6aa-458f-ad30-49ae9004b402
From:     alice@example.com (+12025550111)
To:       +12025550144
Concerns: sip_user:alice@example.com, sip_domain:example.com, phone_number:12025550144, phone_number:12025550111
When:     2026-11-02 16:40:00 UTC
Received: 2026-11-02 16:40:01 UTC
Why:      insufficient balance; the provider says \"Insufficient account balance\"
Provider: Opentact

What to do: top up the account at the provider. Until then further calls and messages fail for the same reason.

Where to look:
  the call:  https://api.example.com/v1/calls/opentact.call.8f293405-c6aa-458f-ad30-49ae9004b402
  the event: https://api.example.com/v1/events/EVENT
  (with the header Authorization: Bearer and a read token)
"
        .replace("EVENT", &sample("opentact-call_state-in-failed-insufficient-balance").id.to_string())
    );
}

#[test]
fn what_fails_every_day_is_silent_and_what_matters_is_not() {
    for (name, subject) in [
        ("opentact-call_state-out-hangup-busy", None),
        ("opentact-call_state-out-hangup-no-answer", None),
        ("opentact-call_state-out-hangup-answered", None),
        ("onsip-call.dialog.failed", None),
        ("opentact-sms-smso-success-delivered", None),
        ("opentact-tn_order-success", None),
        ("opentact-call_state-in-failed-not-permitted", Some("Call failed: not permitted - ")),
        ("opentact-sms-smso-failed-insufficient-balance", Some("SMS failed: insufficient balance - ")),
        ("opentact-sms-smso-failed-undelivered", Some("SMS failed: not delivered - ")),
        ("opentact-tn_order-failed-insufficient-balance", Some("Number order failed: insufficient balance - ")),
    ] {
        let told = alert(&sample(name)).map(|alert| alert.subject);
        match (&told, subject) {
            (None, None) => (),
            (Some(told), Some(subject)) if told.starts_with(subject) => (),
            _ => panic!("{name}: {told:?}"),
        }
    }
}

#[test]
fn only_what_is_critical_wakes_people_by_sms() {
    assert!(alert(&sample("opentact-sms-smso-failed-insufficient-balance")).unwrap().sms.is_some());
    assert!(alert(&sample("opentact-call_state-in-failed-not-permitted")).unwrap().sms.is_none());
}

#[test]
fn both_ends_of_a_leg_and_both_legs_of_a_call_are_one_alert() {
    let failed = |leg: &str, parent: &str, state: &str, uuid: &str| {
        let body = format!(
            r#"{{"uuid":"{uuid}","created_on":"2026-11-02T16:40:00Z","type":"call_state","payload":{{"state":"{state}"}},
            "call":{{"uuid":"{leg}","direction":"out","parent":{parent},"from":"12025550111","to":"12025550144",
            "q850_cause":34}}}}"#
        );
        alert(&event(Provider::Opentact, body.as_bytes())).unwrap().id
    };
    let hangup = failed("b", r#"{"uuid":"a"}"#, "hangup", "1");
    assert_eq!(hangup, failed("b", r#"{"uuid":"a"}"#, "destroyed", "2"));
    assert_eq!(hangup, failed("a", "null", "hangup", "3"));
    assert_ne!(hangup, failed("c", "null", "hangup", "4"));
}

#[test]
fn no_balance_no_name_and_no_message_of_a_customer_enters_an_alert() {
    let folder = format!("{}/../../events", env!("CARGO_MANIFEST_DIR"));
    let mut alerts = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        if let Some(alert) = alert(&sample(name)) {
            alerts += 1;
            let all = format!("{alert:?}");
            for private in ["873.0604", "Example Ltd", "billing@example.com", "table is booked", "Example Street"] {
                assert!(!all.contains(private), "{name}: {private}");
            }
        }
    }
    assert!(alerts >= 5);
}

proptest! {
    #[test]
    fn no_input_makes_a_text_too_long_or_adds_a_line(from: String, to: String, leg: String, reason: String, state in "failed|hangup") {
        let body = serde_json::json!({
            "uuid": "1", "created_on": "2026-11-02T16:40:00Z", "type": "call_state", "payload": {"state": state},
            "call": {"uuid": leg, "from": from, "to": to, "reason": format!("insufficient balance {reason}")},
        });
        let alert = alert(&event(Provider::Opentact, body.to_string().as_bytes())).unwrap();
        prop_assert!(alert.subject.len() <= words::MAX_SUBJECT && alert.subject.bytes().all(|b| matches!(b, b' '..=b'~')));
        let sms = alert.sms.unwrap();
        prop_assert!(sms.len() <= words::MAX_SMS && sms.bytes().all(|b| matches!(b, b' '..=b'Z' | b'a'..=b'z' | b'_')));
        prop_assert!(alert.text.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(alert.text.lines().count() <= 19);
    }
}
