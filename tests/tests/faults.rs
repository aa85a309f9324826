//! Outages of a minute on the deployed stack: the table throttles, denies, is gone, and functions are killed meanwhile.
//!
//! It builds the stack and takes half an hour: `cargo test -p tests --test faults -- --ignored --nocapture`.
//! MiniStack takes fewer than fifty deliveries a second on a small machine; the test prints how many it took.
#![expect(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at what it did not expect; what deploys the stack serves the deployment test too"
)]

mod deploy {
    mod check;
    mod command;
    mod emulator;
    mod given;
    mod inbox;
    mod outage;
    mod redrive;
    mod restore;
    mod spool;
    mod stack;
}
