//! What words say about a failure, where they stand in a field that carries a reason.
//!
//! Words count only where they are about each other: side by side in one clause, once the words that say nothing are left
//! out. An empty balance comes first, then the rules in their order.

mod balance;
mod rules;
mod tokens;

use self::rules::{RULES, Rule};
use super::FailureClass;
use crate::text::cut;

/// Reasons are short; what comes after this many bytes is not read.
const MAX_READ: usize = 1000;

/// The class that a text shows.
pub(super) fn class(text: &str) -> Option<FailureClass> {
    let text = cut(text, MAX_READ);
    if balance::is_empty(text) {
        return Some(FailureClass::InsufficientBalance);
    }
    let text = text.to_lowercase().replace(['_', '-'], " ");
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

#[cfg(test)]
mod tests;
