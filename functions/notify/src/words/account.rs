//! Alerts of an account's balance, and of a provider that falls silent.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use shared::entity::Entity;
use shared::name::Provider;
use shared::outbox::Alert;
use shared::provider::profile;
use shared::time;

use super::{Words, lasting, rows};
use crate::balance::{Balance, Level, Limits, Outlook, Turn};

/// Whose balance it is.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'e> {
    /// The provider.
    pub provider: Provider,
    /// The account, where the provider named it.
    pub account: Option<&'e Entity>,
}

impl Words {
    /// The alert of a balance that fell below a limit, or of one that was topped up.
    #[must_use]
    pub fn balance(&self, id: String, whose: Whose<'_>, turn: Turn, outlook: &Outlook, limits: &Limits) -> Alert {
        let Outlook { balance: Balance { amount, at }, per_hour } = outlook;
        let (story, advice, short, often, level) = match turn {
            Turn::Low(level) => (
                low(level, outlook, limits),
                "top up the account at the provider before calls and messages fail.",
                "Top up now.",
                "once. The next message comes when the balance has recovered or gets worse.",
                level,
            ),
            Turn::Recovered(level) => (
                format!("Balance recovered: {amount}"),
                "nothing. The account can pay for calls and messages again.",
                "All is well.",
                "once. The next message comes when the balance is low again.",
                level,
            ),
        };
        let facts = rows([
            ("Balance", Some(amount.to_string())),
            ("Limits", Some(set(limits))),
            ("Spending", per_hour.map(|per_hour| format!("{} an hour", figure(per_hour)))),
            ("Lasts", outlook.hours().map(|hours| format!("{} at that rate", hours_long(hours)))),
            ("When", Some(time::readable(*at))),
            ("Account", whose.account.map(|account| self.entity(account))),
            ("Provider", Some(profile(whose.provider).name.to_owned())),
        ]);
        let text = format!("{story}.\n\n{facts}\nWhat to do: {advice}\n\nHow often: {often}\n");
        let of = self.whose(whose);
        let sms = [format!("{story}."), short.to_owned(), format!("{of},"), time::readable(*at)];
        self.alert(id, &format!("{story} - {of}"), text, (level == Level::Critical).then_some(&sms))
    }

    /// `Opentact account 9af21132`, as far as it is known.
    fn whose(&self, Whose { provider, account }: Whose<'_>) -> String {
        let of = profile(provider).name;
        account.map_or_else(|| of.to_owned(), |account| format!("{of} account {}", self.entity(account)))
    }

    /// The alert of a provider that has not delivered for a while.
    #[must_use]
    pub fn silent(&self, id: String, of: Provider, last: Timestamp, now: Timestamp) -> Alert {
        let (checks, silent) = (profile(of).silence_checks, lasting(now.duration_since(last)));
        let of = profile(of).name;
        let facts = rows([("Last", Some(time::readable(last))), ("Provider", Some(of.to_owned()))]);
        let text = format!(
            "{of} has delivered nothing for {silent}. Events may be getting lost: what is not received is not sent \
             again.\n\n{facts}\nWhat to do: check: {checks}\n\nHow often: once. The next message comes when {of} delivers \
             again.\n"
        );
        self.alert(id, &format!("Silence: {of} has delivered nothing for {silent}"), text, None)
    }

    /// The news that a provider delivers again.
    #[must_use]
    pub fn back(&self, id: String, of: Provider, last: Timestamp, now: Timestamp) -> Alert {
        let (of, silent) = (profile(of).name, lasting(now.duration_since(last)));
        let facts =
            rows([("Silent", Some(format!("since {}", time::readable(last)))), ("Back", Some(time::readable(now)))]);
        let text = format!(
            "{of} delivers again, after {silent}.\n\n{facts}\nWhat to do: nothing; what happened meanwhile may be missing.\n"
        );
        self.alert(id, &format!("{of} delivers again, after {silent}"), text, None)
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
