//! The settings of an ingest function, read once at start.

use crate::access::{Network, Rule, Rules, TokenDigests};
use crate::name::Provider;
use crate::provider::{Addresses, OwnDomains, profile};
use crate::settings::{Lookup, Reader, SettingsError};
use crate::store::{Retention, Shards};

/// The settings of an ingest function.
#[derive(Debug, Clone)]
pub struct IngestSettings {
    /// The events table's name.
    pub events_table: String,
    /// Who may deliver.
    pub rules: Rules,
    /// The customer's SIP domains.
    pub own_domains: OwnDomains,
    /// How long events are kept.
    pub retention: Retention,
    /// The number of shards of the busy index keys.
    pub shards: Shards,
}

impl IngestSettings {
    /// Reads them.
    ///
    /// # Errors
    /// [`SettingsError`] with all faults.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            rules: Rules::new(|provider| rule(&mut reader, provider)),
            own_domains: reader.parsed("OWN_DOMAINS", OwnDomains::default()),
            retention: reader.parsed("RETENTION_DAYS", Retention::Forever),
            shards: reader.parsed("SHARDS", Shards::default()),
        };
        reader.finish(settings)
    }
}

/// The variable that lists the digests of a provider's tokens.
#[must_use]
pub fn tokens_variable(provider: Provider) -> String {
    format!("{}_TOKEN_DIGESTS", provider.as_str().to_uppercase())
}

/// The variable that lists the addresses that a provider delivers from.
#[must_use]
pub fn addresses_variable(provider: Provider) -> String {
    format!("{}_ADDRESSES", provider.as_str().to_uppercase())
}

fn rule(reader: &mut Reader<'_>, provider: Provider) -> Rule {
    let addresses = match profile(provider).addresses {
        Addresses::Any => None,
        Addresses::Listed => {
            Some(reader.list::<Network>(&addresses_variable(provider)).into_iter().map(|network| network.0).collect())
        }
    };
    Rule { tokens: TokenDigests::new(reader.list(&tokens_variable(provider))), addresses }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once_and_no_value_is_shown() {
        let lookup = |name: &str| match name {
            "ONSIP_TOKEN_DIGESTS" => Some("my-secret-token".to_owned()),
            "OPENTACT_ADDRESSES" => Some("72.21.26.35/32,nowhere".to_owned()),
            "SHARDS" => Some("0".to_owned()),
            "OWN_DOMAINS" => Some("example".to_owned()),
            "RETENTION_DAYS" => Some("a year".to_owned()),
            _ => None,
        };
        let error = IngestSettings::read(&lookup).unwrap_err().to_string();
        for part in [
            "EVENTS_TABLE",
            "ONSIP_TOKEN_DIGESTS",
            "OPENTACT_ADDRESSES, element 2",
            "SHARDS",
            "RETENTION_DAYS",
            "OWN_DOMAINS",
        ] {
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
