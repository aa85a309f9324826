//! From texts of outside to what may stand in an alert: one line of printable characters that is no link.

use shared::text::cut;

use crate::settings::Numbers;

/// As many digits in a row are a phone number.
const NUMBER: usize = 7;
/// As many of its last digits stay where numbers are masked: enough to know one's own by.
const KEPT: usize = 4;

/// A text from outside as one line of printable characters, read in the order in which it stands, without a link.
pub(super) fn line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() || reorders(c) { ' ' } else { c }).collect();
    let line = line.replace("://", ":");
    let lower = line.to_ascii_lowercase();
    let mut out = String::with_capacity(line.len());
    let mut rest = 0;
    for (at, www) in lower.match_indices("www.") {
        out.push_str(line.get(rest..at).unwrap_or_default());
        out.push_str("www ");
        rest = at + www.len();
    }
    out.push_str(line.get(rest..).unwrap_or_default());
    out
}

/// The same, with its phone numbers as they are to be shown.
pub(super) fn shown(text: &str, numbers: Numbers) -> String {
    let line = line(text);
    match numbers {
        Numbers::Shown => line,
        Numbers::Masked => masked(&line),
    }
}

/// Digits in a row, also where single blanks, dots, hyphens or brackets part them, as people write numbers.
fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = chars.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let length = if first.is_ascii_digit() { number(rest) } else { 0 };
        let (run, left) = rest.split_at(length);
        let digits = run.iter().filter(|c| c.is_ascii_digit()).count();
        if digits < NUMBER {
            // Nothing, or a short number: as it is.
            let take = length.max(1);
            out.extend(rest.iter().take(take));
            rest = if length == 0 { after } else { left };
            continue;
        }
        let mut nth = 0;
        for c in run {
            nth += usize::from(c.is_ascii_digit());
            out.push(if c.is_ascii_digit() && nth + KEPT <= digits { '*' } else { *c });
        }
        rest = left;
    }
    out
}

/// How far the number at the beginning goes.
fn number(chars: &[char]) -> usize {
    let mut end = 0;
    for (at, c) in chars.iter().enumerate() {
        match c {
            c if c.is_ascii_digit() => end = at + 1,
            ' ' | '.' | '-' | '(' | ')' if at - end < 2 => {}
            _ => break,
        }
    }
    end
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
        assert_eq!(fitting(["Call failed.", "Top up now.", "Opentact"], 24), "Call failed. Top up now.");
        assert_eq!(fitting(["one two three", "x"], 8), "one two");
    }

    #[test]
    fn no_line_and_no_link_comes_from_outside() {
        assert_eq!(line("a\r\nSubject: b\u{2028}c\u{7}\u{202e}d"), "a  Subject: b c  d");
        assert_eq!(
            line("see https://evil.example and WWW.evil.example"),
            "see https:evil.example and www evil.example"
        );
        assert_eq!(ascii("é\n~"), "??~");
        assert_eq!(gsm("a@b_c[d]{}\\^~|`€é"), "a@b_c?d??????????");
    }

    #[test]
    fn a_masked_number_keeps_its_last_digits() {
        for (text, expected) in [
            ("+12025550145", "+*******0145"),
            ("call 202-555-0145 now", "call ***-***-0145 now"),
            ("(202) 555 0145", "(***) *** 0145"),
            ("extension 7001", "extension 7001"),
            ("sip 486, q850 17", "sip 486, q850 17"),
            ("alice@example.com", "alice@example.com"),
            ("", ""),
        ] {
            assert_eq!(masked(text), expected);
        }
    }
}
