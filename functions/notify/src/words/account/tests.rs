//! What a person reads of a balance and of a silence.

use shared::entity::{Entity, EntityKind};
use shared::name::Provider;
use shared::outbox::Alert;

use super::*;
use crate::settings::Numbers;

const ACCOUNT: &str = "9af21132-9b2f-482e-aefe-906062c73008";

fn words() -> Words {
    Words::new("https://api.example.com/v1".to_owned(), Numbers::Shown)
}

fn read_aloud(alert: &Alert) -> String {
    format!("Subject: {}\n\n{}\nSMS: {}\n", alert.subject, alert.text, alert.sms.as_deref().unwrap_or("(none)"))
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-02T{time}Z").parse().unwrap()
}

fn balance(turn: Turn, amount: &str, account: Option<&Entity>) -> Alert {
    let balance = Balance { amount: amount.parse().unwrap(), at: at("16:40:00") };
    let whose = Whose { provider: Provider::Opentact, account };
    let outlook = Outlook { balance, per_hour: None };
    words().balance(String::new(), whose, turn, &outlook, &"100,20".parse().unwrap())
}

#[test]
fn a_balance_that_lasts_some_hours_is_told_so() {
    let balance = Balance { amount: "220.5".parse().unwrap(), at: at("16:40:00") };
    let outlook = Outlook { balance, per_hour: "84.2518".parse().ok() };
    let told = |limits: &str, level| {
        let whose = Whose { provider: Provider::Opentact, account: None };
        words().balance(String::new(), whose, Turn::Low(level), &outlook, &limits.parse().unwrap())
    };
    insta::assert_snapshot!("balance-lasts", read_aloud(&told("0", Level::Critical)));
    assert!(told("0", Level::Warning).sms.is_none());
    let both = told("500,300", Level::Critical);
    assert_eq!(both.subject, "Balance low: 220.5 is below 300 - Opentact", "one message for both");
    assert!(both.text.contains("Lasts:     2 h 37 min at that rate"), "{both:?}");
}

#[test]
fn a_balance_that_is_low_and_one_that_recovered_are_told_so() {
    let told = |turn, amount| read_aloud(&balance(turn, amount, None));
    insta::assert_snapshot!("balance-low", told(Turn::Low(Level::Critical), "19.9604"));
    insta::assert_snapshot!("balance-recovered", told(Turn::Recovered(Level::Critical), "520.00"));
}

#[test]
fn only_what_was_told_as_critical_is_told_by_sms_and_nothing_asks_to_top_up_after_a_top_up() {
    for (level, paged) in [(Level::Warning, false), (Level::Critical, true)] {
        assert_eq!(balance(Turn::Low(level), "19", None).sms.is_some(), paged, "{level:?}");
        let recovered = balance(Turn::Recovered(level), "520", None);
        assert_eq!(recovered.sms.is_some(), paged, "{level:?}");
        assert!(!read_aloud(&recovered).to_lowercase().contains("top up"), "{recovered:?}");
    }
}

#[test]
fn the_account_is_named_where_the_provider_named_it() {
    let account = Entity::new(EntityKind::Account, ACCOUNT).unwrap();
    let told = balance(Turn::Low(Level::Critical), "19.9604", Some(&account));
    assert!(told.subject.ends_with(&format!(" - Opentact account {ACCOUNT}")), "{told:?}");
    assert!(told.text.contains(&format!("Account:   {ACCOUNT}")), "{told:?}");
    assert!(told.sms.unwrap().contains("Opentact account 9af21132"));
}

#[test]
fn a_silence_and_its_end_are_told_so() {
    let (last, now) = (at("16:40:00"), at("18:45:00"));
    insta::assert_snapshot!("silence-onsip", read_aloud(&words().silent(String::new(), Provider::Onsip, last, now)));
    insta::assert_snapshot!(
        "silence-opentact",
        read_aloud(&words().silent(String::new(), Provider::Opentact, last, now))
    );
    insta::assert_snapshot!("silence-over", read_aloud(&words().back(String::new(), Provider::Onsip, last, now)));
}
