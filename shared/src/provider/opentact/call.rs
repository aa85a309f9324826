//! Call states: each is about one leg of a call.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::event::{Event, Leg};
use crate::failure::{Channel, FailureClass};
use crate::json::Json;
use crate::key::{self, EventId, Partition, Subject};
use crate::name::{Direction, Family, Provider, Status};
use crate::provider::opentact::{Envelope, direction, no_direction, party, reason};
use crate::provider::{kept, no_time, time_of};

/// The states that were seen, each with its status and the leg's field that says when it was reached.
const STATES: [(&str, Status, &str); 9] = [
    ("init", Status::Started, "init_on"),
    ("ringing", Status::Ringing, "ring_on"),
    ("live", Status::Answered, "answer_on"),
    ("online", Status::Answered, "answer_on"),
    ("bridged", Status::Answered, "bridge_on"),
    ("hangup", Status::Ended, "hangup_on"),
    ("destroyed", Status::Ended, "destroy_on"),
    ("offline", Status::Ended, "hangup_on"),
    ("failed", Status::Failed, "hangup_on"),
];

/// More legs than a call forks into.
const MAX_CHILDREN: usize = 10;

/// A day, in seconds.
const DAY: i64 = 86_400;

pub(super) fn read(envelope: &Envelope<'_, '_>, call: &Json<'_>) -> Event {
    let stated = envelope.body.get("payload").and_then(|payload| payload.str("state"));
    let state = stated.or_else(|| call.str("state")).or_else(|| call.str("status")).unwrap_or_default();
    let known = STATES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(state));
    let reached_at = known.and_then(|(.., field)| time_of(call, field));

    let identity = match envelope.uuid {
        Some(uuid) => uuid_identity(uuid),
        None => envelope.body.digest_without(&[]),
    };
    // The event's own time, which its uuid stands for: two contents of one uuid meet in one key.
    let id = EventId::new(partition(envelope, call, &identity), envelope.made_at.or(reached_at), &identity);
    let mut event = envelope.event(id, Family::Call);
    event.reached_at = reached_at;
    event.warnings.extend(known.and_then(|(.., field)| no_time(call, field)));
    put_leg(envelope, call, &mut event);
    event.status = known.map_or(Status::Info, |(_, status, _)| *status);
    if known.is_none() {
        event.warnings.push(if state.is_empty() {
            "no state".to_owned()
        } else {
            format!("unknown state {}", kept(state))
        });
    }
    event.answered_at = answered_at(call).filter(|_| matches!(event.status, Status::Ended | Status::Failed));
    event.warnings.extend(reason::unreadable(call));
    fail(envelope, call, &mut event);
    event
}

/// When the leg was answered. FreeSWITCH's time of what did not happen is zero, in whatever zone that is written.
fn answered_at(call: &Json<'_>) -> Option<Timestamp> {
    time_of(call, "answer_on").filter(|time| time.as_second() > DAY)
}

/// Reads what comes beside a call's states: the result of a command, a recording. The call that is embedded can be
/// stale: it says which call that is and whose, and never how it stands.
pub(super) fn read_beside(envelope: &Envelope<'_, '_>, call: Option<&Json<'_>>) -> Event {
    let call = call.unwrap_or(&Json::Null);
    let path = envelope.body.at(&["payload", "command"]).and_then(|command| command.str("path"));
    let identity = match (envelope.uuid, call.text("uuid"), path, envelope.body.str("timestamp")) {
        (Some(uuid), ..) => uuid_identity(uuid),
        // A command has no id: which call, which command and when is its identity.
        (None, Some(call), Some(path), Some(at)) => Sha256::digest(format!("{call:?} {path:?} {at:?}")).into(),
        _ => envelope.body.digest_without(&[]),
    };
    let id = EventId::new(partition(envelope, call, &identity), envelope.made_at, &identity);
    let mut event = envelope.event(id, Family::Call);
    put_leg(envelope, call, &mut event);
    // What surrounds a command's result may differ between two deliveries of it.
    let result = || key::digest(&envelope.body.digest_without(&[&["timestamp"], &["message"]]));
    event.content = event.content.or_else(|| Some(result()));
    let evidence = reason::of_command(envelope.body);
    let places = [envelope.body.get("success"), envelope.body.at(&["payload", "command", "success"])];
    if places.contains(&Some(&Json::Bool(false))) {
        event.failure = evidence.class(Channel::Call).map(|class| evidence.failure(class, Channel::Call));
        event.warnings.push("the command failed".to_owned());
    }
    event
}

/// An event's own uuid is its identity: two contents of one uuid are a conflict, and both are kept.
fn uuid_identity(uuid: &str) -> [u8; 32] {
    Sha256::digest(format!("uuid:{uuid}")).into()
}

fn put_leg(envelope: &Envelope<'_, '_>, call: &Json<'_>, event: &mut Event) {
    event.content = envelope.uuid.map(|_| key::digest(&envelope.body.digest_without(&[])));
    event.provider_id = event.provider_id.take().or_else(|| call.text("uuid").map(kept));
    event.leg = call.text("uuid").map(|id| Leg { id: kept(id), direction: direction(call) });
    event.thread = call
        .text("thread")
        .or_else(|| first(call).text("thread"))
        .map(|thread| Partition::new(Provider::Opentact, Subject::Call, thread));
    let children = call.elements("children").iter().filter_map(|child| child.text("uuid").or_else(|| child.as_text()));
    let children = children.take(MAX_CHILDREN).map(|child| Partition::new(Provider::Opentact, Subject::Call, child));
    event.children = children.collect();
    event.warnings.extend(no_direction(call));
    party::put(call, direction(call), event);
}

fn partition(envelope: &Envelope<'_, '_>, call: &Json<'_>, identity: &[u8; 32]) -> Partition {
    match root(call).or_else(|| envelope.body.text("ref_id")) {
        Some(leg) => Partition::new(Provider::Opentact, Subject::Call, leg),
        None => envelope.alone(identity),
    }
}

/// The leg that the call began with: the last of the chain of parents.
fn root<'j>(call: &'j Json<'_>) -> Option<&'j str> {
    first(call).text("uuid")
}

fn first<'j, 'a>(call: &'j Json<'a>) -> &'j Json<'a> {
    let mut leg = call;
    while let Some(parent) = leg.get("parent").filter(|parent| parent.text("uuid").is_some()) {
        leg = parent;
    }
    leg
}

/// A leg that ends with a cause that shows a failure has failed, as far as an event alone can tell; one that says
/// `failed` has, unless the end was ordinary. One that says when it was answered has come about: only an empty balance is
/// told of it. A later state that does not repeat the time of the answer is judged by the call's fold.
fn fail(envelope: &Envelope<'_, '_>, call: &Json<'_>, event: &mut Event) {
    let channel = if direction(call) == Some(Direction::Out) { Channel::Carrier } else { Channel::Call };
    let evidence = reason::of_call(&envelope.levels(call), event.status, channel);
    event.cause = evidence.cause(channel);
    let class = evidence.class(channel);
    let balance = class.filter(|class| *class == FailureClass::InsufficientBalance);
    let class = match event.status {
        Status::Ended | Status::Failed if event.answered_at.is_some() => balance,
        Status::Failed if evidence.is_ordinary(channel) => class,
        Status::Failed => class.or(Some(FailureClass::Unknown)),
        Status::Ended => class,
        // Whatever a state nobody knows may be: this is a failure.
        Status::Info => balance,
        _ => return,
    };
    match class {
        Some(class) => {
            event.status = Status::Failed;
            event.failure = Some(evidence.failure(class, channel));
        }
        None if event.status == Status::Failed => event.status = Status::Ended,
        None => (),
    }
}
