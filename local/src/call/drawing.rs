//! The legs of a call and what happened beside them, a line each, on the axis that [`query::timeline`] lays out.

use jiff::Timestamp;
use query::timeline::{End, Fold, Lane, Phase, Tick, Timeline, Until, lapse};

use super::{Call, Failure, Leg, Names, party};

/// How many columns the axis has where there is room.
const AXIS: usize = 60;
/// What stands before it.
const INDENT: &str = "  ";

/// The lines of the drawing, in so many cells each; words stand behind a bar where they have room, else below.
pub(super) fn lines(call: &Call, now: Timestamp, width: Option<usize>) -> Vec<String> {
    let room = width.unwrap_or(2 * AXIS);
    let axis = Axis { columns: AXIS.min(room.saturating_sub(INDENT.len())).max(1) };
    let marks = marks(call);
    let times: Vec<_> = call.legs.iter().map(|leg| leg.times).collect();
    let at: Vec<_> = marks.iter().map(|(at, _)| *at).collect();
    // As long as a call is not over its end is now.
    let is_over = call.ended_at.is_some() || call.outcome == "no_end";
    let until = if is_over { Until::Ended(call.ended_at) } else { Until::Now(now) };
    let line = Timeline::of(&times, &at, until);
    let mut lines = vec![axis.ruler(&line.ticks)];
    for (leg, lane) in call.legs.iter().zip(&line.lanes) {
        lines.push(parties(leg, &call.names));
        lines.extend(beside(&axis.bar(lane, &line.folds), came_to(leg, lane), room));
    }
    for ((_, words), at) in marks.into_iter().zip(&line.marks) {
        lines.extend(beside(&axis.mark(*at), words, room));
    }
    lines.extend(line.folds.iter().map(|fold| format!("// {} without a change, drawn shorter", lapse(fold.seconds))));
    lines
}

/// A bar and words, in one line where there is room.
fn beside(bar: &str, words: String, room: usize) -> Vec<String> {
    if INDENT.len() + bar.len() + 2 + words.chars().count() <= room {
        return vec![format!("{INDENT}{bar}  {words}")];
    }
    vec![format!("{INDENT}{bar}"), format!("{INDENT}{words}")]
}

/// Who called whom, and on which side of the platform.
fn parties(leg: &Leg, names: &Names) -> String {
    let side = leg.direction.as_ref().map(|side| format!("{side:<3}  ")).unwrap_or_default();
    format!("{side}{} \u{2192} {}", party(leg.from.as_ref(), names), party(leg.to.as_ref(), names))
}

/// Steps in menus, transfers and recordings, with their times.
fn marks(call: &Call) -> Vec<(Option<Timestamp>, String)> {
    let steps = call.menu.iter().map(|step| {
        let entry = step.entry.as_ref().map(|entry| format!(" \"{entry}\"")).unwrap_or_default();
        (step.at, format!("{}{entry}", step.kind))
    });
    let transfers = call.events.iter().filter(|event| event.family == "call" && event.status == "transferred");
    let transfers = transfers.map(|event| (event.occurred_at, event.kind.clone()));
    let recordings = call.recordings.iter().map(|recording| (recording.at, "recording".to_owned()));
    let mut marks: Vec<_> = steps.chain(transfers).chain(recordings).collect();
    marks.sort_by_key(|(at, _)| *at);
    marks
}

/// `rang 4.2 s, talked 61 s: q850:16, normal call clearing`
fn came_to(leg: &Leg, lane: &Lane) -> String {
    let spans = [("rang", leg.ring_seconds), ("talked", leg.talk_seconds)];
    let spans: Vec<_> = spans.iter().filter_map(|(what, s)| Some(format!("{what} {}", lapse((*s)?)))).collect();
    let mut words = if spans.is_empty() { leg.state.replace('_', " ") } else { spans.join(", ") };
    let causes = [&leg.cause, &leg.cause_name].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !causes.is_empty() {
        words += &format!(": {causes}");
    }
    words += &leg.failure.as_ref().map(|failure: &Failure| format!(" ({})", failure.words())).unwrap_or_default();
    words + if lane.is_disordered { "; its times are not in order: clocks differ" } else { "" }
}

/// The axis in columns.
struct Axis {
    columns: usize,
}

impl Axis {
    fn column(&self, at: f64) -> usize {
        let last = self.columns - 1;
        // The last column whose position is not above it.
        (0..=last).rev().find(|column| *column as f64 <= at * last as f64).unwrap_or(0)
    }

    /// The times, where they do not run into each other.
    fn ruler(&self, ticks: &[Tick]) -> String {
        let mut line = INDENT.to_owned();
        for tick in ticks {
            let written = lapse(tick.seconds);
            let column = INDENT.len() + self.column(tick.at).min(self.columns.saturating_sub(written.len()));
            if column > line.len() || line == INDENT {
                line = format!("{line:<column$}{written}");
            }
        }
        line
    }

    /// What a leg does in each column.
    fn bar(&self, lane: &Lane, folds: &[Fold]) -> String {
        let broken = |column| folds.iter().any(|fold| (0..2).any(|half| self.middle(fold) + half == column));
        let cell = |column: usize| match (self.phase(lane, column), lane.end) {
            (_, Some((end, at))) if self.column(at) == column => ended(end),
            (Some(_), _) if broken(column) => '/',
            (Some(phase), _) => drawn(phase),
            (None, _) => ' ',
        };
        (0..self.columns).map(cell).collect()
    }

    /// The phase that a leg is in at a column: the last that began at it or before.
    fn phase(&self, lane: &Lane, column: usize) -> Option<Phase> {
        let (_, end) = lane.end?;
        let began = lane.segments.iter().rev().find(|one| self.column(one.from) <= column)?;
        (column <= self.column(end)).then_some(began.phase)
    }

    fn middle(&self, fold: &Fold) -> usize {
        self.column(f64::midpoint(fold.from, fold.to))
    }

    /// A mark at that position.
    fn mark(&self, at: Option<f64>) -> String {
        let before = at.map(|at| format!("{}^", " ".repeat(self.column(at)))).unwrap_or_default();
        format!("{before:<0$}", self.columns)
    }
}

fn drawn(phase: Phase) -> char {
    match phase {
        Phase::Setup => '.',
        Phase::Ringing => '~',
        Phase::Talking => '=',
    }
}

fn ended(end: End) -> char {
    match end {
        End::Told => '|',
        End::GoesOn => '>',
        End::Untold => '?',
    }
}
