//! What is muted: it is left to one message, which is told when the mute ends. Nothing opens meanwhile, so that what goes on after the
//! mute is told then as if it began, and wakes whom it must.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::entity::Entity;
use shared::mute::{Mute, Target};
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, OutboxError, Pending};

use crate::Error;
use crate::bucket::{Bucket, Line};
use crate::case::Case;
use crate::incident::{EVIDENCE, Incident};
use crate::incidents::Incidents;
use crate::signal::{INCIDENT, Scope, Signal};
use crate::state::{Change, Committed, State, States};
use crate::tally::Tally;
use crate::together::Aside;

impl Scope {
    /// The entity that mutes name it by.
    fn entity(&self) -> Option<Entity> {
        match self {
            Self::Provider(_) => None,
            Self::Entity(_, entity) => Some(entity.clone()),
        }
    }
}

impl Incident {
    /// What it is about, as mutes name it.
    pub(crate) fn about(&self) -> Target {
        Target { class: Some(self.class), provider: Some(self.provider), scope: self.scope.entity() }
    }
}

impl Signal {
    /// What it is about, as mutes name it.
    pub(crate) fn about(&self, provider: Provider) -> Target {
        Target { class: Some(self.class), provider: Some(provider), scope: self.scope.entity() }
    }
}

impl States {
    /// Writes a changed state with its alert, or without where a mute holds that back: then its message has the subject.
    pub(crate) async fn write_or_hold(
        &self,
        state: &State,
        alert: &Alert,
        about: &Target,
        now: Timestamp,
    ) -> Result<Change, OutboxError> {
        match self.mutes(now).await?.holding(about) {
            None => self.write(state, Some(alert), now).await,
            Some(mute) => self.hold(&[&state.held(alert)], (state.key(), alert), mute, now).await,
        }
    }

    /// Leaves the subject of an alert about the state of that key to a mute's message, and writes changed states with it. Who was woken
    /// before is told nevertheless that it is over.
    pub(crate) async fn hold(
        &self,
        states: &[&State],
        (key, alert): (&str, &Alert),
        mute: &Mute,
        now: Timestamp,
    ) -> Result<Change, OutboxError> {
        let aside = Aside::Muted(mute);
        let mut held = self.read(&aside.key()).await?;
        let mut bucket = Bucket::read(&held);
        bucket.keep(aside);
        bucket.hold(key, alert, now);
        bucket.write(&mut held);
        let all: Vec<_> = states.iter().copied().chain([&held]).collect();
        Ok(match self.commit(&all, &[], alert.silenced().as_ref(), now).await? {
            Committed::Made(pending) => Change::Made(pending),
            Committed::Known(_) | Committed::Raced => Change::Raced,
        })
    }
}

impl Incidents {
    /// The mute that holds a failure back.
    pub(crate) async fn muting(&self, case: &Case, now: Timestamp) -> Result<Option<Mute>, OutboxError> {
        Ok(self.states.mutes(now).await?.holding(&case.signal.about(case.provider)).cloned())
    }

    /// Ends an incident whose end the mute's message tells, and whoever was woken.
    pub(crate) async fn end_muted(
        &self,
        mute: &Mute,
        mut state: State,
        mut incident: Incident,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let aside = Aside::Muted(mute);
        let mut held = self.states.read(&aside.key()).await?;
        let mut bucket = Bucket::read(&held);
        let line = Line { tally: Tally::default(), ..incident.line(incident.failed_at.or(Some(now))) };
        bucket.add(&incident.key(), line, now);
        bucket.keep(aside);
        bucket.write(&mut held);
        let over = self.words.over(&incident, now);
        let over = incident.ending(over).silenced();
        incident.end();
        incident.write(&mut state, now);
        Ok(self.states.commit(&[&state, &held], &[], over.as_ref(), now).await?.made())
    }

    /// The keys of what goes on: an incident that is not over, failures of the last minutes, what else was not told to have ended.
    pub(crate) async fn going_on(&self, bucket: &Bucket, now: Timestamp) -> Result<BTreeSet<String>, OutboxError> {
        let mut going_on = BTreeSet::new();
        for (key, line) in bucket.lines.iter().filter(|(_, line)| line.over_at.is_none()) {
            let lately = line.tally.last.is_some_and(|last| now.duration_since(last) < EVIDENCE);
            let open = async || Ok(Incident::read(&self.states.read(key).await?).is_some_and(|known| known.is_open()));
            if lately || open().await? {
                going_on.insert(key.clone());
            }
        }
        let open = bucket.subjects.iter().filter(|(_, subject)| subject.state == AlertState::Open);
        // That nobody answers is found anew with each tick.
        let still =
            open.filter(|(key, subject)| !key.starts_with(INCIDENT) || now.duration_since(subject.at) < EVIDENCE);
        going_on.extend(still.map(|(key, _)| key.clone()));
        Ok(going_on)
    }
}
