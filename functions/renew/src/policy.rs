//! Which of the subscriptions that are listed are ours, and which of ours is to live. Pure.
//!
//! A list may tell only ids. So ours is the one that we remember, or one whose URL is ours apart from the token, or one that bears
//! our name; and where the answer to an Add named no id, the one that was not there before it. All others are somebody else's.

use std::collections::BTreeSet;

use http::Uri;
use sha2::{Digest as _, Sha256};
use shared::renewal::{Adding, Known, Renewal};

use crate::api::Wanted;
use crate::reply::Subscription;
use crate::secret::Secret;

/// What is to be done with what is listed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Ours that is as it should be: to be renewed. None: one must be added.
    pub(crate) keep: Option<String>,
    /// Ours that are to go, once another lives.
    pub(crate) drop: Vec<String>,
}

/// What is known in a run.
#[derive(Debug)]
pub(crate) struct Policy<'a> {
    wanted: &'a Wanted,
    digest: String,
}

impl<'a> Policy<'a> {
    pub(crate) fn new(wanted: &'a Wanted) -> Self {
        Self { wanted, digest: digest(&wanted.target()) }
    }

    /// The digest of the URL that is wanted.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// The plan for that list. Those that the API refused to renew in this run are kept no more.
    pub(crate) fn plan(&self, listed: &[Subscription], known: &Renewal, refused: &BTreeSet<String>) -> Plan {
        let ours: Vec<_> = listed.iter().filter(|one| self.is_ours(one, known)).collect();
        let right = ours.iter().enumerate().filter(|(_, one)| {
            !refused.contains(&one.id) && !known.retired.contains_key(&one.id) && self.is_right(one, known)
        });
        // Ids that are numbers go up; else a list has the oldest first.
        let keep = right.max_by_key(|(place, one)| (one.id.parse::<u64>().ok(), *place)).map(|(_, one)| one.id.clone());
        let drop = ours.iter().map(|one| one.id.clone()).filter(|id| Some(id) != keep.as_ref()).collect();
        Plan { keep, drop }
    }

    fn is_ours(&self, one: &Subscription, known: &Renewal) -> bool {
        let remembered = known.subscription.as_ref().is_some_and(|known| known.id == one.id);
        remembered || known.retired.contains_key(&one.id) || self.has_our_url(one) || self.has_our_name(one)
    }

    fn has_our_url(&self, one: &Subscription) -> bool {
        let ours = place(&self.wanted.url);
        ours.is_some() && one.target.as_ref().is_some_and(|target| place(target.expose()) == ours)
    }

    fn has_our_name(&self, one: &Subscription) -> bool {
        one.name.as_ref() == Some(&self.wanted.name)
    }

    /// The one that an Add without an id made: the only one that was not there before, unless it says that it is another's. Only
    /// the first list after the Add may be asked: what is new later is somebody else's.
    pub(crate) fn added(&self, listed: &[Subscription], Adding { before, target }: &Adding) -> Option<Known> {
        let foreign = |one: &Subscription| {
            let told = one.target.is_some() || one.name.is_some();
            told && !self.has_our_url(one) && !self.has_our_name(one)
        };
        let mut new = listed.iter().filter(|one| !before.contains(&one.id) && !foreign(one));
        let only = new.next().filter(|_| new.next().is_none())?;
        Some(Known { id: only.id.clone(), target: target.clone() })
    }

    /// Whether one of ours delivers to our URL with our token. Of the one that we remember we know it: a list may leave the URL out,
    /// mask the token, or write it in another way.
    fn is_right(&self, one: &Subscription, known: &Renewal) -> bool {
        match known.subscription.as_ref().filter(|known| known.id == one.id) {
            Some(known) => known.target == self.digest,
            None => one.target.as_ref() == Some(&self.wanted.target()),
        }
    }
}

/// A URL without its query, in one of the ways to write it.
fn place(url: &str) -> Option<(String, u16, String)> {
    let url: Uri = url.parse().ok()?;
    Some((url.host()?.to_ascii_lowercase(), url.port_u16().unwrap_or(443), url.path().to_owned()))
}

fn digest(target: &Secret) -> String {
    Sha256::digest(target.expose()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
