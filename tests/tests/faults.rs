//! Faults of the deployed stack under traffic, while functions are killed: the table throttles, denies, is gone for a minute; and
//! whatever else may happen.
//!
//! It builds the stack and takes an hour: `cargo test -p tests --test faults -- --ignored --nocapture`.
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
    mod faulted;
    mod given;
    mod inbox;
    mod metrics;
    mod outage;
    mod redrive;
    mod restore;
    mod spool;
    mod stack;
}
