//! Failures that have no incident: what one order lacks, the next does not.

use jiff::Timestamp;
use shared::key::digest_of;
use shared::outbox::{OutboxError, Pending};
use shared::settings::Switch;

use crate::bucket::Bucket;
use crate::case::Case;
use crate::incident::Incident;
use crate::incidents::{Incidents, TRIES, note};
use crate::state::{Committed, pause};
use crate::stored::Stored;
use crate::together::Aside;

impl Incidents {
    /// Tells such a failure.
    pub(crate) async fn tell_alone(
        &self,
        stored: &Stored,
        case: &Case,
        now: Timestamp,
    ) -> Result<Option<Pending>, OutboxError> {
        if let Some(mute) = self.muting(case, now).await? {
            return self.leave_alone(Aside::Muted(&mute), case, now).await.map(|()| None);
        }
        match self.rules.digest {
            Switch::On if case.held.is_old() => {
                return self.leave_alone(Aside::Digest, case, now).await.map(|()| None);
            }
            Switch::Off if case.held.is_old() => return Ok(None),
            Switch::On | Switch::Off => {}
        }
        let message = digest_of(case.held.id.as_bytes());
        let alert = self.words.failure(message.clone(), &stored.event, &case.signal, &self.context(None, now));
        let note = note(&case.held, message, case.signal.key(), case.signal.class);
        match self.states.commit(&[], &[note], Some(&alert), now).await? {
            Committed::Made(pending) => Ok(pending.map(|pending| *pending)),
            Committed::Known(_) => Ok(None),
            Committed::Raced => Err(OutboxError::Contended { doing: "telling a failure" }),
        }
    }

    /// Leaves such a failure to a mute's message, or to the digest.
    async fn leave_alone(&self, aside: Aside<'_>, case: &Case, now: Timestamp) -> Result<(), OutboxError> {
        let key = case.signal.key();
        let mut one = Incident::of(case);
        one.add([&case.held]);
        for attempt in 0..TRIES {
            pause(attempt).await;
            let mut held = self.states.read(&aside.key()).await?;
            let mut bucket = Bucket::read(&held);
            let note = note(&case.held, bucket.message(&aside.key()), key.clone(), case.signal.class);
            bucket.add(&key, one.line(None), self.told_at(aside, now));
            bucket.keep(aside);
            bucket.write(&mut held);
            if !matches!(self.states.commit(&[&held], &[note], None, now).await?, Committed::Raced) {
                return Ok(());
            }
        }
        Err(OutboxError::Contended { doing: "leaving a failure to another message" })
    }
}
