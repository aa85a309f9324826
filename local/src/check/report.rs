//! One line for each step, as it is done, and a summary.

use std::fmt;

use super::error::Stop;
use crate::terminal::{Terminal, printable};

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A Trunkline answers.
    Reachable,
    /// It is the release that this program is of.
    Version,
    /// The provider's token is let in.
    Token,
    /// A delivery is kept.
    Delivery,
    /// The variables of `notify` can be read.
    Settings,
    /// The events table's stream is followed.
    Stream,
    /// People are subscribed to the alerts.
    Subscribers,
    /// The account sends SMS.
    Sms,
    /// No alert waits.
    Pending,
    /// An alert is recorded.
    Alert,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reachable => "reachable",
            Self::Version => "version",
            Self::Token => "token",
            Self::Delivery => "delivery",
            Self::Settings => "settings",
            Self::Stream => "stream",
            Self::Subscribers => "subscribers",
            Self::Sms => "sms",
            Self::Pending => "pending",
            Self::Alert => "alert",
        })
    }
}

/// Whether all that was checked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckResult {
    /// It does.
    Holds,
    /// Something failed.
    Failed,
}

/// What was found so far.
pub(crate) struct Report {
    terminal: Terminal,
    passed: Vec<Step>,
    failed: Vec<Step>,
    skipped: Vec<Step>,
}

impl Report {
    pub(crate) fn new(terminal: Terminal) -> Self {
        Self { terminal, passed: Vec::new(), failed: Vec::new(), skipped: Vec::new() }
    }

    /// Tells a step's result, with those words if it passed; gives what it found.
    pub(crate) fn add<T>(&mut self, step: Step, found: Result<T, Stop>, words: impl FnOnce(&T) -> String) -> Option<T> {
        match found {
            Ok(found) => {
                self.say("ok", step, &words(&found));
                self.passed.push(step);
                Some(found)
            }
            Err(Stop::Skipped(why)) => {
                self.skip(step, &why);
                None
            }
            Err(Stop::Failed(error)) => {
                self.say("FAIL", step, &error.to_string());
                self.failed.push(step);
                None
            }
        }
    }

    /// Tells of a step that is not taken.
    pub(crate) fn skip(&mut self, step: Step, why: &str) {
        self.say("skip", step, why);
        self.skipped.push(step);
    }

    /// Tells the summary.
    pub(crate) fn end(self) -> CheckResult {
        self.terminal.say(&self.summary());
        if self.failed.is_empty() { CheckResult::Holds } else { CheckResult::Failed }
    }

    fn say(&self, mark: &str, step: Step, words: &str) {
        self.terminal.say(&printable(&format!("{mark:4} {step:11} {words}")));
    }

    fn summary(&self) -> String {
        let head = match (self.failed.as_slice(), self.skipped.as_slice()) {
            ([], []) => "the stack works",
            ([], _) => "the stack works as far as it was checked",
            _ => "the stack does not work yet",
        };
        let parts = [("failed", &self.failed), ("passed", &self.passed), ("not checked", &self.skipped)];
        let parts = parts.into_iter().filter(|(_, steps)| !steps.is_empty());
        let parts: Vec<_> = parts.map(|(what, steps)| format!("{what}: {}", listed(steps))).collect();
        let mut summary = format!("{head}; {}", parts.join("; "));
        if self.passed.contains(&Step::Alert) {
            // The one thing that cannot be seen from here.
            summary.push_str("; see that the test alert arrives");
        }
        summary
    }
}

fn listed(steps: &[Step]) -> String {
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
