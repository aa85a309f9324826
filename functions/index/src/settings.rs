//! The function's settings, read once at start.

use shared::metric::Gauges;
use shared::settings::{Fault, Lookup, Reader, SettingsError, Switch};
use shared::store::{Retention, Shards};

/// The function's settings.
#[derive(Debug, Clone)]
pub struct IndexSettings {
    /// The events table's name.
    pub events_table: String,
    /// The shards of its busy keys.
    pub shards: Shards,
    /// How long bodies are kept.
    pub bodies: Retention,
    /// The URL of the queue for items that can't be handled.
    pub dead_letter_queue: String,
    /// Where calls that are over are counted, for a dashboard.
    pub calls: Gauges,
    /// Those that are wrong.
    pub faults: Vec<Fault>,
}

impl IndexSettings {
    /// Reads them. One that is wrong has its default, or is left out of its list, and is among the faults.
    ///
    /// # Errors
    /// [`SettingsError`] with all that are missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let settings = Self {
            events_table: reader.required("EVENTS_TABLE"),
            shards: reader.parsed("SHARDS", Shards::default()),
            bodies: reader.parsed("BODY_RETENTION_DAYS", Retention::Forever),
            dead_letter_queue: reader.required("DEAD_LETTER_QUEUE_URL"),
            calls: match reader.parsed("CALL_METRICS", Switch::Off) {
                Switch::On => Gauges::read(lookup),
                Switch::Off => Gauges::default(),
            },
            faults: Vec::new(),
        };
        let faults = reader.faults();
        reader.finish(Self { faults, ..settings })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn everything_missing_is_told_at_once() {
        let error = IndexSettings::read(&|_| None).unwrap_err().to_string();
        for name in ["EVENTS_TABLE", "DEAD_LETTER_QUEUE_URL"] {
            assert!(error.contains(name), "{name}: {error}");
        }
    }
}
