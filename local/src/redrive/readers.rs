//! The readers of the stream, here in this process.

use std::fmt;

use index::{Index, IndexSettings};
use jiff::Timestamp;
use notify::{Notify, NotifySettings};
use serde_json::Value;
use shared::aws::Aws;

use super::trouble::Trouble;
use crate::lambda_answer::Outcome;

/// A reader of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Reader {
    /// Writes what reading needs
    Index,
    /// Alerts and publishes
    Notify,
}

impl Reader {
    /// The reader that a letter names; `notify` was the only one once, and named none.
    pub(super) fn of_letter(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some(notify::READER) => Some(Self::Notify),
            Some(index::READER) => Some(Self::Index),
            Some(_) => None,
        }
    }

    /// The reader whose function that is: `CloudFormation` names a function by its logical id.
    pub(crate) fn of_arn(arn: &str) -> Self {
        if arn.contains("-IndexFunction-") { Self::Index } else { Self::Notify }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Notify => notify::READER,
            Self::Index => index::READER,
        })
    }
}

/// Both of them.
#[derive(Debug)]
pub(super) struct Readers {
    notify: Notify,
    index: Index,
}

impl Readers {
    pub(super) fn new(notify: NotifySettings, index: IndexSettings, aws: &Aws) -> Self {
        Self { notify: Notify::new(notify, aws), index: Index::new(index, aws) }
    }

    /// Gives a batch to a reader. What it does not take all of comes again whole: it knows what it has done.
    pub(super) async fn give(&self, reader: Reader, event: Value) -> Result<(), Trouble> {
        let answer = match reader {
            Reader::Notify => self.notify.handle(event, Timestamp::now()).await.map_err(Trouble::Notify)?,
            Reader::Index => self.index.handle(&event, Timestamp::now()).await.map_err(Trouble::Index)?,
        };
        match Outcome::read(&answer, &[]) {
            Outcome::Done => Ok(()),
            Outcome::FailedFrom(_) => Err(Trouble::NotTaken),
        }
    }
}
