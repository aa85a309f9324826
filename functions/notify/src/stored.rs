//! What `notify` reads of a stored event.

use shared::event::Event;
use shared::provider;
use shared::store::item::{self, Item, ItemError};
use shared::store::{self, Kind};

use crate::balance::{self, Balance};

/// A stored event, with what only its body says.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) event: Event,
    pub(crate) balance: Option<Balance>,
}

/// Reads an item; None for one that is no event.
pub(crate) fn stored(item: &Item) -> Result<Option<Stored>, ItemError> {
    if store::kind(item) != Kind::Event {
        return Ok(None);
    }
    let event = item::event(item)?;
    // A body that can't be decoded must not silence the rest of the event.
    let body = provider::tells_balance(&event).then(|| item::body(item).ok()).flatten();
    let balance = body.and_then(|(body, _)| balance::told(&event, &body));
    Ok(Some(Stored { event, balance }))
}
