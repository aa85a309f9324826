//! From a verified delivery's bytes to an event: pure functions, no I/O, no clock.
//!
//! Unknown input is data, not an error: a type that nobody knows becomes an event of family `other`. Only what has no
//! identity at all, or is no JSON object, can't be read.

pub mod onsip;
pub mod opentact;
mod own;
mod profile;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use self::own::OwnDomains;
pub use self::profile::{Addresses, Profile, Threads};
use crate::access::{Carrier, Content, Verified};
use crate::address::is_emergency_service;
use crate::event::{Details, Event};
use crate::json::{Json, JsonError};
use crate::name::Provider;
use crate::time;

/// What a delivery turned out to be.
#[derive(Debug)]
pub enum Reading {
    /// The provider tries whether anyone listens: an empty body, or `{}`.
    Probe,
    /// An event.
    Event(Box<Event>),
}

/// Why a delivery is not an event.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// They are not JSON, or nested too deep.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The JSON is not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// It came as a query string, from a provider that sends none.
    #[error("a query string, where this provider sends a body")]
    QueryString,
    /// It says neither which event nor what kind of event it is.
    #[error("no id and no type")]
    NoIdentity,
}

/// Reads a delivery.
///
/// # Errors
/// [`Unreadable`] says why it can't be read as an event; the bytes are then for the quarantine.
pub fn read(delivery: &Verified, domains: &OwnDomains) -> Result<Reading, Unreadable> {
    let content = delivery.content();
    // A byte order mark; JSON's white space, not Unicode's.
    let text = content.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content.body);
    if text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
        return Ok(Reading::Probe);
    }
    let event = match content.carrier {
        Carrier::Body => read_body(delivery.provider(), content, domains)?,
        Carrier::QueryString => Some(read_query(delivery.provider(), content)?),
    };
    Ok(event.map_or(Reading::Probe, |event| Reading::Event(Box::new(bounded(event)))))
}

/// Reads a body; None for a probe.
fn read_body(provider: Provider, content: &Content, domains: &OwnDomains) -> Result<Option<Event>, Unreadable> {
    let text = std::str::from_utf8(&content.body).map_err(|error| Unreadable::NotUtf8(error.valid_up_to()))?;
    let body = Json::read(text)?;
    match &body {
        Json::Object(members) if members.is_empty() => return Ok(None),
        Json::Object(_) => (),
        _ => return Err(Unreadable::NotAnObject),
    }
    let mut event = match provider {
        Provider::Onsip => onsip::read(&body, content.received_at),
        Provider::Opentact => opentact::read(&body, content.received_at),
    }?;
    match provider {
        Provider::Onsip => onsip::put_own(&mut event, domains),
        // Its deliveries say whose they are.
        Provider::Opentact => {}
    }
    event.details = details_in(provider, &body).and_then(Details::listed);
    Ok(Some(event))
}

/// The member's time, be it text or a number.
fn time_of(json: &Json<'_>, name: &str) -> Option<Timestamp> {
    json.text(name).and_then(time::parse)
}

/// What is to be said of a member that should hold a time and holds something else. Null and the empty text say that there
/// is none.
fn no_time(json: &Json<'_>, name: &str) -> Option<String> {
    let unset = json.get(name).is_none_or(|value| value == &Json::Null) || json.is_blank(name);
    (!unset && time_of(json, name).is_none()).then(|| format!("{name} is no time"))
}

/// What is to be said of a called party that has no number: an emergency service that is called by its name.
fn emergency(called: Option<&str>) -> Option<String> {
    called.filter(|called| is_emergency_service(called)).map(|called| format!("emergency call to {}", kept(called)))
}

/// Reads a query string, of a provider that may deliver by GET.
fn read_query(provider: Provider, content: &Content) -> Result<Event, Unreadable> {
    match provider {
        Provider::Onsip => Err(Unreadable::QueryString),
        Provider::Opentact => Ok(opentact::read_query(content)),
    }
}

/// What a body says beyond what all events have; None where it says nothing, or can't be read.
#[must_use]
pub fn details(provider: Provider, body: &[u8]) -> Option<Details> {
    details_in(provider, &Json::read(std::str::from_utf8(body).ok()?).ok()?)
}

fn details_in(provider: Provider, body: &Json<'_>) -> Option<Details> {
    match provider {
        Provider::Onsip => onsip::details(body),
        Provider::Opentact => opentact::details(body),
    }
}

/// What is so of that provider.
#[must_use]
pub const fn profile(provider: Provider) -> &'static Profile {
    match provider {
        Provider::Onsip => &onsip::PROFILE,
        Provider::Opentact => &opentact::PROFILE,
    }
}

/// Whether an event tells an account's balance: how much it is only the body says.
#[must_use]
pub fn tells_balance(event: &Event) -> bool {
    match event.provider() {
        Provider::Onsip => false,
        Provider::Opentact => opentact::tells_balance(event),
    }
}

/// The amount of the balance that a body tells, as it is written there; None where it tells none.
#[must_use]
pub fn balance(provider: Provider, body: &[u8]) -> Option<String> {
    let body = Json::read(std::str::from_utf8(body).ok()?).ok()?;
    match provider {
        Provider::Onsip => None,
        Provider::Opentact => opentact::balance(&body).map(str::to_owned),
    }
}

/// An event is found by this many further entities at most: each is a row of its own, written before the provider is
/// answered.
const MAX_OTHERS: usize = 300;

fn bounded(mut event: Event) -> Event {
    let mut seen = BTreeSet::new();
    event.others.retain(|pair| seen.insert(pair.clone()));
    if event.others.len() > MAX_OTHERS {
        event.warnings.push(format!("found only by the first {MAX_OTHERS} of {} further entities", event.others.len()));
        event.others.truncate(MAX_OTHERS);
    }
    event
}

/// An id or a type as it is kept beside the body: bounded, and without control characters.
fn kept(text: &str) -> String {
    let text = crate::text::cut(text, 200);
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
pub(crate) mod tests {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::access::tests::verified;
    use crate::name::Family;
    use crate::store::{Retention, Shards, item};

    /// Every sample delivery that is an event: the file's name, the event and the body.
    pub(crate) fn samples() -> Vec<(String, Event, Vec<u8>)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        paths.sort();
        let sample = |path: std::path::PathBuf| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let provider = name.split('-').next().unwrap().parse().unwrap();
            let body = std::fs::read(&path).unwrap();
            match read(&verified(provider, &body), &OwnDomains::default()).unwrap() {
                Reading::Event(event) => Some((name, *event, body)),
                Reading::Probe => None,
            }
        };
        let samples: Vec<_> = paths.into_iter().filter_map(sample).collect();
        assert!(samples.len() > 50, "the samples are gone");
        samples
    }

    #[test]
    fn each_sample_says_the_details_of_what_it_is_about() {
        let about = |kind: &str, family| match kind {
            "call_record" | "call.recording.uploaded" => "recording",
            "tn_order" => "order",
            "balance" => "balance",
            "app.call-queue.joined" => "",
            _ => match family {
                Family::Sms => "message",
                Family::App => "menu",
                Family::Call | Family::Account | Family::Other => "",
            },
        };
        for (name, event, body) in samples() {
            let details = serde_json::json!(details(event.provider(), &body));
            let says = details.as_object().and_then(|details| details.keys().next());
            assert_eq!(says.map_or("", String::as_str), about(&event.kind, event.family), "{name}");
        }
    }

    #[test]
    fn every_provider_has_samples() {
        for provider in Provider::ALL.iter().copied() {
            assert!(samples().iter().any(|(_, event, _)| event.provider() == provider), "{provider}");
        }
    }

    #[test]
    fn what_a_provider_sends_to_try_the_address_is_a_probe() {
        for provider in Provider::ALL {
            for body in ["", " \n", "{}", " { } ", "\u{feff}", "\u{feff}{}"] {
                assert!(
                    matches!(read(&verified(*provider, body.as_bytes()), &OwnDomains::default()), Ok(Reading::Probe)),
                    "{body:?}"
                );
            }
        }
    }

    #[test]
    fn a_query_string_is_an_event_only_of_the_provider_that_sends_them() {
        for provider in Provider::ALL {
            let content = verified(*provider, b"state=ringing").content().clone();
            let content = Content { carrier: Carrier::QueryString, ..content };
            let read = read(&Verified::before(*provider, content), &OwnDomains::default());
            assert_eq!(matches!(read, Ok(Reading::Event(_))), *provider == Provider::Opentact, "{read:?}");
        }
    }

    #[test]
    fn what_is_no_event_is_told_apart() {
        for provider in Provider::ALL {
            let reason =
                |body: &[u8]| read(&verified(*provider, body), &OwnDomains::default()).unwrap_err().to_string();
            assert_eq!(reason(b"{\"id\":\"\xff\"}"), "not UTF-8 from byte 7 on");
            assert!(reason(b"{\"id\":").starts_with("not JSON: "));
            assert_eq!(reason(b"[]"), "not a JSON object");
            assert_eq!(reason(b"{\"x\":1}"), "no id and no type");
            let deep = format!("{{\"id\":{}{}}}", "[".repeat(100), "]".repeat(100));
            assert_eq!(reason(deep.as_bytes()), "nested deeper than 64 levels");
        }
    }

    /// JSON as a provider might send it: known names with anything in them.
    fn json() -> impl Strategy<Value = serde_json::Value> {
        let names = [
            "id",
            "uuid",
            "type",
            "streamId",
            "createdAt",
            "created_on",
            "timestamp",
            "payload",
            "call",
            "data",
            "state",
            "from",
            "to",
            "fromUri",
            "toUri",
            "callId",
            "direction",
            "parent",
            "sip_user",
            "login",
            "tn",
            "reason",
            "code",
            "q850_cause",
            "delivered",
            "items",
            "errors",
            "event_type",
            "command",
            "x",
        ];
        let texts = [
            "call_state",
            "sms",
            "tn_order",
            "balance",
            "call_flow",
            "call.dialog.failed",
            "app.attendant-menu.started",
            "failed",
            "hangup",
            "init",
            "in",
            "out",
            "2026-01-11T21:10:58Z",
            "sip:alice@example.com",
            "+12025550101",
        ];
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
            proptest::sample::select(texts.to_vec()).prop_map(Into::into),
        ];
        let name = prop_oneof![9 => select(names.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
        leaf.prop_recursive(5, 60, 10, move |inner| {
            prop_oneof![
                1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                4 => proptest::collection::vec((name.clone(), inner), 0..10)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// That JSON as it comes, or broken on its way: bytes replaced, its end missing.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let replaced = proptest::collection::vec((any::<Index>(), any::<u8>()), 0..3);
        (json(), replaced, proptest::option::weighted(0.2, any::<Index>())).prop_map(|(json, replaced, end)| {
            let mut bytes = json.to_string().into_bytes();
            for (at, byte) in replaced {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let length = bytes.len();
            bytes.truncate(end.map_or(length, |end| end.index(length)));
            bytes
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_event_that_keeps_every_one_or_are_told_to_be_none(body in bytes(), provider in select(Provider::ALL)) {
            let delivery = verified(provider, &body);
            if let Ok(Reading::Event(event)) = read(&delivery, &OwnDomains::default()) {
                let item = item::of_event(&event, delivery.content(), Shards::default(), Retention::Forever);
                prop_assert_eq!(item::body(&item).unwrap().0, body);
                prop_assert_eq!(item::event(&item).unwrap(), *event);
            }
        }

        #[test]
        fn identity_does_not_depend_on_white_space_or_the_order_of_members(body in json(), provider in select(Provider::ALL)) {
            // serde_json sorts members; written out again with white space and in reverse it says the same.
            let id = |text: &str| match read(&verified(provider, text.as_bytes()), &OwnDomains::default()) {
                Ok(Reading::Event(event)) => Some((event.id, event.content)),
                _ => None,
            };
            prop_assert_eq!(id(&body.to_string()), id(&backwards(&body)));
        }
    }

    fn backwards(json: &serde_json::Value) -> String {
        match json {
            serde_json::Value::Object(members) => {
                let members =
                    members.iter().rev().map(|(n, v)| format!(" {} :\n{}", serde_json::json!(n), backwards(v)));
                format!("{{{}}}", members.collect::<Vec<_>>().join("\t,"))
            }
            serde_json::Value::Array(values) => {
                format!("[ {} ]", values.iter().map(backwards).collect::<Vec<_>>().join(" , "))
            }
            other => other.to_string(),
        }
    }
}
