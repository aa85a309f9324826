//! Times as the providers write them and as keys hold them, in UTC, to the microsecond.

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::Offset;
use jiff::{SignedDurationRound, Timestamp, Unit};

/// The zones that a time names instead of an offset, in hours from UTC: those of RFC 2822. Nobody's other zones are known
/// here, since their rules change.
const ZONES: [(&str, i8); 12] = [
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("Z", 0),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

/// A time read from a delivery, cut to the microsecond: RFC 3339 (`2018-01-11T21:10:58.735641Z`,
/// `2017-07-05T20:47:26+00:00`), the same with a blank for the T or with the name of a zone, RFC 2822, or what passed since
/// 1970 in seconds (with or without a fraction), milliseconds, microseconds or nanoseconds. Without an offset it is read as
/// UTC. None for other text and for years outside 1970 to 9999, which a key can't hold in order.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let read = text.parse().ok().or_else(|| epoch(text)).or_else(|| civil(text)).or_else(|| mail(text))?;
    let cut = to_microsecond(read);
    (0..=9999).contains(&Offset::UTC.to_datetime(cut).year()).then_some(cut).filter(|t| *t >= Timestamp::UNIX_EPOCH)
}

/// What passed since 1970: how many digits it has says in which unit. Dates of fewer digits are none of these.
fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if ![whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let unit: i128 = match whole.len() {
        9 | 10 => 1_000_000_000,
        12 | 13 => 1_000_000,
        15 | 16 => 1_000,
        18 | 19 => 1,
        _ => return None,
    };
    let billionths: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let nanoseconds = whole.parse::<i128>().ok()? * unit + billionths * unit / 1_000_000_000;
    Timestamp::from_nanosecond(nanoseconds).ok()
}

/// A date and time with a zone's name behind it, an offset set apart by a blank, or neither.
fn civil(text: &str) -> Option<Timestamp> {
    let (text, hours) = unzoned(text);
    if let Some((time, offset)) = text.rsplit_once(' ').filter(|(_, offset)| offset.starts_with(['+', '-'])) {
        return format!("{time}{offset}").parse().ok();
    }
    // What else stands behind the time would be passed over, and the time be another.
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | ',' | ' ' | 'T' | 't');
    let civil: DateTime = text.chars().all(plain).then(|| text.parse().ok())??;
    Offset::from_hours(hours).ok()?.to_timestamp(civil).ok()
}

/// The text without the name of its zone, and how far from UTC that is.
fn unzoned(text: &str) -> (&str, i8) {
    let bare = text.strip_suffix(']').unwrap_or(text);
    let split = |name: &str| bare.split_at_checked(bare.len().checked_sub(name.len())?);
    let zone = ZONES.iter().find_map(|(name, hours)| {
        let (before, _) = split(name).filter(|(_, zone)| zone.eq_ignore_ascii_case(name))?;
        Some((before.trim_end_matches("Etc/").trim_end_matches('[').trim_end(), *hours))
    });
    zone.unwrap_or((text, 0))
}

/// A time as the headers of mails and of HTTP have it.
fn mail(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

/// A time cut to the microsecond.
pub(crate) fn to_microsecond(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

/// The text of a time within a key: `20260111T211058735641Z`, sorted as the times are; no time is all zeros.
#[must_use]
pub fn stamp(time: Option<Timestamp>) -> String {
    let Some(time) = time else {
        return "00000000T000000000000Z".to_owned();
    };
    let t = Offset::UTC.to_datetime(time);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}{:06}Z",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second(),
        t.subsec_nanosecond() / 1000
    )
}

/// Reads what [`stamp`] wrote: `Some(None)` is the stamp of no time, `None` is no stamp.
#[must_use]
pub fn from_stamp(text: &str) -> Option<Option<Timestamp>> {
    if text == stamp(None) {
        return Some(None);
    }
    let shape = |i: usize, b: u8| match i {
        8 => b == b'T',
        21 => b == b'Z',
        _ => b.is_ascii_digit(),
    };
    if text.len() != 22 || !text.bytes().enumerate().all(|(i, b)| shape(i, b)) {
        return None;
    }
    let (date, rest) = text.split_at_checked(15)?;
    let time = format!("{date}.{}Z", rest.get(..6)?).parse::<Timestamp>().ok()?;
    Some(Some(time))
}

/// The UTC day of a time: `2026-01-11`.
#[must_use]
pub fn day(time: Timestamp) -> String {
    Offset::UTC.to_datetime(time).date().to_string()
}

/// A time for a person to read: `2026-01-11 21:10:58 UTC`.
#[must_use]
pub fn readable(time: Timestamp) -> String {
    let t = Offset::UTC.to_datetime(time);
    format!("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second())
}

/// How long ago a time was, for a person to read: `3m 12s ago`, `2h 5m ago`, `2d 5h ago`; or is still to come: `in 2h 5m`.
#[must_use]
pub fn ago(time: Timestamp, now: Timestamp) -> String {
    let since = now.duration_since(time).abs();
    let smallest = match since.as_hours() {
        0 => Unit::Second,
        1..48 => Unit::Minute,
        _ => Unit::Hour,
    };
    let since = since.round(SignedDurationRound::new().smallest(smallest)).unwrap_or(since);
    let (days, hours) = (since.as_hours() / 24, since.as_hours() % 24);
    let long = if days < 2 { format!("{since:#}") } else { format!("{days}d {hours}h") };
    if time > now { format!("in {long}") } else { format!("{long} ago") }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_of_onsips_forms_are_read() {
        assert_eq!(parse("2018-01-11T21:10:58.735641Z").unwrap().to_string(), "2018-01-11T21:10:58.735641Z");
        assert_eq!(parse("2017-07-05T20:47:26+00:00").unwrap().to_string(), "2017-07-05T20:47:26Z");
        assert_eq!(parse("2017-07-05T22:47:26+02:00").unwrap().to_string(), "2017-07-05T20:47:26Z");
        assert_eq!(parse("2024-02-20 16:41:37").unwrap().to_string(), "2024-02-20T16:41:37Z");
    }

    #[test]
    fn one_time_is_read_in_every_form_it_is_written_in() {
        for text in [
            "2026-01-11T21:10:58Z",
            "2026-01-11t21:10:58z",
            "2026-01-11 21:10:58",
            "2026-01-11 21:10:58Z",
            "20260111T211058Z",
            "2026-01-11T21:10:58 Z",
            "2026-01-11 21:10:58 UTC",
            "2026-01-11T21:10:58UTC",
            "2026-01-11T21:10:58 GMT",
            "2026-01-11 21:10:58 utc",
            "2026-01-11T21:10:58[UTC]",
            "2026-01-11T21:10:58Z[Etc/UTC]",
            "2026-01-11T21:10:58[Etc/UTC]",
            "2026-01-11T16:10:58-05:00[America/New_York]",
            "2026-01-11 16:10:58 EST",
            "2026-01-11 15:10:58 MDT",
            "2026-01-11 21:10:58 +0000 UTC",
            "2026-01-11 16:10:58 -0500 EST",
            "2026-01-11 16:10:58 -0500",
            "2026-01-11 16:10:58-05",
            "Sun, 11 Jan 2026 21:10:58 GMT",
            "Sun, 11 Jan 2026 21:10:58 +0000",
            "Mon, 11 Jan 2026 16:10:58 -0500",
            "11 Jan 2026 16:10:58 EST",
            " 1768165858 ",
            "1768165858.0",
            "1768165858000",
            "1768165858000000",
            "1768165858000000000",
        ] {
            let read = parse(text).map(|time| time.to_string());
            assert_eq!(read.as_deref(), Some("2026-01-11T21:10:58Z"), "{text}");
        }
        for (text, time) in [
            ("1768165858.7356419", "2026-01-11T21:10:58.735641Z"),
            ("1768165858735.641", "2026-01-11T21:10:58.735641Z"),
            ("2026-01-11 21:10:58.735641 UTC", "2026-01-11T21:10:58.735641Z"),
            ("2026-01-11 21:10:58,735 +0000 UTC", "2026-01-11T21:10:58.735Z"),
            ("999999999", "2001-09-09T01:46:39Z"),
            ("20260111", "2026-01-11T00:00:00Z"),
        ] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_fits_no_key_is_not_read() {
        for text in [
            "",
            "yesterday",
            "-000001-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2018-13-01T00:00:00Z",
            "0",
            "-1768165858",
            "17681658580",
            "1.768165858e9",
            "1768165858.",
            ".5",
            "99999999999999999999999999",
            "2026-01-11T21:10:58[America/New_York]",
            "2026-01-11 21:10:58 America/New_York",
            "2026-01-11 21:10:58 CEST",
            "UTC",
            "é]",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn how_long_ago_it_was_is_as_exact_as_it_is_recent() {
        let now: Timestamp = "2026-11-05T16:00:00Z".parse().unwrap();
        for (time, expected) in [
            ("2026-11-05T15:56:48.4Z", "3m 12s ago"),
            ("2026-11-05T13:54:50Z", "2h 5m ago"),
            ("2026-11-03T10:50:00Z", "2d 5h ago"),
            ("2026-11-04T14:00:00Z", "26h ago"),
            ("2026-11-05T18:05:00Z", "in 2h 5m"),
        ] {
            assert_eq!(ago(time.parse().unwrap(), now), expected);
        }
    }

    #[test]
    fn a_stamp_of_no_time_is_told_from_no_stamp() {
        assert_eq!(from_stamp(&stamp(None)), Some(None));
        assert_eq!(from_stamp("20180111T211058735641"), None);
        assert_eq!(from_stamp("2018011éT21105873564Z"), None);
    }

    proptest! {
        #[test]
        fn stamps_sort_as_times_do(a in 0i64..253_000_000_000_000_000, b in 0i64..253_000_000_000_000_000) {
            let (a, b) = (Timestamp::from_microsecond(a).unwrap(), Timestamp::from_microsecond(b).unwrap());
            prop_assert_eq!(a.cmp(&b), stamp(Some(a)).cmp(&stamp(Some(b))));
            prop_assert_eq!(from_stamp(&stamp(Some(a))), Some(Some(a)));
        }
    }
}
