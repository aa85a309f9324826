//! Figures: how many calls came to what, and why they went wrong: those that failed, were busy, that nobody answered, and that an
//! empty balance cut off. Each leads to a list that has exactly these.

use std::collections::BTreeMap;

use maud::{Markup, html};
use query::{Stats, Top};
use shared::failure::FailureClass;

use crate::filters::{Filters, Links};
use crate::route::Route;
use crate::visit::Visit;
use crate::words;

/// The calls of some counts by one of their groups, most first.
fn by(stats: &Stats, group: &str) -> Vec<(String, u64)> {
    let mut sums = BTreeMap::<&str, u64>::new();
    for counted in &stats.items {
        if let Some(name) = counted.group.get(group).and_then(Option::as_deref) {
            *sums.entry(name).or_default() += counted.sum.calls;
        }
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, calls)| *calls > 0).collect();
    sums.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
    sums.into_iter().map(|(name, calls)| (name.to_owned(), calls)).collect()
}

/// How many calls ended, with a link to a list of all of these; how many of them were answered, and how long they talked.
pub(crate) fn sums(all: Option<String>, links: &Links, stats: &Stats) -> Markup {
    let sum = |of: fn(&query::Sum) -> u64| -> u64 { stats.items.iter().map(|counted| of(&counted.sum)).sum() };
    let (calls, answered) = (sum(|sum| sum.calls), sum(|sum| sum.answered));
    // The sum of no numbers would be less than nothing: -0.0.
    let talked = stats.items.iter().fold(0.0, |sum, counted| sum + counted.sum.talk_seconds);
    let messages = sum(|sum| sum.messages.unwrap_or_default());
    // What is not counted yet is not nothing.
    if calls == 0 && messages == 0 {
        return html! {};
    }
    let share = (calls > 0).then(|| format!("{:.0} %", answered as f64 * 100.0 / calls as f64));
    html! {
        dl.big {
            div { dt { "calls ended" } dd { a href=[all] { (calls) } } }
            @if let Some(share) = share { div { dt { "answered" } dd { a href=[links.with("outcome", "answered")] { (share) } } } }
            div { dt { "talked" } dd { (words::seconds(talked)) } }
            @if messages > 0 { div { dt { "messages" } dd { (messages) } } }
        }
    }
}

/// What calls came to.
pub(crate) fn outcomes(links: &Links, stats: &Stats) -> Markup {
    let outcomes = by(stats, "outcome");
    let all: u64 = outcomes.iter().map(|(_, calls)| calls).sum();
    html! {
        section.panel {
            h2 { "What calls came to" small { (words::many(all, "call", "calls")) } }
            (bars("outcome", links, &outcomes, |name| html! { span class={"o " (name)} { (words::name(name)) } }))
        }
    }
}

/// Why calls went wrong.
pub(crate) fn failures(links: &Links, stats: &Stats) -> Markup {
    let classes = by(stats, "class");
    let all: u64 = classes.iter().map(|(_, calls)| calls).sum();
    let called = |name: &str| html! { (name.parse().map_or_else(|_| name.to_owned(), |class: FailureClass| class.phrase().to_owned())) };
    html! {
        section.panel {
            h2 { "Why calls went wrong" @if all > 0 { small { a href=[links.with("class", "any")] { (all) } " failed, busy, unanswered or cut off" } } }
            (bars("class", links, &classes, called))
        }
    }
}

/// A figure a row, with a bar that shows its share of the largest.
fn bars(filter: &str, links: &Links, figures: &[(String, u64)], called: impl Fn(&str) -> Markup) -> Markup {
    let most = figures.iter().map(|(_, number)| *number).max().unwrap_or(1).max(1);
    html! {
        @if figures.is_empty() { p.note { "None was counted in that time. Counts are up to ten minutes behind; lists are not." } }
        @else {
            table.figures {
                @for (name, number) in figures {
                    tr {
                        th scope="row" { (called(name)) }
                        td.bar { meter max=(most) value=(number) aria-hidden="true" {} }
                        td.n { a href=[links.with(filter, name)] { (number) } }
                    }
                }
            }
        }
    }
}

/// Whose calls went wrong most often, for that class of reasons, each with a link to them.
pub(crate) fn scopes(visit: &Visit<'_>, top: &Top, class: &str) -> Markup {
    let [from, to] = [top.from, top.to].map(|time| format!("{time:.0}"));
    let failed = Filters::default().with("class", class).with("from", &from).with("to", &to);
    let links = Links::to(visit.may_see(Route::Calls).then(|| visit.to(Route::Calls)), failed);
    html! {
        section.panel {
            h2 { "Whose calls went wrong" }
            @if top.items.is_empty() { p.note { "Nobody's in that time." } }
            @else {
                table.figures {
                    @for failing in &top.items {
                        tr {
                            th scope="row" { (words::scope(&failing.scope)) }
                            td.n { a href=[links.with("own", &failing.scope)] { (failing.calls) } }
                        }
                    }
                }
            }
            @if let Some(read_to) = top.records.read_to.filter(|read_to| *read_to > top.from) {
                p.note { "Of the last " (words::many(top.records.number as u64, "such call", "such calls")) ", since " (words::time(read_to, visit.now)) "." }
            }
        }
    }
}

/// Links to the calls of the time that is counted: a list of it has neither more nor fewer.
pub(crate) fn ended_links(visit: &Visit<'_>, stats: &Stats) -> Links {
    let to = stats.counted_to.map_or(stats.to, |counted| counted.min(stats.to));
    let ended = Filters::default().with("endedFrom", &stats.from.to_string()).with("endedTo", &to.to_string());
    Links::to(visit.may_see(Route::Calls).then(|| visit.to(Route::Calls)), ended)
}
