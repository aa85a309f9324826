//! A stand-in for OnSIP's admin API: sessions, the login lock, and webhook subscriptions that expire, probe their target
//! and deliver to it. It sends nothing off this machine.
//!
//! Each fact about the API is marked where it is written: `doc` is what OnSIP says, `seen` is what a recorded reply or
//! the code of a client shows, and `guess` is our reading. A guess that a client might depend on is a knob.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! let api = onsip_api::OnsipApi::start(0).await?;
//! api.turn(|knobs| knobs.lifetime_seconds = 60);
//! println!("{}", api.url());
//! # Ok(())
//! # }
//! ```
#![expect(clippy::indexing_slicing, reason = "the JSON is made here, and its elements are known")]

// What the API can be asked for.

// The names of actions.
mod action;
// A request's parameters.
mod form;

// What a test turns.

// What is not published, and faults.
mod knobs;
// Time, which a test advances.
mod clock;

// What the API holds.

// Stretches of time.
mod span;
// Logins, the lock and sessions.
mod account;
// Subscriptions and how long they live.
mod subscriptions;
// What happened, for a test to look at.
mod record;
// All of it together.
mod world;

// What the API answers.

// The documented form.
mod reply;
// Where deliveries go.
mod target;
// Carries an action out.
mod act;
// Spoils an answer.
mod spoil;
// The HTTP server, and the control of it.
mod server;

pub use account::Session;
pub use action::Action;
pub use knobs::{
    AddAnswer, CarriedOut, Delete, Expired, Fault, FaultyAnswer, Field, Knobs, Place, Probe, Refusal, Renewal, Route,
};
pub use record::{Call, Record};
pub use server::{Delivery, OnsipApi};
pub use span::Span;
pub use subscriptions::Subscription;
