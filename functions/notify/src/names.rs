//! The names that people know entities by, read now and then: alerts show them beside the entities. Without them an alert is as good: where
//! they can't be read, those of before are shown, and it is not tried again for as long as they would have been fresh.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use shared::entity::Entity;
use shared::log::chain;
use shared::store::names::{Name, Names};
use shared::store::{Store, StoreError};

/// A name that was given is shown this much later at most.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// So many names are read at a time,
const READ: i32 = 1_000;
/// and so often: those behind are not shown.
const READS: usize = 20;

/// The names as they were last read. Copies share them.
#[derive(Debug, Clone, Default)]
pub struct KnownNames(Arc<RwLock<LastRead>>);

#[derive(Debug, Default)]
struct LastRead {
    names: Names,
    at: Option<Timestamp>,
}

impl KnownNames {
    /// The entity's name.
    #[must_use]
    pub fn of(&self, entity: &Entity) -> Option<Name> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).names.get(entity).cloned()
    }

    /// Reads them where that was some time ago.
    pub(crate) async fn refresh(&self, store: &Store, now: Timestamp) {
        let at = self.0.read().unwrap_or_else(PoisonError::into_inner).at;
        if at.is_some_and(|at| now.duration_since(at) < FRESH) {
            return;
        }
        let names = all(store).await;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.at = Some(now);
        match names {
            Ok(names) => known.names = names,
            Err(error) => {
                tracing::warn!(error = chain(&error), "names could not be read; those of before are shown");
            }
        }
    }
}

async fn all(store: &Store) -> Result<Names, StoreError> {
    let (mut all, mut after) = (Names::new(), None);
    for _ in 0..READS {
        let (names, next) = store.names_behind(after.as_ref(), READ).await?;
        all.extend(names);
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(all)
}

#[cfg(test)]
impl From<Names> for KnownNames {
    fn from(names: Names) -> Self {
        Self(Arc::new(RwLock::new(LastRead { names, at: None })))
    }
}
