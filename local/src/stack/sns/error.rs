//! SNS's errors: the code and status that AWS gives, which is what the SDK makes its error types from.

use axum::http::StatusCode;

/// Why SNS does not take a request or a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnsError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl SnsError {
    /// A request that SNS refuses for what it says.
    pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// A parameter outside its limits.
    pub(crate) fn parameter(what: &str) -> Self {
        Self::bad("InvalidParameter", format!("Invalid parameter: {what}"))
    }

    /// A message attribute outside its rules.
    pub(crate) fn value(message: String) -> Self {
        Self::bad("ParameterValueInvalid", message)
    }

    /// A topic that is not there.
    pub(crate) fn unknown_topic() -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "NotFound", message: "Topic does not exist".to_owned() }
    }
}
