//! The numbers that this function tells of itself, each a metric under its name. Alarms look at them: a notifier that can't speak
//! must not be the only one to say so.

use jiff::Timestamp;

/// For how many seconds the oldest pending alert waits; told each minute, 0 where none is due.
pub const OLDEST_PENDING: &str = "OldestPending";
/// For how many seconds the oldest event or record waits that SNS did not take; told each minute, 0 where none is due.
pub const OLDEST_UNPUBLISHED: &str = "OldestUnpublished";
/// 1 for each alert that SNS refused.
pub const REFUSALS: &str = "RefusedAlerts";
/// 1 for each SMS that is over the hour's limit, and for each message that the brake leaves to a storm's summary.
pub const HELD_BACK: &str = "HeldBackAlerts";
/// How many records of the stream came in a batch.
pub const POLLED: &str = "PolledRecords";

/// The seconds since the earliest of those times.
pub(crate) fn age(times: impl Iterator<Item = Timestamp>, now: Timestamp) -> f64 {
    times.min().map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0))
}
