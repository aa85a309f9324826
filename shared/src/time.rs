//! Times as the providers write them and as keys hold them, in UTC, to the microsecond.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A time read from a delivery, cut to the microsecond: RFC 3339 (`2018-01-11T21:10:58.735641Z`,
/// `2017-07-05T20:47:26+00:00`); without an offset it is read as UTC. None for other text and for years outside
/// 1970 to 9999, which a key can't hold in order.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let read = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(civil).ok()
    })?;
    let cut = to_microsecond(read);
    (0..=9999).contains(&Offset::UTC.to_datetime(cut).year()).then_some(cut).filter(|t| *t >= Timestamp::UNIX_EPOCH)
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
    fn what_no_key_can_hold_is_no_time() {
        for text in ["", "yesterday", "-000001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2018-13-01T00:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
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
