//! `index`, given what was stored in any grouping, twice, to two instances at a time, and killed at each of its steps: in the
//! end every event is found everywhere once, and every record says what its events say.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::call::Call;
use shared::name::Provider;
use shared::record::Record;
use shared::store::Shards;
use shared::store::record::{self, Span};
use tests::proxy::{Fault, Proxy};
use tests::random::Random;

use super::indexed::Bench;
use super::traffic;

/// The calls and messages of the mixed traffic; `CALLS=2000` takes a minute.
const CALLS: usize = 240;

#[test]
fn mixed_traffic_in_any_grouping_repeated_and_to_two_instances_at_a_time_is_found_and_told_right() {
    let calls = std::env::var("CALLS").map_or(CALLS, |text| text.parse().unwrap());
    let (mut random, seed) = Random::new();
    let mut pile: Vec<_> = (0..calls).flat_map(|nth| traffic::scene(nth, Timestamp::now())).collect();
    random.shuffle(&mut pile);
    let mut bench = Bench::new();
    bench.told = format!("SEED={seed}");
    let (one, two) = (bench.index(bench.database.url()), bench.index(bench.database.url()));
    let mut stored = 0;
    for some in pile.chunks(60) {
        bench.store(some);
        // What came since, in two batches, and perhaps again what came before.
        let cut = stored + random.below(some.len());
        let again = random.below(bench.records.len());
        let (first, second) = (&bench.records[again.min(stored)..cut], &bench.records[cut..]);
        let batch = |records: &[Value]| json!({ "Records": records.iter().rev().take(100).rev().collect::<Vec<_>>() });
        let (first, second) = (batch(first), batch(second));
        let answers = bench.runtime.block_on(async {
            tokio::join!(one.handle(&first, Timestamp::now()), two.handle(&second, Timestamp::now()))
        });
        for answer in [answers.0, answers.1] {
            assert_eq!(answer.unwrap(), json!({ "batchItemFailures": [] }));
        }
        stored = bench.records.len();
    }
    // What the cut batches left out.
    for records in bench.records.chunks(100) {
        bench.batch(&one, records);
    }
    bench.all_are_found();
    let over = bench.all_records_hold();
    assert_eq!(over, (0..calls).filter(|nth| nth % 8 != 6).count(), "SEED={seed}");
}

#[test]
fn killed_at_any_step_it_is_made_good_by_the_next_one() {
    // An answered call with a child, one joined by its thread, and a message that was delivered.
    let deliveries: Vec<_> = [0, 2, 5].into_iter().flat_map(|nth| traffic::scene(nth, Timestamp::now())).collect();
    let mut steps = 0;
    for (nth, fault) in (0..60).flat_map(|nth| [Fault::CutBefore, Fault::CutAfter].map(|fault| (nth, fault))) {
        let mut bench = Bench::new();
        bench.told = format!("killed at step {nth}, {fault:?}");
        bench.store(&deliveries);
        let proxy = Proxy::start();
        proxy.forward_to(bench.database.url().trim_start_matches("http://").parse().unwrap());
        // What it might try again after the cut is never heard of: it is dead.
        proxy.next((0..nth).map(|_| None).chain([Some(fault)]));
        proxy.break_with(Fault::Hang);
        let (dying, batch) = (bench.index(proxy.url()), json!({ "Records": bench.records }));
        let died = bench.runtime.block_on(async {
            let cut = async {
                while proxy.seen() <= nth {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            };
            tokio::select! {
                _ = dying.handle(&batch, Timestamp::now()) => proxy.seen() > nth,
                () = cut => true,
            }
        });
        proxy.heal();
        if !died {
            break;
        }
        steps = nth + 1;
        let next = bench.index(bench.database.url());
        bench.batch(&next, &bench.records);
        bench.batch(&next, &bench.records);
        bench.all_are_found();
        assert_eq!(bench.all_records_hold(), 3, "{}", bench.told);
    }
    assert!((10..60).contains(&steps), "{steps} steps");
}

#[test]
fn new_records_take_one_call_for_25_beginnings_and_one_for_their_ends() {
    let mut bench = Bench::new();
    bench.store(&(0..30).flat_map(|nth| traffic::scene(8 * nth + 3, Timestamp::now())).collect::<Vec<_>>());
    let proxy = Proxy::start();
    proxy.forward_to(bench.database.url().trim_start_matches("http://").parse().unwrap());
    proxy.meter();
    bench.batch(&bench.index(proxy.url()), &bench.records);
    assert_eq!(bench.all_records_hold(), 30);
    let asked: Vec<_> = proxy.metered_since(0).into_iter().map(|exchange| exchange.operation).collect();
    let count = |operation: &str| asked.iter().filter(|asked| *asked == operation).count();
    assert_eq!((count("BatchExecuteStatement"), count("PutItem")), (4, 0), "{asked:?}");
}

#[test]
fn records_that_can_not_be_inserted_together_are_written_one_by_one() {
    let deliveries: Vec<_> = (0..40).flat_map(|nth| traffic::scene(nth, Timestamp::now())).collect();
    for fault in [Fault::Error("AccessDeniedException"), Fault::CutAfter] {
        let mut bench = Bench::new();
        bench.told = format!("{fault:?}");
        bench.store(&deliveries);
        let proxy = Proxy::start();
        proxy.forward_to(bench.database.url().trim_start_matches("http://").parse().unwrap());
        proxy.break_where("BatchExecuteStatement", fault);
        bench.batch(&bench.index(proxy.url()), &bench.records);
        bench.all_are_found();
        assert_eq!(bench.all_records_hold(), 35, "{fault:?}");
    }
}

#[test]
fn an_end_that_is_written_while_its_call_is_joined_does_not_stay() {
    let mut bench = Bench::new();
    bench.store(&traffic::scene(2, Timestamp::now()));
    let index = bench.index(bench.database.url());
    bench.batch(&index, &bench.records);
    // Another instance, which saw nothing of the other leg, goes on from the beginning that it wrote before the two were joined.
    let alone: Vec<_> =
        bench.events.iter().filter(|event| event.id.partition().to_string().ends_with("-out")).cloned().collect();
    let call = Call::fold(&alone[0].call().unwrap(), alone.clone(), Timestamp::now()).unwrap();
    let record = Record { version: 1, ..Record::of_call(&call).unwrap() };
    let rows = record::rows(&record, &Span::of(&alone, None).unwrap(), Shards::default());
    let late = bench.store.put_record_row(rows.ended.unwrap(), None, Timestamp::now());
    assert!(bench.runtime.block_on(late).unwrap());
    assert_eq!(bench.ended().len(), 2);
    bench.batch(&index, &bench.records);
    assert_eq!(bench.all_records_hold(), 1);
}

#[test]
fn a_thread_that_grows_too_large_to_be_joined_leaves_no_call_that_never_ends() {
    let now = Timestamp::now();
    let leg = |nth: usize, state: &str| {
        let call = json!({"uuid": format!("leg-{nth:03}"), "direction": "in", "from": "+12025550101", "to": "12025550144",
            "parent": null, "thread": "busy", "q850_cause": 16});
        let body = json!({"uuid": format!("{nth}-{state}"), "created_on": now.to_string(), "type": "call_state",
            "payload": {"state": state}, "call": call});
        (Provider::Opentact, body)
    };
    let legs = |range: std::ops::Range<usize>, state: &str| range.map(|nth| leg(nth, state)).collect::<Vec<_>>();
    let mut bench = Bench::new();
    let index = bench.index(bench.database.url());
    for some in
        [legs(0..40, "init"), legs(1..40, "hangup"), legs(40..60, "init"), legs(0..1, "hangup"), legs(40..60, "hangup")]
    {
        let before = bench.records.len();
        bench.store(&some);
        bench.batch(&index, &bench.records[before..]);
    }
    let ended: Vec<_> = bench.ended().into_iter().map(|record| (record.id.to_string(), record.attempts)).collect();
    // That of the first forty, and one for each that came when there were too many.
    assert_eq!(ended.len(), 1 + 20, "{ended:?}");
    let distinct: std::collections::BTreeSet<_> = ended.iter().map(|(id, _)| id).collect();
    assert!(distinct.len() == ended.len() && distinct.contains(&"opentact.call.leg-000".to_owned()), "{ended:?}");
}
