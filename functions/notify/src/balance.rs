//! The balance of an account: the newest that a provider reported, whether it is low, and what a newer one means.
//! Amounts are decimals, in whatever currency the account has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use shared::event::Event;
use shared::outbox::{OutboxError, Pending};
use shared::provider;
use shared::time;

use crate::state::{Decision, State, States};
use crate::stored::Stored;
use crate::words::Words;

/// A balance that a provider reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// How much it is.
    pub amount: Decimal,
    /// When it was so.
    pub at: Timestamp,
}

/// What a newer balance means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It fell below the limit.
    Low,
    /// It rose to more than a tenth above the limit.
    Recovered,
}

/// The balances that events report, and their state.
#[derive(Debug)]
pub(crate) struct Balances {
    pub(crate) states: States,
    pub(crate) words: Words,
    /// The limit; a balance below it is low. None watches no balance.
    pub(crate) low: Option<Decimal>,
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
            if known.1.at < balance.at {
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
        let Some(turn) = update(state, told, self.low) else { return Decision::Unchanged };
        let id = format!("{key}#{}", time::stamp(Some(told.at)));
        let turn = turn.zip(self.low);
        Decision::Changed(turn.map(|(turn, low)| self.words.balance(id, event.provider(), turn, told, low)))
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

/// Takes over a newer balance. None if it is not newer, else what it means.
pub(crate) fn update(state: &mut State, told: &Balance, low: Option<Decimal>) -> Option<Option<Turn>> {
    if read(state).is_some_and(|known| known.at >= told.at) {
        return None;
    }
    state.set("amount", Some(told.amount.to_string()));
    state.set_time("at", Some(told.at));
    let last = state.text("low").map_or(Turn::Recovered, |_| Turn::Low);
    let turn = low.and_then(|low| turn(last, told.amount, low));
    match turn {
        Some(Turn::Low) => state.set("low", Some("yes".to_owned())),
        Some(Turn::Recovered) => state.set("low", None),
        None => {}
    }
    Some(turn)
}

/// Above this a balance is no longer low: a tenth above the limit, so that a balance that moves around it is alerted once.
pub(crate) fn recovered(low: Decimal) -> Decimal {
    low.saturating_add(low / Decimal::TEN)
}

fn turn(last: Turn, amount: Decimal, low: Decimal) -> Option<Turn> {
    match last {
        Turn::Recovered if amount < low => Some(Turn::Low),
        Turn::Low if amount > recovered(low) => Some(Turn::Recovered),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_balance_turns_once_each_way_however_often_it_moves() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let (mut last, mut turns) = (Turn::Recovered, Vec::new());
        for amount in ["10.00", "9.9999", "10.01", "9.5", "11", "10.9", "11.0001", "10.5", "9.99999999"] {
            if let Some(turn) = turn(last, decimal(amount), decimal("10")) {
                last = turn;
                turns.push((amount, turn));
            }
        }
        assert_eq!(turns, [("9.9999", Turn::Low), ("11.0001", Turn::Recovered), ("9.99999999", Turn::Low)]);
    }
}
