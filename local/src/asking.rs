//! Asking a stack for what it knows, or to do something: why that may fail, and reading its answer.

use std::io;

use hyper::StatusCode;
use serde::de::DeserializeOwned;

use crate::client::{Answer, ClientError, UrlError};
use crate::holder::{Missing, TokenError};
use crate::terminal::printable;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// The URL is not that of a stack.
    #[error("--url")]
    Url(#[from] UrlError),
    /// A token is not fit to be sent.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no token.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What was answered can't be shown.
    #[error("standard output can't be written")]
    Output(#[from] io::Error),
    /// Another answer than was hoped for.
    #[error("the stack answered {status}: {words}")]
    Refused {
        /// What it was.
        status: StatusCode,
        /// Its words.
        words: String,
    },
}

impl AskError {
    /// Whether the command was given wrongly, so that nothing was asked.
    pub(crate) fn is_misuse(&self) -> bool {
        matches!(self, Self::Url(_) | Self::Token(_) | Self::Missing(_))
    }

    /// Whether the same may be answered when it is asked again.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Client(_) => true,
            Self::Refused { status, .. } => status.is_server_error(),
            Self::Url(_) | Self::Token(_) | Self::Missing(_) | Self::Output(_) => false,
        }
    }

    /// Whether whoever read has gone away, as `head` does: that ends the reading, and is no failure.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Another answer than was hoped for.
    pub(crate) fn refused(answer: &Answer) -> Self {
        let words = answer.text("detail").unwrap_or_else(|| answer.to_string());
        Self::Refused { status: answer.status, words: printable(&words) }
    }
}

/// What an answer of 200 holds.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, AskError> {
    let told = (answer.status == StatusCode::OK).then(|| serde_json::from_slice(&answer.body).ok()).flatten();
    told.ok_or_else(|| if is_another_page(answer) { other(answer, NO_API) } else { AskError::refused(answer) })
}

/// The CSV that an answer of 200 holds.
pub(crate) fn read_csv(answer: &Answer) -> Result<String, AskError> {
    match (answer.status, answer.content_type.starts_with("text/csv")) {
        (StatusCode::OK, true) => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
        _ if is_another_page(answer) => Err(other(answer, NO_API)),
        (StatusCode::OK, false) => Err(other(answer, "no CSV: the stack is of an earlier version")),
        _ => Err(AskError::refused(answer)),
    }
}

/// What is said of an answer that the API never gives.
const NO_API: &str = "that is no JSON; the URL must be the stack's output ApiUrl (not ConsoleUrl)";

/// Whether something else than the API answered, such as the console: of its pages, or that it has no such page.
fn is_another_page(answer: &Answer) -> bool {
    [StatusCode::OK, StatusCode::NOT_FOUND].contains(&answer.status) && answer.json().is_err()
}

fn other(answer: &Answer, words: &str) -> AskError {
    AskError::Refused { status: answer.status, words: words.to_owned() }
}
