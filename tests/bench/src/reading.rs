//! What an answer of the read API costs: `query`'s release binary, and an earlier one beside it if there is one, in turns. Both read what the
//! local stack has stored, over HTTP.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;
use local::Stack;
use serde_json::{Value, json};
use shared::access::TokenDigest;
use shared::name::Provider;

use crate::artifact::{Artifact, Folders};
use crate::error::{BenchError, While as _};
use crate::figure::{self, Figure};
use crate::load::{Deliver, idle, quiet};
use crate::process::Process;
use crate::product;
use crate::runtime::RuntimeApi;
use crate::subject::lambda;
use crate::table::quantile;

/// The events of the call that is asked for, and those of the page.
const EVENTS_OF_CALL: u32 = 20;
const PAGE: u32 = 50;
/// Requests after the first that count for nothing.
const SETTLING: u32 = 20;
/// How much more an answer may take than the earlier one took, and how much larger the artifact may be, in kB.
const DEARER: f64 = 1.1;
const LARGER: f64 = 300.0;

/// A request, and what it is for.
struct Asked {
    what: &'static str,
    event: Vec<u8>,
}

/// What one binary was seen to do with one request.
#[derive(Default)]
struct Seen {
    cpu_first: Vec<Duration>,
    cpu_warm: Vec<Duration>,
    warm: Vec<Duration>,
}

/// Measures so many rounds of so many warm requests.
pub(crate) async fn measure(beside: Option<PathBuf>, rounds: u32, requests: u32) -> Result<String, BenchError> {
    let folders = Folders::find()?;
    let mut artifacts = folders.workspace(&["query"])?;
    artifacts.extend(beside.map(Artifact::of).transpose()?);
    let stack = Stack::start(quiet()).await.while_doing("starting the local stack")?;
    let asked = stored(&stack).await?;
    let mut seen: Vec<Vec<Seen>> = artifacts.iter().map(|_| asked.iter().map(|_| Seen::default()).collect()).collect();
    for _ in 0..rounds {
        for (artifact, seen) in artifacts.iter().zip(&mut seen) {
            for (asked, seen) in asked.iter().zip(seen) {
                let log = folders.work().join("query.log");
                let process = |runtime: &str| Process::start(&mut command(artifact, &stack, runtime), &log);
                round(process, asked, requests, seen).await.while_doing(format!("see {}", log.display()))?;
            }
        }
    }
    stack.shutdown().await;
    Ok(markdown(&asked, &artifacts, &mut seen))
}

/// One round of one request: the function is started, asked once, and asked again and again.
async fn round(
    start: impl Fn(&str) -> Result<Process, BenchError>,
    asked: &Asked,
    requests: u32,
    seen: &mut Seen,
) -> Result<(), BenchError> {
    let mut api = RuntimeApi::open().await?;
    let process = start(&api.address)?;
    api.ready().await?;
    ask(&mut api, asked).await?;
    seen.cpu_first.push(process.cpu()?);
    for _ in 0..SETTLING {
        ask(&mut api, asked).await?;
    }
    let before = process.cpu()?;
    for _ in 0..requests {
        seen.warm.push(ask(&mut api, asked).await?);
    }
    seen.cpu_warm.push((process.cpu()? - before) / requests);
    Ok(())
}

/// Asks, and waits for what was found.
async fn ask(api: &mut RuntimeApi, asked: &Asked) -> Result<Duration, BenchError> {
    let (answered, answer) = api.ask(asked.event.clone()).await?;
    let read: Value = serde_json::from_slice(&answer).while_doing("reading an answer")?;
    match read.get("statusCode").and_then(Value::as_u64) {
        Some(200) => Ok(answered.latency),
        _ => Err(BenchError::new(asked.what, read.to_string())),
    }
}

fn command(artifact: &Artifact, stack: &Stack, runtime: &str) -> Command {
    let mut command = Command::new(&artifact.path);
    let digest = TokenDigest::of(&stack.tokens().read).to_string();
    command.env_clear().envs(lambda(runtime, stack.dynamodb_url())).envs([
        ("EVENTS_TABLE", "EventsTable".to_owned()),
        ("ALERTS_TABLE", "AlertsTable".to_owned()),
        ("READ_TOKEN_DIGESTS", digest),
    ]);
    command
}

/// Stores events, and asks for one, for a call of many, and for a page.
async fn stored(stack: &Stack) -> Result<[Asked; 3], BenchError> {
    let deliver = Deliver::to(stack);
    let mut sample: Value = serde_json::from_slice(&product::sample("onsip-call.dialog.confirmed.json")?)
        .while_doing("reading a sample")?;
    let mut last = String::new();
    for nth in 0..EVENTS_OF_CALL + PAGE {
        let call = if nth < EVENTS_OF_CALL { 0 } else { nth };
        for (pointer, value) in [("/id", nth), ("/payload/callId", call), ("/streamId", call)] {
            let id = json!(format!("{value:032x}"));
            *sample.pointer_mut(pointer).while_doing("finding a member of the sample")? = id;
        }
        let id = deliver.clone().post((Provider::Onsip, Bytes::from(sample.to_string()))).await?;
        last = if nth < EVENTS_OF_CALL { id } else { last };
    }
    idle().await?;
    let call = last.split('~').next().unwrap_or_default();
    let today = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let bearer = format!("Bearer {}", stack.tokens().read);
    Ok([
        Asked { what: "one event", event: request(&bearer, &format!("/events/{last}"), Value::Null)? },
        Asked { what: "one call of 20 events", event: request(&bearer, &format!("/calls/{call}"), Value::Null)? },
        Asked {
            what: "one page of 50 events",
            event: request(&bearer, "/events", json!({"day": today, "limit": "50"}))?,
        },
    ])
}

/// The request as API Gateway passes it on.
fn request(bearer: &str, path: &str, parameters: Value) -> Result<Vec<u8>, BenchError> {
    let mut event: Value =
        serde_json::from_slice(&product::sample("envelopes/query-get.json")?).while_doing("an envelope")?;
    for (pointer, value) in [
        ("/path", json!(path)),
        ("/resource", json!(path)),
        ("/requestContext/path", json!(format!("/v1{path}"))),
        ("/headers/Authorization", json!(bearer)),
        ("/multiValueHeaders/Authorization", json!([bearer])),
        ("/queryStringParameters", parameters),
        ("/multiValueQueryStringParameters", Value::Null),
    ] {
        *event.pointer_mut(pointer).while_doing(format!("finding {pointer} in the envelope"))? = value;
    }
    Ok(event.to_string().into_bytes())
}

fn markdown(asked: &[Asked], artifacts: &[Artifact], seen: &mut [Vec<Seen>]) -> String {
    let mut lines = vec![
        "| `query` | asked for | CPU to first answer, ms | CPU a request, ms | warm p50, ms |\n|---|---|---:|---:|---:|"
            .to_owned(),
    ];
    let mut figures = Vec::new();
    for (nth, asked) in asked.iter().enumerate() {
        let mut first = Vec::new();
        for (of, seen) in ["this", "the earlier"].iter().zip(&mut *seen) {
            let Some(seen) = seen.get_mut(nth) else { continue };
            let median = |values: &mut Vec<Duration>| 1e3 * quantile(values, 0.5);
            let cpu = median(&mut seen.cpu_first);
            let (warm, p50) = (median(&mut seen.cpu_warm), median(&mut seen.warm));
            lines.push(format!("| {of} | {} | {cpu:.2} | {warm:.3} | {p50:.3} |", asked.what));
            first.push(cpu);
        }
        if let [now, then] = *first {
            let name = format!("CPU to first answer, this to the earlier, {}", asked.what);
            figures.push(Figure::new(name, now / then, DEARER));
        }
    }
    if let [now, then] = artifacts {
        let grown = (i64::try_from(now.size).unwrap_or(i64::MAX) - i64::try_from(then.size).unwrap_or(0)) as f64;
        figures.push(Figure::new("artifact larger than the earlier, kB".to_owned(), grown / 1e3, LARGER));
    }
    format!("{}\n\n{}", lines.join("\n"), figure::markdown(&figures))
}
