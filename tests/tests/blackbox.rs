//! The product as its users meet it: the local stack, spoken to over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at what it did not expect"
)]

mod blackbox {
    mod alerts;
    mod answers;
    mod api;
    mod archive;
    mod attribution;
    mod bodies;
    mod calls;
    mod channel;
    mod console;
    mod console_call;
    mod console_figures;
    mod console_views;
    mod counts;
    mod csv;
    mod cuts;
    mod deaths;
    mod description;
    mod ended;
    mod entities;
    mod faults;
    mod filters;
    mod forget;
    mod http;
    mod incidents;
    mod index;
    mod indexed;
    mod listed;
    mod lists;
    mod many;
    mod money;
    mod mutes;
    mod names;
    mod own;
    mod paging;
    mod paging_calls;
    mod played;
    mod quarantine;
    mod readers;
    mod records;
    mod redrive;
    mod repeats;
    mod restart;
    mod retry;
    mod scene;
    mod spool;
    mod stats;
    mod told;
    mod topic;
    mod traffic;
    mod units;
    mod vast;
    mod watch;
    mod week;
}
