//! Whose event it is: those of its entities that are the customer's, and where each stands.

use serde::Serialize;

use crate::entity::Entity;
use crate::event::Event;
use crate::name::names;

/// Where an own entity stands in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It calls or sends.
    From,
    /// It is called or receives.
    To,
    /// Neither: the event came about by way of it, as by a number that leads to a user.
    Via,
}

names!(Side, "side": From = "from", To = "to", Via = "via");

/// An entity of the customer's in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Own {
    /// The entity.
    pub entity: Entity,
    /// Where it stands.
    pub side: Side,
}

impl Event {
    /// The entity of the party on that side.
    #[must_use]
    pub fn on(&self, side: Side) -> Option<&Entity> {
        let party = match side {
            Side::From => &self.from,
            Side::To => &self.to,
            Side::Via => &None,
        };
        party.as_ref()?.entity.as_ref()
    }

    /// The party on that side as one of the customer's, where it is known who that is.
    #[must_use]
    pub fn own_on(&self, side: Side) -> Option<Own> {
        Some(Own { entity: self.on(side)?.clone(), side })
    }
}
