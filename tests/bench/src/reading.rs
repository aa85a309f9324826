//! What an answer of the read API costs: `query`'s release binary, an earlier one beside it if there is one, and `console` with the same
//! data, in turns. All read what the local stack has stored, over HTTP.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

/// The events of the calls that are asked for, and how many others there are.
const CALLS: [u32; 2] = [20, 50];
const OTHERS: u32 = 120;
/// Requests after the first that count for nothing.
const SETTLING: u32 = 20;
/// How much more an answer may take than the earlier one took, and how much larger the artifact may be, in kB.
const DEARER: f64 = 1.1;
const LARGER: f64 = 300.0;
/// How much more a page of the console may take than the API's answer, and how much it may have, in kB.
const DRAWN: f64 = 1.5;
const PAGE: f64 = 100.0;

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Query,
    Earlier,
    Console,
}

/// A request to one binary, and what was seen of it.
struct Asked {
    of: Binary,
    what: &'static str,
    event: Vec<u8>,
    seen: Seen,
}

/// What a binary was seen to do with one request.
#[derive(Default)]
struct Seen {
    cpu_first: Vec<Duration>,
    cpu_warm: Vec<Duration>,
    warm: Vec<Duration>,
    bytes: usize,
}

/// Measures so many rounds of so many warm requests.
pub(crate) async fn measure(
    folders: &Folders,
    beside: Option<PathBuf>,
    rounds: u32,
    requests: u32,
) -> Result<String, BenchError> {
    let own = folders.workspace(&["query", "console"])?;
    let mut artifacts: Vec<_> = [Binary::Query, Binary::Console].into_iter().zip(own).collect();
    artifacts.extend(beside.map(Artifact::of).transpose()?.map(|earlier| (Binary::Earlier, earlier)));
    let stack = Stack::start(quiet()).await.while_doing("starting the local stack")?;
    let mut asked = stored(&stack).await?;
    for _ in 0..rounds {
        for asked in &mut asked {
            let Some((_, artifact)) = artifacts.iter().find(|(of, _)| *of == asked.of) else { continue };
            let log = folders.work().join("query.log");
            let process = |runtime: &str| Process::start(&mut command(artifact, &stack, runtime), &log);
            round(process, asked, requests).await.while_doing(format!("see {}", log.display()))?;
        }
    }
    stack.shutdown().await;
    Ok(markdown(asked, &artifacts))
}

/// One round of one request: the function is started, asked once, and asked again and again.
async fn round(
    start: impl Fn(&str) -> Result<Process, BenchError>,
    asked: &mut Asked,
    requests: u32,
) -> Result<(), BenchError> {
    let mut api = RuntimeApi::open().await?;
    let process = start(&api.address)?;
    api.ready().await?;
    ask(&mut api, asked).await?;
    asked.seen.cpu_first.push(process.cpu()?);
    for _ in 0..SETTLING {
        ask(&mut api, asked).await?;
    }
    let before = process.cpu()?;
    for _ in 0..requests {
        let latency = ask(&mut api, asked).await?;
        asked.seen.warm.push(latency);
    }
    asked.seen.cpu_warm.push((process.cpu()? - before) / requests);
    Ok(())
}

/// Asks, and waits for what was found.
async fn ask(api: &mut RuntimeApi, asked: &mut Asked) -> Result<Duration, BenchError> {
    let (answered, answer) = api.ask(asked.event.clone()).await?;
    let read: Value = serde_json::from_slice(&answer).while_doing("reading an answer")?;
    asked.seen.bytes = read.get("body").and_then(Value::as_str).map_or(0, str::len);
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

/// Stores events, and asks for one, for calls of many, and for pages of many.
async fn stored(stack: &Stack) -> Result<Vec<Asked>, BenchError> {
    let deliver = Deliver::to(stack);
    let mut sample: Value = serde_json::from_slice(&product::sample("onsip-call.dialog.confirmed.json")?)
        .while_doing("reading a sample")?;
    let [few, many] = CALLS;
    let of_calls = [vec![1; few as usize], vec![2; many as usize]].concat();
    let mut last = [String::new(), String::new(), String::new()];
    for (nth, call) in (0..).zip(of_calls.into_iter().chain(3..3 + OTHERS)) {
        for (pointer, value) in [("/id", nth), ("/payload/callId", call), ("/streamId", call)] {
            let id = json!(format!("{value:032x}"));
            *sample.pointer_mut(pointer).while_doing("finding a member of the sample")? = id;
        }
        let id = deliver.clone().post((Provider::Onsip, Bytes::from(sample.to_string()))).await?;
        if let Some(last) = last.get_mut(call as usize) {
            *last = id;
        }
    }
    idle().await?;
    let [_, few, many] = &last;
    let call = |id: &str| format!("/calls/{}", id.split('~').next().unwrap_or_default());
    let today = json!({"day": Timestamp::now().strftime("%Y-%m-%d").to_string(), "limit": "50"});
    let hundred = json!({"limit": "100"});
    let mut asked = Vec::new();
    for (what, path, parameters, others) in [
        ("one event", format!("/events/{few}"), Value::Null, Binary::Earlier),
        ("one call of 20 events", call(few), Value::Null, Binary::Earlier),
        ("one page of 50 events", "/events".to_owned(), today, Binary::Earlier),
        ("one call of 50 events", call(many), Value::Null, Binary::Console),
        ("one page of 100 calls", "/calls".to_owned(), hundred, Binary::Console),
    ] {
        for of in [Binary::Query, others] {
            let path = if of == Binary::Console { format!("/console{path}") } else { path.clone() };
            let event = request(&stack.tokens().read, &path, parameters.clone())?;
            asked.push(Asked { of, what, event, seen: Seen::default() });
        }
    }
    let event = request(&stack.tokens().read, "/console", Value::Null)?;
    asked.push(Asked { of: Binary::Console, what: "the overview", event, seen: Seen::default() });
    Ok(asked)
}

/// The request as API Gateway passes it on: the API reads the token as a bearer's, the console from its cookie.
fn request(token: &str, path: &str, parameters: Value) -> Result<Vec<u8>, BenchError> {
    let mut event: Value =
        serde_json::from_slice(&product::sample("envelopes/query-get.json")?).while_doing("an envelope")?;
    let (bearer, cookie) = (format!("Bearer {token}"), format!("trunkline={}", URL_SAFE_NO_PAD.encode(token)));
    let headers = json!({"Host": ["api.example.com"], "Authorization": [bearer], "Cookie": [cookie]});
    for (pointer, value) in [
        ("/path", json!(path)),
        ("/resource", json!(path)),
        ("/requestContext/path", json!(format!("/v1{path}"))),
        ("/headers", Value::Null),
        ("/multiValueHeaders", headers),
        ("/queryStringParameters", parameters),
        ("/multiValueQueryStringParameters", Value::Null),
    ] {
        *event.pointer_mut(pointer).while_doing(format!("finding {pointer} in the envelope"))? = value;
    }
    Ok(event.to_string().into_bytes())
}

/// Medians, in milliseconds.
struct Medians {
    of: Binary,
    what: &'static str,
    cpu_first: f64,
    cpu_warm: f64,
    warm: f64,
    kilobytes: f64,
}

impl From<Asked> for Medians {
    fn from(Asked { of, what, mut seen, .. }: Asked) -> Self {
        let median = |values: &mut Vec<Duration>| 1e3 * quantile(values, 0.5);
        let [cpu_first, cpu_warm, warm] = [&mut seen.cpu_first, &mut seen.cpu_warm, &mut seen.warm].map(median);
        Self { of, what, cpu_first, cpu_warm, warm, kilobytes: seen.bytes as f64 / 1e3 }
    }
}

fn markdown(asked: Vec<Asked>, artifacts: &[(Binary, Artifact)]) -> String {
    let measured = asked.into_iter().filter(|asked| !asked.seen.warm.is_empty());
    let all: Vec<_> = measured.map(Medians::from).collect();
    let mut lines = vec![
        "| asked for | of | CPU to first answer, ms | CPU a request, ms | warm p50, ms | kB |\n|---|---|---:|---:|---:|---:|"
            .to_owned(),
    ];
    lines.extend(all.iter().map(|Medians { of, what, cpu_first, cpu_warm, warm, kilobytes }| {
        format!("| {what} | {of:?} | {cpu_first:.2} | {cpu_warm:.3} | {warm:.3} | {kilobytes:.1} |")
    }));
    format!("{}\n\n{}", lines.join("\n"), figure::markdown(&figures(&all, artifacts)))
}

fn figures(all: &[Medians], artifacts: &[(Binary, Artifact)]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for other in all.iter().filter(|medians| medians.of != Binary::Query) {
        let what = other.what;
        if other.of == Binary::Console {
            figures.push(Figure::new(format!("kB of HTML, {what}"), other.kilobytes, PAGE));
        }
        let Some(own) = all.iter().find(|own| own.of == Binary::Query && own.what == what) else { continue };
        figures.push(match other.of {
            Binary::Console => {
                let name = format!("CPU a request, console to query, {what}");
                Figure::new(name, other.cpu_warm / own.cpu_warm, DRAWN)
            }
            _ => {
                let name = format!("CPU to first answer, query to the earlier, {what}");
                Figure::new(name, own.cpu_first / other.cpu_first, DEARER)
            }
        });
    }
    let size = |of| artifacts.iter().find(|(other, _)| *other == of).map(|(_, artifact)| artifact.size as f64 / 1e3);
    if let (Some(own), Some(earlier)) = (size(Binary::Query), size(Binary::Earlier)) {
        figures.push(Figure::new("kB of query's artifact beyond the earlier".to_owned(), own - earlier, LARGER));
    }
    figures
}
