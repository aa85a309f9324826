//! The messaging webhook: `{data: {event_type, id, occurred_at, payload}, meta}`. The delivery is `data.id`, the message
//! `data.payload.id`, what came of it stands with each recipient. `meta` counts attempts and is left out of the identity.

use sha2::{Digest as _, Sha256};

use crate::address::NumberingPlan;
use crate::entity::{Category, Pair};
use crate::event::{Event, Party};
use crate::failure::{Cause, Channel, Evidence, FailureClass};
use crate::json::Json;
use crate::key::{self, EventId, Partition, Subject};
use crate::name::{Direction, Family, Provider, Status};
use crate::provider::opentact::sms::{GATEWAY_TIMEOUT, of_state};
use crate::provider::opentact::{Envelope, direction, no_direction, own, party};
use crate::provider::{kept, no_time, time_of};

pub(super) fn read(envelope: &Envelope<'_, '_>, data: &Json<'_>) -> Event {
    let payload = data.get("payload").unwrap_or(&Json::Null);
    let content = envelope.body.digest_without(&[&["meta"], &["data", "payload", "account", "balance"]]);
    let kind = data.str("event_type").unwrap_or_default();
    let mut event = envelope.event(id(envelope, data, &content), Family::Sms);
    event.content = data.text("id").map(|_| key::digest(&content));
    event.provider_id = data.text("id").map(kept);
    event.kind = kept(kind);
    event.from = payload.get("from").and_then(number);
    put_recipients(payload, &mut event);
    event.status = status(kind, payload);
    event.own = own::of_message(payload, direction(payload), &event);
    event.warnings.extend(no_time(data, "occurred_at"));
    event.warnings.extend(unknown(payload, event.status));
    event.warnings.extend(no_direction(payload));
    if matches!(event.status, Status::Failed | Status::Partial) {
        let evidence = evidence(payload);
        event.cause = evidence.cause(Channel::Message);
        let class = evidence.class(Channel::Message).unwrap_or_else(|| unnamed(payload));
        event.failure = Some(evidence.failure(class, Channel::Message));
    }
    event
}

fn id(envelope: &Envelope<'_, '_>, data: &Json<'_>, content: &[u8; 32]) -> EventId {
    let identity = data.text("id").map_or(*content, |id| Sha256::digest(format!("data:{id}")).into());
    let occurred_at = time_of(data, "occurred_at");
    let message = data.at(&["payload"]).and_then(|payload| payload.text("id"));
    let partition = match message {
        Some(id) => Partition::new(Provider::Opentact, Subject::Message, id),
        None => envelope.alone(&identity),
    };
    EventId::new(partition, occurred_at, &identity)
}

/// A party as an object with its number, or as the number itself.
fn number(json: &Json<'_>) -> Option<Party> {
    json.text("phone_number").or_else(|| json.as_text()).map(|raw| party::of_message(raw, NumberingPlan::International))
}

/// The first recipient is the receiving party; a message to several concerns the others too.
fn put_recipients(payload: &Json<'_>, event: &mut Event) {
    let one = payload.get("to").and_then(number);
    let mut several: Vec<_> = payload.elements("to").iter().filter(|to| number(to).is_some()).collect();
    // The one that a failure is about goes first.
    several.sort_by_key(|to| to.str("status").map(of_state) != Some(Status::Failed));
    let mut several = several.into_iter().filter_map(number);
    event.to = one.or_else(|| several.next());
    // The other members of a group message stand in `cc`.
    let group = payload.elements("cc").iter().filter_map(number).chain(payload.get("cc").and_then(number));
    let further = several.chain(group).filter_map(|party| party.entity);
    event.others.extend(further.map(|entity| Pair { entity, category: Category::InboundSms }));
}

fn status(kind: &str, payload: &Json<'_>) -> Status {
    let kind = kind.to_ascii_lowercase();
    let inbound = direction(payload) == Some(Direction::In) || kind == "message.received";
    let outcomes: Vec<_> = states(payload).map(of_state).collect();
    let failed = outcomes.iter().filter(|status| **status == Status::Failed).count();
    // Errors, or a type that says so, where no recipient tells of it.
    let said = !payload.elements("errors").is_empty() || kind.ends_with("failed");
    match (failed, outcomes.len()) {
        (0, _) if said && !outcomes.contains(&Status::Delivered) => Status::Failed,
        (0, _) if inbound => Status::Received,
        // The least that all recipients have come to.
        (0, _) => outcomes.into_iter().min_by_key(|status| progress(*status)).unwrap_or(Status::Info),
        (failed, all) if failed == all => Status::Failed,
        _ => Status::Partial,
    }
}

/// The states that the message and its recipients are said to be in.
fn states<'j>(payload: &'j Json<'_>) -> impl Iterator<Item = &'j str> {
    let recipients = payload.elements("to").iter().chain(payload.get("to").filter(|to| to.is_object()));
    recipients.chain([payload]).filter_map(|place| place.str("status"))
}

/// A state that nobody knows; or that none stands where nothing else tells how the message is.
fn unknown(payload: &Json<'_>, status: Status) -> Option<String> {
    let unknown = states(payload).find(|state| of_state(state) == Status::Info);
    let none = || (status == Status::Info).then(|| "no state".to_owned());
    unknown.map(|state| format!("unknown state {}", kept(state))).or_else(none)
}

/// The class of a failure that no error explains: a gateway that does not answer has no capacity.
fn unnamed(payload: &Json<'_>) -> FailureClass {
    let mut failed = states(payload).filter(|state| of_state(state) == Status::Failed).peekable();
    let silent = failed.peek().is_some() && failed.all(|state| state.eq_ignore_ascii_case(GATEWAY_TIMEOUT));
    if silent { FailureClass::Congestion } else { FailureClass::Undelivered }
}

fn progress(status: Status) -> u8 {
    match status {
        Status::Info => 0,
        Status::Queued => 1,
        Status::Sent => 2,
        _ => 3,
    }
}

fn evidence<'e>(payload: &'e Json<'_>) -> Evidence<'e> {
    let errors = payload.elements("errors");
    let words =
        |error: &'e Json<'_>| ["detail", "title"].iter().filter_map(|name| error.text(name)).collect::<Vec<_>>();
    let code = |error: &Json<'_>| error.text("code")?.parse().ok().map(Cause::Provider);
    Evidence { causes: errors.iter().filter_map(code).collect(), reasons: errors.iter().flat_map(words).collect() }
}
