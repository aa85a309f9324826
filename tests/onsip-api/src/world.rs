//! All that the stand-in holds.

use std::time::Duration;

use crate::account::Account;
use crate::clock::Clock;
use crate::knobs::Knobs;
use crate::record::{Call, Record};
use crate::subscriptions::Subscriptions;

pub(crate) struct World {
    pub(crate) knobs: Knobs,
    pub(crate) clock: Clock,
    pub(crate) account: Account,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) calls: Vec<Call>,
    pub(crate) logins_while_locked: usize,
    pub(crate) strays: usize,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            knobs: Knobs::default(),
            clock: Clock::start(),
            account: Account::default(),
            subscriptions: Subscriptions::default(),
            calls: Vec::new(),
            logins_while_locked: 0,
            strays: 0,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn record(&self) -> Record {
        let now = self.now();
        Record {
            now,
            calls: self.calls.clone(),
            logins_while_locked: self.logins_while_locked,
            open_sessions: self.account.open_sessions(now).cloned().collect(),
            subscriptions: self.subscriptions.all().to_vec(),
            strays: self.strays,
        }
    }
}
