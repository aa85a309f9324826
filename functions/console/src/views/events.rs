//! Lists of events.

use maud::{Markup, html};
use query::{ListQuery, QueryError, Views};
use shared::entity::EntityKind;
use shared::event::Event;
use shared::name::{Family, Provider, Status};
use shared::store::list::EventFilter;

use super::file::file as whole;
use super::form::{Field, Takes, classes};
use super::list::{Shape, mended, page};
use crate::filters::Links;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

fn shape() -> Shape {
    Shape {
        title: "Events",
        file: Route::EventsCsv,
        fields: vec![
            Field("entity", Takes::Text("alice@example.com")),
            Field("category", Takes::Text("inbound_call")),
            Field("name", Takes::Text("Front desk")),
            Field("ends", Takes::Text("0120")),
            Field("own", Takes::Text("+1 202 555 0144")),
            Field("family", Takes::OneOf(Family::ALL.iter().map(|family| family.as_str()).collect())),
            Field("status", Takes::OneOf(Status::ALL.iter().map(|status| status.as_str()).collect())),
            Field("class", Takes::OneOf(classes())),
            Field("provider", Takes::OneOf(Provider::ALL.iter().map(|one| one.as_str()).collect())),
            Field("type", Takes::Text("call_state")),
        ],
    }
}

async fn asked(views: &Views, visit: &Visit<'_>) -> Result<ListQuery<EventFilter>, QueryError> {
    let parameters = range::parameters(&visit.filters, query::Route::Events.parameters(), visit.now)?;
    Ok(ListQuery::<EventFilter>::read(&views.with_entity(parameters).await?, visit.now)?)
}

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let asked = match asked(views, visit).await {
        Ok(asked) => asked,
        Err(error) => return mended(&shape(), visit, error),
    };
    let list = views.events(&asked, visit.now).await?;
    page(&shape(), visit, &list, |links, events| table(visit, links, events))
}

/// The list as a file.
pub(crate) async fn file(views: &Views, visit: &Visit<'_>) -> Answer {
    let ListQuery { filter, page } = &asked(views, visit).await?;
    let read = |page| async { views.events(&ListQuery { filter: filter.clone(), page }, visit.now).await };
    whole("events", page.clone(), read).await
}

/// Events as rows; clicking a value filters by it.
pub(crate) fn table(visit: &Visit<'_>, links: &Links, events: &[Event]) -> Markup {
    html! {
        table.rows.events {
            thead { tr { th { "Status" } th { "Received" } th { "Type" } th { "From" } th { "To" } th { "Why, or what" } } }
            tbody { @for event in events { (row(visit, links, event)) } }
        }
    }
}

fn row(visit: &Visit<'_>, links: &Links, event: &Event) -> Markup {
    let (id, status) = (event.id.to_string(), event.status.as_str());
    html! {
        tr data-id=(id) {
            td { a class={"o " (status)} href=[links.with("status", status)] { (words::name(status)) } }
            td { a.row href=(visit.to(Route::Event(&id))) { (words::time(event.received_at, visit.now)) } }
            td { a href=[links.with("type", &event.kind)] { (words::short(&event.kind)) } }
            td.party { (words::linked_party(links, event.from.as_ref())) }
            td.party.to { (words::linked_party(links, event.to.as_ref())) }
            td.why {
                @if let Some(failure) = &event.failure { (words::why(links, failure)) " " }
                @for entity in concerned(event) { (words::linked_entity(links, entity)) " " }
            }
        }
    }
}

/// What an event is about that has no parties, as an order of numbers has none.
fn concerned(event: &Event) -> impl Iterator<Item = &shared::entity::Entity> {
    let others = event.others.iter().map(|pair| &pair.entity).filter(|entity| entity.kind() != EntityKind::SipDomain);
    others.chain(&event.account).take(if event.from.is_none() && event.to.is_none() { 3 } else { 0 })
}
