//! Lists of calls, page by page, while calls begin, end, are told of anew and are joined to others.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shared::call::Call;
use shared::event::Event;
use shared::key::{CallId, Partition};
use shared::record::Record;
use shared::store::item::Item;
use shared::store::list::{CallFilter, Failures, Order, Placed};
use shared::store::record::{self, Rows, Span};
use shared::store::{Cursor, PageRequest};
use tests::random::Random;

use super::indexed::now;
use super::paging::{Table, walk};
use super::traffic;

/// The rows of that version of the record of the nth call, which begins then.
fn version(table: &Table, nth: usize, begun: Timestamp, version: u32) -> (Partition, Rows) {
    let second = |n: usize| SignedDuration::from_secs(n as i64);
    let events: Vec<Event> = traffic::scene(nth, begun)
        .iter()
        .enumerate()
        .map(|(n, delivery)| traffic::received(delivery, begun + second(n)).0)
        .collect();
    let span = Span::of(&events, None).unwrap();
    let id = CallId::try_from(span.home.clone()).unwrap();
    let record = Record { version, ..Record::of_call(&Call::fold(&id, events, begun + second(600)).unwrap()).unwrap() };
    (span.home.clone(), record::rows(&record, &span, table.shards))
}

fn put(table: &Table, rows: Rows, over: Option<u32>) {
    let row = |row: Item| table.runtime.block_on(table.store.put_record_row(row, over, Timestamp::now())).unwrap();
    table.runtime.block_on(table.store.put_rows(rows.entities)).unwrap();
    assert!(row(rows.call));
    assert!(rows.ended.is_none_or(row));
}

/// Takes a call out of all lists, as one that is joined to another.
fn join(table: &Table, nth: usize, begun: Timestamp) -> String {
    let events = [traffic::received(&traffic::scene(nth, begun)[0], begun).0];
    let span = Span::of(&events, None).unwrap();
    let to: Partition = "opentact.call.other".parse().unwrap();
    for row in record::joined(&span.home, &to, 2, &span) {
        table.runtime.block_on(table.store.put_record_row(row, Some(1), Timestamp::now())).unwrap();
    }
    span.home.to_string()
}

/// A list by each index, and one that leaves out most of it.
fn lists() -> Vec<CallFilter> {
    let of = |entity: &str| CallFilter { entity: Some(entity.parse().unwrap()), ..CallFilter::default() };
    let of_entities = ["sip_domain:example.com", "phone_number:12025550101", "sip_user:user1@example.com"].map(of);
    let failed = CallFilter { class: Some(Failures::Any), ..CallFilter::default() };
    let ended = CallFilter { placed: Placed::Ended, ..CallFilter::default() };
    let rare = CallFilter { min_talk: Some(20.0), ..ended.clone() };
    of_entities.into_iter().chain([failed, rare, ended, CallFilter::default()]).collect()
}

#[test]
fn each_call_that_was_there_at_the_first_page_comes_once_whatever_begins_or_is_told_anew_meanwhile() {
    let (mut random, seed) = Random::new();
    let now = now();
    for shards in ["1", "2", "8"] {
        let table = Table::with(shards);
        let mut begun = || now - SignedDuration::from_mins(10 + random.below(1_400) as i64);
        let calls: Vec<_> = (0..60).filter(|nth| nth % 8 != 5).map(|nth| (nth, begun())).collect();
        let mut nth = 0;
        for &(nth, begun) in &calls {
            put(&table, version(&table, nth, begun, 1).1, None);
        }
        let (mut versions, mut joined) = (1, BTreeSet::new());
        let both = |list: CallFilter| [Order::Ascending, Order::Descending].map(|order| (list.clone(), order));
        for (filter, order) in lists().into_iter().flat_map(both) {
            let asks = |limit| {
                let from = (order == Order::Ascending).then(|| now - SignedDuration::from_hours(24));
                PageRequest { from, to: None, order, after: None, limit }
            };
            let read = |asked: &PageRequest, now| -> (Vec<String>, Option<Cursor>) {
                let page = table.runtime.block_on(table.store.list_calls(&filter, asked, now)).unwrap();
                (page.items.iter().map(|record| record.id.to_string()).collect(), page.next)
            };
            let told = format!("SEED={seed} {shards} shards, {order:?}: {filter:?}");
            let visible = walk(read, asks(100), [now, now], || ());
            assert!(visible.len() > 1, "{told}: {visible:?}");
            let new = begun();
            let limit = 1 + nth % 7;
            let shown = walk(read, asks(limit), [now, now + SignedDuration::from_hours(1)], || {
                put(&table, version(&table, 64 + 8 * nth, new, 1).1, None);
                for &(nth, begun) in calls.iter().filter(|(nth, _)| *nth > 20).take(5) {
                    put(&table, version(&table, nth, begun, versions + 1).1, Some(versions));
                }
                joined.insert(join(&table, calls[nth].0, calls[nth].1));
            });
            versions += 1;
            nth += 1;
            let once: BTreeSet<_> = shown.iter().collect();
            assert_eq!(once.len(), shown.len(), "{told}, {limit} a page: twice");
            let lost: Vec<_> = visible.iter().filter(|id| !once.contains(id) && !joined.contains(*id)).collect();
            assert!(lost.is_empty(), "{told}, {limit} a page: lost {lost:?}");
        }
    }
}
