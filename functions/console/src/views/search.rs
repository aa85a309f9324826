//! Leads from what somebody typed to what it names: an id, a number, a user, a domain, an address, or a name that an operator gave.

use maud::html;
use query::{NameQuery, Named, QueryError, Views};
use shared::access::Right;
use shared::address::NumberingPlan;
use shared::entity::{Entity, EntityKind};
use shared::key::{CallId, EventId, Subject};

use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, answer, range, states, words};

/// A number has at least so many digits: fewer are an extension.
const DIGITS: usize = 7;

/// Sends the browser there, or says what can be looked for.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let Some(text) = visit.filters.get("q") else { return Ok(answer::redirect(&visit.to(Route::Overview))) };
    if let Some(address) = of_id(visit, text) {
        return Ok(answer::redirect(&address));
    }
    match entity(text) {
        Some(entity) => Ok(answer::redirect(&of_entity(visit, &entity))),
        None => named(views, visit, text).await,
    }
}

fn of_id(visit: &Visit<'_>, text: &str) -> Option<String> {
    if let Ok(call) = text.parse::<CallId>() {
        return Some(visit.to(Route::Call(&call.to_string())));
    }
    let event = text.parse::<EventId>().ok()?;
    Some(visit.to(match event.partition().subject() {
        Subject::Quarantine => Route::Quarantined(text),
        _ => Route::Event(text),
    }))
}

fn of_entity(visit: &Visit<'_>, entity: &Entity) -> String {
    visit.to_filtered(Route::Entity, &Filters::default().with("entity", &entity.to_string()))
}

/// The entity that a text names, however it is written.
fn entity(text: &str) -> Option<Entity> {
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

/// Those whose name has the text.
async fn named(views: &Views, visit: &Visit<'_>, text: &str) -> Answer {
    let found = match visit.may(Right::Events) {
        true => found(views, text).await?,
        false => Vec::new(),
    };
    if let [one] = found.as_slice() {
        return Ok(answer::redirect(&of_entity(visit, &one.entity)));
    }
    let main = html! {
        div.head { h1 { "Search" } }
        @if found.is_empty() {
            (states::nothing_matches(html! {
                p { "Nothing is called " q { (words::short(text)) } ". Look for a number, a user (alice@example.com), a domain, an address, the id of a call or of an event, or a name that was given to one of them." }
            }))
        } @else {
            table.rows {
                thead { tr { th { "Name" } th { "Of" } } }
                tbody {
                    @for Named { entity, name } in &found {
                        tr { td { a.row href=(of_entity(visit, entity)) { (words::short(name.as_str())) } } td { (words::short(&entity.to_string())) } }
                    }
                }
            }
        }
    };
    Ok(Page::new("Search", main).shown(visit))
}

async fn found(views: &Views, text: &str) -> Result<Vec<Named>, QueryError> {
    let parameters = range::as_given(&Filters::default().with("contains", text), query::Route::Names.parameters())?;
    Ok(views.names(&NameQuery::read(&parameters)?).await?.items)
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
}
