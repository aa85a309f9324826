//! What someone outside may write into a delivery, and what a person must never see of it.

use proptest::prelude::*;
use serde_json::Value;
use shared::event::Event;
use shared::failure::{Failure, FailureClass};
use shared::name::Provider;
use shared::outbox::Alert;

use super::made::{context, event, words};
use crate::bucket::{Bucket, Line};
use crate::case::Case;
use crate::incident::Incident;
use crate::signal::{self, Severities};
use crate::words::{MAX_SMS, MAX_SUBJECT, chatted, paged};
use crate::{Evidence, Numbers};

/// One of the texts.
fn one(of: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(of)
}

const SCHEMES: &[&str] = &["", "https", "HTTP", "ftp", "mailto", "tel", "sip", "javascript", "data", "xmpp+x"];
const COLONS: &[&str] = &["", ":", ":", "：", "﹕", "∶", "%3A", "%253a", ":\u{200b}"];
const SLASHES: &[&str] = &["", "//", "/", "\\\\", "/\\", "／／", "∕∕", "%2F%2F", "⁄/", "\u{2060}//"];
const DOTS: &[&str] = &[".", ".", "。", "．", "｡", "․", "%2e", "%252E", "%25252E", "%EF%BC%8E", "\u{ad}.", ".\u{202e}"];
const LABELS: &[&str] =
    &["www", "WWW", "ｗｗｗ", "evil", "ｅｖｉｌ", "xn--e1afmkfd", "пример", "i❤", "a@b", "192", "0", "example", "com"];

/// A link in one of its disguises.
fn trick() -> impl Strategy<Value = String> {
    let name = prop::collection::vec((one(LABELS), one(DOTS)), 1..5);
    (one(SCHEMES), one(COLONS), one(SLASHES), name, one(&["com", "example", "испытание", "7", "com/x?y", "com:80/z"]))
        .prop_map(|(scheme, colon, slashes, name, end)| {
            let name: String = name.into_iter().flat_map(|(label, dot)| [label, dot]).collect();
            format!("{scheme}{colon}{slashes}{name}{end}")
        })
}

/// What may stand anywhere: anything, and what would do harm.
fn outside() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[+0-9]{0,40}",
        "sip:[a-z0-9+]{1,60}@[a-z0-9.]{1,60}",
        trick(),
        (any::<String>(), trick(), any::<String>())
            .prop_map(|(before, trick, after)| format!("{before}{trick}{after}")),
        trick().prop_map(|trick| format!("sip:{trick}@example.com")),
        trick().prop_map(|trick| format!("sip:alice@{trick}")),
        Just("https://evil.example/x www.evil.example\r\nSubject: x".to_owned()),
    ]
}

/// What looks like a link in a text, that of the API and the addresses of ours aside.
fn looks_like_a_link(text: &str, event: &Event) -> Option<String> {
    let ours = |word: &str| {
        let word = word.split_once(':').filter(|(kind, _)| kind.starts_with("sip_")).map_or(word, |(_, value)| value);
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let own = |own: &str| own == word || own.rsplit_once('@').is_some_and(|(_, domain)| domain == word);
        // A name that was cut short.
        event.own.iter().any(|ours| own(ours.entity.value()) || ours.entity.value().starts_with(word))
    };
    let words = text.split_whitespace().filter(|word| !word.starts_with("https://api.example.com/v1/") && !ours(word));
    words.map(str::to_owned).find(|word| {
        let chars: Vec<char> = word.chars().collect();
        let domain = chars.windows(3).any(|w| w[1] == '.' && w[0] != '.' && w[2].is_alphabetic());
        let kind = ["sip_user:", "sip_domain:", "phone_number:", "account:", "auth_ip:", "auth_hostname:", "menu:"];
        let bare = kind.iter().find_map(|kind| word.strip_prefix(kind)).unwrap_or(word);
        let chars: Vec<char> = bare.chars().collect();
        let scheme = chars
            .windows(3)
            .any(|w| w[0].is_ascii_alphabetic() && w[1] == ':' && (w[2].is_alphanumeric() || w[2] == '/'));
        domain || scheme || ["//", "\\\\", "www."].iter().any(|sign| word.to_lowercase().contains(sign))
    })
}

/// Whether a character is not seen, changes the order of others, or is another in a disguise.
fn is_disguise(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{ff01}'..='\u{ff5e}' | '\u{fe00}'..='\u{fe0f}' | '。' | '｡' | '․')
}

/// All that a chat shows, a line each.
fn chat_of(alert: &Alert) -> String {
    let told = chatted(alert);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = told["content"]["nextSteps"].as_array().into_iter().flatten().map(text);
    let shown = [&told["content"]["title"], &told["content"]["description"]].map(text);
    shown.into_iter().chain(steps).collect::<Vec<_>>().join("\n")
}

/// Whether Slack or Teams would call somebody, or make a link, code or a list of some of it. The stack's own links aside.
fn means_something_in_chat(chat: &str) -> bool {
    let words = chat.split_whitespace().filter(|word| !word.starts_with("https://api.example.com/v1/"));
    let mut words = words.map(|word| word.chars().collect::<Vec<_>>());
    let marks = words.any(|word| {
        let calls =
            |w: &[char]| w[1] == '@' && !w[0].is_alphanumeric() || w[0] == ']' && matches!(w[1], '(' | '[' | ':');
        word.first() == Some(&'@') || word.windows(2).any(calls) || word.iter().any(|c| "<>&`*~#\\".contains(*c))
    });
    marks || chat.lines().any(|line| line.starts_with(['-', '+', '|', '=']))
}

fn failed(from: &str, to: &str, leg: &str, reason: &str, state: &str) -> Event {
    let body = serde_json::json!({
        "uuid": "1", "created_on": "2026-11-02T16:40:00Z", "type": "call_state", "payload": {"state": state},
        "call": {"uuid": leg, "from": from, "to": to, "reason": "insufficient balance"},
    });
    let read = event(Provider::Opentact, body.to_string().as_bytes());
    // The reader takes out of a reason what it knows to be no reason; here all of it stays.
    let failure = Failure { class: FailureClass::InsufficientBalance, reason: Some(reason.to_owned()), code: None };
    Event { failure: Some(failure), ..read }
}

proptest! {
    #[test]
    fn no_input_makes_a_text_too_long_or_adds_a_line_or_a_link(
        from in outside(), to in outside(), leg in outside(), reason in outside(), state in "failed|hangup",
        masked: bool, amount in "[0-9]{1,9}[.][0-9]{1,9}",
    ) {
        let event = failed(&from, &to, &leg, &reason, &state);
        let signal = signal::of(&event, &Severities::default()).unwrap();
        let words = words(if masked { Numbers::Masked } else { Numbers::Shown });
        let case = Case::of_event(&event, signal.clone(), event.received_at);
        let mut incident = Incident::of(&case);
        incident.add([&case.held]);
        let places = 1 + usize::from(incident.held.iter().any(|held| !held.id.starts_with("message~")));
        // Of a class whose scope is whoever is the customer's own.
        let failure = Failure { class: FailureClass::NotPermitted, reason: None, code: None };
        let signal::Signal { class, family, scope, .. } =
            signal::of(&Event { failure: Some(failure), ..event.clone() }, &Severities::default()).unwrap();
        let line = Line { class, family, scope, tally: incident.next.clone(), over_at: None };
        let mut bucket = Bucket::default();
        bucket.add("one", line, event.received_at);
        let alerts = [
            (words.failure(String::new(), &event, &signal, &context(Some(&amount))), 24, 1 + usize::from(event.call().is_some())),
            (words.opened(&incident, Evidence::Failures), 24, places),
            (words.more(&incident, event.received_at), 24, places),
            (words.over(&incident, event.received_at), 20, places),
            (words.digest(String::new(), &bucket), 10, 0),
            (words.storm(String::new(), event.provider(), &bucket), 10, 0),
        ];
        for (alert, lines, links) in alerts {
            let chat = chat_of(&alert);
            paged(&alert);
            let printable = |b: u8| matches!(b, b' '..=b'~');
            prop_assert!(!alert.subject.is_empty() && alert.subject.len() <= MAX_SUBJECT && alert.subject.bytes().all(printable));
            // A summary wakes nobody.
            let sms = alert.sms.unwrap_or_default();
            prop_assert!(sms.len() <= MAX_SMS && sms.bytes().all(|b| matches!(b, b' '..=b'Z' | b'a'..=b'z' | b'_')));
            prop_assert!(alert.text.chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert!(alert.text.lines().count() <= lines, "{}", alert.text);
            prop_assert_eq!(alert.text.matches("://").count(), links, "{}", alert.text);
            prop_assert_eq!(chat.matches("://").count(), links, "{}", chat);
            prop_assert!(!means_something_in_chat(&chat), "{chat}");
            for text in [&alert.subject, &sms, &alert.text, &chat] {
                // In a chat some stand for what would mean something there.
                prop_assert!(!text.chars().any(|c| is_disguise(c) && !"＠＆＃＼］＿".contains(c)), "{text}");
                let link = looks_like_a_link(text, &event);
                prop_assert!(link.is_none(), "{link:?} in {text}");
            }
        }
    }

    #[test]
    fn no_number_is_read_where_numbers_are_masked(
        number in "[5-8]{6}[0-4]{4}", form in one(&["+1", "sip:+1", "tel:1", "(0) ", "x", "%2B1", "", "＋1"]),
        between in one(&["", "", " ", ".", "-", "/", ") ", " - ", "%20", "\u{200b}", "\u{2011}"]),
        digits in one(&["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "%"]),
        end in one(&["", "@example.com", "abc", ";phone-context=x"]),
    ) {
        let write = |c: char| match digits {
            "%" => format!("%3{c}"),
            digits => digits.chars().nth(c.to_digit(10).unwrap() as usize).unwrap().to_string(),
        };
        let each: Vec<_> = number.chars().map(write).collect();
        let written = format!("{form}{}{end}", [each[..3].concat(), each[3..6].concat(), each[6..].concat()].join(between));
        let event = failed(&written, "+12025550199", "l", &format!("no route to {written}"), "failed");
        let signal = signal::of(&event, &Severities::default()).unwrap();
        let case = Case::of_event(&event, signal.clone(), event.received_at);
        let mut incident = Incident::of(&case);
        incident.add([&case.held]);
        let words = words(Numbers::Masked);
        let (first, opened) = (words.failure(String::new(), &event, &signal, &context(None)), words.opened(&incident, Evidence::Failures));
        for alert in [first, opened] {
            let chat = chat_of(&alert);
            // Not within the ids, which are of no number here.
            let lines = alert.text.lines().filter(|line| !line.contains("https://api.example.com")).collect::<Vec<_>>().join("\n");
            let page = paged(&alert);
            let page = ["AlarmDescription", "NewStateReason"].map(|name| page[name].as_str().unwrap().to_owned()).join("\n");
            let chat = [chat, page].join("\n");
            let chat = chat.lines().filter(|line| !line.contains("https://api.example.com")).collect::<Vec<_>>().join("\n");
            let alert = [alert.subject, lines, alert.sms.unwrap(), chat].join("\n");
            // The first six digits, however they are written: no three of them follow one another.
            let head: Vec<_> = [0, 3].iter().map(|at| number[*at..at + 3].to_owned()).collect();
            let read: String = alert.chars().map(|c| digits.chars().position(|d| d == c).map_or(c, |n| char::from_digit(n as u32, 10).unwrap())).collect();
            let read = read.replace("2026-11-02", "").replace("16:40", "");
            prop_assert!(!head.iter().any(|part| read.contains(part.as_str())), "{written}: {alert}");
        }
    }
}
