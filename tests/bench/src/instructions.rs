//! The instructions of a warm request: a figure that neither the machine's load nor its clock moves, so that a check can hold
//! it. What is counted is the product's code and the SDK's from an API Gateway event to the answer; not Lambda's runtime, and
//! not TLS and the network, whose wake-ups differ from run to run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde::{Deserialize, Serialize};
use shared::access::TokenDigest;
use shared::aws::Aws;
use shared::ingest::{Ingest, IngestSettings};
use shared::metric::Metrics;

use crate::delivery::{ONSIP, OPENTACT, Sample, TOKEN};
use crate::dynamodb::TABLE;
use crate::error::{BenchError, While as _};

/// By how much a count may exceed the committed one.
const TOLERANCE: f64 = 0.1;
/// The requests of the two runs whose difference is counted: what one run does once is in both.
const RUNS: (u64, u64) = (100, 1100);
/// Counts are rounded to this: the hash maps' random seeds move the rest.
const GRAIN: u64 = 5000;

/// Instructions of a request by its input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Counts(BTreeMap<String, u64>);

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(input, count)| writeln!(f, "{input}: {count} instructions a request"))
    }
}

/// Where the committed counts are.
fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json")
}

/// Counts them.
pub(crate) fn count() -> Result<Counts, BenchError> {
    let counted = ["onsip", "opentact"].map(|input| {
        let (few, many) = (run(input, RUNS.0)?, run(input, RUNS.1)?);
        let each = many.saturating_sub(few) / (RUNS.1 - RUNS.0);
        Ok((input.to_owned(), (each + GRAIN / 2) / GRAIN * GRAIN))
    });
    Ok(Counts(counted.into_iter().collect::<Result<_, BenchError>>()?))
}

/// Counts them, and compares them with the committed ones.
pub(crate) fn check() -> Result<String, BenchError> {
    let committed = std::fs::read(file()).while_doing("reading instructions.json")?;
    let committed: Counts = serde_json::from_slice(&committed).while_doing("reading instructions.json")?;
    let counted = count()?;
    let grown = grown(&committed, &counted);
    if grown.is_empty() {
        return Ok(counted.to_string());
    }
    let advice = "if that is meant, commit what `cargo run --release -p bench -- instructions --save` writes";
    Err(BenchError::new("counting instructions", format!("{}; {advice}", grown.join("; "))))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn grown(Counts(committed): &Counts, Counts(counted): &Counts) -> Vec<String> {
    let limit = |input: &str| committed.get(input).map_or(0.0, |count| *count as f64 * (1.0 + TOLERANCE));
    let above = counted.iter().filter(|(input, count)| **count as f64 > limit(input));
    above.map(|(input, count)| format!("{input}: {count}, and {:.0} are allowed", limit(input))).collect()
}

/// Counts them, and writes them down.
pub(crate) fn save() -> Result<String, BenchError> {
    let counts = count()?;
    let text = serde_json::to_string_pretty(&counts).while_doing("writing JSON")?;
    std::fs::write(file(), text + "\n").while_doing("writing instructions.json")?;
    Ok(counts.to_string())
}

/// The instructions of this program with that many requests.
fn run(input: &str, requests: u64) -> Result<u64, BenchError> {
    let doing = "running valgrind";
    let program = std::env::current_exe().while_doing("finding this program")?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    valgrind.args(["requests", input, &requests.to_string()]).stdin(Stdio::null());
    let output = valgrind.output().while_doing(doing)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    match collected {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(BenchError::new(doing, said.into_owned())),
    }
}

/// Takes that many requests in this process.
pub(crate) async fn requests(input: &str, requests: u64) -> Result<String, BenchError> {
    let sample = Sample::read(if input == "onsip" { ONSIP } else { OPENTACT })?;
    let settings = IngestSettings::read(&setting).while_doing("reading settings")?;
    let ingest = Ingest::new(settings, Aws::from(config()), Metrics::Emitted("trunkline".to_owned()));
    let event = String::from_utf8(sample.event(1)).while_doing("making an event")?;
    for _ in 0..requests {
        let request = lambda_http::request::from_str(&event).while_doing("reading an event")?;
        let answer = ingest.handle(request).await;
        if answer.status() != 200 {
            return Err(BenchError::new("taking a request", format!("{answer:?}")));
        }
    }
    Ok(String::new())
}

fn setting(name: &str) -> Option<String> {
    match name {
        "EVENTS_TABLE" => Some(TABLE.to_owned()),
        "SPOOL_QUEUE_URL" => Some("https://sqs.us-east-1.amazonaws.com/123456789012/spool".to_owned()),
        "ONSIP_TOKEN_DIGESTS" | "OPENTACT_TOKEN_DIGESTS" => Some(TokenDigest::of(TOKEN).to_string()),
        "OPENTACT_ADDRESSES" => Some("72.21.26.35/32".to_owned()),
        _ => None,
    }
}

/// A configuration as in Lambda, but for the HTTP client.
fn config() -> SdkConfig {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "example", Some("example".to_owned()), None, "bench");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(AtOnce)))
        .build()
}

/// An HTTP client whose every request is answered at once: the item was stored.
#[derive(Debug)]
struct AtOnce;

impl HttpConnector for AtOnce {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let ok = aws_smithy_runtime_api::http::StatusCode::try_from(200);
        let answer = ok.map(|ok| HttpResponse::new(ok, SdkBody::from("{}")));
        HttpConnectorFuture::ready(
            answer.map_err(|error| aws_smithy_runtime_api::client::result::ConnectorError::other(error.into(), None)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(onsip: u64) -> Counts {
        Counts(BTreeMap::from([("onsip".to_owned(), onsip)]))
    }

    #[test]
    fn a_tenth_more_is_told_and_less_is_not() {
        assert!(grown(&counts(1000), &counts(500)).is_empty());
        assert!(grown(&counts(1000), &counts(1100)).is_empty());
        assert_eq!(grown(&counts(1000), &counts(1101)), ["onsip: 1101, and 1100 are allowed"]);
        assert_eq!(grown(&Counts(BTreeMap::new()), &counts(1)).len(), 1);
    }

    #[tokio::test]
    async fn the_requests_that_are_counted_are_stored() {
        for input in ["onsip", "opentact"] {
            assert!(requests(input, 2).await.is_ok(), "{input}");
        }
    }
}
