//! What a delivery costs, beside a function that does nothing, one that only stores, and two receivers written as the
//! documentation of their SDKs shows it. `README.md` says what is measured and how.

mod artifact;
mod authority;
mod cli;
mod delivery;
mod dynamodb;
mod error;
mod figure;
mod instructions;
mod keys;
#[cfg(feature = "stack")]
mod load;
mod measure;
mod memory;
mod process;
pub mod product;
#[cfg(feature = "stack")]
mod reading;
mod report;
mod runtime;
mod subject;
mod table;
mod traffic;

pub use cli::run;
pub use error::BenchError;
