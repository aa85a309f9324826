//! The time of the stand-in: as it passes, and as a test advances it.

use std::time::Duration;

use tokio::time::Instant;

/// Tokio's clock, so that a test that pauses it stops this one too.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    ahead: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), ahead: Duration::ZERO }
    }

    /// Since the start.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed() + self.ahead
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.ahead += time;
    }

    /// `2014-12-04T20:07:08+00:00`. seen
    pub(crate) fn date_time(&self) -> String {
        let now = jiff::Timestamp::now();
        now.checked_add(self.ahead).unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    }
}
