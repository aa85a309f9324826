//! The balance of an account: those of the last weeks, how long the newest lasts, and what a newer one means.
//! Amounts are decimals, in whatever currency the account has.

mod history;
mod limits;
mod misuse;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use shared::entity::Entity;
use shared::event::Event;
use shared::failure::FailureClass;
use shared::log::chain;
use shared::mute::Target;
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, Attributes, OutboxError, Pending};
use shared::provider;
use shared::store::Store;
use shared::text::digest;
use shared::time;

use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::words::{Whose, Words};

use self::history::History;
pub(crate) use self::limits::{Level, Limits, Turn};
pub(crate) use self::misuse::Caller;

/// A balance that a provider reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// How much it is.
    pub amount: Decimal,
    /// When it was so.
    pub at: Timestamp,
}

/// What an event that is to tell a balance tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Balance(Balance),
    /// Something that is no amount, at that time.
    Unexpected(Timestamp),
}

impl Told {
    fn balance(&self) -> Option<&Balance> {
        match self {
            Self::Balance(balance) => Some(balance),
            Self::Unexpected(_) => None,
        }
    }
}

/// The newest balance, and how long it lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The balance.
    pub balance: Balance,
    /// What an hour costs of late; None where that can't be told.
    pub per_hour: Option<Decimal>,
    /// What the last hour cost; None where that can't be told.
    pub last_hour: Option<Decimal>,
    /// What it usually costs about this time of the day; None where too little is known.
    pub usual: Option<Decimal>,
}

/// What is to be told of a balance.
#[derive(Debug, Clone)]
pub struct Report<'r> {
    /// Whose it is.
    pub whose: Whose<'r>,
    /// What it means.
    pub turn: Turn,
    /// The balance.
    pub outlook: &'r Outlook,
    /// The limits that are set.
    pub limits: Limits,
    /// Where misuse shows, those that called most.
    pub callers: &'r [Caller],
}

/// Of which no more is known.
impl From<Balance> for Outlook {
    fn from(balance: Balance) -> Self {
        Self { balance, per_hour: None, last_hour: None, usual: None }
    }
}

impl Outlook {
    fn of(history: &History) -> Option<Self> {
        let balance = history.last()?;
        let (per_hour, last_hour, usual) = (history.per_hour(), history.last_hour(), history.usual());
        Some(Self { balance, per_hour, last_hour, usual })
    }

    /// How many hours the balance lasts at that rate.
    #[must_use]
    pub fn hours(&self) -> Option<Decimal> {
        self.balance.amount.max(Decimal::ZERO).checked_div(self.per_hour?)
    }
}

/// The balances that events report, and their state.
#[derive(Debug)]
pub(crate) struct Balances {
    pub(crate) states: States,
    pub(crate) store: Store,
    pub(crate) words: Words,
    pub(crate) limits: Limits,
}

impl Balances {
    /// Takes over the balances among the events.
    pub(crate) async fn take(
        &self,
        events: &[Stored],
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        let mut told: BTreeMap<String, Vec<(&Event, &Told)>> = BTreeMap::new();
        for Stored { event, balance } in events {
            if let Some(balance) = balance {
                told.entry(key(event)).or_default().push((event, balance));
            }
        }
        for (key, told) in told {
            let Some((event, _)) = told.first() else { continue };
            let balances: Vec<_> = told.iter().filter_map(|(_, told)| told.balance()).collect();
            alerts.extend(self.take_over(&key, whose(event), &balances, now).await?);
            for (event, told) in told {
                if let Told::Unexpected(at) = told {
                    let decide = |state: &mut State| self.unexpected(state, &key, event, *at);
                    alerts.extend(self.states.update(&key, "noting an unexpected balance", now, decide).await?);
                }
            }
        }
        Ok(())
    }

    /// Whether an alert tells of a balance that is as usual again.
    pub(crate) async fn is_over(&self, alert: &Alert) -> Result<bool, OutboxError> {
        let Attributes { provider, state, .. } = &alert.attributes;
        let opens = *state == Some(AlertState::Open) && alert.id.starts_with(BALANCE);
        let Some(provider) = provider.filter(|_| opens) else { return Ok(false) };
        let key = keys_of(provider, alert.attributes.account().as_ref()).next().unwrap_or_default();
        Ok(is_well(&self.states.read(&key).await?))
    }

    /// Told once, until nothing of the kind came for a day.
    fn unexpected(&self, state: &mut State, key: &str, event: &Event, at: Timestamp) -> Decision {
        let known = state.time(UNEXPECTED);
        state.set_time(UNEXPECTED, known.max(Some(at)));
        match known {
            Some(known) if at.duration_since(known) < STEP => Decision::Unchanged,
            Some(_) => Decision::Changed(None),
            None => {
                let id = format!("unexpected-{}", digest(&[key, &time::stamp(Some(at))]));
                Decision::Changed(Some(self.words.unexpected_balance(id, whose(event), event, at)))
            }
        }
    }

    /// Takes over the balances of one account. Who called most is looked for only where that is to be told.
    async fn take_over(
        &self,
        key: &str,
        whose: Whose<'_>,
        told: &[&Balance],
        now: Timestamp,
    ) -> Result<Option<Pending>, OutboxError> {
        let mut callers = None;
        loop {
            let mut lacks_callers = false;
            let decide = |state: &mut State| match self.decide(state, key, whose, told, callers.as_deref()) {
                Ok(decision) => decision,
                Err(LacksCallers) => {
                    lacks_callers = true;
                    Decision::Unchanged
                }
            };
            let made = self.states.update(key, "taking over balances", now, decide).await?;
            if !lacks_callers {
                return Ok(made);
            }
            callers = Some(self.callers(whose, now).await);
        }
    }

    fn decide(
        &self,
        state: &mut State,
        key: &str,
        whose: Whose<'_>,
        told: &[&Balance],
        callers: Option<&[Caller]>,
    ) -> Result<Decision, LacksCallers> {
        let known = history(state);
        let mut history = known.clone();
        told.iter().for_each(|balance| history.add(balance));
        if history == known {
            return Ok(Decision::Unchanged);
        }
        state.set(HISTORY, Some(history.to_string()));
        let newer = Outlook::of(&history).filter(|outlook| known.last().as_ref() != Some(&outlook.balance));
        let Some(outlook) = newer else { return Ok(Decision::Changed(None)) };
        let last = state.time(UNEXPECTED);
        state.set_time(UNEXPECTED, last.filter(|last| outlook.balance.at.duration_since(*last) < FORGOTTEN));
        let Some(turn) = turn(state, &outlook, &self.limits) else { return Ok(Decision::Changed(None)) };
        let callers = if turn == Turn::Misuse { callers.ok_or(LacksCallers)? } else { &[] };
        let id = format!("{BALANCE}-{}", digest(&[key, &time::stamp(Some(outlook.balance.at))]));
        let report = Report { whose, turn, outlook: &outlook, limits: self.limits, callers };
        let alert = paged(state, turn, self.words.balance(id, &report));
        Ok(match turn {
            Turn::Low(_) | Turn::Recovered(_) => Decision::Mutable(alert, about(whose)),
            // Nobody means misuse who mutes an account that runs dry.
            Turn::Misuse | Turn::Usual => Decision::Changed(Some(alert)),
        })
    }

    /// Those that called most in the last hour; none where that can't be read: the alert must not wait for it.
    async fn callers(&self, whose: Whose<'_>, now: Timestamp) -> Vec<Caller> {
        let since = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
        match self.store.calls_ended(since, now, CALLS).await {
            Ok(calls) => misuse::called_most(&calls, whose),
            Err(error) => {
                tracing::warn!(error = chain(&error), "who called most could not be read");
                Vec::new()
            }
        }
    }
}

/// What the key of a balance begins with, and the id of an alert of one.
const BALANCE: &str = "balance";

/// The attribute that has when the last balance in an unexpected form came, after how long without one that is forgotten,
/// and how much later another must be to be worth a write.
const UNEXPECTED: &str = "unexpected_at";
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);
const STEP: SignedDuration = SignedDuration::from_hours(1);

/// The calls of each shard that are read to find who called most.
const CALLS: i32 = 250;

/// Who called most is to be told and not known yet.
struct LacksCallers;

/// What a newer balance means: the worst of it, so that one message says all.
fn turn(state: &mut State, outlook: &Outlook, limits: &Limits) -> Option<Turn> {
    let low = limits.turn(state, outlook);
    if misuse::begins(state, outlook) {
        if matches!(low, Some(Turn::Low(_))) {
            // The message of the misuse, by SMS, says that too.
            limits::page(state);
        }
        return Some(Turn::Misuse);
    }
    low.or_else(|| misuse::ends(state, outlook).then_some(Turn::Usual))
}

/// Both reasons for which a balance wakes somebody are one at an on-call tool, until neither is there.
fn paged(state: &mut State, turn: Turn, alert: Alert) -> Alert {
    match turn {
        Turn::Low(Level::Critical) | Turn::Misuse => state.opening(alert),
        Turn::Recovered(_) | Turn::Usual if is_well(state) => state.ending(alert),
        Turn::Low(Level::Warning) | Turn::Recovered(_) | Turn::Usual => alert,
    }
}

/// Whether it was told neither that the balance is low nor of misuse, or their ends too.
fn is_well(state: &State) -> bool {
    !limits::is_low(state) && !misuse::is_told(state)
}

/// A mute of empty balances holds back that one runs low.
fn about(Whose { provider, account }: Whose<'_>) -> Target {
    let class = Some(FailureClass::InsufficientBalance);
    Target { class, provider: Some(provider), scope: account.cloned() }
}

fn whose(event: &Event) -> Whose<'_> {
    Whose { provider: event.provider(), account: event.account.as_ref() }
}

/// What an event that is to tell a balance tells in that body.
pub(crate) fn told(event: &Event, body: &[u8]) -> Told {
    let amount = provider::balance(event.provider(), body);
    let amount = amount.and_then(|text| text.parse().or_else(|_| Decimal::from_scientific(&text)).ok());
    // A time in the future would make every later balance look old.
    let at = event.occurred_at().unwrap_or(event.received_at).min(event.received_at);
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    amount.map_or(Told::Unexpected(at), |amount| Told::Balance(Balance { amount, at }))
}

/// The key of the balance that an event reports: the account's, else the provider's.
fn key(event: &Event) -> String {
    keys_of(event.provider(), event.account.as_ref()).next().unwrap_or_default()
}

/// Where the balance of an account is looked for: its own first. A provider's report may name none.
pub(crate) fn keys_of(provider: Provider, account: Option<&Entity>) -> impl Iterator<Item = String> {
    let own = account.map(|account| format!("{BALANCE}#{provider}#{account}"));
    own.into_iter().chain([format!("{BALANCE}#{provider}")])
}

/// The attribute that has the balances of the last weeks.
const HISTORY: &str = "history";

fn history(state: &State) -> History {
    state.text(HISTORY).map(History::read).unwrap_or_default()
}

/// When the account was last topped up, as far as is remembered.
pub(crate) fn topped_up_at(state: &State) -> Option<Timestamp> {
    history(state).last_top_up()
}

/// The remembered balance.
pub(crate) fn read(state: &State) -> Option<Balance> {
    history(state).last()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests;
