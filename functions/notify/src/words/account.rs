//! Alerts of an account's balance.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use shared::entity::Entity;
use shared::event::Event;
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, Attributes, Severity};
use shared::provider::profile;

use super::{Words, lasting, rows};
use crate::balance::{Caller, Level, Limits, Outlook, Report, Turn};

/// Whose balance it is.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'e> {
    /// The provider.
    pub provider: Provider,
    /// The account, where the provider named it.
    pub account: Option<&'e Entity>,
}

impl Words {
    /// The alert of what a newer balance means.
    #[must_use]
    pub fn balance(&self, id: String, report: &Report<'_>) -> Alert {
        let Telling { story, advice, short, often, sms } = telling(report);
        let (outlook, whose) = (report.outlook, report.whose);
        let most: Vec<_> = report.callers.iter().map(|caller| self.caller(caller)).collect();
        let facts = rows([
            ("Balance", Some(outlook.balance.amount.to_string())),
            ("Limits", Some(set(&report.limits))),
            ("Spending", spending(report).map(|per_hour| format!("{} an hour", figure(per_hour)))),
            ("Usually", outlook.usual.map(|usual| format!("{} an hour", figure(usual)))),
            ("Lasts", outlook.hours().map(hours_long)),
            ("Called most", Some(most.join(", "))),
            ("When", Some(self.time(outlook.balance.at))),
            ("Account", whose.account.map(|account| self.entity(account))),
            ("Provider", Some(profile(whose.provider).name.to_owned())),
        ]);
        let sentence = if story.ends_with('?') { story.clone() } else { format!("{story}.") };
        let advice = self.advice(advice, report.turn);
        let text = format!("{sentence} What to do: {advice}\n\n{facts}\nHow often: {often}\n");
        let of = self.whose(whose);
        let parts = [sentence, short.to_owned(), format!("{of},"), self.time(outlook.balance.at)];
        let alert = self.alert(id, &format!("{story} - {of}"), text, (sms == Sms::Sent).then_some(&parts));
        alert.with(attributes(whose, severity(sms), state(report.turn)))
    }

    /// The alert of a balance in an unexpected form. What it is instead is not told: it may be a balance.
    #[must_use]
    pub fn unexpected_balance(&self, id: String, whose: Whose<'_>, event: &Event, at: Timestamp) -> Alert {
        let facts = rows([
            ("When", Some(self.time(at))),
            ("Account", whose.account.map(|account| self.entity(account))),
            ("Provider", Some(profile(whose.provider).name.to_owned())),
        ]);
        let text = format!(
            "A balance came that is no number. What to do: look at the balance at the provider, and at the event's body. If the \
             provider writes balances otherwise now, Trunkline needs a change.\n\nWhile such come, a low balance may go \
             unnoticed.\n\n{facts}\nHow often: once, until none came for a day.\n\n{}",
            self.places([("the event", Some(format!("events/{}", event.id)))])
        );
        let alert = self.alert(id, &format!("Balance can't be read - {}", self.whose(whose)), text, None);
        alert.with(attributes(whose, Severity::Warning, AlertState::Open))
    }

    /// `alice@example.com (41 calls, 3 h 12 min)`.
    fn caller(&self, Caller { who, calls, talk_seconds }: &Caller) -> String {
        let talked = SignedDuration::try_from_secs_f64(*talk_seconds).unwrap_or_default();
        let calls = if *calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") };
        format!("{} ({calls}, {})", self.entity(who), lasting(talked))
    }

    /// What to do, with where that is done.
    fn advice(&self, advice: &str, turn: Turn) -> String {
        let link = match turn {
            Turn::Low(_) => self.links.top_up.as_ref(),
            Turn::Misuse => self.links.runbook.as_ref(),
            Turn::Recovered(_) | Turn::Usual => None,
        };
        link.map_or_else(|| advice.to_owned(), |link| format!("{advice}\n  {link}"))
    }

    /// `Opentact account 9af21132`, as far as it is known.
    fn whose(&self, Whose { provider, account }: Whose<'_>) -> String {
        let of = profile(provider).name;
        account.map_or_else(|| of.to_owned(), |account| format!("{of} account {}", self.entity(account)))
    }
}

/// What people choose an alert of a balance by.
fn attributes(Whose { provider, account }: Whose<'_>, severity: Severity, state: AlertState) -> Attributes {
    Attributes {
        provider: Some(provider),
        class: Some("balance".to_owned()),
        severity: Some(severity),
        state: Some(state),
        entities: account.map(ToString::to_string).into_iter().collect(),
    }
}

fn severity(sms: Sms) -> Severity {
    match sms {
        Sms::Sent => Severity::Critical,
        Sms::None => Severity::Warning,
    }
}

fn state(turn: Turn) -> AlertState {
    match turn {
        Turn::Low(_) | Turn::Misuse => AlertState::Open,
        Turn::Recovered(_) | Turn::Usual => AlertState::Over,
    }
}

/// The parts of a message about a balance.
struct Telling {
    story: String,
    advice: &'static str,
    short: &'static str,
    often: &'static str,
    sms: Sms,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sms {
    Sent,
    None,
}

/// A recovery goes by the ways that told what it ends.
fn telling(report: &Report<'_>) -> Telling {
    let (outlook, by_level) = (report.outlook, |level| if level == Level::Critical { Sms::Sent } else { Sms::None });
    match report.turn {
        Turn::Low(level) => Telling {
            story: low(level, outlook, &report.limits),
            advice: "top up the account at the provider before calls and messages fail.",
            short: "Top up now.",
            often: "once. The next message comes when the balance has recovered or gets worse.",
            sms: by_level(level),
        },
        Turn::Misuse => Telling {
            story: format!("Balance falls by {}: misuse?", fall(report)),
            advice: "look at who called most. Unless these calls are yours, change the passwords of those users, and have the \
                     provider bar the destinations.",
            short: "Check who calls.",
            often: "once. The next message comes when it falls as usual again.",
            sms: Sms::Sent,
        },
        Turn::Recovered(level) => Telling {
            story: format!("Balance recovered: {}", outlook.balance.amount),
            advice: "nothing. The account can pay for calls and messages again.",
            short: "All is well.",
            often: "once. The next message comes when the balance is low again.",
            sms: by_level(level),
        },
        Turn::Usual => Telling {
            story: format!("Balance falls as usual again: by {}", fall(report)),
            advice: "nothing.",
            short: "Nothing to do.",
            often: "once.",
            sms: Sms::Sent,
        },
    }
}

/// `84 an hour, usually 6`.
fn fall(report: &Report<'_>) -> String {
    let (spent, usual) = (spending(report).unwrap_or_default(), report.outlook.usual.unwrap_or_default());
    format!("{} an hour, usually {}", figure(spent), figure(usual))
}

/// What an hour costs, as the message is about the last one or the last ones.
fn spending(report: &Report<'_>) -> Option<Decimal> {
    match report.turn {
        Turn::Misuse | Turn::Usual => report.outlook.last_hour,
        Turn::Low(_) | Turn::Recovered(_) => report.outlook.per_hour,
    }
}

/// Why a balance is low.
fn low(level: Level, outlook: &Outlook, limits: &Limits) -> String {
    let amount = outlook.balance.amount;
    match (limits.of(level).filter(|limit| amount < *limit), outlook.hours(), outlook.per_hour) {
        (None, Some(hours), Some(per_hour)) => {
            format!("Balance low: {amount} lasts {} at {} an hour", hours_long(hours), figure(per_hour))
        }
        (limit, ..) => format!("Balance low: {amount} is below {}", limit.unwrap_or_default()),
    }
}

/// An amount that was reckoned, in two figures: `84`, `0.25`, `1200`.
fn figure(amount: Decimal) -> Decimal {
    amount.round_sf(2).unwrap_or(amount).normalize()
}

fn hours_long(hours: Decimal) -> String {
    let minutes = hours.saturating_mul(Decimal::from(60)).to_i64();
    minutes.map_or_else(|| "long".to_owned(), |minutes| lasting(SignedDuration::from_secs(minutes.saturating_mul(60))))
}

/// The limits that are set: `100 and 20 (LowBalance)`.
fn set(limits: &Limits) -> String {
    let set = [Level::Warning, Level::Critical].into_iter().filter_map(|level| limits.of(level));
    let set: Vec<_> = set.map(|limit| limit.to_string()).collect();
    if set.is_empty() { String::new() } else { format!("{} (LowBalance)", set.join(" and ")) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests;
