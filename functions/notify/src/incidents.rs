//! Incidents in the alerts table: failures come in with batches, each tick looks what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shared::entity::EntityKind;
use shared::failure::FailureClass;
use shared::key::{Partition, Subject};
use shared::metric::Gauges;
use shared::mute::InForce;
use shared::name::{Family, Provider};
use shared::outbox::listed::WITHDRAWN;
use shared::outbox::{Alert, OutboxError, Pending};
use shared::settings::Switch;
use shared::store::Store;
use shared::store::record::Row;

use crate::Error;
use crate::balance::{self, Balance};
use crate::brake::{self, Room};
use crate::case::{Case, Held};
use crate::incident::{self, Due, Incident};
use crate::metric;
use crate::share::Weight;
use crate::signal::{self, Scope, Severities, Severity};
use crate::state::{Committed, Note, Over, State, States, pause};
use crate::stored::Stored;
use crate::tally::Tally;
use crate::together::Aside;
use crate::words::{Context, Words};

/// How often a change is tried while other writers are faster.
pub(crate) const TRIES: u64 = 20;
/// The failures that one transaction notes, beside two states and an alert.
pub(crate) const AT_ONCE: usize = 90;
/// What failed of messages opens an incident from this number on.
const MESSAGES: u64 = 5;
/// The most rows that are read of each list of what ended.
pub(crate) const MOST: i32 = 1_000;

/// When failures are told, and how.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) severities: Severities,
    /// So many failures open an incident.
    pub(crate) after: u64,
    pub(crate) window: SignedDuration,
    pub(crate) digest: Switch,
}

/// The failures that events and records report.
#[derive(Debug)]
pub(crate) struct Incidents {
    pub(crate) states: States,
    pub(crate) store: Store,
    pub(crate) words: Words,
    pub(crate) rules: Rules,
    pub(crate) gauges: Gauges,
}

/// What makes an incident known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// That so many failed.
    Failures,
    /// That of so many calls of the provider so many failed.
    Share {
        /// The calls that failed.
        failed: usize,
        /// All that ended.
        of: usize,
    },
    /// That of so many calls of the provider so few were answered, in percent of what is usual.
    Answers {
        /// The calls that were answered.
        answered: u64,
        /// All that ended.
        of: u64,
        /// How many of a hundred usually are.
        usual: u64,
    },
}

impl Incidents {
    /// Takes in what failed among the events and the records that ended, each failure once.
    pub(crate) async fn take(
        &self,
        events: &[Stored],
        ended: &BTreeMap<Partition, Row>,
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        let mut groups: BTreeMap<String, Vec<Case>> = BTreeMap::new();
        for stored in events {
            let Some(signal) = signal::at_once(&stored.event, &self.rules.severities) else { continue };
            let (case, order) = (Case::of_event(&stored.event, signal, now), stored.event.id.partition().subject());
            match (case.signal.class, order) {
                // The first of a batch opens the incident of its account, and the others come with the rest.
                (FailureClass::InsufficientBalance, _)
                    if !case.held.is_old()
                        && !groups.contains_key(&case.signal.key())
                        && !self.was_paid_after(&case).await?
                        && self.muting(&case, now).await?.is_none() =>
                {
                    groups.entry(case.signal.key()).or_default();
                    alerts.extend(self.open_at_once(stored, case, now).await?);
                }
                (class, Subject::Order) if class != FailureClass::InsufficientBalance => {
                    alerts.extend(self.tell_alone(stored, &case, now).await?);
                }
                _ => groups.entry(case.signal.key()).or_default().push(case),
            }
        }
        let records = || ended.values().filter_map(Row::record);
        let mut fine = Vec::new();
        for record in records() {
            match signal::of_record(record, &self.rules.severities) {
                Some(signal) => {
                    let case = Case::of_record(record, signal, now);
                    groups.entry(case.signal.key()).or_default().push(case);
                }
                None if record.version > 1 => fine.push(format!("{}~{}", record.id.subject(), record.id)),
                None => {}
            }
        }
        for (key, cases) in groups {
            for some in cases.chunks(AT_ONCE) {
                self.enter(&key, some.to_vec(), now).await?;
            }
        }
        self.withdraw(&fine, now).await
    }

    /// Opens the incident of an empty account with its first failure; one more is taken in.
    async fn open_at_once(&self, stored: &Stored, case: Case, now: Timestamp) -> Result<Option<Pending>, OutboxError> {
        let key = &case.signal.key();
        let balance = self.balance(case.provider, &case.signal.scope).await?;
        for attempt in 0..TRIES {
            pause(attempt).await;
            let (mut state, mut incident) = self.read(key, &case).await?;
            if incident.is_open() {
                return self.enter(key, vec![case], now).await.map(|()| None);
            }
            incident.add([&case.held]);
            incident.open(case.signal.severity, self.rules.window, now);
            let message = incident.message();
            let context = self.context(balance.clone(), now);
            let alert =
                self.words.failure(message.clone(), &stored.event, &case.signal, &context).within(incident.part());
            let alert = incident.opening(alert);
            incident.sent(&[]);
            incident.write(&mut state, now);
            let note = note(&case.held, message, key.to_owned(), case.signal.class);
            match self.states.commit(&[&state], &[note], Some(&alert), now).await? {
                Committed::Made(pending) => return Ok(pending.map(|pending| *pending)),
                Committed::Known(_) => return Ok(None),
                Committed::Raced => {}
            }
        }
        Err(OutboxError::Contended { doing: "opening an incident" })
    }

    /// Takes failures of one incident in, each once, but for those that are noted already.
    pub(crate) async fn enter(&self, key: &str, mut cases: Vec<Case>, now: Timestamp) -> Result<(), OutboxError> {
        // Several events of a batch tell of one failure, and a transaction takes no item twice.
        let mut ids = BTreeSet::new();
        cases.retain(|case| ids.insert(case.held.id.clone()));
        for attempt in 0..TRIES {
            pause(attempt).await;
            let Some(first) = cases.first() else { return Ok(()) };
            let (mut state, mut incident) = self.read(key, first).await?;
            incident.add(cases.iter().map(|case| &case.held));
            incident.write(&mut state, now);
            let message = incident.message();
            let notes: Vec<_> =
                cases.iter().map(|case| note(&case.held, message.clone(), key.to_owned(), incident.class)).collect();
            match self.states.commit(&[&state], &notes, None, now).await? {
                Committed::Made(_) => return Ok(()),
                Committed::Raced => {}
                Committed::Known(known) => {
                    let mut at = 0..;
                    cases.retain(|_| at.next().is_some_and(|at| !known.contains(&at)));
                }
            }
        }
        Err(OutboxError::Contended { doing: "taking a failure in" })
    }

    /// Takes out what came to something after all, where no message told of it yet.
    async fn withdraw(&self, ids: &[String], now: Timestamp) -> Result<(), OutboxError> {
        if ids.is_empty() {
            return Ok(());
        }
        for known in self.states.notes(ids).await? {
            for attempt in 0..TRIES {
                pause(attempt).await;
                let mut state = self.states.read(&known.incident).await?;
                let Some(mut incident) = Incident::read(&state) else { break };
                if incident.message() != known.message || !incident.withdraw(&known.id) {
                    break;
                }
                incident.write(&mut state, now);
                let note = Note {
                    id: known.id.clone(),
                    message: WITHDRAWN.to_owned(),
                    incident: known.incident.clone(),
                    class: incident.class,
                    over: Over::Message(known.message.clone()),
                };
                if !matches!(self.states.commit(&[&state], &[note], None, now).await?, Committed::Raced) {
                    break;
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn read(&self, key: &str, case: &Case) -> Result<(State, Incident), OutboxError> {
        let state = self.states.read(key).await?;
        let mut incident = Incident::read(&state).unwrap_or_else(|| Incident::of(case));
        incident.begin_as(case.signal.severity);
        Ok((state, incident))
    }

    pub(crate) fn context(&self, balance: Option<Balance>, now: Timestamp) -> Context {
        Context { balance, window: self.rules.window, now }
    }

    /// The balance last reported of the account, else of the provider.
    pub(crate) async fn balance(&self, provider: Provider, scope: &Scope) -> Result<Option<Balance>, OutboxError> {
        Ok(self.balance_state(provider, scope).await?.as_ref().and_then(balance::read))
    }

    /// The state that has it.
    pub(crate) async fn balance_state(&self, provider: Provider, scope: &Scope) -> Result<Option<State>, OutboxError> {
        let account = match scope {
            Scope::Entity(_, entity) if entity.kind() == EntityKind::Account => Some(entity),
            _ => None,
        };
        for key in balance::keys_of(provider, account) {
            let state = self.states.read(&key).await?;
            if balance::read(&state).is_some() {
                return Ok(Some(state));
            }
        }
        Ok(None)
    }

    /// The keys of what each tick looks after: open incidents, and what gathers.
    pub(crate) async fn due(&self, now: Timestamp) -> Result<Vec<String>, OutboxError> {
        self.states.due(incident::KIND, now).await
    }

    /// Looks what is to be told of an incident. Where another writer was faster, the next tick looks again.
    pub(crate) async fn look(&self, key: &str, mutes: &InForce, now: Timestamp) -> Result<Option<Pending>, Error> {
        let state = self.states.read(key).await?;
        let Some(mut incident) = Incident::read(&state) else { return Ok(None) };
        let looked = self.look_through(&mut incident, now).await?;
        let recovered = incident.is_open() && self.is_paid(&incident).await?;
        let due = incident.due(self.after(&incident), self.rules.window, now);
        let due = if recovered { Due::Over } else { due };
        match (mutes.holding(&incident.about()), due) {
            (Some(mute), _) if incident.settled(now, self.rules.window) > 0 => {
                self.set_aside(state, incident, Aside::Muted(mute), now).await
            }
            (Some(mute), Due::Over) => self.end_muted(mute, state, incident, now).await,
            (None, Due::Open) => self.may_open(key, state, incident, now).await,
            (None, Due::Release) => self.set_aside(state, incident, Aside::Digest, now).await,
            (None, Due::More) => self.more(state, incident, now).await,
            (None, Due::Over) => self.over(state, incident, now).await,
            _ if looked => {
                let mut state = state;
                incident.write(&mut state, now);
                Ok(self.states.commit(&[&state], &[], None, now).await?.made())
            }
            _ => Ok(None),
        }
    }

    fn after(&self, incident: &Incident) -> u64 {
        match (incident.class, incident.family) {
            (FailureClass::InsufficientBalance, _) => 1,
            (_, Family::Sms) => MESSAGES.max(self.rules.after),
            _ => self.rules.after,
        }
    }

    /// Opens an incident where enough failed, unless too many messages were sent: then a storm's summary tells of it.
    async fn may_open(
        &self,
        key: &str,
        state: State,
        incident: Incident,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        if incident.held.iter().all(Held::is_old) || self.is_paid(&incident).await? {
            return self.set_aside(state, incident, Aside::Digest, now).await;
        }
        match self.weigh(&incident, now).await? {
            Weight::Enough => {}
            Weight::Gathers => return Ok(None),
            Weight::Ordinary => return self.set_aside(state, incident, Aside::Digest, now).await,
        }
        let place = (incident.provider, incident.severity);
        match brake::room(&self.states, place, &incident.message(), now).await? {
            Room::Free => self.open(state, incident, Evidence::Failures, now).await,
            Room::Full => {
                tracing::warn!(key = %shared::key::digest_of(key.as_bytes()), "too many messages: told with others");
                self.gauges.tell(metric::HELD_BACK, 1.0, now);
                let storm = Aside::Storm(incident.provider);
                self.set_aside(state, incident, storm, now).await
            }
        }
    }

    pub(crate) async fn open(
        &self,
        mut state: State,
        mut incident: Incident,
        evidence: Evidence,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let left = incident.unsettled(self.rules.window, now);
        let severity = match evidence {
            Evidence::Share { .. } | Evidence::Answers { .. } => Severity::Critical,
            Evidence::Failures => incident.severity,
        };
        incident.open(severity, self.rules.window, now);
        let alert = self.words.opened(&incident, evidence);
        let alert = incident.opening(alert);
        self.send(&mut state, incident, left, &alert, now).await
    }

    async fn more(&self, mut state: State, mut incident: Incident, now: Timestamp) -> Result<Option<Pending>, Error> {
        let place = (incident.provider, Severity::Warning);
        if brake::room(&self.states, place, &incident.message(), now).await? == Room::Full {
            return Ok(None);
        }
        let left = incident.unsettled(self.rules.window, now);
        let alert = self.words.more(&incident, now);
        incident.go_on(now);
        self.send(&mut state, incident, left, &alert, now).await
    }

    async fn over(&self, mut state: State, mut incident: Incident, now: Timestamp) -> Result<Option<Pending>, Error> {
        let place = (incident.provider, incident.severity);
        let brake = incident.class != FailureClass::InsufficientBalance;
        if brake && brake::room(&self.states, place, &incident.message(), now).await? == Room::Full {
            return Ok(None);
        }
        let alert = self.words.over(&incident, now);
        let alert = incident.ending(alert);
        incident.next = Tally::default();
        incident.held.clear();
        incident.end();
        incident.write(&mut state, now);
        Ok(self.states.commit(&[&state], &[], Some(&alert), now).await?.made())
    }

    /// Sends the message of what an incident holds. What is not certain yet is noted under the next one.
    async fn send(
        &self,
        state: &mut State,
        mut incident: Incident,
        left: Vec<Held>,
        alert: &Alert,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let (message, next) = (incident.message(), incident.message_after());
        let key = signal::key(incident.class, incident.family, &incident.scope);
        let moved = |held: &Held| Note {
            over: Over::Message(message.clone()),
            ..note(held, next.clone(), key.clone(), incident.class)
        };
        let notes: Vec<_> = left.iter().map(moved).collect();
        incident.sent(&left);
        incident.write(state, now);
        Ok(self.states.commit(&[state], &notes, Some(alert), now).await?.made())
    }
}

impl Committed {
    /// The alert to send, if the change is made and has one.
    pub(crate) fn made(self) -> Option<Pending> {
        match self {
            Self::Made(pending) => pending.map(|pending| *pending),
            Self::Known(_) | Self::Raced => None,
        }
    }
}

pub(crate) fn note(held: &Held, message: String, incident: String, class: FailureClass) -> Note {
    Note { id: held.id.clone(), message, incident, class, over: Over::Nothing }
}
