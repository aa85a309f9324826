//! All of Trunkline in one process, for a laptop and for tests: the deployed handlers and the real SDK clients over an
//! embedded `DynamoDB`, SNS and SQS on loopback ports, with the tables, topics and queues that `template.yaml` names.
//!
//! ```no_run
//! # async fn example() -> Result<(), local::Error> {
//! let stack = local::Stack::start(local::Options::default()).await?;
//! println!("{}/webhooks/onsip/call?token={}", stack.url(), stack.tokens().provider);
//! stack.shutdown().await;
//! # Ok(())
//! # }
//! ```

// What all the rest stands on.

// Region and account.
mod place;
// Ids and tokens.
mod random;
// What asks a program to end.
mod stop;
// What is said on standard output.
mod terminal;
mod tokens;

// What passes between Lambda and a function.

// The answer to a batch.
mod lambda_answer;
// A batch.
mod lambda_event;

// All of Trunkline in one process.
mod stack;

// The operator's commands, for any stack.

// HTTP, as an operator speaks it to a stack.
mod client;
// The tokens that an operator has in the environment.
mod holder;
// Why a question to a stack may fail, and its answer.
mod asking;
// One call, drawn as text.
mod call;
// Tables that fit a terminal.
mod table;
// Lists, page by page.
mod listing;
// Events and calls.
mod lists;
// Counts.
mod stats;
// Events as they come.
mod tail;
// What people are not told for a while.
mod mute;
// What people call entities.
mod names;
// Dead letters, once more.
mod redrive;
// What is stored, for a consumer that comes later.
mod replay;
// What the tables hold of somebody.
mod forget;
// Whether a stack works.
mod check;
// What the providers deliver to.
mod subscriptions;

// The command line.

// Where to deliver and to read.
mod guide;
// An evening of telephony.
mod demo;
// A scenario, for a stack of yours.
mod play;
// The flags, and what they start.
mod cli;

pub use cli::run;
pub use forget::{Doing, Forget, ForgetError, Forgotten, NotWritten, Tally, Whom};
pub use redrive::{Border, Reader, Redrive, RedriveError, Redriven, Stretch, StretchError, Trouble, VariablesError};
pub use stack::{BareDatabase, Error, Options, Publication, PublishedAttribute, Stack, Subscription, Tokens};
pub use terminal::Terminal;

/// The C library's would take a fifth of the local stack's time: it gives the least where several threads ask it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
