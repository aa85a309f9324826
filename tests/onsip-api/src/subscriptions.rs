//! Subscriptions, and when each was live. None is forgotten, so that a test can look back.

use std::time::Duration;

use serde::Serialize;

use crate::knobs::{Expired, Knobs, Renewal};
use crate::span::Span;

/// A subscription, as it was or is.
#[derive(Debug, Clone, Serialize)]
pub struct Subscription {
    /// Its id. seen: `300` is one
    pub id: String,
    /// The organization's id.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// Where events go, with the token.
    pub target: String,
    /// When it was live: one stretch, or several where an expired one was revived.
    pub lives: Vec<Span>,
    /// When it was renewed.
    pub renewed: Vec<Duration>,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Subscription {
    /// Whether it gets events.
    #[must_use]
    pub fn is_live(&self, now: Duration) -> bool {
        self.lives.last().is_some_and(|life| life.holds(now))
    }

    /// The target without what may be secret.
    #[must_use]
    pub fn place(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What a new one is made of.
pub(crate) struct NewSubscription<'a> {
    pub(crate) organization: &'a str,
    pub(crate) name: &'a str,
    pub(crate) target: &'a str,
}

#[derive(Debug, Default)]
pub(crate) struct Subscriptions(Vec<Subscription>);

impl Subscriptions {
    /// A second one with the same target is as good as the first. guess
    pub(crate) fn add(&mut self, new: &NewSubscription, knobs: &Knobs, now: Duration) -> Subscription {
        // Ids go up as they are given.
        let id = (300 + self.0.len()).to_string();
        let added = Subscription {
            id,
            organization: new.organization.to_owned(),
            name: new.name.to_owned(),
            target: new.target.to_owned(),
            lives: vec![life(knobs, now)],
            renewed: Vec::new(),
            deleted: false,
        };
        self.0.push(added.clone());
        added
    }

    /// Another lifetime, from now on. doc
    pub(crate) fn renew(&mut self, id: &str, knobs: &Knobs, now: Duration) -> Option<&Subscription> {
        let subscription = self.0.iter_mut().find(|one| one.id == id && is_there(one, knobs, now))?;
        if !subscription.is_live(now) && knobs.renewal == Renewal::Refused {
            return None;
        }
        let next = life(knobs, now);
        match subscription.lives.last_mut().filter(|last| last.holds(now)) {
            Some(last) => last.until = next.until,
            None => subscription.lives.push(next),
        }
        subscription.renewed.push(now);
        Some(subscription)
    }

    pub(crate) fn delete(&mut self, id: &str, knobs: &Knobs, now: Duration) -> Option<&Subscription> {
        let subscription = self.0.iter_mut().find(|one| one.id == id && is_there(one, knobs, now))?;
        subscription.deleted = true;
        if let Some(life) = subscription.lives.last_mut() {
            life.until = life.until.min(now);
        }
        Some(subscription)
    }

    pub(crate) fn get(&self, id: &str, knobs: &Knobs, now: Duration) -> Option<&Subscription> {
        self.0.iter().find(|one| one.id == id && is_there(one, knobs, now))
    }

    /// Those that Browse lists, the oldest first. guess: the order of every other Browse
    pub(crate) fn listed<'a>(
        &'a self,
        organization: &'a str,
        knobs: &'a Knobs,
        now: Duration,
    ) -> impl Iterator<Item = &'a Subscription> {
        self.0.iter().filter(move |one| one.organization == organization && is_there(one, knobs, now))
    }

    pub(crate) fn all(&self) -> &[Subscription] {
        &self.0
    }
}

fn is_there(one: &Subscription, knobs: &Knobs, now: Duration) -> bool {
    !one.deleted && (one.is_live(now) || knobs.expired == Expired::Listed)
}

fn life(knobs: &Knobs, now: Duration) -> Span {
    Span { from: now, until: now + Duration::from_secs(knobs.lifetime_seconds) }
}
