//! What a person reads: the e-mail's subject and text, and the SMS. Pure functions.
//!
//! Whatever came from outside is one line of printable characters before it enters a text. An account's balance, the name
//! and address of its owner, and the texts of messages never do.

use shared::event::{Direction, Event, Party, Status};
use shared::failure::{Failure, FailureClass, cut};
use shared::key::CallId;
use shared::outbox::Alert;
use shared::time;

use crate::signal::{Severity, Signal, matter};

/// SNS takes fewer than 100 characters.
pub const MAX_SUBJECT: usize = 99;
/// One part of an SMS, in GSM-7.
pub const MAX_SMS: usize = 160;

/// The alert of an event.
#[must_use]
pub fn alert(event: &Event, signal: &Signal, api_url: &str) -> Alert {
    Alert {
        id: signal.id.clone(),
        subject: subject(event, signal.class),
        text: text(event, signal.class, api_url),
        sms: (signal.severity == Severity::Critical).then(|| sms(event, signal.class)),
    }
}

fn subject(event: &Event, class: FailureClass) -> String {
    let story = format!("{} {}: {} - {}", capital(matter(event)), failed(event), phrase(class), route(event, 40));
    cut(&ascii(&story), MAX_SUBJECT).trim_end().to_owned()
}

/// An order can be filled, a message delivered, in part.
fn failed(event: &Event) -> &'static str {
    if event.status == Status::Partial { "partly failed" } else { "failed" }
}

/// `alice@example.com to +12025550144`, as far as it is known.
fn route(event: &Event, each: usize) -> String {
    let name = |party: &Option<Party>| party.as_ref().map(|party| cut(&line(&short(party)), each).to_owned());
    match (name(&event.from), name(&event.to)) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("to {to}"),
        (None, None) => event.provider().to_string(),
    }
}

/// The shortest name of a party that is clear.
fn short(party: &Party) -> String {
    match &party.entity {
        Some(entity) if entity.kind() == shared::entity::EntityKind::PhoneNumber => format!("+{}", entity.value()),
        Some(entity) => entity.value().to_owned(),
        // A stranger's free text has no place beside "top up now": the e-mail's own row shows it.
        None if party.raw.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#')) => party.raw.clone(),
        None => "unknown".to_owned(),
    }
}

fn text(event: &Event, class: FailureClass, api_url: &str) -> String {
    let failure = event.failure.as_ref();
    let leg = event.leg.as_ref().map(|leg| {
        let side = match leg.direction {
            Some(Direction::In) => "inbound (towards the platform), ",
            Some(Direction::Out) => "outbound (from the platform), ",
            None => "",
        };
        format!("{side}{}", line(&leg.id))
    });
    let concerned = event.pairs().iter().map(|pair| line(&pair.entity.to_string())).collect::<Vec<_>>().join(", ");
    let rows = [
        ("Event", Some(line(&event.kind)).filter(|kind| !kind.is_empty())),
        ("Leg", leg),
        ("From", event.from.as_ref().map(described)),
        ("To", event.to.as_ref().map(described)),
        ("Concerns", Some(concerned).filter(|text| !text.is_empty())),
        ("When", Some(time::readable(event.occurred_at().unwrap_or(event.received_at)))),
        ("Received", Some(time::readable(event.received_at))),
        ("Why", failure.map(why)),
        ("Provider", Some(provider(event).to_owned())),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| Some(format!("{:<10}{}\n", format!("{name}:"), value?)));
    let mut text = format!("{} {}: {}.\n\n", capital(matter(event)), failed(event), sentence(class));
    text.extend(rows);
    text.push_str(&format!("\nWhat to do: {}\n\nWhere to look:\n{}", advice(class), places(event, api_url)));
    text
}

/// Who that is, and what the provider wrote where that says more: the number that a user called with.
fn described(party: &Party) -> String {
    let (name, raw) = (line(&short(party)), line(&party.raw));
    let bare = |text: &str| text.trim_start_matches("sip:").trim_start_matches('+').to_owned();
    if raw.is_empty() || bare(&raw) == bare(&name) { name } else { format!("{name} ({raw})") }
}

fn why(failure: &Failure) -> String {
    let code = failure.code.map(|code| match code.name() {
        Some(name) => format!("{code}, {name}"),
        None => code.to_string(),
    });
    let words = failure.reason.as_deref().map(|reason| format!("the provider says \"{}\"", line(reason)));
    let details: Vec<_> = words.into_iter().chain(code.map(|code| format!("code {code}"))).collect();
    let class = phrase(failure.class);
    if details.is_empty() { class.to_owned() } else { format!("{class}; {}", details.join("; ")) }
}

fn places(event: &Event, api_url: &str) -> String {
    let call = event.call().map(|id: CallId| format!("  the call:  {api_url}/calls/{id}\n"));
    format!(
        "{}  the event: {api_url}/events/{}\n  (with the header Authorization: Bearer and a read token)\n",
        call.unwrap_or_default(),
        event.id
    )
}

fn sms(event: &Event, class: FailureClass) -> String {
    let what = format!("{} {}: {}. {}", capital(matter(event)), failed(event), phrase(class), advice_short(class));
    let when = time::readable(event.occurred_at().unwrap_or(event.received_at));
    let story = format!("{what} {}, {}, {when}", provider(event), route(event, 34));
    at_word(&gsm(&story), MAX_SMS).to_owned()
}

fn provider(event: &Event) -> &'static str {
    match event.provider() {
        shared::event::Provider::Onsip => "OnSIP",
        shared::event::Provider::Opentact => "Opentact",
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A class in two or three words.
fn phrase(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => "insufficient balance",
        FailureClass::NotPermitted => "not permitted",
        FailureClass::Busy => "busy",
        FailureClass::NoAnswer => "no answer",
        FailureClass::Rejected => "rejected",
        FailureClass::InvalidNumber => "invalid number",
        FailureClass::Congestion => "congestion",
        FailureClass::Undelivered => "not delivered",
        FailureClass::Unknown => "unknown reason",
    }
}

fn sentence(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => "the account has not enough balance",
        FailureClass::NotPermitted => "the platform does not permit it",
        FailureClass::Busy => "the called party is busy",
        FailureClass::NoAnswer => "nobody answered",
        FailureClass::Rejected => "the called party declined",
        FailureClass::InvalidNumber => "the number does not exist",
        FailureClass::Congestion => "there was no capacity on the way",
        FailureClass::Undelivered => "the message did not arrive",
        FailureClass::Unknown => "for a reason that only the provider's own words give",
    }
}

fn advice(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => {
            "top up the account at the provider. Until then further calls and messages fail for the same reason."
        }
        FailureClass::NotPermitted => {
            "check the account's country permissions and block lists, and whether the number called is what was meant."
        }
        FailureClass::Congestion => {
            "try the call again; if it keeps failing, check the route and the provider's status page."
        }
        FailureClass::Undelivered => {
            "check that the number takes messages and that the sending number is registered for them."
        }
        FailureClass::Rejected | FailureClass::Busy | FailureClass::NoAnswer => {
            "nothing, unless it happens often: then ask the called party."
        }
        FailureClass::InvalidNumber => "correct the number.",
        FailureClass::Unknown => "look at the event; if it happens often, ask the provider what its words mean.",
    }
}

fn advice_short(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => "Top up now.",
        _ => "See the e-mail.",
    }
}

/// A text from outside as one line of printable characters, read in the order in which it stands.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || reorders(c) { ' ' } else { c }).collect()
}

/// Characters that break a line, can't be seen, or make a reader see others in another order (Unicode's bidirectional
/// controls).
fn reorders(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    let bidirectional =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    invisible || bidirectional
}

/// Printable ASCII, anything else a question mark.
fn ascii(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

/// The characters that ASCII shares with GSM-7's basic alphabet (3GPP TS 23.038), one septet each; anything else a question
/// mark.
fn gsm(text: &str) -> String {
    let basic = |c| matches!(c, ' '..='Z' | 'a'..='z' | '_');
    text.chars().map(|c| if basic(c) { c } else { '?' }).collect()
}

/// The text, cut at a word where it is too long. Of ASCII only.
fn at_word(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let head = cut(text, most + 1);
    head.rfind(' ').map_or_else(|| cut(text, most), |end| cut(head, end)).trim_end_matches([',', ' '])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_long_sms_is_cut_at_a_word() {
        assert_eq!(at_word("one two three", 7), "one two");
        assert_eq!(at_word("one two three", 8), "one two");
        assert_eq!(at_word("one two, three", 9), "one two");
        assert_eq!(at_word("onetwothree", 4), "onet");
        assert_eq!(at_word("one", 3), "one");
    }

    #[test]
    fn no_line_comes_from_outside() {
        assert_eq!(line("a\r\nSubject: b\u{2028}c\u{7}\u{202e}d"), "a  Subject: b c  d");
        assert_eq!(ascii("é\n~"), "??~");
        assert_eq!(gsm("a@b_c[d]{}\\^~|`€é"), "a@b_c?d??????????");
    }
}
