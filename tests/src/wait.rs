//! Waiting for a condition, without a fixed delay.

use std::time::{Duration, Instant};

/// Generous: a loaded machine is slow, SNS's refusals are retried after a minute, and only a failing test waits so long.
const SOON: Duration = Duration::from_secs(150);
const STEP: Duration = Duration::from_millis(50);

/// Asks until there is an answer.
///
/// # Panics
/// When there is none within minutes.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + SOON;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(STEP);
    }
}
