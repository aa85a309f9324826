//! The views, a file each: what is asked for by the address, and how that is shown.

pub(crate) mod call;
pub(crate) mod calls;
mod list;
pub(crate) mod overview;
