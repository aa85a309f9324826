//! Lists of events.

use maud::{Markup, html};
use query::{ListQuery, QueryError, Views};
use shared::entity::EntityKind;
use shared::event::Event;
use shared::name::{Family, Provider, Status};
use shared::store::list::EventFilter;

use super::file::file as whole;
use super::list::{Field, Shape, Takes, classes, page};
use crate::filters::Links;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

fn shape() -> Shape {
    Shape {
        title: "Events",
        file: Route::EventsCsv,
        fields: vec![
            Field("entity", "Concerns", Takes::Text("sip_user:alice@example.com")),
            Field("category", "In the role", Takes::Text("inbound_call")),
            Field("name", "Concerns, by name", Takes::Text("Front desk")),
            Field("ends", "Number ends in", Takes::Text("0120")),
            Field("own", "Yours", Takes::Text("phone_number:12025550144")),
            Field("family", "Family", Takes::OneOf(Family::ALL.iter().map(|family| family.as_str()).collect())),
            Field("status", "Status", Takes::OneOf(Status::ALL.iter().map(|status| status.as_str()).collect())),
            Field("class", "Failure", Takes::OneOf(classes())),
            Field("provider", "Provider", Takes::OneOf(Provider::ALL.iter().map(|one| one.as_str()).collect())),
            Field("type", "Type", Takes::Text("call_state")),
        ],
    }
}

async fn asked(views: &Views, visit: &Visit<'_>) -> Result<ListQuery<EventFilter>, QueryError> {
    let parameters = range::parameters(&visit.filters, query::Route::Events.parameters(), visit.now)?;
    Ok(ListQuery::<EventFilter>::read(&views.with_entity(parameters).await?, visit.now)?)
}

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let list = views.events(&asked(views, visit).await?, visit.now).await?;
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
