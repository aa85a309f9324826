//! What `template.yaml` and the API's description say, held against the code: what no emulator shows, and what must not drift apart.
//!
//! The template is read as text and needs nothing installed; the deployment test is `deploy.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod template {
    mod alarms;
    mod api;
    mod dashboard;
    mod description;
    mod functions;
    mod parameters;
    mod permissions;
    mod reading;
    mod release;
    mod storage;
}
