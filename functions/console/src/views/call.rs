//! One call: what it came to and why, who was told, its legs on one axis of time, and each of its events.

mod delivery;
mod events;
mod facts;
mod legs;

use maud::{Markup, html};
use query::{CallQuery, CallView, LeftOut, Views};
use shared::call::{Call, Outcome};
use shared::event::Party;
use shared::failure::{Failure, FailureClass};
use shared::key::EventId;

use crate::drawing::{self, Mark, Naming, drawing, marks};
use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, words};

/// How often a call in progress is shown anew without a script, in seconds.
const GOES_ON: u32 = 5;
/// The filter that opens an event.
const EVENT: &str = "event";
/// The filter that shows all legs.
const LEGS: &str = "legs";
/// So many events, legs and marks a page has: what is longer is read page by page, and stays fluid in a browser.
const MOST_EVENTS: usize = 200;
const MOST_LEGS: usize = 100;
const MOST_MARKS: usize = 200;

/// A call as it is looked at.
struct Shown<'v> {
    visit: &'v Visit<'v>,
    view: &'v CallView,
    marks: Vec<Mark>,
    further: Further,
}

/// What of a call is on another page than this one.
struct Further {
    /// Whether there are events before those of the page.
    before: bool,
    /// The events behind them.
    events: usize,
    legs: usize,
    marks: usize,
}

impl Further {
    /// Leaves the view with the events of one page: that which the address opens, else the first.
    fn of(view: &mut CallView, marks: &mut Vec<Mark>, visit: &Visit<'_>) -> Self {
        let opened = visit.filters.get(EVENT).and_then(|id| id.parse::<EventId>().ok());
        let place = opened.and_then(|id| view.events.iter().position(|one| one.event.id == id)).unwrap_or(0);
        let begin = place / MOST_EVENTS * MOST_EVENTS;
        view.events.drain(..begin);
        let events = view.events.len().saturating_sub(MOST_EVENTS);
        view.events.truncate(MOST_EVENTS);
        if events > 0 {
            view.next = view.events.last().map(|last| last.event.id.clone());
        }
        let legs =
            if visit.filters.get(LEGS) == Some("all") { 0 } else { view.call.legs.len().saturating_sub(MOST_LEGS) };
        let further = marks.len().saturating_sub(MOST_MARKS);
        marks.truncate(MOST_MARKS);
        let left_out = view.left_out.as_ref().map_or(0, |left_out| left_out.events);
        Self {
            before: begin > 0 || visit.filters.get("cursor").is_some(),
            events: events + left_out,
            legs,
            marks: further,
        }
    }
}

/// The call.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>, id: &str) -> Answer {
    let parameters = range::as_given(&visit.filters.without(&[EVENT, LEGS]), query::Route::Call(id).parameters())?;
    let mut view = views.call(&CallQuery::read(id, &parameters)?, visit.now).await?;
    let mut marks = marks(&view);
    let further = Further::of(&mut view, &mut marks, visit);
    let view = &view;
    let open = events::opened(views, visit, view).await?;
    let shown = Shown { visit, view, marks, further };
    let page = Page::new(format!("Call {}", outcome(&view.call)), shown.main(open.as_ref()));
    let page = if view.call.is_over() { page } else { page.refreshed(GOES_ON) };
    Ok(page.shown(visit))
}

impl Shown<'_> {
    fn main(&self, open: Option<&events::Opened>) -> Markup {
        let CallView { call, left_out, .. } = self.view;
        let naming = Naming { party: &|party| self.party(party), event: &|id| self.opening(id) };
        html! {
            (self.facts())
            @if !call.warnings.is_empty() || left_out.is_some() {
                section.notices {
                    @for warning in &call.warnings { p.notice { (words::sentence(warning)) } }
                    @if let Some(left_out) = left_out { (self.left_out(left_out)) }
                }
            }
            section aria-labelledby="course" {
                h2 #course { "How it went" }
                (drawing(self.view, self.legs_shown(), &self.marks, self.visit.now, &naming))
                @if self.further.marks > 0 { p.note { "Without the last " (self.further.marks) " steps and transfers, of which the events below tell." } }
                @if self.further.legs > 0 {
                    p.end { "Of " (call.legs.len()) " legs the first " (MOST_LEGS) " are shown. " a.next href=(self.visit.filters.with(LEGS, "all").href()) { "All legs" } }
                }
            }
            @if !call.legs.is_empty() { (self.legs()) }
            (self.events(open))
        }
    }

    /// How many legs the page shows.
    fn legs_shown(&self) -> usize {
        self.view.call.legs.len() - self.further.legs
    }

    /// A party, with a link to what became of its calls.
    fn party(&self, party: Option<&Party>) -> Markup {
        let Some(party) = party else { return html! { i { "unknown" } } };
        let Some(entity) = &party.entity else { return words::party(party, &self.view.names) };
        let filters = Filters::default().with("entity", &entity.to_string());
        html! { a href=(self.visit.to_filtered(Route::Entity, &filters)) { (words::party(party, &self.view.names)) } }
    }

    fn left_out(&self, left_out: &LeftOut) -> Markup {
        let LeftOut { events, legs, calls, menu, recordings } = *left_out;
        let parts = [
            (events, "further events"),
            (legs, "legs"),
            (calls, "calls that are joined to it"),
            (menu, "steps in menus"),
            (recordings, "recordings"),
        ];
        let parts = parts.iter().filter(|(number, _)| *number > 0);
        let parts: Vec<_> = parts.map(|(number, what)| format!("{number} {what}")).collect();
        html! {
            p.notice {
                "This call is larger than a page. Not shown here: " (parts.join(", ")) ". "
                @if let Some(next) = &self.view.next { (self.further(&next.to_string())) }
            }
        }
    }

    /// The page of events behind that one.
    fn further(&self, next: &str) -> Markup {
        let filters = self.visit.filters.without(&[EVENT]).with("cursor", next);
        html! { a.next rel="next" href=(filters.href()) { "Further events" } }
    }
}

/// What it came to, in words, and why where that says more.
fn outcome(call: &Call) -> String {
    let outcome = words::name(call.outcome.as_str());
    let why = why(call).map(|failure| failure.class.phrase()).filter(|phrase| *phrase != outcome);
    why.map_or_else(|| outcome.clone(), |why| format!("{outcome}: {why}"))
}

/// Why it failed, where anything tells. Of a call that nobody answered OnSIP says that it failed, and never why.
fn why(call: &Call) -> Option<&Failure> {
    let tells = |failure: &&Failure| {
        failure.class != FailureClass::Unknown || failure.reason.is_some() || failure.code.is_some()
    };
    call.failure.as_ref().filter(|failure| call.outcome == Outcome::Failed || tells(failure))
}
