//! What came from outside, as it may stand in an alert: one line of characters that are seen, in the order in which they stand,
//! without anything that a mail program makes a link of or that a person could take for one. The API has it as it came.

use shared::text::cut;

/// As much of a text is looked at; far more than an alert shows.
const MOST: usize = 2000;

/// That line.
pub(super) fn line(text: &str) -> String {
    defanged(&plain(cut(text, MOST)))
}

/// The address of one of ours, `user@domain` or a domain: the domain may be read as one, the user is whatever was dialled.
pub(super) fn own(address: &str) -> String {
    let (user, host) = address.rsplit_once('@').map_or((None, address), |(user, host)| (Some(user), host));
    let named = |text: &str, others: &[char]| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(&c)) && !text.to_lowercase().contains("www.")
    };
    let user_is_plain = user.is_none_or(|user| named(user, &['.', '_', '-', '+']));
    if user_is_plain && named(host, &['.', '-']) { address.to_owned() } else { line(address) }
}

/// The text with its escapes resolved and each character in its plain form. What one step brings to light, the other may
/// resolve further.
fn plain(text: &str) -> String {
    let mut text = folded(text);
    loop {
        let further = folded(&unescaped(&text));
        if further == text {
            return text;
        }
        text = further;
    }
}

/// The text without `%`-escapes, also those of escapes.
fn unescaped(text: &str) -> String {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        bytes.push(byte);
        while let [.., b'%', high, low] = bytes.as_slice()
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            bytes.truncate(bytes.len() - 3);
            bytes.push(high * 16 + low);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// A blank for what is not seen, breaks a line or makes others be read in another order; the ASCII character for one that is
/// taken for it, by people or by the rules of domain names.
fn fold(c: char) -> char {
    match c {
        c if c.is_control() || c.is_whitespace() || is_unseen(c) => ' ',
        // Full-width forms stand in ASCII's order.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(' '),
        '\u{3002}' | '\u{ff61}' | '\u{2024}' | '\u{fe52}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' => '.',
        '\u{fe55}' | '\u{fe13}' | '\u{2d0}' | '\u{a789}' | '\u{2236}' | '\u{5c3}' => ':',
        '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{1735}' => '/',
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' | '\u{fe68}' => '\\',
        '\u{fe6b}' => '@',
        '\u{fe6a}' | '\u{66a}' => '%',
        c => c,
    }
}

/// Unicode's default ignorable characters, its bidirectional and interlinear controls, blanks that are no white space, and
/// private use, which looks like anything.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..)
}

/// The text with each dot of a domain in brackets, a blank behind the colon of a scheme, and single slashes.
fn defanged(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().copied().enumerate() {
        let (before, after) = (chars.get(..at).unwrap_or_default(), chars.get(at + 1..).unwrap_or_default());
        match c {
            '.' if is_within_name(before, after) => out.push_str("(.)"),
            ':' if is_scheme(before) && after.first().is_some_and(|c| *c != ' ') => out.push_str(": "),
            '/' | '\\' if out.ends_with(['/', '\\']) || out.ends_with(": ") => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether a dot stands within a name: not where a sentence ends, nor in a number. The address of a host is no number.
fn is_within_name(before: &[char], after: &[char]) -> bool {
    let digits = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    let joined =
        before.last().is_none_or(|c| *c != ' ') && after.first().is_some_and(|c| c.is_alphanumeric() || !c.is_ascii());
    let is_number = digits(before.last()) && digits(after.first());
    joined && (!is_number || is_address(before, after)) || is_www(before)
}

fn is_www(before: &[char]) -> bool {
    before.iter().rev().take(3).filter(|c| matches!(c, 'w' | 'W')).count() == 3
}

/// Whether digits and dots around a dot have three dots or more.
fn is_address(before: &[char], after: &[char]) -> bool {
    let part = |c: &&char| c.is_ascii_digit() || **c == '.';
    let dots = before.iter().rev().take_while(part).chain(after.iter().take_while(part)).filter(|c| **c == '.').count();
    dots >= 2
}

/// Whether what stands before a colon could be a scheme: a word with a letter.
fn is_scheme(before: &[char]) -> bool {
    let word = |c: &&char| c.is_alphanumeric() || matches!(c, '+' | '-' | '.');
    before.iter().rev().take_while(word).any(|c| c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_and_no_link_comes_from_outside() {
        for (text, shown) in [
            ("a\r\nSubject: b\u{2028}c\u{7}\u{202e}d", "a  Subject: b c  d"),
            ("see https://evil.example and WWW.evil.example", "see https: evil(.)example and WWW(.)evil(.)example"),
            ("evil.example/x?y=1", "evil(.)example/x?y=1"),
            ("www. evil", "www(.) evil"),
            ("https:\\\\evil", "https: evil"),
            ("http:/evil mailto:a@evil.example", "http: evil mailto: a@evil(.)example"),
            ("javascript:alert(1)", "javascript: alert(1)"),
            ("//evil \\\\evil\\share", "/evil \\evil\\share"),
            ("ｈｔｔｐｓ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ", "https: evil(.)example"),
            ("evil。example evil｡example evil․example", "evil(.)example evil(.)example evil(.)example"),
            ("evil.\u{200b}example ev\u{ad}il.example", "evil. example ev il(.)example"),
            ("evil%2Eexample evil%252Eexample evil%EF%BC%8Eexample", "evil(.)example evil(.)example evil(.)example"),
            ("https%3A%2F%2Fevil", "https: evil"),
            ("i❤.example пример.испытание", "i❤(.)example пример(.)испытание"),
            ("192.0.2.7/x", "192(.)0(.)2(.)7/x"),
        ] {
            assert_eq!(line(text), shown, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_link_stays_as_it_is() {
        for text in [
            "603 Decline",
            "Not enough balance. Top up.",
            "SIP/2.0 503 (Q.850 34)",
            "at 16:40, for 12.50",
            "50% off",
            "…",
        ] {
            assert_eq!(line(text), text.replace("Q.850", "Q(.)850"));
        }
    }

    #[test]
    fn an_address_of_ours_stays_as_it_is_unless_its_user_is_no_name() {
        for (address, shown) in [
            ("alice@example.com", "alice@example.com"),
            ("john.smith+1@voice.example.com", "john.smith+1@voice.example.com"),
            ("example.com", "example.com"),
            ("evil.example/x@example.com", "evil(.)example/x@example(.)com"),
            ("www.evil@example.com", "www(.)evil@example(.)com"),
        ] {
            assert_eq!(own(address), shown);
        }
    }
}
