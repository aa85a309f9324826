//! The renewer against the stand-in for OnSIP's API, with the real clients over the embedded database.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod renew {
    mod answers;
    mod leaks;
    mod logins;
    mod ours;
    mod scene;
    mod told;
    mod week;
}
