//! Outages: much fails at a provider at the same time, or nobody answers any more.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::failure::FailureClass;
use shared::key::Subject;
use shared::mute::{InForce, Target};
use shared::name::{Family, Provider};
use shared::outbox::{OutboxError, Pending};
use shared::record::Record;

use crate::Error;
use crate::answers;
use crate::brake;
use crate::case::Case;
use crate::incident::{self, Incident};
use crate::incidents::{AT_ONCE, Evidence, Incidents, MOST};
use crate::signal::{self, Scope, Severity, Signal};

/// An outage is told from this number of calls on.
const CALLS: usize = 10;
/// The classes whose failures are signs of an outage.
const OF_OUTAGE: [FailureClass; 4] =
    [FailureClass::Congestion, FailureClass::NotPermitted, FailureClass::Rejected, FailureClass::Unknown];

impl Incidents {
    /// Looks whether half of a provider's calls of the last minutes failed as they do when it or its carrier is down.
    pub(crate) async fn look_for_outages(&self, mutes: &InForce, now: Timestamp) -> Result<Vec<Pending>, Error> {
        let from = now.checked_sub(incident::EVIDENCE).unwrap_or(now);
        let ended = self.store.ended_between(Subject::Call, [from, now], MOST).await?;
        let mut alerts = Vec::new();
        for provider in Provider::ALL.iter().copied() {
            let calls: Vec<_> = ended.iter().filter(|record| record.id.provider() == provider).collect();
            let failed = calls.iter().filter_map(|record| Some((*record, signal::of_outage(record)?)));
            let (muted, failed): (Vec<_>, Vec<_>) =
                failed.partition(|(_, signal)| mutes.holding(&signal.about(provider)).is_some());
            // What is muted is no evidence for what is not.
            let of = calls.len() - muted.len();
            let ([named, all], [named_too, muted_too]) = (counted(&failed), counted(&muted));
            if is_outage([named + named_too, all + muted_too], calls.len()) {
                self.take_in(muted, now).await?;
            }
            if is_outage([named, all], of) {
                let evidence = Evidence::Share { failed: all, of };
                alerts.extend(self.outage(failed, evidence, now).await?);
            }
        }
        Ok(alerts)
    }

    /// Opens the incident of the class that most failed by, or makes it critical, and takes what failed in.
    async fn outage(
        &self,
        failed: Vec<(&Record, Signal)>,
        evidence: Evidence,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let most = by_key(failed, now).into_iter().max_by_key(|(_, cases)| cases.len());
        let Some((key, cases)) = most else { return Ok(None) };
        self.enter_new(&key, &cases, now).await?;
        let Some(first) = cases.first() else { return Ok(None) };
        let (state, incident) = self.read(&key, first).await?;
        if incident.is_open() && incident.severity == Severity::Critical {
            return Ok(None);
        }
        let is_told = |case: &Case| Some(case.held.failed_at) <= incident.last_at;
        if !incident.is_open() && incident.next.number == 0 && cases.iter().all(is_told) {
            // An incident that is over told of them all.
            return Ok(None);
        }
        brake::room(&self.states, (incident.provider, Severity::Critical), &incident.message(), now).await?;
        self.open(state, incident, evidence, now).await
    }

    /// Takes in what failed in an outage that is muted: the class of some would be silent without one.
    async fn take_in(&self, muted: Vec<(&Record, Signal)>, now: Timestamp) -> Result<(), OutboxError> {
        for (key, cases) in by_key(muted, now) {
            self.enter_new(&key, &cases, now).await?;
        }
        Ok(())
    }

    /// Takes those in that are noted nowhere yet.
    async fn enter_new(&self, key: &str, cases: &[Case], now: Timestamp) -> Result<(), OutboxError> {
        let ids: Vec<_> = cases.iter().map(|case| case.held.id.clone()).collect();
        let mut known = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            known.extend(self.states.notes(some).await?.into_iter().map(|known| known.id));
        }
        let new: Vec<_> = cases.iter().filter(|case| !known.contains(&case.held.id)).cloned().collect();
        for some in new.chunks(AT_ONCE) {
            self.enter(key, some.to_vec(), now).await?;
        }
        Ok(())
    }

    /// Looks whether a provider's calls are answered as they usually are, unless they are known to fail.
    pub(crate) async fn look_for_answers(&self, mutes: &InForce, now: Timestamp) -> Result<Vec<Pending>, Error> {
        let mut alerts = Vec::new();
        let about = |provider, class| Target { class: Some(class), provider: Some(provider), scope: None };
        let mute = |provider| mutes.holding(&about(provider, FailureClass::NoAnswer));
        // Calls whose failure is muted are no sign of what is not.
        let left_out = |provider, class| mute(provider).is_none() && mutes.holding(&about(provider, class)).is_some();
        for (provider, [lately, usual]) in answers::missing(&self.store, left_out, now).await? {
            if self.is_known_to_fail(provider).await? {
                continue;
            }
            let key = signal::key(FailureClass::NoAnswer, Family::Call, &Scope::Provider(provider));
            let mut state = self.states.read(&key).await?;
            let known = Incident::read(&state);
            let mut incident = known.unwrap_or_else(|| Incident::of_no_answers(provider));
            let evidence = Evidence::Answers { answered: lately.answered, of: lately.of, usual: usual.percent() };
            incident.fails(now);
            if incident.is_open() {
                incident.write(&mut state, now);
                self.states.commit(&[&state], &[], None, now).await?;
                continue;
            }
            incident.next.number = lately.of - lately.answered;
            if let Some(mute) = mute(provider) {
                let alert = self.words.opened(&incident, evidence);
                self.states.hold(&[], (&key, &alert), mute, now).await?;
                continue;
            }
            alerts.extend(self.open(state, incident, evidence, now).await?);
        }
        Ok(alerts)
    }

    async fn is_known_to_fail(&self, provider: Provider) -> Result<bool, OutboxError> {
        for class in OF_OUTAGE {
            let state = self.states.read(&signal::key(class, Family::Call, &Scope::Provider(provider))).await?;
            let open = |incident: Incident| incident.is_open() && incident.severity == Severity::Critical;
            if Incident::read(&state).is_some_and(open) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What failed, by the incident that it is part of.
fn by_key(failed: Vec<(&Record, Signal)>, now: Timestamp) -> BTreeMap<String, Vec<Case>> {
    let mut by_key: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for (record, signal) in failed {
        let mut case = Case::of_record(record, signal, now);
        // They failed when they ended, not when the outage shows: else its opening would tell of none of them.
        case.held.decided_at = case.held.failed_at.max(record.received_at);
        by_key.entry(case.signal.key()).or_default().push(case);
    }
    by_key
}

/// How many of them the provider gives a reason for, and how many there are.
fn counted(failed: &[(&Record, Signal)]) -> [usize; 2] {
    let why = |record: &Record| record.failure.as_ref().map(|failure| (failure.class, failure.reason.is_some()));
    let named = failed.iter().filter(|(record, _)| why(record) != Some((FailureClass::Unknown, false)));
    [named.count(), failed.len()]
}

/// Whether it is half of the calls that failed for a named reason, or for any. Who does not answer and who declines fail without a
/// reason at some providers, three of ten on an ordinary day: of a few calls more than half are needed, lest chance alone wakes
/// somebody.
fn is_outage([named, failed]: [usize; 2], calls: usize) -> bool {
    let beyond_ordinary = (10 * failed).saturating_sub(3 * calls);
    calls >= CALLS && (named * 2 >= calls || failed * 2 >= calls && beyond_ordinary.pow(2) >= 400 * calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_named_reason_chance_is_no_outage() {
        let outages = [([5, 5], 10), ([0, 10], 10), ([0, 15], 20), ([0, 30], 50), ([0, 50], 100), ([5, 9], 10)];
        for (failed, calls) in outages {
            assert!(is_outage(failed, calls), "{failed:?} of {calls}");
        }
        for (failed, calls) in [([4, 4], 10), ([0, 9], 10), ([4, 9], 10), ([0, 14], 20), ([0, 29], 50), ([0, 149], 300)]
        {
            assert!(!is_outage(failed, calls), "{failed:?} of {calls}");
        }
    }
}
