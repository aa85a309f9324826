//! What a run says: to a person and to `RESULTS.md` as Markdown, to a machine as JSON.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{BenchError, While as _};
use crate::figure::{self, Figure};
use crate::memory::{self, Size};
use crate::table::{self, Row};

/// The results of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    date: String,
    commit: String,
    machine: String,
    rounds: u32,
    requests: u32,
    rows: Vec<Row>,
    missing: Vec<(&'static str, String)>,
    figures: Vec<Figure>,
    memory: Vec<Size>,
    #[serde(skip)]
    keys: String,
}

impl Report {
    /// The report of that many rounds with that many warm requests each.
    pub(crate) fn new(
        rounds: u32,
        requests: u32,
        rows: Vec<Row>,
        missing: Vec<(&'static str, String)>,
        keys: String,
    ) -> Self {
        let date = Timestamp::now().strftime("%Y-%m-%d").to_string();
        let (figures, memory) = (figure::figures(&rows), memory::sizes(&rows));
        Self { date, commit: commit(), machine: machine(), rounds, requests, rows, missing, figures, memory, keys }
    }

    /// As JSON, in one line.
    pub(crate) fn json(&self) -> Result<String, BenchError> {
        serde_json::to_string(self).while_doing("writing JSON")
    }

    /// As Markdown.
    pub(crate) fn markdown(&self) -> String {
        let Self { date, commit, machine, rounds, requests, .. } = self;
        let missing = self.missing.iter().map(|(name, why)| format!("\nMissing: {name} ({why})."));
        format!(
            "{date}, commit {commit}, {machine}. Medians of {rounds} rounds; in each, every function is started once and then answers\n\
             {requests} requests. Compare rows of one table only. In brackets: the ratio to the floor.\n\n{}\n{}\n\n{}\n\n## Memory size\n{}\n\n## Scale\n{}\n",
            table::markdown(&self.rows),
            missing.collect::<String>(),
            figure::markdown(&self.figures),
            memory::markdown(&self.memory),
            self.keys,
        )
    }

    /// Writes `RESULTS.md` beside this package's manifest.
    pub(crate) fn save(&self) -> Result<(), BenchError> {
        let text = format!("{HEADER}\n{}", self.markdown());
        std::fs::write(results(), text).while_doing("writing RESULTS.md")
    }
}

const HEADER: &str = "# What a delivery costs\n\nWritten by `cargo run --release -p bench -- --save`; what is measured, and how: `README.md` beside this.\n";

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md")
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "unknown".to_owned();
    };
    // The last results may be there, not committed yet.
    let changes = git(&["status", "--porcelain", "--", ":/", ":!RESULTS.md"]);
    let unchanged = changes.is_some_and(|changes| changes.is_empty());
    if unchanged { commit } else { format!("{commit} with changes") }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map(|(_, name)| name.trim());
    format!("{cores} cores of {}", model.unwrap_or(std::env::consts::ARCH))
}
