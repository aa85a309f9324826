//! Whose an event of OnSIP's is. OnSIP does not say: it delivers what happens at the customer's organization, so where one
//! party is in the telephone network, or withheld, the other is the customer's; and so is who is of the customer's domains.

use crate::entity::EntityKind;
use crate::event::{Event, Party, Side};
use crate::provider::OwnDomains;

/// Says which parties are the customer's. Where neither is known to be, both are found in lists as ever, and `own` is
/// empty. A stranger's domain leaves the lists where the customer's domains are said.
pub(in crate::provider) fn put(event: &mut Event, domains: &OwnDomains) {
    let ours = |side: Side| event.on(side).is_some_and(|entity| domains.have(entity));
    let known = [ours(Side::From), ours(Side::To)];
    let own =
        if known == [false, false] { [is_outside(event.to.as_ref()), is_outside(event.from.as_ref())] } else { known };
    if own == [true, true] && known == [false, false] {
        return;
    }
    let sides = [Side::From, Side::To].into_iter().zip(own);
    event.own = sides.filter(|(_, own)| *own).filter_map(|(side, _)| event.own_on(side)).collect();
    if domains.are_said() && known != [false, false] {
        let strangers = [&mut event.from, &mut event.to].into_iter().zip(known).filter(|(_, own)| !own);
        strangers.filter_map(|(party, _)| party.as_mut()).for_each(|party| party.domain = None);
    }
}

/// Whether the party is in the telephone network, or withheld.
fn is_outside(party: Option<&Party>) -> bool {
    let number = |party: &Party| party.entity.as_ref().is_some_and(|entity| entity.kind() == EntityKind::PhoneNumber);
    party.is_some_and(|party| number(party) || party.is_withheld())
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
            (NUMBER, "sip:+12025550102@jnctn.net", "onsip.com", vec![]),
            (CAROL, "sip:bob@192.0.2.7", "onsip.com", vec![]),
        ] {
            let event = event(from, to, domains);
            let found: Vec<_> = event.own.iter().map(|own| own.side.as_str()).collect();
            assert_eq!(found, own, "{from} {to} {domains}");
            assert!(event.own.iter().all(|own| event.on(own.side) == Some(&own.entity)));
        }
    }

    #[test]
    fn a_strangers_domain_leaves_the_lists_only_where_the_customers_are_said() {
        let domains = |event: &Event| [&event.from, &event.to].map(|party| party.as_ref().unwrap().domain.is_some());
        assert_eq!(domains(&event(CAROL, ALICE, "onsip.com")), [true, true]);
        assert_eq!(domains(&event(CAROL, ALICE, "example.onsip.com")), [false, true]);
        assert_eq!(domains(&event(ALICE, CAROL, "example.onsip.com")), [true, false]);
        assert_eq!(domains(&event(BOB, CAROL, "example.onsip.com")), [true, true], "neither is known");
    }
}
