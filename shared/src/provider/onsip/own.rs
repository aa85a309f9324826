//! Whose an event of OnSIP's is. OnSIP does not say: it delivers what happens at the customer's organization, so where one
//! party is in the telephone network, or withheld, the other is the customer's; and so is who is of the customer's domains.

use crate::address::SipUri;
use crate::entity::EntityKind;
use crate::event::{Event, Party, Side};
use crate::provider::OwnDomains;
use crate::provider::onsip::{DIALLED, PSTN_HOST};

/// The calling and the called party.
type Parties<'e> = [Option<&'e Party>; 2];

/// Says which parties are the customer's. Where neither is known to be, both are found in lists as ever, and `own` is
/// empty. A stranger's domain leaves the lists where the customer's domains are said.
pub(in crate::provider) fn put(event: &mut Event, domains: &OwnDomains) {
    let parties = [event.from.as_ref(), event.to.as_ref()];
    let known = known(parties, domains);
    let own = known.unwrap_or_else(|| facing(parties));
    let sides = [Side::From, Side::To].into_iter().zip(own);
    event.own = sides.filter(|(_, own)| *own).filter_map(|(side, _)| event.own_on(side)).collect();
    if known.is_some() && domains.are_said() {
        for party in [&mut event.from, &mut event.to].into_iter().flatten() {
            party.domain.take_if(|host| !domains.have(host));
        }
    }
}

/// Which parties are at the customer's domains; None where neither is. A number there is the customer's only where no
/// user is: a user who dials writes the number that is called with the own domain too.
fn known(parties: Parties<'_>, domains: &OwnDomains) -> Option<[bool; 2]> {
    let here = |party: &Party| party.domain.as_ref().is_some_and(|host| domains.have(host));
    let users = parties.map(|party| party.is_some_and(|party| here(party) && number(party).is_none()));
    let is_line = |party: &Party| number(party).is_some_and(|digits| !DIALLED.contains(&digits));
    let lines = parties.map(|party| party.is_some_and(|party| here(party) && is_line(party)));
    [users, lines].into_iter().find(|found| found.contains(&true))
}

/// Which party the telephone network, or a withheld caller, is connected to.
fn facing(parties: Parties<'_>) -> [bool; 2] {
    match parties.map(|party| party.is_some_and(is_outside)) {
        [true, false] => [false, true],
        [false, true] => [true, false],
        _ => [false, false],
    }
}

/// Whether the party is in the telephone network, also by what is no whole number, or withheld.
fn is_outside(party: &Party) -> bool {
    let in_network = || SipUri::parse(&party.raw).is_some_and(|uri| uri.host().as_str() == PSTN_HOST);
    number(party).is_some() || party.is_withheld() || in_network()
}

/// The digits of a party that is a number.
fn number(party: &Party) -> Option<&str> {
    party.entity.as_ref().filter(|entity| entity.kind() == EntityKind::PhoneNumber).map(|entity| entity.value())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::json::Json;

    fn event(from: &str, to: &str, domains: &str) -> Event {
        let body = format!(
            r#"{{"id":"1","streamId":"s","type":"call.dialog.created","payload":{{"callId":"c","fromUri":"{from}","toUri":"{to}"}}}}"#
        );
        let mut event = crate::provider::onsip::read(&Json::read(&body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        put(&mut event, &domains.parse().unwrap());
        event
    }

    const ALICE: &str = "sip:alice@example.onsip.com";
    const BOB: &str = "sip:bob@voice.example.com";
    const CAROL: &str = "sip:carol@carrier.example.net";
    const NUMBER: &str = "sip:+12025550101@jnctn.net";
    const LINE: &str = "sip:+12025550150@example.onsip.com";
    const WITHHELD: &str = "sip:anonymous@anonymous.invalid";

    #[test]
    fn the_customers_parties_are_those_of_its_domains_else_the_one_that_faces_the_telephone_network() {
        let both = "onsip.com,voice.example.com";
        for (from, to, domains, own) in [
            (ALICE, BOB, both, vec!["from", "to"]),
            (ALICE, BOB, "onsip.com", vec!["from"]),
            (CAROL, ALICE, "onsip.com", vec!["to"]),
            (ALICE, NUMBER, "onsip.com", vec!["from"]),
            (NUMBER, BOB, "onsip.com", vec!["to"]),
            (BOB, NUMBER, "onsip.com", vec!["from"]),
            (WITHHELD, BOB, "onsip.com", vec!["to"]),
            (BOB, CAROL, "onsip.com", vec![]),
            ("sip:72345@jnctn.net", BOB, "onsip.com", vec!["to"]),
            (NUMBER, "sip:+12025550102@jnctn.net", "onsip.com", vec![]),
            (CAROL, "sip:bob@192.0.2.7", "onsip.com", vec![]),
            (NUMBER, "sip:bob@192.0.2.7:5060", "onsip.com", vec!["to"]),
            ("sip:Alice@EXAMPLE.OnSIP.com:5060", CAROL, "onsip.com", vec!["from"]),
            ("sip:eve@notonsip.com", CAROL, "onsip.com", vec![]),
            ("sip:eve@notonsip.com", ALICE, "onsip.com", vec!["to"]),
        ] {
            let event = event(from, to, domains);
            let found: Vec<_> = event.own.iter().map(|own| own.side.as_str()).collect();
            assert_eq!(found, own, "{from} {to} {domains}");
            assert!(event.own.iter().all(|own| event.on(own.side) == Some(&own.entity)));
        }
    }

    #[test]
    fn a_number_at_an_own_domain_is_the_customers_unless_a_user_calls_it() {
        for (from, to, own) in [
            (CAROL, LINE, vec!["to"]),
            (NUMBER, LINE, vec!["to"]),
            (LINE, NUMBER, vec!["from"]),
            (ALICE, LINE, vec!["from"]),
            (LINE, ALICE, vec!["to"]),
            (BOB, "sip:911@example.onsip.com", vec!["from"]),
        ] {
            let event = event(from, to, "onsip.com");
            let found: Vec<_> = event.own.iter().map(|own| own.side.as_str()).collect();
            assert_eq!(found, own, "{from} {to}");
        }
    }

    #[test]
    fn a_strangers_domain_leaves_the_lists_only_where_the_customers_are_said() {
        let domains = |event: &Event| [&event.from, &event.to].map(|party| party.as_ref().unwrap().domain.is_some());
        assert_eq!(domains(&event(CAROL, ALICE, "onsip.com")), [true, true]);
        assert_eq!(domains(&event(CAROL, ALICE, "example.onsip.com")), [false, true]);
        assert_eq!(domains(&event(ALICE, CAROL, "example.onsip.com")), [true, false]);
        assert_eq!(domains(&event(ALICE, LINE, "example.onsip.com")), [true, true], "a number at the own domain");
        assert_eq!(domains(&event(CAROL, LINE, "example.onsip.com")), [false, true]);
        assert_eq!(domains(&event(BOB, NUMBER, "example.onsip.com")), [true, false], "who faces the telephone network");
        assert_eq!(domains(&event(BOB, CAROL, "example.onsip.com")), [true, true], "neither is known");
    }
}
