//! What is told of many incidents together: the digest of a day, and the summary of a storm of messages.

use jiff::{SignedDuration, Timestamp};
use shared::outbox::{OutboxError, Pending};

use crate::Error;
use crate::bucket::{self, Bucket, Line};
use crate::case::Held;
use crate::incident::Incident;
use crate::incidents::{Incidents, note};
use crate::signal;
use crate::state::{Note, Over, State};

/// The hour at which the day's digest is told, in the stack's time zone.
pub(crate) const DIGEST_HOUR: i8 = 7;
/// The key of the digest's state.
pub(crate) const DIGEST: &str = "digest";
/// How long a storm gathers before its summary.
pub(crate) const STORM: SignedDuration = SignedDuration::from_mins(15);

/// Whether the failures that were too few for an incident are told once a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// They are.
    Daily,
    /// They are not.
    Off,
}

impl std::str::FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self::Daily),
            "off" => Ok(Self::Off),
            _ => Err("not on or off"),
        }
    }
}

impl Incidents {
    /// The keys of the digest and of storms that are due.
    pub(crate) async fn due_together(&self, now: Timestamp) -> Result<Vec<String>, OutboxError> {
        self.states.due(bucket::KIND, now).await
    }

    /// Leaves what gathered to a message about many incidents.
    pub(crate) async fn set_aside(
        &self,
        mut state: State,
        mut incident: Incident,
        (bucket_key, due): (&str, Timestamp),
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let mut bucket_state = self.states.read(bucket_key).await?;
        let mut bucket = Bucket::read(&bucket_state);
        let (class, family, scope) = (incident.class, incident.family, incident.scope.clone());
        let key = signal::key(class, family, &scope);
        let (from, to) = (incident.message(), bucket.message(bucket_key));
        let moved =
            |held: &Held| Note { over: Over::Message(from.clone()), ..note(held, to.clone(), key.clone(), class) };
        let notes: Vec<_> = incident.held.iter().map(moved).collect();
        bucket.add(&key, Line { class, family, scope, tally: std::mem::take(&mut incident.next) }, due);
        bucket.write(&mut bucket_state);
        incident.held.clear();
        incident.write(&mut state, now);
        let states: &[&State] = match (bucket_key, self.rules.digest) {
            (DIGEST, Digest::Off) => &[&state],
            _ => &[&state, &bucket_state],
        };
        Ok(self.states.commit(states, &notes, None, now).await?.made())
    }

    /// Tells what was left to the digest or to a storm's summary.
    pub(crate) async fn tell_together(&self, key: &str, now: Timestamp) -> Result<Option<Pending>, Error> {
        let mut state = self.states.read(key).await?;
        let mut bucket = Bucket::read(&state);
        if bucket.due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let message = bucket.message(key);
        let alert = match key.strip_prefix("storm#").and_then(|provider| provider.parse().ok()) {
            Some(provider) => self.words.storm(message, provider, &bucket),
            None => self.words.digest(message, &bucket),
        };
        bucket.sent();
        bucket.write(&mut state);
        Ok(self.states.commit(&[&state], &[], Some(&alert), now).await?.made())
    }
}
