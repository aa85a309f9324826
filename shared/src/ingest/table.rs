//! The events table as a receiver meets it: with patience, and after an outage has shown itself, with little.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::access::Verified;
use crate::aws::Aws;
use crate::intake::{Intake, Kept};
use crate::store::{Shards, Store, StoreError};

/// All attempts of storing a delivery.
const STORING: Duration = Duration::from_secs(3);
/// The one attempt that a delivery has in an outage: else each would hold a process for seconds, and all of them the whole
/// concurrency of the account.
const ATTEMPT: Duration = Duration::from_millis(500);
/// How long a delivery that had to be spooled tells of an outage.
const OUTAGE: Duration = Duration::from_secs(10);

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    usual: Store,
    /// Tries once. Made when it is needed.
    brief: OnceLock<Store>,
    aws: Aws,
    name: String,
    shards: Shards,
    /// When a delivery was last put into the spool.
    spooled: Mutex<Option<Instant>>,
}

/// Why the table did not take a delivery.
#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("storing a delivery: not done in time")]
    Late,
}

impl Table {
    pub(super) fn new(aws: Aws, name: String, shards: Shards) -> Self {
        let usual = Store::new(&aws.clone().persistent(STORING), name.clone(), shards);
        Self { usual, brief: OnceLock::new(), aws, name, shards, spooled: Mutex::default() }
    }

    /// The table, whose calls are tried for seconds.
    pub(super) fn usual(&self) -> &Store {
        &self.usual
    }

    /// Keeps a delivery in the time that it has.
    ///
    /// # Errors
    /// [`TableError`] when the table does not have it, or may not have it.
    pub(super) async fn keep(&self, intake: &Intake, delivery: &Verified) -> Result<Kept, TableError> {
        let (store, time) = if self.is_out() { (self.brief(), ATTEMPT) } else { (&self.usual, STORING) };
        tokio::time::timeout(time, intake.keep_delivery(store, delivery))
            .await
            .map_err(|_| TableError::Late)?
            .map_err(Into::into)
    }

    /// Has little patience from now on, for a while.
    pub(super) fn avoid(&self) {
        *self.spooled.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_out(&self) -> bool {
        let spooled = *self.spooled.lock().unwrap_or_else(PoisonError::into_inner);
        spooled.is_some_and(|spooled| spooled.elapsed() < OUTAGE)
    }

    fn brief(&self) -> &Store {
        let make = || Store::new(&self.aws.clone().once(ATTEMPT), self.name.clone(), self.shards);
        self.brief.get_or_init(make)
    }
}
