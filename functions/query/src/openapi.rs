//! The description of the API (OpenAPI 3.1), which anybody may read: it says nothing of this stack.

use lambda_http::http::StatusCode;
use shared::answer;

use crate::{Answer, QueryError};

/// `openapi.json`, compressed by `build.rs`, since each byte of the artifact is loaded at a cold start.
const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.zst"));
/// More than the document has.
const MAX_BYTES: usize = 1 << 20;

/// The description, whole.
pub(crate) fn answer() -> Answer {
    let document = zstd::bulk::decompress(COMPRESSED, MAX_BYTES).map_err(QueryError::Description)?;
    Ok(answer::written(StatusCode::OK, String::from_utf8_lossy(&document).into_owned()))
}
