//! What an item of the events table is.

use crate::key::{Partition, Subject};
use crate::store::item::{self, Item};
use crate::store::{pointer, record};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An event, or what should be one.
    Event,
    /// A row that leads to an event from a further entity, or to a call from its thread.
    Pointer,
    /// A delivery that could not be read.
    Quarantined,
    /// What a call or message came to, or a row that leads to that from a further entity.
    Record,
}

/// What the item is, by its key.
#[must_use]
pub fn kind(item: &Item) -> Kind {
    let partition = item::string(item, "pk").unwrap_or_default();
    match partition.parse::<Partition>() {
        Ok(partition) if partition.subject() == Subject::Quarantine => Kind::Quarantined,
        Err(_) if pointer::is_key(partition) => Kind::Pointer,
        Err(_) if record::is_key(partition) => Kind::Record,
        _ => Kind::Event,
    }
}
