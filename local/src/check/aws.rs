//! What AWS says of a stack from within, as far as these credentials may look: where they may not, or nothing answers, a step is
//! skipped. Nothing is changed.

mod pending;
mod sms;
mod stream;
mod subscribers;

use notify::NotifySettings;
use shared::aws::{Aws, ServiceError};
use shared::log::chain;
use shared::settings::{Lookup, SettingsError, Switch};

use super::error::{CheckError, Stop};
use super::report::{Report, Step};
use crate::redrive::{PATIENCE, VariablesError};

/// The stack as the environment of its `notify` describes it.
pub(super) struct StackAws {
    notify: NotifySettings,
    aws: Aws,
    sns: aws_sdk_sns::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
}

impl StackAws {
    /// For the stack whose `notify` has that environment.
    pub(super) fn new(lookup: Lookup<'_>) -> Result<Self, VariablesError> {
        let (aws, notify) = (Aws::read(lookup), NotifySettings::read(lookup));
        let (aws, notify) = match (aws, notify) {
            (Ok(aws), Ok(notify)) => (aws.with_time(PATIENCE.0, PATIENCE.1), notify),
            (aws, notify) => {
                let problems: Vec<SettingsError> = [aws.err(), notify.err()].into_iter().flatten().collect();
                return Err(VariablesError::Settings(problems));
            }
        };
        let sns = aws_sdk_sns::Client::new(&aws.service("SNS"));
        let cloudwatch = aws_sdk_cloudwatch::Client::new(&aws.service("CLOUDWATCH"));
        Ok(Self { notify, aws, sns, cloudwatch })
    }

    /// Takes each step, and tells it.
    pub(super) async fn look(&self, report: &mut Report) {
        report.add(Step::Settings, self.settings(), |()| "notify reads all that it has".to_owned());
        report.add(Step::Stream, self.stream().await, |()| stream::FOLLOWED.to_owned());
        report.add(Step::Subscribers, self.subscribers().await, Clone::clone);
        report.add(Step::Sms, self.sms().await, Clone::clone);
        report.add(Step::Pending, self.pending().await, |()| pending::NONE.to_owned());
    }

    /// Those of `notify`. What is wrong with another function's, the alarm `WrongSettings` tells.
    fn settings(&self) -> Result<(), Stop> {
        let faults = self.notify.faults.iter().chain(self.aws.faults());
        let faults: Vec<_> = faults.map(|fault| format!("{}: {}", fault.name, fault.reason)).collect();
        if faults.is_empty() { Ok(()) } else { Err(CheckError::Settings { faults: faults.join("; ") }.into()) }
    }

    /// Whether anybody is meant to be told by SMS.
    fn sends_sms(&self) -> bool {
        self.notify.channel.sms == Switch::On
    }
}

/// What could not be looked at, with the action that it needs.
fn unseen(action: &'static str, error: impl Into<ServiceError>) -> Stop {
    Stop::Skipped(format!(
        "could not look: {action} was answered {}; is it allowed?",
        chain(&error.into().with_message())
    ))
}

/// The same, where a missing thing is told in another way.
fn missing(action: &'static str, error: impl Into<ServiceError>, codes: &[&str], missing: CheckError) -> Stop {
    let error = error.into();
    if error.code().is_some_and(|code| codes.contains(&code)) { missing.into() } else { unseen(action, error) }
}
