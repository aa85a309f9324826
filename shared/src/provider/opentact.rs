//! Opentact's webhooks: several body shapes, told apart by their keys.
//!
//! Facts from Opentact's documentation and public examples. What is not one of the known shapes is kept whole, as family
//! `other`.

mod call;
mod order;
mod party;
mod reason;
mod sms;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::access::Content;
use crate::event::{Event, Family, Provider, Status};
use crate::json::Json;
use crate::key::{EventId, Partition, Subject};
use crate::provider::{Unreadable, kept};
use crate::time;

/// What surrounds the entity that an event is about.
struct Envelope<'j, 'a> {
    /// The whole body.
    body: &'j Json<'a>,
    /// The type as sent; where the shape has none, the type that such an entity comes with in the others.
    kind: &'j str,
    /// The event's own id (stream of 2024).
    uuid: Option<&'j str>,
    /// When the provider made the event.
    made_at: Option<Timestamp>,
    received_at: Timestamp,
}

impl<'j> Envelope<'j, '_> {
    /// An event of this envelope that says nothing yet but that it came.
    fn event(&self, id: EventId, family: Family) -> Event {
        Event {
            id,
            content: None,
            provider_id: self.uuid.map(kept),
            family,
            kind: kept(self.kind),
            received_at: self.received_at,
            leg: None,
            from: None,
            to: None,
            others: Vec::new(),
            status: Status::Info,
            failure: None,
            cause: None,
            warnings: Vec::new(),
        }
    }

    /// The objects at which a reason can stand, the nearest to the matter first.
    fn levels<'e>(&'e self, entity: &'e Json<'j>) -> [&'e Json<'j>; 3]
    where
        'j: 'e,
    {
        let payload = self.body.get("payload").unwrap_or(&Json::Null);
        [entity, payload, self.body]
    }
}

/// Reads one event.
///
/// # Errors
/// [`Unreadable::NoIdentity`] when no id and no type can be found.
pub fn read(body: &Json<'_>, received_at: Timestamp) -> Result<Event, Unreadable> {
    let envelope = |kind| Envelope {
        body,
        kind,
        uuid: body.str("uuid").filter(|_| body.str("type").is_some() && !is_bare(body)),
        made_at: ["created_on", "timestamp"].iter().find_map(|name| body.str(name).and_then(time::parse)),
        received_at,
    };
    let object = |name| body.get(name).filter(|value| value.is_object());
    if is_bare_sms(body) {
        return Ok(sms::read(&envelope("sms"), body));
    }
    if is_bare(body) {
        return Ok(call::read(&envelope("call_state"), body));
    }
    match body.str("type") {
        Some(kind @ "call_state") => {
            if let Some(call) = object("call").or_else(|| object("payload")) {
                return Ok(call::read(&envelope(kind), call));
            }
        }
        Some(kind @ "sms") => {
            if let Some(message) = object("payload") {
                return Ok(sms::read(&envelope(kind), message));
            }
        }
        Some(kind @ "tn_order") => {
            if let Some(order) = object("payload") {
                return Ok(order::read(&envelope(kind), order));
            }
        }
        _ => (),
    }
    other(&envelope(""))
}

/// A call or message without an envelope: it has the state and the parties at the top.
fn is_bare(body: &Json<'_>) -> bool {
    body.get("payload").is_none() && ["uuid", "from", "to", "state"].iter().all(|name| body.get(name).is_some())
}

fn is_bare_sms(body: &Json<'_>) -> bool {
    is_bare(body) && ["delivered", "message"].iter().any(|name| body.get(name).is_some())
}

/// What is not understood yet: kept under the id and type it names.
fn other(envelope: &Envelope<'_, '_>) -> Result<Event, Unreadable> {
    let data = envelope.body.get("data").unwrap_or(&Json::Null);
    let kind = envelope.body.str("type").or_else(|| data.str("event_type"));
    let uuid = envelope.body.str("uuid").or_else(|| data.str("id"));
    let native = uuid.or(kind).ok_or(Unreadable::NoIdentity)?;
    let made_at = envelope.made_at.or_else(|| data.str("occurred_at").and_then(time::parse));
    let partition = Partition::new(Provider::Opentact, Subject::Event, native);
    let id = EventId::new(partition, made_at, &envelope.body.digest_without(&["meta"]));
    let envelope = Envelope { kind: kind.unwrap_or_default(), uuid, ..*envelope };
    Ok(envelope.event(id, Family::Other))
}

/// Reads the query-string form of a call event. It has no id, and two real calls look alike: the request's own id is its
/// identity, so it is never a repeat.
#[must_use]
pub fn read_query(content: &Content) -> Event {
    let members =
        form(&content.body).into_iter().map(|(name, value)| (name.into(), Json::String(value.into()))).collect();
    let call = Json::Object(members);
    let partition = Partition::new(Provider::Opentact, Subject::Event, &content.request_id);
    let id = EventId::new(partition, None, &Sha256::digest(&content.request_id).into());
    let envelope =
        Envelope { body: &call, kind: "call_state", uuid: None, made_at: None, received_at: content.received_at };
    let mut event = call::read(&envelope, &call);
    event.id = id;
    event.warnings.push("sent as a query string, without an id: repeats can't be told".to_owned());
    event
}

/// The decoded pairs of a query string.
fn form(query: &[u8]) -> Vec<(String, String)> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let query = String::from_utf8_lossy(query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(n, v)| (decode(n), decode(v))).collect()
}
