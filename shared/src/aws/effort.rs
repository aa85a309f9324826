//! How long and how often a call to AWS is tried.
//!
//! The SDK gives up after three attempts, and all calls of a process share its budget for repeats: in an outage that is soon
//! empty, and a call has one attempt. What must not be lost is tried as long as there is time.

use std::time::Duration;

use aws_sdk_dynamodb::config::IdentityCache;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction, RetryPartition, TokenBucket};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::sdk_config::Builder;

/// One attempt of a call: far longer than any answer takes, far shorter than a provider waits. The SDK sets no limit.
pub(super) const ATTEMPT: Duration = Duration::from_secs(1);
/// All attempts of a call.
const OPERATION: Duration = Duration::from_secs(4);
/// The longest wait before the second attempt. It doubles with each further one, and each is somewhere between it and nothing.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest wait between two attempts of a persistent call.
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// More attempts than there is time for.
const MANY: u32 = 1000;

/// The time and the attempts of a call.
#[derive(Debug, Clone)]
pub(super) struct Effort {
    attempt: Duration,
    operation: Duration,
    tries: Tries,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tries {
    Once,
    /// Three, as the SDK has it.
    Usual,
    /// As many as the time allows.
    All,
}

impl Default for Effort {
    fn default() -> Self {
        Self::usual(ATTEMPT, OPERATION)
    }
}

impl Effort {
    pub(super) fn usual(attempt: Duration, operation: Duration) -> Self {
        Self { attempt, operation, tries: Tries::Usual }
    }

    /// Leaves time for a second attempt where the first one hangs.
    pub(super) fn persistent(operation: Duration) -> Self {
        Self::patient(ATTEMPT.min(operation / 2), operation)
    }

    pub(super) fn patient(attempt: Duration, operation: Duration) -> Self {
        Self { attempt, operation, tries: Tries::All }
    }

    pub(super) fn once(attempt: Duration) -> Self {
        Self { attempt, operation: attempt, tries: Tries::Once }
    }

    /// The configuration with it.
    pub(super) fn applied_to(&self, config: Builder) -> Builder {
        let timeouts = TimeoutConfig::builder().connect_timeout(self.attempt).operation_attempt_timeout(self.attempt);
        let config = config.timeout_config(timeouts.operation_timeout(self.operation).build());
        // The time for finding credentials, which are at hand: else the SDK adds up, at each call, what all attempts might wait.
        let credentials = IdentityCache::lazy().load_timeout(self.operation).build();
        config.retry_config(self.retries()).identity_cache(credentials)
    }

    fn retries(&self) -> RetryConfig {
        let standard = RetryConfig::standard().with_initial_backoff(FIRST_WAIT);
        match self.tries {
            Tries::Once => RetryConfig::disabled(),
            Tries::Usual => standard,
            Tries::All => standard.with_max_attempts(MANY).with_max_backoff(LONGEST_WAIT),
        }
    }

    /// A budget for repeats that never runs out, where one is needed: no call takes from another's.
    pub(super) fn budget(&self) -> Option<RetryPartition> {
        let unlimited = || RetryPartition::custom("persistent").token_bucket(TokenBucket::unlimited()).build();
        (self.tries == Tries::All).then(unlimited)
    }
}

/// Every status of a server's error may be cured by a repeat; the SDK knows four of them.
#[derive(Debug)]
pub(super) struct ServerErrors;

impl ClassifyRetry for ServerErrors {
    fn name(&self) -> &'static str {
        "HTTP status 5xx"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(response) if response.status().is_server_error() => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }
}

#[cfg(test)]
mod tests;
