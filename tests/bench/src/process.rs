//! A function's process: what it was started with, and what the kernel says it has used.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::time::ClockId;
use nix::unistd::Pid;

use crate::error::{BenchError, While as _};

/// A running function. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    clock: ClockId,
    /// When it was started.
    pub(crate) started: Instant,
}

impl Process {
    /// Starts it, its log going to that file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self, BenchError> {
        let doing = || format!("starting {command:?}");
        let output = File::create(log).while_doing(format!("writing {}", log.display()))?;
        let errors = output.try_clone().while_doing(doing())?;
        let doing = doing();
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let started = Instant::now();
        let child = command.spawn().while_doing(doing.clone())?;
        let pid = i32::try_from(child.id()).while_doing(doing.clone())?;
        let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid)).while_doing(doing)?;
        Ok(Self { child, clock, started })
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn end(&mut self) -> Result<(), BenchError> {
        let doing = "ending a process";
        let pid = i32::try_from(self.child.id()).while_doing(doing)?;
        kill(Pid::from_raw(pid), Signal::SIGTERM).while_doing(doing)?;
        self.child.wait().while_doing(doing)?;
        Ok(())
    }

    /// Processor time since its start, of all its threads, those that have ended too.
    pub(crate) fn cpu(&self) -> Result<Duration, BenchError> {
        Ok(self.clock.now().while_doing("reading a process's processor time")?.into())
    }

    /// The most memory that it ever had resident, in bytes.
    pub(crate) fn peak(&self) -> Result<u64, BenchError> {
        self.memory("VmHWM")
    }

    /// The memory it has resident that is not a file's, in bytes: heap and stacks.
    pub(crate) fn heap(&self) -> Result<u64, BenchError> {
        self.memory("RssAnon")
    }

    fn memory(&self, name: &str) -> Result<u64, BenchError> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).while_doing(format!("reading {path}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        Ok(kibibytes.while_doing(format!("reading {name}"))? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
