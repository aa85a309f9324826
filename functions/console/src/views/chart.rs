//! Events over time as columns, a part for each family. Each column leads to the list of its events; the table below has the same figures.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use query::Stats;
use shared::name::Family;

use crate::filters::Filters;
use crate::route::Route;
use crate::visit::Visit;
use crate::{range, words};

/// The drawing's measures, in its own units.
const WIDTH: usize = 960;
const HEIGHT: usize = 120;

/// Whether the chart has a column a day instead of one an hour.
pub(crate) fn is_by_day(filters: &Filters) -> bool {
    let length = |name| filters.get(name).and_then(|time: &str| time.parse::<Timestamp>().ok());
    match (range::last(filters), length("from")) {
        (Some(last), _) => last.ends_with('d'),
        (None, from) => from
            .is_some_and(|from| length("to").is_none_or(|to| to.duration_since(from) > SignedDuration::from_hours(72))),
    }
}

/// An hour or a day, and its events by family.
struct Column {
    at: Timestamp,
    families: Vec<(Family, u64)>,
}

impl Column {
    fn sum(&self) -> u64 {
        self.families.iter().map(|(_, events)| events).sum()
    }
}

/// The columns of the whole time, those without events too.
fn columns(stats: &Stats, length: SignedDuration) -> Vec<Column> {
    let seconds = length.as_secs();
    let begin = stats.from.as_second().div_euclid(seconds) * seconds;
    let begins = (begin..stats.to.as_second()).step_by(usize::try_from(seconds).unwrap_or(usize::MAX));
    let column = |second| {
        let at = Timestamp::from_second(second).ok()?;
        let of = stats.items.iter().filter(|counted| counted.at == Some(at));
        let family = |counted: &query::Counted| counted.group.get("family")?.as_deref()?.parse().ok();
        let families = of.filter_map(|counted| Some((family(counted)?, counted.sum.events?))).collect();
        Some(Column { at, families })
    };
    begins.filter_map(column).collect()
}

/// The chart.
pub(crate) fn events(visit: &Visit<'_>, stats: &Stats) -> Markup {
    let (length, each) = match is_by_day(&visit.filters) {
        true => (SignedDuration::from_hours(24), "day"),
        false => (SignedDuration::from_hours(1), "hour"),
    };
    let columns = columns(stats, length);
    let most = columns.iter().map(Column::sum).max().unwrap_or(0);
    let all: u64 = columns.iter().map(Column::sum).sum();
    html! {
        section.panel {
            h2 { "Events received by " (each) small { (all) " in all" @if let Some(to) = stats.counted_to { ", counted up to " (words::time(to, visit.now)) } } }
            @if most == 0 { p.note { "None was counted in that time. Counts are up to ten minutes behind; lists are not." } }
            @else {
                figure.chart {
                    p.most { "most " (most) }
                    (drawing(visit, stats, (&columns, most), length))
                    div.ends { @if let Some(first) = columns.first() { (words::time(first.at, visit.now)) } (words::time(visit.now, visit.now)) }
                    (legend(visit, stats, &columns))
                }
            }
        }
    }
}

/// The list of what was counted then.
fn counted_within(stats: &Stats, [from, to]: [Timestamp; 2]) -> Filters {
    let until = stats.counted_to.map_or(stats.to, |counted| counted.min(stats.to));
    Filters::default().with("from", &from.max(stats.from).to_string()).with("to", &to.min(until).to_string())
}

fn drawing(visit: &Visit<'_>, stats: &Stats, (columns, most): (&[Column], u64), length: SignedDuration) -> Markup {
    let step = WIDTH / columns.len().max(1);
    let may = visit.may_see(Route::Events);
    html! {
        svg viewBox=(format!("0 0 {} {HEIGHT}", step * columns.len())) role="group" aria-label="Events over time, by family" preserveAspectRatio="none" {
            @for (nth, column) in columns.iter().enumerate() {
                @let list = counted_within(stats, [column.at, column.at.checked_add(length).unwrap_or(column.at)]);
                @let drawn = parts(column, most, (nth * step, step.saturating_sub(step / 6).max(1)));
                @if may && column.sum() > 0 {
                    a href=(visit.to_filtered(Route::Events, &list)) aria-label=(format!("{} events", column.sum())) { (drawn) }
                } @else { (drawn) }
            }
        }
    }
}

fn parts(column: &Column, most: u64, (x, width): (usize, usize)) -> Markup {
    let height = |events: u64| {
        usize::try_from(events * HEIGHT as u64 / most.max(1)).unwrap_or(HEIGHT).max(usize::from(events > 0))
    };
    let mut below = 0;
    let parts: Vec<_> = column
        .families
        .iter()
        .map(|(family, events)| {
            let high = height(*events);
            below += high;
            (family, HEIGHT.saturating_sub(below), high)
        })
        .collect();
    html! {
        title { (words::clock(column.at)) ": " @for (family, events) in &column.families { (events) " " (family) " " } }
        rect.hit x=(x) y="0" width=(width) height=(HEIGHT) {}
        @for (family, y, high) in parts { rect class={"part f-" (family)} x=(x) y=(y) width=(width) height=(high) {} }
    }
}

fn legend(visit: &Visit<'_>, stats: &Stats, columns: &[Column]) -> Markup {
    let list = counted_within(stats, [stats.from, stats.to]);
    let of = |family: &Family| visit.to_filtered(Route::Events, &list.with("family", family.as_str()));
    let sum = |family: &Family| -> u64 {
        columns
            .iter()
            .flat_map(|column| &column.families)
            .filter(|(other, _)| other == family)
            .map(|(_, events)| events)
            .sum()
    };
    html! {
        ul.families {
            @for family in Family::ALL {
                @if sum(family) > 0 { li class={"f-" (family)} { (family) " " @if visit.may_see(Route::Events) { a href=(of(family)) { (sum(family)) } } @else { b { (sum(family)) } } } }
            }
        }
    }
}
