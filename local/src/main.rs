//! `cargo run -p local`: the command line of the local stack.

use std::process::ExitCode;

fn main() -> ExitCode {
    local::run()
}
