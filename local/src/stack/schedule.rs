//! The schedule, in EventBridge's place: once a minute `notify` gets its event, and expired items go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use notify::Notify;
use serde_json::{Value, json};
use shared::log::chain;

use crate::random;
use crate::stack::database::Expiry;
use crate::stack::shutdown::Shutdown;

/// A sweep reads every row, and deliveries wait for it meanwhile: it may take a hundredth of the time. `DynamoDB`
/// leaves expired items lying for days.
const SWEEP_EVERY: u32 = 100;

/// What the schedule drives.
pub(crate) struct Schedule {
    pub(crate) notify: Arc<Notify>,
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

    /// In a task of its own, so that a panic ends this minute's work only.
    async fn invoke(&self) {
        let notify = Arc::clone(&self.notify);
        match tokio::spawn(async move { notify.handle(event()).await }).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(error = chain(&error), "notify failed on its schedule"),
            Err(error) => tracing::error!(%error, "notify died on its schedule"),
        }
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
