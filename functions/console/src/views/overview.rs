//! How things stand: what came and what came of it in the last day, from the counts.

use maud::{Markup, html};
use query::{Counted, Stats, StatsQuery, Views};
use shared::access::Right;

use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

/// The overview; of a token that opens no counts it shows what there is to open.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let outcomes = match visit.may(Right::Stats) {
        true => Some(counted(views, visit, "outcome").await?),
        false => None,
    };
    let main = html! {
        div.head { h1 { "Overview" } }
        @if let Some(stats) = &outcomes { (outcomes_of(visit, stats)) }
    };
    Ok(Page::new("Overview", main).shown(visit))
}

async fn counted(views: &Views, visit: &Visit<'_>, group: &str) -> Result<Stats, query::QueryError> {
    let filters = visit.filters.with("group", group);
    let parameters = range::parameters(&filters, query::Route::Stats.parameters(), visit.now)?;
    views.stats(&StatsQuery::read(&parameters, visit.now)?, visit.now).await
}

fn outcomes_of(visit: &Visit<'_>, stats: &Stats) -> Markup {
    let (from, to) = (stats.from.to_string(), stats.counted_to.unwrap_or(stats.to).to_string());
    let ended = Filters::default().with("endedFrom", &from).with("endedTo", &to);
    let name = |counted: &Counted| counted.group.get("outcome").cloned().flatten().unwrap_or_default();
    html! {
        section {
            h2 { "Calls that ended" }
            table.figures {
                @for counted in stats.items.iter().filter(|counted| counted.sum.calls > 0) {
                    tr {
                        th scope="row" { span class={"o " (name(counted))} { (words::name(&name(counted))) } }
                        td.n { a href=(visit.to_filtered(Route::Calls, &ended.with("outcome", &name(counted)))) { (counted.sum.calls) } }
                    }
                }
            }
        }
    }
}
