//! A text in clauses of words.

use super::{others, terms};

/// A text in lower case with one mark for each kind of pause: `;` at the end of a sentence, `|` within it, and `:` where what
/// follows explains. The marks within amounts stay, as does the sign before one; `InsufficientBalance` becomes two words.
pub(super) fn normal(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '$' | '€' | '£' | '"')).map(plain).collect();
    let chars: Vec<_> = text.replace("'s ", " ").replace("'S ", " ").chars().collect();
    let at = |place: Option<usize>| place.and_then(|place| chars.get(place)).copied().unwrap_or(' ');
    let mut normal = String::with_capacity(text.len());
    for (place, c) in chars.iter().enumerate() {
        let (before, after) = (at(place.checked_sub(1)), at(place.checked_add(1)));
        if before.is_lowercase() && c.is_uppercase() {
            normal.push(' ');
        }
        normal.extend(match c {
            '.' | ',' if before.is_ascii_digit() && after.is_ascii_digit() => Some(*c),
            '-' if after.is_ascii_digit() && !before.is_alphanumeric() => Some('-'),
            '-' => Some(' '),
            '.' | '!' | '?' => Some(';'),
            ',' => Some('|'),
            _ => c.to_lowercase().next(),
        });
    }
    normal
}

fn plain(c: char) -> char {
    match c {
        '_' | '<' => ' ',
        '\u{2212}' => '-',
        '’' => '\'',
        '/' | '\n' => '|',
        '(' | ')' | '[' | ']' | '{' | '}' | '=' => ':',
        _ => c,
    }
}

/// The clauses of a normal text. What only names what the next piece is about is of one clause with it: `balance: 0`.
pub(super) fn of(text: &str) -> Vec<Vec<&str>> {
    text.split([';', '|']).flat_map(joined).collect()
}

fn joined(text: &str) -> Vec<Vec<&str>> {
    let mut clauses: Vec<Vec<&str>> = Vec::new();
    for piece in text.split(':').map(|piece| words(piece).collect::<Vec<_>>()).filter(|piece| !piece.is_empty()) {
        match clauses.last_mut() {
            Some(last) if is_label(last) || (is_label(&piece) && is_lack(last)) => last.extend(piece),
            _ => clauses.push(piece),
        }
    }
    clauses
}

/// The words of a text, whatever pauses are between.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ':' | '|' | ';')).filter(|word| !word.is_empty())
}

fn is_label(words: &[&str]) -> bool {
    let labels =
        [terms::MONEY, terms::ACCOUNT, terms::MOVED, terms::PRICES, terms::IDLE, others::PARTY, others::CALLED];
    words.iter().all(|word| is_amount(word) || labels.iter().any(|label| label.contains(word)))
}

fn is_lack(words: &[&str]) -> bool {
    words.iter().all(|word| terms::is_empty(word) || terms::IDLE.contains(word))
}

pub(super) fn denies(word: &str) -> bool {
    ["not", "no", "non", "without", "never", "cannot"].contains(&word) || word.ends_with("n't")
}

/// Whether a word is an amount: `12`, `-3.20`, `1,000.00`.
pub(super) fn is_amount(word: &str) -> bool {
    let digits = word.trim_start_matches('-');
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
}

/// Whether a word is an amount of nothing, or of less.
pub(super) fn is_nothing(word: &str) -> bool {
    is_amount(word) && (word.starts_with('-') || !word.contains(|c: char| matches!(c, '1'..='9')))
}
