//! How many failures are among all that ended: a few of thousands are an ordinary day, and wake nobody.

use jiff::{SignedDuration, Timestamp};
use shared::key::Subject;
use shared::name::Family;
use shared::store::StoreError;

use crate::incident::{EVIDENCE, Incident};
use crate::incidents::{Incidents, MOST};

/// What failures are compared with: all that ended in that time, of which one in so many must have failed.
struct Share {
    of: Subject,
    within: SignedDuration,
    one_in: u64,
}

const OF_CALLS: Share = Share { of: Subject::Call, within: EVIDENCE, one_in: 10 };
const OF_MESSAGES: Share = Share { of: Subject::Message, within: SignedDuration::from_hours(1), one_in: 5 };

/// What the failures that gather come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// They are an incident.
    Enough,
    /// They are few among all, so far.
    Gathers,
    /// They stayed few among all: an ordinary day.
    Ordinary,
}

impl Incidents {
    /// Compares what failed with all of its scope that ended meanwhile.
    pub(crate) async fn weigh(&self, incident: &Incident, now: Timestamp) -> Result<Weight, StoreError> {
        let share = match incident.family {
            Family::Call | Family::App => OF_CALLS,
            Family::Sms => OF_MESSAGES,
            Family::Account | Family::Other => return Ok(Weight::Enough),
        };
        let oldest = incident.held.iter().map(|held| held.decided_at).min().unwrap_or(now);
        // With some time before them, lest they are alone once it is quiet.
        let from = oldest.checked_sub(share.within / 2).unwrap_or(oldest);
        let ended = self.store.ended_between(share.of, [from, now], MOST).await?;
        let all = ended.iter().filter(|record| incident.scope.holds(record)).count() as u64;
        if incident.next.number * share.one_in >= all {
            return Ok(Weight::Enough);
        }
        let is_old = now.duration_since(oldest) >= share.within;
        Ok(if is_old { Weight::Ordinary } else { Weight::Gathers })
    }
}
