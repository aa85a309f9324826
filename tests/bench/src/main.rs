//! `cargo run --release -p bench`: the command line of the bench.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench::run()
}
