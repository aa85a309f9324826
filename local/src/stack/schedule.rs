//! The schedule, in EventBridge's place: once a minute each function gets its event, and expired items go.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::log::chain;

use crate::random;
use crate::stack::database::Expiry;
use crate::stack::function::Function;
use crate::stack::shutdown::Shutdown;

/// A sweep reads every row, and deliveries wait for it meanwhile: it may take a hundredth of the time. `DynamoDB`
/// leaves expired items lying for days.
const SWEEP_EVERY: u32 = 100;

/// What the schedule drives.
pub(crate) struct Schedule {
    pub(crate) functions: Vec<Function>,
    pub(crate) expiry: Expiry,
    pub(crate) every: Duration,
}

impl Schedule {
    /// Ticks until the signal.
    pub(crate) async fn run(self, shutdown: Shutdown) {
        let mut next_sweep = Instant::now();
        while !shutdown.within(self.every).await {
            let begun = Instant::now();
            if begun >= next_sweep {
                self.expiry.sweep().await;
                next_sweep = begun + SWEEP_EVERY * begun.elapsed();
            }
            self.invoke().await;
        }
    }

    async fn invoke(&self) {
        let called = self.functions.iter().map(|function| async move {
            if let Err(error) = function.invoke(event()).await {
                tracing::warn!(error = chain(&*error), "{function} failed on its schedule");
            }
        });
        join_all(called).await;
    }
}

/// The event that EventBridge sends to a function on a schedule.
fn event() -> Value {
    json!({
        "version": "0",
        "id": random::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": crate::place::ACCOUNT,
        "time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": crate::place::REGION,
        "resources": [format!("arn:aws:events:{}:{}:rule/local", crate::place::REGION, crate::place::ACCOUNT)],
        "detail": {},
    })
}
