//! Why an action failed.

use std::borrow::Cow;

use hyper_util::client::legacy;

use crate::reply::{LOCKED, NO_CODE, Unfit};

/// An action that failed.
#[derive(Debug, thiserror::Error)]
#[error("{action}")]
pub struct ApiError {
    action: &'static str,
    #[source]
    fault: Fault,
}

/// What went wrong. No part of an answer is in it but a code and a message.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There was no connection, or it broke.
    #[error("the API could not be reached")]
    Unreachable(#[source] legacy::Error),
    /// The connection broke within the answer.
    #[error("the answer broke off")]
    BrokeOff,
    /// The API did not answer in time.
    #[error("no answer in {0} seconds")]
    Late(u64),
    /// The answer is longer than any that makes sense.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// An answer of HTTP that is no success, without an error of the API in it. A redirect is one: none is followed.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The API did not complete the action, or nobody can tell.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The action is completed, and the answer lacks what it was for.
    #[error("the answer lacks {0}")]
    Lacks(&'static str),
    /// The list has no end.
    #[error("the list of subscriptions does not end")]
    Endless,
}

/// Words of a refusal that may be for a wrong user name or password.
const BAD_LOGIN: [&str; 8] =
    ["accessor.", "login", "log in", "password", "username", "credential", "authenticat", NO_CODE];

impl ApiError {
    pub(super) fn new(action: &'static str, fault: Fault) -> Self {
        Self { action, fault }
    }

    /// The action.
    #[must_use]
    pub fn action(&self) -> &'static str {
        self.action
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The API's code, or a word for what went wrong where it gave none.
    #[must_use]
    pub fn code(&self) -> Cow<'_, str> {
        match &self.fault {
            Fault::Unfit(Unfit::Refused { code, .. }) => code.into(),
            Fault::Unfit(Unfit::Locked { .. }) => LOCKED.into(),
            Fault::Unfit(Unfit::Exception { .. }) => "Exception".into(),
            Fault::Status(status) => format!("Status.{status}").into(),
            Fault::Unreachable(_) | Fault::BrokeOff => "Unreachable".into(),
            Fault::Late(_) => "Late".into(),
            Fault::TooLarge(_) | Fault::Unfit(Unfit::NotJson | Unfit::Foreign) | Fault::Lacks(_) | Fault::Endless => {
                "Unreadable".into()
            }
        }
    }

    /// Whether logins are locked: for ten minutes.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(&self.fault, Fault::Unfit(Unfit::Locked { .. }))
    }

    /// Whether a login was presumably refused for its user name or password. The code of that is not published, so its words decide;
    /// without a code it may be that.
    #[must_use]
    pub fn is_bad_login(&self) -> bool {
        let Fault::Unfit(Unfit::Refused { code, message }) = &self.fault else { return false };
        let told = format!("{code} {message}").to_ascii_lowercase();
        BAD_LOGIN.iter().any(|word| told.contains(word))
    }

    /// Whether the API says that it did not do it, and why.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(&self.fault, Fault::Unfit(Unfit::Refused { .. } | Unfit::Locked { .. }))
    }

    /// Whether there was an answer, of whatever kind. Without one, nobody knows what was done.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !matches!(&self.fault, Fault::Unreachable(_) | Fault::BrokeOff | Fault::Late(_))
    }
}
