//! What a person reads, made from the sample deliveries through the same path that real ones take.

mod made;
mod named;
mod tricks;

use jiff::SignedDuration;
use shared::entity::{Entity, EntityKind};
use shared::event::Party;
use shared::failure::{Cause, Failure, FailureClass};
use shared::mute::{Mute, Target};
use shared::name::Provider;
use shared::outbox::Transport;
use shared::settings::Fault;

use self::made::{alert, context, event, failed, incident, sample, words};
use crate::Evidence;
use crate::Numbers;
use crate::bucket::Bucket;
use crate::channel::Way;
use crate::incident::Incident;
use crate::signal::{self, Severities, Severity};
use crate::words::{Links, MAX_SMS, MAX_SUBJECT, Words, chatted, paged, read_aloud};

#[test]
fn every_class_is_told_so_by_mail_and_by_sms() {
    let call = "opentact-call_state-in-failed-insufficient-balance";
    let busy = "opentact-call_state-out-hangup-busy";
    let every: Severities = {
        let every: Vec<_> = FailureClass::ALL.iter().map(|class| format!("{class}=critical")).collect();
        every.join(",").parse().unwrap()
    };
    for (name, event) in [
        ("insufficient_balance", sample(call)),
        ("insufficient_balance-sms", sample("opentact-sms-smso-failed-insufficient-balance")),
        ("insufficient_balance-order", sample("opentact-tn_order-failed-insufficient-balance")),
        ("not_permitted", sample("opentact-call_state-in-failed-not-permitted")),
        ("undelivered", sample("opentact-sms-smso-failed-undelivered")),
        ("busy", sample(busy)),
        ("no_answer", sample("opentact-call_state-out-hangup-no-answer")),
        ("rejected", failed(busy, FailureClass::Rejected, Some(Cause::Q850(21)))),
        ("invalid_number", failed(busy, FailureClass::InvalidNumber, Some(Cause::Sip(404)))),
        ("congestion", failed(busy, FailureClass::Congestion, Some(Cause::Q850(34)))),
        ("unknown", sample("onsip-call.dialog.failed")),
    ] {
        let signal = signal::of(&event, &every).unwrap();
        assert_eq!(signal.class.as_str(), name.split('-').next().unwrap());
        let balance = (signal.class == FailureClass::InsufficientBalance).then_some("0.0412");
        let alert = words(Numbers::Shown).failure(signal.id.clone(), &event, &signal, &context(balance));
        insta::assert_snapshot!(name, read_aloud(&alert));
    }
}

#[test]
fn the_label_ends_each_subject_and_sms_however_long_these_are() {
    let label = "prod".parse().unwrap();
    let words = Words { label, ..words(Numbers::Shown) };
    for length in [1, 60, 300] {
        let mut event = sample("opentact-call_state-in-failed-insufficient-balance");
        event.from = Some(Party::unknown(&"7".repeat(length)));
        let signal = signal::of(&event, &Severities::default()).unwrap();
        let alert = words.failure(String::new(), &event, &signal, &context(None));
        assert!(alert.subject.ends_with(" [prod]") && alert.subject.len() <= MAX_SUBJECT, "{}", alert.subject);
        let sms = alert.sms.unwrap();
        // Each bracket takes two places of an SMS.
        assert!(sms.ends_with(" [prod]") && sms.len() + 2 <= MAX_SMS, "{sms}");
    }
}

#[test]
fn an_alert_is_chosen_by_what_its_event_is_chosen_by() {
    let alert = alert(&sample("opentact-call_state-in-failed-insufficient-balance")).unwrap();
    let told = |name| alert.attributes.words().into_iter().find(|(n, _)| *n == name).unwrap().1;
    assert_eq!(
        ["provider", "class", "severity", "state"].map(told),
        ["opentact", "insufficient_balance", "critical", "open"]
    );
    for entity in ["sip_domain:example.com", "sip_user:alice@example.com/outbound_call"] {
        assert!(alert.attributes.entities.contains(entity), "{:?}", alert.attributes);
    }
}

#[test]
fn an_empty_balance_names_no_caller_and_says_where_to_top_up() {
    let link = |text: &str| text.parse().unwrap();
    let links = Links {
        top_up: Some(link("https://pay.example.com/top-up")),
        runbook: Some(link("https://wiki.example.com/calls")),
        support: [
            (Provider::Opentact, link("https://help.example.com/")),
            (Provider::Onsip, link("https://x.example.com")),
        ]
        .into(),
    };
    let words = Words { links, label: "prod".parse().unwrap(), ..words(Numbers::Shown) };
    let event = sample("opentact-call_state-in-failed-insufficient-balance");
    let signal = signal::of(&event, &Severities::default()).unwrap();
    let alert = words.failure(signal.id.clone(), &event, &signal, &context(Some("0.0412")));
    assert_eq!(alert.subject, "Opentact balance empty: calls fail [prod]");
    insta::assert_snapshot!("links", read_aloud(&alert));
    let not_permitted = sample("opentact-call_state-in-failed-not-permitted");
    let signal = signal::of(&not_permitted, &Severities::default()).unwrap();
    let alert = words.failure(signal.id.clone(), &not_permitted, &signal, &context(None));
    assert!(alert.text.contains("wiki.example.com") && alert.text.contains("help.example.com"), "{}", alert.text);
    assert!(!alert.text.contains("pay.example.com") && !alert.text.contains("x.example.com"), "{}", alert.text);
}

#[test]
fn an_alert_in_chat_says_what_is_wrong_and_has_what_to_do_as_its_next_steps() {
    let links = Links { top_up: "https://pay.example.com/top-up?a=1&b=2".parse().ok(), ..Links::default() };
    let words = Words { links, label: "prod".parse().unwrap(), ..words(Numbers::Shown) };
    let event = sample("opentact-call_state-in-failed-insufficient-balance");
    let signal = signal::of(&event, &Severities::default()).unwrap();
    let alert = words.failure(signal.id.clone(), &event, &signal, &context(Some("0.0412")));
    insta::assert_snapshot!("chat", format!("{:#}", chatted(&alert)));
    let waited = chatted(&words.over_by_now(&alert));
    assert_eq!(waited["content"]["nextSteps"][0], "Nothing.");
    assert!(waited["content"]["description"].as_str().unwrap().starts_with("Over by now: Opentact balance empty"));
}

#[test]
fn an_incidents_messages_are_one_thread_and_another_is_another() {
    let words = words(Numbers::Masked);
    let now = "2026-11-02T16:40:00Z".parse().unwrap();
    let sample = failed("opentact-call_state-out-hangup-busy", FailureClass::Congestion, Some(Cause::Q850(34)));
    let signal = signal::of(&sample, &Severities::default()).unwrap();
    let mut incident = incident(&sample, &signal, 12, now);
    incident.open(Severity::Warning, SignedDuration::from_mins(15), now);
    let opened = chatted(&words.opened(&incident, Evidence::Failures));
    insta::assert_snapshot!("chat-incident", format!("{opened:#}"));
    let of = |told: serde_json::Value| told["metadata"]["threadId"].as_str().unwrap().to_owned();
    let thread = of(opened);
    incident.sent(&[]);
    assert_eq!(
        [of(chatted(&words.more(&incident, now))), of(chatted(&words.over(&incident, now)))],
        [&*thread, &thread]
    );
    incident.end();
    assert_ne!(of(chatted(&words.over(&incident, now))), thread);
    let alone = words.failure(String::new(), &sample, &signal, &context(None));
    assert!(chatted(&alone)["metadata"]["threadId"].is_null());
}

#[test]
fn a_critical_incident_opens_and_ends_one_alarm_and_a_warning_none() {
    let words = words(Numbers::Masked);
    let now = "2026-11-02T16:40:00Z".parse().unwrap();
    let sample = failed("opentact-call_state-out-hangup-busy", FailureClass::Congestion, Some(Cause::Q850(34)));
    let signal = signal::of(&sample, &Severities::default()).unwrap();
    let mut incident = incident(&sample, &signal, 12, now);
    let open = |incident: &mut Incident, severity| {
        incident.open(severity, SignedDuration::from_mins(15), now);
        let alert = words.opened(incident, Evidence::Failures);
        incident.opening(alert)
    };
    let end = |incident: &mut Incident| {
        let alert = words.over(incident, now);
        incident.ending(alert)
    };
    assert_eq!(open(&mut incident, Severity::Warning).page, None);
    let critical = open(&mut incident, Severity::Critical);
    insta::assert_snapshot!("page", format!("{:#}", paged(&critical)));
    assert_eq!(open(&mut incident, Severity::Critical).page, None, "somebody is awake");
    incident.sent(&[]);
    let over = end(&mut incident);
    let (alarm, ok) = (paged(&critical), paged(&over));
    assert_eq!((&ok["NewStateValue"], &ok["AlarmName"]), (&"OK".into(), &alarm["AlarmName"]));
    assert_eq!(over.silenced().unwrap().transports, [Transport::Pages]);
    assert_eq!((critical.silenced(), end(&mut incident).page), (None, None));
}

#[test]
fn an_incident_is_told_when_it_opens_while_it_goes_on_and_at_its_end() {
    let words = words(Numbers::Shown);
    let now = "2026-11-02T16:40:00Z".parse().unwrap();
    let sample = failed("opentact-call_state-out-hangup-busy", FailureClass::Congestion, Some(Cause::Q850(34)));
    let signal = signal::of(&sample, &Severities::default()).unwrap();
    let mut incident = incident(&sample, &signal, 12, now);
    incident.open(Severity::Warning, SignedDuration::from_mins(15), now);
    insta::assert_snapshot!("incident-open", read_aloud(&words.opened(&incident, Evidence::Failures)));
    incident.open(Severity::Critical, SignedDuration::from_mins(15), now);
    let share = Evidence::Share { failed: 12, of: 14 };
    insta::assert_snapshot!("incident-critical", read_aloud(&words.opened(&incident, share)));
    let later = now + SignedDuration::from_mins(15);
    // The opening listed none of them.
    assert_eq!(words.more(&incident, later).subject, "12 calls failed: congestion - Opentact");
    incident.told = 12;
    insta::assert_snapshot!("incident-more", read_aloud(&words.more(&incident, later)));
    incident.told = 0;
    incident.sent(&[]);
    incident.through = 12;
    incident.last_at = "2026-11-02T16:39:38Z".parse().ok();
    insta::assert_snapshot!("incident-over", read_aloud(&words.over(&incident, later)));
}

#[test]
fn what_is_told_together_has_a_line_for_each_class_and_scope() {
    let words = words(Numbers::Shown);
    let now = "2026-11-02T16:40:00Z".parse().unwrap();
    let mut bucket = Bucket::default();
    for (class, number) in [(FailureClass::Congestion, 2), (FailureClass::NotPermitted, 1)] {
        let sample = failed("opentact-call_state-out-hangup-busy", class, None);
        let signal = signal::of(&sample, &Severities::default()).unwrap();
        bucket.add(class.as_str(), incident(&sample, &signal, number, now).line(None), now);
    }
    insta::assert_snapshot!("digest", read_aloud(&words.digest("d".to_owned(), &bucket)));
    insta::assert_snapshot!("storm", read_aloud(&words.storm("s".to_owned(), Provider::Opentact, &bucket)));
    let target = Target { class: None, provider: Some(Provider::Opentact), scope: None };
    let mute = Mute { target, until: now, reason: "carrier works, see evil.example".to_owned(), set_at: now };
    let muted = |bucket: &Bucket, going_on: &[FailureClass]| {
        let going_on = going_on.iter().map(ToString::to_string).collect();
        read_aloud(&words.unmuted("m".to_owned(), (&mute, bucket), &going_on, now + SignedDuration::from_hours(2)))
    };
    insta::assert_snapshot!("mute-failing", muted(&bucket, &[FailureClass::NotPermitted]));
    bucket.lines.values_mut().for_each(|line| line.over_at = Some(now));
    bucket.hold(
        "delivery",
        &words.back("b".to_owned(), Provider::Opentact, now - SignedDuration::from_hours(1), now),
        now,
    );
    insta::assert_snapshot!("mute-over", muted(&bucket, &[]));
}

#[test]
fn a_wrong_setting_is_told_with_what_to_do() {
    let reason = "\"bussy=loud\" is not class=severity".to_owned();
    let fault = Fault { name: "ALERT_RULES".to_owned(), value: "bussy=loud".to_owned(), reason };
    insta::assert_snapshot!("setting", read_aloud(&words(Numbers::Shown).wrong_setting(String::new(), &fault)));
}

#[test]
fn what_is_wrong_with_the_channel_is_told_with_what_to_do() {
    let words = words(Numbers::Shown);
    let at = "2026-11-02T09:00:00Z".parse().unwrap();
    for (name, alert) in [
        ("channel-email", words.unheard(String::new(), Way::Email)),
        ("channel-sms", words.unheard(String::new(), Way::Sms)),
        ("channel-test", words.test(String::new(), at)),
    ] {
        insta::assert_snapshot!(name, read_aloud(&alert));
    }
}

#[test]
fn a_withheld_caller_is_told_so_however_the_provider_writes_it() {
    for raw in ["", "anonymous", "Restricted", "0000000000", "sip:anonymous@anonymous.invalid"] {
        let mut event = sample("opentact-call_state-in-failed-insufficient-balance");
        event.from = Some(Party::unknown(raw));
        let alert = alert(&event).unwrap();
        let sms = alert.sms.as_deref().unwrap();
        let class = FailureClass::Congestion;
        event.failure = Some(Failure { class, reason: None, code: None });
        let other = self::alert(&event).unwrap().subject;
        assert!(other.contains("- a withheld caller to +1"), "{other}");
        assert!(sms.contains("a withheld caller to +1"), "{sms}");
        assert!(alert.text.lines().any(|line| line.starts_with("From:      a withheld caller")), "{}", alert.text);
    }
}

#[test]
fn a_number_without_a_country_code_is_shown_without_a_plus() {
    for (raw, shown) in [
        ("12025550144", "+12025550144"),
        ("02079460123", "02079460123"),
        ("+02079460123", "02079460123"),
        ("5550101", "5550101"),
        ("+1202555010", "1202555010"),
        ("+12345", "12345"),
    ] {
        let mut event = sample("opentact-call_state-in-failed-insufficient-balance");
        let entity = Entity::new(EntityKind::PhoneNumber, raw).ok();
        event.to = Some(Party { entity, ..Party::unknown(raw) });
        let sms = alert(&event).unwrap().sms.unwrap();
        assert!(sms.contains(&format!(" to {shown}, ")), "{raw}: {sms}");
    }
}

#[test]
fn masked_numbers_show_their_last_digits_only() {
    let event = sample("opentact-sms-smso-failed-undelivered");
    let signal = signal::of(&event, &"undelivered=critical".parse().unwrap()).unwrap();
    let alert = words(Numbers::Masked).failure(signal.id.clone(), &event, &signal, &context(None));
    let number = holds_a_number(&alert.subject) || holds_a_number(alert.sms.as_deref().unwrap());
    assert!(!number, "{alert:?}");
    insta::assert_snapshot!("masked", read_aloud(&alert));
}

fn holds_a_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 7)
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
        ("opentact-sms-smso-failed-insufficient-balance", Some("Opentact balance empty: SMS fail")),
        ("opentact-sms-smso-failed-undelivered", Some("SMS failed: not delivered - ")),
        ("opentact-tn_order-failed-insufficient-balance", Some("Opentact balance empty: number orders fail")),
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

#[test]
fn an_order_of_thousands_of_numbers_is_a_short_alert() {
    let numbers: Vec<_> = (0..5000).map(|n| serde_json::json!({"tn": 12_025_550_000_u64 + n})).collect();
    let body = serde_json::json!({
        "uuid": "1", "created_on": "2026-11-02T16:40:00Z", "type": "tn_order",
        "payload": {"uuid": "o", "state": "failed", "reason": "Not enough account balance ".repeat(1000), "items": numbers},
    });
    let alert = alert(&event(Provider::Opentact, body.to_string().as_bytes())).unwrap();
    assert!(alert.text.contains("more\n") && alert.text.len() < 3000, "{}", alert.text);
}

#[test]
fn each_golden_text_says_in_its_first_90_characters_what_is_wrong_and_what_to_do() {
    let source = format!("{}/src", env!("CARGO_MANIFEST_DIR"));
    let folders = ["snapshots", "words/snapshots", "words/account/snapshots", "words/renewal/snapshots"];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(format!("{source}/{folder}")).unwrap());
    let texts: Vec<_> = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    for text in texts.iter().filter(|text| text.contains("\nSubject: ")) {
        let text = text.split_once("\nSubject: ").unwrap().1.split_once("\n\n").unwrap().1;
        let (wrong, what_to_do) = text.split_once(" What to do: ").unwrap_or_else(|| panic!("{text}"));
        // A few words of it, at least.
        let begins = wrong.chars().count() + " What to do: ".len();
        assert!(!wrong.is_empty() && begins + what_to_do.chars().count().min(8) <= 90, "{text}");
    }
    assert!(texts.len() >= 30);
}
