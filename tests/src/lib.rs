//! What the black-box tests share: the sample deliveries, an HTTP client, the local stack, and a proxy that makes faults.
//!
//! Nothing here knows how the product works inside; it speaks HTTP and reads what was published.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

pub mod contract;
pub mod forms;
pub mod http;
pub mod log;
pub mod proxy;
pub mod random;
pub mod samples;
pub mod secrets;
pub mod stack;
pub mod units;
pub mod wait;
