//! The balance, played: who is told of it, and that nothing asks for a top-up that was made.

use jiff::{SignedDuration, Timestamp};
use tests::proxy::Fault;

use super::incidents::{after, call, subjects, two_at_night};
use super::played::{Call, End, Play, Told};

/// What a message says, by whatever way it goes.
fn said(told: &Told) -> String {
    format!("{}\n{}", told.subject, told.text)
}

#[test]
fn what_sns_took_only_after_the_top_up_asks_for_none() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("LOW_BALANCE", "100,20"), ("STACK_LABEL", "prod")]);
    play.sns.break_with(Fault::Status(403));
    for (second, amount) in [(-50, "120"), (-40, "99"), (30, "12.5"), (400, "200")] {
        play.balance(after(start, second), amount);
    }
    for n in 0..3 {
        play.call(&call(n, after(start, 20 + n as i64 * 20), End::NoBalance));
    }
    play.until(after(start, 480));
    assert_eq!(play.told, [], "nothing is taken");
    play.sns.heal();
    play.until(after(start, 1_200));
    let all = subjects(&play);
    let late = ["Balance low: 99 ", "Balance low: 12.5 ", "Opentact balance empty: calls fail"];
    for part in late {
        let told: Vec<_> = play.mails().into_iter().filter(|told| told.subject.contains(part)).collect();
        assert_eq!(told.len(), 1, "{part} {all:#?}");
        assert!(told[0].subject.starts_with("Over by now: ") && told[0].subject.ends_with(" [prod]"), "{all:#?}");
        assert!(told[0].text.contains(". What to do: nothing.\n\n"), "{}", told[0].text);
    }
    for told in &play.told {
        assert!(!said(told).to_lowercase().contains("top up"), "{}", said(told));
    }
    assert_eq!(play.sms().iter().filter(|told| told.text.starts_with("Over by now: ")).count(), 2, "{all:#?}");
}

#[test]
fn what_sns_took_late_still_asks_for_a_top_up_where_there_was_none() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("LOW_BALANCE", "20")]);
    play.sns.break_with(Fault::Status(403));
    play.balance(after(start, -30), "12.5");
    play.call(&call(0, after(start, 20), End::NoBalance));
    play.until(after(start, 180));
    play.sns.heal();
    play.until(after(start, 360));
    let all = subjects(&play);
    assert_eq!(play.sms().iter().filter(|told| told.text.contains("Top up now")).count(), 2, "{all:#?}");
    assert_eq!(all.len(), 4, "{all:#?}");
}

#[test]
fn a_failure_that_comes_after_the_top_up_that_it_was_before_asks_for_none() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    play.balance(after(start, -30), "0.01");
    for n in 0..3 {
        play.call(&call(n, after(start, n as i64 * 20), End::NoBalance));
    }
    play.balance(after(start, 100), "200");
    play.until(after(start, 180));
    let before = play.told.len();
    // It failed before the top-up, and its events come now.
    play.late(&call(3, after(start, 90), End::NoBalance), after(start, 200));
    play.until(after(start, 1_200));
    for told in &play.told[before..] {
        assert!(!said(told).to_lowercase().contains("top up"), "{}", said(told));
    }
    assert!(play.sms().len() <= 2, "{:#?}", subjects(&play));
}

#[test]
fn an_account_that_gets_a_charge_back_is_still_empty() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for (second, amount) in [(-30, "0.01"), (90, "0.06"), (210, "0.11")] {
        play.balance(after(start, second), amount);
    }
    for n in 0..12 {
        play.call(&call(n, after(start, n as i64 * 30), End::NoBalance));
    }
    // Within the house, at no cost.
    play.call(&Call { to: "user2".to_owned(), ..call(12, after(start, 400), End::Answered) });
    play.until(after(start, 3_000));
    let all = subjects(&play);
    assert_eq!(play.sms().len(), 1, "{all:#?}");
    assert!(!all.iter().any(|told| told.contains("Over")), "{all:#?}");
}

#[test]
fn an_empty_balance_of_hours_ago_that_comes_now_wakes_nobody() {
    let start = after(two_at_night(), 5 * 3_600 - 600);
    let mut play = Play::new(start, &[]);
    for n in 0..3 {
        play.call(&call(n, after(start, -8 * 3_600), End::NoBalance));
    }
    play.until(after(start, 1_200));
    assert_eq!(subjects(&play), ["mail 3 single failures in the last day"]);
}

/// A stolen password: each day 6 an hour by day, then calls at a cost that grows.
#[test]
fn a_fraud_curve_is_told_two_hours_before_the_account_is_empty_by_a_few_messages() {
    let start: Timestamp = "2026-11-16T02:00:00Z".parse().unwrap();
    let mut play = Play::new(start, &[("LOW_BALANCE", "0")]);
    let mut left = 2_000.0;
    for hour in (1..14 * 24).rev() {
        let at = start - SignedDuration::from_hours(hour);
        if (8..18).contains(&(at.as_second() / 3_600 % 24)) {
            for minute in [5, 25, 45] {
                left -= 2.0;
                play.balance(at + SignedDuration::from_mins(minute), &format!("{left:.2}"));
            }
        }
    }
    // From two at night on, each five minutes a twentieth more than in those before.
    let (mut minute, mut cost, mut empty) = (0, 2.0, None);
    while left > 0.0 {
        minute += 5;
        left -= cost;
        cost *= 1.05;
        play.balance(start + SignedDuration::from_mins(minute), &format!("{left:.2}"));
        if left <= 0.0 {
            empty = Some(start + SignedDuration::from_mins(minute));
        }
    }
    let empty = empty.unwrap();
    play.until(empty + SignedDuration::from_mins(30));
    let all: Vec<_> = play.told.iter().map(|told| (told.at.to_string(), told.sms, told.subject.clone())).collect();
    let first = play.sms().first().map(|sms| sms.at).unwrap_or_else(|| panic!("{all:#?}"));
    assert!(empty.duration_since(first) >= SignedDuration::from_hours(2), "empty at {empty}: {all:#?}");
    assert!(play.sms()[0].text.contains("misuse?"), "{all:#?}");
    assert!(play.mails().len() <= 4 && play.sms().len() <= 3, "{all:#?}");
    assert_eq!(play.paged(), ["ALARM"], "misuse and an empty balance are one account's {all:#?}");
}
