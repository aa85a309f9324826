//! Outages: much fails at a provider at the same time, or nobody answers any more.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::failure::FailureClass;
use shared::key::Subject;
use shared::name::{Family, Provider};
use shared::outbox::{OutboxError, Pending};
use shared::record::Record;

use crate::Error;
use crate::answers;
use crate::brake;
use crate::case::Case;
use crate::incident::{self, Incident};
use crate::incidents::{AT_ONCE, Evidence, Incidents, MOST};
use crate::signal::{self, Scope, Severity};

/// An outage is told from this number of calls on.
const CALLS: usize = 10;
/// The classes whose failures are signs of an outage.
const OF_OUTAGE: [FailureClass; 4] =
    [FailureClass::Congestion, FailureClass::NotPermitted, FailureClass::Rejected, FailureClass::Unknown];

impl Incidents {
    /// Looks whether half of a provider's calls of the last minutes failed as they do when it or its carrier is down.
    pub(crate) async fn look_for_outages(&self, now: Timestamp) -> Result<Vec<Pending>, Error> {
        let from = now.checked_sub(incident::EVIDENCE).unwrap_or(now);
        let ended = self.store.ended_between(Subject::Call, [from, now], MOST).await?;
        let mut alerts = Vec::new();
        for provider in Provider::ALL.iter().copied() {
            let calls: Vec<_> = ended.iter().filter(|record| record.id.provider() == provider).collect();
            let failed = calls.iter().filter_map(|record| Some((*record, signal::of_outage(record)?)));
            let failed: Vec<_> = failed.collect();
            if calls.len() >= CALLS && failed.len() * 2 >= calls.len() {
                let evidence = Evidence::Share { failed: failed.len(), of: calls.len() };
                alerts.extend(self.outage(failed, evidence, now).await?);
            }
        }
        Ok(alerts)
    }

    /// Opens the incident of the class that most failed by, or makes it critical, and takes what failed in.
    async fn outage(
        &self,
        failed: Vec<(&Record, signal::Signal)>,
        evidence: Evidence,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let mut by_key: BTreeMap<String, Vec<Case>> = BTreeMap::new();
        for (record, signal) in failed {
            by_key.entry(signal.key()).or_default().push(Case::of_record(record, signal, now));
        }
        let Some((key, cases)) = by_key.into_iter().max_by_key(|(_, cases)| cases.len()) else { return Ok(None) };
        let ids: Vec<_> = cases.iter().map(|case| case.held.id.clone()).collect();
        let mut known = Vec::new();
        for some in ids.chunks(AT_ONCE) {
            known.extend(self.states.notes(some).await?.into_iter().map(|known| known.id));
        }
        let new: Vec<_> = cases.iter().filter(|case| !known.contains(&case.held.id)).cloned().collect();
        for some in new.chunks(AT_ONCE) {
            self.enter(&key, some.to_vec(), now).await?;
        }
        let Some(first) = cases.first() else { return Ok(None) };
        let (state, incident) = self.read(&key, first).await?;
        if incident.is_open() && incident.severity == Severity::Critical {
            return Ok(None);
        }
        brake::room(&self.states, (incident.provider, Severity::Critical), &incident.message(), now).await?;
        self.open(state, incident, evidence, now).await
    }

    /// Looks whether a provider's calls are answered as they usually are, unless they are known to fail.
    pub(crate) async fn look_for_answers(&self, now: Timestamp) -> Result<Vec<Pending>, Error> {
        let mut alerts = Vec::new();
        for (provider, [lately, usual]) in answers::missing(&self.store, now).await? {
            if self.is_known_to_fail(provider).await? {
                continue;
            }
            let key = signal::key(FailureClass::NoAnswer, Family::Call, &Scope::Provider(provider));
            let mut state = self.states.read(&key).await?;
            let known = Incident::read(&state);
            let mut incident = known.unwrap_or_else(|| Incident::of_no_answers(provider));
            incident.fails(now);
            if incident.is_open() {
                incident.write(&mut state, now);
                self.states.commit(&[&state], &[], None, now).await?;
                continue;
            }
            incident.next.number = lately.of - lately.answered;
            let evidence = Evidence::Answers { answered: lately.answered, of: lately.of, usual: usual.percent() };
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
