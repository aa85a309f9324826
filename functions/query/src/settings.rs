//! The function's settings, read once from its environment.

use shared::access::{KnownToken, Network, TokenDigests};
use shared::outbox::Label;
use shared::provider::OwnDomains;
use shared::settings::{Fault, Lookup, Reader, SettingsError};
use shared::store::{Retention, Shards};

/// The function's settings.
#[derive(Debug, Clone)]
pub struct QuerySettings {
    /// The events table's name.
    pub events_table: String,
    /// The alerts table's name.
    pub alerts_table: String,
    /// Ends the test alert, as every other.
    pub label: Label,
    /// Who may read.
    pub readers: TokenDigests,
    /// Who may operate.
    pub operators: TokenDigests,
    /// Where they come from; None: from anywhere.
    pub addresses: Option<Vec<Network>>,
    /// The customer's SIP domains, for events that come out of the quarantine.
    pub own_domains: OwnDomains,
    /// How long events are kept, for those that come out of the quarantine.
    pub retention: Retention,
    /// The number of shards of the busy index keys.
    pub shards: Shards,
    /// Those that are wrong.
    pub faults: Vec<Fault>,
}

impl QuerySettings {
    /// Reads them. One that is wrong has its default, or is left out of its list, and is among the faults.
    ///
    /// # Errors
    /// [`SettingsError`] with all that are missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            alerts_table: reader.required("ALERTS_TABLE"),
            // One that is wrong stops nobody from reading: `notify` tells it.
            label: reader.optional("STACK_LABEL").and_then(|label| label.parse().ok()).unwrap_or_default(),
            readers: TokenDigests::new(reader.list::<KnownToken>("READ_TOKEN_DIGESTS")),
            operators: TokenDigests::new(reader.list::<KnownToken>("OPERATOR_TOKEN_DIGESTS")),
            addresses: Network::listed(&mut reader, "READ_ADDRESSES"),
            own_domains: reader.parsed("OWN_DOMAINS", OwnDomains::default()),
            retention: reader.parsed("RETENTION_DAYS", Retention::Forever),
            shards: reader.parsed("SHARDS", Shards::default()),
            faults: Vec::new(),
        };
        let faults = reader.faults();
        reader.finish(Self { faults, ..settings })
    }
}
