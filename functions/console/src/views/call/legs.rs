//! The legs as a table, which says what the drawing shows, exactly.

use jiff::Timestamp;
use maud::{Markup, html};
use query::timeline::{End, lapse};
use shared::call::LegView;

use super::{Shown, drawing};
use crate::words;

impl Shown<'_> {
    pub(super) fn legs(&self) -> Markup {
        html! {
            section aria-labelledby="legs" {
                h2 #legs { "Legs" }
                table.rows.legs {
                    thead { tr {
                        th { "Leg" } th { "From \u{2192} to" } th { "Began" } th { "Rang" } th { "Connected" } th { "Ended" }
                        th { "How it ended" }
                    } }
                    tbody { @for (nth, leg) in self.view.call.legs.iter().take(self.legs_shown()).enumerate() { (self.leg(nth + 1, leg)) } }
                }
            }
        }
    }

    fn leg(&self, nth: usize, leg: &LegView) -> Markup {
        let times = [
            ("Began", leg.started_at, None),
            ("Rang", leg.rang_at, leg.ring_seconds),
            ("Connected", leg.answered_at, leg.talk_seconds),
            ("Ended", leg.ended_at, None),
        ];
        let end = match leg.ended_at {
            Some(_) => End::Told,
            None if !self.view.call.is_over() => End::GoesOn,
            None => End::Untold,
        };
        html! {
            tr title=(words::plain(&leg.id)) {
                td.leg data-label="Leg" { (nth) " " (drawing::side(leg)) }
                td.parties { (self.party(leg.from.as_ref())) " \u{2192} " (self.party(leg.to.as_ref())) }
                @for (what, at, lasted) in times {
                    td data-label=(what) { (self.at(at)) @if let Some(lasted) = lasted { " " span { "for " (lapse(lasted)) } } }
                }
                td.why { (words::plain(&drawing::ending(leg, end))) @for warning in &leg.warnings { "; " (warning) } }
            }
        }
    }

    /// A time: exact, and as long after the beginning.
    pub(super) fn at(&self, at: Option<Timestamp>) -> Markup {
        let Some(at) = at else { return html! {} };
        let since = self.view.call.started_at.map(|from| at.duration_since(from).as_secs_f64());
        html! {
            (words::time(at, self.visit.now))
            @if let Some(since) = since.filter(|seconds| *seconds >= 0.0) { " " span.note { "+" (lapse(since)) } }
        }
    }
}
