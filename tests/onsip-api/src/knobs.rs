//! What a test turns: what is not published, and faults. As JSON the names are the same, in a map of what is to change.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::action::Action;

/// How the stand-in behaves from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// Who may log in.
    pub username: String,
    /// The password that is right.
    pub password: String,
    /// The user's id: digits. seen
    pub user_id: String,
    /// The account's id: digits. doc
    pub account_id: String,
    /// The organizations of the account: digits. The first one is the user's own. doc
    pub organization_ids: Vec<String>,
    /// How long a subscription lives: 24 hours. doc
    pub lifetime_seconds: u64,
    /// Bad logins that lock the account. guess: the number is not published
    pub bad_logins: u32,
    /// How long it is locked: ten minutes. seen
    pub lock_seconds: u64,
    /// How long a session lasts. guess: not published
    pub session_seconds: u64,
    /// Entries of a page of Browse without a limit: 20. doc
    pub page: usize,
    /// Whether an expired subscription is still there. guess: not published
    pub expired: Expired,
    /// What becomes of an expired subscription that is renewed. guess: not published
    pub renewal: Renewal,
    /// Whether there is such an action. guess: not published
    pub delete: Delete,
    /// What an answer to Add holds: the id. seen
    pub add_answer: AddAnswer,
    /// What a subscription shows beside its id. guess: no other field is published
    pub fields: Vec<Field>,
    /// Whether targets are probed. doc: they are
    pub probe: Probe,
    /// Where on this machine the targets of a host are. Other https targets are sent nothing.
    pub hosts: BTreeMap<String, Route>,
    /// Actions that are refused, and how.
    pub refuse: BTreeMap<Action, Refusal>,
    /// Actions that are answered in a bad way, and which.
    pub faults: BTreeMap<Action, Fault>,
}

/// An expired subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expired {
    /// Is gone.
    Gone,
    /// Is listed and read as ever, and gets nothing.
    Listed,
}

/// The renewal of an expired subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// Is an error.
    Refused,
    /// Makes it live again, where it is still listed.
    Revives,
}

/// `WebhookSubscriptionDelete`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delete {
    /// Is an action.
    Known,
    /// Is none.
    Unknown,
}

/// The answer to Add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddAnswer {
    /// Shows the new id.
    WithId,
    /// Is empty.
    WithoutId,
}

/// A field of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    /// Its name.
    Name,
    /// Its target, with the token in it.
    TargetUrl,
    /// Its target under the same name, with asterisks for its query string's values.
    MaskedTargetUrl,
}

/// Whether a target is asked before it is subscribed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// It gets `{}` and must answer 2xx.
    Sent,
    /// It is taken as it is. So a target may be an https URL, which is sent nothing.
    Skipped,
}

/// Where a host is on this machine, over plain http.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// A loopback address with its port.
    pub address: SocketAddr,
    /// The header `Host` there.
    pub host: String,
}

/// Where an error stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// `Context.Request.Errors`, and the request is not valid. seen
    Request,
    /// `Context.Action.Errors`, and the action is not completed. doc
    Action,
}

/// How an action is refused; it is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refusal {
    /// Where the error stands.
    pub place: Place,
    /// Its code.
    pub code: String,
    /// Its message.
    pub message: String,
}

/// A bad answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which.
    pub answer: FaultyAnswer,
    /// Whether the action takes place nevertheless.
    #[serde(default)]
    pub carried_out: CarriedOut,
}

/// Whether an action took place although its answer is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarriedOut {
    /// It did.
    #[default]
    Yes,
    /// It did not.
    No,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultyAnswer {
    /// It comes after so many seconds.
    Slow(u64),
    /// Its body is whole to HTTP and ends in the middle of the JSON.
    Half,
    /// The connection ends in the middle of its body.
    Cut,
    /// It is XML, as without `Output=json`.
    Xml,
    /// It is a page for people.
    Html,
    /// A 302 to a path where nothing is.
    Redirect,
    /// Another status, with few words.
    Status(u16),
    /// It is right and 5 MB long.
    Large,
    /// An exception of the API. doc for XML, guess for JSON
    Exception,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            username: "admin@example.onsip.com".to_owned(),
            password: "correct-horse".to_owned(),
            user_id: "212762".to_owned(),
            account_id: "4711".to_owned(),
            organization_ids: vec!["38".to_owned()],
            lifetime_seconds: 24 * 60 * 60,
            bad_logins: 3,
            lock_seconds: 10 * 60,
            session_seconds: 60 * 60,
            page: 20,
            expired: Expired::Gone,
            renewal: Renewal::Refused,
            delete: Delete::Known,
            add_answer: AddAnswer::WithId,
            fields: Vec::new(),
            probe: Probe::Sent,
            hosts: BTreeMap::new(),
            refuse: BTreeMap::new(),
            faults: BTreeMap::new(),
        }
    }
}

impl Default for Refusal {
    fn default() -> Self {
        Self { place: Place::Action, code: "Action.Refused".to_owned(), message: "Please try again later.".to_owned() }
    }
}

impl Knobs {
    /// Answers every action in that way.
    pub fn fault_everywhere(&mut self, fault: Fault) {
        self.faults = Action::ALL.map(|action| (action, fault)).into();
    }

    /// Refuses that action, as the default refusal does.
    pub fn refuse(&mut self, action: Action) {
        self.refuse.insert(action, Refusal::default());
    }
}
