//! A user, domain, number or address: what its calls came to, its last calls and its messages.

use maud::{Markup, html};
use query::{List, ListQuery, ListedCall, ParameterError, QueryError, Stats, StatsQuery, Views};
use shared::access::Right;
use shared::entity::Entity;
use shared::event::Event;
use shared::store::list::{CallFilter, EventFilter};

use super::list::times_or_any;
use super::{calls, events, figures};
use crate::filters::{Filters, Links};
use crate::page::Page;
use crate::range::ANY;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, answer, range, states, words};

/// As long a time figures are of at most.
const LONGEST: &str = "31d";
/// The rows of each list: the whole is a click away.
const ROWS: &str = "20";

/// The page.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    if let Some(typed) = ["name", "ends"].into_iter().find_map(|name| visit.filters.get(name)) {
        return Ok(answer::redirect(&visit.to_filtered(Route::Search, &Filters::default().with("q", typed))));
    }
    let missing = || ParameterError::of("entity", "missing");
    let entity = visit.filters.get("entity").ok_or_else(missing)?;
    let entity: Entity = entity.parse().map_err(|error| ParameterError::of("entity", error))?;
    let filters = of_time(&visit.filters);
    let (stats, calls, messages, names) = tokio::try_join!(
        async { if visit.may(Right::Stats) { stats(views, visit, &filters).await.map(Some) } else { Ok(None) } },
        last_calls(views, visit, &filters),
        async { if visit.may(Right::Events) { messages(views, visit, &filters).await.map(Some) } else { Ok(None) } },
        views.names_beside([entity.clone()]),
    )?;
    let main = html! {
        div.head {
            h1 { (words::entity(&entity, &names)) }
            span.note { (words::name(entity.kind().as_str())) }
            (times_or_any(&filters, visit.now))
        }
        @if let Some(stats) = &stats {
            // A list of it has those that go on, too.
            (figures::sums(None, &links(visit, Route::Calls, &counted(&filters)), stats))
            @if range::last(&filters) == Some(ANY) { p.note { "Figures are of the last 31 days." } }
            div.panels { (figures_of(visit, &counted(&filters), stats)) }
        }
        @let of_calls = links(visit, Route::Calls, &filters).named(calls.names.as_ref());
        (section(visit, "Calls", Route::Calls, &filters, (!calls.items.is_empty()).then(|| calls::table(visit, &of_calls, &calls.items))))
        @if let Some(messages) = messages.filter(|messages| !messages.items.is_empty()) {
            @let of_messages = filters.with("family", "sms");
            @let links = links(visit, Route::Events, &of_messages).named(messages.names.as_ref());
            (section(visit, "Messages", Route::Events, &of_messages, Some(events::table(visit, &links, &messages.items))))
        }
    };
    Ok(Page::new(words::plain(&words::entity_value(&entity)), main).shown(visit))
}

/// An entity is looked at over a week, unless something else is asked for.
fn of_time(filters: &Filters) -> Filters {
    let filters = filters.without(&["cursor"]);
    let is_said = ["last", "from", "to"].iter().any(|name| filters.get(name).is_some());
    if is_said { filters } else { filters.with("last", "7d") }
}

/// Figures are of a month at most, and its lists have them so.
fn counted(filters: &Filters) -> Filters {
    if range::last(filters) == Some(ANY) { range::of_last(filters, LONGEST) } else { filters.clone() }
}

fn links(visit: &Visit<'_>, route: Route<'_>, filters: &Filters) -> Links {
    Links::to(Some(visit.to(route)), filters.clone())
}

async fn stats(views: &Views, visit: &Visit<'_>, filters: &Filters) -> Result<Stats, QueryError> {
    let asked = counted(filters).with("group", "outcome,class");
    let parameters = range::parameters(&asked, query::Route::Stats.parameters(), visit.now)?;
    views.stats(&StatsQuery::read(&parameters, visit.now)?, visit.now).await
}

async fn last_calls(views: &Views, visit: &Visit<'_>, filters: &Filters) -> Result<List<ListedCall>, QueryError> {
    let parameters = range::parameters(&filters.with("limit", ROWS), query::Route::Calls.parameters(), visit.now)?;
    views.calls(&ListQuery::<CallFilter>::read(&parameters, visit.now)?, visit.now).await
}

async fn messages(views: &Views, visit: &Visit<'_>, filters: &Filters) -> Result<List<Event>, QueryError> {
    let asked = filters.with("family", "sms").with("limit", ROWS);
    let parameters = range::parameters(&asked, query::Route::Events.parameters(), visit.now)?;
    views.events(&ListQuery::<EventFilter>::read(&parameters, visit.now)?, visit.now).await
}

fn figures_of(visit: &Visit<'_>, filters: &Filters, stats: &Stats) -> Markup {
    let looked_at = stats.records.as_ref().and_then(|records| records.read_to);
    let links = links(visit, Route::Calls, filters);
    html! {
        (figures::outcomes(&links, stats))
        (figures::failures(&links, stats))
        @if let Some(time) = looked_at.filter(|time| *time > stats.from) {
            p.note { "There are more calls than were looked at: these figures are of those since " (words::time(time, visit.now)) "." }
        }
    }
}

fn section(visit: &Visit<'_>, title: &str, route: Route<'_>, filters: &Filters, rows: Option<Markup>) -> Markup {
    html! {
        div.head { h2 { (title) } div.actions { a href=(visit.to_filtered(route, filters)) { "All of them" } } }
        @match rows {
            Some(rows) => (rows),
            None => (states::nothing_matches(html! { p { "None in that time. Look at a longer one." } })),
        }
    }
}
