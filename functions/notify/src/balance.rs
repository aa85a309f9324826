//! The balance of an account: the newest that a provider reported, whether it is low, and what a newer one means.
//! Amounts are decimals, in whatever currency the account has.

mod limits;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use shared::event::Event;
use shared::outbox::{OutboxError, Pending};
use shared::provider;
use shared::time;

use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::words::{Whose, Words};

pub(crate) use self::limits::{Level, Limits, Turn};

/// A balance that a provider reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// How much it is.
    pub amount: Decimal,
    /// When it was so.
    pub at: Timestamp,
}

impl Balance {
    /// Whether it counts rather than the other: it is newer, or of the same time and lower.
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.at, other.amount) > (other.at, self.amount)
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
    /// Takes over the newest balance of each account among the events.
    pub(crate) async fn take(
        &self,
        events: &[Stored],
        now: Timestamp,
        alerts: &mut Vec<Pending>,
    ) -> Result<(), OutboxError> {
        let mut newest: BTreeMap<String, (&Event, &Balance)> = BTreeMap::new();
        for Stored { event, balance } in events {
            let Some(balance) = balance else { continue };
            let known = newest.entry(key(event)).or_insert((event, balance));
            if balance.is_newer_than(known.1) {
                *known = (event, balance);
            }
        }
        for (key, (event, balance)) in newest {
            let decide = |state: &mut State| self.decide(state, &key, event, balance);
            alerts.extend(self.states.update(&key, "taking over a balance", now, decide).await?);
        }
        Ok(())
    }

    fn decide(&self, state: &mut State, key: &str, event: &Event, told: &Balance) -> Decision {
        if read(state).is_some_and(|known| !told.is_newer_than(&known)) {
            return Decision::Unchanged;
        }
        state.set("amount", Some(told.amount.to_string()));
        state.set_time("at", Some(told.at));
        let id = format!("{key}#{}", time::stamp(Some(told.at)));
        let whose = Whose { provider: event.provider(), account: event.account.as_ref() };
        let turn = self.limits.turn(state, told.amount);
        Decision::Changed(turn.map(|turn| self.words.balance(id, whose, turn, told, &self.limits)))
    }
}

/// The balance that an event with that body reports; None where its amount is not a number.
pub(crate) fn told(event: &Event, body: &[u8]) -> Option<Balance> {
    let amount = provider::balance(event.provider(), body)?;
    let amount = amount.parse().or_else(|_| Decimal::from_scientific(&amount)).ok()?;
    // A time in the future would make every later balance look old.
    let at = event.occurred_at().unwrap_or(event.received_at).min(event.received_at);
    Some(Balance { amount, at })
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

/// The remembered balance.
pub(crate) fn read(state: &State) -> Option<Balance> {
    Some(Balance { amount: state.text("amount")?.parse().ok()?, at: state.time("at")? })
}
