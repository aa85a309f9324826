//! The balance of an account: those of the last weeks, how long the newest lasts, and what a newer one means.
//! Amounts are decimals, in whatever currency the account has.

mod history;
mod limits;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use shared::event::Event;
use shared::outbox::{Alert, OutboxError, Pending};
use shared::provider;
use shared::time;

use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::words::{Whose, Words};

use self::history::History;
pub(crate) use self::limits::{Level, Limits, Turn};

/// A balance that a provider reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// How much it is.
    pub amount: Decimal,
    /// When it was so.
    pub at: Timestamp,
}

/// The newest balance, and how long it lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The balance.
    pub balance: Balance,
    /// What an hour costs of late; None where that can't be told.
    pub per_hour: Option<Decimal>,
}

impl Outlook {
    fn of(history: &History) -> Option<Self> {
        Some(Self { balance: history.last()?, per_hour: history.per_hour() })
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
        let mut told: BTreeMap<String, Vec<(&Event, &Balance)>> = BTreeMap::new();
        for Stored { event, balance } in events {
            told.entry(key(event)).or_default().extend(balance.as_ref().map(|balance| (event, balance)));
        }
        for (key, told) in told {
            let Some((event, _)) = told.first() else { continue };
            let whose = Whose { provider: event.provider(), account: event.account.as_ref() };
            let balances = || told.iter().map(|(_, balance)| *balance);
            let decide = |state: &mut State| self.decide(state, &key, whose, balances());
            alerts.extend(self.states.update(&key, "taking over balances", now, decide).await?);
        }
        Ok(())
    }

    fn decide<'b>(
        &self,
        state: &mut State,
        key: &str,
        whose: Whose<'_>,
        told: impl Iterator<Item = &'b Balance>,
    ) -> Decision {
        let known = history(state);
        let mut history = known.clone();
        told.for_each(|balance| history.add(balance));
        if history == known {
            return Decision::Unchanged;
        }
        state.set(HISTORY, Some(history.to_string()));
        let newer = Outlook::of(&history).filter(|outlook| known.last().as_ref() != Some(&outlook.balance));
        Decision::Changed(newer.and_then(|outlook| self.judge(state, key, whose, &outlook)))
    }

    fn judge(&self, state: &mut State, key: &str, whose: Whose<'_>, outlook: &Outlook) -> Option<Alert> {
        let turn = self.limits.turn(state, outlook)?;
        let id = format!("{key}#{}", time::stamp(Some(outlook.balance.at)));
        Some(self.words.balance(id, whose, turn, outlook, &self.limits))
    }
}

/// The balance that an event with that body reports; None where its amount is not a number.
pub(crate) fn told(event: &Event, body: &[u8]) -> Option<Balance> {
    let amount = provider::balance(event.provider(), body)?;
    let amount = amount.parse().or_else(|_| Decimal::from_scientific(&amount)).ok()?;
    // A time in the future would make every later balance look old.
    let at = event.occurred_at().unwrap_or(event.received_at).min(event.received_at);
    Some(Balance { amount, at: Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at) })
}

/// The key of the balance that an event reports: the account's, else the provider's.
fn key(event: &Event) -> String {
    account_key(event).unwrap_or_else(|| provider_key(event))
}

/// Where the balance that concerns an event is looked for: the account's own first. A provider's report may name none.
pub(crate) fn keys(event: &Event) -> impl Iterator<Item = String> {
    account_key(event).into_iter().chain([provider_key(event)])
}

fn account_key(event: &Event) -> Option<String> {
    event.account.as_ref().map(|account| format!("balance#{}#{account}", event.provider()))
}

fn provider_key(event: &Event) -> String {
    format!("balance#{}", event.provider())
}

/// The attribute that has the balances of the last weeks.
const HISTORY: &str = "history";

fn history(state: &State) -> History {
    state.text(HISTORY).map(History::read).unwrap_or_default()
}

/// The remembered balance.
pub(crate) fn read(state: &State) -> Option<Balance> {
    history(state).last()
}
