//! The views, a file each: what is asked for by the address, and how that is shown.

pub(crate) mod alert;
pub(crate) mod alerts;
pub(crate) mod call;
pub(crate) mod calls;
mod chart;
pub(crate) mod entity;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod failures;
mod figures;
mod file;
pub(crate) mod form;
pub(crate) mod help;
mod list;
pub(crate) mod menus;
mod mutes;
pub(crate) mod overview;
pub(crate) mod quarantine;
pub(crate) mod search;
