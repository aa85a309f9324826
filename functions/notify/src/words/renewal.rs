//! Alerts of the subscription at OnSIP.

use jiff::Timestamp;
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, Attributes, Severity};
use shared::renewal::{Cause, Renewal};

use super::plain::line;
use super::{Words, lasting, rows};
use crate::renewal::Stage;

impl Words {
    /// The alert of a subscription that was not renewed, has little time left, or is dead.
    #[must_use]
    pub fn not_renewed(&self, id: String, stage: Stage, known: &Renewal, now: Timestamp) -> Alert {
        let story = story(stage, known, now);
        let trouble = known.trouble.as_ref();
        let facts = rows([
            ("Dead", known.dead_at.map(|at| self.time(at))),
            ("Renewed", known.renewed_at.map(|at| self.time(at))),
            ("Failing", trouble.map(|trouble| format!("since {}", self.time(trouble.since)))),
            ("Error", trouble.map(|trouble| self.shown(&trouble.message))),
            ("Provider", Some("OnSIP".to_owned())),
        ]);
        let advice = trouble.map_or(NO_RUN, |trouble| advice(trouble.cause));
        let often = match stage {
            Stage::Well | Stage::Failing => {
                "once. The next message comes when six hours are left, or when it is renewed."
            }
            Stage::Short => "once. The next message comes when it is dead, or when it is renewed.",
            Stage::Dead => "once. The next message comes when it is renewed.",
        };
        let by_hand = known.subscription.as_ref().map_or_else(String::new, |ours| format!(" --id {}", line(&ours.id)));
        let text = format!(
            "{story}. What to do: {advice} By hand: trunkline subscriptions renew{by_hand}.\n\nA subscription dies 24 hours after it was \
             last renewed, and then OnSIP delivers nothing. What is not delivered is lost.\n\n{facts}\nHow often: {often}\n"
        );
        let sms = [format!("{story}."), "See the e-mail.".to_owned(), self.time(now)];
        let alert = self.alert(id, &story, text, (stage > Stage::Failing).then_some(sms.as_slice()));
        alert.with(attributes(stage, AlertState::Open))
    }

    /// The news that it is renewed again; by SMS where the worst was told so.
    #[must_use]
    pub fn renewed(&self, id: String, told: Stage, known: &Renewal) -> Alert {
        let story = "OnSIP's subscription is renewed again";
        let facts = rows([
            ("Renewed", known.renewed_at.map(|at| self.time(at))),
            ("Dead", known.dead_at.map(|dead| format!("{}, unless renewed", self.time(dead)))),
        ]);
        let advice = match told {
            Stage::Dead => "nothing; what happened while it was dead is missing.",
            Stage::Well | Stage::Failing | Stage::Short => "nothing.",
        };
        let text = format!("{story}. What to do: {advice}\n\n{facts}");
        let sms = [format!("{story}."), "All is well.".to_owned()];
        let alert = self.alert(id, story, text, (told > Stage::Failing).then_some(sms.as_slice()));
        alert.with(attributes(told, AlertState::Over))
    }

    /// The alert of old subscriptions of ours that could not be deleted.
    #[must_use]
    pub fn old_subscription(&self, id: String, ids: &str, dead: Timestamp) -> Alert {
        let story = "An old subscription at OnSIP could not be deleted";
        let until = self.time(dead);
        let facts = rows([("Id", Some(line(ids))), ("Dead", Some(until))]);
        let text = format!(
            "{story}. What to do: nothing, or delete it: trunkline subscriptions remove, with that id.\n\nUntil it dies, OnSIP may deliver each \
             event twice; one of the two is stored.\n\n{facts}\nHow often: once.\n"
        );
        self.alert(id, story, text, None).with(attributes(Stage::Well, AlertState::Open))
    }
}

/// What people choose an alert of the subscription by.
fn attributes(stage: Stage, state: AlertState) -> Attributes {
    Attributes {
        provider: Some(Provider::Onsip),
        class: Some("renewal".to_owned()),
        severity: Some(if stage > Stage::Failing { Severity::Critical } else { Severity::Warning }),
        state: Some(state),
        ..Attributes::default()
    }
}

fn story(stage: Stage, known: &Renewal, now: Timestamp) -> String {
    let left = known.dead_at.map(|dead| lasting(dead.duration_since(now)));
    match (stage, left) {
        (Stage::Dead, _) => "OnSIP's subscription is dead: nothing is delivered".to_owned(),
        (_, None) => "OnSIP is not subscribed: nothing is delivered".to_owned(),
        (Stage::Short, Some(left)) => format!("OnSIP's subscription dies in {left}"),
        (Stage::Well | Stage::Failing, Some(left)) => format!("OnSIP's subscription was not renewed: {left} left"),
    }
}

const NO_RUN: &str = "see the log of the function Renew: nothing has tried to renew it.";

fn advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Secret => {
            "look at the secret that OnsipSecretArn names: it must be JSON with username, password and token, and its key must \
             be one that the function may use."
        }
        Cause::Login => {
            "put the right user name and password into the secret. Until it changes there are at most three logins in 24 hours, \
             so that the account is not locked."
        }
        Cause::Locked => {
            "find out who logs in with a wrong password. Logins at OnSIP are locked for ten minutes, and the next run tries again."
        }
        Cause::Target => {
            "see whether the stack answers OnSIP's probe (trunkline check), and whether OnsipTokenDigests holds the digest of the \
             token in the secret."
        }
        Cause::Api => "wait for the next run, and see whether OnSIP's API is down.",
    }
}

#[cfg(test)]
mod tests;
