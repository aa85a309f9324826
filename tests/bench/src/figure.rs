//! The figures that Trunkline means to keep, and whether this run's table has them.

use serde::Serialize;

use crate::delivery::{ONSIP, OPENTACT};
use crate::subject::{DOCUMENTED, FLOOR, PUT, PYTHON, TRUNKLINE};
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
const CPU_WARM: Value = |row| row.cpu_request_us;

/// What `call` is to another row with the same input, and the most that it may be.
type Ratio = (&'static str, Value, &'static str, f64);
/// With the OnSIP event.
const SHORT: [Ratio; 9] = [
    ("CPU to first answer", CPU, FLOOR, 2.5),
    ("CPU to first answer", CPU, DOCUMENTED, 1.0 / 8.0),
    ("CPU to first answer", CPU, PYTHON, 1.0 / 60.0),
    ("first request", FIRST, FLOOR, 2.5),
    ("first request", FIRST, PUT, 1.15),
    ("warm p50", P50, PUT, 1.15),
    ("warm p50", P50, DOCUMENTED, 0.7),
    ("warm p50", P50, PYTHON, 1.0 / 7.0),
    ("CPU a request", CPU_WARM, PUT, 1.15),
];
/// With the Opentact leg.
const LONG: [Ratio; 3] =
    [("first request", FIRST, PUT, 1.3), ("warm p50", P50, PUT, 1.3), ("CPU a request", CPU_WARM, PUT, 1.3)];
/// The most that an artifact may have, in 10^6 bytes.
const ARTIFACT_MB: f64 = 8.0;
/// The most memory that a function may have resident, in 10^6 bytes.
const PEAK_MB: f64 = 10.0;

/// All figures that these rows tell.
pub(crate) fn figures(rows: &[Row]) -> Vec<Figure> {
    let row = |input: &str, name: &str| rows.iter().find(|row| row.name == name && row.input == input);
    let ratio = |(input, (what, value, other, at_most)): (&str, Ratio)| {
        let measured = value(row(input, "call")?) / value(row(input, other)?);
        Some(Figure::new(format!("{what}, call to {other}, {input}"), measured, at_most))
    };
    let ratios = SHORT.map(|ratio| (ONSIP.0, ratio)).into_iter().chain(LONG.map(|ratio| (OPENTACT.0, ratio)));
    let own = TRUNKLINE.iter().filter_map(|name| row(ONSIP.0, name));
    let limits = own.flat_map(|row| {
        let artifact = Figure::new(format!("artifact of {}, MB", row.name), row.artifact_mb, ARTIFACT_MB);
        [artifact, Figure::new(format!("peak RSS of {}, MB", row.name), row.peak_mb, PEAK_MB)]
    });
    ratios.filter_map(ratio).chain(limits).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, input: &'static str, value: f64) -> Row {
        Row {
            name,
            input,
            init_ms: value,
            first_ms: value,
            cold_ms: value,
            cpu_first_ms: value,
            warm_p50_us: value,
            warm_p99_us: value,
            cpu_request_us: value,
            peak_mb: value,
            artifact_mb: value,
            zipped_mb: value,
            item_bytes: 0,
        }
    }

    #[test]
    fn each_ratio_is_told_and_is_not_reached_above_its_limit() {
        let others = [FLOOR, PUT, DOCUMENTED, PYTHON, "call"];
        let rows = |short: f64, long: f64| {
            let value = |name, call| if name == "call" { call } else { 1.0 };
            let both = |name| [row(name, ONSIP.0, value(name, short)), row(name, OPENTACT.0, value(name, long))];
            figures(&others.map(both).concat())
        };
        let missed = |figures: Vec<Figure>| {
            let to_put = figures.into_iter().filter(|figure| figure.name.contains("call to put") && !figure.reached);
            to_put.map(|figure| figure.name).collect::<Vec<_>>()
        };
        // The limits of memory and size are two more.
        assert_eq!(rows(1.0, 1.0).len(), SHORT.len() + LONG.len() + 2);
        assert!(missed(rows(1.15, 1.3)).is_empty());
        let names =
            |input| ["first request", "warm p50", "CPU a request"].map(|what| format!("{what}, call to put, {input}"));
        assert_eq!(missed(rows(1.16, 1.3)), names(ONSIP.0));
        assert_eq!(missed(rows(1.15, 1.31)), names(OPENTACT.0));
    }
}
