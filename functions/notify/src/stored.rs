//! What `notify` reads of a stored item: an event, or a record that ended.

use std::collections::BTreeMap;

use shared::event::{Details, Event};
use shared::key::Partition;
use shared::provider;
use shared::settings::Switch;
use shared::store::item::{self, Item, ItemError};
use shared::store::record::{self, Row};
use shared::store::{self, Kind};

use crate::balance::{self, Told};

/// Whether the events topic shows the texts of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// It does not.
    Hidden,
    /// It does.
    Published,
}

/// Whether they are published.
impl From<Switch> for Texts {
    fn from(published: Switch) -> Self {
        match published {
            Switch::Off => Self::Hidden,
            Switch::On => Self::Published,
        }
    }
}

/// A stored event, with what only its body says.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) event: Event,
    pub(crate) balance: Option<Told>,
}

/// What an item is here.
#[derive(Debug)]
pub(crate) enum Image {
    /// An event.
    Event(Box<Stored>),
    /// What the table has where the record of that call or message ended.
    Ended(Partition, Row),
}

/// What a batch brings.
#[derive(Debug, Default)]
pub(crate) struct Images {
    /// The events, in their order.
    pub(crate) events: Vec<Stored>,
    /// The records that ended, each in its last version: the stream has the versions of one in their order.
    pub(crate) ended: BTreeMap<Partition, Row>,
}

impl FromIterator<Image> for Images {
    fn from_iter<T: IntoIterator<Item = Image>>(images: T) -> Self {
        let mut all = Self::default();
        for image in images {
            match image {
                Image::Event(stored) => all.events.push(*stored),
                Image::Ended(id, row) => drop(all.ended.insert(id, row)),
            }
        }
        all
    }
}

/// Reads an item; None for one that says nothing here.
pub(crate) fn image(item: &Item, texts: Texts) -> Result<Option<Image>, ItemError> {
    if store::is_forgotten(item) {
        return Ok(None);
    }
    match store::kind(item) {
        Kind::Event => Ok(Some(Image::Event(Box::new(stored(item, texts)?)))),
        Kind::Record => Ok(record::ended(item)?.map(|(id, row)| Image::Ended(id, row))),
        Kind::Pointer | Kind::Quarantined => Ok(None),
    }
}

fn stored(item: &Item, texts: Texts) -> Result<Stored, ItemError> {
    let event = item::event(item)?;
    // A body that can't be decoded must not silence the rest of the event.
    let Ok((body, _)) = item::body(item) else { return Ok(Stored { event, balance: None }) };
    let balance = provider::tells_balance(&event).then(|| balance::told(&event, &body));
    Ok(Stored { event: detailed(event, &body, texts), balance })
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
