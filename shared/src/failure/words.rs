//! What words say about a failure, where they stand in a field that carries a reason.
//!
//! Words count only where they are about each other: side by side in one clause, once the words that say nothing are left
//! out. An empty balance comes first, then the rules in their order.

mod rules;
mod tokens;

use self::rules::{RULES, Rule};
use super::FailureClass;
use crate::text::cut;

/// Reasons are short; what comes after this many bytes is not read.
const MAX_READ: usize = 1000;

/// The class that a text shows.
pub(super) fn class(text: &str) -> Option<FailureClass> {
    let text = cut(text, MAX_READ).to_lowercase().replace(['_', '-'], " ");
    if is_empty_balance(&text) {
        return Some(FailureClass::InsufficientBalance);
    }
    let clauses: Vec<_> = text.split([';', ',', '.', '!', '?', '(', ')']).map(tokens::of).collect();
    let rule = RULES.iter().find(|rule| clauses.iter().any(|clause| shows(rule, clause)));
    rule.map(|(class, ..)| *class)
}

/// Whether a clause shows what the rule is about.
fn shows((_, first, second): &Rule, clause: &[String]) -> bool {
    if second.is_empty() {
        return clause.iter().any(|token| any_of(first, token));
    }
    let beside = |a: &str, b: &str| any_of(first, a) && any_of(second, b);
    clause.windows(2).any(|pair| matches!(pair, [a, b] if beside(a, b) || beside(b, a)))
}

/// Whether a token is one of the words, or, but for the shortest, begins with one.
fn any_of(words: &[&str], token: &str) -> bool {
    words.iter().any(|word| token == *word || (word.len() > 3 && token.starts_with(word)))
}

/// How many words apart a word of money and one of lack may stand and still be about each other.
const NEAR: usize = 4;

/// Whether words of money and of lack are about each other. That both stand somewhere is not enough: all attempts can be
/// exhausted and their charge go back to the balance.
fn is_empty_balance(text: &str) -> bool {
    let clauses = text.split([';', ',', '.', ':', '!', '(', ')', '/']);
    clauses.map(|clause| clause.split_whitespace().collect::<Vec<_>>()).any(|words| lacks_money(&words))
        || is_unpaid(text)
}

/// Whether an account is closed because its owner owes: `account suspended: non-payment`.
fn is_unpaid(text: &str) -> bool {
    text.split([';', '.', '!']).any(|sentence| {
        let has = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
        has(&["non payment", "nonpayment", "unpaid"]) && has(&["suspended", "blocked", "disabled"])
    })
}

fn lacks_money(words: &[&str]) -> bool {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let follows = |first: &str, second: &str| words.windows(2).any(|pair| pair == [first, second]);
    if has(&["refunded", "refund", "credited", "applied"]) {
        return false;
    }
    if follows("payment", "required") {
        return true;
    }
    let places = |is: fn(&[&str], usize) -> bool| (0..words.len()).filter(move |place| is(words, *place));
    let money: Vec<_> = places(|words, place| words.get(place).is_some_and(|word| MONEY.contains(word))).collect();
    let near = |lack: usize, reach: usize| money.iter().any(|money| (lack..=lack + reach).contains(money));
    let after = |lack: usize| money.iter().any(|money| (*money..*money + NEAR).contains(&lack));
    let lack = places(is_lack).any(|place| near(place, NEAR - 1) || after(place));
    // What is run out of follows at once: `out of credit`, not `credit repair is out of policy`.
    lack || places(is_out_of).any(|place| near(place, NEAR - 1))
}

const MONEY: [&str; 9] = ["balance", "balances", "fund", "funds", "credit", "credits", "money", "prepaid", "wallet"];

fn is_lack(words: &[&str], place: usize) -> bool {
    let before = words.get(place.saturating_sub(NEAR - 1)..place).unwrap_or_default();
    let denied = before.iter().any(|word| ["not", "no", "without", "never"].contains(word) || word.ends_with("n't"));
    match words.get(place) {
        Some(&("enough" | "sufficient")) => denied,
        Some(&("insufficient" | "low" | "exhausted" | "depleted" | "empty" | "zero" | "negative" | "exceeded"))
        | Some(&("top" | "recharge" | "exhausts" | "lacking")) => !denied,
        _ => false,
    }
}

fn is_out_of(words: &[&str], place: usize) -> bool {
    let pair = (words.get(place).copied(), words.get(place + 1).copied());
    matches!(pair, (Some("out" | "lack"), Some("of")) | (Some("no"), Some("more" | "credit" | "funds" | "money")))
}

#[cfg(test)]
mod tests;
