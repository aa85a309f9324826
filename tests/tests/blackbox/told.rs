//! What was told, read back: the messages, by which way each went, and from a message to its calls and back.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::mute::{Mute, Mutes, Target};
use shared::outbox::{Alert, Attributes, EXPIRES, Outbox, Page, Taken, Transport, Turn};
use tests::http::escape;
use tests::proxy::Fault;
use tests::samples::{route, sample};
use tests::stack::{self, OPERATOR_TOKEN, Stack};
use tests::wait;

use super::api::{Api, text};
use super::incidents::{after, call};
use super::indexed::{aws, now};
use super::played::{Call, End, Play};
use super::scene::CALL;

/// What became of a message by each way.
fn ways(alert: &Value) -> String {
    let all = alert["transports"].as_array().unwrap().iter();
    let told = all.map(|way| {
        assert_eq!(way["at"].is_string(), way["state"] == "sent", "{way}");
        format!("{} {}", text(way, "transport"), text(way, "state"))
    });
    told.collect::<Vec<_>>().join(", ")
}

fn states(alerts: &[Value]) -> Vec<(&str, Option<bool>)> {
    alerts.iter().map(|alert| (text(alert, "state"), alert["over"].as_bool())).collect()
}

/// Lately, since what is played must not have expired by now.
fn lately() -> Timestamp {
    now() - SignedDuration::from_hours(5)
}

fn id(nth: usize) -> String {
    format!("opentact.call.{nth:08}-in")
}

#[test]
fn an_outage_is_read_back_while_it_goes_on_and_when_it_is_over() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[("ALERT_WINDOW_SECONDS", "300")]);
    for n in 0..120 {
        play.call(&call(n, after(start, n as i64 * 10), End::Congested));
    }
    for n in 120..150 {
        play.call(&call(n, after(start, 1_200 + n as i64 * 10), End::Answered));
    }
    play.until(after(start, 900));
    let open = Api::of(&play).alerts();
    assert!(open.len() >= 2, "{open:?}");
    assert!(states(&open).iter().all(|(_, over)| *over == Some(false)), "{open:?}");
    play.until(after(start, 2 * 3_600));
    let api = Api::of(&play);
    let alerts = api.hold_together();
    assert_eq!(states(&alerts).first(), Some(&("open", Some(true))), "{alerts:?}");
    assert_eq!(states(&alerts).last(), Some(&("over", Some(true))), "{alerts:?}");
    let incidents: BTreeSet<_> = alerts.iter().map(|alert| text(alert, "incident")).collect();
    assert!(incidents.len() == 1 && !incidents.contains(""), "{alerts:?}");
    let number: BTreeMap<_, _> = alerts.iter().map(|alert| (text(alert, "state"), &alert["failures"])).collect();
    assert_eq!(number["over"], &json!(120));
    let told: usize = alerts.iter().map(|alert| api.failed(alert).len()).sum();
    assert_eq!(told, 120);
    let critical = alerts.iter().find(|alert| alert["severity"] == "critical" && alert["state"] == "open");
    assert_eq!(ways(critical.unwrap()), "email sent, sms sent, chat sent, pages sent", "{alerts:?}");
    assert_eq!(ways(alerts.iter().find(|alert| alert["state"] == "more").unwrap()), "email sent, chat sent");
    assert!(api.alert_of(&id(130)).is_null(), "it was answered");
}

#[test]
fn what_is_told_with_many_others_leads_to_that_message_and_back() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[]);
    let target = Target { class: "congestion".parse().ok(), ..Target::default() };
    let mute = Mute { target, until: after(start, 3_600), reason: "works".to_owned(), set_at: play.now };
    let mutes = Mutes::new(&aws(play.bench.database.url()), "AlertsTable".to_owned());
    play.bench.runtime.block_on(mutes.set_mute(&mute, play.now)).unwrap();
    for n in 0..200 {
        // More at once than an incident names each of.
        play.call(&call(n, after(start, if n < 100 { 10 * n as i64 } else { 1_200 }), End::Congested));
    }
    play.until(after(start, 3_000));
    let api = Api::of(&play);
    assert_eq!((api.alerts(), api.alert_of(&id(150))), (Vec::new(), Value::Null), "nobody is told yet");
    play.until(after(start, 3_900));
    let api = Api::of(&play);
    let [mail] = api.alerts().try_into().unwrap();
    assert_eq!((&mail["failures"], &mail["incident"], &mail["over"]), (&json!(200), &Value::Null, &Value::Null));
    assert_eq!(api.failed(&mail).len(), 200);
    for n in 0..200 {
        assert_eq!(api.alert_of(&id(n)), mail, "{n}");
    }
}

#[test]
fn a_message_that_waited_says_what_was_told_in_the_end() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..6 {
        play.call(&call(n, after(start, n as i64 * 20), End::NoBalance));
    }
    play.balance(after(start, -30), "0.01");
    play.balance(after(start, 300), "200");
    play.sns.break_with(Fault::Status(403));
    play.until(after(start, 240));
    let waiting = Api::of(&play).alerts();
    assert!(
        waiting.iter().all(|alert| ways(alert) == "email pending, sms pending, chat pending, pages pending"),
        "{waiting:?}"
    );
    play.until(after(start, 420));
    play.sns.heal();
    play.until(after(start, 3_600));
    let alerts = Api::of(&play).hold_together();
    assert!(text(&alerts[0], "subject").starts_with("Over by now: "), "{alerts:?}");
    assert_eq!(
        (&alerts[0]["failures"], ways(&alerts[0])),
        (&json!(1), "email sent, sms sent, chat sent, pages held_back".to_owned())
    );
    let over = alerts.iter().find(|alert| alert["state"] == "over").unwrap();
    assert_eq!(ways(over), "email sent, sms sent, chat sent, pages held_back");
    assert_eq!(play.pages, [], "nobody is woken for what is over");
}

#[test]
fn an_end_waits_for_the_alarm_that_it_ends_and_holds_back_no_mail() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[("ALERT_WINDOW_SECONDS", "60")]);
    for n in 0..12 {
        play.call(&call(n, after(start, n as i64 * 10), End::Congested));
    }
    for n in 12..40 {
        play.call(&call(n, after(start, 300 + n as i64 * 10), End::Answered));
    }
    play.sns.break_where("PagesTopic", Fault::Status(403));
    play.until(after(start, 1_800));
    assert!(play.mails().iter().any(|mail| mail.subject.starts_with("Over: ")), "{:#?}", play.told);
    assert_eq!(play.pages, []);
    let of = |play: &Play, state: &str| {
        let mut alerts = Api::of(play).alerts().into_iter();
        ways(&alerts.find(|alert| alert["state"] == state && alert["severity"] == "critical").unwrap())
    };
    for state in ["open", "over"] {
        assert_eq!(of(&play, state), "email sent, sms sent, chat sent, pages pending", "{state}");
    }
    play.sns.heal();
    play.until(after(start, 2_100));
    assert_eq!(play.paged(), ["ALARM OK"]);
    let alerts = Api::of(&play).hold_together();
    assert!(play.pages.iter().all(|(_, _, name)| *name == text(&alerts[0], "incident")), "{:?}", play.pages);
    assert_eq!(of(&play, "over"), "email sent, sms sent, chat sent, pages sent");
}

#[test]
fn an_end_is_sent_once_its_alarm_is_and_never_where_that_was_not() {
    let play = Play::new(lately(), &[]);
    let outbox = Outbox::new(&aws(play.bench.database.url()), "AlertsTable".to_owned());
    let alert = |id: &str, page| {
        let (id, subject, text) = (id.to_owned(), "s".to_owned(), "t".to_owned());
        let (transports, attributes) = (Vec::new(), Attributes::default());
        let alert =
            Alert { id, subject, text, sms: None, transports, attributes, failures: None, incident: None, page: None };
        alert.paging(page)
    };
    play.bench.runtime.block_on(async {
        for (became, turn) in [(Taken::Sent, Turn::Now), (Taken::HeldBack, Turn::Never)] {
            let (alarm, end) = (format!("alarm {turn:?}"), format!("end {turn:?}"));
            outbox.record_due(&alert(&end, Page::Ok(alarm.clone())), play.now).await.unwrap();
            let find = async |id: &str| {
                let due = outbox.due(play.now, 10).await.unwrap();
                due.into_iter().find(|pending| pending.alert.id == id).unwrap()
            };
            let end = find(&end).await;
            assert_eq!(outbox.page_turn(&end).await.unwrap(), Turn::Never, "there is no alarm");
            outbox.record_due(&alert(&alarm, Page::Alarm), play.now).await.unwrap();
            let alarm = find(&alarm).await;
            assert_eq!(outbox.page_turn(&alarm).await.unwrap(), Turn::Now);
            assert_eq!(outbox.page_turn(&end).await.unwrap(), Turn::Later);
            outbox.sent(&alarm, &[(Transport::Pages, became)], play.now).await.unwrap();
            assert_eq!(outbox.page_turn(&end).await.unwrap(), turn);
        }
    });
}

#[test]
fn an_sms_beyond_the_limit_is_said_to_be_held_back() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[("SMS_PER_HOUR", "1")]);
    for n in 0..40 {
        play.call(&call(n, after(start, n as i64 * 10), End::Congested));
    }
    play.call(&call(50, after(start, 200), End::NoBalance));
    play.until(after(start, 600));
    let all: BTreeSet<_> = Api::of(&play).alerts().iter().map(ways).collect();
    assert!(
        all.contains("email sent, sms sent, chat sent, pages sent")
            && all.contains("email sent, sms held_back, chat sent, pages sent"),
        "{all:?}"
    );
}

#[test]
fn masked_numbers_stay_masked_and_stand_in_no_id() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[("MASK_NUMBERS", "on"), ("ALERT_RULES", "not_permitted=critical")]);
    for n in 0..6 {
        // The scope is the number that was called.
        let to = "12025550177".to_owned();
        let from = "+13035550188".to_owned();
        play.call(&Call { to, from, user: String::new(), ..call(n, after(start, n as i64 * 10), End::NotPermitted) });
    }
    play.until(after(start, 600));
    let api = Api::of(&play);
    let alerts = api.hold_together();
    assert_ne!(alerts, Vec::<Value>::new());
    for alert in &alerts {
        let whole = api.get(&format!("/alerts/{}", text(alert, "id"))).1.to_string();
        for number in ["2025550177", "3035550188"] {
            assert!(!whole.contains(number), "{whole}");
        }
    }
}

#[test]
fn what_is_forgotten_is_neither_listed_nor_read_nor_named_by_its_call() {
    let start = lately();
    let mut play = Play::new(after(start, -60), &[]);
    for n in 0..10 {
        play.call(&call(n, after(start, n as i64 * 10), End::Congested));
    }
    play.until(after(start, 300));
    let alerts = Api::of(&play).hold_together();
    let client = aws(play.bench.database.url()).dynamodb();
    for item in play.bench.alerts() {
        let asked = client.update_item().table_name("AlertsTable").key("pk", item["pk"].clone());
        let asked = asked.update_expression("SET #e = :e").expression_attribute_names("#e", EXPIRES);
        let past = AttributeValue::N((Timestamp::now().as_second() - 1).to_string());
        play.bench.runtime.block_on(asked.expression_attribute_values(":e", past).send()).unwrap();
    }
    let api = Api::of(&play);
    assert_eq!((api.alerts(), api.alert_of(&id(0))), (Vec::new(), Value::Null));
    let (status, problem) = api.get(&format!("/alerts/{}", text(&alerts[0], "id")));
    assert_eq!((status, text(&problem, "detail")), (404, "there is no such alert"));
}

#[test]
fn an_alert_is_read_over_http_and_what_is_no_alert_is_not() {
    let stack = Stack::start();
    let answer = stack.post(route(CALL), sample(CALL));
    let call = stack.event(text(&answer.json(), "id"))["call"].as_str().unwrap().to_owned();
    let sent = |alert: &Value| ways(alert) == "email sent, sms sent, chat sent, pages sent";
    let listed = || stack.list("/alerts").into_iter().find(sent);
    let alert = wait::until("the alert is sent", listed);
    assert_eq!(stack.call(&call)["alert"], alert);
    let whole = stack.read(&format!("/alerts/{}", text(&alert, "id"))).json();
    assert_eq!((&whole["failed"][0]["id"], &whole["next"]), (&json!(call), &Value::Null), "{whole}");
    assert!(text(&whole, "text").contains(&call) && text(&whole, "sms").contains("balance"), "{whole}");
    let operator = [("authorization", &*stack::bearer(OPERATOR_TOKEN))];
    let test = stack.client().send("POST", "/alerts/test", &operator, b"").json();
    assert_eq!(stack.read(&format!("/alerts/{}", text(&test, "id"))).json()["class"], "test");
    // What else the table holds is nobody's to read.
    let state = "incident#insufficient_balance#account#account/account:9af21132-9b2f-482e-aefe-906062c73008";
    for id in ["sms", "delivery#opentact", state, &format!("call~{call}"), "unknown"] {
        assert_eq!(stack.read(&format!("/alerts/{}", escape(id))).status, 404, "{id}");
    }
}

#[test]
fn a_wrong_parameter_of_alerts_is_named() {
    let stack = Stack::start();
    let old = Timestamp::now() - SignedDuration::from_hours(24 * 91);
    for (query, told) in [
        ("class=busy", "from, to, order, limit, cursor"),
        ("limit=0", "limit: "),
        ("limit=101", "limit: "),
        ("cursor=forged", "cursor: "),
        ("order=asc", "order: asc needs from"),
        ("from=yesterday", "from: "),
        ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "from: not before to"),
        (&format!("from={old}"), "from: more than 90 days ago"),
    ] {
        let answer = stack.read(&format!("/alerts?{query}"));
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && detail.contains(told), "{query}: {detail}");
    }
    for (query, told) in
        [("from=2026-11-02T00:00:00Z", "limit, cursor"), ("limit=x", "limit: "), ("cursor=x", "cursor: ")]
    {
        let answer = stack.read(&format!("/alerts/unknown?{query}"));
        assert!(answer.status == 400 && answer.json()["detail"].as_str().unwrap().contains(told), "{query}");
    }
    assert_eq!(stack.client().send("POST", "/alerts", &[], b"").status, 405);
}
