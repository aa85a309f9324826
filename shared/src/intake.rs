//! From a verified delivery to what is kept of it: an event, or else the delivery itself in quarantine.

use crate::access::Verified;
use crate::key::EventId;
use crate::provider::{self, OwnDomains, Reading};
use crate::store::quarantine::Quarantined;
use crate::store::{Put, Retention, Store, StoreError};

/// How deliveries are read and kept.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The customer's SIP domains.
    pub own_domains: OwnDomains,
    /// How long events are kept.
    pub retention: Retention,
    /// How long bodies are kept. A delivery in quarantine is hardly more.
    pub bodies: Retention,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is stored now.
    Stored(EventId),
    /// It was stored before.
    Duplicate(EventId),
    /// It is in quarantine, for that reason.
    Quarantined(EventId, String),
    /// It was a probe, of which there is nothing to keep.
    Probe,
}

impl Intake {
    /// Keeps a delivery, and waits until the store has it.
    ///
    /// # Errors
    /// [`StoreError`] when the store takes it in neither form.
    pub async fn keep_delivery(&self, store: &Store, delivery: &Verified) -> Result<Kept, StoreError> {
        let event = match provider::read(delivery, &self.own_domains) {
            Ok(Reading::Event(event)) => event,
            Ok(Reading::Probe) => return Ok(Kept::Probe),
            Err(unreadable) => return self.quarantine(store, delivery, unreadable.to_string()).await,
        };
        match store.put_event(&event, delivery.content(), self.retention).await {
            Ok(Put::Stored(id)) => Ok(Kept::Stored(id)),
            Ok(Put::Duplicate(id)) => Ok(Kept::Duplicate(id)),
            Ok(Put::Conflict { id, other }) => {
                tracing::warn!(%id, %other, "two deliveries have one identity and different contents; both are kept");
                Ok(Kept::Stored(id))
            }
            Err(StoreError::Refused { cause, .. }) => {
                self.quarantine(store, delivery, format!("refused by the store: {cause}")).await
            }
            Err(error) => Err(error),
        }
    }

    async fn quarantine(&self, store: &Store, delivery: &Verified, reason: String) -> Result<Kept, StoreError> {
        let quarantined = Quarantined::new(delivery, reason);
        let retention = self.retention.or_sooner(self.bodies);
        store.put_quarantined(&quarantined, delivery.content(), retention).await?;
        let Quarantined { id, reason, .. } = quarantined;
        tracing::warn!(%id, reason, "a delivery could not be read as an event; it is in quarantine");
        Ok(Kept::Quarantined(id, reason))
    }
}
