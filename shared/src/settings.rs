//! Settings, read once at start from a function's environment; all that is wrong with them is reported together.

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;

use crate::access::{Rule, Rules, TokenDigests};
use crate::store::Shards;

/// Where a variable's value comes from: the process environment in Lambda, a map on a laptop.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process environment.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Everything that is wrong with the settings, a line each.
#[derive(Debug, thiserror::Error)]
pub struct SettingsError(Vec<String>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}", self.0.join("; "))
    }
}

/// Reads variables and gathers what is wrong with them.
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader of those variables.
    #[must_use]
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// The variable's value, unless it is missing or empty.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The variable's value; a missing one is a problem.
    pub fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// The variable read as a `T`, or the default where it is not set.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, default: T) -> T {
        match self.optional(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.problems.push(format!("{name}: {error}"));
                default
            }
        }
    }

    /// The comma-separated elements of the variable, each read as a `T`; none where it is not set.
    pub fn list<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Vec<T> {
        let value = self.optional(name).unwrap_or_default();
        let mut read = Vec::new();
        for text in value.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            match text.parse() {
                Ok(element) => read.push(element),
                // The text itself stays out: someone may have put a token where its digest belongs.
                Err(error) => self.problems.push(format!("{name}, element {}: {error}", read.len() + 1)),
            }
        }
        read
    }

    /// The settings, if nothing is wrong with them.
    ///
    /// # Errors
    /// [`SettingsError`] with all that is wrong.
    pub fn finish<T>(self, settings: T) -> Result<T, SettingsError> {
        if self.problems.is_empty() { Ok(settings) } else { Err(SettingsError(self.problems)) }
    }
}

/// How long events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// For good.
    Forever,
    /// That many days after they were received.
    Days(u16),
}

impl FromStr for Retention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(0) => Ok(Self::Forever),
            Ok(days) => Ok(Self::Days(days)),
            Err(_) => Err("not a number of days from 0 (keep for good) to 65535".to_owned()),
        }
    }
}

/// What an ingest function is told.
#[derive(Debug, Clone)]
pub struct IngestSettings {
    /// The events table's name.
    pub events_table: String,
    /// Who may deliver.
    pub rules: Rules,
    /// How long events are kept.
    pub retention: Retention,
    /// Into how many shards the busy index keys are split.
    pub shards: Shards,
}

impl IngestSettings {
    /// Reads them.
    ///
    /// # Errors
    /// [`SettingsError`] with all that is wrong.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let onsip = Rule { tokens: TokenDigests::new(reader.list("ONSIP_TOKEN_DIGESTS")), addresses: None };
        let opentact = Rule {
            tokens: TokenDigests::new(reader.list("OPENTACT_TOKEN_DIGESTS")),
            addresses: Some(reader.list::<Network>("OPENTACT_ADDRESSES").into_iter().map(|n| n.0).collect()),
        };
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            rules: Rules { onsip, opentact },
            retention: reader.parsed("RETENTION_DAYS", Retention::Forever),
            shards: reader.parsed("SHARDS", Shards::default()),
        };
        reader.finish(settings)
    }
}

/// A network in CIDR notation, or one address.
#[derive(Debug, Clone, Copy)]
pub struct Network(pub IpNet);

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = || text.parse::<std::net::IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| one()).map(Self).map_err(|_| "not an address or a network in CIDR notation")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once_and_no_value_is_shown() {
        let lookup = |name: &str| match name {
            "ONSIP_TOKEN_DIGESTS" => Some("my-secret-token".to_owned()),
            "OPENTACT_ADDRESSES" => Some("72.21.26.35/32,nowhere".to_owned()),
            "SHARDS" => Some("0".to_owned()),
            "RETENTION_DAYS" => Some("a year".to_owned()),
            _ => None,
        };
        let error = IngestSettings::read(&lookup).unwrap_err().to_string();
        for part in ["EVENTS_TABLE", "ONSIP_TOKEN_DIGESTS", "OPENTACT_ADDRESSES, element 2", "SHARDS", "RETENTION_DAYS"]
        {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert!(!error.contains("my-secret-token"));
    }

    #[test]
    fn the_least_that_must_be_set_is_the_table() {
        let settings = IngestSettings::read(&|name| (name == "EVENTS_TABLE").then(|| "t".to_owned())).unwrap();
        assert_eq!(settings.retention, Retention::Forever);
    }
}
