//! Opentact's webhooks: several body shapes, told apart by their keys.
//!
//! Facts from Opentact's documentation and public examples. What is not one of the known shapes is kept whole, as family
//! `other`.

mod account;
mod call;
mod details;
mod messaging;
mod order;
mod own;
mod party;
mod quoted;
mod reason;
mod sms;

pub(super) use self::details::of as details;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

pub(super) use self::account::{balance, tells_balance};
use crate::access::Content;
use crate::event::Event;
use crate::json::Json;
use crate::key::{self, EventId, Partition, Subject};
use crate::name::{Direction, Family, Provider, Status};
use crate::provider::{Addresses, Profile, Threads, Unreadable, kept, no_time, time_of};

/// What is so of Opentact.
pub(super) static PROFILE: Profile = Profile {
    name: "Opentact",
    addresses: Addresses::Listed,
    threads: Threads::Told,
    silence_checks: "do webhook_url and callback_url still point here, do they bear the right token, does \
                     OpentactAddresses hold the address that Opentact delivers from, is there any traffic at all?",
};

/// The members that say when the provider made an event, the more exact first.
const MADE_AT: [&str; 2] = ["created_on", "timestamp"];

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
            reached_at: None,
            answered_at: None,
            received_at: self.received_at,
            leg: None,
            thread: None,
            children: Vec::new(),
            from: None,
            to: None,
            others: Vec::new(),
            own: Vec::new(),
            account: account::of(self.body),
            status: Status::Info,
            failure: None,
            cause: None,
            details: None,
            warnings: MADE_AT.iter().filter_map(|name| no_time(self.body, name)).collect(),
        }
    }

    /// The partition of an event that belongs to nothing else.
    fn alone(&self, identity: &[u8; 32]) -> Partition {
        let digest = key::digest(identity);
        Partition::new(Provider::Opentact, Subject::Event, self.uuid.unwrap_or(&digest))
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
    let bare = is_bare(body);
    let envelope = |kind| Envelope {
        body,
        kind,
        uuid: body.text("uuid").filter(|_| !bare),
        made_at: MADE_AT.iter().find_map(|name| time_of(body, name)),
        received_at,
    };
    if bare {
        return Ok(if sms::is_one(body) {
            sms::read(&envelope("sms"), body)
        } else {
            call::read(&envelope("call_state"), body)
        });
    }
    if let Some(data) = body.get("data").filter(|data| data.str("event_type").is_some()) {
        return Ok(messaging::read(&envelope("sms"), data));
    }
    let object = |path: &[&str]| body.at(path).filter(|value| value.is_object());
    let kind = body.str("type").unwrap_or_default();
    let envelope = envelope(kind);
    let payload = object(&["payload"]);
    let event = match kind {
        "call_state" => object(&["call"]).or(payload).map(|call| call::read(&envelope, call)),
        "call_flow" | "call_record" => {
            Some(call::read_beside(&envelope, object(&["payload", "call"]).or(object(&["call"]))))
        }
        "sms" => payload.map(|message| sms::read(&envelope, message)),
        "tn_order" => payload.map(|order| order::read(&envelope, order)),
        account::BALANCE | "auth" => Some(account::read(&envelope)),
        _ => None,
    };
    event.map_or_else(|| other(&envelope), Ok)
}

/// Where a leg or a message goes, as the platform sees it.
fn direction(json: &Json<'_>) -> Option<Direction> {
    match json.str("direction")?.trim().to_ascii_lowercase().as_str() {
        "in" | "inbound" | "incoming" => Some(Direction::In),
        "out" | "outbound" | "outgoing" => Some(Direction::Out),
        _ => None,
    }
}

/// What is to be said of a direction that is none of these. Null and the empty text say that there is none.
fn no_direction(json: &Json<'_>) -> Option<String> {
    let said = json.get("direction").filter(|value| **value != Json::Null && !json.is_blank("direction"))?;
    let unknown = || {
        said.as_text()
            .map_or_else(|| "direction is no text".to_owned(), |text| format!("unknown direction {}", kept(text)))
    };
    direction(json).is_none().then(unknown)
}

/// A call or message without an envelope: it has the state and the parties at the top.
fn is_bare(body: &Json<'_>) -> bool {
    body.get("payload").is_none() && ["uuid", "from", "to", "state"].iter().all(|name| body.get(name).is_some())
}

/// What is not understood yet: kept under the id and type it names.
fn other(envelope: &Envelope<'_, '_>) -> Result<Event, Unreadable> {
    if envelope.uuid.is_none() && envelope.kind.is_empty() {
        return Err(Unreadable::NoIdentity);
    }
    let identity = envelope.body.digest_without(&[]);
    let id = EventId::new(envelope.alone(&identity), envelope.made_at, &identity);
    let mut event = envelope.event(id, Family::Other);
    event.warnings.push(match envelope.kind {
        "" => "no type".to_owned(),
        // Known, but what it is about does not stand in it.
        "call_state" | "sms" | "tn_order" => "no payload".to_owned(),
        kind => format!("unknown type {}", kept(kind)),
    });
    Ok(event)
}

/// Reads the query-string form of a call event. It has no id, and two real calls look alike: the request's own id is its
/// identity, so it is never a repeat.
pub(super) fn read_query(content: &Content) -> Event {
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

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
