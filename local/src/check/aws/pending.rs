//! Alerts that wait, since SNS does not take them.

use jiff::{SignedDuration, Timestamp};
use shared::outbox::{Outbox, OutboxError};

use super::super::error::{CheckError, Stop};
use super::{StackAws, unseen};

/// The report on a stack that has told all.
pub(super) const NONE: &str = "no alert waits";

/// What waits for longer was tried some times: the alarm's limit.
const LONG: SignedDuration = SignedDuration::from_mins(10);
/// When each that waits is due again.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// As many as are counted.
const MOST: i32 = 100;

impl StackAws {
    /// No alert has waited for long.
    pub(super) async fn pending(&self) -> Result<(), Stop> {
        let now = Timestamp::now();
        let pending = Outbox::new(&self.aws, self.notify.alerts_table.clone()).due(now + AHEAD, MOST).await;
        let pending = match pending {
            Ok(pending) => pending,
            Err(OutboxError::Unavailable { source, .. }) => return Err(unseen("dynamodb:Query", source)),
            Err(error) => return Err(Stop::Skipped(format!("could not look: {error}"))),
        };
        let old = pending.iter().filter_map(|one| one.recorded_at).filter(|at| now.duration_since(*at) >= LONG);
        let ages: Vec<_> = old.map(|at| now.duration_since(at).as_mins()).collect();
        match ages.iter().max() {
            None => Ok(()),
            Some(minutes) => Err(CheckError::Waiting { count: ages.len(), minutes: *minutes }.into()),
        }
    }
}
