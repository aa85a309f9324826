//! Alerts of an account's balance, and of a provider that falls silent.

use jiff::Timestamp;
use rust_decimal::Decimal;
use shared::name::Provider;
use shared::outbox::Alert;
use shared::provider::profile;
use shared::time;

use super::{Words, lasting, rows};
use crate::balance::{Balance, Turn, recovered};

impl Words {
    /// The alert of a balance that fell below the limit, or rose above it again.
    #[must_use]
    pub fn balance(&self, id: String, of: Provider, turn: Turn, balance: &Balance, low: Decimal) -> Alert {
        let (of, amount) = (profile(of).name, balance.amount);
        let (story, advice, short) = match turn {
            Turn::Low => (
                format!("Balance low: {amount} is below {low}"),
                "top up the account at the provider before calls and messages fail.",
                "Top up now.",
            ),
            Turn::Recovered => (
                format!("Balance recovered: {amount}"),
                "nothing. The account can pay for calls and messages again.",
                "All is well.",
            ),
        };
        let facts = rows([
            ("Balance", Some(amount.to_string())),
            ("Limit", Some(format!("{low} (LowBalance)"))),
            ("When", Some(time::readable(balance.at))),
            ("Provider", Some(of.to_owned())),
        ]);
        let often = match turn {
            Turn::Low => format!("once. The next message comes when the balance is above {}.", recovered(low)),
            Turn::Recovered => format!("once. The next message comes when the balance is below {low}."),
        };
        let text = format!("{story}.\n\n{facts}\nWhat to do: {advice}\n\nHow often: {often}\n");
        let sms = [format!("{story}."), short.to_owned(), format!("{of},"), time::readable(balance.at)];
        self.alert(id, &format!("{story} - {of}"), text, Some(&sms))
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
