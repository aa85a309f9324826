//! What shows that an incident is over: calls of its scope come about again, or the account was topped up.

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use shared::call::Outcome;
use shared::failure::FailureClass;
use shared::key::Subject;
use shared::name::{Family, Provider, Status};
use shared::outbox::{Alert, AlertState, Attributes, OutboxError};
use shared::record::{Disposition, Record, Traffic};
use shared::store::StoreError;

use crate::balance;
use crate::case::Case;
use crate::incident::Incident;
use crate::incidents::{Incidents, MOST};
use crate::signal::{self, Scope};

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
        let through = ended.iter().flatten().filter(|record| incident.shows_its_end(record)).count() as u64;
        // Noted once it says something, or saves reading the same over and over.
        if through == 0 && now.duration_since(from) < NOTED {
            return Ok(false);
        }
        incident.through += through;
        incident.looked_to = Some(now);
        Ok(true)
    }

    /// Whether an alert of an empty account tells of what is over.
    pub(crate) async fn is_topped_up(&self, alert: &Alert) -> Result<bool, OutboxError> {
        let Attributes { provider, class, state, .. } = &alert.attributes;
        let empty = class.as_deref() == Some(FailureClass::InsufficientBalance.as_str());
        let asks = matches!(state, Some(AlertState::Open | AlertState::More));
        let Some(provider) = provider.filter(|_| empty && asks) else { return Ok(false) };
        let scope = alert
            .attributes
            .account()
            .map_or(Scope::Provider(provider), |account| Scope::Entity(Family::Account, account));
        let state = self.states.read(&signal::key(FailureClass::InsufficientBalance, Family::Account, &scope)).await?;
        let Some(incident) = Incident::read(&state) else { return Ok(false) };
        Ok(!incident.is_open() || self.is_paid(&incident).await?)
    }

    /// Whether the account was topped up since the last failure for want of balance.
    pub(crate) async fn is_paid(&self, incident: &Incident) -> Result<bool, OutboxError> {
        if incident.class != FailureClass::InsufficientBalance {
            return Ok(false);
        }
        let paid = self.topped_up_at(incident.provider, &incident.scope).await?;
        Ok(paid.is_some() && paid > incident.last_at)
    }

    /// Whether the account was topped up since that failure, which is told late.
    pub(crate) async fn was_paid_after(&self, case: &Case) -> Result<bool, OutboxError> {
        Ok(self.topped_up_at(case.provider, &case.signal.scope).await? > Some(case.held.failed_at))
    }

    /// When the account was last topped up, else that of the provider.
    async fn topped_up_at(&self, provider: Provider, scope: &Scope) -> Result<Option<Timestamp>, OutboxError> {
        Ok(self.balance_state(provider, scope).await?.as_ref().and_then(balance::topped_up_at))
    }
}

impl Incident {
    /// Whether a call or message of its scope came about that began after the last failure: one that was answered before may go on for
    /// hours. For want of balance one within the house says nothing, since it costs nothing.
    fn shows_its_end(&self, record: &Record) -> bool {
        let is_free = self.class == FailureClass::InsufficientBalance && record.direction == Some(Traffic::Internal);
        came_about(record) && self.scope.holds(record) && !is_free && self.failed_at < Some(record.received_at)
    }
}

/// Whether a call or message came to what it was for.
fn came_about(record: &Record) -> bool {
    match record.outcome {
        Disposition::Call(outcome) => outcome == Outcome::Answered,
        Disposition::Message(status) => matches!(status, Status::Sent | Status::Delivered),
    }
}
