//! What happened, for a test to look at.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::account::Session;
use crate::action::Action;
use crate::span::{Span, when};
use crate::subscriptions::Subscription;

/// One request for an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When.
    pub at: Duration,
    /// What for; none is one that the API does not know.
    pub action: Option<Action>,
    /// The code of the first error that it was answered with.
    pub error: Option<String>,
    /// Whether a fault spoiled the answer.
    pub spoiled: bool,
}

/// What happened until now. All times are from the start.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Now.
    pub now: Duration,
    /// All requests, the oldest first.
    pub calls: Vec<Call>,
    /// Logins that came while the account was locked.
    pub logins_while_locked: usize,
    /// Sessions that nobody has logged out of.
    pub open_sessions: Vec<Session>,
    /// All subscriptions, the dead among them.
    pub subscriptions: Vec<Subscription>,
    /// Requests to other paths than the API's, as by a client that follows a redirect.
    pub strays: usize,
}

impl Record {
    /// How often an action was asked for.
    #[must_use]
    pub fn count(&self, action: Action) -> usize {
        self.calls.iter().filter(|call| call.action == Some(action)).count()
    }

    /// The subscriptions of a target that are live; its query string does not matter, here and below.
    pub fn live<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Subscription> {
        self.of(target).filter(|one| one.is_live(self.now))
    }

    /// When two or more subscriptions of a target were live at once.
    #[must_use]
    pub fn doubled(&self, target: &str) -> Vec<Span> {
        when(&self.lives(target), self.now, |count| count > 1)
    }

    /// When none was, since the first.
    #[must_use]
    pub fn silent(&self, target: &str) -> Vec<Span> {
        when(&self.lives(target), self.now, |count| count == 0)
    }

    fn of<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Subscription> {
        let place = target.split('?').next();
        self.subscriptions.iter().filter(move |one| Some(one.place()) == place)
    }

    fn lives(&self, target: &str) -> Vec<Span> {
        self.of(target).flat_map(|one| one.lives.iter().copied()).collect()
    }

    /// For another process: all of it, and what follows for each target. Times are `{secs, nanos}`.
    pub(crate) fn to_json(&self) -> Value {
        let places: BTreeSet<_> = self.subscriptions.iter().map(Subscription::place).collect();
        let target = |place: &str| {
            json!({
                "target": place,
                "live": self.live(place).count(),
                "doubled": self.doubled(place),
                "silent": self.silent(place),
            })
        };
        let targets: Vec<_> = places.into_iter().map(target).collect();
        json!({ "record": self, "targets": targets })
    }
}
