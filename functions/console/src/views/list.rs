//! What all lists have: their time, their filters as chips, their file, and how far they were read.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use maud::{Markup, html};
use query::{List, ParameterError, QueryError};

use super::file::ROWS;
use super::form::{Field, called, form};
use crate::filters::{Filters, Links};
use crate::page::Page;
use crate::range::{self, ANY, PRESETS};
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, states, words};

/// How often a list that is followed is shown anew without a script, in seconds.
const LIVE: u32 = 10;
/// The filters that are no chips: the time has its own place, and the rest is how the list is shown.
const SHOWN_ELSEWHERE: [&str; 10] =
    ["last", "from", "to", "endedFrom", "endedTo", "day", "cursor", "live", "order", "limit"];

/// What a list is of, for what stands around its rows.
pub(crate) struct Shape {
    /// Its heading.
    pub(crate) title: &'static str,
    /// The same as a file.
    pub(crate) file: Route<'static>,
    /// What it can be filtered by.
    pub(crate) fields: Vec<Field>,
}

/// The page of a list.
pub(crate) fn page<T>(
    shape: &Shape,
    visit: &Visit<'_>,
    list: &List<T>,
    rows: impl FnOnce(&Links, &[T]) -> Markup,
) -> Answer {
    let links = Links::here(&visit.filters).named(list.names.as_ref());
    let rows = (!list.items.is_empty()).then(|| rows(&links, &list.items));
    let page = Page::new(shape.title, shape.main(visit, rows, (list.next.as_deref(), list.read_to))?);
    let page = if visit.filters.get("live").is_some() { page.refreshed(LIVE) } else { page };
    Ok(page.shown(visit))
}

/// The page of a list that can't be asked for so: its form, with what was typed and what is wrong with that.
pub(crate) fn mended(shape: &Shape, visit: &Visit<'_>, error: QueryError) -> Answer {
    let QueryError::Parameter(error) = error else { return Err(error) };
    let main = html! {
        div.head { h1 { (shape.title) } (times_or_any(&visit.filters, visit.now)) }
        (shape.chips(visit))
        (form(visit, &shape.fields, Some(&error)))
    };
    Ok(Page::new(shape.title, main).with_status(StatusCode::BAD_REQUEST).shown(visit))
}

impl Shape {
    /// What the page shows: `rows` where there are some.
    fn main(
        &self,
        visit: &Visit<'_>,
        rows: Option<Markup>,
        (next, read_to): (Option<&str>, Option<Timestamp>),
    ) -> Result<Markup, ParameterError> {
        Ok(html! {
            div.head {
                h1 { (self.title) }
                (times_or_any(&visit.filters, visit.now))
                (self.actions(visit))
            }
            (self.chips(visit))
            (form(visit, &self.fields, None))
            @match rows {
                Some(rows) => (rows),
                None if self.is_wide(&visit.filters) => (states::nothing_yet()),
                None => (self.nothing(&visit.filters, next)),
            }
            (end(visit, next, read_to)?)
        })
    }

    /// Whether nothing is filtered, so that an empty list means that nothing came.
    fn is_wide(&self, filters: &Filters) -> bool {
        filters.without(&["live", "order", "limit"]) == Filters::default()
    }

    fn nothing(&self, filters: &Filters, next: Option<&str>) -> Markup {
        let narrows = filters.iter().any(|(name, _)| !SHOWN_ELSEWHERE.contains(&name));
        let last = range::last(filters);
        let longer = PRESETS.iter().skip_while(|(preset, _)| last != Some(preset)).nth(1);
        states::nothing_matches(html! {
            p {
                @if next.is_some() { "Not as far as was searched: go on below. " }
                @else if narrows { "Nothing in that time has all of these. " }
                @else { "Nothing came in that time. " }
                @if let Some((last, named)) = longer {
                    a href=(range::of_last(filters, last).href()) { "Look at the last " (named) }
                } @else { "Look at another time" }
                @if narrows { ", or leave a filter out." } @else { "." }
            }
        })
    }

    fn actions(&self, visit: &Visit<'_>) -> Markup {
        let filters = visit.filters.without(&["cursor", "live"]);
        let live = visit.filters.get("live").is_some();
        html! {
            div.actions {
                @if live {
                    a.live href=(filters.href()) aria-current="true" { "Live" }
                } @else if visit.filters.get("order").is_none() {
                    a.live href=(filters.with("live", "on").href()) { "Live" }
                }
                a href=(visit.to_filtered(self.file, &filters)) download title=(format!("As a file, {ROWS} rows at most")) { "CSV" }
            }
        }
    }

    /// What is filtered by, each with a link to the list without it.
    fn chips(&self, visit: &Visit<'_>) -> Markup {
        let filters = &visit.filters;
        let entity = |value| Filters::default().with("entity", value);
        let chips: Vec<_> = filters.iter().filter(|(name, _)| !SHOWN_ELSEWHERE.contains(name)).collect();
        html! {
            @if !chips.is_empty() {
                ul.chips aria-label="Filters" {
                    @for (name, value) in chips {
                        li {
                            span.key { (words::short(called(name))) } " "
                            @if ["entity", "own"].contains(&name) && visit.may_see(Route::Entity) {
                                a href=(visit.to_filtered(Route::Entity, &entity(value))) title="What became of its calls" { (words::short(value)) }
                            } @else { (words::short(value)) }
                            a.off href=(filters.without(&[name, "cursor"]).href()) aria-label=(format!("Without {}", words::plain(called(name)))) { "×" }
                        }
                    }
                }
            }
        }
    }
}

/// The times that a view offers, and its exact one.
pub(crate) fn times(filters: &Filters, now: Timestamp) -> Markup {
    offered(filters, now, None)
}

/// The same of a list, which may go back as far as its index does.
pub(crate) fn times_or_any(filters: &Filters, now: Timestamp) -> Markup {
    offered(filters, now, range::is_keyed(filters).then_some((ANY, "Any time")))
}

fn offered(filters: &Filters, now: Timestamp, any: Option<(&str, &str)>) -> Markup {
    let last = range::last(filters);
    html! {
        nav.times aria-label="Time" {
            @for (value, named) in PRESETS.into_iter().chain(any) {
                a href=(range::of_last(filters, value).href()) aria-current=[(last == Some(value)).then_some("true")] { (named) }
            }
            @match (last, range::pinned(filters, now)) {
                (Some(_), Ok(pinned)) => a.pin href=(pinned.href()) title="Keep exactly this time in the address" { "Pin" },
                (Some(_), Err(_)) => "",
                (None, _) => span.exact { (exact(filters)) },
            }
        }
    }
}

/// The exact time of a list.
fn exact(filters: &Filters) -> Markup {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| filters.get(name));
    let (from, to) = (first(["from", "endedFrom"]), first(["to", "endedTo"]));
    html! {
        @if let Some(day) = filters.get("day") { (words::short(day)) }
        @if let Some(from) = from { "from " (moment(from)) " " }
        @if let Some(to) = to { "to " (moment(to)) }
    }
}

/// A time of the address (UTC), where it is one.
fn moment(text: &str) -> Markup {
    let time = text.parse().or_else(|_| format!("{text}Z").parse::<Timestamp>());
    time.map_or_else(|_| words::short(text), |time| html! { (words::clock(time)) })
}

/// How far the list was read, and where it goes on. The next part is of the time that this one was of, however late it is asked for.
fn end(visit: &Visit<'_>, next: Option<&str>, read_to: Option<Timestamp>) -> Result<Markup, ParameterError> {
    let goes_on = match next {
        Some(cursor) => Some(range::pinned(&visit.filters, visit.now)?.with("cursor", cursor).href()),
        None => None,
    };
    Ok(html! {
        p.end {
            @if let Some(time) = read_to { span { "Searched back to " (words::time(time, visit.now)) "." } }
            @if let Some(address) = goes_on { a.next rel="next" href=(address) { "Go on" } }
        }
    })
}
