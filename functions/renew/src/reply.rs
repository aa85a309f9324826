//! What OnSIP's API answers, read for what it does and not for what it should do: every scalar is a string, an empty element is
//! `{}`, a list of one is its one element, errors come with HTTP 200 and in two places, and elements that nobody knows come along.
//!
//! An answer can hold the password and the token of its request in clear. So nothing of it is kept but ids, the names and targets
//! of subscriptions, and of an error its code and message.

use serde_json::Value;
use shared::text::cut;

use crate::secret::{Secret, hide};

/// The code with which the API answers a login while logins are locked.
pub(crate) const LOCKED: &str = "Accessor.LoginLocked";
/// In the place of a code where the API names none.
pub(crate) const NO_CODE: &str = "no code";
/// The longest code and message that are kept of an error, in bytes.
const MAX_CODE: usize = 64;
const MAX_MESSAGE: usize = 300;
/// The longest id that is taken for one.
const MAX_ID: usize = 256;

/// Why an answer is not that of a completed action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The API says what is wrong.
    #[error("refused, {code}: {message}")]
    Refused {
        /// The API's code, such as `Accessor.LoginLocked`.
        code: String,
        /// The API's message.
        message: String,
    },
    /// Logins are locked. That is told by the API's code, whatever secret is a part of it.
    #[error("refused, {LOCKED}: {message}")]
    Locked {
        /// The API's message.
        message: String,
    },
    /// The API failed, whatever was asked.
    #[error("the API failed: {message}")]
    Exception {
        /// The API's message.
        message: String,
    },
    /// It is not JSON, or only the beginning of it: XML, HTML, half an answer.
    #[error("the answer is not JSON")]
    NotJson,
    /// It is JSON, and not of this API.
    #[error("the answer is JSON without the status of an action")]
    Foreign,
}

/// A subscription, as far as a list tells of it: no field beside the id is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// The URL that it delivers to, with the token in it.
    pub target: Option<Secret>,
    /// The name that it was given.
    pub name: Option<String>,
}

/// The answer of a completed action.
#[derive(Clone)]
pub struct Reply {
    context: Value,
    result: Value,
}

impl Reply {
    /// Reads the answer to that action. The API may put the secrets that it was sent into its words: they are taken out of them.
    ///
    /// # Errors
    /// [`Unfit`] when the action is not completed, or nobody can tell.
    pub fn read(action: &str, body: &[u8], secrets: &[&Secret]) -> Result<Self, Unfit> {
        let mut root: Value = serde_json::from_slice(body).map_err(|_| Unfit::NotJson)?;
        if let Some(message) = exception(&root) {
            return Err(Unfit::Exception { message: kept(&message, MAX_MESSAGE, secrets) });
        }
        let mut part = |path: &str| root.pointer_mut(path).map(Value::take).unwrap_or_default();
        let (context, result) = (part("/Response/Context"), part(&format!("/Response/Result/{action}")));
        if is_true(at(&context, "/Request/IsValid")) && is_true(at(&context, "/Action/IsCompleted")) {
            return Ok(Self { context, result });
        }
        let (code, message) = error(&context).ok_or(Unfit::Foreign)?;
        let message = kept(&message, MAX_MESSAGE, secrets);
        if code == LOCKED {
            return Err(Unfit::Locked { message });
        }
        Err(Unfit::Refused { code: kept(&code, MAX_CODE, secrets), message })
    }

    /// The id of the session that was created.
    #[must_use]
    pub fn session(&self) -> Option<Secret> {
        id(at(&self.context, "/Session/SessionId")).map(Secret::new)
    }

    /// The id of the session's user.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        id(at(&self.context, "/Session/UserId"))
    }

    /// The organization of the user that was read.
    #[must_use]
    pub fn organization(&self) -> Option<String> {
        id(at(&self.result, "/User/OrganizationId"))
    }

    /// The id of the subscription that was added.
    #[must_use]
    pub fn added(&self) -> Option<String> {
        id(at(&self.result, "/WebhookSubscription/WebhookSubscriptionId"))
    }

    /// The subscriptions of a list. What has no id is none.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Subscription> {
        many(at(&self.result, "/WebhookSubscriptions/WebhookSubscription")).filter_map(subscription).collect()
    }
}

fn subscription(element: &Value) -> Option<Subscription> {
    Some(Subscription {
        id: id(at(element, "/WebhookSubscriptionId"))?,
        target: text(at(element, "/TargetUrl")).map(Secret::new),
        name: text(at(element, "/Name")),
    })
}

/// What is kept of the API's words: one line. The secrets go first, since a text that is cut could end within one.
fn kept(text: &str, most: usize, secrets: &[&Secret]) -> String {
    let text = hide(text, secrets);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    cut(&words.collect::<Vec<_>>().join(" "), most).to_owned()
}

/// The text of an error of the whole API, in the place of a response or within it.
fn exception(root: &Value) -> Option<String> {
    let exceptions = [at(root, "/Exception"), at(root, "/Response/Exception")];
    let exception = exceptions.into_iter().flat_map(many).next()?;
    Some(text(exception).or_else(|| text(at(exception, "/Message"))).unwrap_or_default())
}

/// The code and the message of the first error of an action that is not completed; no code where the API names none.
fn error(context: &Value) -> Option<(String, String)> {
    let parts = [at(context, "/Request"), at(context, "/Action")];
    let error = parts.into_iter().flat_map(|part| many(at(part, "/Errors/Error"))).next();
    let told = |name| error.and_then(|error| text(at(error, name)));
    let status = [at(context, "/Request/IsValid"), at(context, "/Action/IsCompleted")].into_iter().find_map(text);
    status.or_else(|| told("/Code"))?;
    Some((told("/Code").unwrap_or_else(|| NO_CODE.to_owned()), told("/Message").unwrap_or_default()))
}

/// What stands at that path; nothing is null.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

/// A scalar; an empty one is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn id(value: &Value) -> Option<String> {
    text(value).filter(|id| id.len() <= MAX_ID && id.chars().all(|c| c.is_ascii_graphic()))
}

fn is_true(value: &Value) -> bool {
    text(value).is_some_and(|text| text == "true")
}

/// The elements of a list, which is none, one or many.
fn many(value: &Value) -> impl Iterator<Item = &Value> {
    let one = match value {
        Value::Array(_) | Value::Null => None,
        Value::Object(fields) if fields.is_empty() => None,
        one => Some(one),
    };
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter().chain(one)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
