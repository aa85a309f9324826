//! One message: its texts, the calls that it tells of, and the other messages of its incident.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use query::{AlertQuery, AlertView, List, ListedCall, QueryError, Views, WholeAlert};
use shared::access::Right;
use shared::key::{CallId, Subject};
use shared::time::{ago, readable};
use shared::told::Failed;

use super::{alerts, calls, mutes};
use crate::filters::{Filters, Links};
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

/// As far before and behind a message others of its incident are looked for.
const AROUND: SignedDuration = SignedDuration::from_hours(24);

/// The message.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>, id: &str) -> Answer {
    let parameters = range::as_given(&visit.filters, query::Route::Alert(id).parameters())?;
    let whole = views.alert(&AlertQuery::read(id, &parameters)?, visit.now).await?;
    let (others, muted, calls) = tokio::try_join!(
        others(views, visit, &whole.alert),
        views.mutes(visit.now),
        calls_of(views, visit, &whole.failed),
    )?;
    let WholeAlert { alert, text, sms, .. } = &whole;
    let main = html! {
        header.call {
            p { (alerts::severity(alert)) }
            h1 { (words::plain(&alert.subject)) }
            (facts(visit, alert))
        }
        section aria-labelledby="mail" { h2 #mail { "E-mail" } pre.body { (words::plain(text)) } }
        @if let Some(sms) = sms { section aria-labelledby="sms" { h2 #sms { "SMS" } pre.body { (words::plain(sms)) } } }
        (failed(visit, &whole, &calls))
        @if !others.is_empty() {
            section aria-labelledby="others" { h2 #others { "Other messages of this incident" } (alerts::table(visit, &others)) }
        }
        (mutes::section(visit, muted.all(), &mutes::Proposed::of(alert)))
    };
    Ok(Page::new(words::plain(&whole.alert.subject), main).shown(visit))
}

fn facts(visit: &Visit<'_>, alert: &AlertView) -> Markup {
    html! {
        dl.facts {
            dt { "Told" }
            dd {
                time datetime=(format!("{:.3}", alert.recorded_at)) { (readable(alert.recorded_at)) }
                " " span.note { (ago(alert.recorded_at, visit.now)) }
            }
            dt { "By" } dd { (alerts::ways(visit, &alert.transports)) }
            @if let Some(class) = &alert.class { dt { "Class" } dd { (alerts::class(class)) } }
            @if let Some(provider) = alert.provider { dt { "Provider" } dd { (provider.as_str()) } }
            @if alert.state.is_some() { dt { "Incident" } dd { (alerts::state(alert)) } }
            @if let Some(failures) = alert.failures { dt { "Failures" } dd { (failures) } }
        }
    }
}

/// What it tells of: calls as their list shows them, and whatever has no record of its own.
fn failed(visit: &Visit<'_>, whole: &WholeAlert, calls: &List<ListedCall>) -> Markup {
    let links = Links::to(Some(visit.to(Route::Calls)), Filters::default()).named(calls.names.as_ref());
    let is_shown = |one: &&Failed| calls.items.iter().any(|call| call.id.to_string() == one.id);
    let others: Vec<_> = whole.failed.iter().filter(|one| !is_shown(one)).collect();
    html! {
        @if !whole.failed.is_empty() {
            section aria-labelledby="failed" {
                h2 #failed { "What it tells of" }
                @if !calls.items.is_empty() { (calls::table(visit, &links, &calls.items)) }
                @if !others.is_empty() { (of_others(visit, &others)) }
                @if let Some(next) = &whole.next { p.end { a.next rel="next" href=(visit.filters.with("cursor", next).href()) { "Go on" } } }
            }
        }
    }
}

fn of_others(visit: &Visit<'_>, others: &[&Failed]) -> Markup {
    html! {
        table.rows {
            thead { tr { th { "Decided" } th { "What" } th { "Why" } } }
            tbody {
                @for failed in others {
                    tr {
                        td { (words::time(failed.decided_at, visit.now)) }
                        td.subject {
                            @if failed.subject == Subject::Call { a.row href=(visit.to(Route::Call(&failed.id))) { "call " code { (failed.id) } } }
                            @else { (failed.subject.as_str()) " " code { (failed.id) } }
                        }
                        td.why { (failed.class.phrase()) }
                    }
                }
            }
        }
    }
}

/// The calls that it tells of, for whom they are open to.
async fn calls_of(views: &Views, visit: &Visit<'_>, failed: &[Failed]) -> Result<List<ListedCall>, QueryError> {
    let ids = failed.iter().filter(|one| one.subject == Subject::Call && visit.may(Right::Calls));
    let ids: Vec<CallId> = ids.filter_map(|one| one.id.parse().ok()).collect();
    views.calls_of(&ids, visit.now).await
}

/// The other messages of its incident, as far as they were told within a day of it.
async fn others(views: &Views, visit: &Visit<'_>, alert: &AlertView) -> Result<Vec<AlertView>, QueryError> {
    if alert.incident.is_none() {
        return Ok(Vec::new());
    }
    let from = alert.recorded_at.checked_sub(AROUND).unwrap_or(Timestamp::UNIX_EPOCH);
    let to = alert.recorded_at.checked_add(AROUND).unwrap_or(alert.recorded_at);
    let around = [("from", from), ("to", to)]
        .iter()
        .fold(Filters::default(), |filters, (name, at)| filters.with(name, &format!("{at:.0}")));
    let alerts::Read { messages: mut all, .. } = alerts::all_of_time(views, visit, &around).await?;
    all.retain(|other| other.incident == alert.incident && other.id != alert.id);
    Ok(all)
}
