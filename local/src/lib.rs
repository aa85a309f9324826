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

mod check;
mod cli;
mod client;
mod demo;
mod guide;
mod lambda_answer;
mod lambda_event;
mod random;
mod redrive;
mod stack;
mod terminal;

pub use cli::run;
pub use redrive::{Redrive, RedriveError, Tally, UsageError};
pub use stack::{BareDatabase, Error, Options, Publication, PublishedAttribute, Stack, Tokens};
pub use terminal::Terminal;

/// The region of everything here. Nothing leaves the machine, but SDK and ARNs want one.
const REGION: &str = "us-east-1";

/// The account that everything here belongs to.
const ACCOUNT: &str = "000000000000";
