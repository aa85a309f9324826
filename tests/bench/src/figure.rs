//! The figures that Trunkline means to keep, and whether this run's table has them.

use serde::Serialize;

use crate::delivery::ONSIP;
use crate::subject::{DOCUMENTED, FLOOR, PYTHON, TRUNKLINE};
use crate::table::Row;

/// A figure of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What is compared with what.
    pub(crate) name: String,
    /// What was measured.
    pub(crate) measured: f64,
    /// The most that it may be.
    pub(crate) at_most: f64,
    /// Whether it is.
    pub(crate) reached: bool,
}

type Value = fn(&Row) -> f64;
const CPU: Value = |row| row.cpu_first_ms;
const FIRST: Value = |row| row.first_ms;
const P50: Value = |row| row.warm_p50_us;

/// What `call` is to another row, and the most that it may be.
const RATIOS: [(&str, Value, &str, f64); 7] = [
    ("CPU to first answer", CPU, FLOOR, 3.0),
    ("CPU to first answer", CPU, DOCUMENTED, 1.0 / 8.0),
    ("CPU to first answer", CPU, PYTHON, 1.0 / 60.0),
    ("first request", FIRST, FLOOR, 2.5),
    ("warm p50", P50, FLOOR, 8.0),
    ("warm p50", P50, DOCUMENTED, 0.7),
    ("warm p50", P50, PYTHON, 1.0 / 7.0),
];
/// The most that an artifact may have, in 10^6 bytes.
const ARTIFACT_MB: f64 = 8.0;
/// The most memory that a function may have resident, in 10^6 bytes.
const PEAK_MB: f64 = 10.0;

/// All figures that these rows tell.
pub(crate) fn figures(rows: &[Row]) -> Vec<Figure> {
    let row = |name: &str| rows.iter().find(|row| row.name == name && row.input == ONSIP.0);
    let ratio = |(what, value, other, at_most): &(&str, Value, &str, f64)| {
        let measured = value(row("call")?) / value(row(other)?);
        Some(Figure::new(format!("{what}, call to {other}"), measured, *at_most))
    };
    let own = TRUNKLINE.iter().filter_map(|name| row(name));
    let limits = own.flat_map(|row| {
        let artifact = Figure::new(format!("artifact of {}, MB", row.name), row.artifact_mb, ARTIFACT_MB);
        [artifact, Figure::new(format!("peak RSS of {}, MB", row.name), row.peak_mb, PEAK_MB)]
    });
    RATIOS.iter().filter_map(ratio).chain(limits).collect()
}

impl Figure {
    /// Whether what was measured is no more than that.
    pub(crate) fn new(name: String, measured: f64, at_most: f64) -> Self {
        Self { name, measured, at_most, reached: measured <= at_most }
    }
}

/// The figures in Markdown.
pub(crate) fn markdown(figures: &[Figure]) -> String {
    let mut lines = vec!["| figure | measured | at most | |".to_owned(), "|---|---:|---:|---|".to_owned()];
    lines.extend(figures.iter().map(|figure| {
        let word = if figure.reached { "reached" } else { "**not reached**" };
        format!("| {} | {:.3} | {:.3} | {word} |", figure.name, figure.measured, figure.at_most)
    }));
    lines.join("\n")
}
