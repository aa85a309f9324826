//! What shows that an incident is over: calls of its scope come about again, or the account was topped up.

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use shared::call::Outcome;
use shared::failure::FailureClass;
use shared::key::Subject;
use shared::name::{Family, Status};
use shared::outbox::OutboxError;
use shared::record::{Disposition, Record};
use shared::store::StoreError;

use crate::incident::Incident;
use crate::incidents::{Incidents, MOST};

/// How far it was looked without finding anything is noted after as long.
const NOTED: SignedDuration = SignedDuration::from_mins(5);

impl Incidents {
    /// Counts what came about since the last failure, once that is long enough ago to end the incident; whether it looked.
    pub(crate) async fn look_through(&self, incident: &mut Incident, now: Timestamp) -> Result<bool, StoreError> {
        let Some(from) = incident.looked_to.filter(|_| incident.is_quiet(self.rules.window, now)) else {
            return Ok(false);
        };
        let subjects: &[Subject] = match incident.family {
            Family::Sms => &[Subject::Message],
            Family::Account => &[Subject::Call, Subject::Message],
            _ => &[Subject::Call],
        };
        let asked = subjects.iter().map(|subject| self.store.ended_between(*subject, [from, now], MOST));
        let ended = try_join_all(asked).await?;
        let through = ended.iter().flatten().filter(|record| came_about(record) && incident.scope.holds(record));
        let through = through.count() as u64;
        // Noted once it says something, or saves reading the same over and over.
        if through == 0 && now.duration_since(from) < NOTED {
            return Ok(false);
        }
        incident.through += through;
        incident.looked_to = Some(now);
        Ok(true)
    }

    /// Whether the account was topped up since the last failure for want of balance.
    pub(crate) async fn is_paid(&self, incident: &Incident) -> Result<bool, OutboxError> {
        if incident.class != FailureClass::InsufficientBalance || !incident.is_open() {
            return Ok(false);
        }
        let Some(known) = self.balance(incident.provider, &incident.scope).await? else { return Ok(false) };
        let before = incident.balance.as_deref().and_then(|amount| amount.parse().ok());
        Ok(Some(known.at) > incident.failed_at && before.is_some_and(|before| known.amount > before))
    }
}

/// Whether a call or message came to what it was for.
fn came_about(record: &Record) -> bool {
    match record.outcome {
        Disposition::Call(outcome) => outcome == Outcome::Answered,
        Disposition::Message(status) => matches!(status, Status::Sent | Status::Delivered),
    }
}
