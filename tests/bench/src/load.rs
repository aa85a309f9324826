//! The local stack under load, and its database alone under the same items. The two take turns, so that both grow alike and
//! what else the machine does hits both; everything runs in this process, as `local` does.

use std::collections::VecDeque;
use std::future::Future;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use local::{BareDatabase, Options, Stack};
use nix::time::ClockId;
use serde_json::Value;
use shared::aws::Aws;
use shared::name::Provider;
use shared::store::counts::Slice;
use shared::store::item::{self, Item};
use shared::store::{Retention, Shards, Store};
use tokio::task::JoinSet;

use crate::error::{BenchError, While as _};
use crate::figure::{self, Figure};
use crate::product;
use crate::table::quantile;
use crate::traffic::Traffic;

/// How many are under way at the same time.
const AT_ONCE: usize = 32;
/// The turns in which the events come to the higher mark, and those to the lower.
const TURNS: u64 = 80;
const LOW_TURNS: u64 = TURNS / 20;
/// The turns before a mark, and after it, that count for it.
const AROUND: u64 = 2;
/// How many times as many `PutItem`s as deliveries there may be in a second.
const PUTS: f64 = 2.0;
/// How many times as long the slowest hundredth may take at the higher mark.
const GROWTH: f64 = 4.0 / 3.0;
/// How long the process must have been idle for all to be done.
const IDLE: Duration = Duration::from_millis(60);
/// How often that is looked at.
const STEP: Duration = Duration::from_millis(5);

/// The table of events, as the local stack calls it.
const TABLE: &str = "EventsTable";

/// A delivery, and the event's item that it comes to.
struct Made {
    provider: Provider,
    body: Bytes,
    item: Item,
}

/// What was seen in some turns of one side.
#[derive(Debug, Default)]
struct Seen {
    took: Duration,
    each: Vec<Duration>,
}

/// Both sides around a mark.
#[derive(Debug)]
struct Mark {
    stored: u64,
    turns: Range<u64>,
    stack: Seen,
    database: Seen,
}

/// One attempt of a call that reads much, and all of them.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the readers of the stream may be behind once all is delivered.
const BEHIND: f64 = 60.0;

/// Measures up to that many stored events, kept by both sides in that directory if any, which has none yet; fails when one is not
/// there at the end.
pub(crate) async fn measure(events: u64, data: Option<PathBuf>) -> Result<String, BenchError> {
    let begun = Timestamp::now();
    let [data, beside] = ["stack", "database"].map(|side| data.as_ref().map(|data| data.join(side)));
    let stack = Stack::start(Options { data, ..quiet() }).await.while_doing("starting the local stack")?;
    let database = BareDatabase::start(beside.as_deref()).await.while_doing("starting the database alone")?;
    let (deliver, put) = (Deliver::to(&stack), client(&database.url())?);
    let mut marks = [LOW_TURNS, TURNS].map(|turn| Mark::after(turn, events));
    let (mut traffic, mut sent, mut behind) = (Traffic::new()?, 0, Duration::ZERO);
    for turn in 0..TURNS + AROUND {
        let made = make(&mut traffic, (events * (turn + 1) / TURNS).saturating_sub(sent))?;
        sent += made.len() as u64;
        let mut beside = Mark::after(turn, events);
        let mark = marks.iter_mut().find(|mark| mark.turns.contains(&turn)).unwrap_or(&mut beside);
        let (deliveries, items): (Vec<_>, Vec<_>) =
            made.into_iter().map(|made| ((made.provider, made.body), made.item)).unzip();
        let deliver = deliver.clone();
        let post = move |delivery| {
            let deliver = deliver.clone();
            async move { deliver.post(delivery).await.map(drop) }
        };
        mark.stack.turn(deliveries, post).await?;
        // The readers of the stream lag, and would slow the other side down.
        behind += idle().await?;
        let put = put.clone();
        mark.database.turn(items, move |item| put_item(put.clone(), item)).await?;
    }
    for (side, url) in [("the local stack", stack.dynamodb_url().to_owned()), ("the database alone", database.url())] {
        let stored = count(&patient(&url)?.dynamodb()).await?;
        if stored != sent {
            return Err(BenchError::new("counting events", format!("{side} holds {stored} of {sent}")));
        }
    }
    let counting = counting(stack.dynamodb_url(), begun, sent).await?;
    stack.shutdown().await;
    database.shutdown().await;
    Ok(markdown(sent, [behind, counting], marks))
}

/// A stack that prints nothing and publishes no events.
pub(crate) fn quiet() -> Options {
    let environment = [("EVENTS_TOPIC_ARN".to_owned(), String::new())].into();
    Options { environment, ..Options::default() }
}

/// At least that many deliveries: calls are made whole.
fn make(traffic: &mut Traffic, number: u64) -> Result<Vec<Made>, BenchError> {
    let mut all = Vec::new();
    while (all.len() as u64) < number {
        for delivery in traffic.call(Timestamp::now())? {
            let event = product::event(&delivery)?;
            let item = item::of_event(&event, delivery.content(), Shards::default(), Retention::Forever);
            let body = Bytes::copy_from_slice(&delivery.content().body);
            all.push(Made { provider: delivery.provider(), body, item });
        }
    }
    Ok(all)
}

impl Seen {
    /// Does all of it, so many at a time.
    async fn turn<T, F, Done>(&mut self, all: Vec<T>, act: F) -> Result<(), BenchError>
    where
        T: Send + 'static,
        F: Fn(T) -> Done + Clone + Send + 'static,
        Done: Future<Output = Result<(), BenchError>> + Send,
    {
        let left = Arc::new(Mutex::new(all.into_iter()));
        let mut lanes = JoinSet::new();
        let begun = Instant::now();
        for _ in 0..AT_ONCE {
            let (left, act) = (Arc::clone(&left), act.clone());
            lanes.spawn(async move {
                let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
                let mut each = Vec::new();
                while let Some(one) = next() {
                    let begun = Instant::now();
                    act(one).await?;
                    each.push(begun.elapsed());
                }
                Ok::<_, BenchError>(each)
            });
        }
        while let Some(lane) = lanes.join_next().await {
            self.each.extend(lane.while_doing("sending")??);
        }
        self.took += begun.elapsed();
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of some thousands")]
    fn a_second(&self) -> f64 {
        self.each.len() as f64 / self.took.as_secs_f64()
    }

    /// The time in milliseconds that this share of all does not exceed.
    fn milliseconds(&mut self, share: f64) -> f64 {
        1e3 * quantile(&mut self.each, share)
    }
}

/// A provider: posts deliveries, over connections that it keeps.
#[derive(Clone)]
pub(crate) struct Deliver {
    client: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    url: String,
    token: String,
}

impl Deliver {
    pub(crate) fn to(stack: &Stack) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Self { client, url: stack.url().to_owned(), token: stack.tokens().provider.clone() }
    }

    /// Posts a delivery, which must be answered as stored. Returns the event's id.
    pub(crate) async fn post(self, (provider, body): (Provider, Bytes)) -> Result<String, BenchError> {
        let doing = "delivering";
        let request = Request::post(format!("{}/webhooks/{provider}/call?token={}", self.url, self.token));
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Full::new(body));
        let response = self.client.request(request.while_doing(doing)?).await.while_doing(doing)?;
        let status = response.status();
        let answer = response.into_body().collect().await.while_doing(doing)?.to_bytes();
        let taken: Value = serde_json::from_slice(&answer).while_doing(doing)?;
        let stored = status == StatusCode::OK && taken.get("status").is_some_and(|status| status == "stored");
        match taken.get("id").and_then(Value::as_str).filter(|_| stored) {
            Some(id) => Ok(id.to_owned()),
            None => Err(BenchError::new(doing, format!("{status}: {taken}"))),
        }
    }
}

async fn put_item(client: Client, item: Item) -> Result<(), BenchError> {
    let put = client.put_item().table_name(TABLE).set_item(Some(item)).send().await;
    put.map(|_| ()).while_doing("putting an item")
}

/// A client of an embedded database, made as the functions make theirs.
fn client(url: &str) -> Result<Client, BenchError> {
    Ok(Aws::read(&variables(url)).while_doing("making a client")?.dynamodb())
}

/// For what reads much: a page of a megabyte takes the embedded database longer than DynamoDB.
fn patient(url: &str) -> Result<Aws, BenchError> {
    Ok(Aws::read(&variables(url)).while_doing("making a client")?.with_time(PATIENCE, PATIENCE))
}

fn variables(url: &str) -> impl Fn(&str) -> Option<String> {
    |name| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(url.to_owned()),
        _ => None,
    }
}

/// Waits until this process has nothing left to do, and tells for how long it had.
pub(crate) async fn idle() -> Result<Duration, BenchError> {
    let used = || ClockId::CLOCK_PROCESS_CPUTIME_ID.now().map(Duration::from).while_doing("reading processor time");
    let begun = Instant::now();
    let mut seen = VecDeque::new();
    loop {
        let (now, spent) = (begun.elapsed(), used()?);
        seen.push_back((now, spent));
        if let Some((since, before)) = seen.front().copied().filter(|(since, _)| now.saturating_sub(*since) >= IDLE) {
            if spent.saturating_sub(before) < IDLE / 10 {
                return Ok(since);
            }
            seen.pop_front();
        }
        tokio::time::sleep(STEP).await;
    }
}

/// The events of a database: of all its rows, those that stand under a day. The lists of records have other keys.
async fn count(client: &Client) -> Result<u64, BenchError> {
    let scan = client.scan().table_name(TABLE).index_name("day").select(Select::Count);
    let scan = scan.filter_expression("begins_with(#day, :century)").expression_attribute_names("#day", "day");
    let scan = scan.expression_attribute_values(":century", AttributeValue::S("20".to_owned()));
    let mut pages = scan.into_paginator().send();
    let mut events = 0;
    while let Some(page) = pages.next().await {
        let counted = page.while_doing("counting events")?.count;
        events += u64::try_from(counted).while_doing("counting events")?;
    }
    Ok(events)
}

/// How long it takes to count all slices since, in which that many events must be found.
async fn counting(url: &str, begun: Timestamp, sent: u64) -> Result<Duration, BenchError> {
    let doing = "counting slices";
    let store = Store::new(&patient(url)?, TABLE.to_owned(), Shards::default());
    let (mut slice, mut counted, started) = (Slice::of(begun), 0, Instant::now());
    while slice <= Slice::of(Timestamp::now()) {
        counted += store.count(slice).await.while_doing(doing)?.events.values().sum::<u64>();
        slice = slice.next();
    }
    if counted == sent { Ok(started.elapsed()) } else { Err(BenchError::new(doing, format!("{counted} of {sent}"))) }
}

impl Mark {
    /// The mark that is reached with that many turns.
    fn after(turn: u64, events: u64) -> Self {
        let turns = turn.saturating_sub(AROUND)..turn + AROUND;
        Self { stored: events * turn / TURNS, turns, stack: Seen::default(), database: Seen::default() }
    }

    fn line(&mut self) -> String {
        let cells = [&mut self.stack, &mut self.database].map(|seen| {
            format!("{:.0} | {:.2} | {:.2}", seen.a_second(), seen.milliseconds(0.5), seen.milliseconds(0.99))
        });
        format!("| {} | {} |", self.stored, cells.join(" | "))
    }
}

fn markdown(sent: u64, [behind, counting]: [Duration; 2], [mut low, mut high]: [Mark; 2]) -> String {
    let puts = |mark: &Mark| {
        let name = format!("`PutItem`s a second to deliveries, {} stored", mark.stored);
        Figure::new(name, mark.database.a_second() / mark.stack.a_second(), PUTS)
    };
    let growth = high.stack.milliseconds(0.99) / low.stack.milliseconds(0.99);
    let growth = Figure::new(format!("p99 of a delivery, {} stored to {}", high.stored, low.stored), growth, GROWTH);
    // In turns, and so as much as after a flood without a pause.
    let name = "the readers of the stream behind all deliveries, in seconds".to_owned();
    let figures = [puts(&low), puts(&high), growth, Figure::new(name, behind.as_secs_f64(), BEHIND)];
    format!(
        "{sent} deliveries, {AT_ONCE} at a time, none lost; beside them the same items by `PutItem`:\n\n\
         | stored | deliveries/s | p50 ms | p99 ms | `PutItem`/s | p50 ms | p99 ms |\n\
         |---:|---:|---:|---:|---:|---:|---:|\n{}\n{}\n\nCounting all their slices takes {:.1} s.\n\n{}",
        low.line(),
        high.line(),
        counting.as_secs_f64(),
        figure::markdown(&figures),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn no_delivery_is_lost_and_both_marks_are_measured() {
        let text = measure(400, None).await.unwrap();
        assert!(text.contains("none lost") && !text.contains("NaN"), "{text}");
        for stored in ["| 20 |", "| 400 |"] {
            assert!(text.contains(stored), "{text}");
        }
    }

    #[tokio::test]
    async fn an_event_that_is_not_there_is_not_counted() {
        let database = BareDatabase::start(None).await.unwrap();
        let client = client(&database.url()).unwrap();
        let mut made = make(&mut Traffic::new().unwrap(), 3).unwrap();
        made.pop();
        for made in made {
            put_item(client.clone(), made.item).await.unwrap();
        }
        assert_eq!(count(&client).await.unwrap(), 2);
        database.shutdown().await;
    }
}
