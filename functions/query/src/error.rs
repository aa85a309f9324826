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
pub(crate) enum QueryError {
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    #[error("this token lacks the right {0}")]
    NoRight(Right),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the events behind the cursor were not read in time; try again")]
    Unread,
    #[error("the delivery stays in quarantine: {0}")]
    StillUnreadable(String),
    #[error("a row of the list could not be written")]
    Row(#[source] serde_json::Error),
    #[error("the description of the API could not be read")]
    Description(#[source] std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl QueryError {
    /// The problem document. The log gets what the client cannot mend.
    pub(crate) fn problem(&self) -> Response<Body> {
        match self {
            Self::Parameter(wrong) => answer::problem(StatusCode::BAD_REQUEST, &wrong.to_string()),
            Self::NoRight(_) => answer::problem(StatusCode::FORBIDDEN, &self.to_string()),
            Self::NotFound(_) => answer::not_found(&self.to_string()),
            Self::Unread => answer::unavailable(&self.to_string()),
            Self::StillUnreadable(_) => answer::problem(StatusCode::UNPROCESSABLE_ENTITY, &self.to_string()),
            Self::Row(_) | Self::Description(_) => {
                tracing::error!(error = chain(self), "the answer can't be made");
                answer::problem(StatusCode::INTERNAL_SERVER_ERROR, &self.to_string())
            }
            Self::Store(StoreError::Item { .. }) => {
                tracing::error!(error = chain(self), "an item could not be read");
                answer::problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "a stored item could not be read; see the function's log",
                )
            }
            Self::Store(_) | Self::Outbox(_) => {
                tracing::error!(error = chain(self), "the store did not answer");
                answer::unavailable("the store did not answer; try again")
            }
        }
    }
}
