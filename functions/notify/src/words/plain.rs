//! Texts within the bounds of what carries them.

use shared::text::cut;

use super::mask::masked;
pub(super) use super::outside::line;
use super::outside::own;
use crate::settings::Numbers;

/// A text from outside, with its phone numbers as they are to be shown.
pub(super) fn shown(text: &str, numbers: Numbers) -> String {
    numbers_shown(line(text), numbers)
}

/// The address of one of ours, with its phone number as it is to be shown.
pub(super) fn own_shown(address: &str, numbers: Numbers) -> String {
    numbers_shown(own(address), numbers)
}

fn numbers_shown(text: String, numbers: Numbers) -> String {
    match numbers {
        Numbers::Shown => text,
        Numbers::Masked => masked(&text),
    }
}

/// Printable ASCII, anything else a question mark.
pub(super) fn ascii(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') { c } else { '?' }).collect()
}

/// The characters that ASCII shares with GSM-7's basic alphabet (3GPP TS 23.038), one septet each; anything else a question
/// mark. So no escape pair is ever written that could be cut.
pub(super) fn gsm(text: &str) -> String {
    let basic = |c| matches!(c, ' '..='Z' | 'a'..='z' | '_');
    text.chars().map(|c| if basic(c) { c } else { '?' }).collect()
}

/// The text, cut where it is too long: never within a number, and so that the cut is seen.
pub(super) fn short(text: &str, most: usize) -> String {
    const DOTS: &str = "...";
    if text.len() <= most {
        return text.to_owned();
    }
    let head = cut(text, most.saturating_sub(DOTS.len()));
    let next = text.get(head.len()..).and_then(|rest| rest.chars().next());
    let head = match next {
        Some(next) if next.is_ascii_digit() => head.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+'),
        _ => head,
    };
    // With the dots it would begin a link.
    let head = if head.to_ascii_lowercase().ends_with("www") { head.trim_end_matches(['w', 'W']) } else { head };
    format!("{head}{DOTS}")
}

/// As many of the parts, in their order, as have room together; the first is cut at a word if even it has none. Of ASCII
/// only.
pub(super) fn fitting<'t>(parts: impl IntoIterator<Item = &'t str>, most: usize) -> String {
    let mut text = String::new();
    for part in parts {
        if text.is_empty() {
            text.push_str(at_word(part, most));
        } else if text.len() + 1 + part.len() <= most {
            text.push(' ');
            text.push_str(part);
        } else {
            break;
        }
    }
    text
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
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_a_word_and_never_in_a_number() {
        assert_eq!(at_word("one two three", 7), "one two");
        assert_eq!(at_word("one two, three", 9), "one two");
        assert_eq!(at_word("onetwothree", 4), "onet");
        assert_eq!(short("alice@example.com", 10), "alice@e...");
        assert_eq!(short("a +12025550145", 10), "a ...");
        assert_eq!(short("short", 10), "short");
        assert_eq!(short("a Www.evil.example", 8), "a ...");
        assert_eq!(fitting(["Call failed.", "Top up now.", "Opentact"], 24), "Call failed. Top up now.");
        assert_eq!(fitting(["one two three", "x"], 8), "one two");
    }

    #[test]
    fn each_transport_has_its_alphabet() {
        assert_eq!(ascii("é\n~"), "??~");
        assert_eq!(gsm("a@b_c[d]{}\\^~|`€é"), "a@b_c?d??????????");
    }
}
