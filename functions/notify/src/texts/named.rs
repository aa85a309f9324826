//! The names that people know entities by, beside these.

use shared::event::Event;
use shared::failure::FailureClass;
use shared::outbox::Alert;
use shared::store::names::{Name, Names};

use super::made::{context, failed, incident, sample, words};
use crate::signal::{self, Severities, Signal};
use crate::words::{MAX_SMS, MAX_SUBJECT, Words};
use crate::{Evidence, Numbers};

const CALLED: &str = "phone_number:12025550144";

/// The words of who knows that number by that name.
fn knowing(name: &str, numbers: Numbers) -> Words {
    let names = Names::from([(CALLED.parse().unwrap(), Name::of(name).unwrap().unwrap())]);
    Words { names: names.into(), ..words(numbers) }
}

fn critical(event: &Event) -> Signal {
    let all: Vec<_> = FailureClass::ALL.iter().map(|class| format!("{class}=critical")).collect();
    signal::of(event, &all.join(",").parse::<Severities>().unwrap()).unwrap()
}

/// A failure that is told at once, and an incident's messages.
fn told(words: &Words) -> Vec<Alert> {
    let event = sample("opentact-call_state-in-failed-insufficient-balance");
    let congested = failed("opentact-call_state-in-failed-insufficient-balance", FailureClass::NotPermitted, None);
    let now = "2026-11-02T16:45:00Z".parse().unwrap();
    let incident = incident(&congested, &critical(&congested), 3, now);
    let at_once = [&event, &congested].map(|event| {
        let signal = critical(event);
        words.failure(signal.id.clone(), event, &signal, &context(None))
    });
    at_once.into_iter().chain([words.opened(&incident, Evidence::Failures), words.more(&incident, now)]).collect()
}

#[test]
fn a_name_stands_beside_its_number_in_mails_subjects_and_sms() {
    let told = told(&knowing("Front desk", Numbers::Shown));
    let shown = "+12025550144 (Front desk)";
    for alert in &told {
        assert!(alert.text.contains(shown), "{}", alert.text);
    }
    assert!(told[0].sms.as_ref().unwrap().contains(shown) && told[1].subject.contains(shown), "{told:?}");
}

#[test]
fn a_masked_number_keeps_its_name_and_a_number_within_a_name_is_masked() {
    for (name, shown) in [("Front desk 24 h", "(Front desk 24 h)"), ("desk 202-555-0144", "(desk ***-***-0144)")] {
        for alert in told(&knowing(name, Numbers::Masked)) {
            assert!(alert.text.contains(&format!("+*******0144 {shown}")), "{}", alert.text);
            assert!(!alert.text.contains("2025550144") && !alert.text.contains("555-0144"), "{}", alert.text);
        }
    }
}

#[test]
fn a_hostile_or_long_name_is_no_link_and_no_text_outgrows_its_transport() {
    let long = "x".repeat(80);
    for name in [
        "https://www.evil.example/a",
        "<img src=x onerror=alert(1)>",
        "{\"a\":1}\\",
        "日本語日本語日本語日本語日本語",
        &long,
    ] {
        for alert in told(&knowing(name, Numbers::Shown)) {
            let sms = alert.sms.clone().unwrap_or_default();
            assert!(alert.subject.len() <= MAX_SUBJECT && sms.len() <= MAX_SMS, "{alert:?}");
            for text in [&alert.subject, &alert.text, &sms] {
                assert!(!text.contains("www.evil") && !text.contains("://www") && !text.contains(&long), "{text}");
            }
            assert!(alert.text.contains("+12025550144 ("), "{}", alert.text);
        }
    }
}
