//! The instructions of a warm request: a figure that neither the machine's load nor its clock moves, so that a check can hold
//! it. What is counted is the deployed binary's, from asking the Runtime API for an event to the next asking: Lambda's runtime, TLS
//! and the SDK with Trunkline's own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::delivery::{ONSIP, OPENTACT, Sample};
use crate::error::{BenchError, While as _};
use crate::measure::Bench;
use crate::subject::Subject;

/// By how much a count may exceed the committed one.
const TOLERANCE: f64 = 0.1;
/// The requests of the two runs whose difference is counted: what one run does once is in both.
const RUNS: (u64, u64) = (100, 400);
/// Counts are rounded to this: the hash maps' random seeds move the rest.
const GRAIN: u64 = 5000;

/// Instructions of a request by its input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Counts(BTreeMap<String, u64>);

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(input, count)| writeln!(f, "{input}: {count} instructions a request"))
    }
}

/// Where the committed counts are.
fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json")
}

/// Counts them.
pub(crate) async fn count(bench: &Bench, call: &Subject) -> Result<Counts, BenchError> {
    let mut counts = BTreeMap::new();
    for (input, file) in [("onsip", ONSIP), ("opentact", OPENTACT)] {
        let sample = Sample::read(file)?;
        let few = bench.instructions(call, &sample, RUNS.0).await?;
        let many = bench.instructions(call, &sample, RUNS.1).await?;
        let each = many.saturating_sub(few) / (RUNS.1 - RUNS.0);
        counts.insert(input.to_owned(), (each + GRAIN / 2) / GRAIN * GRAIN);
    }
    Ok(Counts(counts))
}

/// Compares them with the committed ones.
pub(crate) fn check(counted: &Counts) -> Result<String, BenchError> {
    let committed = std::fs::read(file()).while_doing("reading instructions.json")?;
    let committed: Counts = serde_json::from_slice(&committed).while_doing("reading instructions.json")?;
    let grown = grown(&committed, counted);
    if grown.is_empty() {
        return Ok(counted.to_string());
    }
    let advice = "if that is meant, commit what `cargo run --release -p bench -- instructions --save` writes";
    Err(BenchError::new("counting instructions", format!("{}; {advice}", grown.join("; "))))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn grown(Counts(committed): &Counts, Counts(counted): &Counts) -> Vec<String> {
    let limit = |input: &str| committed.get(input).map_or(0.0, |count| *count as f64 * (1.0 + TOLERANCE));
    let above = counted.iter().filter(|(input, count)| **count as f64 > limit(input));
    above.map(|(input, count)| format!("{input}: {count}, and {:.0} are allowed", limit(input))).collect()
}

/// Writes them down.
pub(crate) fn save(counts: &Counts) -> Result<String, BenchError> {
    let text = serde_json::to_string_pretty(counts).while_doing("writing JSON")?;
    std::fs::write(file(), text + "\n").while_doing("writing instructions.json")?;
    Ok(counts.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(onsip: u64) -> Counts {
        Counts(BTreeMap::from([("onsip".to_owned(), onsip)]))
    }

    #[test]
    fn a_tenth_more_is_told_and_less_is_not() {
        assert!(grown(&counts(1000), &counts(500)).is_empty());
        assert!(grown(&counts(1000), &counts(1100)).is_empty());
        assert_eq!(grown(&counts(1000), &counts(1101)), ["onsip: 1101, and 1100 are allowed"]);
        assert_eq!(grown(&Counts(BTreeMap::new()), &counts(1)).len(), 1);
    }
}
