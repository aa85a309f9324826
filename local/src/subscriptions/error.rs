//! Why a command did not do what it was for.

use renew::api::{ApiError, RootsError};

use super::settings::SettingsFault;
use crate::client::UrlError;

/// What came between.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubscriptionsError {
    /// The URL is not that of a stack.
    #[error("--url")]
    Url(#[from] UrlError),
    /// The environment lacks something, or has something wrong.
    #[error(transparent)]
    Settings(#[from] SettingsFault),
    /// There is nothing to add with.
    #[error("TRUNKLINE_ONSIP_TOKEN is not set: the token in OnSIP's webhook URL")]
    Token,
    /// TLS can't be set up.
    #[error("TLS cannot be set up on this machine")]
    Tls(#[from] RootsError),
    /// Logins are locked. Another one would be one more in the wrong place.
    #[error("OnSIP has locked logins after bad ones: wait eleven minutes, and check ONSIP_USERNAME and ONSIP_PASSWORD")]
    Locked,
    /// OnSIP did not do it.
    #[error("OnSIP")]
    Api(#[source] ApiError),
    /// Nobody knows whether it was added.
    #[error("OnSIP may have added it, though it did not say so: see list before you add another one")]
    Add(#[source] ApiError),
    /// It may have no such action.
    #[error(
        "OnSIP did not delete it; delete it in the administrators' portal, or let it die: it does 24 hours after its last renewal"
    )]
    Delete(#[source] ApiError),
    /// There is nothing to remove.
    #[error("OnSIP lists no subscription {id} in this organization")]
    Unlisted {
        /// What was asked for.
        id: String,
    },
    /// Nobody agreed.
    #[error("nothing was done")]
    Withheld,
}

impl From<ApiError> for SubscriptionsError {
    fn from(error: ApiError) -> Self {
        if error.is_locked() { Self::Locked } else { Self::Api(error) }
    }
}

impl SubscriptionsError {
    /// Whether the command was given wrongly.
    pub(crate) fn is_misuse(&self) -> bool {
        matches!(self, Self::Url(_) | Self::Settings(_) | Self::Token)
    }
}
