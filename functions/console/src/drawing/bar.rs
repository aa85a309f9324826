//! The bar of a leg: its phases, its end, and the same in words.

use maud::{Markup, html};
use query::timeline::{End, Fold, Lane, Phase, Segment, lapse};
use shared::call::{LegStatus, LegView};
use shared::failure::Failure;

use super::{axis, percent};
use crate::words;

/// A leg on the axis.
pub(super) fn bar(leg: &LegView, lane: &Lane, folds: &[Fold]) -> Markup {
    let broken = |fold: &&Fold| {
        let middle = f64::midpoint(fold.from, fold.to);
        lane.segments.iter().any(|one| one.from < middle && middle < one.to)
    };
    html! {
        svg.bar width="100%" height="28" role="img" aria-label=(words::plain(&said(leg, lane))) {
            use href="#grid" {}
            @for segment in lane.segments.iter().filter(|one| one.from < one.to) { (phase(segment)) }
            @for fold in folds.iter().filter(broken) { (axis::broken(fold)) }
            @if let Some((end, at)) = lane.end {
                svg x=(percent(at)) overflow="visible" { (mark(end, leg)) }
            }
        }
    }
}

fn phase(Segment { phase, from, to }: &Segment) -> Markup {
    let (x, width) = (percent(*from), percent(to - from));
    match phase {
        Phase::Setup => html! { line.setup x1=(x) x2=(percent(*to)) y1="14" y2="14" {} },
        Phase::Ringing => html! { rect.ringing x=(x) width=(width) y="6" height="16" fill="url(#ringing)" {} },
        Phase::Talking => html! { rect.talking x=(x) width=(width) y="6" height="16" {} },
    }
}

/// How a leg ends: a bar, a cross where it failed, an arrow where it goes on.
fn mark(end: End, leg: &LegView) -> Markup {
    match end {
        End::Told if leg.failure.is_some() => html! { path.failed d="M-6 8L6 20M-6 20L6 8" {} },
        End::Told => html! { path.ended d="M0 3V25" {} },
        End::GoesOn => html! { path.goes-on d="M-5 5L5 14L-5 23" {} },
        End::Untold => html! { text.untold y="19" text-anchor="middle" { "?" } },
    }
}

/// The phases of a leg, for who can't see them.
fn said(leg: &LegView, lane: &Lane) -> String {
    let mut said = lane.segments.iter().map(|one| match one.phase {
        Phase::Setup => "set up".to_owned(),
        Phase::Ringing => with("rang", leg.ring_seconds),
        Phase::Talking => with("connected", leg.talk_seconds),
    });
    let said = said.by_ref().collect::<Vec<_>>().join(", ");
    format!("{said}; {}", ending(leg, lane.end.map_or(End::Untold, |(end, _)| end)))
}

/// Such as `rang 4.2 s`.
fn with(what: &str, seconds: Option<f64>) -> String {
    seconds.map_or_else(|| what.to_owned(), |seconds| format!("{what} {}", lapse(seconds)))
}

/// What a leg came to, in words: how long it rang and was talked on, its end with its cause.
pub(super) fn came_to(leg: &LegView, lane: &Lane) -> Markup {
    let spans = [("rang", leg.ring_seconds), ("connected", leg.talk_seconds)];
    html! {
        @for (what, seconds) in spans { @if let Some(seconds) = seconds { span { (what) " " b { (lapse(seconds)) } } } }
        span class=[leg.failure.as_ref().map(|_| "bad")] { (words::plain(&ending(leg, lane.end.map_or(End::Untold, |(end, _)| end)))) }
        @for warning in &leg.warnings { span.bad { (warning) } }
        @if lane.is_disordered { span.note { "its times are not in order: clocks differ" } }
    }
}

/// How a leg ended, with its cause in words, its code and the provider's words.
pub(crate) fn ending(leg: &LegView, end: End) -> String {
    let how = match (&leg.failure, end) {
        (Some(Failure { class, .. }), _) => format!("failed: {}", class.phrase()),
        (None, End::GoesOn) => state(leg.state).to_owned(),
        (None, End::Untold) => format!("{}, its end was not told", state(leg.state)),
        (None, End::Told) => "ended".to_owned(),
    };
    let code = leg.cause.map(|code| match leg.cause_name {
        Some(name) => format!(" \u{2013} {name} ({code})"),
        None => format!(" \u{2013} code {code}"),
    });
    let words = leg.failure.as_ref().and_then(|failure| failure.reason.as_ref());
    let words = words.map(|reason| format!("; the provider says \u{201c}{reason}\u{201d}"));
    format!("{how}{}{}", code.unwrap_or_default(), words.unwrap_or_default())
}

/// How far a leg came.
pub(crate) fn state(state: LegStatus) -> &'static str {
    match state {
        LegStatus::Started => "begun",
        LegStatus::Ringing => "ringing",
        LegStatus::Answered => "connected",
        LegStatus::Transferred => "transferred",
        LegStatus::Ended => "ended",
        LegStatus::Failed => "failed",
    }
}
