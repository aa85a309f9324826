//! The types and steps that Trunkline's functions share.
//!
//! Data flows one way, and a module uses only those above it here: bytes and times, the names of telephony, the event,
//! who may deliver it, what the providers send, what becomes of a call, how it is stored, how it is answered.

pub mod json;
pub mod name;
pub mod time;

pub mod address;
pub mod entity;
pub mod failure;

pub mod event;
pub mod key;

pub mod settings;

pub mod log;

pub mod access;
pub mod provider;

pub mod call;

pub mod aws;
pub mod outbox;
pub mod store;

pub mod answer;
pub mod ingest;
pub mod metric;
pub mod request;
