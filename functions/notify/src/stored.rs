//! What `notify` reads of a stored event.

use std::str::FromStr;

use shared::event::{Details, Event};
use shared::provider;
use shared::store::item::{self, Item, ItemError};
use shared::store::{self, Kind};

use crate::balance::{self, Balance};

/// Whether the events topic shows the texts of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// It does not.
    Hidden,
    /// It does.
    Published,
}

impl FromStr for Texts {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Hidden),
            "on" => Ok(Self::Published),
            _ => Err("not on or off"),
        }
    }
}

/// A stored event, with what only its body says.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) event: Event,
    pub(crate) balance: Option<Balance>,
}

/// Reads an item; None for one that is no event.
pub(crate) fn stored(item: &Item, texts: Texts) -> Result<Option<Stored>, ItemError> {
    if store::kind(item) != Kind::Event {
        return Ok(None);
    }
    let event = item::event(item)?;
    // A body that can't be decoded must not silence the rest of the event.
    let Ok((body, _)) = item::body(item) else { return Ok(Some(Stored { event, balance: None })) };
    let balance = provider::tells_balance(&event).then(|| balance::told(&event, &body)).flatten();
    Ok(Some(Stored { event: detailed(event, &body, texts), balance }))
}

/// The event with the details that its body holds.
pub(crate) fn detailed(event: Event, body: &[u8], texts: Texts) -> Event {
    let details = provider::details(event.provider(), body);
    let details = match texts {
        Texts::Hidden => details.map(Details::without_text),
        Texts::Published => details,
    };
    Event { details, ..event }
}
