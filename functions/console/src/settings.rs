//! The function's settings, read once from its environment.

use std::str::FromStr;

use shared::access::{KnownToken, Network, TokenDigests};
use shared::settings::{Fault, Lookup, Reader, SettingsError};
use shared::store::Shards;

/// The function's settings.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// The events table's name.
    pub events_table: String,
    /// The alerts table's name.
    pub alerts_table: String,
    /// Who may read.
    pub readers: TokenDigests,
    /// Where they come from; None: from anywhere.
    pub addresses: Option<Vec<Network>>,
    /// The number of shards of the busy index keys.
    pub shards: Shards,
    /// How long a browser is signed in.
    pub signed_in: Days,
    /// Those that are wrong.
    pub faults: Vec<Fault>,
}

/// A number of days, from 1 to 400: browsers keep no cookie for longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days(u32);

impl Days {
    /// The same in seconds.
    #[must_use]
    pub fn in_seconds(self) -> u32 {
        self.0 * 86_400
    }
}

impl Default for Days {
    fn default() -> Self {
        Self(30)
    }
}

impl FromStr for Days {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days = text.parse().ok().filter(|days| (1..=400).contains(days));
        days.map(Self).ok_or("not a number of days from 1 to 400")
    }
}

impl ConsoleSettings {
    /// Reads them. One that is wrong has its default, or is left out of its list, and is among the faults.
    ///
    /// # Errors
    /// [`SettingsError`] with all that are missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            alerts_table: reader.required("ALERTS_TABLE"),
            readers: TokenDigests::new(reader.list::<KnownToken>("READ_TOKEN_DIGESTS")),
            addresses: Network::listed(&mut reader, "READ_ADDRESSES"),
            shards: reader.parsed("SHARDS", Shards::default()),
            signed_in: reader.parsed("CONSOLE_DAYS", Days::default()),
            faults: Vec::new(),
        };
        let faults = reader.faults();
        reader.finish(Self { faults, ..settings })
    }
}
