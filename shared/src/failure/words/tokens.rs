//! The words of a text, brought into the forms that the rules know.

use super::rules::{DENIED, IDLE, NOT};

/// The words of a clause in lower case. What says nothing is left out, and what denies is joined to what it denies: `is no
/// longer in service` is `not-service`, and so is `out of service`.
pub(super) fn of(clause: &str) -> Vec<String> {
    let clause = clause.replace("time out", "timeout").replace("timed out", "timeout").replace("out of", "not");
    let clause = clause.replace("phone number", "number");
    let letters: String = clause.chars().filter(|c| !matches!(c, '\'' | '’')).collect();
    let mut tokens = Vec::new();
    let mut denied = false;
    for word in letters.split(|c: char| !c.is_alphanumeric()).filter(|word| !is_idle(word)) {
        if NOT.contains(&word) {
            denied = true;
        } else {
            let form = form(word);
            let whole = format!("not-{}", form.trim_start_matches("not-"));
            tokens.push(if denied { whole } else { form.to_owned() });
            denied = false;
        }
    }
    tokens
}

fn is_idle(word: &str) -> bool {
    IDLE.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The form of a word that says of itself what it is not.
fn form(word: &str) -> &str {
    DENIED.iter().find(|(written, _)| *written == word).map_or(word, |(_, form)| form)
}
