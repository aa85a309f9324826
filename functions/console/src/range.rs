//! Which time a list is of: the last hours, which stays so in the address, or an exact one. The API knows only exact ones.

use jiff::{SignedDuration, Timestamp};
use query::{ParameterError, Parameters};

use crate::filters::Filters;

/// The last hours that a list offers, and how they are called.
pub(crate) const PRESETS: [(&str, &str); 4] = [("15m", "15 min"), ("1h", "1 h"), ("24h", "24 h"), ("7d", "7 days")];
/// Without anything said.
const DEFAULT: &str = "24h";
/// From the first on: only of what an index leads to.
pub(crate) const ANY: &str = "any";
/// Calls are placed by their end.
const ENDED: &str = "ended";
/// The parameters that the API does not know: how far back, whether calls are placed by their end, whether the list is followed.
const OWN: [&str; 3] = ["last", "at", "live"];
/// Those of an exact time.
const EXACT: [&str; 5] = ["from", "to", "endedFrom", "endedTo", "day"];

/// How far back a list goes that is relative; None where its time is exact, which counts where both are given, as by a form.
pub(crate) fn last(filters: &Filters) -> Option<&str> {
    let is_exact = EXACT.iter().any(|name| filters.get(name).is_some());
    (!is_exact).then(|| filters.get("last").unwrap_or(DEFAULT))
}

/// Whether a list of these goes by an index that reaches back as far as anything is kept.
pub(crate) fn is_keyed(filters: &Filters) -> bool {
    ["entity", "name", "class"].iter().any(|name| filters.get(name).is_some()) && filters.get("at") != Some(ENDED)
}

/// The filters with that time, in place of another.
pub(crate) fn of_last(filters: &Filters, last: &str) -> Filters {
    filters.without(&EXACT).with("last", last)
}

/// The filters with the exact time that they mean now.
pub(crate) fn pinned(filters: &Filters, now: Timestamp) -> Result<Filters, ParameterError> {
    let exact = exact(filters, now)?;
    let at = filters.get("at").filter(|_| exact.get("from").is_none());
    Ok(at.map_or_else(|| exact.clone(), |at| exact.with("at", at)))
}

/// The parameters as the API knows them.
pub(crate) fn parameters(
    filters: &Filters,
    known: &'static [&'static str],
    now: Timestamp,
) -> Result<Parameters, ParameterError> {
    if last(filters) == Some(ANY) && !known.contains(&"cursor") {
        return Err(ParameterError::of("last", "not a time of figures; choose a length"));
    }
    // Of what does not end it is unknown.
    let at = filters.get("at").filter(|_| !known.contains(&"endedFrom"));
    let exact = match at {
        Some(at) => exact(&filters.without(&["at"]), now)?.with("at", at),
        None => exact(filters, now)?,
    };
    Parameters::given(exact.into_query(), known)
}

/// The parameters of what is of no time.
pub(crate) fn as_given(filters: &Filters, known: &'static [&'static str]) -> Result<Parameters, ParameterError> {
    Parameters::given(filters.clone().into_query(), known)
}

fn exact(filters: &Filters, now: Timestamp) -> Result<Filters, ParameterError> {
    let cursor = filters.get("cursor").map(str::to_owned);
    let mut exact = filters.without(&OWN);
    for name in EXACT {
        if let Some(time) = filters.get(name).filter(|time| name != "day" && !has_zone(time)) {
            exact = exact.with(name, &format!("{time}Z"));
        }
    }
    let [name, until] = match filters.get("at") {
        None | Some("begun") => ["from", "to"],
        Some(ENDED) => ["endedFrom", "endedTo"],
        Some(_) => return Err(ParameterError::of("at", "neither begun nor ended")),
    };
    match last(filters) {
        None => (),
        Some(ANY) if is_keyed(filters) => (),
        Some(ANY) => {
            return Err(ParameterError::of(
                "last",
                "only of somebody, a name or a failure, and of when calls began; choose a length",
            ));
        }
        Some(last) => {
            let length = length(last).ok_or_else(|| {
                ParameterError::of("last", "not a number of minutes, hours or days, such as 15m, 24h or 7d")
            })?;
            let from = now.checked_sub(length).unwrap_or(Timestamp::UNIX_EPOCH).max(Timestamp::UNIX_EPOCH);
            exact = exact.with(name, &format!("{from:.0}")).with(until, &format!("{now:.3}"));
        }
    }
    Ok(cursor.map_or_else(|| exact.clone(), |cursor| exact.with("cursor", &cursor)))
}

/// Whether a time says its zone, which the field of a form does not.
fn has_zone(time: &str) -> bool {
    let clock = time.split_once(['T', 't']).map_or("", |(_, clock)| clock);
    clock.is_empty() || clock.contains(['Z', 'z', '+', '-', ' '])
}

fn length(text: &str) -> Option<SignedDuration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u16 = digits.parse().ok()?;
    let hours = match unit {
        "m" => return Some(SignedDuration::from_mins(number.into())),
        "h" => number.into(),
        "d" => i64::from(number) * 24,
        _ => return None,
    };
    Some(SignedDuration::from_hours(hours))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn exactly(query: &str) -> Result<String, String> {
        let now = "2026-11-03T02:00:00Z".parse().unwrap();
        exact(&Filters::parse(query), now).map(|filters| filters.href()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_relative_time_is_exact_for_the_api() {
        for (query, exact) in [
            ("", "?from=2026-11-02T02:00:00Z&to=2026-11-03T02:00:00.000Z"),
            ("last=15m&live=on", "?from=2026-11-03T01:45:00Z&to=2026-11-03T02:00:00.000Z"),
            ("last=7d&class=busy", "?class=busy&from=2026-10-27T02:00:00Z&to=2026-11-03T02:00:00.000Z"),
            ("last=1h&at=ended", "?endedFrom=2026-11-03T01:00:00Z&endedTo=2026-11-03T02:00:00.000Z"),
            ("last=any&class=busy", "?class=busy"),
            ("from=2026-11-02T02:00&cursor=x", "?cursor=x&from=2026-11-02T02:00Z"),
            ("endedTo=2026-11-02T02:00:00%2B01:00", "?endedTo=2026-11-02T02:00:00%2B01:00"),
            ("day=2026-11-02&last=1h", "?day=2026-11-02"),
        ] {
            assert_eq!(exactly(query).as_deref(), Ok(exact), "{query}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_told() {
        for query in ["last=yesterday", "last=h", "last=-1h", "last=1w", "last=99999h"] {
            assert!(exactly(query).unwrap_err().starts_with("last: "), "{query}");
        }
    }

    #[test]
    fn what_would_be_passed_over_is_told() {
        for (query, name) in [
            ("last=any", "last: "),
            ("last=any&outcome=busy", "last: "),
            ("last=any&class=busy&at=ended", "last: "),
            ("at=nope", "at: "),
        ] {
            assert!(exactly(query).unwrap_err().starts_with(name), "{query}");
        }
        let known = |query: &str, known| parameters(&Filters::parse(query), known, Timestamp::UNIX_EPOCH).map(|_| ());
        assert!(known("at=ended", &["from", "to"]).unwrap_err().to_string().contains("unknown parameter"));
        assert!(known("last=any&class=busy", &["class"]).unwrap_err().to_string().starts_with("last: "));
    }
}
