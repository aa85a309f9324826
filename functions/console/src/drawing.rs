//! A call, drawn on the axis that [`query::timeline`] lays out: a lane for each leg, one for what happened beside them. Names
//! and words are HTML and wrap; bars and marks are SVG placed by percentages, so that they are as wide as the page is. Nothing
//! has a style of its own: what it looks like, the style sheet says by class.

mod axis;
mod bar;
mod marks;

use jiff::Timestamp;
use maud::{Markup, html};
use query::CallView;
use query::timeline::{LegTimes, Timeline, Until};
use shared::call::LegView;
use shared::event::Party;
use shared::key::EventId;
use shared::name::Direction;

pub(crate) use self::bar::ending;
pub(crate) use self::marks::{Mark, marks};

/// How a drawing names what it shows.
pub(crate) struct Naming<'n> {
    /// A party, which may be unknown.
    pub(crate) party: &'n dyn Fn(Option<&Party>) -> Markup,
    /// The address of an event.
    pub(crate) event: &'n dyn Fn(&EventId) -> String,
}

/// The drawing of a call: its first legs, and the marks that are to stand in it, on the axis of all of them.
pub(crate) fn drawing(view: &CallView, legs: usize, marks: &[Mark], now: Timestamp, naming: &Naming<'_>) -> Markup {
    let call = &view.call;
    let times: Vec<_> = call.legs.iter().map(LegTimes::from).collect();
    let at: Vec<_> = marks.iter().map(|mark| mark.at).collect();
    let until = if call.is_over() { Until::Ended(call.ended_at) } else { Until::Now(now) };
    let line = Timeline::of(&times, &at, until);
    html! {
        div.drawing {
            (axis::shapes(&line))
            (axis::axis(&line))
            ol.lanes {
                @for (nth, (leg, lane)) in call.legs.iter().zip(&line.lanes).take(legs).enumerate() {
                    li.lane {
                        p.lane-who { span.nth { (nth + 1) } " " (side(leg)) ((naming.party)(leg.from.as_ref())) " \u{2192} " ((naming.party)(leg.to.as_ref())) }
                        (bar::bar(leg, lane, &line.folds))
                        p.lane-end { (bar::came_to(leg, lane)) }
                    }
                }
            }
            @if !marks.is_empty() { (marks::lane(marks, &line, naming)) }
            (legend())
        }
    }
}

/// On which side of the platform a leg is.
pub(crate) fn side(leg: &LegView) -> Markup {
    match leg.direction {
        Some(Direction::In) => html! { span.side title="towards the platform" { "in" } " " },
        Some(Direction::Out) => html! { span.side title="from the platform" { "out" } " " },
        None => html! {},
    }
}

fn legend() -> Markup {
    html! {
        p.legend aria-hidden="true" {
            span { svg.key { line.setup x1="0" x2="100%" y1="50%" y2="50%" {} } " set up" }
            span { svg.key { rect.ringing width="100%" height="100%" fill="url(#ringing)" {} } " ringing" }
            span { svg.key { rect.talking width="100%" height="100%" {} } " connected" }
        }
    }
}

/// A position as SVG has it.
fn percent(at: f64) -> String {
    format!("{}%", (at * 10_000.0).round() / 100.0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
