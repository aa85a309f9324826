//! Why a run did not renew. What is said here is remembered, logged and told: nothing of the secret is in it.

use std::borrow::Cow;

use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use shared::log::chain;
use shared::outbox::OutboxError;
use shared::renewal::Cause;
use shared::time::readable;

use crate::api::{ADD, ApiError, LOG_IN};
use crate::credentials::CredentialsError;

/// Why a run did not renew.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The secret can't be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// Logins are locked, and one more would lock them for longer.
    #[error("no login before {}: logins are locked", readable(*until))]
    Locked {
        /// Until when.
        until: Timestamp,
    },
    /// Logins with this secret were refused, so many or so lately that one more could lock the account.
    #[error("no login before {}, unless the secret changes: the last was refused", readable(*until))]
    LoginsRefused {
        /// Until when.
        until: Timestamp,
    },
    /// An action at the API failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// A subscription was added, and nobody knows which it is.
    #[error("the subscription that was added is not listed")]
    Unlisted,
    /// The run's time is over.
    #[error("the run took too long")]
    OverTime,
    /// What is to be remembered can't be: so nothing is added.
    #[error(transparent)]
    Table(#[from] OutboxError),
    /// Another run took over.
    #[error("another run took over")]
    Overtaken,
}

impl Failure {
    /// The API's code, or a word of ours.
    #[must_use]
    pub fn code(&self) -> Cow<'_, str> {
        match self {
            Self::Credentials(CredentialsError::Unavailable(_)) => "SecretUnavailable".into(),
            Self::Credentials(CredentialsError::Incomplete | CredentialsError::NotText(_)) => "SecretIncomplete".into(),
            Self::Locked { .. } => "LoginsLocked".into(),
            Self::LoginsRefused { .. } => "LoginsRefused".into(),
            Self::Api(error) => error.code(),
            Self::Unlisted => "Unlisted".into(),
            Self::OverTime => "Late".into(),
            Self::Table(_) | Self::Overtaken => "StateUnavailable".into(),
        }
    }

    /// Whether nothing was tried, because of what came before.
    #[must_use]
    pub fn is_wait(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::LoginsRefused { .. })
    }

    /// What has to be mended.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::Credentials(_) => Cause::Secret,
            Self::Locked { .. } => Cause::Locked,
            Self::LoginsRefused { .. } => Cause::Login,
            Self::Api(error) if error.is_locked() => Cause::Locked,
            Self::Api(error) if error.is_bad_login() && error.action() == LOG_IN => Cause::Login,
            Self::Api(error) if error.is_refusal() && error.action() == ADD => Cause::Target,
            Self::Api(_) | Self::Unlisted | Self::OverTime | Self::Table(_) | Self::Overtaken => Cause::Api,
        }
    }
}

/// Why an invocation failed: what became of the run could not be remembered. Any other failure is remembered and told.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] OutboxError);

/// The runtime's log and metrics name an error by its type; this name stays as it is.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self { error_type: "AlertsTableUnavailable".to_owned(), error_message: chain(&error) }
    }
}
