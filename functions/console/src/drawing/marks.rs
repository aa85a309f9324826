//! What happened beside the legs, as marks in a lane of their own: steps in menus, transfers, recordings. Each mark has a number,
//! by which a list says what it is.

use jiff::Timestamp;
use maud::{Markup, html};
use query::CallView;
use query::timeline::{Timeline, lapse};
use shared::call::{MenuStep, Recorded};
use shared::event::Event;
use shared::key::EventId;
use shared::name::{Family, Status};

use super::{Naming, percent};
use crate::words;

/// How far apart two marks stand in one row.
const APART: f64 = 0.08;
/// As many rows there are at most.
const ROWS: usize = 4;
/// How many pixels high a row is.
const ROW: usize = 22;

/// Something that happened at one time.
pub(crate) struct Mark {
    /// When.
    pub(crate) at: Option<Timestamp>,
    /// What, in words.
    pub(crate) what: String,
    /// The event that tells of it.
    pub(crate) event: EventId,
}

/// The marks of a call, in order.
pub(crate) fn marks(view: &CallView) -> Vec<Mark> {
    let transferred = |event: &&Event| event.family == Family::Call && event.status == Status::Transferred;
    let steps = view.call.menu.iter().map(Mark::of_step);
    let transfers = view.events.iter().map(|of_call| &of_call.event).filter(transferred).map(Mark::of_transfer);
    let mut marks: Vec<_> = steps.chain(transfers).chain(view.call.recordings.iter().map(Mark::of_recording)).collect();
    marks.sort_by_key(|mark| mark.at);
    marks
}

impl Mark {
    fn of_step(step: &MenuStep) -> Self {
        let entry = step.said.entry.as_ref().map(|entry| format!("\u{201c}{entry}\u{201d}"));
        let sent = step.said.refer_to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        let what = match (step.kind.rsplit('.').next().unwrap_or_default(), entry) {
            ("started", None) => "menu began".to_owned(),
            ("started", Some(entry)) => format!("menu began, after {entry}"),
            ("transferred", Some(entry)) => format!("entered {entry}: sent on{sent}"),
            ("transferred", None) => format!("sent on{sent}"),
            ("invalid-dtmf", Some(entry)) => format!("entered {entry}: not an entry of the menu"),
            ("invalid-dtmf", None) => "entered what is no entry of the menu".to_owned(),
            ("abandoned", _) => "the caller hung up in the menu".to_owned(),
            (_, entry) => [Some(step.kind.clone()), entry].into_iter().flatten().collect::<Vec<_>>().join(" "),
        };
        Self { at: step.at, what, event: step.event.clone() }
    }

    fn of_transfer(event: &Event) -> Self {
        let to = event.to.as_ref().map(|to| format!(" to {}", to.raw)).unwrap_or_default();
        Self { at: event.occurred_at(), what: format!("transferred{to}"), event: event.id.clone() }
    }

    fn of_recording(recorded: &Recorded) -> Self {
        let service = recorded.recording.service.as_ref().map(|service| format!(", in {service}")).unwrap_or_default();
        Self { at: recorded.at, what: format!("recording there{service}"), event: recorded.event.clone() }
    }
}

/// Their lane.
pub(super) fn lane(marks: &[Mark], line: &Timeline, naming: &Naming<'_>) -> Markup {
    let rows = rows(&line.marks);
    let height = (rows.iter().max().copied().unwrap_or_default() + 1) * ROW;
    let since = |mark: &Mark| Some(lapse(mark.at?.duration_since(line.origin?).as_secs_f64()));
    html! {
        div.marks {
            p.lane-who { "Menus, transfers, recordings" }
            svg.bar width="100%" height=(height) aria-hidden="true" {
                use href="#grid" {}
                @for (nth, (at, row)) in line.marks.iter().zip(&rows).enumerate() {
                    @if let Some(at) = at {
                        svg x=(percent(*at)) y=(row * ROW) overflow="visible" {
                            circle.mark cy="11" r="9" {}
                            text.mark y="15" text-anchor="middle" { (nth + 1) }
                        }
                    }
                }
            }
            ol.lane-end {
                @for mark in marks {
                    li { @if let Some(since) = since(mark) { b { (since) } " " } a href=((naming.event)(&mark.event)) { (words::plain(&mark.what)) } }
                }
            }
        }
    }
}

/// In which row each mark stands, so that none hides the one before it as long as there are rows.
pub(super) fn rows(marks: &[Option<f64>]) -> Vec<usize> {
    let mut taken = [f64::NEG_INFINITY; ROWS];
    let mut row = |at: f64| {
        let free = taken.iter().position(|last| at - last >= APART).unwrap_or(ROWS - 1);
        if let Some(last) = taken.get_mut(free) {
            *last = at;
        }
        free
    };
    marks.iter().map(|at| at.map_or(0, &mut row)).collect()
}
