//! Who is told what of failures, when, and how often: days of calls played through `index` and `notify`.

use jiff::{SignedDuration, Timestamp};
use shared::name::Provider;

use super::played::{Call, End, Play};

/// The night in which things happen.
pub(super) fn two_at_night() -> Timestamp {
    "2026-11-03T02:00:00Z".parse().unwrap()
}

pub(super) fn after(start: Timestamp, seconds: i64) -> Timestamp {
    start + SignedDuration::from_secs(seconds)
}

pub(super) fn call(nth: usize, at: Timestamp, end: End) -> Call {
    Call {
        id: format!("{nth:08}"),
        at,
        end,
        from: format!("+1202555{:04}", nth % 10_000),
        to: "12025550144".to_owned(),
        user: format!("user{}", nth % 9),
        provider: Provider::Opentact,
    }
}

pub(super) fn onsip(nth: usize, at: Timestamp, end: End) -> Call {
    Call { provider: Provider::Onsip, ..call(nth, at, end) }
}

pub(super) fn subjects(play: &Play) -> Vec<String> {
    play.told.iter().map(|told| format!("{} {}", if told.sms { "SMS" } else { "mail" }, told.subject)).collect()
}

#[test]
fn a_carrier_that_fails_at_night_wakes_somebody_within_two_minutes_and_its_end_is_told_once() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..60 {
        play.call(&call(n, after(start, n as i64 * 10), End::Congested));
    }
    for n in 60..90 {
        play.call(&call(n, after(start, 1500 + n as i64 * 10), End::Answered));
    }
    play.until(after(start, 3600));
    let all = subjects(&play);
    let first = play.sms().first().map(|sms| sms.at).unwrap_or_else(|| panic!("{all:#?}"));
    // Ten calls have failed once the tenth is over.
    assert!(first.duration_since(after(start, 90 + 31)) <= SignedDuration::from_mins(2), "{first} {all:#?}");
    assert_eq!(play.sms().len(), 2, "{all:#?}");
    assert_eq!(all.iter().filter(|told| told.starts_with("mail Over: congestion")).count(), 1, "{all:#?}");
    assert!(play.sms()[1].text.contains("Over: congestion"), "{all:#?}");
    assert_eq!(play.paged(), ["ALARM OK"], "{all:#?}");
    assert!(play.mails().len() <= 5, "{all:#?}");
    let over = play.mails().into_iter().find(|told| told.subject.starts_with("Over")).unwrap();
    assert!(over.text.contains("60 calls failed until") && over.text.contains("What to do: nothing."), "{}", over.text);
}

#[test]
fn who_declines_gives_up_or_does_not_answer_is_nobodys_alert() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..60 {
        let end = [End::Declined, End::GivenUp, End::NoAnswer, End::Answered, End::Answered, End::Answered][n % 6];
        play.call(&call(n, after(start, n as i64 * 10), end));
    }
    play.until(after(start, 1800));
    assert_eq!(subjects(&play), Vec::<String>::new());
}

#[test]
fn a_call_that_was_answered_in_the_end_is_nobodys_alert() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..20 {
        play.call(&call(n, after(start, n as i64 * 5), [End::AnsweredElsewhere, End::Transferred][n % 2]));
    }
    play.until(after(start, 5 * 3_600 + 60));
    assert_eq!(subjects(&play), Vec::<String>::new(), "not in the digest either");
}

#[test]
fn a_call_of_which_it_is_heard_late_that_it_was_answered_is_no_evidence_any_more() {
    let start = two_at_night();
    for (heard, told) in [(true, 0), (false, 1)] {
        let mut play = Play::new(after(start, -60), &[]);
        for (n, second) in [(0, 0), (1, 0), (2, 240)] {
            play.call(&call(n, after(start, second), End::Congested));
        }
        if heard {
            play.late(&call(0, start, End::AnsweredElsewhere), after(start, 150));
        }
        play.until(after(start, 400));
        assert_eq!(play.told.len(), told, "{:#?}", subjects(&play));
        play.until(after(start, 5 * 3_600 + 60));
        let all = subjects(&play);
        assert_eq!(all.iter().any(|told| told.starts_with("mail 2 single failures")), heard, "{all:#?}");
    }
}

#[test]
fn a_call_whose_legs_end_with_two_causes_is_told_once() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..5 {
        play.call(&call(n, after(start, n as i64 * 5), End::TwoCauses));
    }
    play.until(after(start, 300));
    let all = subjects(&play);
    assert!(all.len() == 1 && all[0].starts_with("mail 5 calls failed: congestion"), "{all:#?}");
}

#[test]
fn calls_of_onsip_that_all_fail_are_one_sms() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..40 {
        play.call(&onsip(n, after(start, n as i64 * 15), End::Congested));
    }
    play.until(after(start, 1200));
    let all = subjects(&play);
    assert_eq!(play.sms().len(), 1, "{all:#?}");
    assert!(play.sms()[0].text.contains("calls failed in 10 min"), "{all:#?}");
    let opening = &play.mails()[0].text;
    for part in ["check the route", "How many:  9", "Such as:"] {
        assert!(opening.contains(part), "{part}: {opening}");
    }
}

#[test]
fn after_an_outage_three_failures_are_a_mail_again() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..30 {
        play.call(&call(n, after(start, n as i64 * 10), End::Congested));
    }
    for n in 30..80 {
        play.call(&call(n, after(start, 200 + n as i64 * 10), End::Answered));
    }
    play.until(after(start, 3_600));
    assert_eq!(play.paged(), ["ALARM OK"], "{:#?}", subjects(&play));
    for n in 80..83 {
        play.call(&call(n, after(start, 3_400 + n as i64 * 10), End::Congested));
    }
    play.until(after(start, 5_400));
    let all = subjects(&play);
    assert!(all.iter().any(|told| told.starts_with("mail 3 calls failed")), "{all:#?}");
    assert_eq!((play.sms().len(), play.paged().len()), (2, 1), "{all:#?}");
}

#[test]
fn an_empty_balance_is_told_at_once_and_after_a_top_up_nothing_asks_for_one() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    play.balance(after(start, -30), "0.01");
    for n in 0..30 {
        play.call(&call(n, after(start, n as i64 * 20), End::NoBalance));
    }
    let paid = after(start, 640);
    play.balance(paid, "200");
    for n in 30..42 {
        play.call(&call(n, after(paid, n as i64 * 5), End::Answered));
    }
    play.until(after(start, 3600));
    let all = subjects(&play);
    assert!(all[0].contains("insufficient balance") || all[0].to_lowercase().contains("balance"), "{all:#?}");
    assert!(play.told[0].at <= after(start, 60), "{all:#?}");
    assert_eq!(
        all.iter().filter(|told| told.contains("Over: insufficient balance")).count(),
        2,
        "mail and SMS {all:#?}"
    );
    assert_eq!(play.paged(), ["ALARM OK"], "{all:#?}");
    for told in play.told.iter().filter(|told| told.at > after(paid, 60)) {
        assert!(!told.text.to_lowercase().contains("top up"), "{}", told.text);
    }
}

#[test]
fn a_batch_that_tells_of_one_empty_balance_several_times_counts_each_call_once() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..9 {
        // With the event of the other leg.
        play.call(&call(n, after(start, 1), End::NoBalance));
        play.call(&Call { id: format!("{n:08}"), ..call(n + 100, after(start, 1), End::NoBalanceDestroyed) });
    }
    play.until(after(start, 1_200));
    let all = subjects(&play);
    assert_eq!(play.mails().len(), 2, "{all:#?}");
    assert!(play.mails()[1].subject.starts_with("8 more calls and messages failed"), "{all:#?}");
}

#[test]
fn a_few_failures_here_and_there_are_one_digest_a_day() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..4 {
        play.call(&call(n, after(start, n as i64 * 1_500), End::Congested));
        play.call(&call(n + 100, after(start, n as i64 * 1_500 + 300), End::Answered));
    }
    play.until(after(start, 6 * 3600));
    let all = subjects(&play);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].starts_with("mail 4 single failures"), "{all:#?}");
}

#[test]
fn a_few_failures_among_many_calls_are_an_ordinary_day() {
    let start = two_at_night();
    for (answered, told) in [(50, 0), (20, 1)] {
        let mut play = Play::new(after(start, -60), &[]);
        for n in 0..4 {
            play.call(&call(n, after(start, 120 + n as i64 * 5), End::Congested));
        }
        for n in 0..answered {
            play.call(&call(100 + n, after(start, n as i64 * 3), End::Answered));
        }
        play.until(after(start, 840));
        assert_eq!(play.told.len(), told, "{:#?}", subjects(&play));
        if told == 0 {
            play.until(after(start, 5 * 3_600 + 60));
            assert!(play.mails()[0].subject.starts_with("4 single failures"), "{:#?}", subjects(&play));
        }
    }
}

#[test]
fn forty_strangers_who_meet_congestion_are_one_incident() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..40 {
        play.call(&Call { from: format!("+1303555{n:04}"), ..call(n, after(start, n as i64 / 20), End::Congested) });
    }
    play.until(after(start, 1_200));
    assert!(play.mails().len() <= 2, "{:#?}", subjects(&play));
}

#[test]
fn a_scan_by_three_hundred_strangers_or_of_three_hundred_numbers_is_two_mails_at_most() {
    let start = two_at_night();
    let stranger = |n: usize| Call {
        from: format!("sip:scan@host{n}.example.net"),
        ..call(n, after(start, n as i64 * 2), End::NotPermitted)
    };
    let number =
        |n: usize| Call { to: format!("1303555{n:04}"), ..call(n, after(start, n as i64 * 2), End::NotPermitted) };
    for scan in [&stranger as &dyn Fn(usize) -> Call, &number] {
        let mut play = Play::new(after(start, -60), &[]);
        // Others call as every day, or the scan would be all that there is.
        for n in 0..300 {
            play.call(&scan(n));
            play.call(&call(1_000 + n, after(start, n as i64 * 2), End::Answered));
            play.call(&call(2_000 + n, after(start, n as i64 * 2 + 1), End::Answered));
        }
        play.until(after(start, 900));
        let all = subjects(&play);
        assert!(play.mails().len() <= 2 && play.sms().is_empty(), "{all:#?}");
        assert!(all.iter().any(|told| told.contains("not permitted")), "{all:#?}");
    }
}

#[test]
fn late_repeated_and_mixed_up_batches_to_several_instances_tell_each_failure_once() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    play.lag = 15;
    for n in 0..120 {
        let end = if n % 3 == 0 { End::Congested } else { End::Answered };
        play.call(&call(n, after(start, n as i64 * 10), end));
    }
    for n in 120..140 {
        play.call(&call(n, after(start, 1800 + n as i64 * 10), End::Answered));
    }
    play.until(after(start, 2 * 3600));
    let all = subjects(&play);
    let over: Vec<_> = play.mails().into_iter().filter(|told| told.subject.starts_with("Over")).collect();
    assert_eq!(over.len(), 1, "SEED={} {all:#?}", play.seed);
    assert!(over[0].text.contains("40 calls failed until"), "{}\n{all:#?}", over[0].text);
}

#[test]
fn calls_that_nobody_answers_are_told_where_others_were_answered_at_that_hour_for_weeks() {
    let start: Timestamp = "2026-11-16T14:00:00Z".parse().unwrap();
    let day = |day: i64| after(start, day * 86_400);
    let mut play = Play::new(day(14), &[]);
    for n in 0..14 * 6 {
        play.bench_call(&call(n, after(day(n as i64 / 6), -900 + (n % 6) as i64 * 120), End::Answered));
    }
    for n in 100..130 {
        play.bench_call(&call(n, after(day(14), -1_700 + (n - 100) as i64 * 40), End::NoAnswer));
    }
    play.count(day(0) - SignedDuration::from_hours(1), day(14));
    play.until(after(day(14), 120));
    let all = subjects(&play);
    assert_eq!(play.sms().len(), 1, "{all:#?}");
    assert!(all[0].contains(" of ") && all[0].contains("calls answered in 30 min, usually 100 of 100"), "{all:#?}");
}

#[test]
fn a_call_that_was_answered_before_the_failures_and_ends_after_them_is_no_end() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    play.long_call(&call(0, after(start, -30), End::Answered), 1_500);
    for n in 1..5 {
        play.call(&call(n, after(start, n as i64 * 20), End::Congested));
    }
    play.until(after(start, 3_600));
    let all = subjects(&play);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].contains("4 calls failed: congestion"), "{all:#?}");
}

#[test]
fn an_outage_that_is_over_is_not_told_again_of_the_same_calls() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("ALERT_WINDOW_SECONDS", "60")]);
    for n in 0..12 {
        play.call(&call(n, after(start, n as i64 * 5), End::Congested));
    }
    play.call(&call(12, after(start, 180), End::Answered));
    play.until(after(start, 1_200));
    let all = subjects(&play);
    assert_eq!(play.sms().len(), 2, "the opening and the end {all:#?}");
}
