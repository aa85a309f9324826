//! Keeps the webhook subscription at OnSIP alive: it dies after 24 hours unless it is renewed.
//!
//! Nothing of the user's secret leaves this crate but towards OnSIP: not into a log, an error or what is remembered.

pub mod api;
pub mod reply;
pub mod secret;
