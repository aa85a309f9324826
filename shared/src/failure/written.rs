//! The forms in which codes are written: alone, with their words, as a SIP status line, as a Reason header (RFC 3326).

use super::{Cause, causes};

/// The codes that a text is about: `Q.850;cause=34;text="…"`, `SIP;cause=503`, several of them joined by commas, `sip:486`,
/// `486:Busy Here`, `486 Busy Here`, `SIP/2.0 486 …`, `NORMAL_CLEARING`, `USER_BUSY (17)`,
/// `cause=17`. A number alone is what `alone` makes of it.
pub(crate) fn read(text: &str, alone: fn(u16) -> Cause) -> Vec<Cause> {
    let text = without_header_name(text);
    let name = text.split_once('(').map_or(text, |(name, _)| name);
    // Its number behind a name.
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || SEPARATORS.contains(&c));
    if let Some(cause) = causes::named(text).or_else(|| causes::named(name)) {
        return vec![cause];
    }
    if is_header(text) {
        return outside_quotes(text, ',').into_iter().filter_map(of_header).collect();
    }
    of_line(text, alone).into_iter().collect()
}

/// What stands between a protocol, a label and a number.
const SEPARATORS: [char; 6] = [' ', ':', '=', '_', '-', '/'];

/// The value of a header that is quoted with its name.
fn without_header_name(text: &str) -> &str {
    let value = without_prefix(text.trim(), "reason");
    value.and_then(|value| value.trim_start().strip_prefix(':')).map_or(text.trim(), str::trim)
}

/// The text behind the prefix, in whatever case it is.
fn without_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether a text is a Reason header: a protocol and its parameters.
pub(super) fn is_header(text: &str) -> bool {
    without_header_name(text).split_once(';').is_some_and(|(protocol, _)| protocol_of(protocol).is_some())
}

/// What makes a code of a protocol's number.
type Protocol = fn(u16) -> Cause;

fn protocol_of(text: &str) -> Option<Protocol> {
    let is = |names: &[&str]| names.iter().any(|name| text.trim().eq_ignore_ascii_case(name));
    let q850 = is(&["q.850", "q850", "freeswitch"]).then_some(Cause::Q850 as Protocol);
    q850.or_else(|| is(&["sip", "sip/2.0"]).then_some(Cause::Sip))
}

/// One reason of a header: its parameters stand in any order.
fn of_header(reason: &str) -> Option<Cause> {
    let mut parts = outside_quotes(reason, ';').into_iter();
    let protocol = protocol_of(parts.next()?)?;
    let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
    let values = |wanted: &'static str| {
        let named = parameters.iter().filter(move |(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| value.trim().trim_matches('"'))
    };
    let number = values("cause").find_map(number_of)?;
    Some(with_words(protocol(number), values("text").next().unwrap_or_default()))
}

/// SIP has no code of its own for what was answered elsewhere: it writes 200 with words (RFC 3326).
fn with_words(cause: Cause, words: &str) -> Cause {
    let elsewhere = Cause::Q850(causes::ELSEWHERE);
    if cause == Cause::Sip(200) && causes::named(words) == Some(elsewhere) { elsewhere } else { cause }
}

/// The protocols that a line can begin with, each before those that it begins with itself.
const PROTOCOLS: [&str; 5] = ["freeswitch", "q.850", "q850", "sip/2.0", "sip"];

/// The protocol that a line begins with, and what follows.
fn split_protocol(text: &str) -> Option<(Protocol, &str)> {
    let (name, rest) = PROTOCOLS.iter().find_map(|name| Some((name, without_prefix(text, name)?)))?;
    let ends = !rest.starts_with(|c: char| c.is_alphabetic());
    protocol_of(name).filter(|_| ends).map(|protocol| (protocol, rest.trim_start_matches(SEPARATORS)))
}

/// The text behind `cause=` and `cause code`.
fn without_label(text: &str) -> &str {
    without_prefix(text, "cause").map_or(text, |rest| {
        let rest = rest.trim_start_matches([' ', ':', '=', '_']);
        without_prefix(rest, "code").unwrap_or(rest).trim_start_matches([' ', ':', '='])
    })
}

/// A number that is all of a text: `17`, `17.0`, `0x11`.
fn number_of(text: &str) -> Option<u16> {
    if let Some(digits) = without_prefix(text, "0x") {
        return u16::from_str_radix(digits, 16).ok();
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.bytes().all(|digit| digit == b'0') { whole.parse().ok() } else { None }
}

/// A protocol or none, a number, and words or none.
fn of_line(text: &str, alone: Protocol) -> Option<Cause> {
    let (protocol, text) = split_protocol(text).map_or((None, text), |(protocol, rest)| (Some(protocol), rest));
    let text = without_label(text);
    if let Some(number) = number_of(text) {
        return Some(protocol.unwrap_or(alone)(number));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, words) = text.split_at_checked(end)?;
    let number = digits.parse().ok()?;
    let words = words.trim_start_matches([' ', ':', '-', '/', ',']);
    let named = || [Cause::Q850(number), Cause::Sip(number)].into_iter().find(|cause| causes::is_named(*cause, words));
    match protocol {
        Some(protocol) => Some(with_words(protocol(number), words)),
        None if words.is_empty() => Some(alone(number)),
        // Without a protocol only what looks like a status line is one.
        None => named().or_else(|| {
            let status = with_words(Cause::Sip(number), words);
            matches!(status, Cause::Sip(300..700) | Cause::Q850(_)).then_some(status)
        }),
    }
}

/// The parts between separators, those within quotes apart.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let splits = move |c: char| {
        let within = quoted;
        quoted ^= c == '"' && !escaped;
        escaped = within && c == '\\' && !escaped;
        c == separator && !within
    };
    text.split(splits).collect()
}
