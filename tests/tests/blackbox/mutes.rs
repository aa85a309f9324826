//! Mutes: what is muted is told once, when the mute ends, and nothing else is held back.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::mute::{Mute, Mutes, Setting, Target};
use tests::stack::{self, OPERATOR_TOKEN, READ_TOKEN, Stack};
use tests::wait;
use tokio::runtime::Runtime;

use super::incidents::{after, call, onsip, subjects, two_at_night};
use super::indexed::aws;
use super::played::{End, Play};

const HOUR: i64 = 3_600;

fn target(class: &str, provider: &str) -> Target {
    Target { class: class.parse().ok(), provider: provider.parse().ok(), scope: None }
}

fn mutes(play: &Play) -> Mutes {
    Mutes::new(&aws(play.bench.database.url()), "AlertsTable".to_owned())
}

fn mute(play: &Play, target: Target, until: Timestamp) {
    let mute = Mute { target, until, reason: "carrier works".to_owned(), set_at: play.now };
    let set = play.bench.runtime.block_on(mutes(play).set_mute(&mute, play.now)).unwrap();
    assert_eq!(set, Setting::Set);
}

/// How many calls each message tells of, by the notes; those of a message that is told within another count there.
fn told_in(play: &Play) -> BTreeMap<String, usize> {
    let client = aws(play.bench.database.url()).dynamodb();
    let pages = client.scan().table_name("AlertsTable").into_paginator().items().send();
    let items = play.bench.runtime.block_on(pages.collect::<Result<Vec<_>, _>>()).unwrap();
    let text = |item: &shared::store::item::Item, name: &str| Some(item.get(name)?.as_s().ok()?.clone());
    let notes: BTreeMap<_, _> =
        items.iter().filter_map(|item| Some((text(item, "pk")?, text(item, "message")?))).collect();
    let sent: Vec<_> =
        items.iter().filter(|item| item.contains_key("subject")).filter_map(|item| text(item, "pk")).collect();
    let mut told = BTreeMap::new();
    for (_, message) in notes.iter().filter(|(id, _)| id.starts_with("call~")) {
        let message = notes.get(message).unwrap_or(message);
        assert!(sent.contains(message), "{message} was never sent");
        *told.entry(message.clone()).or_default() += 1;
    }
    told
}

#[test]
fn what_is_muted_is_told_in_one_mail_when_the_mute_ends() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    mute(&play, target("congestion", "opentact"), after(start, 2 * HOUR));
    for n in 0..200 {
        // Also more at once than an incident holds words of.
        play.call(&call(n, after(start, if n < 100 { 10 * n as i64 } else { 1_200 }), End::Congested));
    }
    for n in 200..230 {
        play.call(&call(n, after(start, 2_400 + 10 * n as i64), End::Answered));
    }
    play.until(after(start, 2 * HOUR - 60));
    assert_eq!(subjects(&play), Vec::<String>::new());
    play.until(after(start, 2 * HOUR + 600));
    assert_eq!(subjects(&play), ["mail Mute ended: congestion, Opentact - 200 failed meanwhile"]);
    let told = play.told[0].clone();
    assert!(told.at <= after(start, 2 * HOUR + 60), "{}", told.at);
    for part in ["200 calls: congestion - Opentact", "Because:   carrier works", "none of it goes on"] {
        assert!(told.text.contains(part), "{part}\n{}", told.text);
    }
    assert_eq!(told_in(&play).into_values().collect::<Vec<_>>(), [200]);
}

#[test]
fn an_empty_balance_and_an_outage_of_another_class_break_through() {
    let start = two_at_night();
    for (end, provider, told) in
        [(End::NoBalance, "opentact", "balance empty"), (End::NotPermitted, "", "not permitted")]
    {
        let mut play = Play::new(after(start, -60), &[]);
        let class = if provider.is_empty() { "congestion" } else { "" };
        mute(&play, target(class, provider), after(start, 2 * HOUR));
        for n in 0..40 {
            play.call(&call(n, after(start, 10 * n as i64), if n % 2 == 0 { End::Congested } else { end }));
        }
        play.until(after(start, 900));
        let all = subjects(&play);
        assert!(play.sms().iter().any(|sms| sms.text.contains(told)), "{all:#?}");
        assert!(!all.iter().any(|told| told.contains("congestion")), "{all:#?}");
    }
}

#[test]
fn an_empty_balance_that_is_muted_by_name_wakes_nobody() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("LOW_BALANCE", "20")]);
    mute(&play, target("insufficient_balance", ""), after(start, HOUR));
    play.balance(after(start, 5), "3");
    for n in 0..5 {
        play.call(&call(n, after(start, 20 * n as i64 + 10), End::NoBalance));
    }
    play.until(after(start, HOUR + 600));
    assert_eq!(subjects(&play), ["mail Mute ended: insufficient balance - 5 failed meanwhile; some of it goes on"]);
    let told = &play.told[0].text;
    assert!(told.contains("5 calls and messages: insufficient balance"), "{told}");
    assert!(
        told.contains("Balance low: 3 is below 20 - Opentact, 2026-11-03 02:0") && told.contains("STILL SO"),
        "{told}"
    );
}

#[test]
fn what_is_open_when_it_is_muted_is_told_when_the_mute_is_ended_early_and_ends_as_ever() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..300 {
        play.call(&call(n, after(start, 10 * n as i64), End::Congested));
    }
    play.until(after(start, 300));
    let before = subjects(&play);
    assert!(before.iter().any(|told| told.starts_with("SMS")), "{before:#?}");
    let muted = target("congestion", "");
    mute(&play, muted.clone(), after(start, 24 * HOUR));
    play.until(after(start, 2_400));
    assert_eq!(subjects(&play), before, "no summary");
    play.bench.runtime.block_on(mutes(&play).end_mute(&muted, play.now)).unwrap().unwrap();
    play.until(after(start, 2_460));
    let all = subjects(&play);
    assert_eq!(all.len(), before.len() + 1, "{all:#?}");
    assert!(all.last().unwrap().ends_with("failed meanwhile; some of it goes on"), "{all:#?}");
    assert!(play.told.last().unwrap().text.contains("STILL FAILING"), "{}", play.told.last().unwrap().text);
    for n in 300..330 {
        play.call(&call(n, after(start, 10 * n as i64 + 60), End::Answered));
    }
    play.until(after(start, 2 * HOUR));
    let over = play.told.iter().filter(|told| told.text.contains("300 calls failed until"));
    assert_eq!(over.count(), 2, "by mail and SMS, with those that were muted {:#?}", subjects(&play));
    assert_eq!(told_in(&play).into_values().sum::<usize>(), 300);
}

#[test]
fn the_end_of_an_incident_is_held_back_too() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..20 {
        play.call(&call(n, after(start, 10 * n as i64), End::Congested));
    }
    for n in 20..60 {
        play.call(&call(n, after(start, 20 * n as i64), End::Answered));
    }
    play.until(after(start, 240));
    let before = subjects(&play);
    mute(&play, target("", "opentact"), after(start, HOUR));
    play.until(after(start, 2 * HOUR));
    let all = subjects(&play);
    assert_eq!(all.len(), before.len() + 1, "{all:#?}");
    let told = &play.told.last().unwrap().text;
    assert!(told.contains("calls: congestion - Opentact; over, the last one 2026-11-03 02:03:"), "{told}");
}

#[test]
fn what_still_fails_when_a_mute_ends_wakes_somebody_then() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    mute(&play, target("", "onsip"), after(start, HOUR));
    for n in 0..300 {
        play.call(&onsip(n, after(start, 15 * n as i64), End::Congested));
    }
    play.until(after(start, HOUR - 60));
    assert_eq!(subjects(&play), Vec::<String>::new());
    play.until(after(start, HOUR + 120));
    let all = subjects(&play);
    assert!(all[0].starts_with("mail Mute ended: OnSIP - ") && all[0].ends_with("; some of it goes on"), "{all:#?}");
    assert_eq!(play.sms().len(), 1, "{all:#?}");
}

#[test]
fn whoever_was_woken_before_a_mute_is_told_the_end_by_that_way_alone() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("LOW_BALANCE", "20")]);
    play.balance(after(start, -30), "10");
    for n in 0..40 {
        play.call(&call(n, after(start, 10 * n as i64), End::Congested));
    }
    for n in 40..90 {
        play.call(&call(n, after(start, 200 + 10 * n as i64), End::Answered));
    }
    play.balance(after(start, 900), "200");
    play.until(after(start, 600));
    assert_eq!(play.paged(), ["ALARM", "ALARM"], "{:#?}", subjects(&play));
    mute(&play, target("congestion", ""), after(start, 2 * HOUR));
    mute(&play, target("insufficient_balance", ""), after(start, 2 * HOUR));
    play.until(after(start, HOUR));
    assert_eq!(play.paged(), ["ALARM OK", "ALARM OK"], "{:#?}", subjects(&play));
    let ends = |told: &str| ["Over", "recovered", "Mute ended"].iter().any(|end| told.contains(end));
    assert!(!subjects(&play).iter().any(|told| ends(told)), "{:#?}", subjects(&play));
    // What began while it was muted woke nobody, so nothing is ended.
    play.balance(play.now + SignedDuration::from_secs(10), "10");
    play.balance(play.now + SignedDuration::from_secs(200), "300");
    play.until(after(start, 2 * HOUR - 60));
    assert_eq!(play.paged(), ["ALARM OK", "ALARM OK"]);
}

#[test]
fn late_and_mixed_up_batches_to_several_instances_leave_each_failure_to_the_mute_once() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[]);
    play.lag = 15;
    mute(&play, target("congestion", ""), after(start, HOUR));
    for n in 0..120 {
        let end = if n % 3 == 0 { End::Congested } else { End::Answered };
        play.call(&call(n, after(start, n as i64 * 10), end));
    }
    play.until(after(start, HOUR + 600));
    let all = subjects(&play);
    assert_eq!(all, ["mail Mute ended: congestion - 40 failed meanwhile"], "SEED={}", play.seed);
    assert_eq!(told_in(&play).into_values().collect::<Vec<_>>(), [40], "SEED={}", play.seed);
}

#[test]
fn an_operator_mutes_and_ends_it_and_is_told_what_was_held_back() {
    let stack = Stack::with(|options| {
        options.every = Duration::from_millis(200);
        options.alert_window = Duration::from_secs(1);
    });
    let (operator, reader) = (stack::bearer(OPERATOR_TOKEN), stack::bearer(READ_TOKEN));
    let post = |body: &Value, bearer: &str| {
        stack.client().send("POST", "/alerts/mute", &[("authorization", bearer)], body.to_string().as_bytes())
    };
    let until = (Timestamp::now() + SignedDuration::from_hours(2)).to_string();
    let wanted =
        json!({"class": "insufficient_balance", "provider": "opentact", "until": until, "reason": "paid by transfer"});
    assert_eq!(post(&wanted, &reader).status, 401);
    let wrong = post(&json!({"class": "congested", "until": until, "reason": "works"}), &operator);
    assert_eq!((wrong.status, wrong.header("content-type")), (400, "application/problem+json"));
    assert!(wrong.json()["detail"].as_str().unwrap().starts_with("class: unknown"), "{}", wrong.json());
    let set = post(&wanted, &operator).json();
    assert_eq!((&set["status"], &set["mute"]["until"]), (&json!("muted"), &json!(until)), "{set}");
    assert_eq!(stack.read("/alerts/mutes").json()["items"], json!([set["mute"]]));

    assert_eq!(stack.deliver("opentact-call_state-in-failed-insufficient-balance").status, 200);
    let dynamodb = aws(stack.dynamodb_url().to_owned()).dynamodb();
    let key = format!("mute#{}", target("insufficient_balance", "opentact").digest());
    let held = || {
        let asked = dynamodb.get_item().table_name("AlertsTable").key("pk", AttributeValue::S(key.clone()));
        Runtime::new().unwrap().block_on(asked.send()).unwrap().item
    };
    wait::until("the failure is held back", held);
    let alerts = || stack.published().into_iter().filter(|message| message["topic"] != "EventsTopic");
    assert_eq!(alerts().next(), None);

    let end = json!({"class": "insufficient_balance", "provider": "opentact", "until": "now"});
    assert_eq!(post(&end, &operator).json()["status"], "ended");
    let mail = || alerts().find(|message| message["topic"] == "AlertsTopic");
    let told = wait::until("what was held back is told", mail);
    let subject = told["subject"].as_str().unwrap();
    assert!(subject.starts_with("Mute ended: insufficient balance, Opentact - 1 failed meanwhile"), "{told}");
    assert_eq!(post(&end, &operator).status, 404);
    assert_eq!(stack.read("/alerts/mutes").json()["items"], json!([]));
}
