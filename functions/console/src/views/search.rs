//! Leads from what somebody typed to what it names: an id, a number, a user, a domain, an address, the last digits of a number, or a name
//! that an operator gave. What is not looked up but looked for is so within bounds, and the page says where.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use jiff::Timestamp;
use maud::{Markup, html};
use query::{CallQuery, ListQuery, ListedCall, NameQuery, Named, QueryError, Views};
use shared::access::Right;
use shared::entity::{Entity, EntityKind};
use shared::event::Party;
use shared::key::{CallId, EventId, Partition, Subject};
use shared::name::Provider;
use shared::store::list::CallFilter;

use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, answer, range, states, typed, words};

/// An id has at least so many characters.
const ID: usize = 6;
/// Last digits are looked for in the calls of that time,
const LATELY: &str = "7d";
/// of so many pages at most, and no further one after that long.
const PAGES: usize = 10;
const TIME: Duration = Duration::from_secs(3);

/// Sends the browser there, or shows what was found.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let Some(text) = visit.filters.get("q") else { return Ok(answer::redirect(&visit.to(Route::Overview))) };
    if let Some(call) = call(views, visit, text).await? {
        return Ok(answer::redirect(&visit.to(Route::Call(&call.to_string()))));
    }
    if let Some(address) = of_id(visit, text) {
        return Ok(answer::redirect(&address));
    }
    match typed::entity(text) {
        Some(entity) => Ok(answer::redirect(&of_entity(visit, &entity))),
        None => looked_for(views, visit, text).await,
    }
}

/// The call that there is of that id, with its provider or without, of a leg's or of a thread's. Opentact writes ids in lower case.
async fn call(views: &Views, visit: &Visit<'_>, text: &str) -> Result<Option<CallId>, QueryError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-(). ".contains(&byte));
    if !visit.may(Right::Calls) || text.len() < ID || is_number || text.contains(char::is_whitespace) {
        return Ok(None);
    }
    let mut ids = Vec::<CallId>::new();
    for text in [text, &text.to_lowercase()] {
        let of = |provider: &Provider| Partition::new(*provider, Subject::Call, text).try_into().ok();
        let named = match text.parse() {
            Ok(id) => vec![id],
            Err(_) => Provider::ALL.iter().filter_map(of).collect(),
        };
        ids.extend(named);
    }
    ids.dedup();
    let found = try_join_all(ids.into_iter().map(|id| is_there(views, visit, id))).await?;
    Ok(found.into_iter().flatten().next())
}

async fn is_there(views: &Views, visit: &Visit<'_>, id: CallId) -> Result<Option<CallId>, QueryError> {
    let text = id.to_string();
    let parameters = range::as_given(&Filters::default(), query::Route::Call(&text).parameters())?;
    match views.call(&CallQuery::read(&text, &parameters)?, visit.now).await {
        Ok(_) => Ok(Some(id)),
        Err(QueryError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
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

/// What was found that has the text.
#[derive(Default)]
struct Found {
    names: Vec<Named>,
    /// Numbers that end so, each with its last call.
    numbers: BTreeMap<Entity, Timestamp>,
    /// How far back calls were looked through, where that is not all of the time.
    read_to: Option<Timestamp>,
}

async fn looked_for(views: &Views, visit: &Visit<'_>, text: &str) -> Answer {
    let mut found = match typed::last_digits(text).filter(|_| visit.may(Right::Calls)) {
        Some(digits) => numbers(views, visit, digits).await?,
        None => Found::default(),
    };
    if visit.may(Right::Events) {
        found.names = names(views, text).await?;
    }
    let entities: Vec<_> = found.names.iter().map(|named| &named.entity).chain(found.numbers.keys()).collect();
    if let ([one], None) = (entities.as_slice(), found.read_to) {
        return Ok(answer::redirect(&of_entity(visit, one)));
    }
    let main = html! {
        div.head { h1 { "Search" } }
        @if entities.is_empty() { (nothing(visit, text, &found)) } @else { (found.shown(visit, text)) }
    };
    Ok(Page::new("Search", main).shown(visit))
}

impl Found {
    fn shown(&self, visit: &Visit<'_>, text: &str) -> Markup {
        html! {
            @if !self.names.is_empty() {
                table.rows {
                    thead { tr { th { "Name" } th { "Of" } } }
                    tbody {
                        @for Named { entity, name } in &self.names {
                            tr { td { a.row href=(of_entity(visit, entity)) { (words::short(name.as_str())) } } td { (words::short(&entity.to_string())) } }
                        }
                    }
                }
            }
            @if !self.numbers.is_empty() {
                table.rows {
                    thead { tr { th { "Ends in " (words::short(text)) } th { "Last call" } } }
                    tbody {
                        @for (entity, at) in &self.numbers {
                            tr { td { a.row href=(of_entity(visit, entity)) { (words::short(&words::entity_value(entity))) } } td { (words::time(*at, visit.now)) } }
                        }
                    }
                }
                p.end {
                    @if let Some(read_to) = self.read_to { span { "In the calls since " (words::time(read_to, visit.now)) "." } }
                    a.next href=(calls_of(visit, text)) { "Their calls" }
                }
            }
        }
    }
}

/// The calls of numbers that end so.
fn calls_of(visit: &Visit<'_>, digits: &str) -> String {
    visit.to_filtered(Route::Calls, &Filters::default().with("ends", digits).with("last", LATELY))
}

fn nothing(visit: &Visit<'_>, text: &str, found: &Found) -> Markup {
    let digits = typed::last_digits(text).filter(|_| visit.may(Right::Calls));
    states::nothing_matches(html! {
        p { "Nothing was found for " q { (words::short(text)) } ". It was looked for" }
        ul {
            @if visit.may(Right::Events) { li { "in the names that were given to users, numbers and domains" } }
            @if digits.is_some() {
                li {
                    "as the end of a number, in the calls "
                    @match found.read_to {
                        Some(read_to) => { "since " (words::time(read_to, visit.now)) },
                        None => "of the last 7 days",
                    }
                }
            } @else if visit.may(Right::Calls) { li { "as the id of a call, of a leg and of a thread" } }
        }
        p { "Type a number, whole or its last 2 to 6 digits; a user (alice@example.com); a domain; an address; the whole id of a call, a leg or an event; or a part of a name." }
    })
}

async fn names(views: &Views, text: &str) -> Result<Vec<Named>, QueryError> {
    let parameters = range::as_given(&Filters::default().with("contains", text), query::Route::Names.parameters())?;
    Ok(views.names(&NameQuery::read(&parameters)?).await?.items)
}

/// The numbers of late calls that end so.
async fn numbers(views: &Views, visit: &Visit<'_>, digits: &str) -> Result<Found, QueryError> {
    let (mut found, until) = (Found::default(), Instant::now() + TIME);
    let filters = Filters::default().with("ends", digits).with("last", LATELY).with("limit", "100");
    let parameters = range::parameters(&filters, query::Route::Calls.parameters(), visit.now)?;
    let mut asked = ListQuery::<CallFilter>::read(&parameters, visit.now)?;
    for _ in 0..PAGES {
        let page = views.calls(&asked, visit.now).await?;
        for call in &page.items {
            for entity in ending(call, digits) {
                found.numbers.entry(entity).or_insert(call.started_at.unwrap_or(call.received_at));
            }
        }
        asked.page.after = page.next.and_then(|cursor| cursor.parse().ok());
        found.read_to = page.read_to.filter(|_| asked.page.after.is_some());
        if asked.page.after.is_none() || Instant::now() > until {
            break;
        }
    }
    Ok(found)
}

/// The entities of a call whose number ends so, as they are or as the provider wrote them.
fn ending(call: &ListedCall, digits: &str) -> Vec<Entity> {
    let is_number = |raw: &str| raw.bytes().all(|byte| byte.is_ascii_digit() || b"+-(). ".contains(&byte));
    let written = |party: &&Party| {
        is_number(&party.raw) && party.raw.chars().filter(char::is_ascii_digit).collect::<String>().ends_with(digits)
    };
    let parties = [&call.from, &call.to].into_iter().flatten().filter(written).filter_map(|party| party.entity.clone());
    let others = call.entities.iter().map(|pair| &pair.entity);
    let others = others.filter(|entity| entity.kind() == EntityKind::PhoneNumber && entity.value().ends_with(digits));
    parties.chain(others.cloned()).collect()
}
