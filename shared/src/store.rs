//! The events table: written conditionally and once, read by Query and never by Scan.

mod bodies;
mod call;
pub mod counts;
mod deliveries;
pub mod item;
mod kind;
pub mod list;
mod nameless;
pub mod names;
pub mod pointer;
pub mod quarantine;
mod read;
pub mod record;
mod retention;
mod seen;
mod shards;
mod write;

use aws_sdk_dynamodb::Client;

use crate::aws::{Aws, ServiceError};
use crate::store::item::ItemError;
pub use bodies::Rest;
pub use call::{CallEvents, Unread};
pub use deliveries::{Eventless, LastDeliveries};
pub use kind::{Kind, kind};
pub use list::{Cursor, IndexKey, Page, PageRequest};
pub use nameless::{is_forgotten, nameless};
pub use retention::Retention;
pub use seen::Seen;
pub use shards::Shards;
pub use write::Put;

/// Why an operation of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached, was throttled, timed out, or denied: a retry may succeed.
    #[error("{doing}: the table is not available")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// Why the call failed.
        source: ServiceError,
    },
    /// It left some of the writes undone: a retry may succeed.
    #[error("{doing}: {left} of the writes were left undone")]
    Undone {
        /// What was being done.
        doing: &'static str,
        /// How many.
        left: usize,
    },
    /// Each attempt lost against another writer: a retry may succeed.
    #[error("{doing}: another writer was faster each time")]
    Contended {
        /// What was being done.
        doing: &'static str,
    },
    /// It rejects this for good: a retry would fail too.
    #[error("{doing}: refused: {cause}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// The service's own words.
        cause: String,
    },
    /// An item does not have the form that this code writes.
    #[error("{doing}: an item does not have the form that this code writes")]
    Item {
        /// What was being done.
        doing: &'static str,
        /// What is wrong with it.
        source: ItemError,
    },
}

impl StoreError {
    fn of(doing: &'static str, error: impl Into<ServiceError>) -> Self {
        let source = error.into();
        match source.code() {
            Some(code @ ("ValidationException" | "ItemCollectionSizeLimitExceededException")) => {
                Self::Refused { doing, cause: source.message().unwrap_or(code).to_owned() }
            }
            _ => Self::Unavailable { doing, source },
        }
    }
}

/// The events table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
    shards: Shards,
}

impl Store {
    /// The table of that name.
    #[must_use]
    pub fn new(aws: &Aws, table: String, shards: Shards) -> Self {
        Self { client: aws.dynamodb(), table, shards }
    }

    /// Opens the connection to the database ahead of the first request; see [`crate::aws::connect`].
    pub async fn connect(&self) {
        crate::aws::connect(&self.client).await;
    }
}
