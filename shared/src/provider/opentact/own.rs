//! Whose an event of Opentact's is: the SIP user, connection and number of the customer's that a leg names.

use crate::entity::{Entity, EntityKind};
use crate::event::{Event, Own, Side};
use crate::json::Json;
use crate::name::{Direction, Status};
use crate::provider::opentact::party;

/// The customer's entities on a leg whose parties are known.
pub(super) fn on_leg(call: &Json<'_>, direction: Option<Direction>, event: &Event) -> Vec<Own> {
    let user = user(call, direction, event);
    let user = user.or_else(|| connection(call, direction)).or_else(|| bare_name(call, direction, event));
    user.into_iter().chain(number(call, event)).collect()
}

/// The SIP user that the leg names: it stands in one of the parties' places.
fn user(call: &Json<'_>, direction: Option<Direction>, event: &Event) -> Option<Own> {
    let user = call.get("sip_user").filter(|user| user.is_object())?;
    let side = if party::is_callee(call, user, direction) { Side::To } else { Side::From };
    event.own_on(side).filter(|own| own.entity.kind() == EntityKind::SipUser)
}

/// The domain of the leg's connection, at the end of the leg where a user would stand.
fn connection(call: &Json<'_>, direction: Option<Direction>) -> Option<Own> {
    let entity = call.get("sip_connection").and_then(party::domain_of).as_ref().map(Entity::sip_domain)?;
    Some(Own { entity, side: if party::leads_to_callee(call, direction) { Side::To } else { Side::From } })
}

/// A bare name that the platform calls: it calls strangers by number or by address.
fn bare_name(call: &Json<'_>, direction: Option<Direction>, event: &Event) -> Option<Own> {
    let bare = call.text("to").is_some_and(|to| !to.contains('@')) && direction == Some(Direction::Out);
    event.own_on(Side::To).filter(|own| bare && own.entity.kind() == EntityKind::SipUser)
}

/// The customer's number on the leg or message: it is a party's, or stands beside the user who shows it or is reached by it, or else
/// the call came by way of it.
fn number(call: &Json<'_>, event: &Event) -> Option<Own> {
    let plan = party::dialling(call);
    let of = |text: &str| party::number(text, plan);
    let entity = party::own_number(call).and_then(of)?;
    let is = |place: &str| call.text(place).and_then(of).as_ref() == Some(&entity);
    let on = |side: Side| event.on(side) == Some(&entity);
    let side = if on(Side::To) || is("to") {
        Side::To
    } else if on(Side::From) || is("from") {
        Side::From
    } else {
        Side::Via
    };
    Some(Own { entity, side })
}

/// The customer's numbers of a message: the sender of one that goes out or the receiver of one that comes in, and the
/// number that it names.
pub(super) fn of_message(message: &Json<'_>, direction: Option<Direction>, event: &Event) -> Vec<Own> {
    let side = match direction {
        Some(Direction::In) => Some(Side::To),
        Some(Direction::Out) => Some(Side::From),
        None => (event.status == Status::Received).then_some(Side::To),
    };
    let party = side.and_then(|side| event.own_on(side));
    let named = number(message, event).filter(|named| party.as_ref() != Some(named));
    party.into_iter().chain(named).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn own(body: &str) -> Vec<String> {
        let event = crate::provider::opentact::read(&Json::read(body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        event.own.iter().map(|own| format!("{} {}", own.side, own.entity)).collect()
    }

    fn leg(members: &str) -> Vec<String> {
        own(&format!(r#"{{"uuid":"e","type":"call_state","call":{{"uuid":"l","state":"init",{members}}}}}"#))
    }

    const USER: &str = r#""sip_user":{"login":"alice","sip_domain":{"name":"example.com"}}"#;

    #[test]
    fn a_legs_user_and_number_are_the_customers_and_a_stranger_never_is() {
        let dials = format!(r#""direction":"in","from":"+12025550111","to":"12025550142",{USER}"#);
        assert_eq!(leg(&dials), ["from sip_user:alice@example.com"]);
        let shows = format!(r#"{dials},"tn":{{"tn":12025550111}}"#);
        assert_eq!(leg(&shows), ["from sip_user:alice@example.com", "from phone_number:12025550111"]);
        let called = format!(r#""direction":"out","from":"12025550112","to":"alice",{USER},"tn":{{"tn":12025550150}}"#);
        assert_eq!(leg(&called), ["to sip_user:alice@example.com", "via phone_number:12025550150"]);
        let carried = format!(r#""direction":"out","from":"12025550111","to":"12025550142",{USER}"#);
        assert_eq!(leg(&carried), ["from sip_user:alice@example.com"], "a user's call that goes to a number");
        let dialled =
            format!(r#""direction":"out","from":"+12025550111","to":"sip:+12025550142@carrier.example",{USER}"#);
        assert_eq!(leg(&dialled), ["from sip_user:alice@example.com"], "the same by a SIP address");
        let reached = format!(r#""direction":"out","from":"12025550112","to":"12025550150",{USER},"tn":12025550150"#);
        assert_eq!(leg(&reached), ["to sip_user:alice@example.com", "to phone_number:12025550150"]);
    }

    #[test]
    fn without_a_user_the_connection_the_called_name_and_the_number_say_whose_a_leg_is() {
        for (members, found) in [
            (
                r#""direction":"in","from":"+12025550112","to":"12025550150","tn":{"tn":12025550150}"#,
                vec!["to phone_number:12025550150"],
            ),
            (r#""direction":"in","from":"+12025550112","to":"12025550150""#, vec![]),
            (r#""direction":"out","from":"12025550112","to":"dave""#, vec!["to sip_user:dave"]),
            (r#""direction":"out","from":"12025550112","to":"sip:dave@example.net""#, vec![]),
            (r#""direction":"in","from":"dave","to":"12025550150""#, vec![]),
            (
                r#""direction":"in","from":"+12025550112","to":"12025550150","sip_connection":{"domain":"pbx.example.com"}"#,
                vec!["from sip_domain:pbx.example.com"],
            ),
            (
                r#""direction":"out","from":"12025550112","to":"dave","sip_connection":"pbx.example.com""#,
                vec!["to sip_domain:pbx.example.com"],
            ),
            (
                r#""direction":"out","from":"12025550112","to":"12025550142","sip_connection":"pbx.example.com""#,
                vec!["from sip_domain:pbx.example.com"],
            ),
            (
                r#""direction":"in","from":"+12025550112","to":"12025550150","tn":12025550150,"sip_connection":"pbx.example.com""#,
                vec!["to sip_domain:pbx.example.com", "to phone_number:12025550150"],
            ),
            (
                r#""direction":"in","from":"+12025550112","to":"+12025550113","tn":12025550150,"sip_user":null"#,
                vec!["via phone_number:12025550150"],
            ),
        ] {
            assert_eq!(leg(members), found, "{members}");
        }
    }

    #[test]
    fn a_message_is_the_senders_when_it_goes_out_and_the_receivers_when_it_comes_in() {
        let sms = |kind: &str| {
            own(&format!(
                r#"{{"type":"sms","payload":{{"uuid":"m","type":{kind},"state":"success","from":"+12025550111","to":"+12025550150"}}}}"#
            ))
        };
        for (kind, found) in [
            (r#""smso""#, vec!["from phone_number:12025550111"]),
            (r#""smsi""#, vec!["to phone_number:12025550150"]),
            (r#""smsr""#, vec![]),
            (r#""smso","tn":{"tn":12025550111}"#, vec!["from phone_number:12025550111"]),
            (r#""smsr","tn":{"tn":12025550150}"#, vec!["to phone_number:12025550150"]),
            (r#""smsr","tn":12025550160"#, vec!["via phone_number:12025550160"]),
        ] {
            assert_eq!(sms(kind), found, "{kind}");
        }
        let webhook = |direction: &str, kind: &str| {
            own(&format!(
                r#"{{"data":{{"event_type":"{kind}","id":"d","payload":{{"id":"m","direction":"{direction}",
                "from":{{"phone_number":"+12025550111"}},"to":[{{"phone_number":"+12025550150"}}]}}}}}}"#
            ))
        };
        assert_eq!(webhook("outbound", "message.sent"), ["from phone_number:12025550111"]);
        assert_eq!(webhook("inbound", "message.received"), ["to phone_number:12025550150"]);
        assert_eq!(webhook("", "message.received"), ["to phone_number:12025550150"]);
    }
}
