//! The steps of a delivery, one by one: `cargo bench -p bench`. Parsing includes the identity; that stands alone too.

use bench::product::{delivery, event, sample};
use divan::{Bencher, black_box};
use jiff::{SignedDuration, Timestamp};
use notify::Numbers;
use notify::signal::{self, Severities};
use notify::words::{Context, Words};
use shared::access::Verified;
use shared::call::Call;
use shared::event::Event;
use shared::json::Json;
use shared::provider::{self, OwnDomains};
use shared::store::{Retention, Shards, item};

fn main() {
    divan::main();
}

const SHORT: &str = "onsip-call.dialog.created.json";
const LONG: &str = "opentact-call_state-in-hangup-answered.json";
const FAILED: &str = "opentact-call_state-in-failed-insufficient-balance.json";

/// A sample as it is delivered. What can't be read ends the benchmark with no figure.
fn delivered(file: &str) -> Option<Verified> {
    Some(delivery(file.split('-').next()?.parse().ok()?, sample(file).ok()?, Timestamp::UNIX_EPOCH))
}

fn read(file: &str) -> Option<(Verified, Event)> {
    let delivery = delivered(file)?;
    let event = event(&delivery).ok()?;
    Some((delivery, event))
}

#[divan::bench(args = [SHORT, LONG])]
fn parse(bencher: Bencher<'_, '_>, file: &str) {
    if let Some(delivery) = delivered(file) {
        bencher.bench(|| provider::read(black_box(&delivery), &OwnDomains::default()));
    }
}

#[divan::bench(args = [SHORT, LONG])]
fn identity(bencher: Bencher<'_, '_>, file: &str) {
    let Some(body) = sample(file).ok().and_then(|body| String::from_utf8(body).ok()) else { return };
    if let Ok(json) = Json::read(&body) {
        bencher.bench(|| black_box(&json).digest_without(&[]));
    }
}

#[divan::bench(args = [SHORT, LONG])]
fn item(bencher: Bencher<'_, '_>, file: &str) {
    if let Some((delivery, event)) = read(file) {
        bencher.bench(|| item::of_event(black_box(&event), delivery.content(), Shards::default(), Retention::Forever));
    }
}

/// A call that was transferred again and again: a hundred events of fifty legs.
fn long_call() -> Option<Vec<Event>> {
    let (created, ended) = (read(SHORT)?.1, read("onsip-call.dialog.terminated.json")?.1);
    let mut events = Vec::new();
    for (leg, second) in (0..50).zip((0..).step_by(10)) {
        for (event, later) in [(&created, 0), (&ended, 9)] {
            let mut event = event.clone();
            event.received_at += SignedDuration::from_secs(second + later);
            event.reached_at = Some(event.received_at);
            if let Some(own) = &mut event.leg {
                own.id = format!("leg{leg}");
            }
            events.push(event);
        }
    }
    Some(events)
}

#[divan::bench]
fn fold_of_a_hundred_events(bencher: Bencher<'_, '_>) {
    let Some(events) = long_call() else { return };
    if let Some(id) = events.first().and_then(Event::call) {
        bencher.with_inputs(|| events.clone()).bench_values(|events| Call::fold(&id, events, Timestamp::UNIX_EPOCH));
    }
}

#[divan::bench]
fn alert(bencher: Bencher<'_, '_>) {
    let Some((_, event)) = read(FAILED) else { return };
    let words = Words::new("https://api.example.com/v1".to_owned(), Numbers::Shown);
    let context = Context { balance: None, window: SignedDuration::from_mins(15), now: Timestamp::UNIX_EPOCH };
    if let Some(signal) = signal::of(&event, &Severities::default()) {
        bencher.bench(|| words.failure(signal.id.clone(), black_box(&event), &signal, &context));
    }
}
