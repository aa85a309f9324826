//! Which alerts people get, and how often.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::forms;
use tests::proxy::{Fault, Proxy};
use tests::samples::{route, sample};
use tests::stack::{self, Stack};
use tests::wait;

const BALANCE: &str = "opentact-call_state-in-failed-insufficient-balance";

fn published(stack: &Stack, topic: &str) -> Vec<Value> {
    stack.published().into_iter().filter(|message| message["topic"] == topic).collect()
}

/// Waits for that many alerts, then long enough that one too many would have come.
fn alerts(stack: &Stack, expected: usize) -> Vec<Value> {
    wait::until("the alerts are published", || (published(stack, "AlertsTopic").len() >= expected).then_some(()));
    thread::sleep(Duration::from_millis(1500));
    published(stack, "AlertsTopic")
}

fn text(message: &Value, member: &str) -> String {
    message[member].as_str().unwrap_or_default().to_owned()
}

/// GSM 03.38 without its extension table, whose characters count twice.
fn gsm7(text: &str) -> bool {
    const OTHERS: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
    text.chars().all(|c| c.is_ascii_alphanumeric() || OTHERS.contains(c))
}

#[test]
fn a_call_that_fails_for_want_of_money_is_told_by_mail_and_by_sms() {
    let stack = Stack::start();
    let answer = stack.deliver(BALANCE);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let event = stack.event(&id);
    assert_eq!(event["status"], "failed");
    assert_eq!(event["failure"]["class"], "insufficient_balance");
    assert_eq!(event["failure"]["reason"], "Insufficient account balance", "the provider's own words");

    let mail = alerts(&stack, 1);
    assert_eq!(mail.len(), 1, "{mail:?}");
    let subject = text(&mail[0], "subject");
    assert!(subject.is_ascii() && (1..=99).contains(&subject.len()) && !subject.contains('\n'), "{subject}");
    assert!(subject.to_lowercase().contains("balance"), "the subject tells the story: {subject}");
    let message = text(&mail[0], "message");
    for told in ["alice@example.com", "12025550144", "Insufficient account balance", "2026-11-02", id.as_str()] {
        assert!(message.contains(told), "{told} is missing:\n{message}");
    }
    for private in ["billing@example.com", "Example Street", "20001"] {
        assert!(!message.contains(private), "{private} is nobody's business:\n{message}");
    }

    let sms = published(&stack, "UrgentTopic");
    assert_eq!(sms.len(), 1, "{sms:?}");
    // One may choose alerts as one chooses events.
    for message in [&mail[0], &sms[0]] {
        let attributes = &message["attributes"];
        for (name, value) in [("provider", "opentact"), ("class", "insufficient_balance"), ("severity", "critical")] {
            assert_eq!(attributes[name]["Value"], value, "{attributes}");
        }
        assert!(attributes["entity"]["Value"].as_str().unwrap().contains("\"sip_user:alice@example.com\""));
    }
    let chat = published(&stack, "ChatTopic");
    let shown = forms::chat(&text(&chat[0], "message"));
    assert_eq!((chat.len(), &shown["content"]["title"]), (1, &mail[0]["subject"]), "{chat:?}");
    assert_eq!((&chat[0]["attributes"], &chat[0]["subject"]), (&mail[0]["attributes"], &Value::Null));
    let context = &shown["metadata"]["additionalContext"];
    assert_eq!((&context["severity"], &context["state"]), (&json!("critical"), &json!("open")), "{shown}");
    let [page] = published(&stack, "PagesTopic").try_into().unwrap();
    let alarm = forms::page(&text(&page, "message"));
    let listed = stack.list("/alerts").remove(0);
    assert_eq!((&alarm["NewStateValue"], &alarm["AlarmName"]), (&json!("ALARM"), &listed["incident"]), "{alarm}");
    assert_eq!(text(&page, "subject"), format!("ALARM: {subject}"));
    let sms = text(&sms[0], "message");
    assert!(gsm7(&sms) && (1..=160).contains(&sms.chars().count()), "{sms}");
    assert!(sms.to_lowercase().contains("balance"), "{sms}");
}

#[test]
fn a_wrong_setting_is_told_once_and_silences_nothing() {
    let wrong = [("ALERT_RULES", "bussy=loud"), ("ALERT_WINDOW_SECONDS", "90.5"), ("EXTRA_CA_CERTS", "/opt/none")];
    let stack = Stack::with(|options| {
        options.every = Duration::from_millis(200);
        let settings = wrong.into_iter().chain([("STACK_LABEL", "prod")]);
        options.environment.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    });
    let told = alerts(&stack, 3);
    assert_eq!(told.len(), 3, "once for each value, however often the schedule comes: {told:?}");
    for (name, value) in wrong {
        let of = told.iter().filter(|mail| text(mail, "subject").starts_with(&format!("{name} is wrong")));
        let of: Vec<_> = of.collect();
        assert!(of.len() == 1 && text(of[0], "message").contains(value), "{told:?}");
        assert!(text(of[0], "subject").ends_with(" [prod]"));
    }
    assert_eq!(stack.deliver(BALANCE).status, 200);
    let balance = alerts(&stack, 4).into_iter().filter(|mail| text(mail, "subject").contains("balance")).count();
    assert_eq!((balance, published(&stack, "UrgentTopic").len()), (1, 1));
}

#[test]
fn a_failure_delivered_many_times_is_told_once() {
    let stack = Stack::start();
    for _ in 0..5 {
        assert_eq!(stack.deliver(BALANCE).status, 200);
    }
    assert_eq!(alerts(&stack, 1).len(), 1);
    assert_eq!(published(&stack, "UrgentTopic").len(), 1);
}

#[test]
fn an_outage_that_many_strangers_meet_at_one_number_is_told_once() {
    let stack = Stack::with(|options| {
        options.alert_window = Duration::from_secs(4);
        options.every = Duration::from_millis(200);
    });
    for caller in 0..8 {
        let body = json!({
            "uuid": format!("e{caller}"), "created_on": "2026-11-25T02:02:00.120Z", "type": "call_state",
            "payload": {"state": "hangup"},
            "call": {"uuid": format!("l{caller}"), "direction": "in", "from": format!("+1202555010{caller}"),
                "to": "12025550199", "tn": {"tn": 12_025_550_199_u64}, "sip_user": null, "q850_cause": 34},
        });
        assert_eq!(stack.post("/webhooks/opentact/call", body.to_string()).json()["status"], "stored");
    }
    let told = alerts(&stack, 1);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(text(&told[0], "subject").contains(" calls failed: congestion"), "{told:?}");
}

#[test]
fn other_content_of_a_failure_that_was_alerted_is_kept_and_alerts_nobody_again() {
    let stack = Stack::start();
    assert_eq!(stack.deliver(BALANCE).json()["status"], "stored");
    alerts(&stack, 1);
    let other =
        String::from_utf8(sample(BALANCE)).unwrap().replace("Insufficient account balance", "Not enough credit");
    let conflict = stack.post(route(BALANCE), other).json();
    assert_eq!(conflict["status"], "stored", "{conflict}");
    wait::until("the conflict went through notify", || (stack.published_events().len() == 2).then_some(()));
    assert_eq!((alerts(&stack, 1).len(), published(&stack, "UrgentTopic").len()), (1, 1));
}

#[test]
fn an_empty_balance_is_told_at_once_whatever_it_fails() {
    for (name, mails, messages) in [
        ("opentact-sms-smso-failed-insufficient-balance", 1, 1),
        ("opentact-tn_order-failed-insufficient-balance", 1, 1),
    ] {
        let stack = Stack::start();
        assert_eq!(stack.deliver(name).status, 200);
        assert_eq!(alerts(&stack, mails).len(), mails, "{name}");
        assert_eq!(published(&stack, "UrgentTopic").len(), messages, "{name}");
    }
}

#[test]
fn everyday_outcomes_are_silent() {
    let stack = Stack::start();
    for name in [
        "onsip-call.dialog.failed",
        // One of them is no incident.
        "opentact-call_state-in-failed-not-permitted",
        "opentact-sms-smso-failed-not-permitted",
        "opentact-sms-smso-failed-undelivered",
        "opentact-call_state-out-hangup-busy",
        "opentact-call_state-out-destroyed-busy",
        "opentact-call_state-out-hangup-no-answer",
        "opentact-call_state-in-hangup-answered",
        "opentact-sms-smso-success-delivered",
        "opentact-tn_order-success",
        "opentact-balance",
    ] {
        assert_eq!(stack.deliver(name).status, 200, "{name}");
    }
    // The last in line is told, so all before it have been looked at.
    assert_eq!(stack.deliver(BALANCE).status, 200);
    let told = alerts(&stack, 1);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(text(&told[0], "message").contains("Insufficient account balance"), "{told:?}");
}

#[test]
fn while_sns_refuses_nothing_is_lost_and_then_each_is_told_once() {
    // At the same time, since what was refused is tried again only after a minute.
    thread::scope(|scope| {
        for fault in [Fault::Refuse, Fault::Status(500), Fault::CutBefore, Fault::Hang] {
            scope.spawn(move || {
                let proxy = Proxy::start();
                let stack = Stack::with_sns_behind(&proxy);
                proxy.break_with(fault);
                assert_eq!(stack.deliver(BALANCE).status, 200, "a delivery does not wait for its alert");
                wait::until("the alert was tried", || (proxy.seen() > 0).then_some(()));
                thread::sleep(Duration::from_millis(500));
                assert_eq!(stack.published(), Vec::<Value>::new());
                proxy.heal();
                // The schedule runs several times meanwhile: what was sent is not sent again.
                assert_eq!(alerts(&stack, 1).len(), 1, "{fault:?}");
                assert_eq!(published(&stack, "UrgentTopic").len(), 1, "{fault:?}");
            });
        }
    });
}

#[test]
fn a_topic_that_fails_holds_back_no_other_and_has_all_once_it_is_well() {
    const TOPICS: [&str; 4] = ["AlertsTopic", "UrgentTopic", "ChatTopic", "PagesTopic"];
    thread::scope(|scope| {
        for (broken, fault) in
            TOPICS.into_iter().zip([Fault::Status(403), Fault::Hang, Fault::CutBefore, Fault::Status(500)])
        {
            scope.spawn(move || {
                let proxy = Proxy::start();
                let stack = Stack::with_sns_behind(&proxy);
                proxy.break_where(broken, fault);
                let count = |topic| published(&stack, topic).len();
                let others = || TOPICS.into_iter().filter(|topic| *topic != broken).map(count).collect::<Vec<_>>();
                assert_eq!(stack.deliver(BALANCE).status, 200);
                wait::until("the others have it", || (others() == [1; 3]).then_some(()));
                assert_eq!(count(broken), 0);
                proxy.heal();
                wait::until("that one has it", || (count(broken) == 1).then_some(()));
                thread::sleep(Duration::from_millis(1500));
                assert_eq!((count(broken), others()), (1, vec![1; 3]), "{broken}");
            });
        }
    });
}

#[test]
fn while_the_table_of_alerts_does_not_answer_nothing_is_lost_and_then_it_is_told_once() {
    // With the last, the alert is recorded and nobody hears of it.
    thread::scope(|scope| {
        for fault in [Fault::CutBefore, Fault::Status(500), Fault::CutAfter] {
            scope.spawn(move || {
                let proxy = Proxy::start();
                let stack = Stack::with_store_behind(&proxy);
                proxy.break_where("AlertsTable", fault);
                let before = proxy.seen();
                assert_eq!(stack.deliver(BALANCE).status, 200);
                wait::until("the alert was recorded in vain", || (proxy.seen() > before + 2).then_some(()));
                assert_eq!(stack.published(), Vec::<Value>::new(), "{fault:?}");
                proxy.heal();
                assert_eq!(alerts(&stack, 1).len(), 1, "{fault:?}");
                assert_eq!(published(&stack, "UrgentTopic").len(), 1, "{fault:?}");
            });
        }
    });
}

#[test]
fn words_of_a_stranger_forge_no_line_of_an_alert() {
    let stack = Stack::start();
    let mut body: Value = serde_json::from_slice(&sample(BALANCE)).unwrap();
    body["call"]["reason"] = json!("Insufficient balance\r\nSubject: forged\u{1b}[31m\u{202e}");
    body["call"]["to"] = json!("+1202555\nforged: 0144");
    assert_eq!(stack.post(route(BALANCE), body.to_string()).status, 200);
    let told = alerts(&stack, 1);
    let subject = text(&told[0], "subject");
    assert!(subject.is_ascii() && !subject.chars().any(char::is_control), "{subject:?}");
    let message = text(&told[0], "message");
    assert!(!message.lines().any(|line| line.trim_start().to_lowercase().starts_with("subject: forged")), "{message}");
    assert!(!message.lines().any(|line| line.trim_start().starts_with("forged:")), "{message}");
    assert!(!message.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{message:?}");
}

#[test]
fn words_of_a_stranger_call_nobody_and_make_no_link_in_a_chat() {
    let stack = Stack::start();
    let mut body: Value = serde_json::from_slice(&sample(BALANCE)).unwrap();
    body["call"]["reason"] =
        json!("Insufficient balance <!channel> @here <https://evil.example|top up> [top up](https://evil.example) `x`");
    assert_eq!(stack.post(route(BALANCE), body.to_string()).status, 200);
    alerts(&stack, 1);
    let shown = forms::chat(&text(&published(&stack, "ChatTopic")[0], "message"));
    let all = shown["content"].to_string();
    assert!(all.contains("channel") && all.contains("top up"), "{all}");
    for live in ["<", "@here", "evil.example", "](", "`"] {
        assert!(!all.contains(live), "{live}: {all}");
    }
}

#[test]
fn an_operator_sends_a_test_signal_and_nobody_else_does() {
    let stack = Stack::with(|options| options.every = Duration::from_millis(300));
    let send =
        |token: &str| stack.client().send("POST", "/alerts/test", &[("authorization", &stack::bearer(token))], b"");
    for token in ["wrong", stack::TOKEN, stack::READ_TOKEN] {
        assert_eq!(send(token).status, 401, "{token}");
    }
    let answer = send(stack::OPERATOR_TOKEN);
    assert!((200..300).contains(&answer.status), "{answer:?}");
    let told = alerts(&stack, 1);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(text(&told[0], "subject").to_lowercase().contains("test"), "{told:?}");
    let [chat] = published(&stack, "ChatTopic").try_into().unwrap();
    assert_eq!(forms::chat(&text(&chat, "message"))["metadata"]["eventType"], "test");
}
