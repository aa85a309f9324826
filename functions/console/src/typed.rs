//! What somebody types to name an entity, however it is written: the search and the fields of a form take the same.

use shared::address::NumberingPlan;
use shared::entity::{Entity, EntityKind};

use crate::filters::Filters;

/// A number has at least so many digits: fewer are its last ones, or an extension.
const DIGITS: usize = 7;
/// The filters that are an entity.
const ENTITIES: [&str; 2] = ["entity", "own"];

/// The entity that a text names.
pub(crate) fn entity(text: &str) -> Option<Entity> {
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let of = |kind, text| Entity::new(kind, text).ok();
    let written = || text.parse::<Entity>().ok();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-(). ".contains(&byte));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if is_number && digits >= DIGITS && !is_address(text) {
        // Ten digits without a country are North America's, which both providers number by.
        let national = Entity::national(&format!("phone_number:{text}"), NumberingPlan::NorthAmerican).ok();
        return national
            .filter(|_| digits == 10 && !text.starts_with('+'))
            .or_else(|| of(EntityKind::PhoneNumber, text));
    }
    if text.contains('@') {
        return written().or_else(|| of(EntityKind::SipUser, text));
    }
    written().or_else(|| of(EntityKind::AuthIp, text)).or_else(|| {
        let is_host = text.contains('.') && !text.contains(char::is_whitespace);
        is_host.then(|| of(EntityKind::SipDomain, text)).flatten()
    })
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

/// Digits that are too few for a number: its last ones.
pub(crate) fn last_digits(text: &str) -> Option<&str> {
    ((2..DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// The filters with each entity as the API writes it. What names none is the last digits of a number, or else a name.
pub(crate) fn canonical(filters: &Filters) -> Filters {
    let mut canonical = filters.clone();
    for name in ENTITIES {
        let typed = filters.get(name).filter(|text| text.parse::<Entity>().is_err() && filters.get("plan").is_none());
        let Some(text) = typed else { continue };
        let read = match (entity(text), name) {
            (Some(entity), _) => Some((name, entity.to_string())),
            // What has the form of an entity is a wrong one, and not a name.
            (None, "entity") if !text.contains(':') => {
                Some((if last_digits(text).is_some() { "ends" } else { "name" }, text.to_owned()))
            }
            _ => None,
        };
        if let Some((read, value)) = read.filter(|(read, _)| *read == name || filters.get(read).is_none()) {
            canonical = canonical.without(&[name]).with(read, &value);
        }
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_names_an_entity_however_it_is_written() {
        for (text, named) in [
            ("+1 (202) 555-0144", "phone_number:12025550144"),
            ("202-555-0144", "phone_number:12025550144"),
            ("tel:+442079460958", "phone_number:442079460958"),
            ("sip:alice@example.com", "sip_user:alice@example.com"),
            ("Alice@Example.com", "sip_user:Alice@example.com"),
            ("sip_user:alice@example.com", "sip_user:alice@example.com"),
            ("menu:main@example.com", "menu:main@example.com"),
            ("example.com", "sip_domain:example.com"),
            ("192.0.2.1", "auth_ip:192.0.2.1"),
            ("account:9af21132", "account:9af21132"),
        ] {
            assert_eq!(entity(text).map(|entity| entity.to_string()).as_deref(), Some(named), "{text}");
        }
        for text in ["", "Reception", "144", "the lobby. upstairs", "<img src=x>"] {
            assert_eq!(entity(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_for_an_entity_takes_what_the_search_takes() {
        for (typed, read) in [
            ("entity=alice@example.com&class=busy", "?class=busy&entity=sip_user:alice@example.com"),
            ("entity=%2B1+202+555+0144", "?entity=phone_number:12025550144"),
            ("entity=0147", "?ends=0147"),
            ("entity=Front+desk", "?name=Front%20desk"),
            ("own=example.com", "?own=sip_domain:example.com"),
            ("entity=sip_user:alice@example.com", "?entity=sip_user:alice@example.com"),
        ] {
            assert_eq!(canonical(&Filters::parse(typed)).href(), read, "{typed}");
        }
    }

    #[test]
    fn what_is_an_entity_by_its_form_and_a_wrong_one_stays_as_it_is() {
        for typed in
            ["entity=sip_user:", "entity=user:a", "own=desk", "entity=desk&name=lobby", "entity=202-555-0101&plan=nanp"]
        {
            let filters = Filters::parse(typed);
            assert_eq!(canonical(&filters), filters, "{typed}");
        }
    }
}
