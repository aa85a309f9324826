//! The work of a session: exactly one live subscription that is ours.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shared::log::chain;
use shared::renewal::{Adding, Known, LIFE, Remembered, Renewal, Renewals};

use crate::api::{ApiError, Session, Wanted};
use crate::error::Failure;
use crate::policy::{Plan, Policy};
use crate::reply::Subscription;

/// A subscription that dies sooner may be dead before the next run.
const SOON: SignedDuration = SignedDuration::from_hours(7);

/// One session's work.
pub(crate) struct Upkeep<'a> {
    pub(crate) session: &'a Session<'a>,
    /// The user's own where it is None.
    pub(crate) organization: Option<String>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) policy: &'a Policy<'a>,
    pub(crate) store: &'a Renewals,
    pub(crate) remembered: &'a mut Remembered,
    pub(crate) now: Timestamp,
}

impl Upkeep<'_> {
    /// Renews ours, or adds one; then deletes what else is ours. Where nobody can tell what there is, memory decides.
    pub(crate) async fn run(&mut self) -> Result<(), Failure> {
        match self.browse().await {
            Ok(listed) => self.tend(listed).await,
            Err(error) => self.renew_unlisted(error).await,
        }
    }

    async fn tend(&mut self, mut listed: Vec<Subscription>) -> Result<(), Failure> {
        let mut refused = BTreeSet::new();
        loop {
            let Plan { keep, drop } = self.policy.plan(&listed, self.known(), &refused);
            let Some(id) = keep else {
                if let Err(failure) = self.add(&listed, &refused).await {
                    self.bridge(drop, &refused).await;
                    return Err(failure);
                }
                break self.clear(&listed, drop).await;
            };
            match self.renew(&id).await {
                Ok(()) => break self.clear(&listed, drop).await,
                Err(error) => {
                    refused.insert(id);
                    let other = self.policy.plan(&listed, self.known(), &refused).keep;
                    if other.is_none() && self.may_wait(&error) {
                        return Err(error.into());
                    }
                    tracing::warn!(error = chain(&error), "the subscription was not renewed; looking again");
                }
            }
            listed = self.browse().await?;
        }
        Ok(())
    }

    /// Renews the one that is remembered. That is a success only where its URL is still the one that is wanted.
    async fn renew_unlisted(&mut self, error: ApiError) -> Result<(), Failure> {
        let Some(Known { id, target }) = self.known().subscription.clone() else { return Err(error.into()) };
        tracing::warn!(
            error = chain(&error),
            "the subscriptions can't be listed; the one that is remembered is renewed"
        );
        self.session.renew(&id).await?;
        self.lives();
        if target == self.policy.digest() { Ok(()) } else { Err(error.into()) }
    }

    /// All that there are. One that an Add may have made is looked for once, and then no more: what comes later is not ours.
    async fn browse(&mut self) -> Result<Vec<Subscription>, ApiError> {
        let organization = self.organization().await?;
        let listed = self.session.subscriptions(&organization).await?;
        let adding = self.known().adding.take();
        if let Some(added) = adding.and_then(|adding| self.policy.added(&listed, &adding)) {
            self.adopt(added);
        }
        Ok(listed)
    }

    async fn organization(&mut self) -> Result<String, ApiError> {
        let organization = match self.organization.take() {
            Some(known) => known,
            None => self.session.organization().await?,
        };
        Ok(self.organization.insert(organization).clone())
    }

    fn known(&mut self) -> &mut Renewal {
        &mut self.remembered.renewal
    }

    async fn renew(&mut self, id: &str) -> Result<(), ApiError> {
        // Before that, it may be dead, and the one before may live.
        self.session.renew(id).await?;
        self.adopt(self.wanted_as(id));
        self.lives();
        Ok(())
    }

    /// Whether the next run is early enough. Without an answer it may have been renewed, and another one beside it would deliver
    /// everything twice; so would one more beside an old one that the API does not delete.
    fn may_wait(&mut self, error: &ApiError) -> bool {
        let now = self.now;
        let known = self.known();
        let would_double = !error.is_answered() || known.retired.values().any(|dead| *dead > now);
        would_double && known.dead_at.is_some_and(|dead| dead.duration_since(now) > SOON)
    }

    /// Adds ours. That one is being added is written down first: whatever happens then, the next run knows which it is.
    async fn add(&mut self, listed: &[Subscription], refused: &BTreeSet<String>) -> Result<(), Failure> {
        let before: BTreeSet<_> = listed.iter().map(|one| one.id.clone()).collect();
        let adding = Adding { before: before.clone(), target: self.policy.digest().to_owned() };
        self.known().adding = Some(adding);
        self.write().await?;
        let organization = self.organization().await?;
        let id = match self.session.add(&organization, self.wanted).await {
            Ok(Some(id)) => id,
            Err(error) if error.is_refusal() => {
                self.known().adding = None;
                return Err(error.into());
            }
            unknown => {
                let found = self.look(&before, refused).await?;
                let unlisted = || unknown.err().map_or(Failure::Unlisted, Failure::from);
                found.ok_or_else(unlisted)?
            }
        };
        self.adopt(self.wanted_as(&id));
        self.lives();
        Ok(())
    }

    /// The one that was not there before.
    async fn look(
        &mut self,
        before: &BTreeSet<String>,
        refused: &BTreeSet<String>,
    ) -> Result<Option<String>, ApiError> {
        let listed = self.browse().await?;
        let Plan { keep, .. } = self.policy.plan(&listed, self.known(), refused);
        Ok(keep.filter(|id| !before.contains(id)))
    }

    /// Renews the youngest of the old ones that lets itself be renewed: until there is a new one, it delivers.
    async fn bridge(&mut self, old: Vec<String>, refused: &BTreeSet<String>) {
        for id in old.iter().rev().filter(|id| !refused.contains(*id)) {
            match self.session.renew(id).await {
                Ok(()) => return self.lives_on(id),
                Err(error) => tracing::warn!(error = chain(&error), "an old subscription was not renewed either"),
            }
        }
    }

    fn lives_on(&mut self, id: &str) {
        self.lives();
        let known = self.known();
        if let (Some(until), Some(dead)) = (known.retired.get_mut(id), known.dead_at) {
            *until = dead;
        }
    }

    async fn write(&mut self) -> Result<(), Failure> {
        let written = self.store.keep(self.remembered, self.now).await?;
        if written { Ok(()) } else { Err(Failure::Overtaken) }
    }

    /// That one, with the URL that is wanted.
    fn wanted_as(&self, id: &str) -> Known {
        Known { id: id.to_owned(), target: self.policy.digest().to_owned() }
    }

    /// From now on that one is ours; the one before is to go.
    fn adopt(&mut self, one: Known) {
        let dead = self.remembered.renewal.dead_at.unwrap_or(self.now);
        let known = self.known();
        known.adding = None;
        let id = one.id.clone();
        let before = known.subscription.replace(one);
        if let Some(before) = before.filter(|before| before.id != id) {
            known.retired.insert(before.id, dead);
        }
    }

    fn lives(&mut self) {
        let now = self.now;
        let known = self.known();
        (known.renewed_at, known.dead_at) = (Some(now), now.checked_add(LIFE).ok());
    }

    /// Deletes what else is ours. One that the API will not delete dies by itself: it is told, and no failure.
    async fn clear(&mut self, listed: &[Subscription], others: Vec<String>) {
        let dead = self.now.checked_add(LIFE).unwrap_or(self.now);
        let known = self.known();
        for id in others {
            known.retired.entry(id).or_insert(dead);
        }
        known.retired.retain(|id, _| listed.iter().any(|one| one.id == *id));
        for id in known.retired.keys().cloned().collect::<Vec<_>>() {
            match self.session.delete(&id).await {
                Ok(()) => drop(self.known().retired.remove(&id)),
                Err(error) => tracing::warn!(error = chain(&error), "an old subscription was not deleted"),
            }
        }
    }
}
