//! The measurement: rounds, in each of which every function is started once, answers its first request and then many more.
//! All functions take their turn in every round, so that what else the machine does hits them alike.

use std::path::PathBuf;
use std::time::Duration;

use crate::authority::Trust;
use crate::delivery::Sample;
use crate::dynamodb::Database;
use crate::error::{BenchError, While as _};
use crate::process::Process;
use crate::runtime::{Kept, RuntimeApi};
use crate::subject::Subject;

/// Requests after the first that count for nothing: caches fill, allocators settle.
const SETTLING: u64 = 100;

/// What a function was seen to do, over all rounds.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Start of the process to its asking for the first event.
    pub(crate) init: Vec<Duration>,
    /// The first event's latency.
    pub(crate) first: Vec<Duration>,
    /// Start of the process to the first answer.
    pub(crate) cold: Vec<Duration>,
    /// Processor time to the first answer.
    pub(crate) cpu_first: Vec<Duration>,
    /// The latency of each later request.
    pub(crate) warm: Vec<Duration>,
    /// Processor time of a later request: one mean a round.
    pub(crate) cpu_warm: Vec<Duration>,
    /// The most memory it had, in bytes.
    pub(crate) peak: u64,
    /// The size of the item that it wrote, in bytes.
    pub(crate) item: usize,
}

/// What a delivery took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Taken {
    pub(crate) latency: Duration,
    pub(crate) cpu: Duration,
}

/// Where functions are measured.
#[derive(Debug)]
pub(crate) struct Bench {
    /// What they write to.
    pub(crate) database: Database,
    /// What they must trust for that.
    pub(crate) trust: Trust,
    /// Where their logs go.
    pub(crate) work: PathBuf,
}

/// A function that runs, with its Runtime API.
struct Running {
    process: Process,
    api: RuntimeApi,
    sent: u64,
}

impl Bench {
    /// One round of one function: started, asked once, asked `warm` times more, ended.
    pub(crate) async fn round(
        &self,
        subject: &Subject,
        sample: &Sample,
        warm: u32,
        seen: &mut Seen,
    ) -> Result<(), BenchError> {
        let mut running = self.start(subject, sample).await?;
        let ready = running.api.ready().await?;
        let first = running.invoke(sample).await?;
        seen.cpu_first.push(running.process.cpu()?);
        seen.init.push(ready - running.process.started);
        seen.first.push(first.latency);
        seen.cold.push(first.at - running.process.started);
        for _ in 0..SETTLING {
            running.invoke(sample).await?;
        }
        let before = running.process.cpu()?;
        for _ in 0..warm {
            seen.warm.push(running.invoke(sample).await?.latency);
        }
        seen.cpu_warm.push((running.process.cpu()? - before) / warm);
        seen.peak = seen.peak.max(running.process.peak()?);
        self.check(subject, running.sent, seen)
    }

    /// The heap of a function after each tenth of that many requests, in bytes.
    pub(crate) async fn soak(&self, subject: &Subject, sample: &Sample, requests: u64) -> Result<Vec<u64>, BenchError> {
        let mut running = self.start(subject, sample).await?;
        running.api.ready().await?;
        let mut heap = Vec::new();
        for _ in 0..10 {
            let before = running.sent;
            for _ in 0..requests / 10 {
                running.invoke(sample).await?;
            }
            heap.push(running.process.heap()?);
            self.check(subject, running.sent - before, &mut Seen::default())?;
        }
        Ok(heap)
    }

    /// The first two deliveries of a function that is started anew: how long each takes, and the processor time until its answer.
    pub(crate) async fn two(&self, subject: &Subject, sample: &Sample, kept: Kept) -> Result<[Taken; 2], BenchError> {
        let mut running = self.start(subject, sample).await?;
        running.api.ready().await?;
        let mut taken = [Taken::default(); 2];
        for (at, nth) in taken.iter_mut().zip(1..) {
            let before = running.process.cpu()?;
            let latency = running.api.invoke(sample.event(nth), kept).await?.latency;
            *at = Taken { latency, cpu: running.process.cpu()? - before };
        }
        Ok(taken)
    }

    /// The instructions that a function executes from its start to its end, with that many requests between, as callgrind counts them.
    pub(crate) async fn instructions(
        &self,
        subject: &Subject,
        sample: &Sample,
        requests: u64,
    ) -> Result<u64, BenchError> {
        let callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
        let mut running = self.start_under(&callgrind, subject, sample).await?;
        running.api.ready().await?;
        // Fifty times slower as it is, the first may outlast the table's patience, and wait in the spool.
        let mut patience = 5;
        while running.invoke(sample).await.is_err() {
            patience -= 1;
            if patience == 0 {
                return Err(BenchError::new("counting instructions", "nothing is stored"));
            }
        }
        self.database.check()?;
        let before = running.sent;
        for _ in 0..requests {
            running.invoke(sample).await?;
        }
        self.check(subject, running.sent - before, &mut Seen::default())?;
        running.process.end()?;
        let doing = "counting instructions";
        let said = std::fs::read_to_string(subject.log(&self.work)).while_doing(doing)?;
        let counted = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
        counted.ok_or_else(|| BenchError::new(doing, said))
    }

    async fn start(&self, subject: &Subject, sample: &Sample) -> Result<Running, BenchError> {
        self.start_under(&[], subject, sample).await
    }

    /// Starts it, as what that command runs.
    async fn start_under(&self, runner: &[&str], subject: &Subject, sample: &Sample) -> Result<Running, BenchError> {
        let api = RuntimeApi::open().await?;
        let mut command = subject.command(runner, sample, &api.address, (&self.database, &self.trust));
        let process = Process::start(&mut command, &subject.log(&self.work))?;
        Ok(Running { process, api, sent: 0 })
    }

    /// Every request must have come to one correct write.
    fn check(&self, subject: &Subject, sent: u64, seen: &mut Seen) -> Result<(), BenchError> {
        let items = self.database.check()?;
        let expected = if subject.stores() { sent } else { 0 };
        if items.len() as u64 != expected {
            let cause = format!("{} wrote {} items for {expected} events", subject.name, items.len());
            return Err(BenchError::new("counting writes", cause));
        }
        seen.item = items.into_iter().max().unwrap_or_default().max(seen.item);
        Ok(())
    }
}

impl Running {
    async fn invoke(&mut self, sample: &Sample) -> Result<crate::runtime::Answered, BenchError> {
        self.sent += 1;
        self.api.invoke(sample.event(self.sent), Kept::Stored).await
    }
}
