//! The deployment test: builds and deploys `template.yaml` as it stands, with the SAM CLI, to MiniStack, an emulator of
//! AWS, and drives the API from outside.
//!
//! It needs Python and its package registry, and takes minutes: `cargo test -p tests --test deploy -- --ignored`.
//! MiniStack shows neither metrics nor alarms, enforces no throttling and no expiry of items, and runs each batch of the
//! stream without Lambda's rules for partial failures; `template.rs` holds what the template says about those. For an insert of
//! PartiQL it asks for an action that IAM does not have, and tells the stream nothing: `index`, which is refused, writes each
//! record by itself.
#![expect(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at what it did not expect, and tells how long a deployment took; what deploys the stack serves the test of faults too"
)]

mod deploy {
    mod before;
    mod check;
    mod command;
    mod console;
    mod emulator;
    mod given;
    mod inbox;
    mod redrive;
    mod renewal;
    mod replay;
    mod restore;
    mod spool;
    mod stack;
    mod steps;
    mod subscriber;
    mod traffic;
    mod update;
}
