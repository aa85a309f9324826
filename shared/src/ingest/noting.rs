//! Notes deliveries that leave no new event behind, so that nobody takes a provider for silent that sends repeats, probes or what
//! can't be read. At most once a minute for each provider and kind, since an instance began.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::log::chain;
use crate::metric::Disposition;
use crate::name::Provider;
use crate::store::{Eventless, Store};

/// How much newer a delivery must be to be worth a write.
const STEP: SignedDuration = SignedDuration::from_mins(1);
/// The most that an answer waits for it. Without waiting it might never be written: Lambda stops an instance that has
/// answered.
const PATIENCE: Duration = Duration::from_millis(300);

/// What this instance noted last.
#[derive(Debug, Default)]
pub(super) struct Noting(Mutex<BTreeMap<(Provider, Eventless), Timestamp>>);

impl Noting {
    /// Notes a delivery, if it is worth that. A provider's answer does not depend on it.
    pub(super) async fn note(&self, store: &Store, provider: Provider, disposition: Disposition, at: Timestamp) {
        let Some(what) = eventless(disposition).filter(|what| self.is_due((provider, *what), at)) else { return };
        match tokio::time::timeout(PATIENCE, store.note_delivery(provider, what, at)).await {
            Ok(Ok(())) => self.noted((provider, what), at),
            Ok(Err(error)) => tracing::warn!(%provider, error = chain(&error), "a delivery could not be noted"),
            Err(_) => tracing::warn!(%provider, "a delivery could not be noted in time"),
        }
    }

    fn is_due(&self, key: (Provider, Eventless), at: Timestamp) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(&key).is_none_or(|noted| at.duration_since(*noted) >= STEP)
    }

    fn noted(&self, key: (Provider, Eventless), at: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, at);
    }
}

fn eventless(disposition: Disposition) -> Option<Eventless> {
    match disposition {
        Disposition::Duplicate | Disposition::Probe => Some(Eventless::Readable),
        Disposition::Quarantined => Some(Eventless::Quarantined),
        // The event itself shows in the stream, now or when the spool is drained.
        Disposition::Stored | Disposition::Spooled => None,
        // What was refused is perhaps nobody's delivery, and of what failed the table knows nothing.
        Disposition::Refused | Disposition::Stray | Disposition::Failed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_a_providers_deliveries_is_noted_once_a_minute() {
        let noting = Noting::default();
        let at = |second: i64| Timestamp::constant(1_793_640_000 + second, 0);
        let key = (Provider::Opentact, Eventless::Readable);
        assert!(noting.is_due(key, at(0)));
        noting.noted(key, at(0));
        assert!(!noting.is_due(key, at(59)) && noting.is_due(key, at(60)));
        assert!(noting.is_due((Provider::Onsip, Eventless::Readable), at(1)));
        assert!(noting.is_due((Provider::Opentact, Eventless::Quarantined), at(1)));
    }
}
