//! Lists of calls.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use query::{ListQuery, ListedCall, QueryError, Views};
use shared::call::Outcome;
use shared::record::Disposition;
use shared::store::list::CallFilter;

use super::file::file as whole;
use super::form::{Field, Takes, classes};
use super::list::{Shape, mended, page};
use crate::filters::Links;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

fn shape() -> Shape {
    Shape {
        title: "Calls",
        file: Route::CallsCsv,
        fields: vec![
            Field("entity", Takes::Text("alice@example.com")),
            Field("name", Takes::Text("Front desk")),
            Field("ends", Takes::Text("0120")),
            Field("own", Takes::Text("+1 202 555 0144")),
            Field("outcome", Takes::OneOf(Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect())),
            Field("class", Takes::OneOf(classes())),
            Field("minTalk", Takes::Seconds),
            Field("maxTalk", Takes::Seconds),
            Field("minRing", Takes::Seconds),
            Field("at", Takes::OneOf(vec!["ended"])),
        ],
    }
}

async fn asked(views: &Views, visit: &Visit<'_>) -> Result<ListQuery<CallFilter>, QueryError> {
    let parameters = range::parameters(&visit.filters, query::Route::Calls.parameters(), visit.now)?;
    Ok(ListQuery::<CallFilter>::read(&views.with_entity(parameters).await?, visit.now)?)
}

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let asked = match asked(views, visit).await {
        Ok(asked) => asked,
        Err(error) => return mended(&shape(), visit, error),
    };
    let list = views.calls(&asked, visit.now).await?;
    page(&shape(), visit, &list, |links, calls| {
        html! { (table(visit, links, calls)) (order(visit, calls)) }
    })
}

/// The list as a file.
pub(crate) async fn file(views: &Views, visit: &Visit<'_>) -> Answer {
    let ListQuery { filter, page } = &asked(views, visit).await?;
    let read = |page| async { views.calls(&ListQuery { filter: filter.clone(), page }, visit.now).await };
    whole("calls", page.clone(), read).await
}

/// Calls as rows; clicking a value filters by it.
pub(crate) fn table(visit: &Visit<'_>, links: &Links, calls: &[ListedCall]) -> Markup {
    let time = Time::of(visit);
    html! {
        table.rows.calls {
            thead { tr { th { "Outcome" } th { (time.called()) } th { "From" } th { "To" } th.n { "Rang" } th.n { "Talked" } th { "Why" } } }
            tbody { @for call in calls { (row(visit, links, (call, time))) } }
        }
    }
}

/// A call that was heard of so long after it began was told late.
const LATE: SignedDuration = SignedDuration::from_mins(1);

/// What is said of the order, and of the time that is asked for, where the times that are shown are not in it.
fn order(visit: &Visit<'_>, calls: &[ListedCall]) -> Markup {
    let time = Time::of(visit);
    let times = || calls.iter().map(|call| time.shown(call));
    let is_late =
        |call: &ListedCall| call.started_at.is_some_and(|begun| call.received_at.duration_since(begun) > LATE);
    html! {
        @if calls.iter().any(is_late) || !times().is_sorted() && !times().rev().is_sorted() {
            p.note { "In the order, and of the time, in which Trunkline heard of them: what was told late stands above what came before." }
        }
    }
}

/// The time that a list of calls shows: that which it goes by.
#[derive(Clone, Copy)]
enum Time {
    Begun,
    Ended,
}

impl Time {
    fn of(visit: &Visit<'_>) -> Self {
        let is_given = |name: &str| visit.filters.get(name).is_some();
        match visit.filters.get("at") {
            Some("ended") => Self::Ended,
            _ if is_given("endedFrom") || is_given("endedTo") => Self::Ended,
            _ => Self::Begun,
        }
    }

    fn called(self) -> &'static str {
        match self {
            Self::Begun => "Began",
            Self::Ended => "Ended",
        }
    }

    /// The time, where the call has it.
    fn told(self, call: &ListedCall) -> Option<Timestamp> {
        match self {
            Self::Begun => call.started_at,
            Self::Ended => call.ended_at,
        }
    }

    fn shown(self, call: &ListedCall) -> Timestamp {
        self.told(call).unwrap_or(call.received_at)
    }
}

fn row(visit: &Visit<'_>, links: &Links, (call, time): (&ListedCall, Time)) -> Markup {
    let id = call.id.to_string();
    let length = |seconds: Option<f64>| seconds.map(words::seconds).unwrap_or_default();
    html! {
        tr data-id=(id) {
            td { (outcome(links, call.outcome)) }
            td { a.row href=(visit.to(Route::Call(&id))) { (words::time(time.shown(call), visit.now)) }
                // What no provider told is not passed off as that.
                @if time.told(call).is_none() { " " span.note { "heard of" } }
            }
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
