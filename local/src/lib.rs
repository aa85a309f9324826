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

mod backend;
mod bare;
mod check;
mod cli;
mod database;
mod demo;
mod environment;
mod error;
mod gateway;
mod guide;
mod options;
mod random;
mod redrive;
mod schedule;
mod shutdown;
mod sns;
mod sqs;
mod stack;
mod stream;
mod tables;
mod template;
mod terminal;

pub use bare::BareDatabase;
pub use cli::run;
pub use error::Error;
pub use options::{Options, Tokens};
pub use redrive::{Redrive, RedriveError, Tally, UsageError};
pub use sns::{Publication, PublishedAttribute};
pub use stack::Stack;
pub use terminal::Terminal;

/// The region of everything here. Nothing leaves the machine, but SDK and ARNs want one.
const REGION: &str = "us-east-1";

/// The account that everything here belongs to.
const ACCOUNT: &str = "000000000000";
