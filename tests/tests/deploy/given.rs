//! The tokens and parameters that the stack is deployed with, and reading with them.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::stack::Api;

pub(super) const ONSIP_TOKEN: &str = "onsip-token-of-the-deployment-test";
pub(super) const OPENTACT_TOKEN: &str = "opentact-token-of-the-deployment-test";
pub(super) const READ_TOKEN: &str = "read-token-of-the-deployment-test";
pub(super) const OPERATOR_TOKEN: &str = "operator-token-of-the-deployment-test";

pub(super) fn digest(token: &str) -> &'static str {
    let digest: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
    digest.leak()
}

/// The window: long enough for two deliveries one after the other, or for an update; short enough for a test to see its end.
pub(super) fn parameters<'a>(addresses: &'a str, days: &'a str, window: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("OnsipTokenDigests", digest(ONSIP_TOKEN)),
        ("OpentactTokenDigests", digest(OPENTACT_TOKEN)),
        ("ReadTokenDigests", digest(READ_TOKEN)),
        ("OperatorTokenDigests", digest(OPERATOR_TOKEN)),
        ("OpentactAddresses", addresses),
        ("RetentionDays", days),
        ("AlertEmail", "alerts@example.com"),
        ("AlertPhone", "+12025550101"),
        ("AlertWindow", window),
        // MiniStack holds deliveries to the readers' limits.
        ("ReadRate", "1000"),
        ("ReadBurst", "1000"),
        // Else the tables and the account's role would outlive the stack, as they should.
        ("DeletionProtection", "off"),
        ("AccessLog", "use-role"),
    ]
}

pub(super) fn read(api: &Api, path: &str) -> Value {
    let answer = api.get(path, READ_TOKEN);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}
