//! Messages.

use sha2::{Digest as _, Sha256};

use crate::event::Event;
use crate::failure::{Channel, FailureClass};
use crate::json::Json;
use crate::key::{self, EventId, Partition, Subject};
use crate::name::{Direction, Family, Provider, Status};
use crate::provider::opentact::{Envelope, own, party, reason};
use crate::provider::{kept, no_time, time_of};

/// The members that say when a message came to its state, the more exact first.
const OWN_TIME: [&str; 2] = ["modified_on", "created_on"];

/// The state of a message that the gateway did not answer for.
pub(super) const GATEWAY_TIMEOUT: &str = "gw_timeout";

/// Whether a body without an envelope is a message: both calls and messages have an id, parties and a state.
pub(super) fn is_one(body: &Json<'_>) -> bool {
    let kind = body.str("type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("sms"));
    // A call fails too.
    let state = body.str("state").is_some_and(|state| !matches!(of_state(state), Status::Info | Status::Failed));
    kind || body.get("delivered").is_some() || (body.get("message").is_some() && state)
}

pub(super) fn read(envelope: &Envelope<'_, '_>, message: &Json<'_>) -> Event {
    let mut event = envelope.event(id(envelope, message), Family::Sms);
    // Of the message alone: two deliveries of one state differ in the envelope's time, and may come without the envelope.
    // Meanwhile the account's balance may have changed, which says nothing of the message.
    event.content = message.text("uuid").map(|_| key::digest(&message.digest_without(&[&["account", "balance"]])));
    event.provider_id = message.text("uuid").map(kept).or(event.provider_id);
    let plan = party::dialling(message);
    event.from = message.text("from").map(|raw| party::of_message(raw, plan));
    event.to = message.text("to").map(|raw| party::of_message(raw, plan));
    let own = OWN_TIME.iter().filter_map(|name| no_time(message, name));
    let new: Vec<_> = own.filter(|warning| !event.warnings.contains(warning)).collect();
    event.warnings.extend(new);
    event.status = status(message);
    event.own = own::of_message(message, direction(message), &event);
    if event.status == Status::Info {
        let state =
            message.str("state").map_or_else(|| "no state".to_owned(), |s| format!("unknown state {}", kept(s)));
        event.warnings.push(state);
    }
    let evidence = reason::of_message(&envelope.levels(message));
    let balance =
        event.status == Status::Info && evidence.class(Channel::Message) == Some(FailureClass::InsufficientBalance);
    if event.status == Status::Failed || balance {
        event.status = Status::Failed;
        event.cause = evidence.cause(Channel::Message);
        let class = evidence.class(Channel::Message).unwrap_or(FailureClass::Undelivered);
        event.failure = Some(evidence.failure(class, Channel::Message));
    }
    event
}

fn direction(message: &Json<'_>) -> Option<Direction> {
    match message.str("type")?.to_ascii_lowercase().as_str() {
        "smsi" => Some(Direction::In),
        "smso" => Some(Direction::Out),
        _ => None,
    }
}

/// Whether a message arrived is also said apart. A reason is filled in on success too: it is no failure.
fn status(message: &Json<'_>) -> Status {
    let inbound = direction(message) == Some(Direction::In);
    match message.str("state").map_or(Status::Info, of_state) {
        Status::Sent | Status::Delivered if inbound => Status::Received,
        Status::Sent if is_delivered(message) => Status::Delivered,
        status => status,
    }
}

/// Whether the member says yes, as JSON or as a form has it.
fn is_delivered(message: &Json<'_>) -> bool {
    let said = |text: &str| ["true", "1", "yes"].iter().any(|yes| yes.eq_ignore_ascii_case(text.trim()));
    message.get("delivered") == Some(&Json::Bool(true)) || message.text("delivered").is_some_and(said)
}

/// What a state says of a message, or of a recipient of it; [`Status::Info`] for a state that nobody knows.
pub(super) fn of_state(state: &str) -> Status {
    match state.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
        "created" | "queued" | "accepted" | "scheduled" | "sending" => Status::Queued,
        // `success` means handed on. Without a delivery receipt in time the message may have arrived.
        "success" | "sent" | "delivery_unconfirmed" | "dlr_timeout" => Status::Sent,
        "delivered" => Status::Delivered,
        "received" | "webhook_delivered" => Status::Received,
        "failed" | "failure" | "error" | "sending_failed" | "delivery_failed" | "undelivered" | "undeliverable"
        | "expired" | "timeout" | "rejected" | "blocked" | "canceled" | "cancelled" | GATEWAY_TIMEOUT => Status::Failed,
        _ => Status::Info,
    }
}

/// One message gives several events and none has an id: what tells them apart is the message's state. The time in the
/// key is the message's own, since the envelope's differs between two deliveries of one event.
fn id(envelope: &Envelope<'_, '_>, message: &Json<'_>) -> EventId {
    let own_time = OWN_TIME.iter().find_map(|name| time_of(message, name));
    let Some(uuid) = message.text("uuid") else {
        let identity = envelope.body.digest_without(&[]);
        return EventId::new(envelope.alone(&identity), own_time.or(envelope.made_at), &identity);
    };
    let delivered = message.get("delivered").map(|value| value == &Json::Bool(true));
    let identity = format!("{uuid:?} {:?} {delivered:?} {:?}", message.str("state"), message.str("modified_on"));
    let partition = Partition::new(Provider::Opentact, Subject::Message, uuid);
    EventId::new(partition, own_time, &Sha256::digest(identity).into())
}
