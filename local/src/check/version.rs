//! Whether the stack is the release that this program is of: after an update that did not take, it is the one before.

use shared::version::VERSION;

use super::error::{CheckError, Stop};
use crate::client::StackClient;

/// Compares what the stack tells of itself.
pub(crate) async fn compare(client: &StackClient) -> Result<(), Stop> {
    match client.get("/healthz", None).await?.text("version") {
        Some(version) if version == VERSION => Ok(()),
        deployed => Err(CheckError::Version { deployed }.into()),
    }
}
