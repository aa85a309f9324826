//! What is told of many incidents together: the digest of a day, the summary of a storm of messages, and what was muted.

use jiff::{SignedDuration, Timestamp};
use shared::mute::Mute;
use shared::name::Provider;
use shared::outbox::{OutboxError, Pending};
use shared::settings::Switch;

use crate::Error;
use crate::bucket::{self, Bucket};
use crate::case::Held;
use crate::incident::Incident;
use crate::incidents::{Incidents, note};
use crate::state::{Note, Over, State};

/// The hour at which the day's digest is told, in the stack's time zone.
const DIGEST_HOUR: i8 = 7;
/// How long a storm gathers before its summary.
const STORM: SignedDuration = SignedDuration::from_mins(15);

/// The message about many incidents that something is left to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aside<'m> {
    /// The day's digest.
    Digest,
    /// The summary of a storm.
    Storm(Provider),
    /// What is told when a mute ends.
    Muted(&'m Mute),
}

impl Aside<'_> {
    /// The key of its state.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Digest => "digest".to_owned(),
            Self::Storm(provider) => format!("storm#{provider}"),
            Self::Muted(mute) => format!("mute#{}", mute.target.digest()),
        }
    }
}

impl Incidents {
    /// The keys of the digest, of storms and of mutes that are due.
    pub(crate) async fn due_together(&self, now: Timestamp) -> Result<Vec<String>, OutboxError> {
        self.states.due(bucket::KIND, now).await
    }

    /// When that message is told. That of a mute is looked at with each tick, since the mute may end early.
    pub(crate) fn told_at(&self, aside: Aside<'_>, now: Timestamp) -> Timestamp {
        match aside {
            Aside::Digest => self.words.zone.next(DIGEST_HOUR, now),
            Aside::Storm(_) => now.checked_add(STORM).unwrap_or(now),
            Aside::Muted(_) => now,
        }
    }

    /// Leaves what gathered to a message about many incidents.
    pub(crate) async fn set_aside(
        &self,
        mut state: State,
        mut incident: Incident,
        aside: Aside<'_>,
        now: Timestamp,
    ) -> Result<Option<Pending>, Error> {
        let bucket_key = aside.key();
        let mut bucket_state = self.states.read(&bucket_key).await?;
        let mut bucket = Bucket::read(&bucket_state);
        let left = incident.unsettled(self.rules.window, now);
        let notes = moves(&mut incident, &left, &bucket.message(&bucket_key));
        bucket.add(&incident.key(), incident.line(None), self.told_at(aside, now));
        bucket.keep(aside);
        bucket.write(&mut bucket_state);
        incident.set_aside(&left, now);
        incident.write(&mut state, now);
        let states: &[&State] = match (aside, self.rules.digest) {
            (Aside::Digest, Switch::Off) => &[&state],
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
        let alert = match (&bucket.mute, key.strip_prefix("storm#").and_then(|provider| provider.parse().ok())) {
            (Some(mute), _) if self.states.mutes(now).await?.names(&mute.target) => return Ok(None),
            (Some(mute), _) => self.words.unmuted(message, (mute, &bucket), &self.going_on(&bucket, now).await?, now),
            (None, Some(provider)) => self.words.storm(message, provider, &bucket),
            (None, None) => self.words.digest(message, &bucket),
        };
        bucket.sent();
        bucket.write(&mut state);
        Ok(self.states.commit(&[&state], &[], Some(&alert), now).await?.made())
    }
}

/// The notes of an incident's failures that another message tells of. Those that are not certain yet stay with the incident.
fn moves(incident: &mut Incident, left: &[Held], to: &str) -> Vec<Note> {
    let (from, class, key) = (incident.message(), incident.class, incident.key());
    let moved = |held: &Held, to: &str| Note {
        over: Over::Message(from.clone()),
        ..note(held, to.to_owned(), key.clone(), class)
    };
    let mut notes: Vec<_> = incident.held.iter().map(|held| moved(held, to)).collect();
    if incident.next.number > notes.len() as u64 {
        // Of the others nothing is kept but their notes, which name the message that they would have been told in. So that is noted,
        // and no other message has its id.
        let others =
            Note { id: from.clone(), message: to.to_owned(), incident: key.clone(), class, over: Over::Nothing };
        let next = incident.message_after();
        notes.extend(left.iter().map(|held| moved(held, &next)).chain([others]));
        incident.messages += 1;
    }
    notes
}
