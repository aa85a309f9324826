//! A call, folded from its events when it is read.
//!
//! Nothing about a call is stored but its events: late, early, repeated and missing ones need no special case, and no
//! write ever races another. `fold` says what happened, `outcome` what that comes to, `view` shows it.

mod fold;
mod outcome;
mod told;
mod view;

pub use self::fold::LegStatus;
pub(crate) use self::fold::{in_order, weight};
pub(crate) use self::outcome::at;
pub use self::outcome::{Attempts, EndedBy, NO_END, Outcome};
pub use self::told::{MenuStep, Recorded};
pub use self::view::{Call, LegView};

#[cfg(test)]
pub(crate) mod tests;
