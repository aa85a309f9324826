//! Deliveries as API Gateway passes them to a function, made from the samples in `events/`. Each has an id of its own, so
//! that none is a repeat.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::{BenchError, While as _};
use crate::product;

/// The token of every delivery.
pub(crate) const TOKEN: &str = "example-token";

/// A sample that is delivered again and again.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// What it is, in a few words.
    pub(crate) title: &'static str,
    /// The size of the item that Trunkline writes for it, in bytes.
    pub(crate) item_bytes: usize,
    envelope: Value,
    body: String,
    id: String,
}

/// A call begins at OnSIP: a short event, and the most frequent.
pub(crate) const ONSIP: (&str, &str, &str) = ("OnSIP call", "onsip-call.dialog.created.json", "/webhooks/onsip/call");
/// A leg of a call ends at Opentact: a long event.
pub(crate) const OPENTACT: (&str, &str, &str) =
    ("Opentact leg", "opentact-call_state-in-hangup-answered.json", "/webhooks/opentact/call");

/// The repository's folder of samples.
#[must_use]
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

impl Sample {
    /// Reads a sample, to be delivered to that path.
    pub(crate) fn read((title, file, path): (&'static str, &str, &str)) -> Result<Self, BenchError> {
        let read = |file: &str| std::fs::read_to_string(folder().join(file)).while_doing(format!("reading {file}"));
        let body = read(file)?;
        let mut envelope: Value =
            serde_json::from_str(&read("envelopes/call-post.json")?).while_doing("an envelope")?;
        for (pointer, value) in [
            ("/path", path.to_owned()),
            ("/resource", path.to_owned()),
            ("/requestContext/resourcePath", path.to_owned()),
            ("/requestContext/path", format!("/v1{path}")),
        ] {
            *envelope.pointer_mut(pointer).while_doing(format!("finding {pointer} in the envelope"))? = json!(value);
        }
        let event: Value = serde_json::from_str(&body).while_doing(format!("reading {file}"))?;
        let id = event.get("id").or(event.get("uuid")).and_then(Value::as_str).while_doing("finding its id")?;
        let provider = path.split('/').nth(2).unwrap_or_default().parse().while_doing("reading a path")?;
        let item_bytes = product::item_bytes(provider, &body)?;
        Ok(Self { title, item_bytes, envelope, id: id.to_owned(), body })
    }

    /// The body of the n-th delivery, and as many bytes as any other's.
    #[must_use]
    pub(crate) fn body(&self, n: u64) -> String {
        let digits = format!("{n:012x}");
        let kept = self.id.len().saturating_sub(digits.len());
        let id = format!("{}{digits}", self.id.get(..kept).unwrap_or_default());
        self.body.replace(&self.id, &id)
    }

    /// The event of the n-th delivery.
    #[must_use]
    pub(crate) fn event(&self, n: u64) -> Vec<u8> {
        let mut event = self.envelope.clone();
        if let Some(body) = event.get_mut("body") {
            *body = json!(STANDARD.encode(self.body(n)));
        }
        event.to_string().into_bytes()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn no_delivery_repeats_another_and_all_are_of_one_length() {
        for sample in [ONSIP, OPENTACT].map(|sample| Sample::read(sample).unwrap()) {
            let (first, second) = (sample.event(1), sample.event(0xffff_ffff));
            assert_ne!(first, second);
            assert_eq!(first.len(), second.len());
            assert_ne!(sample.body(1), sample.body);
            let event: Value = serde_json::from_slice(&first).unwrap();
            let body = STANDARD.decode(event.get("body").and_then(Value::as_str).unwrap()).unwrap();
            assert_eq!(body, sample.body(1).into_bytes());
        }
    }
}
