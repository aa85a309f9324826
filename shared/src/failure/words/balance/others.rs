//! Balances that are not the customer's: the called party's, and those that a message is about.

use super::terms::{IDLE, MONEY};

/// Who is called.
#[rustfmt::skip]
pub(super) const PARTY: &[&str] = &[
    "recipient", "recipients", "subscriber", "subscribers", "callee", "handset", "destination", "receiver", "addressee", "person",
    "called", "dialed", "dialled", "remote", "b",
];

/// What makes a party of `called`.
#[rustfmt::skip]
pub(super) const CALLED: &[&str] = &[
    "party", "number", "user", "customer", "person", "mobile", "phone", "side", "end", "line", "subscriber",
];

/// What stands between a party and what it has.
#[rustfmt::skip]
const HAS: &[&str] = &[
    "does", "do", "not", "doesn't", "with", "who", "whose", "must", "need", "needs", "should", "no", "sim", "card", "owner", "ran",
    "run", "runs",
];

/// Before a party that is not the one who has it.
#[rustfmt::skip]
const ON_THE_WAY: &[&str] = &[
    "to", "for", "from", "towards", "toward", "call", "calls", "calling", "originating", "sending", "your", "our", "reach",
];

/// What a message is about.
#[rustfmt::skip]
const CONTENT: &[&str] = &[
    "content", "contents", "spam", "phishing", "smishing", "scam", "filter", "filtered", "keyword", "keywords", "mentions",
    "mentioning", "wording",
];

/// Whether what is lacked at a place is the called party's: `recipient has no credit`, `no credit on the called handset`, but
/// not `no credit to call the recipient`.
pub(super) fn is_of_party(clause: &[&str], lack: usize) -> bool {
    let at = |place: usize| clause.get(place).copied().unwrap_or_default();
    (0..clause.len()).filter(|place| is_party(at(*place), at(place + 1))).any(|party| {
        let mut before = clause.iter().take(party).rev().filter(|word| !is_article(word)).copied();
        let led = before.next().unwrap_or_default();
        let between = clause.get(party + 1..lack).unwrap_or_default();
        // Between a destination and what only stands beside it there is no word of having.
        let has = between.iter().all(|word| is_between(word)) && (at(party) != "destination" || !between.is_empty());
        if party < lack { has && !ON_THE_WAY.contains(&led) } else { ["of", "on", "at"].contains(&led) }
    })
}

fn is_party(word: &str, next: &str) -> bool {
    match word {
        "b" => next == "party",
        "called" | "dialed" | "dialled" | "remote" => CALLED.contains(&next),
        _ => PARTY.contains(&word),
    }
}

fn is_article(word: &str) -> bool {
    ["the", "a", "an", "this", "called", "dialed", "dialled", "remote"].contains(&word)
}

fn is_between(word: &str) -> bool {
    [HAS, PARTY, CALLED, MONEY, IDLE].iter().any(|words| words.contains(&word))
}

/// Whether a normal text is about what a message says: `spam: top up your wallet now`.
pub(super) fn is_quoted(text: &str) -> bool {
    let words: Vec<_> = super::clauses::words(text).collect();
    let follows = |first: &[&str], second: &[&str]| {
        words.windows(2).any(|pair| matches!(pair, [a, b] if first.contains(a) && second.contains(b)))
    };
    let says = follows(&["message", "text", "body", "sms"], &["says", "mentions", "contains", "includes", "reads"]);
    // A message that was rejected, and what it asked its reader for.
    let asks = follows(&["message"], &["was"]) && words.contains(&"your") && follows(&["top"], &["up"]);
    says || asks || follows(&["message"], &["text", "body"]) || words.iter().any(|word| CONTENT.contains(word))
}
