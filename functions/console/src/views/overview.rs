//! How things stand: what came and what came of it, from the counts. Each figure leads to a list that has exactly that many.

use maud::{Markup, html};
use query::{
    AlertView, ListQuery, QueryError, Stats, StatsQuery, Top, TopQuery, Views, page_of_alerts, page_of_quarantine,
};
use shared::access::Right;
use shared::store::list::EventFilter;

use super::list::times;
use super::{chart, figures};
use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, states, words};

/// The last alerts that are shown.
const ALERTS: &str = "5";

/// What the overview shows, as far as the token opens it.
struct Overview {
    /// Calls and messages that ended, by what they came to.
    ended: Option<Stats>,
    /// Events by time and family.
    events: Option<Stats>,
    top: Option<Top>,
    alerts: Option<Vec<AlertView>>,
    /// The incidents that are open, if any are.
    open: Option<Markup>,
    /// The number of deliveries in quarantine, as far as one page has them, and whether there are more.
    quarantine: Option<(usize, bool)>,
    /// Whether nothing came, not even what is not counted yet.
    is_new: bool,
}

/// The page.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let overview = Overview::read(views, visit).await?;
    let main = html! {
        div.head {
            h1 { "Overview" }
            @if visit.may(Right::Stats) { (times(&visit.filters, visit.now)) }
        }
        (overview.shown(visit))
    };
    Ok(Page::new("Overview", main).shown(visit))
}

impl Overview {
    async fn read(views: &Views, visit: &Visit<'_>) -> Result<Self, QueryError> {
        let by = if chart::is_by_day(&visit.filters) { "day" } else { "hour" };
        let (ended, events, top, alerts, open, quarantine) = tokio::try_join!(
            counted(views, visit, [("group", "outcome,class"), ("group", "outcome,class")]),
            counted(views, visit, [("group", "family"), ("by", by)]),
            failing(views, visit),
            alerts(views, visit),
            open(views, visit),
            quarantine(views, visit),
        )?;
        let is_wide = visit.filters == Filters::default();
        let is_empty = is_wide && events.as_ref().is_some_and(|events| events.items.is_empty());
        let is_new =
            is_empty && quarantine.is_some_and(|(number, _)| number == 0) && nothing_came(views, visit).await?;
        Ok(Self { ended, events, top, alerts, open, quarantine, is_new })
    }

    fn shown(&self, visit: &Visit<'_>) -> Markup {
        html! {
            @if self.is_new { (states::nothing_yet()) }
            @if let Some(open) = &self.open { (open) }
            @if let Some(ended) = &self.ended {
                @let links = figures::ended_links(visit, ended);
                (figures::sums(links.all(), &links, ended))
            }
            @if let Some(events) = &self.events { (chart::events(visit, events)) }
            div.panels {
                @if let Some(ended) = &self.ended {
                    @let links = figures::ended_links(visit, ended);
                    (figures::outcomes(&links, ended))
                    (figures::failures(&links, ended))
                }
                @if let Some(top) = &self.top { (figures::scopes(visit, top, "any")) }
                @if let Some(alerts) = &self.alerts { (last_alerts(visit, alerts)) }
                @if let Some((number, more)) = self.quarantine { (in_quarantine(visit, number, more.then_some("more than "))) }
            }
        }
    }
}

async fn counted(views: &Views, visit: &Visit<'_>, asked: [(&str, &str); 2]) -> Result<Option<Stats>, QueryError> {
    if !visit.may(Right::Stats) {
        return Ok(None);
    }
    let filters = asked.iter().fold(visit.filters.clone(), |filters, (name, value)| filters.with(name, value));
    let parameters = range::parameters(&filters, query::Route::Stats.parameters(), visit.now)?;
    views.stats(&StatsQuery::read(&parameters, visit.now)?, visit.now).await.map(Some)
}

async fn nothing_came(views: &Views, visit: &Visit<'_>) -> Result<bool, QueryError> {
    let filters = visit.filters.with("limit", "1");
    let parameters = range::parameters(&filters, query::Route::Events.parameters(), visit.now)?;
    let asked = ListQuery::<EventFilter>::read(&parameters, visit.now)?;
    Ok(visit.may(Right::Events) && views.events(&asked, visit.now).await?.items.is_empty())
}

async fn failing(views: &Views, visit: &Visit<'_>) -> Result<Option<Top>, QueryError> {
    if !visit.may(Right::Stats) {
        return Ok(None);
    }
    let parameters = range::parameters(&visit.filters, query::Route::Top.parameters(), visit.now)?;
    views.top(&TopQuery::read(&parameters, visit.now)?, visit.now).await.map(Some)
}

async fn alerts(views: &Views, visit: &Visit<'_>) -> Result<Option<Vec<AlertView>>, QueryError> {
    if !visit.may(Right::Alerts) {
        return Ok(None);
    }
    let filters = visit.filters.with("limit", ALERTS);
    let parameters = range::parameters(&filters, query::Route::Alerts.parameters(), visit.now)?;
    let page = page_of_alerts(&parameters, visit.now)?;
    Ok(Some(views.alerts(&page, visit.now).await?.items))
}

async fn open(views: &Views, visit: &Visit<'_>) -> Result<Option<Markup>, QueryError> {
    if visit.may(Right::Alerts) { super::alerts::standing(views, visit).await } else { Ok(None) }
}

async fn quarantine(views: &Views, visit: &Visit<'_>) -> Result<Option<(usize, bool)>, QueryError> {
    if !visit.may(Right::Bodies) {
        return Ok(None);
    }
    let parameters = range::as_given(&Filters::default().with("limit", "100"), query::Route::Quarantine.parameters())?;
    let list = views.quarantine(&page_of_quarantine(&parameters)?, visit.now).await?;
    Ok(Some((list.items.len(), list.next.is_some())))
}

fn last_alerts(visit: &Visit<'_>, alerts: &[AlertView]) -> Markup {
    html! {
        section.panel {
            h2 { "Last alerts" }
            @if alerts.is_empty() { p.note { "Nobody was alerted in that time." } }
            @for alert in alerts {
                p.alert {
                    (words::time(alert.recorded_at, visit.now)) " "
                    @if let Some(severity) = alert.severity { span class={"o " (severity)} { (severity) } " " }
                    a href=(visit.to(Route::Alert(&alert.id))) { (words::long(&alert.subject)) }
                    @if alert.over == Some(true) { " " span.tag { "over" } }
                }
            }
        }
    }
}

fn in_quarantine(visit: &Visit<'_>, number: usize, more: Option<&str>) -> Markup {
    html! {
        section.panel {
            h2 { "Quarantine" }
            @if number == 0 { p.note { "Every delivery could be read." } }
            @else { p { a href=(visit.to(Route::Quarantine)) { (more.unwrap_or_default()) (words::many(number as u64, "delivery", "deliveries")) } " could not be read." } }
        }
    }
}
