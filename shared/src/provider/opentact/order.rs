//! Orders of phone numbers.

use crate::address::NumberingPlan;
use crate::entity::{Category, Entity, Pair};
use crate::event::Event;
use crate::failure::{Channel, FailureClass};
use crate::json::Json;
use crate::key::{EventId, Partition, Subject};
use crate::name::{Family, Provider, Status};
use crate::provider::kept;
use crate::provider::opentact::{Envelope, party, reason};

pub(super) fn read(envelope: &Envelope<'_, '_>, order: &Json<'_>) -> Event {
    let uuid = order.text("uuid");
    let identity = envelope.body.digest_without(&[]);
    let partition = match uuid {
        Some(uuid) => Partition::new(Provider::Opentact, Subject::Order, uuid),
        None => envelope.alone(&identity),
    };
    let id = EventId::new(partition, envelope.made_at, &identity);

    let mut event = envelope.event(id, Family::Account);
    event.provider_id = uuid.map(kept).or(event.provider_id);
    let entities = event.account.iter().cloned().chain(numbers(order));
    event.others = entities.map(|entity| Pair { entity, category: Category::NumberOrder }).collect();
    event.status = status(order);
    if event.status == Status::Info {
        let state = order.str("state").map_or_else(|| "no state".to_owned(), |s| format!("unknown state {}", kept(s)));
        event.warnings.push(state);
    }
    if matches!(event.status, Status::Failed | Status::Partial) {
        fail(envelope, order, &mut event);
    }
    event
}

/// A successful order can still hold rejected numbers.
fn status(order: &Json<'_>) -> Status {
    let (accepted, rejected) = (order.elements("items").len(), order.elements("errors").len());
    match order.str("state").map(str::to_ascii_lowercase).as_deref() {
        Some("failed") => Status::Failed,
        Some("success") if rejected == 0 => Status::Succeeded,
        Some("success") if accepted == 0 => Status::Failed,
        Some("success") => Status::Partial,
        Some("created" | "verify" | "processing") => Status::Queued,
        _ => Status::Info,
    }
}

/// Every number that the order names, accepted or not.
fn numbers(order: &Json<'_>) -> impl Iterator<Item = Entity> {
    let items = order.elements("items").iter();
    let rejected = order.elements("errors").iter().filter_map(|error| error.get("item"));
    items.chain(rejected).filter_map(number)
}

/// A number as a bare value, or within an object as `tn`, which can be an object again.
fn number(item: &Json<'_>) -> Option<Entity> {
    written(item).and_then(|text| party::number(text, NumberingPlan::International))
}

/// The number as it is written.
pub(super) fn written<'j>(item: &'j Json<'_>) -> Option<&'j str> {
    let mut value = item;
    while let Some(inner) = value.get("tn") {
        value = inner;
    }
    value.as_text()
}

fn fail(envelope: &Envelope<'_, '_>, order: &Json<'_>, event: &mut Event) {
    let errors = order.elements("errors").iter();
    let mut evidence = reason::of_message(&envelope.levels(order));
    for error in errors {
        evidence.reasons.extend(["description", "reason"].iter().filter_map(|name| error.text(name)));
        evidence.causes.extend(reason::of_message(&[error]).causes);
    }
    event.cause = evidence.cause(Channel::Call);
    let class = evidence.class(Channel::Call).unwrap_or(FailureClass::Unknown);
    event.failure = Some(evidence.failure(class, Channel::Call));
}
