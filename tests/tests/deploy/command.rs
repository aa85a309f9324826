//! Running programs, and showing what they said when they fail.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The repository's folder.
pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The folder of a virtual environment, made if need be from the pinned requirements in `tests/deploy/`.
pub(super) fn virtual_environment(name: &str) -> PathBuf {
    let mut command = Command::new(repository().join("tests/deploy/venv"));
    PathBuf::from(run(command.arg(name)).trim_end())
}

/// An operator's command.
pub(super) fn trunkline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "local", "--"]).args(arguments).current_dir(repository());
    command
}

/// Runs a program to its end and returns what it printed.
pub(super) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{printed}\n{errors}", output.status);
    printed
}

/// Does something and tells how long it took.
pub(super) fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    eprintln!("{what}: {:.1} s", start.elapsed().as_secs_f64());
    done
}
