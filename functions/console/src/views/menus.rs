//! What became of callers in attendant menus: who was sent on by which entry, what was entered in vain, who hung up and after how long.

use jiff::Timestamp;
use maud::{Markup, html};
use query::timeline::lapse;
use query::{ListQuery, MenuSums, Menus, ParameterError, Views};
use shared::entity::Entity;
use shared::name::{Family, Status};
use shared::store::list::EventFilter;

use super::list::times;
use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, states, words};

/// As many entries of a menu are shown.
const ENTRIES: usize = 20;

/// The page.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let asked = visit.filters.with("limit", "100");
    let parameters = range::parameters(&asked, query::Route::Events.parameters(), visit.now)?;
    let menus = views.menus(ListQuery::<EventFilter>::read(&parameters, visit.now)?, visit.now).await?;
    let main = html! {
        div.head { h1 { "Menus" } (times(&visit.filters, visit.now)) }
        @if menus.items.is_empty() { (nothing(visit)) }
        @let time = counted_within(visit, &menus)?;
        div.panels { @for sums in &menus.items { (menu(visit, sums, &time)) } }
        (looked_at(visit, &menus))
    };
    Ok(Page::new("Menus", main).shown(visit))
}

/// The time of the events that were counted: a list of it has neither more nor fewer.
fn counted_within(visit: &Visit<'_>, Menus { events, .. }: &Menus) -> Result<Filters, ParameterError> {
    let time = range::pinned(&visit.filters, visit.now)?;
    let from = events.read_to.filter(|read_to| {
        time.get("from").and_then(|from| from.parse().ok()).is_none_or(|from: Timestamp| *read_to > from)
    });
    Ok(from.map_or_else(|| time.clone(), |from| time.with("from", &from.to_string())))
}

fn nothing(visit: &Visit<'_>) -> Markup {
    let week = range::of_last(&visit.filters, "7d").href();
    states::nothing_matches(
        html! { p { "Nobody came to a menu in that time. " a href=(week) { "Look at the last 7 days" } } },
    )
}

fn looked_at(visit: &Visit<'_>, Menus { events, .. }: &Menus) -> Markup {
    html! {
        p.note {
            "Counted from " (words::many(events.number as u64, "event", "events")) " of menus"
            @if let Some(read_to) = events.read_to { ", back to " (words::time(read_to, visit.now)) }
            "."
        }
    }
}

fn menu(visit: &Visit<'_>, sums: &MenuSums, time: &Filters) -> Markup {
    let counted = |number: u64, status: Status| {
        let events = time.with("family", Family::App.as_str()).with("status", status.as_str());
        let address = sums
            .menu
            .as_ref()
            .filter(|_| number > 0)
            .map(|menu| visit.to_filtered(Route::Events, &events.with("entity", &menu.to_string())));
        html! { a href=[address] { (number) } }
    };
    html! {
        section.panel {
            h2 { (name(visit, sums.menu.as_ref(), time)) }
            dl.big {
                (figure("came", &counted(sums.started, Status::Started)))
                (figure("sent on", &counted(sum(&sums.transferred), Status::Transferred)))
                (figure("hung up", &counted(sums.abandoned, Status::Ended)))
                @let invalid = sum(&sums.invalid);
                @if invalid > 0 { (figure("entered in vain", &counted(invalid, Status::Info))) }
                @if let Some(half) = sums.half_gone { (figure("half of them by", &html! { (lapse(half)) })) }
                @if let Some(all) = sums.all_gone { (figure("all of them by", &html! { (lapse(all)) })) }
            }
            (entries("Sent on, by entry", &sums.transferred))
            (entries("Entered in vain", &sums.invalid))
        }
    }
}

/// The menu's address, with a link to its calls.
fn name(visit: &Visit<'_>, menu: Option<&Entity>, time: &Filters) -> Markup {
    let Some(menu) = menu else { return html! { "A menu without an address" } };
    let filters = time.with("entity", &menu.to_string());
    html! { span { (words::short(menu.value())) } @if visit.may_see(Route::Calls) { a href=(visit.to_filtered(Route::Calls, &filters)) { "its calls" } } }
}

fn figure(what: &str, number: &Markup) -> Markup {
    html! { div { dt { (what) } dd { (number) } } }
}

fn sum(counts: &[(String, u64)]) -> u64 {
    counts.iter().map(|(_, number)| number).sum()
}

fn entries(title: &str, counts: &[(String, u64)]) -> Markup {
    let most = counts.iter().map(|(_, number)| *number).max().unwrap_or(1);
    html! {
        @if !counts.is_empty() {
            h3 { (title) }
            table.figures {
                @for (entry, number) in counts.iter().take(ENTRIES) {
                    tr {
                        th scope="row" { @if entry.is_empty() { i { "nothing" } } @else { (words::short(entry)) } }
                        td.bar { meter max=(most) value=(number) aria-hidden="true" {} }
                        td.n { (number) }
                    }
                }
            }
            @if counts.len() > ENTRIES { p.note { "and " (counts.len() - ENTRIES) " further ones" } }
        }
    }
}
