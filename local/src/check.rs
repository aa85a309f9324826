//! `check`: tests a deployed stack from outside, as a provider, a reader and an operator use it, and says in words what
//! is wrong; and, with the settings of its `notify`, from within. Each step is reported as soon as it is done, and no token is ever
//! printed.

mod admission;
mod alert;
mod aws;
mod delivery;
mod error;
mod reach;
mod report;
mod version;

use std::path::PathBuf;

use shared::settings::Lookup;
use shared::version::VERSION;

use self::aws::StackAws;
use self::error::Stop;
use self::report::{Report, Step};
use crate::client::{ApiUrl, StackClient, UrlError};
use crate::holder::{CheckTokens, TokenError};
use crate::redrive::{Variables, VariablesError};
use crate::terminal::Terminal;

pub(crate) use self::report::CheckResult;

/// What `check --help` says of the environment.
pub(crate) const HELP: &str = "\
Tokens come from the environment, so that they stay out of the shell's history. What needs a missing one is skipped:
  TRUNKLINE_ONSIP_TOKEN     the token in OnSIP's webhook URL (its digest is in OnsipTokenDigests)
  TRUNKLINE_READ_TOKEN      a reader's token (its digest is in ReadTokenDigests)
  TRUNKLINE_OPERATOR_TOKEN  an operator's token (its digest is in OperatorTokenDigests)

With --settings, it also asks AWS whether the stream of the events table is followed, who is subscribed to the alerts, whether
the account sends SMS, and whether alerts wait. FILE is the environment of the function notify, as a JSON object:
  aws lambda get-function-configuration --function-name NAME --query Environment.Variables | trunkline check --url URL --settings -
Region and credentials come from this process's environment. What they do not allow is skipped:
  dynamodb:DescribeTable, Query; lambda:ListEventSourceMappings; sns:ListSubscriptionsByTopic, CheckIfPhoneNumberIsOptedOut,
  GetSMSSandboxAccountStatus, ListSMSSandboxPhoneNumbers, GetSMSAttributes

The delivery is stored as an event of type trunkline.test and stays; it alerts nobody.
The test alert goes to everybody who gets alerts, by e-mail and SMS.

Exit status: 0 what was checked holds, 1 something failed, 2 wrong usage.";

/// Why a step is not taken where nothing answers.
const UNREACHED: &str = "the stack was not reached";

/// What is checked.
#[derive(clap::Args)]
pub(crate) struct CheckFlags {
    /// The stack's output ApiUrl
    #[arg(long, env = "TRUNKLINE_URL")]
    url: String,

    /// Ask AWS too: the environment of notify, as a JSON object; - is standard input
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// A stack to check, and who to be.
pub(crate) struct Check {
    url: ApiUrl,
    tokens: CheckTokens,
    aws: Option<StackAws>,
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
    /// The settings are none.
    #[error(transparent)]
    Settings(#[from] VariablesError),
}

impl Check {
    /// A check of what the flags name, with the tokens of an environment.
    pub(crate) fn new(flags: &CheckFlags, lookup: Lookup<'_>) -> Result<Self, UsageError> {
        let (url, tokens) = (flags.url.parse()?, CheckTokens::read(lookup)?);
        let variables = flags.settings.as_deref().map(Variables::open).transpose()?;
        let aws = variables.map(|variables| StackAws::new(&|name| variables.get(name))).transpose()?;
        Ok(Self { url, tokens, aws })
    }

    /// Takes every step that can be taken.
    pub(crate) async fn run(&self, terminal: Terminal) -> CheckResult {
        let mut report = Report::new(terminal);
        let reached = reach::reach(&self.url).await;
        let client = report.add(Step::Reachable, reached, |_| format!("{} is a Trunkline", self.url));
        match &client {
            Some(client) => {
                report.add(Step::Version, version::compare(client).await, |()| format!("{VERSION}, as this program"));
                self.deliver(client, &mut report).await;
            }
            None => {
                [Step::Version, Step::Token, Step::Delivery].into_iter().for_each(|step| report.skip(step, UNREACHED))
            }
        }
        match &self.aws {
            Some(aws) => aws.look(&mut report).await,
            None => report.skip(Step::Settings, "AWS is not asked: --settings names those of notify; see --help"),
        }
        let alerted = match &client {
            Some(client) => alert::send(client, &self.tokens).await,
            None => Err(Stop::Skipped(UNREACHED.to_owned())),
        };
        report.add(Step::Alert, alerted, |()| alert::SENT.to_owned());
        report.end()
    }

    async fn deliver(&self, client: &StackClient, report: &mut Report) {
        let accepted = admission::accepted(client, &self.tokens).await;
        let accepted = report.add(Step::Token, accepted, |_| admission::ACCEPTED.to_owned());
        let delivered = delivery::deliver(client, accepted, &self.tokens).await;
        report.add(Step::Delivery, delivered, delivery::words);
    }
}
