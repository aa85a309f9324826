//! Errors of the API, and the problem document for each.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use shared::access::Right;
use shared::answer;
use shared::log::chain;
use shared::outbox::OutboxError;
use shared::store::StoreError;
use shared::told::ToldError;

use crate::parameters::ParameterError;

impl From<ToldError> for QueryError {
    fn from(error: ToldError) -> Self {
        match error {
            ToldError::Item(error) => error.into(),
            ToldError::List(error) => error.into(),
        }
    }
}

/// Why a request is answered with a problem document.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A parameter is wrong.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The token does not have it.
    #[error("this token lacks the right {0}")]
    NoRight(Right),
    /// There is nothing of that id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Too much was to be read.
    #[error("the events behind the cursor were not read in time; try again")]
    Unread,
    /// A retry read no more than before.
    #[error("the delivery stays in quarantine: {0}")]
    StillUnreadable(String),
    /// A row has no JSON.
    #[error("a row of the list could not be written")]
    Row(#[source] serde_json::Error),
    /// It does not unpack.
    #[error("the description of the API could not be read")]
    Description(#[source] std::io::Error),
    /// The events table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The alerts table did not answer.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl QueryError {
    /// The status of an answer that says so.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Parameter(_) => StatusCode::BAD_REQUEST,
            Self::NoRight(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::StillUnreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Row(_) | Self::Description(_) | Self::Store(StoreError::Item { .. }) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Unread | Self::Store(_) | Self::Outbox(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the client is told. The log gets what it cannot mend.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Row(_) | Self::Description(_) => {
                tracing::error!(error = chain(self), "the answer can't be made");
                self.to_string()
            }
            Self::Store(StoreError::Item { .. }) => {
                tracing::error!(error = chain(self), "an item could not be read");
                "a stored item could not be read; see the function's log".to_owned()
            }
            Self::Store(_) | Self::Outbox(_) => {
                tracing::error!(error = chain(self), "the store did not answer");
                "the store did not answer; try again".to_owned()
            }
            _ => self.to_string(),
        }
    }

    /// The problem document.
    pub(crate) fn problem(&self) -> Response<Body> {
        match self.status() {
            StatusCode::SERVICE_UNAVAILABLE => answer::unavailable(&self.told()),
            status => answer::problem(status, &self.told()),
        }
    }
}
