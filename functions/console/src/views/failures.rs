//! Calls that went wrong by class and by scope: why, and whose.

use maud::{Markup, html};
use query::{QueryError, Stats, StatsQuery, Top, TopQuery, Views};
use shared::failure::FailureClass;

use super::figures;
use super::list::times;
use crate::page::Page;
use crate::visit::Visit;
use crate::{Answer, range, words};

/// As many scopes are shown.
const SCOPES: &str = "30";

/// The page.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let (stats, top) = tokio::try_join!(counted(views, visit), failing(views, visit))?;
    let class = visit.filters.get("class").unwrap_or("any");
    let main = html! {
        div.head { h1 { "Failures" } (times(&visit.filters, visit.now)) }
        (classes(visit, class))
        div.panels {
            (figures::failures(&figures::ended_links(visit, &stats), &stats))
            (figures::scopes(visit, &top, class))
        }
        @if let Some(counted) = stats.counted_to { p.note { "Why calls went wrong is counted until " (words::time(counted, visit.now)) ", some minutes before now." } }
    };
    Ok(Page::new("Failures", main).shown(visit))
}

async fn counted(views: &Views, visit: &Visit<'_>) -> Result<Stats, QueryError> {
    let filters = visit.filters.without(&["class"]).with("group", "class");
    let parameters = range::parameters(&filters, query::Route::Stats.parameters(), visit.now)?;
    views.stats(&StatsQuery::read(&parameters, visit.now)?, visit.now).await
}

async fn failing(views: &Views, visit: &Visit<'_>) -> Result<Top, QueryError> {
    let parameters =
        range::parameters(&visit.filters.with("limit", SCOPES), query::Route::Top.parameters(), visit.now)?;
    views.top(&TopQuery::read(&parameters, visit.now)?, visit.now).await
}

/// The classes, each of which narrows the scopes to those that it hits.
fn classes(visit: &Visit<'_>, shown: &str) -> Markup {
    let any = [("any", "Any class")].into_iter();
    let classes = any.chain(FailureClass::ALL.iter().map(|class| (class.as_str(), class.phrase())));
    html! {
        nav.times aria-label="Class of the scopes" {
            @for (name, called) in classes {
                a href=(visit.filters.with("class", name).href()) aria-current=[(name == shown).then_some("true")] { (called) }
            }
        }
    }
}
