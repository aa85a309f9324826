//! Counts by slices of five minutes: what they say is what a recount of the records says, also of what came late.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::call::{Call, Outcome};
use shared::record::{Disposition, Record};
use shared::store::Shards;
use shared::store::counts::{self, Counts, Position, Slice};
use shared::store::record::{self, Row, Span};

use super::indexed::{Bench, now};
use super::traffic::{Delivery, scene};

/// A run of the schedule.
pub(super) fn tick(bench: &Bench) {
    let index = bench.index(bench.database.url());
    bench.runtime.block_on(index.handle(&json!({}), Timestamp::now())).unwrap();
}

pub(super) fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

pub(super) fn begin_counting(bench: &Bench, from: Timestamp) {
    let last = Slice::of(from).before(1);
    let position = Position { counted: last, settled: last };
    bench.runtime.block_on(bench.store.put_counted_to(position)).unwrap();
}

/// What a new stack takes before the first run is counted too.
#[test]
fn counting_begins_by_itself_with_the_slice_before_its_first_run() {
    let bench = Bench::new();
    let counted_to = || bench.runtime.block_on(bench.store.counted_to()).unwrap();
    assert_eq!(counted_to(), None);
    let begun = Slice::of(Timestamp::now());
    tick(&bench);
    let position = counted_to().unwrap();
    assert!([begun.before(2), begun.before(1)].contains(&position.settled), "{position:?}");
    assert!([position.settled, position.settled.next()].contains(&position.counted), "{position:?}");
    tick(&bench);
    assert_eq!(counted_to().unwrap().settled, position.settled, "and goes on from there");
}

/// Stores what lies apart by the minutes given, the first of it that long ago.
pub(super) fn store(bench: &mut Bench, calls: std::ops::Range<usize>, first: i64, apart: i64) {
    for (nth, call) in calls.enumerate() {
        let at = ago(first - apart * nth as i64);
        scene(call, at).iter().for_each(|delivery: &Delivery| bench.store_at(delivery, at));
    }
}

/// What the counts of all slices since come to.
fn counted(bench: &Bench, since: Timestamp) -> Counts {
    let mut all = Counts::default();
    let mut slice = Slice::of(since);
    while slice.end() < now() {
        let item = bench.item(counts::keys(slice));
        let of_slice = item.map(|item| counts::of_item(&item).unwrap()).unwrap_or_default();
        for (into, from) in [(&mut all.calls, of_slice.calls), (&mut all.messages, of_slice.messages)] {
            for (group, tally) in from {
                let sum = into.entry(group).or_default();
                sum.number += tally.number;
                sum.talk_seconds += tally.talk_seconds;
            }
        }
        for (family, number) in of_slice.events {
            *all.events.entry(family).or_default() += number;
        }
        slice = slice.next();
    }
    all
}

/// A bench with an hour of traffic that is counted.
pub(super) fn with_an_hour() -> Bench {
    let mut bench = Bench::new();
    begin_counting(&bench, ago(60));
    store(&mut bench, 0..24, 50, 1);
    bench.batch(&bench.index(bench.database.url()), &bench.records);
    tick(&bench);
    bench
}

#[test]
fn counts_are_a_recount_of_the_records_and_of_what_came_late_too() {
    let mut bench = with_an_hour();
    let first = counted(&bench, ago(65));
    let expected = |bench: &Bench| {
        let mut expected = Counts::default();
        bench.ended().iter().for_each(|record| expected.add(record));
        for event in &bench.events {
            *expected.events.entry(event.family.to_string()).or_default() += 1;
        }
        expected
    };
    assert_eq!(first, expected(&bench));
    assert_eq!(first.calls["opentact/outbound/failed/rejected"].number, 3);
    assert_eq!(first.messages.values().map(|tally| tally.number).sum::<u64>(), 3);

    // As out of the quarantine: received long ago, stored now.
    let before = bench.records.len();
    store(&mut bench, 24..28, 40, 1);
    bench.batch(&bench.index(bench.database.url()), &bench.records[before..]);
    assert_eq!(counted(&bench, ago(65)), first, "a moment ago");
    bench.make_marks_older();
    tick(&bench);
    assert_eq!(counted(&bench, ago(65)), expected(&bench));
    assert_ne!(expected(&bench), first);
    assert_eq!(bench.runtime.block_on(bench.store.marks()).unwrap(), []);
}

#[test]
fn a_call_of_which_nobody_tells_the_end_ends_six_hours_later_and_is_counted_then() {
    let mut bench = Bench::new();
    // Its first event, and what `index` made of it then.
    let delivery = scene(0, ago(7 * 60)).remove(0);
    bench.store_at(&delivery, ago(7 * 60));
    let event = bench.events[0].clone();
    let call = Call::fold(&event.call().unwrap(), vec![event.clone()], event.received_at).unwrap();
    let begun = Record::of_call(&call).unwrap();
    assert_eq!(begun.outcome, Disposition::Call(Outcome::InProgress));
    let rows = record::rows(&begun, &Span::of(std::slice::from_ref(&event), None).unwrap(), Shards::default());
    assert!(bench.runtime.block_on(bench.store.put_record_row(rows.call, None, Timestamp::now())).unwrap());

    begin_counting(&bench, ago(58));
    tick(&bench);
    let stored = bench.runtime.block_on(bench.store.record_rows(&begun.id, Timestamp::now())).unwrap();
    for row in [&stored.call, &stored.ended] {
        let record = row.as_ref().and_then(Row::record).unwrap();
        assert_eq!((record.outcome, record.version), (Disposition::Call(Outcome::NoEnd), 2));
    }
    bench.make_marks_older();
    tick(&bench);
    let counted = counted(&bench, ago(65));
    assert_eq!(counted.calls["opentact/outbound/no_end/-"].number, 1, "{counted:?}");
}
