//! What all texts of a stack share: its time zone, and where its people look and turn to.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::failure::FailureClass;
use shared::name::Provider;
use shared::time;

/// The zone in which times are shown beside UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl FromStr for Zone {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        TimeZone::get(text).map(Self).map_err(|_| "not the IANA name of a time zone, such as America/New_York")
    }
}

impl Zone {
    /// `2026-11-02 16:40:01 UTC (11:40 EST)`; with the day where that is another there.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let universal = time::readable(at);
        if self.0 == TimeZone::UTC {
            return universal;
        }
        let there = at.to_zoned(self.0.clone());
        let same_day = universal.starts_with(&there.date().to_string());
        let shape = if same_day { "%H:%M %Z" } else { "%F %H:%M %Z" };
        format!("{universal} ({})", there.strftime(shape))
    }
}

impl Zone {
    /// The hour that the clocks show there.
    pub(crate) fn hour(&self, at: Timestamp) -> i8 {
        at.to_zoned(self.0.clone()).hour()
    }

    /// When the clocks there next show that hour. On a day that leaves the hour out, an hour later.
    pub(crate) fn next(&self, hour: i8, now: Timestamp) -> Timestamp {
        let today = now.to_zoned(self.0.clone()).date();
        let on = |day: Date| self.0.to_timestamp(day.at(hour, 0, 0, 0)).ok();
        let days = [Some(today), today.tomorrow().ok()];
        days.into_iter().flatten().filter_map(on).find(|at| *at > now).unwrap_or(now)
    }

    /// The month that it is there: `2026-11`.
    pub(crate) fn month(&self, at: Timestamp) -> String {
        at.to_zoned(self.0.clone()).strftime("%Y-%m").to_string()
    }
}

/// An address of the operator's own, for people to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link(String);

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Link {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let open = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        let fits = open && text.len() <= 300 && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned())).ok_or("not a URL that begins with https://, of at most 300 characters")
    }
}

/// Where people turn to, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Where the account is topped up.
    pub top_up: Option<Link>,
    /// What the operator's people are to do.
    pub runbook: Option<Link>,
    /// Each provider's support.
    pub support: BTreeMap<Provider, Link>,
}

impl Links {
    /// Where people turn to about failures of that class at that provider, a line each.
    pub(super) fn about(&self, class: FailureClass, of: Provider) -> String {
        let top_up = self.top_up.as_ref().filter(|_| class == FailureClass::InsufficientBalance);
        let lines = [("Top up", top_up), ("Runbook", self.runbook.as_ref()), ("Support", self.support.get(&of))];
        lines.into_iter().filter_map(|(name, link)| Some(format!("  {:<9}{}\n", format!("{name}:"), link?))).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_the_clocks_there_show_it() {
        for (zone, at, shown) in [
            ("UTC", "2026-11-02T16:40:01Z", "2026-11-02 16:40:01 UTC"),
            ("America/New_York", "2026-11-02T16:40:01Z", "2026-11-02 16:40:01 UTC (11:40 EST)"),
            ("America/New_York", "2026-07-02T16:40:01Z", "2026-07-02 16:40:01 UTC (12:40 EDT)"),
            ("Asia/Tokyo", "2026-11-02T16:40:01Z", "2026-11-02 16:40:01 UTC (2026-11-03 01:40 JST)"),
        ] {
            assert_eq!(zone.parse::<Zone>().unwrap().time(at.parse().unwrap()), shown);
        }
        assert!("Mars/Olympus".parse::<Zone>().is_err());
    }

    #[test]
    fn an_hour_of_the_day_is_the_next_that_the_clocks_there_show() {
        for (zone, hour, now, next) in [
            ("UTC", 7, "2026-11-02T06:59:59Z", "2026-11-02T07:00:00Z"),
            ("UTC", 7, "2026-11-02T07:00:00Z", "2026-11-03T07:00:00Z"),
            ("America/New_York", 7, "2026-11-02T11:00:00Z", "2026-11-02T12:00:00Z"),
            ("Asia/Tokyo", 7, "2026-11-02T16:40:01Z", "2026-11-02T22:00:00Z"),
            // The clocks go forward at two.
            ("America/New_York", 2, "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z"),
        ] {
            let next: Timestamp = next.parse().unwrap();
            assert_eq!(zone.parse::<Zone>().unwrap().next(hour, now.parse().unwrap()), next, "{zone} {now}");
        }
    }

    #[test]
    fn only_what_is_clear_is_a_link() {
        for (text, is_link) in [
            ("https://wiki.example.com/runbook", true),
            ("http://wiki.example.com", false),
            ("https://", false),
            ("https://a b", false),
            ("https://example.com/\n", false),
        ] {
            assert_eq!(text.parse::<Link>().is_ok(), is_link, "{text:?}");
        }
    }
}
