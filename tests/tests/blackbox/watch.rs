//! Alerts beside failures: balances and silence. And what alerts leave out: SMS above the limit, masked numbers.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::store::counts::{self, Slice};
use shared::store::item::Item;
use shared::time;
use tests::samples::{route, sample};
use tests::wait;

use super::records::Table;
use super::scene::{BALANCE, CALL, Scene};

/// Delivers balances, each with its time, and gives them to `notify` as one batch.
fn balances_at(scene: &mut Scene, told: &[(String, String)]) {
    let body = String::from_utf8(sample(BALANCE)).unwrap();
    let of = |(amount, at): &(String, String)| {
        let body = body
            .replace("\"payload\": 873.0604", &format!("\"payload\": {amount}"))
            .replace("2026-11-02T17:40:39.665Z", at);
        (BALANCE, body.into_bytes())
    };
    let before = scene.records.len();
    scene.deliver(&told.iter().map(of).collect::<Vec<_>>());
    assert_eq!(scene.batch(&scene.records[before..]), json!({ "batchItemFailures": [] }));
}

/// Delivers balances, each with the minute in which it was so, and gives them to `notify` in that order, a batch each.
fn balances(scene: &mut Scene, told: &[(&str, u32)]) {
    let body = String::from_utf8(sample(BALANCE)).unwrap();
    for (amount, minute) in told {
        let body = body
            .replace("\"payload\": 873.0604", &format!("\"payload\": {amount}"))
            .replace("17:40:39.665", &format!("16:{minute:02}:00.000"));
        scene.deliver(&[(BALANCE, body.into_bytes())]);
        let last = scene.records.last().unwrap().clone();
        assert_eq!(scene.batch(&[last]), json!({ "batchItemFailures": [] }));
    }
}

fn subjects(scene: &Scene) -> Vec<String> {
    let mails = scene.published("AlertsTopic").into_iter().rev();
    mails.map(|mail| mail["subject"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_balance_is_told_when_it_turns_low_and_when_it_recovers_and_not_in_between() {
    let mut scene = Scene::empty();
    // The limit is 1000. The newest counts, in whatever order they come, and amounts are no floats.
    balances(&mut scene, &[("1000.0", 1), ("999.9999999", 5), ("500", 4), ("1050", 6), ("20", 7), ("1100.00", 8)]);
    assert_eq!(subjects(&scene), ["Balance low: 999.9999999 is below 1000 - Opentact"]);
    balances(&mut scene, &[("1100.01", 9), ("900", 3), ("1000", 10), ("1e1", 11)]);
    assert_eq!(
        subjects(&scene),
        [
            "Balance low: 999.9999999 is below 1000 - Opentact",
            "Balance recovered: 1100.01 - Opentact",
            "Balance low: 10 is below 1000 - Opentact"
        ]
    );
    assert_eq!(scene.published("UrgentTopic").len(), 3);
    scene.deliver(&[(CALL, sample(CALL))]);
    let failure = scene.records.last().unwrap().clone();
    scene.batch(&[failure]);
    let told = scene.published("AlertsTopic").remove(0)["message"].as_str().unwrap().to_owned();
    assert!(told.contains("Balance:   10, as of "), "a failure that is due to it says the last: {told}");
}

#[test]
fn of_two_limits_the_first_is_told_by_mail_alone_and_of_one_moments_balances_the_lower_counts() {
    let mut scene = Scene::empty();
    scene.set("LOW_BALANCE", "100,20");
    balances(&mut scene, &[("120", 1), ("99", 1), ("130", 1)]);
    assert_eq!(subjects(&scene), ["Balance low: 99 is below 100 - Opentact"]);
    balances(&mut scene, &[("500", 2)]);
    assert_eq!(subjects(&scene)[1..], ["Balance recovered: 500 - Opentact"]);
    assert_eq!(scene.published("UrgentTopic").len(), 0, "nobody was woken");
    balances(&mut scene, &[("19", 3), ("600", 4)]);
    assert_eq!(subjects(&scene)[2..], ["Balance low: 19 is below 20 - Opentact", "Balance recovered: 600 - Opentact"]);
    assert_eq!(scene.published("UrgentTopic").len(), 2);
}

#[test]
fn a_balance_that_lasts_a_few_hours_is_told_once_until_it_is_topped_up() {
    let mut scene = Scene::empty();
    scene.set("LOW_BALANCE", "0");
    // Out of order: 30 an hour, as soon as the third fall is told.
    balances(&mut scene, &[("100", 1), ("80", 21), ("90", 11), ("70", 31), ("60", 41), ("61", 46)]);
    assert_eq!(subjects(&scene), ["Balance low: 70 lasts 2 h 20 min at 30 an hour - Opentact"]);
    balances(&mut scene, &[("5000", 51), ("4990", 56)]);
    assert_eq!(subjects(&scene)[1..], ["Balance recovered: 5000 - Opentact"]);
    assert_eq!(scene.published("UrgentTopic").len(), 2);
}

#[test]
fn a_balance_that_falls_much_faster_than_usual_is_told_with_who_called_most_and_once() {
    let mut scene = Scene::empty();
    scene.set("LOW_BALANCE", "0");
    scene.deliver(&[(CALL, sample(CALL))]);
    let call = scene.records.remove(0)["dynamodb"]["NewImage"]["pk"]["S"].as_str().unwrap().parse().unwrap();
    let table = Table::of(&scene.stack);
    wait::until("the call's record is there", || table.ended(&call));
    // Each day from 9 to 16 o'clock 6 an hour.
    let day = |day: i32| (9..17).map(move |hour| (9_000 - day * 48 - (hour - 8) * 6, day, hour));
    let weeks =
        (1..12).flat_map(day).map(|(left, day, hour)| (left.to_string(), format!("2026-11-{day:02}T{hour:02}:30:00Z")));
    balances_at(&mut scene, &weeks.collect::<Vec<_>>());
    let fraud = |left: i32, minute: i32| [(left.to_string(), format!("2026-11-12T12:{minute:02}:00Z"))];
    for (left, minute) in [(8424, 0), (8413, 6), (8402, 12)] {
        balances_at(&mut scene, &fraud(left, minute));
    }
    assert_eq!(subjects(&scene), Vec::<String>::new(), "22 in an hour are less than five times 6");
    for (left, minute) in [(8391, 18), (8380, 24), (8300, 30)] {
        balances_at(&mut scene, &fraud(left, minute));
    }
    assert_eq!(subjects(&scene), ["Balance falls by 33 an hour, usually 6: misuse? - Opentact"]);
    let told = scene.published("AlertsTopic").remove(0)["message"].as_str().unwrap().to_owned();
    assert!(told.contains("Called most: alice@example.com (1 call, 0 s)"), "{told}");
    balances_at(&mut scene, &[("8299".to_owned(), "2026-11-12T15:00:00Z".to_owned())]);
    assert!(subjects(&scene)[1..][0].starts_with("Balance falls as usual again: "), "{:?}", subjects(&scene));
    assert_eq!((subjects(&scene).len(), scene.published("UrgentTopic").len()), (2, 2));
}

#[test]
fn a_balance_in_an_unexpected_form_is_a_warning_on_its_event_and_is_told_once() {
    let mut scene = Scene::empty();
    balances(&mut scene, &[(r#""12,5""#, 1), (r#"{"amount": 12.5}"#, 2), ("5000", 3), (r#""12,5""#, 4)]);
    assert_eq!(subjects(&scene), ["Balance can't be read - Opentact"]);
    let mail = scene.published("AlertsTopic").remove(0);
    assert!(!mail.to_string().contains("12,5"), "it may be a balance: {mail}");
    let id = scene.stack.today().pop().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(scene.stack.event(&id)["warnings"], json!(["the balance is no number"]));
    assert!(mail["message"].as_str().unwrap().contains(&id), "{mail}");
    // A day without, and then one more.
    balances_at(&mut scene, &[("5000".to_owned(), "2026-11-03T18:00:00Z".to_owned())]);
    balances_at(&mut scene, &[("null".to_owned(), "2026-11-03T18:01:00Z".to_owned())]);
    assert_eq!(subjects(&scene).len(), 2);
    assert_eq!(scene.published("UrgentTopic").len(), 0);
}

#[test]
fn a_failure_says_the_balance_of_its_own_account_before_the_providers() {
    let mut scene = Scene::empty();
    scene.set("LOW_BALANCE", "0");
    balances(&mut scene, &[("20", 1)]);
    let named = String::from_utf8(sample(BALANCE)).unwrap().replace("873.0604", "7.5");
    let named = named.replacen('{', r#"{"account": {"uuid": "9af21132-9b2f-482e-aefe-906062c73008"},"#, 1);
    scene.deliver(&[(BALANCE, named.into_bytes()), (CALL, sample(CALL))]);
    assert_eq!(scene.batch(&scene.records[1..]), json!({ "batchItemFailures": [] }));
    let told = scene.published("AlertsTopic").remove(0)["message"].as_str().unwrap().to_owned();
    assert!(told.contains("Balance:   7.5, as of "), "{told}");
}

#[test]
fn above_the_limit_no_sms_is_sent_and_the_mail_says_so() {
    let mut scene = Scene::empty();
    scene.set("SMS_PER_HOUR", "1");
    balances(&mut scene, &[("10", 1)]);
    scene.deliver(&[(CALL, sample(CALL))]);
    let failure = scene.records.last().unwrap().clone();
    scene.batch(&[failure]);
    assert_eq!((scene.published("AlertsTopic").len(), scene.published("UrgentTopic").len()), (2, 1));
    let mails = scene.published("AlertsTopic");
    let says =
        |mail: &Value| mail["message"].as_str().unwrap().contains("No SMS was sent for this: the limit of 1 SMS");
    assert!(says(&mails[0]) && !says(&mails[1]), "{mails:?}");
    // It is done with: no tick sends it later.
    scene.tick();
    assert_eq!((scene.published("AlertsTopic").len(), scene.published("UrgentTopic").len()), (2, 1));
}

/// The record as it would be, had its event been received that long ago.
fn received_ago(record: &Value, minutes: i64) -> Value {
    let mut record = record.clone();
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    let seen = record["dynamodb"]["NewImage"]["seen"]["S"].as_str().unwrap();
    let (_, digest) = seen.split_once('~').unwrap();
    record["dynamodb"]["NewImage"]["seen"]["S"] = json!(format!("{}~{digest}", time::stamp(Some(at))));
    record
}

#[test]
fn a_provider_that_falls_silent_is_told_once_and_so_is_its_return() {
    let mut scene = Scene::empty();
    scene.set("SILENCE_MINUTES", "30");
    scene.set("LOW_BALANCE", "0");
    scene.deliver(&[(BALANCE, sample(BALANCE))]);
    let record = scene.records[0].clone();
    scene.tick();
    assert_eq!(subjects(&scene), Vec::<String>::new(), "who never delivered is not silent");
    scene.batch(&[received_ago(&record, 20)]);
    scene.tick();
    assert_eq!(subjects(&scene), Vec::<String>::new());

    let mut scene = Scene::empty();
    scene.set("SILENCE_MINUTES", "30");
    scene.set("LOW_BALANCE", "0");
    scene.batch(&[received_ago(&record, 125)]);
    for _ in 0..3 {
        scene.tick();
    }
    assert_eq!(subjects(&scene), ["Silence: Opentact has delivered nothing for 2 h 5 min"]);
    for _ in 0..2 {
        scene.batch(&[received_ago(&record, 0)]);
        scene.tick();
    }
    let told = subjects(&scene);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with("Opentact delivers again, after 2 h "), "{told:?}");
    assert_eq!(scene.published("UrgentTopic").len(), 0);
}

/// A scene that watches for silence, where Opentact's last event came forty minutes ago.
fn quiet_for_forty_minutes() -> Scene {
    let mut scene = Scene::empty();
    scene.set("SILENCE_MINUTES", "30");
    scene.set("LOW_BALANCE", "0");
    scene.deliver(&[(BALANCE, sample(BALANCE))]);
    scene.batch(&[received_ago(&scene.records[0], 40)]);
    scene
}

#[test]
fn what_can_not_be_read_is_no_silence_and_told_apart_until_something_can_be_read() {
    let scene = quiet_for_forty_minutes();
    assert_eq!(scene.stack.post(route(BALANCE), "{").json()["status"], "quarantined");
    for _ in 0..2 {
        scene.tick();
    }
    assert_eq!(subjects(&scene), ["Opentact delivers, but nothing that can be read for 40 min"]);
    assert_eq!(scene.stack.post(route(BALANCE), "").json()["status"], "ready");
    for _ in 0..2 {
        scene.tick();
    }
    assert_eq!(subjects(&scene)[1..], ["Opentact delivers again, after 40 min"]);
    scene.tick_at(Timestamp::now() + SignedDuration::from_mins(32));
    assert_eq!(subjects(&scene)[2..], ["Silence: Opentact has delivered nothing for 32 min"]);
}

#[test]
fn a_repeat_is_a_delivery_that_no_silence_is_told_after() {
    let scene = quiet_for_forty_minutes();
    assert_eq!(scene.stack.deliver(BALANCE).json()["status"], "duplicate");
    scene.tick();
    assert_eq!(subjects(&scene), Vec::<String>::new());
}

/// What is counted of a provider's calls in a slice.
fn counted(slice: Slice, calls: u64) -> Item {
    let number = |number: u64| AttributeValue::N(number.to_string());
    let tally = AttributeValue::L(vec![number(calls), number(0)]);
    let none = || AttributeValue::M(HashMap::new());
    let mut item = counts::keys(slice);
    item.insert("calls".to_owned(), AttributeValue::M([("opentact/outbound/answered/-".to_owned(), tally)].into()));
    item.extend(["messages", "events"].map(|name| (name.to_owned(), none())));
    item
}

#[test]
fn a_silence_is_told_by_what_the_same_hours_had_in_the_weeks_before() {
    let scene = quiet_for_forty_minutes();
    let weeks = [7, 14].map(|days| Timestamp::now() - SignedDuration::from_hours(days * 24));
    // Two in each five minutes of the hour to come: ten are there after half an hour at the latest, and not before 25 minutes.
    let quiet_hour_before = |at| (0..12).map(move |nth| (Slice::of(at).before(nth), 0));
    let hour_to_come = |at| (-12..0).map(move |nth| (Slice::of(at).before(nth), 2));
    for (slice, calls) in weeks.into_iter().flat_map(|at| quiet_hour_before(at).chain(hour_to_come(at))) {
        scene.put_item(counted(slice, calls));
    }
    let in_minutes = |minutes: i64| scene.tick_at(Timestamp::now() + SignedDuration::from_mins(minutes));
    in_minutes(0);
    in_minutes(24);
    assert_eq!(subjects(&scene), Vec::<String>::new(), "64 minutes, but few calls in such");
    in_minutes(31);
    assert_eq!(subjects(&scene), ["Silence: Opentact has delivered nothing for 1 h 11 min"]);
}

#[test]
fn masked_numbers_are_masked_in_every_message() {
    let mut scene = Scene::empty();
    scene.set("MASK_NUMBERS", "on");
    let call = String::from_utf8(sample(CALL)).unwrap();
    let other = call.replace("8f293405-c6aa-458f-ad30-49ae9004b402", "0b7de0b6-1c5b-4d4e-8f0e-6a3a3f0c9d11");
    let other = other.replace("436c2590", "0a0a0a0a").replace("alice", "12025550177");
    scene.deliver(&[(CALL, call.into_bytes()), (CALL, other.into_bytes())]);
    scene.batch(&scene.records);
    let told = scene.told_at_last(2);
    assert_eq!(told.len(), 2, "{told:?}");
    for message in ["AlertsTopic", "UrgentTopic"].iter().flat_map(|topic| scene.published(topic)) {
        let text = format!("{} {}", message["subject"], message["message"]);
        assert!(!text.contains("1202555"), "{text}");
    }
}
