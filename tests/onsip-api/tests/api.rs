//! The stand-in, spoken to over HTTP as a client and as a test in another process do.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

mod api {
    mod client;

    mod control;
    mod faults;
    mod logins;
    mod subscriptions;
    mod targets;
}
