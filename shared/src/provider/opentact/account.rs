//! What concerns the account itself: its balance, and who signs in.
//!
//! A balance has no id and no account; several come for one call, in any order. The amount stays in the body.

use crate::entity::{Category, Entity, EntityKind, Pair};
use crate::event::Event;
use crate::json::Json;
use crate::key::EventId;
use crate::name::Family;
use crate::provider::opentact::Envelope;

/// The type of an event that tells a balance.
pub(super) const BALANCE: &str = "balance";

/// Whether the event tells a balance.
pub(in crate::provider) fn tells_balance(event: &Event) -> bool {
    event.kind == BALANCE
}

/// The amount that a balance's body tells: a number, or a text of one.
pub(in crate::provider) fn balance<'j>(body: &'j Json<'_>) -> Option<&'j str> {
    match body.get("payload")? {
        Json::Number(amount) => Some(amount),
        Json::String(amount) => Some(amount.trim()),
        _ => None,
    }
}

pub(super) fn read(envelope: &Envelope<'_, '_>) -> Event {
    let identity = envelope.body.digest_without(&[]);
    let mut event =
        envelope.event(EventId::new(envelope.alone(&identity), envelope.made_at, &identity), Family::Account);
    let category = if envelope.kind == BALANCE { Category::Balance } else { Category::Auth };
    let places = [envelope.body.get("account"), envelope.body.at(&["payload", "account"])];
    let account = places.into_iter().flatten().find_map(|account| account.str("uuid").or_else(|| account.as_text()));
    let entity = account.and_then(|uuid| Entity::new(EntityKind::Account, uuid).ok());
    event.others.extend(entity.map(|entity| Pair { entity, category }));
    event
}
