//! An ordinary week of 200 users, of 3,000 calls a day at two providers: who is told of what.

use jiff::{SignedDuration, Timestamp};
use shared::name::Provider;
use tests::random::Random;

use super::incidents::{after, subjects};
use super::played::{Call, End, Play};

/// Monday, midnight.
const MONDAY: &str = "2026-11-02T00:00:00Z";
const USERS: usize = 200;
const CALLS_OF_WEEK: usize = 7 * 3_000;

/// How many calls an hour of a working day has against another.
const HOURS: [usize; 24] = [1, 1, 1, 1, 1, 2, 6, 30, 90, 110, 105, 95, 60, 80, 100, 95, 80, 45, 18, 10, 7, 4, 2, 1];

/// The same of each hour of the week: a Monday morning has half as many again, a weekend a tenth.
fn hours() -> Vec<usize> {
    let of = |(day, hour): (usize, usize)| match (day, hour) {
        (0, 8..=10) => HOURS[hour] * 15,
        (5 | 6, _) => HOURS[hour],
        _ => HOURS[hour] * 10,
    };
    (0..7 * 24).map(|hour| of((hour / 24, hour % 24))).collect()
}

/// A second of the week.
fn second(random: &mut Random, hours: &[usize]) -> i64 {
    let mut drawn = random.below(hours.iter().sum());
    let hour = hours
        .iter()
        .position(|weight| {
            drawn < *weight || {
                drawn -= weight;
                false
            }
        })
        .unwrap();
    (hour * 3_600 + random.below(3_600)) as i64
}

/// Of a hundred calls one meets congestion, 8 are declined, 15 not answered, and 5 given up.
fn end(random: &mut Random) -> End {
    match random.below(100) {
        0 => End::Congested,
        1..=8 => End::Declined,
        9..=23 => End::NoAnswer,
        24..=28 => End::GivenUp,
        _ => End::Answered,
    }
}

/// The week's calls; a fifth of the users have OnSIP.
fn calls(random: &mut Random) -> Vec<Call> {
    let (start, hours) = (MONDAY.parse().unwrap(), hours());
    let mut call = |nth: usize| {
        let (second, end, user) = (second(random, &hours), end(random), random.below(USERS));
        Call {
            id: format!("{nth:08}"),
            at: after(start, second),
            end,
            from: format!("+1202555{:04}", user),
            to: format!("1303555{:04}", random.below(10_000)),
            user: format!("user{user}"),
            provider: if user % 5 == 0 { Provider::Onsip } else { Provider::Opentact },
        }
    };
    (0..CALLS_OF_WEEK).map(&mut call).collect()
}

/// Plays what of the week lies between two hours: beside the digests so many mails at most, and no SMS.
fn play([from, to]: [i64; 2], most: usize) {
    let start: Timestamp = MONDAY.parse().unwrap();
    let [from, to] = [from, to].map(|hour| start + SignedDuration::from_hours(hour));
    let mut play = Play::new(from, &[]);
    let calls = calls(&mut play.random);
    calls.iter().filter(|call| from <= call.at && call.at < to).for_each(|call| play.call(call));
    play.until(to);
    let all = subjects(&play);
    let mails = play.mails().iter().filter(|told| !told.subject.contains("single failure")).count();
    assert!(mails <= most && play.sms().is_empty(), "SEED={} {all:#?}", play.seed);
}

#[test]
fn the_busiest_hour_of_the_week_makes_no_message() {
    play([9, 10], 0);
}

#[test]
#[ignore = "takes half an hour: cargo test -p tests --test blackbox a_week -- --ignored"]
fn a_week_of_200_users_makes_five_mails_at_most_and_no_sms() {
    play([0, 7 * 24], 5);
}
