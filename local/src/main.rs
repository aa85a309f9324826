//! `cargo run -p local`: the command line of the local stack and of the operator.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::run()
}
