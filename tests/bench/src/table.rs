//! The table: medians of what was seen, each beside its ratio to the floor's.

use std::time::Duration;

use serde::Serialize;

use crate::measure::Seen;
use crate::subject::{FLOOR, Subject};

/// A row: a function with an input. Megabytes are 10^6 bytes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) input: &'static str,
    pub(crate) init_ms: f64,
    pub(crate) first_ms: f64,
    pub(crate) cold_ms: f64,
    pub(crate) cpu_first_ms: f64,
    pub(crate) warm_p50_us: f64,
    pub(crate) warm_p99_us: f64,
    pub(crate) cpu_request_us: f64,
    pub(crate) peak_mb: f64,
    pub(crate) artifact_mb: f64,
    pub(crate) zipped_mb: f64,
    pub(crate) item_bytes: usize,
}

/// A column: its title, its value and the digits after the point.
type Column = (&'static str, fn(&Row) -> f64, usize);

const COLUMNS: [Column; 10] = [
    ("init ms", |row| row.init_ms, 2),
    ("first ms", |row| row.first_ms, 2),
    ("cold ms", |row| row.cold_ms, 2),
    ("CPU to first answer ms", |row| row.cpu_first_ms, 2),
    ("warm p50 µs", |row| row.warm_p50_us, 0),
    ("warm p99 µs", |row| row.warm_p99_us, 0),
    ("CPU a request µs", |row| row.cpu_request_us, 0),
    ("peak RSS MB", |row| row.peak_mb, 1),
    ("artifact MB", |row| row.artifact_mb, 2),
    ("zipped MB", |row| row.zipped_mb, 2),
];

impl Row {
    /// The row of a function.
    pub(crate) fn of(subject: &Subject, input: &'static str, mut seen: Seen) -> Self {
        let milliseconds = |of: &mut Vec<Duration>, share| 1e3 * quantile(of, share);
        let megabytes = |bytes: u64| u32::try_from(bytes / 1000).map_or(f64::INFINITY, |kb| f64::from(kb) / 1e3);
        Self {
            name: subject.name,
            input,
            init_ms: milliseconds(&mut seen.init, 0.5),
            first_ms: milliseconds(&mut seen.first, 0.5),
            cold_ms: milliseconds(&mut seen.cold, 0.5),
            cpu_first_ms: milliseconds(&mut seen.cpu_first, 0.5),
            warm_p50_us: 1e3 * milliseconds(&mut seen.warm, 0.5),
            warm_p99_us: 1e3 * milliseconds(&mut seen.warm, 0.99),
            cpu_request_us: 1e3 * milliseconds(&mut seen.cpu_warm, 0.5),
            peak_mb: megabytes(seen.peak),
            artifact_mb: megabytes(subject.artifact.size),
            zipped_mb: megabytes(subject.artifact.zipped),
            item_bytes: seen.item,
        }
    }
}

/// The value, in seconds, that this share of all values does not exceed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
pub(crate) fn quantile(values: &mut [Duration], share: f64) -> f64 {
    values.sort_unstable();
    let rank = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(rank).map_or(f64::NAN, Duration::as_secs_f64)
}

/// The table in Markdown: a ratio in brackets is to the floor with the same input.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let titles: Vec<_> = COLUMNS.iter().map(|(title, ..)| *title).collect();
    let mut lines = vec![
        format!("| function | input | {} | item bytes |", titles.join(" | ")),
        format!("|---|---|{}---:|", "---:|".repeat(COLUMNS.len())),
    ];
    lines.extend(rows.iter().map(|row| line(row, rows)));
    lines.join("\n")
}

fn line(row: &Row, rows: &[Row]) -> String {
    let floor = rows.iter().find(|other| other.name == FLOOR && other.input == row.input);
    let cell = |(_, value, digits): &Column| {
        let ratio = floor.filter(|floor| floor.name != row.name).map(|floor| value(row) / value(floor));
        let ratio = ratio.map(|ratio| format!(" ({ratio:.*}×)", usize::from(ratio < 99.5))).unwrap_or_default();
        format!("{:.*}{ratio}", digits, value(row))
    };
    let cells: Vec<_> = COLUMNS.iter().map(cell).collect();
    let item = if row.item_bytes == 0 { String::new() } else { row.item_bytes.to_string() };
    format!("| {} | {} | {} | {item} |", row.name, row.input, cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let mut values: Vec<_> = [5, 1, 4, 2, 3].map(Duration::from_secs).into();
        assert!((quantile(&mut values, 0.5) - 3.0).abs() < f64::EPSILON);
        assert!((quantile(&mut values, 0.99) - 5.0).abs() < f64::EPSILON);
        assert!(quantile(&mut [], 0.5).is_nan());
    }
}
