//! The actions that the stand-in knows, by the names that the API gives them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a request asks for in its parameter `Action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Logs in. doc
    SessionCreate,
    /// Logs out. doc
    SessionDestroy,
    /// Does nothing. doc
    NoOp,
    /// A user, and where it belongs. doc
    UserRead,
    /// The organizations of an account. doc
    OrganizationBrowse,
    /// A new subscription. doc
    WebhookSubscriptionAdd,
    /// Another 24 hours for a subscription. doc
    WebhookSubscriptionRenew,
    /// The subscriptions of an organization. doc
    WebhookSubscriptionBrowse,
    /// One subscription. doc
    WebhookSubscriptionRead,
    /// The end of a subscription. guess: that it can be deleted is documented, the action's name is not
    WebhookSubscriptionDelete,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::SessionCreate,
        Self::SessionDestroy,
        Self::NoOp,
        Self::UserRead,
        Self::OrganizationBrowse,
        Self::WebhookSubscriptionAdd,
        Self::WebhookSubscriptionRenew,
        Self::WebhookSubscriptionBrowse,
        Self::WebhookSubscriptionRead,
        Self::WebhookSubscriptionDelete,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.to_string() == name)
    }

    /// The parameters without which it is not valid, beside `Action`.
    pub(crate) fn required(self) -> &'static [&'static str] {
        match self {
            // doc
            Self::SessionCreate => &["Username", "Password"],
            // doc: what needs a session needs its id
            Self::SessionDestroy | Self::NoOp => &["SessionId"],
            // doc; an address or a name in place of the id is left out here
            Self::UserRead => &["SessionId", "UserId"],
            // doc
            Self::OrganizationBrowse => &["SessionId", "AccountId"],
            // doc: Version is optional
            Self::WebhookSubscriptionAdd => &["SessionId", "OrganizationId", "Name", "TargetUrl", "SslVerify"],
            // seen
            Self::WebhookSubscriptionBrowse => &["SessionId", "OrganizationId"],
            // doc, and guess for Delete
            Self::WebhookSubscriptionRenew | Self::WebhookSubscriptionRead | Self::WebhookSubscriptionDelete => {
                &["SessionId", "WebhookSubscriptionId"]
            }
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names of the variants are the API's own.
        fmt::Debug::fmt(self, f)
    }
}
