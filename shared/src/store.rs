//! The events table: what is written, conditionally and once, and what is read, by Query and never by Scan.

pub mod item;
pub mod pointer;
pub mod quarantine;
mod read;
mod write;

use std::hash::Hasher as _;
use std::str::FromStr;

use aws_sdk_dynamodb::Client;

use crate::aws::{Aws, ServiceError};
use crate::key::{Partition, Subject};
pub use read::{Cursor, Listing, Page, Source};
pub use write::Put;

/// Into how many shards the keys that everyone writes to are split: a partition takes 1,000 write units a second. The
/// number may be raised at any time, and must never be lowered: readers look into as many shards as there are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(u8);

impl Default for Shards {
    fn default() -> Self {
        Self(4)
    }
}

impl FromStr for Shards {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.parse().ok().filter(|n| (1..=64).contains(n));
        number.map(Self).ok_or("not a number of shards from 1 to 64")
    }
}

impl Shards {
    /// The key of the shard of `base` that something of that id belongs to.
    fn key(self, base: &str, id: &str) -> String {
        let mut hash = std::hash::DefaultHasher::new();
        hash.write(id.as_bytes());
        format!("{base}#{}", hash.finish() % u64::from(self.0))
    }

    /// The keys of all shards of `base`.
    fn keys(self, base: &str) -> impl Iterator<Item = String> {
        (0..self.0).map(move |shard| format!("{base}#{shard}"))
    }
}

/// The key without its shard.
fn unsharded(key: &str) -> &str {
    key.rsplit_once('#').map_or(key, |(base, _)| base)
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An event, or what should be one.
    Event,
    /// A row by which an event is found under a further entity, or a call by its thread.
    Pointer,
    /// A delivery that could not be read.
    Quarantined,
}

/// What the item is, by its key.
#[must_use]
pub fn kind(item: &item::Item) -> Kind {
    let partition = item::string(item, "pk").unwrap_or_default();
    match partition.parse::<Partition>() {
        Ok(partition) if partition.subject() == Subject::Quarantine => Kind::Quarantined,
        Err(_) if pointer::is_key(partition) => Kind::Pointer,
        _ => Kind::Event,
    }
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached, was throttled, timed out, or denied: the same may work later.
    #[error("{doing}: the table is not available")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// What the call came to.
        source: ServiceError,
    },
    /// It will never take this: what a retry can't mend.
    #[error("{doing}: refused: {cause}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// The service's own words.
        cause: String,
    },
    /// An item has not the form that this code writes.
    #[error("{doing}: an item has another form")]
    Item {
        /// What was being done.
        doing: &'static str,
        /// What is wrong with it.
        source: item::ItemError,
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn every_key_lies_in_one_of_the_shards_that_are_read() {
        let shards: Shards = "7".parse().unwrap();
        let read: Vec<_> = shards.keys("example.com").collect();
        let mut used = std::collections::BTreeSet::new();
        for id in 0..1000 {
            let key = shards.key("example.com", &id.to_string());
            assert!(read.contains(&key));
            assert_eq!(unsharded(&key), "example.com");
            used.insert(key);
        }
        assert_eq!(used.len(), 7);
    }
}
