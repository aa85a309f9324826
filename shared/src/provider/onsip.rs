//! OnSIP's webhooks: one envelope for every type.
//!
//! Facts from OnSIP's published JSON Schemas and documentation. Its own documentation shows different events under one id,
//! so an event's identity is its whole content, without the subscription that brought it.

mod details;
mod own;
mod schema;

use jiff::Timestamp;

pub(super) use self::details::of as details;
pub(super) use self::own::put as put_own;
use self::schema::Kind;
use crate::address::{Host, NumberingPlan, PhoneNumber, SipUri, is_nobodys, is_withheld};
use crate::entity::Entity;
use crate::event::{Event, Leg, Party};
use crate::failure::{Failure, FailureClass};
use crate::json::Json;
use crate::key::{self, EventId, Partition, Subject};
use crate::name::{Family, Provider, Status};
use crate::provider::{Addresses, Profile, Threads, Unreadable, emergency, kept, time_of};

/// What is so of OnSIP.
pub(super) static PROFILE: Profile = Profile {
    name: "OnSIP",
    addresses: Addresses::Any,
    threads: Threads::Absent,
    silence_checks: "is the webhook subscription alive (it dies after 24 hours unless renewed), does its TargetUrl bear \
                     the right token, is there any traffic at all?",
};

/// OnSIP's own host for parties in the telephone network: no customer's domain.
const PSTN_HOST: &str = "jnctn.net";

/// What nobody's extension is by accident: the emergency call of the plan, and its test.
const DIALLED: [&str; 2] = ["911", "933"];

/// Reads one event.
///
/// # Errors
/// [`Unreadable::NoIdentity`] when the envelope has neither id nor type.
pub fn read(body: &Json<'_>, received_at: Timestamp) -> Result<Event, Unreadable> {
    let (id, kind) = (body.text("id"), body.str("type"));
    if id.is_none() && kind.is_none() {
        return Err(Unreadable::NoIdentity);
    }
    let family = family(kind.unwrap_or_default());
    let status = kind.and_then(Kind::named).map_or(Status::Info, |kind| kind.status);
    let identity = body.digest_without(&[&["subscriptionId"]]);
    let occurred_at = time_of(body, "createdAt");
    let payload = body.get("payload").unwrap_or(&Json::Null);
    Ok(Event {
        id: EventId::new(partition(body, family, &identity), occurred_at, &identity),
        content: None,
        provider_id: id.map(kept),
        family,
        kind: kept(kind.unwrap_or_default()),
        reached_at: None,
        answered_at: None,
        received_at,
        leg: payload.text("callId").map(|id| Leg { id: kept(id), direction: None }),
        thread: None,
        children: Vec::new(),
        from: payload.str("fromUri").or(payload.is_blank("fromUri").then_some("")).map(caller),
        to: payload.str("toUri").map(|uri| if is_menu(kind) { menu(uri) } else { party(uri) }),
        others: Vec::new(),
        own: Vec::new(),
        account: None,
        status,
        failure: (status == Status::Failed).then_some(Failure {
            class: FailureClass::Unknown,
            reason: None,
            code: None,
        }),
        cause: None,
        details: None,
        warnings: warnings(body),
    })
}

fn family(kind: &str) -> Family {
    match kind.split_once('.') {
        Some(("call", _)) => Family::Call,
        Some(("app", _)) => Family::App,
        _ => Family::Other,
    }
}

/// A stream is the whole interaction: dialogs, menus and recordings of one call share it.
fn partition(body: &Json<'_>, family: Family, identity: &[u8; 32]) -> Partition {
    let stream = || body.text("streamId").or_else(|| body.at(&["payload"])?.text("callId"));
    let call = matches!(family, Family::Call | Family::App).then(stream).flatten();
    let digest = key::digest(identity);
    match call {
        Some(native) => Partition::new(Provider::Onsip, Subject::Call, native),
        None => Partition::new(Provider::Onsip, Subject::Event, body.text("id").unwrap_or(&digest)),
    }
}

/// Who calls, unless that is withheld.
fn caller(raw: &str) -> Party {
    if is_withheld(raw) { Party::unknown(raw) } else { party(raw) }
}

/// A party of a call: a user of a customer's domain, or a number in the telephone network. Nobody calls a withheld party:
/// a user can bear such a name.
fn party(raw: &str) -> Party {
    let mut party = Party::unknown(raw);
    let number = |text: &str| PhoneNumber::parse(text, NumberingPlan::NorthAmerican);
    let Some(uri) = SipUri::parse(raw) else {
        party.entity = number(raw).as_ref().map(Entity::phone_number);
        return party;
    };
    if is_nobodys(uri.host()) {
        return party;
    }
    let pstn = uri.host().as_str() == PSTN_HOST;
    if pstn || uri.is_number() || DIALLED.contains(&uri.user()) {
        party.entity = uri.number(NumberingPlan::NorthAmerican).as_ref().map(Entity::phone_number);
    }
    party.domain = domain(&uri).filter(|_| !pstn);
    party.entity = party.entity.or_else(|| (!pstn).then(|| Entity::sip_user(&uri)));
    party
}

fn is_menu(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| kind.starts_with("app.attendant-menu."))
}

/// The menu that an event of an attendant menu is about.
fn menu(raw: &str) -> Party {
    let uri = SipUri::parse(raw);
    let domain = uri.as_ref().and_then(domain);
    Party { entity: uri.as_ref().map(Entity::menu), domain, ..Party::unknown(raw) }
}

fn domain(uri: &SipUri) -> Option<Host> {
    uri.host().is_domain().then(|| uri.host().clone())
}

fn warnings(body: &Json<'_>) -> Vec<String> {
    let mut warnings = schema::breaches(body);
    // The documentation's own example of `invalid-dtmf` bears this type.
    let entry = body.at(&["payload", "entry"]);
    if body.str("type") == Some("app.attendant-menu.started") && entry.is_some() {
        warnings.push("looks like app.attendant-menu.invalid-dtmf: it carries an entry".to_owned());
    }
    warnings.extend(emergency(body.at(&["payload"]).and_then(|payload| payload.str("toUri"))));
    warnings
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn event(json: &str) -> Event {
        read(&Json::read(json).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    }

    fn dialog(from: &str, to: &str) -> Event {
        event(&format!(
            r#"{{"id":"1","streamId":"s","type":"call.dialog.created","subscriptionId":"300","createdAt":"2026-01-11T21:10:58Z",
            "payload":{{"callId":"c","fromUri":"{from}","toUri":"{to}"}}}}"#
        ))
    }

    fn pairs(event: &Event) -> Vec<String> {
        event.pairs().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn users_and_their_domains_are_found_on_both_sides() {
        let event = dialog("sip:alice@example.onsip.com", "bob@other.example.com");
        assert_eq!(
            pairs(&event),
            [
                "sip_user:alice@example.onsip.com/outbound_call",
                "sip_domain:example.onsip.com/outbound_call",
                "sip_user:bob@other.example.com/inbound_call",
                "sip_domain:other.example.com/inbound_call",
            ]
        );
        assert!(event.warnings.is_empty());
    }

    #[test]
    fn a_number_in_the_telephone_network_is_one_entity_however_it_is_written() {
        for written in [
            "sip:+12025550101@jnctn.net",
            "sip:12025550101@jnctn.net",
            "2025550101@jnctn.net",
            "12025550101",
            "+12025550101",
        ] {
            let event = dialog(written, "sip:alice@example.onsip.com");
            assert_eq!(pairs(&event).first().unwrap(), "phone_number:12025550101/outbound_call", "{written}");
        }
    }

    #[test]
    fn a_number_is_read_by_the_north_american_plan() {
        for (written, number) in [
            ("sip:011442079460124@jnctn.net", "442079460124"),
            ("+011442079460124", "442079460124"),
            ("sip:*672025550105@jnctn.net", "12025550105"),
            ("sip:911@jnctn.net", "911"),
            ("911", "911"),
            ("sip:911@example.onsip.com", "911"),
            ("sip:12025550105@example.onsip.com;user=phone", "12025550105"),
            ("sip:2025550105;phone-context=+1@example.onsip.com;user=phone", "12025550105"),
            ("sip:2025550105@example.onsip.com;user=phone", "12025550105"),
            ("sip:+12025550105;npdi;rn=+12025550198@example.onsip.com;user=phone", "12025550105"),
        ] {
            let to = dialog("sip:alice@example.onsip.com", written).to.unwrap();
            assert_eq!(to.entity.unwrap().to_string(), format!("phone_number:{number}"), "{written}");
        }
        for other in ["im:alice@example.onsip.com", "xmpp:alice@example.onsip.com", "mailto:alice@example.onsip.com"] {
            assert_eq!(pairs(&dialog("7001", other)), [""; 0], "{other}");
        }
        let to = dialog("sip:alice@example.onsip.com", "sip:101@example.onsip.com").to.unwrap();
        assert_eq!(to.entity.unwrap().to_string(), "sip_user:101@example.onsip.com");
    }

    #[test]
    fn a_user_part_with_its_own_parameters_has_its_domain() {
        for user in ["alice;day=friday", "sales/west", "alice?x"] {
            let found = pairs(&dialog(&format!("sip:{user}@example.onsip.com"), "7001"));
            let of_user = format!("sip_user:{user}@example.onsip.com/outbound_call");
            assert_eq!(found, [of_user.as_str(), "sip_domain:example.onsip.com/outbound_call"]);
        }
    }

    #[test]
    fn a_withheld_caller_is_nobody() {
        for from in [
            "",
            "sip:anonymous@anonymous.invalid",
            "sip:Restricted@example.onsip.com",
            "Private",
            "sip:Anonymous%20Caller@jnctn.net",
            "sip:+266696687@jnctn.net",
            "+10000000000",
        ] {
            let event = dialog(from, "sip:alice@example.onsip.com");
            let to = ["sip_user:alice@example.onsip.com/inbound_call", "sip_domain:example.onsip.com/inbound_call"];
            assert_eq!(pairs(&event), to, "{from}");
        }
        let event = dialog("sip:anonymous@anonymous.invalid", "7001");
        let from = serde_json::to_value(event.from).unwrap();
        assert_eq!(from.get("withheld"), Some(&serde_json::Value::Bool(true)));
    }

    #[test]
    fn a_called_user_can_bear_the_name_that_stands_for_a_withheld_caller() {
        let called = |to: &str| pairs(&dialog("7001", to));
        let user = ["sip_user:private@example.onsip.com/inbound_call", "sip_domain:example.onsip.com/inbound_call"];
        assert_eq!(called("sip:private@example.onsip.com"), user);
        assert_eq!(called("sip:anonymous@anonymous.invalid"), [""; 0]);
    }

    #[test]
    fn an_extension_is_a_user_of_its_domain_and_no_number() {
        assert_eq!(
            pairs(&dialog("7001", "sip:7001@example.onsip.com")),
            ["sip_user:7001@example.onsip.com/inbound_call", "sip_domain:example.onsip.com/inbound_call",]
        );
    }

    #[test]
    fn the_subscription_makes_no_difference_and_anything_else_does() {
        let of = |id: &str, subscription: &str, entry: &str| {
            event(&format!(
                r#"{{"id":"{id}","streamId":"s","type":"app.attendant-menu.started","subscriptionId":"{subscription}",
                "createdAt":"2026-01-11T21:10:58Z","payload":{{"entry":"{entry}"}}}}"#
            ))
            .id
        };
        assert_eq!(of("1", "300", "1"), of("1", "301", "1"));
        assert_ne!(of("1", "300", "1"), of("1", "300", "01"));
        assert_ne!(of("1", "300", "1"), of("2", "300", "1"));
    }

    #[test]
    fn what_the_envelope_lacks_is_a_warning() {
        let bare = event(r#"{"id":"1"}"#);
        assert_eq!((bare.family, bare.status, bare.call()), (Family::Other, Status::Info, None));
        assert_eq!(bare.warnings, ["no streamId", "no type", "no subscriptionId", "no createdAt", "no payload"]);
        let odd = event(
            r#"{"id":"1","streamId":"s","subscriptionId":"1","createdAt":"soon","type":"call.dialog.failed","payload":{}}"#,
        );
        assert_eq!(
            odd.warnings,
            ["createdAt is no time", "no payload.callId", "no payload.fromUri", "no payload.toUri"]
        );
    }

    #[test]
    fn an_emergency_service_called_by_its_name_is_a_warning() {
        let event = dialog("sip:alice@example.onsip.com", "urn:service:sos");
        assert_eq!(event.warnings, ["emergency call to urn:service:sos"]);
        assert_eq!(event.to, Some(Party::unknown("urn:service:sos")));
    }

    #[test]
    fn an_id_that_is_a_number_is_one_with_a_warning() {
        let event = event(r#"{"id":7,"streamId":9,"type":"call.dialog.failed","payload":{"callId":8}}"#);
        assert_eq!(
            (event.call().unwrap().to_string(), event.provider_id.as_deref()),
            ("onsip.call.9".to_owned(), Some("7"))
        );
        assert_eq!(event.leg.unwrap().id, "8");
        assert!(
            ["id is no string", "streamId is no string"].iter().all(|w| event.warnings.iter().any(|said| said == w))
        );
    }

    #[test]
    fn what_has_neither_id_nor_type_is_no_event() {
        let body = Json::read(r#"{"payload":{}}"#).unwrap();
        assert!(matches!(read(&body, Timestamp::UNIX_EPOCH), Err(Unreadable::NoIdentity)));
    }
}
