//! Lists of calls.

use lambda_http::http::{HeaderValue, header};
use maud::{Markup, html};
use query::{List, ListQuery, ListedCall, QueryError, Views, answered_in_csv};
use shared::call::Outcome;
use shared::failure::{Failure, FailureClass};
use shared::record::Disposition;
use shared::store::list::CallFilter;

use super::list::{Field, LIVE, Shape, Takes};
use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

fn shape() -> Shape {
    let classes = FailureClass::ALL.iter().map(|class| class.as_str());
    Shape {
        title: "Calls",
        file: Route::CallsCsv,
        fields: vec![
            Field("entity", "Concerns", Takes::Text("sip_user:alice@example.com")),
            Field("own", "Yours", Takes::Text("phone_number:12025550144")),
            Field("outcome", "Outcome", Takes::OneOf(Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect())),
            Field("class", "Failure", Takes::OneOf(["any"].into_iter().chain(classes).collect())),
            Field("minTalk", "Talked at least", Takes::Seconds),
            Field("maxTalk", "Talked at most", Takes::Seconds),
            Field("minRing", "Rang at least", Takes::Seconds),
            Field("at", "Time is of", Takes::OneOf(vec!["begun", "ended"])),
        ],
    }
}

fn asked(visit: &Visit<'_>) -> Result<ListQuery<CallFilter>, QueryError> {
    let parameters = range::parameters(&visit.filters, query::Route::Calls.parameters(), visit.now)?;
    Ok(ListQuery::<CallFilter>::read(&parameters, visit.now)?)
}

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let List { items, next, read_to } = views.calls(&asked(visit)?, visit.now).await?;
    let rows = (!items.is_empty()).then(|| table(visit, &items));
    let main = shape().page(visit, [next, read_to.map(|time| time.to_string())], rows)?;
    let page = Page::new("Calls", main);
    let page = if visit.filters.get("live").is_some() { page.refreshed(LIVE) } else { page };
    Ok(page.shown(visit))
}

/// The list as a file.
pub(crate) async fn file(views: &Views, visit: &Visit<'_>) -> Answer {
    let mut answered = answered_in_csv(&views.calls(&asked(visit)?, visit.now).await?)?;
    let named = HeaderValue::from_static("attachment; filename=\"calls.csv\"");
    answered.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    Ok(answered)
}

/// Calls as rows; clicking a value filters by it.
pub(crate) fn table(visit: &Visit<'_>, calls: &[ListedCall]) -> Markup {
    html! {
        table.rows.calls {
            thead { tr { th { "Outcome" } th { "Began" } th { "From" } th { "To" } th.n { "Rang" } th.n { "Talked" } th { "Why" } } }
            tbody { @for call in calls { (row(visit, call)) } }
        }
    }
}

fn row(visit: &Visit<'_>, call: &ListedCall) -> Markup {
    let filters = visit.filters.without(&["cursor"]);
    let id = call.id.to_string();
    let length = |seconds: Option<f64>| seconds.map(words::seconds).unwrap_or_default();
    html! {
        tr data-id=(id) {
            td { (outcome(&filters, call.outcome)) }
            td { a.row href=(visit.to(Route::Call(&id))) { (words::time(call.started_at.unwrap_or(call.received_at), visit.now)) } }
            td.party { (words::linked_party(&filters, call.from.as_ref())) }
            td.party { (words::linked_party(&filters, call.to.as_ref())) }
            td.n data-label="rang" { (length(call.ring_seconds)) }
            td.n data-label="talked" { (length(call.talk_seconds)) }
            td.why { @if let Some(failure) = &call.failure { (why(&filters, failure)) } (also(call)) }
        }
    }
}

/// An outcome: in words, colour and shape.
fn outcome(filters: &Filters, outcome: Disposition) -> Markup {
    let name = outcome.as_str();
    html! { a class={"o " (name)} href=(filters.with("outcome", name).href()) { (words::name(name)) } }
}

fn why(filters: &Filters, failure: &Failure) -> Markup {
    let class = failure.class.as_str();
    html! {
        a href=(filters.with("class", class).href()) { (words::name(class)) }
        @if let Some(reason) = &failure.reason { " " span.said { (words::short(reason)) } }
    }
}

/// What else one wants to know before one opens it.
fn also(call: &ListedCall) -> Markup {
    html! {
        @if !call.menu_steps.is_empty() { " " span.tag { "menu " (words::short(&call.menu_steps.join(" "))) } }
        @if call.attempts > 1 { " " span.tag { (call.attempts) " attempts" } }
        @if call.recordings > 0 { " " span.tag { "recorded" } }
    }
}
