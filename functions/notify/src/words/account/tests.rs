//! What a person reads of a balance.

use shared::entity::{Entity, EntityKind};
use shared::name::Provider;
use shared::outbox::Alert;

use super::*;
use crate::balance::Balance;
use crate::settings::Numbers;
use crate::words::read_aloud;

const ACCOUNT: &str = "9af21132-9b2f-482e-aefe-906062c73008";

fn words() -> Words {
    Words::new("https://api.example.com/v1".to_owned(), Numbers::Shown)
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-02T{time}Z").parse().unwrap()
}

fn outlook(amount: &str, per_hour: Option<&str>) -> Outlook {
    let balance = Balance { amount: amount.parse().unwrap(), at: at("16:40:00") };
    Outlook { per_hour: per_hour.map(|rate| rate.parse().unwrap()), ..Outlook::from(balance) }
}

fn report<'r>(turn: Turn, outlook: &'r Outlook, limits: &str) -> Report<'r> {
    let whose = Whose { provider: Provider::Opentact, account: None };
    Report { whose, turn, outlook, limits: limits.parse().unwrap(), callers: &[] }
}

fn balance(turn: Turn, amount: &str) -> Alert {
    words().balance(String::new(), &report(turn, &outlook(amount, None), "100,20"))
}

#[test]
fn a_balance_that_lasts_some_hours_is_told_so() {
    let outlook = outlook("220.5", Some("84.2518"));
    let told = |limits, level| words().balance(String::new(), &report(Turn::Low(level), &outlook, limits));
    insta::assert_snapshot!("balance-lasts", read_aloud(&told("0", Level::Critical)));
    assert!(told("0", Level::Warning).sms.is_none());
    let both = told("500,300", Level::Critical);
    assert_eq!(both.subject, "Balance low: 220.5 is below 300 - Opentact", "one message for both");
    assert!(both.text.contains("Lasts:       2 h 37 min\n"), "{both:?}");
}

#[test]
fn misuse_is_told_with_those_that_called_most_and_so_is_its_end() {
    let spent = |amount: &str| amount.parse().ok();
    let outlook = Outlook { last_hour: spent("84.2518"), usual: spent("6.04"), ..outlook("220.5", Some("84.2518")) };
    let who = |kind, value| Entity::new(kind, value).unwrap();
    let callers = [
        Caller { who: who(EntityKind::SipUser, "alice@example.com"), calls: 41, talk_seconds: 11_520.4 },
        Caller { who: who(EntityKind::PhoneNumber, "12025550199"), calls: 1, talk_seconds: 0.0 },
    ];
    let told = |turn, callers| Report { callers, ..report(turn, &outlook, "100,20") };
    let told = |turn, callers| read_aloud(&words().balance(String::new(), &told(turn, callers)));
    insta::assert_snapshot!("balance-misuse", told(Turn::Misuse, &callers));
    insta::assert_snapshot!("balance-usual", told(Turn::Usual, &[]));
}

#[test]
fn a_balance_that_is_low_and_one_that_recovered_are_told_so() {
    let told = |turn, amount| read_aloud(&balance(turn, amount));
    insta::assert_snapshot!("balance-low", told(Turn::Low(Level::Critical), "19.9604"));
    insta::assert_snapshot!("balance-recovered", told(Turn::Recovered(Level::Critical), "520.00"));
}

#[test]
fn only_what_was_told_as_critical_is_told_by_sms_and_nothing_asks_to_top_up_after_a_top_up() {
    for (level, paged) in [(Level::Warning, false), (Level::Critical, true)] {
        assert_eq!(balance(Turn::Low(level), "19").sms.is_some(), paged, "{level:?}");
        let recovered = balance(Turn::Recovered(level), "520");
        assert_eq!(recovered.sms.is_some(), paged, "{level:?}");
        assert!(!read_aloud(&recovered).to_lowercase().contains("top up"), "{recovered:?}");
    }
}

#[test]
fn the_account_is_named_where_the_provider_named_it() {
    let account = Entity::new(EntityKind::Account, ACCOUNT).unwrap();
    let outlook = outlook("19.9604", None);
    let whose = Whose { provider: Provider::Opentact, account: Some(&account) };
    let report = Report { whose, ..report(Turn::Low(Level::Critical), &outlook, "100,20") };
    let told = words().balance(String::new(), &report);
    assert!(told.subject.ends_with(&format!(" - Opentact account {ACCOUNT}")), "{told:?}");
    assert!(told.text.contains(&format!("Account:     {ACCOUNT}")), "{told:?}");
    assert!(told.sms.unwrap().contains("Opentact account 9af21132"));
    let chosen_by = told.attributes;
    assert_eq!(chosen_by.words().map(|(_, word)| word), ["opentact", "balance", "critical", "open"]);
    assert!(chosen_by.entities.contains(&format!("account:{ACCOUNT}")));
}

#[test]
fn where_to_top_up_stands_in_what_asks_for_it_alone() {
    let mut words = words();
    words.links.top_up = Some("https://pay.example.com/top-up".parse().unwrap());
    let outlook = outlook("19", None);
    let told = |turn| words.balance(String::new(), &report(turn, &outlook, "100,20")).text;
    assert!(told(Turn::Low(Level::Warning)).contains("https://pay.example.com/top-up"));
    assert!(!told(Turn::Recovered(Level::Critical)).contains("https://pay.example.com"));
}
