//! What `index` reads of a stored event.

use shared::event::Event;
use shared::store::item::{self, EXPIRES, Item, ItemError};
use shared::store::{self, Kind, Shards, pointer};

/// A stored event, with the rows that follow from its item.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) event: Event,
    pub(crate) rows: Vec<Item>,
}

/// Reads an item; None for one that is no event, and for one that nothing follows from any more.
pub(crate) fn stored(item: &Item, shards: Shards) -> Result<Option<Stored>, ItemError> {
    if store::kind(item) != Kind::Event || store::is_forgotten(item) {
        return Ok(None);
    }
    let event = item::event(item)?;
    let rows = pointer::rows(&event, shards, item.get(EXPIRES));
    Ok(Some(Stored { event, rows }))
}
