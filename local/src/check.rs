//! `check`: tests a deployed stack from outside, as a provider, a reader and an operator use it, and says in words what
//! is wrong. Each step is reported as soon as it is done, and no token is ever printed.

mod admission;
mod alert;
mod delivery;
mod error;
mod reach;
mod report;
mod token;

use self::report::{Report, Step};
pub(crate) use self::token::{CheckTokens, Missing, TokenError, TokenHolder};
use crate::client::{ApiUrl, UrlError};
use crate::terminal::Terminal;

pub(crate) use self::report::CheckResult;

/// What `check --help` says of the environment.
pub(crate) const HELP: &str = "\
Tokens come from the environment, so that they stay out of the shell's history. What needs a missing one is skipped:
  TRUNKLINE_ONSIP_TOKEN     the token in OnSIP's webhook URL (its digest is in OnsipTokenDigests)
  TRUNKLINE_READ_TOKEN      a reader's token (its digest is in ReadTokenDigests)
  TRUNKLINE_OPERATOR_TOKEN  an operator's token (its digest is in OperatorTokenDigests)

The delivery is stored as an event of type trunkline.test and stays; it alerts nobody.
The test alert goes to everybody who gets alerts, by e-mail and SMS.

Exit status: 0 what was checked holds, 1 something failed, 2 wrong usage.";

/// A stack to check, and who to be.
pub(crate) struct Check {
    url: ApiUrl,
    tokens: CheckTokens,
}

/// Why there is nothing to check.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    /// The URL is not that of a stack.
    #[error("--url")]
    Url(#[from] UrlError),
    /// A token is not fit to be sent.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl Check {
    /// A check of the stack at that URL, with the tokens of an environment.
    pub(crate) fn new(url: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, UsageError> {
        Ok(Self { url: url.parse()?, tokens: CheckTokens::read(lookup)? })
    }

    /// Takes every step that can be taken.
    pub(crate) async fn run(&self, terminal: Terminal) -> CheckResult {
        let mut report = Report::new(terminal);
        let reached = reach::reach(&self.url).await;
        let Some(client) = report.add(Step::Reachable, reached, |_| format!("{} is a Trunkline", self.url)) else {
            for step in [Step::Token, Step::Delivery, Step::Alert] {
                report.skip(step, "the stack was not reached");
            }
            return report.end();
        };
        let accepted = admission::accepted(&client, &self.tokens).await;
        let accepted = report.add(Step::Token, accepted, |_| admission::ACCEPTED.to_owned());
        let delivered = delivery::deliver(&client, accepted, &self.tokens).await;
        report.add(Step::Delivery, delivered, delivery::words);
        report.add(Step::Alert, alert::send(&client, &self.tokens).await, |()| alert::SENT.to_owned());
        report.end()
    }
}
