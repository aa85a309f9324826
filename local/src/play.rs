//! `play`: delivers a scenario of the samples to a stack, as its provider would, with fresh ids and times.

use std::fmt;

use clap::ValueEnum;
use jiff::Timestamp;

use crate::asking::AskError;
use crate::client::{Answer, ApiUrl, StackClient};
use crate::demo::script::{ANSWERED, COLLEAGUES, MENU, NUMBERS_ORDERED, OUT_OF_MONEY, SMS_SENT, Scene};
use crate::demo::shift::shifted;
use crate::holder::{CheckTokens, TokenHolder};
use crate::terminal::{Terminal, printable};

/// What `play --help` says behind the flags.
pub(crate) const HELP: &str = "\
The provider's token comes from the environment: TRUNKLINE_OPENTACT_TOKEN, or TRUNKLINE_ONSIP_TOKEN for menu and onsip-call. So may the
address: TRUNKLINE_URL.

A deployed stack admits Opentact's deliveries from OpentactAddresses only: there, play menu or onsip-call, or add your own address.
What is played is stored, alerted and published like any other delivery.

Exit status: 0 delivered, 1 the stack did not take it, 2 wrong usage.";

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Opentact: a call with two legs, answered and ended
    Call,
    /// Opentact: a call that fails since the balance is empty
    FailedCall,
    /// OnSIP: through a menu to a user, recorded
    Menu,
    /// Opentact: a message, sent and delivered
    Sms,
    /// Opentact: an order of numbers
    Order,
    /// OnSIP: a call between two users, recorded
    OnsipCall,
}

impl Scenario {
    fn scene(self) -> Scene {
        match self {
            Self::Call => ANSWERED,
            Self::FailedCall => OUT_OF_MONEY,
            Self::Menu => MENU,
            Self::Sms => SMS_SENT,
            Self::Order => NUMBERS_ORDERED,
            Self::OnsipCall => COLLEAGUES,
        }
    }

    /// Its provider.
    fn holder(self) -> TokenHolder {
        match self {
            Self::Menu | Self::OnsipCall => TokenHolder::Onsip,
            Self::Call | Self::FailedCall | Self::Sms | Self::Order => TokenHolder::Opentact,
        }
    }
}

/// What to play, and to which stack.
#[derive(Debug, clap::Args)]
pub(crate) struct Playing {
    /// What is played
    scenario: Scenario,

    /// The stack's output ApiUrl
    #[arg(long, env = "TRUNKLINE_URL")]
    url: String,
}

impl Playing {
    /// Plays it, with the token of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let (url, tokens): (ApiUrl, _) = (self.url.parse()?, CheckTokens::read(lookup)?);
        let token = tokens.of(self.scenario.holder())?;
        let (client, now) = (StackClient::new(&url)?, Timestamp::now());
        let outsider = usize::try_from(now.as_second() % 60).unwrap_or_default();
        let (scene, mut last) = (self.scenario.scene(), None);
        for (body, sample) in shifted(scene, now, outsider).into_iter().zip(scene.iter()) {
            let answer = client.post(sample.route, token, body).await?;
            if !answer.status.is_success() {
                return Err(AskError::refused(&answer));
            }
            terminal.say(&printable(&Delivered(sample.route, &answer).to_string()));
            last = answer.text("id").or(last);
        }
        if let Some(call) = last.as_deref().and_then(call_of) {
            terminal.say(&format!("\n{url}/console/calls/{call}\ntrunkline call {url}/calls/{call}"));
        }
        Ok(())
    }
}

/// The call of an event's id, where it is of one.
fn call_of(event: &str) -> Option<&str> {
    event.split('~').next().filter(|partition| partition.split('.').nth(1) == Some("call"))
}

/// A delivery and what became of it.
struct Delivered<'a>(&'a str, &'a Answer);

impl fmt::Display for Delivered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(route, answer) = self;
        let word = |name| answer.text(name).unwrap_or_default();
        write!(f, "POST {route:<26} {}  {:<11} {}", answer.status.as_u16(), word("status"), word("id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_event_of_a_call_leads_to_one() {
        assert_eq!(call_of("opentact.call.1~2026~a"), Some("opentact.call.1"));
        assert_eq!(call_of("opentact.message.1~2026~a"), None);
    }

    #[test]
    fn a_scenario_needs_the_token_of_its_provider() {
        for scenario in Scenario::value_variants() {
            let onsip = scenario.scene().iter().all(|sample| sample.route.starts_with("/webhooks/onsip/"));
            assert_eq!(scenario.holder() == TokenHolder::Onsip, onsip, "{scenario:?}");
        }
    }
}
