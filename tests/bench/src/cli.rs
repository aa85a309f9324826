//! The command line: the table by default, and what else can be measured by name.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;

use crate::artifact::Folders;
use crate::delivery::{ONSIP, OPENTACT, Sample};
use crate::dynamodb::Database;
use crate::error::{BenchError, While as _};
use crate::measure::{Bench, Seen, Taken};
use crate::report::Report;
use crate::runtime::Kept;
use crate::subject::{Subject, Subjects, TRUNKLINE};
use crate::table::Row;
use crate::{authority, instructions, keys};
#[cfg(feature = "stack")]
use {crate::load, crate::reading, tests::units};

/// Measures what a delivery costs.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Options {
    /// How often each function is started.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many requests each answers in a round, beside the first and those it settles with.
    #[arg(long, default_value_t = 500)]
    requests: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write tests/bench/RESULTS.md too.
    #[arg(long)]
    save: bool,
    /// Measure the functions alone, as .ci/build-functions leaves them there, and build nothing.
    #[arg(long, value_name = "DIR", global = true)]
    built: Option<PathBuf>,
    /// Instead of the table: does the heap grow over this many requests?
    #[arg(long, value_name = "REQUESTS", num_args = 0..=1, default_missing_value = "100000")]
    soak: Option<u64>,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Debug, Subcommand)]
enum Other {
    /// Counts the instructions of a warm request, with valgrind's callgrind.
    Instructions {
        /// Fail if they are more than a tenth above the committed figure.
        #[arg(long)]
        check: bool,
        /// Write them down as the figure to commit.
        #[arg(long, conflicts_with = "check")]
        save: bool,
    },
    /// Measures what the first delivery costs that goes into the spool: its client is made, and connects, only then.
    Spool,
    /// Simulates which partitions the traffic falls on.
    Keys,
    /// Counts the write units of each sample, as the database reports them.
    #[cfg(feature = "stack")]
    Units,
    /// Measures what the read API's answers cost.
    #[cfg(feature = "stack")]
    Query {
        /// An earlier release binary of `query`, to be measured in turns with this one.
        #[arg(long, value_name = "BINARY")]
        beside: Option<PathBuf>,
    },
    /// Loads the local stack, and its database alone beside it.
    #[cfg(feature = "stack")]
    Load {
        /// How many events are stored at the higher mark; at the lower it is a twentieth.
        #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(100..))]
        events: u64,
        /// Keep both databases in this directory, which must be new.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let options = Options::parse();
    let mut builder = match options.other {
        // As the local stack runs.
        #[cfg(feature = "stack")]
        Some(Other::Load { .. } | Other::Query { .. }) => Builder::new_multi_thread(),
        // One thread: the client waits for the function's answer, and the other processor is the function's.
        _ => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build();
    let result = runtime.while_doing("starting").and_then(|runtime| runtime.block_on(answer(&options)));
    match result {
        Ok(text) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn answer(options: &Options) -> Result<String, BenchError> {
    match &options.other {
        Some(Other::Instructions { check, save }) => {
            let (bench, call) = of_call(options).await?;
            let counts = instructions::count(&bench, &call).await?;
            match (check, save) {
                (true, _) => instructions::check(&counts),
                (_, true) => instructions::save(&counts),
                _ => Ok(counts.to_string()),
            }
        }
        Some(Other::Spool) => spool(options).await,
        Some(Other::Keys) => keys::simulate(),
        // On a thread without a runtime: each stack there has its own.
        #[cfg(feature = "stack")]
        Some(Other::Units) => std::thread::spawn(|| units::markdown(&units::measure()))
            .join()
            .map_err(|_| BenchError::new("counting write units", "see above")),
        #[cfg(feature = "stack")]
        Some(Other::Query { beside }) => {
            let folders = Folders::find(options.built.clone())?;
            reading::measure(&folders, beside.clone(), options.rounds, options.requests).await
        }
        #[cfg(feature = "stack")]
        Some(Other::Load { events, data }) => load::measure(*events, data.clone()).await,
        None => functions(options).await,
    }
}

async fn functions(options: &Options) -> Result<String, BenchError> {
    let folders = Folders::find(options.built.clone())?;
    let subjects = Subjects::build(&folders)?;
    let bench = bench(&folders).await?;
    match options.soak {
        Some(requests) => soak(&bench, &subjects, requests).await,
        None => measure(&bench, subjects, options).await,
    }
}

async fn bench(folders: &Folders) -> Result<Bench, BenchError> {
    let (server, trust) = authority::make(&folders.work())?;
    Ok(Bench { database: Database::start(server).await?, trust, work: folders.work() })
}

/// The receiver of calls alone.
async fn of_call(options: &Options) -> Result<(Bench, Subject), BenchError> {
    let folders = Folders::find(options.built.clone())?;
    let call = Subject::build_own(&folders, "call")?;
    Ok((bench(&folders).await?, call))
}

async fn spool(options: &Options) -> Result<String, BenchError> {
    let (bench, call) = of_call(options).await?;
    let sample = Sample::read(ONSIP)?;
    let mut lines = vec!["| a delivery that is | nth | ms | CPU ms |\n|---|---:|---:|---:|".to_owned()];
    for kept in [Kept::Stored, Kept::Spooled] {
        if kept == Kept::Spooled {
            bench.database.deny();
        }
        let mut seen: [Vec<Taken>; 2] = Default::default();
        for _ in 0..options.rounds {
            let taken = bench.two(&call, &sample, kept).await?;
            seen.iter_mut().zip(taken).for_each(|(all, one)| all.push(one));
        }
        for (nth, all) in seen.iter().enumerate() {
            let median = |of: fn(&Taken) -> Duration| {
                let mut all: Vec<_> = all.iter().map(of).collect();
                all.sort();
                all.get(all.len() / 2).map_or(0.0, |middle| middle.as_secs_f64() * 1000.0)
            };
            let (latency, cpu) = (median(|taken| taken.latency), median(|taken| taken.cpu));
            lines.push(format!("| {kept:?} | {} | {latency:.2} | {cpu:.2} |", nth + 1));
        }
    }
    Ok(lines.join("\n"))
}

async fn measure(bench: &Bench, subjects: Subjects, options: &Options) -> Result<String, BenchError> {
    let short = Sample::read(ONSIP)?;
    let long = Sample::read(OPENTACT)?;
    // All of Trunkline's functions do the same; one of them is enough for the second input.
    let again = subjects.found.iter().filter(|subject| !TRUNKLINE.iter().skip(1).any(|name| *name == subject.name));
    let pairs = subjects.found.iter().map(|subject| (subject, &short)).chain(again.map(|subject| (subject, &long)));
    let mut rows: Vec<(&Subject, &Sample, Seen)> = pairs.map(|(subject, s)| (subject, s, Seen::default())).collect();
    for _ in 0..options.rounds {
        for (subject, sample, seen) in &mut rows {
            let round = bench.round(subject, sample, options.requests, seen).await;
            round.while_doing(format!("measuring {} (its log is in {})", subject.name, bench.work.display()))?;
        }
    }
    let rows = rows.into_iter().map(|(subject, sample, seen)| Row::of(subject, sample.title, seen)).collect();
    let report = Report::new(options.rounds, options.requests, rows, subjects.missing, keys::simulate()?);
    if options.save {
        report.save()?;
    }
    if options.json { report.json() } else { Ok(report.markdown()) }
}

/// What a heap may gain between the second tenth of all requests and the last: pages that happen to be touched late.
const GROWTH: u64 = 64 * 1024;

async fn soak(bench: &Bench, subjects: &Subjects, requests: u64) -> Result<String, BenchError> {
    let sample = Sample::read(ONSIP)?;
    let mut lines = vec![format!("Heap in kB after each tenth of {requests} requests:")];
    let mut grown = Vec::new();
    for subject in subjects.found.iter().filter(|subject| TRUNKLINE.contains(&subject.name)) {
        let heap = bench.soak(subject, &sample, requests).await?;
        let kilobytes: Vec<_> = heap.iter().map(|bytes| (bytes / 1024).to_string()).collect();
        lines.push(format!("{}: {}", subject.name, kilobytes.join(" ")));
        if heap.last() > heap.get(1).map(|settled| settled + GROWTH).as_ref() {
            grown.push(subject.name);
        }
    }
    let text = lines.join("\n");
    if grown.is_empty() {
        Ok(text)
    } else {
        Err(BenchError::new("soaking", format!("the heap grows: {grown:?}\n{text}")))
    }
}
