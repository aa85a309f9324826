//! The function's settings, read once at start.

use std::str::FromStr;

use shared::log::chain;
use shared::metric::Gauges;
use shared::settings::{Fault, Lookup, Reader, SettingsError};

use crate::api::{ApiUrl, Http};

/// The function's settings.
#[derive(Debug, Clone)]
pub struct RenewSettings {
    /// The alerts table's name: what is remembered is there.
    pub alerts_table: String,
    /// The ARN of the user's secret.
    pub secret: String,
    /// Where OnSIP's API is.
    pub api: ApiUrl,
    /// The roots to trust beside the public ones.
    pub further_roots: FurtherRoots,
    /// Our URL for OnSIP's deliveries, without the token.
    pub url: String,
    /// The subscription's name: this stack's alone.
    pub name: String,
    /// Where it tells its numbers.
    pub gauges: Gauges,
    /// Those that are wrong.
    pub faults: Vec<Fault>,
}

impl RenewSettings {
    /// Reads them. One that is wrong has its default, or is left out of its list, and is among the faults.
    ///
    /// # Errors
    /// [`SettingsError`] with all that are missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let settings = Self {
            alerts_table: reader.required("ALERTS_TABLE"),
            secret: reader.required("ONSIP_SECRET_ARN"),
            api: reader.parsed("ONSIP_API", ApiUrl::default()),
            further_roots: reader.parsed("EXTRA_CA_CERTS", FurtherRoots::default()),
            url: reader.required("ONSIP_URL"),
            name: reader.required("SUBSCRIPTION_NAME"),
            gauges: Gauges::read(lookup),
            faults: Vec::new(),
        };
        let faults = reader.faults();
        reader.finish(Self { faults, ..settings })
    }
}

/// Root certificates, as PEM.
#[derive(Debug, Clone, Default)]
pub struct FurtherRoots(Vec<u8>);

impl FurtherRoots {
    /// The PEM.
    #[must_use]
    pub fn pem(&self) -> &[u8] {
        &self.0
    }
}

/// Reads the file of that path.
impl FromStr for FurtherRoots {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let pem = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        Http::new(&pem).map_err(|error| format!("{path}: {}", chain(&error)))?;
        Ok(Self(pem))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn everything_missing_is_told_at_once_and_what_is_wrong_stops_nothing() {
        let error = RenewSettings::read(&|_| None).unwrap_err().to_string();
        for name in ["ALERTS_TABLE", "ONSIP_SECRET_ARN", "ONSIP_URL", "SUBSCRIPTION_NAME"] {
            assert!(error.contains(name), "{name}: {error}");
        }
        let wrong = [("ONSIP_API", "http://api.onsip.com/api"), ("EXTRA_CA_CERTS", "/nonexistent/roots.pem")];
        let lookup =
            |name: &str| Some(wrong.iter().find(|(n, _)| *n == name).map_or("x", |(_, value)| value).to_owned());
        let faults = RenewSettings::read(&lookup).unwrap().faults;
        assert_eq!(faults.iter().map(|fault| fault.name.as_str()).collect::<Vec<_>>(), wrong.map(|(name, _)| name));
    }

    #[test]
    fn the_api_is_the_published_one_unless_said_otherwise() {
        let lookup = |name: &str| (!matches!(name, "ONSIP_API" | "EXTRA_CA_CERTS")).then(|| "x".to_owned());
        assert_eq!(RenewSettings::read(&lookup).unwrap().api.to_string(), "https://api.onsip.com/api");
    }
}
