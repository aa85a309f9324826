//! The settings of an ingest function, read once at start.

use crate::access::{KnownToken, Network, Rule, Rules, TokenDigests};
use crate::name::Provider;
use crate::provider::{Addresses, OwnDomains, profile};
use crate::settings::{Fault, Lookup, Reader, SettingsError};
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
    /// How long bodies are kept.
    pub bodies: Retention,
    /// The number of shards of the busy index keys.
    pub shards: Shards,
    /// The URL of the spool's queue.
    pub spool_queue: String,
    /// Those that are wrong.
    pub faults: Vec<Fault>,
}

impl IngestSettings {
    /// Reads them. One that is wrong has its default, or is left out of its list, and is among the faults.
    ///
    /// # Errors
    /// [`SettingsError`] with all that are missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            rules: Rules::new(|provider| rule(&mut reader, provider)),
            own_domains: reader.parsed("OWN_DOMAINS", OwnDomains::default()),
            retention: reader.parsed("RETENTION_DAYS", Retention::Forever),
            bodies: reader.parsed("BODY_RETENTION_DAYS", Retention::Forever),
            shards: reader.parsed("SHARDS", Shards::default()),
            spool_queue: reader.required("SPOOL_QUEUE_URL"),
            faults: Vec::new(),
        };
        let faults = reader.faults();
        reader.finish(Self { faults, ..settings })
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
    let listed = Network::listed(reader, &addresses_variable(provider));
    let addresses = match profile(provider).addresses {
        Addresses::Any => listed,
        Addresses::Listed => Some(listed.unwrap_or_default()),
    };
    // A name tells an administrator which token is which. There is one thing to open, so rights count for nothing.
    let tokens = reader.list::<KnownToken>(&tokens_variable(provider));
    Rule { tokens: TokenDigests::new(tokens), addresses }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;
    use crate::access::TokenDigest;

    #[test]
    fn what_is_wrong_is_left_out_and_told_and_no_value_is_shown() {
        let digest = TokenDigest::of("t").to_string();
        let lookup = |name: &str| match name {
            "EVENTS_TABLE" | "SPOOL_QUEUE_URL" => Some("t".to_owned()),
            "ONSIP_TOKEN_DIGESTS" => Some("my-secret-token".to_owned()),
            "OPENTACT_TOKEN_DIGESTS" => Some(format!("{digest},{}", TokenDigest::of(""))),
            "OPENTACT_ADDRESSES" => Some("72.21.26.35/32,nowhere".to_owned()),
            "SHARDS" => Some("0".to_owned()),
            "OWN_DOMAINS" => Some("example".to_owned()),
            "RETENTION_DAYS" => Some("a year".to_owned()),
            _ => None,
        };
        let settings = IngestSettings::read(&lookup).unwrap();
        let faults: Vec<_> = settings.faults.iter().map(|fault| fault.name.as_str()).collect();
        let expected = [
            "ONSIP_TOKEN_DIGESTS, element 1",
            "OPENTACT_ADDRESSES, element 2",
            "OPENTACT_TOKEN_DIGESTS, element 2",
            "OWN_DOMAINS",
            "RETENTION_DAYS",
            "SHARDS",
        ];
        assert_eq!(faults, expected);
        assert!(!format!("{:?}", settings.faults).contains("my-secret-token"));
        // The wrong token of one provider closes that provider alone.
        assert_eq!(settings.rules.closed().collect::<Vec<_>>(), [Provider::Onsip]);
    }

    #[test]
    fn a_provider_that_comes_from_anywhere_is_held_to_addresses_that_are_listed_for_it() {
        for (listed, held) in [("", None), ("192.0.2.0/24", Some(1)), ("nowhere", Some(0))] {
            let lookup = |name: &str| match name {
                "EVENTS_TABLE" => Some("t".to_owned()),
                "ONSIP_ADDRESSES" => Some(listed.to_owned()),
                _ => None,
            };
            let mut reader = Reader::lenient(&lookup);
            let addresses = rule(&mut reader, Provider::Onsip).addresses;
            assert_eq!(addresses.map(|addresses| addresses.len()), held, "{listed}");
        }
    }

    #[test]
    fn what_is_missing_is_told_at_once() {
        let error = IngestSettings::read(&|_| None).unwrap_err().to_string();
        for name in ["EVENTS_TABLE", "SPOOL_QUEUE_URL"] {
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn the_least_that_must_be_set_is_the_table_and_the_spool() {
        let least = |name: &str| ["EVENTS_TABLE", "SPOOL_QUEUE_URL"].contains(&name).then(|| "t".to_owned());
        let settings = IngestSettings::read(&least).unwrap();
        assert_eq!(settings.retention, Retention::Forever);
    }
}
