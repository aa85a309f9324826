//! A client of OnSIP's API: a session, and the webhook subscriptions of an organization.
//!
//! An action is one request, without a retry: whoever calls knows what a second one would do. What an error says of an answer is
//! its code and its message, with everything secret that was sent taken out of them.

mod error;
mod http;
mod url;

use std::collections::BTreeSet;

pub use self::error::{ApiError, Fault};
pub use self::http::{Http, RootsError};
pub use self::url::{ApiUrl, ApiUrlError};
use crate::reply::{Reply, Subscription};
use crate::secret::Secret;

/// The action that opens a session.
pub const LOG_IN: &str = "SessionCreate";
/// The action that adds a subscription.
pub const ADD: &str = "WebhookSubscriptionAdd";

/// How many subscriptions a page of the list is asked for: the API's own default.
const PAGE: usize = 20;
/// The most pages that are read: far more than anybody has.
const MAX_PAGES: usize = 50;

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The user name, as in `alice@example.onsip.com`.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// A subscription that is to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// The URL that it shall deliver to.
    pub url: String,
    /// The token in it.
    pub token: Secret,
}

impl Wanted {
    /// The URL with the token in it.
    #[must_use]
    pub fn target(&self) -> Secret {
        Secret::new(format!("{}?token={}", self.url, self.token.encoded()))
    }
}

/// The API at a URL.
#[derive(Debug, Clone)]
pub struct Api {
    http: Http,
    url: ApiUrl,
    hidden: Vec<Secret>,
}

impl Api {
    /// The API at that URL.
    #[must_use]
    pub fn new(http: Http, url: ApiUrl) -> Self {
        Self { http, url, hidden: Vec::new() }
    }

    /// The same, with further texts that no error shall show: beside those that an action itself sends.
    #[must_use]
    pub fn hiding(&self, hidden: Vec<Secret>) -> Self {
        Self { hidden, ..self.clone() }
    }

    /// Opens a session. The caller closes it, whatever happens.
    ///
    /// # Errors
    /// [`ApiError`]; [`ApiError::is_locked`] says that no other login may follow soon.
    pub async fn log_in(&self, login: &Login) -> Result<Session<'_>, ApiError> {
        let action = LOG_IN;
        let parameters = [("Username", login.username.as_str()), ("Password", login.password.expose())];
        let reply = self.call(action, &parameters, &[&login.password]).await?;
        let id = reply.session().ok_or_else(|| ApiError::new(action, Fault::Lacks("a session's id")))?;
        Ok(Session { api: self, id, user: reply.user() })
    }

    /// Does one action. The secrets are those among the parameters.
    async fn call(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
        secrets: &[&Secret],
    ) -> Result<Reply, ApiError> {
        let secrets: Vec<_> = self.hidden.iter().chain(secrets.iter().copied()).collect();
        let answer = self.http.post(&self.url, &form(action, parameters)).await;
        answer.and_then(|answer| answer.reply(action, &secrets)).map_err(|fault| ApiError::new(action, fault))
    }
}

/// An action with its parameters, as a form has them.
fn form(action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Output", "json").append_pair("Action", action);
    form.extend_pairs(parameters).finish()
}

/// An open session.
#[derive(Debug)]
pub struct Session<'a> {
    api: &'a Api,
    id: Secret,
    user: Option<String>,
}

impl Session<'_> {
    /// The organization of the user who logged in.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn organization(&self) -> Result<String, ApiError> {
        let action = "UserRead";
        let user = self.user.as_deref().ok_or_else(|| ApiError::new(action, Fault::Lacks("a user's id")))?;
        let reply = self.call(action, &[("UserId", user)], &[]).await?;
        reply.organization().ok_or_else(|| ApiError::new(action, Fault::Lacks("an organization's id")))
    }

    /// All subscriptions of the organization. A page that names none that is new ends the list: what a page holds at most is not
    /// published for these.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn subscriptions(&self, organization: &str) -> Result<Vec<Subscription>, ApiError> {
        let action = "WebhookSubscriptionBrowse";
        let (mut all, mut seen, mut offset) = (Vec::new(), BTreeSet::new(), 0);
        for _ in 0..MAX_PAGES {
            let (limit, from) = (PAGE.to_string(), offset.to_string());
            let parameters = [("OrganizationId", organization), ("Limit", &limit), ("Offset", &from)];
            let page = self.call(action, &parameters, &[]).await?.subscriptions();
            offset += page.len();
            let known = all.len();
            all.extend(page.into_iter().filter(|subscription| seen.insert(subscription.id.clone())));
            if all.len() == known {
                return Ok(all);
            }
        }
        Err(ApiError::new(action, Fault::Endless))
    }

    /// Adds a subscription. Its id is None where the answer names none: it may be there nevertheless.
    ///
    /// # Errors
    /// [`ApiError`]; unless the API refused, it may have been added.
    pub async fn add(&self, organization: &str, wanted: &Wanted) -> Result<Option<String>, ApiError> {
        let target = wanted.target();
        let parameters = [
            ("OrganizationId", organization),
            ("Name", &wanted.name),
            ("TargetUrl", target.expose()),
            ("SslVerify", "true"),
        ];
        let reply = self.call(ADD, &parameters, &[&wanted.token]).await?;
        Ok(reply.added())
    }

    /// Renews a subscription: it lives for another 24 hours.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn renew(&self, id: &str) -> Result<(), ApiError> {
        self.call("WebhookSubscriptionRenew", &[("WebhookSubscriptionId", id)], &[]).await.map(drop)
    }

    /// Deletes a subscription, by the action's presumable name: none is published.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn delete(&self, id: &str) -> Result<(), ApiError> {
        self.call("WebhookSubscriptionDelete", &[("WebhookSubscriptionId", id)], &[]).await.map(drop)
    }

    /// Closes the session.
    ///
    /// # Errors
    /// [`ApiError`]; the session then ends by itself.
    pub async fn log_out(self) -> Result<(), ApiError> {
        self.call("SessionDestroy", &[], &[]).await.map(drop)
    }

    async fn call(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
        secrets: &[&Secret],
    ) -> Result<Reply, ApiError> {
        let session = [("SessionId", self.id.expose())];
        let parameters: Vec<_> = session.iter().chain(parameters).copied().collect();
        let secrets: Vec<_> = secrets.iter().copied().chain([&self.id]).collect();
        self.api.call(action, &parameters, &secrets).await
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests;
