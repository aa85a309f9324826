//! Who stands on a leg: the number as dialled, the SIP user it belongs to, the switch it came from.

use crate::address::{Host, NumberingPlan, PhoneNumber, SipUri, bare_uri, is_nobodys, is_of_other_scheme, is_withheld};
use crate::entity::{Category, Entity, EntityKind, Pair};
use crate::event::{Event, Party};
use crate::json::Json;
use crate::name::Direction;
use crate::provider::emergency;
use crate::provider::opentact::own;

/// Puts the parties of a leg on its event.
pub(super) fn put(call: &Json<'_>, direction: Option<Direction>, event: &mut Event) {
    let domain = sip_domain(call);
    event.warnings.extend(emergency(call.text("to")));
    let plan = dialling(call);
    let mut from = call.text("from").or(call.is_blank("from").then_some("")).map(|raw| caller(raw, plan));
    let mut to = call.text("to").map(|raw| party(raw, domain.as_ref(), plan));
    if let Some(user) = call.get("sip_user").filter(|user| user.is_object()) {
        let (party, category) = if is_callee(call, user, direction) {
            (&mut to, Category::InboundCall)
        } else {
            (&mut from, Category::OutboundCall)
        };
        if let Some(number) = belongs(user, domain, party) {
            event.others.push(Pair { entity: number, category });
        }
    }
    let switches = switches(call);
    let stands =
        |domain: &Host| [&from, &to].iter().any(|party| party.as_ref().and_then(|p| p.domain.as_ref()) == Some(domain));
    // A switch's domain has the switch's events, also where no user of it stands on the leg.
    let domain = sip_domain(call).filter(|domain| !switches.is_empty() && !stands(domain));
    event.others.extend(domain.as_ref().map(Entity::sip_domain).map(inbound));
    event.others.extend(switches);
    event.from = from;
    event.to = to;
    event.own = own::on_leg(call, direction, event);
}

/// How numbers on the leg are written: as dialled where its own number is, else where its caller, or the called party.
pub(super) fn dialling(call: &Json<'_>) -> NumberingPlan {
    let numbers = [own_number(call), call.text("from"), call.text("to")];
    let mut numbers = numbers.into_iter().flatten().filter(|text| !is_withheld(text));
    numbers.find_map(PhoneNumber::plan_of).unwrap_or(NumberingPlan::International)
}

/// The customer's number on the leg.
pub(super) fn own_number<'j>(call: &'j Json<'_>) -> Option<&'j str> {
    call.get("tn").and_then(|tn| tn.text("tn").or_else(|| tn.as_text()))
}

/// A number or a SIP address. A bare name in the caller's place is what a telephone displays, and no user unless the leg
/// names it as one.
fn caller(raw: &str, plan: NumberingPlan) -> Party {
    if is_withheld(raw) { Party::unknown(raw) } else { address(raw, plan) }
}

/// A number or a SIP address.
fn address(raw: &str, plan: NumberingPlan) -> Party {
    let mut party = Party::unknown(raw);
    if let Some(number) = PhoneNumber::parse(raw, plan) {
        party.entity = Some(Entity::phone_number(&number));
    } else if let Some(uri) = SipUri::parse(raw).filter(|uri| !is_nobodys(uri.host())) {
        let dialled = uri.is_number().then(|| uri.number(plan)).flatten();
        party.entity = Some(dialled.as_ref().map_or_else(|| Entity::sip_user(&uri), Entity::phone_number));
        party.domain = Some(uri.host().clone()).filter(Host::is_domain);
    }
    party
}

/// A number, a SIP address, or the bare name of a SIP user of the leg's domain; fewer than seven digits are an extension
/// of it. Nobody calls a withheld party: a user can bear such a name.
fn party(raw: &str, domain: Option<&Host>, plan: NumberingPlan) -> Party {
    let mut party = address(raw, plan);
    let nobody = SipUri::parse(raw).is_some() || is_of_other_scheme(raw) || (domain.is_none() && is_withheld(raw));
    if party.entity.is_none() && !nobody && (domain.is_some() || !raw.bytes().all(|b| b.is_ascii_digit())) {
        party.entity = user(bare_uri(raw), domain);
        party.domain = domain.filter(|_| party.entity.is_some()).cloned();
    }
    party
}

/// The number of a message's party, which can be a short code.
pub(super) fn of_message(raw: &str, plan: NumberingPlan) -> Party {
    let number = PhoneNumber::of_message(raw, plan).filter(|_| !is_withheld(raw));
    Party { entity: number.as_ref().map(Entity::phone_number), ..Party::unknown(raw) }
}

/// The number of a call's party, also within a SIP address, or of an order.
pub(super) fn number(raw: &str, plan: NumberingPlan) -> Option<Entity> {
    address(raw, plan).entity.filter(|entity| entity.kind() == EntityKind::PhoneNumber)
}

fn user(login: &str, domain: Option<&Host>) -> Option<Entity> {
    let address = domain.map(|domain| format!("{login}@{domain}"));
    Entity::new(EntityKind::SipUser, address.as_deref().unwrap_or(login)).ok()
}

/// Makes the party that user; a number that stood in its place is returned, to be kept beside it.
fn belongs(user_object: &Json<'_>, domain: Option<Host>, party: &mut Option<Party>) -> Option<Entity> {
    let login = login(user_object)?;
    let (login, domain) = match SipUri::parse(login) {
        Some(uri) => (uri.user().to_owned(), Some(uri.host().clone()).filter(Host::is_domain).or(domain)),
        None => (login.to_owned(), domain),
    };
    let entity = user(&login, domain.as_ref())?;
    let party = party.get_or_insert_with(|| Party::unknown(&login));
    let before = party.entity.replace(entity);
    party.domain = domain;
    before.filter(|entity| entity.kind() == EntityKind::PhoneNumber)
}

fn login<'j>(user: &'j Json<'_>) -> Option<&'j str> {
    ["login", "username", "name"].iter().find_map(|name| user.text(name))
}

/// Whether the SIP user of a leg is the called party: its own name in one of the places says so, else the leg.
pub(super) fn is_callee(call: &Json<'_>, user: &Json<'_>, direction: Option<Direction>) -> bool {
    let named = |place: &str| {
        let (text, login) = (call.text(place).unwrap_or_default(), login(user).unwrap_or_default());
        let uri = SipUri::parse(text);
        !login.is_empty()
            && (text == login || uri.is_some_and(|uri| uri.user() == login || SipUri::parse(login) == Some(uri)))
    };
    named("to") || (!named("from") && leads_to_callee(call, direction))
}

/// Whether the customer's end of a leg is the called one. A leg's direction is seen from the platform: a user who dials
/// starts an `in` leg, a user who is called gets an `out` leg. Unless it is the customer's number that is called.
pub(super) fn leads_to_callee(call: &Json<'_>, direction: Option<Direction>) -> bool {
    let plan = dialling(call);
    let number_of = |text: Option<&str>| text.and_then(|text| number(text, plan));
    let tn = number_of(own_number(call));
    let reached = |place: &str| tn.is_some() && number_of(call.text(place)) == tn;
    match direction {
        // To a number that is not the customer's the platform carries a call of the user's.
        Some(Direction::Out) => number_of(call.text("to")).is_none() || reached("to"),
        _ => reached("to") && !reached("from"),
    }
}

/// The customer's domain that a leg belongs to, wherever it stands.
fn sip_domain(call: &Json<'_>) -> Option<Host> {
    const PLACES: [&[&str]; 7] = [
        &["sip_domain"],
        &["sip_user", "sip_domain"],
        &["sip_user", "domain"],
        &["sip_user", "sip_connection"],
        &["sip_connection"],
        &["sip_auth_ip", "sip_domain"],
        &["sip_auth_hostname", "sip_domain"],
    ];
    PLACES.iter().find_map(|path| call.at(path).and_then(domain_of))
}

/// The domain that an object names, or that stands in its place.
pub(super) fn domain_of(value: &Json<'_>) -> Option<Host> {
    let host = |text: &str| Host::parse(text).filter(Host::is_domain);
    let within = ["domain", "name", "subdomain"].iter().find_map(|name| value.str(name).and_then(host));
    within.or_else(|| value.as_text().and_then(host))
}

fn inbound(entity: Entity) -> Pair {
    Pair { entity, category: Category::InboundCall }
}

/// The external switch that an `in` leg came from; it has inbound calls only.
fn switches(call: &Json<'_>) -> Vec<Pair> {
    const PLACES: [(EntityKind, &[&str]); 2] = [
        (EntityKind::AuthIp, &["auth_ip", "sip_auth_ip"]),
        (EntityKind::AuthHostname, &["auth_hostname", "sip_auth_hostname", "auth_domain", "sip_auth_domain"]),
    ];
    let value = |json: &Json<'_>| {
        let within = ["ip", "hostname", "host", "name"].iter().find_map(|name| json.str(name));
        within.or_else(|| json.as_text()).map(str::to_owned)
    };
    let found = |kind, names: &[&str]| {
        let text = names.iter().find_map(|name| call.get(name).and_then(value))?;
        // An address can stand where a host name belongs: it is the auth IP that it is anywhere.
        let address = Entity::new(EntityKind::AuthIp, &text);
        address.or_else(|_| Entity::new(kind, &text)).ok().map(inbound)
    };
    PLACES.iter().filter_map(|(kind, names)| found(*kind, names)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn pairs(body: &str) -> Vec<String> {
        let event = crate::provider::opentact::read(&Json::read(body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        event.pairs().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_withheld_caller_and_a_displayed_name_are_no_users_of_the_called_domain() {
        for from in [
            "anonymous",
            "Restricted",
            "0000000000",
            "+266696687",
            "10000000000",
            "Private Caller ID",
            "N/A",
            "sip:Anonymous%20Caller@carrier.example",
            "ACME",
            "sip:anonymous@anonymous.invalid",
        ] {
            let body = format!(
                r#"{{"uuid":"w1","type":"call_state","payload":{{"state":"init"}},"call":{{"uuid":"w1-a","direction":"out",
                "from":"{from}","to":"carol","sip_user":{{"login":"carol","sip_domain":{{"name":"sip.example.com"}}}}}}}}"#
            );
            let found = ["sip_user:carol@sip.example.com/inbound_call", "sip_domain:sip.example.com/inbound_call"];
            assert_eq!(pairs(&body), found, "{from}");
        }
    }

    #[test]
    fn a_called_user_can_bear_the_name_that_stands_for_a_withheld_caller() {
        for (to, domain, called) in [
            ("sip:private@example.com", "", vec!["sip_user:private@example.com", "sip_domain:example.com"]),
            (
                "private",
                r#","sip_domain":"example.com""#,
                vec!["sip_user:private@example.com", "sip_domain:example.com"],
            ),
            ("private", "", vec![]),
            ("sip:anonymous@anonymous.invalid", r#","sip_domain":"example.com""#, vec![]),
        ] {
            let body = format!(
                r#"{{"uuid":"p","type":"call_state","call":{{"uuid":"p-a","direction":"out","state":"init","to":"{to}"{domain}}}}}"#
            );
            let called: Vec<_> = called.iter().map(|entity| format!("{entity}/inbound_call")).collect();
            assert_eq!(pairs(&body), called, "{to} {domain}");
        }
    }

    #[test]
    fn an_international_prefix_is_read_where_the_leg_is_of_a_plan_that_has_it() {
        for (own, to, number) in [
            (r#""from":"+12025550111""#, "011442079460123", "442079460123"),
            (r#""from":"anonymous","tn":{"tn":12025550111}"#, "011442079460123", "442079460123"),
            (r#""from":"+442079460111""#, "01134960123", "441134960123"),
            (r#""from":"+442079460111""#, "02079460123", "442079460123"),
            (r#""from":"+61291234567""#, "001112025550144", "12025550144"),
            (r#""from":"+442079460111""#, "999", "999"),
            (r#""from":"+33123456789","sip_domain":"example.com""#, "15", "15"),
            (r#""from":"2025550111","tn":12025550144"#, "12025550144", "12025550144"),
            (r#""from":"anonymous""#, "01134960123", "01134960123"),
            (r#""from":"+12025550111""#, "6562345678", "6562345678"),
            (r#""from":"+442079460111""#, "0012025550144", "12025550144"),
        ] {
            let body = format!(
                r#"{{"uuid":"d","type":"call_state","call":{{"uuid":"d-a","direction":"in","state":"init","to":"{to}",{own}}}}}"#
            );
            assert_eq!(pairs(&body).last().unwrap(), &format!("phone_number:{number}/inbound_call"), "{to} {own}");
        }
    }

    #[test]
    fn ten_digits_of_a_caller_are_of_the_plan_that_the_legs_number_has() {
        for (from, rest, number) in [
            ("2025550111", r#""to":"12025550150","tn":{"tn":12025550150}"#, "12025550111"),
            ("2025550111", r#""to":"alice","tn":12025550150"#, "12025550111"),
            ("2025550111", r#""to":"+12025550150""#, "12025550111"),
            ("6562345678", r#""to":"+12025550150""#, "6562345678"),
            ("2025550111", r#""to":"+442079460123""#, "2025550111"),
            ("02079460111", r#""to":"+442079460123""#, "442079460111"),
            ("2025550111", r#""to":"alice""#, "2025550111"),
        ] {
            let body = format!(
                r#"{{"uuid":"d","type":"call_state","call":{{"uuid":"d-a","direction":"in","state":"init","from":"{from}",{rest}}}}}"#
            );
            assert_eq!(pairs(&body).first().unwrap(), &format!("phone_number:{number}/outbound_call"), "{from} {rest}");
        }
    }

    #[test]
    fn a_called_address_is_a_number_where_it_says_so_and_no_user_where_it_is_of_another_scheme() {
        for (to, found) in [
            (
                "sip:12025550101@carrier.example.net;user=phone",
                vec!["phone_number:12025550101", "sip_domain:carrier.example.net"],
            ),
            (
                "sip:2025550101;phone-context=+1@carrier.example.net;user=phone",
                vec!["phone_number:12025550101", "sip_domain:carrier.example.net"],
            ),
            ("sip:7001@example.com;user=phone", vec!["sip_user:7001@example.com", "sip_domain:example.com"]),
            ("sip://alice@example.com", vec!["sip_user:alice@example.com", "sip_domain:example.com"]),
            ("im:alice@example.com", vec![]),
            ("mailto:alice@example.com", vec![]),
            ("xmpp:alice", vec![]),
            ("urn:service:sos", vec![]),
        ] {
            let found: Vec<_> = found.iter().map(|entity| format!("{entity}/inbound_call")).collect();
            for domain in ["", r#","sip_domain":"example.com""#] {
                let body = format!(
                    r#"{{"uuid":"u","type":"call_state","call":{{"uuid":"u-a","state":"init","to":"{to}"{domain}}}}}"#
                );
                assert_eq!(pairs(&body), found, "{to} {domain}");
            }
        }
    }

    #[test]
    fn a_number_of_json_is_one_phone_number_however_it_is_written() {
        let dialled = ["+12025550144,,123#", "12025550144x7", "12025550144;ext=7", "12025550144p123"];
        for to in dialled {
            let domain = r#""sip_domain":"example.com""#;
            let call = format!(
                r#"{{"uuid":"n","type":"call_state","call":{{"uuid":"n-a","state":"init","to":"{to}",{domain}}}}}"#
            );
            assert_eq!(pairs(&call), ["phone_number:12025550144/inbound_call"], "{to}");
        }
        for to in ["12025550144", "12025550144.0", "1.2025550144e10", r#""12025550144""#] {
            let call =
                format!(r#"{{"uuid":"n","type":"call_state","call":{{"uuid":"n-a","state":"init","to":{to}}}}}"#);
            assert_eq!(pairs(&call), ["phone_number:12025550144/inbound_call"], "{to}");
            let sms = format!(r#"{{"type":"sms","payload":{{"uuid":"m","type":"smso","state":"sent","to":{to}}}}}"#);
            assert_eq!(pairs(&sms), ["phone_number:12025550144/inbound_sms"], "{to}");
        }
    }

    #[test]
    fn a_switch_is_one_entity_however_its_address_is_written() {
        for switch in [
            r#""sip_auth_ip":{"ip":"192.0.2.7/32"}"#,
            r#""auth_ip":"::ffff:192.0.2.7""#,
            r#""sip_auth_hostname":{"hostname":"192.0.2.7:5060"}"#,
            r#""auth_domain":"sip:192.0.2.7""#,
        ] {
            let body =
                format!(r#"{{"uuid":"s1","type":"call_state","call":{{"uuid":"s1-a","state":"init",{switch}}}}}"#);
            assert_eq!(pairs(&body), ["auth_ip:192.0.2.7/inbound_call"], "{switch}");
        }
    }

    #[test]
    fn a_short_code_is_a_number_on_a_message_and_an_extension_on_a_call() {
        let sms = r#"{"type":"sms","payload":{"uuid":"m","type":"smsi","state":"success","from":"72345","to":"+12025550170"}}"#;
        assert_eq!(pairs(sms), ["phone_number:72345/outbound_sms", "phone_number:12025550170/inbound_sms"]);
        let national = r#"{"type":"sms","payload":{"uuid":"m","type":"smsi","state":"success","from":"2025550101","to":"+12025550170"}}"#;
        assert_eq!(pairs(national), ["phone_number:12025550101/outbound_sms", "phone_number:12025550170/inbound_sms"]);
        let webhook = r#"{"data":{"event_type":"message.received","id":"c1","payload":{"id":"m","from":{"phone_number":"723456"}}}}"#;
        assert_eq!(pairs(webhook), ["phone_number:723456/outbound_sms"]);
        let call = r#"{"uuid":"c","type":"call_state","call":{"uuid":"c-a","state":"init","from":"+12025550170","to":"72345"}}"#;
        assert_eq!(pairs(call), ["phone_number:12025550170/outbound_call"]);
    }

    #[test]
    fn a_group_message_names_all_its_members() {
        for cc in [
            r#"[{"phone_number":"+12025550172"},{"phone_number":"+12025550173"}]"#,
            r#"["+12025550172","+12025550173","+12025550170"]"#,
        ] {
            let body = format!(
                r#"{{"data":{{"event_type":"message.received","id":"g1","payload":{{"id":"g1-m","direction":"inbound",
                "from":{{"phone_number":"+12025550171"}},"to":[{{"phone_number":"+12025550170"}}],"cc":{cc}}}}}}}"#
            );
            let numbers = ["171/outbound", "170/inbound", "172/inbound", "173/inbound"];
            assert_eq!(pairs(&body), numbers.map(|end| format!("phone_number:12025550{end}_sms")), "{cc}");
        }
    }
}
