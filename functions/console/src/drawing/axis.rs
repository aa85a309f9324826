//! The axis of a drawing: relative times, lines through all lanes, and breaks.

use maud::{Markup, html};
use query::timeline::{Fold, Tick, Timeline, lapse};

use super::percent;

/// Where a label stands at the end of the axis and no longer in the middle of its tick.
const LAST: f64 = 0.94;

/// What lanes share: the lines of the ticks, and the pattern of ringing.
pub(super) fn shapes(line: &Timeline) -> Markup {
    html! {
        svg.shapes width="0" height="0" aria-hidden="true" {
            defs {
                pattern #ringing width="6" height="6" patternUnits="userSpaceOnUse" {
                    rect.ringing-ground width="6" height="6" {}
                    path.ringing-line d="M-1 1L1 -1M0 6L6 0M5 7L7 5" {}
                }
                g #grid {
                    @for tick in &line.ticks { line.grid x1=(percent(tick.at)) x2=(percent(tick.at)) y1="0" y2="100%" {} }
                }
            }
        }
    }
}

/// The relative times, and how long each break is.
pub(super) fn axis(line: &Timeline) -> Markup {
    let (height, last) = (if line.folds.is_empty() { 20 } else { 36 }, line.ticks.len().saturating_sub(1));
    html! {
        div.axis aria-hidden="true" {
            svg width="100%" height=(height) {
                @for (nth, tick) in line.ticks.iter().enumerate() { (label(tick, is_minor(nth, last))) }
                @for fold in &line.folds {
                    text.fold x=(percent(f64::midpoint(fold.from, fold.to))) y="30" text-anchor="middle" {
                        "// " (lapse(fold.seconds))
                    }
                }
            }
        }
    }
}

/// Which labels a narrow page leaves out: every other one, but neither the first nor the last.
fn is_minor(nth: usize, last: usize) -> Option<&'static str> {
    let minor = nth != last && (nth % 2 == 1 || (nth > 0 && nth + 1 == last));
    minor.then_some("minor")
}

fn label(tick: &Tick, class: Option<&str>) -> Markup {
    let anchor = match tick.at {
        at if at <= 0.0 => "start",
        at if at >= LAST => "end",
        _ => "middle",
    };
    html! {
        text class=[class] x=(percent(tick.at)) y="13" text-anchor=(anchor) { (lapse(tick.seconds)) }
    }
}

/// The break of a lane.
pub(super) fn broken(fold: &Fold) -> Markup {
    html! {
        svg x=(percent(f64::midpoint(fold.from, fold.to))) overflow="visible" {
            path.gap d="M-6 28L0 0L6 0L0 28Z" {}
            path.edge d="M-6 28L0 0M0 28L6 0" {}
        }
    }
}
