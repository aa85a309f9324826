//! Why a replay ends early.

use notify::ShownError;
use shared::aws::ServiceError;
use shared::settings::SettingsError;

use crate::asking::AskError;

/// Why not all was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// The stack did not answer as hoped.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// Region or credentials are missing.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A time is none, or the end is not behind the beginning.
    #[error("{0}")]
    Times(&'static str),
    /// The stack is of another version.
    #[error(transparent)]
    Shown(#[from] ShownError),
    /// The topic did not take some; the log has its words.
    #[error("the topic did not take {0} messages")]
    Topic(usize),
    /// The queue did not answer.
    #[error("the queue did not take a batch")]
    Queue(#[source] ServiceError),
    /// The queue did not take some of a batch.
    #[error("the queue did not take a message: {0}")]
    Refused(String),
    /// Nobody agreed.
    #[error("nothing was sent")]
    Withheld,
    /// It could not be interrupted.
    #[error("listening for signals")]
    Signals(#[source] std::io::Error),
    /// Ctrl-C, or what a service manager sends.
    #[error("interrupted")]
    Interrupted,
}

impl ReplayError {
    /// Whether the command was given wrongly, so that nothing was done.
    pub(crate) fn is_misuse(&self) -> bool {
        match self {
            Self::Ask(error) => error.is_misuse(),
            Self::Settings(_) | Self::Times(_) => true,
            _ => false,
        }
    }
}
