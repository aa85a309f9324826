//! What all lists have: their time, their filters as a form and as chips, their file, and how far they were read.

use jiff::Timestamp;
use maud::{Markup, html};
use query::{List, ParameterError};
use shared::failure::FailureClass;

use super::file::ROWS;
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

/// A filter as a field of the form: its name in the address, what it is called, and what it takes.
pub(crate) struct Field(pub(crate) &'static str, pub(crate) &'static str, pub(crate) Takes);

/// What a field takes.
pub(crate) enum Takes {
    /// One of those.
    OneOf(Vec<&'static str>),
    /// A text such as that.
    Text(&'static str),
    /// A number of seconds.
    Seconds,
}

/// The classes of failures that a list can be filtered by.
pub(crate) fn classes() -> Vec<&'static str> {
    ["any"].into_iter().chain(FailureClass::ALL.iter().map(|class| class.as_str())).collect()
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
                (times(&visit.filters, visit.now)?)
                (self.actions(visit))
            }
            (self.chips(visit))
            (self.form(&visit.filters))
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
                            span.key { (self.called(name)) } " "
                            @if ["entity", "own"].contains(&name) && visit.may_see(Route::Entity) {
                                a href=(visit.to_filtered(Route::Entity, &entity(value))) title="What became of its calls" { (words::short(value)) }
                            } @else { (words::short(value)) }
                            a.off href=(filters.without(&[name, "cursor"]).href()) aria-label=(format!("Without {}", self.called(name))) { "×" }
                        }
                    }
                }
            }
        }
    }

    fn called<'n>(&self, name: &'n str) -> &'n str {
        self.fields.iter().find(|Field(other, ..)| *other == name).map_or(name, |Field(_, called, _)| called)
    }

    fn form(&self, filters: &Filters) -> Markup {
        let value = |name| filters.get(name);
        let kept = ["last", "live"].into_iter().filter_map(|name| Some((name, value(name)?)));
        html! {
            details.filters {
                summary { "Filter" }
                form method="get" {
                    @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
                    @for field in &self.fields { (field.shown(value(field.0))) }
                    @for (name, called) in [("from", "From (UTC)"), ("to", "To (UTC)")] {
                        label { (called) input type="datetime-local" step="1" name=(name) value=[value(name).and_then(|time| time.get(..19))]; }
                    }
                    div.buttons { button.primary { "Show" } " " a href="?" { "Clear" } }
                }
            }
        }
    }
}

/// The times that a list offers, and its exact one.
pub(crate) fn times(filters: &Filters, now: Timestamp) -> Result<Markup, ParameterError> {
    let last = range::last(filters);
    let is_keyed = ["entity", "name", "class"].iter().any(|name| filters.get(name).is_some());
    let any = is_keyed.then_some((ANY, "Any time"));
    Ok(html! {
        nav.times aria-label="Time" {
            @for (value, named) in PRESETS.into_iter().chain(any) {
                a href=(range::of_last(filters, value).href()) aria-current=[(last == Some(value)).then_some("true")] { (named) }
            }
            @match last {
                Some(_) => a.pin href=(range::pinned(filters, now)?.href()) title="Keep exactly this time in the address" { "Pin" },
                None => span.exact { (exact(filters)) },
            }
        }
    })
}

impl Field {
    fn shown(&self, value: Option<&str>) -> Markup {
        let Self(name, called, takes) = self;
        let value = value.map(words::plain);
        let value = value.as_deref();
        html! {
            label {
                (called)
                @match takes {
                    Takes::OneOf(all) => select name=(name) {
                        option value="" { "any" }
                        @for one in all { option value=(one) selected[value == Some(one)] { (words::name(one)) } }
                    },
                    Takes::Text(such_as) => input type="text" name=(name) value=[value] placeholder=(such_as) spellcheck="false" autocomplete="off";,
                    Takes::Seconds => input type="number" name=(name) value=[value] min="0" step="any" placeholder="seconds";,
                }
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
