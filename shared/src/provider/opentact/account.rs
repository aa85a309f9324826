//! What concerns the account itself: its balance, and who signs in.
//!
//! A balance has no id and no account; several come for one call, in any order. The amount stays in the body.

use crate::entity::{Category, Entity, EntityKind, Pair};
use crate::event::Event;
use crate::key::EventId;
use crate::name::Family;
use crate::provider::opentact::Envelope;

pub(super) fn read(envelope: &Envelope<'_, '_>) -> Event {
    let identity = envelope.body.digest_without(&[]);
    let mut event =
        envelope.event(EventId::new(envelope.alone(&identity), envelope.made_at, &identity), Family::Account);
    let category = if envelope.kind == "balance" { Category::Balance } else { Category::Auth };
    let places = [envelope.body.get("account"), envelope.body.at(&["payload", "account"])];
    let account = places.into_iter().flatten().find_map(|account| account.str("uuid").or_else(|| account.as_text()));
    let entity = account.and_then(|uuid| Entity::new(EntityKind::Account, uuid).ok());
    event.others.extend(entity.map(|entity| Pair { entity, category }));
    event
}
