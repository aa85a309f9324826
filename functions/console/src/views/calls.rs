//! Lists of calls.

use maud::{Markup, html};
use query::{ListQuery, ListedCall, QueryError, Views};
use shared::call::Outcome;
use shared::record::Disposition;
use shared::store::list::CallFilter;

use super::file::file as whole;
use super::list::{Field, Shape, Takes, classes, page};
use crate::filters::Links;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

fn shape() -> Shape {
    Shape {
        title: "Calls",
        file: Route::CallsCsv,
        fields: vec![
            Field("entity", "Concerns", Takes::Text("sip_user:alice@example.com")),
            Field("name", "Concerns, by name", Takes::Text("Front desk")),
            Field("ends", "Number ends in", Takes::Text("0120")),
            Field("own", "Yours", Takes::Text("phone_number:12025550144")),
            Field("outcome", "Outcome", Takes::OneOf(Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect())),
            Field("class", "Failure", Takes::OneOf(classes())),
            Field("minTalk", "Talked at least", Takes::Seconds),
            Field("maxTalk", "Talked at most", Takes::Seconds),
            Field("minRing", "Rang at least", Takes::Seconds),
            Field("at", "Time is of", Takes::OneOf(vec!["begun", "ended"])),
        ],
    }
}

async fn asked(views: &Views, visit: &Visit<'_>) -> Result<ListQuery<CallFilter>, QueryError> {
    let parameters = range::parameters(&visit.filters, query::Route::Calls.parameters(), visit.now)?;
    Ok(ListQuery::<CallFilter>::read(&views.with_entity(parameters).await?, visit.now)?)
}

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let list = views.calls(&asked(views, visit).await?, visit.now).await?;
    page(&shape(), visit, &list, |links, calls| table(visit, links, calls))
}

/// The list as a file.
pub(crate) async fn file(views: &Views, visit: &Visit<'_>) -> Answer {
    let ListQuery { filter, page } = &asked(views, visit).await?;
    let read = |page| async { views.calls(&ListQuery { filter: filter.clone(), page }, visit.now).await };
    whole("calls", page.clone(), read).await
}

/// Calls as rows; clicking a value filters by it.
pub(crate) fn table(visit: &Visit<'_>, links: &Links, calls: &[ListedCall]) -> Markup {
    html! {
        table.rows.calls {
            thead { tr { th { "Outcome" } th { "Began" } th { "From" } th { "To" } th.n { "Rang" } th.n { "Talked" } th { "Why" } } }
            tbody { @for call in calls { (row(visit, links, call)) } }
        }
    }
}

fn row(visit: &Visit<'_>, links: &Links, call: &ListedCall) -> Markup {
    let id = call.id.to_string();
    let length = |seconds: Option<f64>| seconds.map(words::seconds).unwrap_or_default();
    html! {
        tr data-id=(id) {
            td { (outcome(links, call.outcome)) }
            td { a.row href=(visit.to(Route::Call(&id))) { (words::time(call.started_at.unwrap_or(call.received_at), visit.now)) } }
            td.party { (words::linked_party(links, call.from.as_ref())) }
            td.party.to { (words::linked_party(links, call.to.as_ref())) }
            td.n data-label="rang" { (length(call.ring_seconds)) }
            td.n data-label="talked" { (length(call.talk_seconds)) }
            td.why { @if let Some(failure) = &call.failure { (words::why(links, failure))  } (also(call)) }
        }
    }
}

/// An outcome: in words, colour and shape.
fn outcome(links: &Links, outcome: Disposition) -> Markup {
    let name = outcome.as_str();
    html! { a class={"o " (name)} href=[links.with("outcome", name)] { (words::name(name)) } }
}

/// What else one wants to know before one opens it.
fn also(call: &ListedCall) -> Markup {
    html! {
        @if !call.menu_steps.is_empty() { " " span.tag { "menu " (words::short(&call.menu_steps.join(" "))) } }
        @if call.attempts > 1 { " " span.tag { (call.attempts) " attempts" } }
        @if call.recordings > 0 { " " span.tag { "recorded" } }
    }
}
