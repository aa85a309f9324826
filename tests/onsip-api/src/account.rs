//! Logins, the lock and sessions.

use std::time::Duration;

use serde::Serialize;

use crate::knobs::Knobs;
use crate::span::Span;

/// A session.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    /// Its id: letters and digits. seen
    pub id: String,
    /// From the login to the logout, or to its end if nobody logs out.
    pub lives: Span,
}

/// What becomes of a login.
pub(crate) enum Login {
    Opened(String),
    /// The name or the password is wrong.
    Wrong,
    Locked,
}

#[derive(Debug, Default)]
pub(crate) struct Account {
    bad: u32,
    locked_until: Duration,
    sessions: Vec<Session>,
}

impl Account {
    pub(crate) fn is_locked(&self, now: Duration) -> bool {
        now < self.locked_until
    }

    /// guess: a good login starts the count again, and so does the lock. A login while it is locked does not prolong it.
    pub(crate) fn log_in(&mut self, knobs: &Knobs, now: Duration, username: &str, password: &str) -> Login {
        if self.is_locked(now) {
            return Login::Locked;
        }
        if username == knobs.username && password == knobs.password {
            self.bad = 0;
            return Login::Opened(self.open(knobs, now));
        }
        self.bad += 1;
        if self.bad >= knobs.bad_logins {
            self.bad = 0;
            self.locked_until = now + Duration::from_secs(knobs.lock_seconds);
        }
        Login::Wrong
    }

    fn open(&mut self, knobs: &Knobs, now: Duration) -> String {
        let id = format!("j2vtu1bk7rsdpklo{:010}", self.sessions.len());
        let lives = Span { from: now, until: now + Duration::from_secs(knobs.session_seconds) };
        self.sessions.push(Session { id: id.clone(), lives });
        id
    }

    pub(crate) fn log_out(&mut self, id: &str, now: Duration) {
        for session in self.sessions.iter_mut().filter(|session| session.id == id) {
            session.lives.until = now;
        }
    }

    /// The sessions that nobody has logged out of.
    pub(crate) fn open_sessions(&self, now: Duration) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(move |session| session.lives.holds(now))
    }
}
