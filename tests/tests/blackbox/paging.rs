//! Lists, page by page, while what they are of changes: over several numbers of shards, in both orders, by each index.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use local::BareDatabase;
use shared::event::Event;
use shared::store::list::{EventFilter, Failures, Order};
use shared::store::{Cursor, PageRequest, Retention, Seen, Shards, Store, pointer};
use tests::random::Random;
use tokio::runtime::Runtime;

use super::indexed::{aws, now};
use super::traffic;

/// A table with that many shards, and what was stored there.
pub(super) struct Table {
    pub(super) runtime: Runtime,
    pub(super) store: Store,
    pub(super) shards: Shards,
    _database: BareDatabase,
    nth: usize,
}

/// Events that are to be stored, each with its retention.
type Pile = Vec<(Event, shared::access::Content, Retention)>;

impl Table {
    pub(super) fn with(shards: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let database = runtime.block_on(BareDatabase::start(None)).unwrap();
        let shards = shards.parse().unwrap();
        let store = Store::new(&aws(database.url()), "EventsTable".to_owned(), shards);
        Self { runtime, store, shards, _database: database, nth: 0 }
    }

    /// So many calls and messages, each of whose events is received when the next time says.
    fn pile(&mut self, calls: usize, mut at: impl FnMut() -> (Timestamp, Retention)) -> Pile {
        let scenes = self.nth..self.nth + calls;
        self.nth += calls;
        let deliveries = scenes.flat_map(|nth| traffic::scene(nth, "2026-11-02T16:10:00Z".parse().unwrap()));
        let received = |delivery| {
            let (at, retention) = at();
            let (event, content) = traffic::received(&delivery, at);
            (event, content, retention)
        };
        deliveries.map(received).collect()
    }

    /// Stores them with the rows that lead to them.
    fn store(&self, pile: &Pile) {
        self.runtime.block_on(async {
            for (event, content, retention) in pile {
                self.store.put_event(event, content, *retention).await.unwrap();
                self.store.put_rows(pointer::rows(event, self.shards, None)).await.unwrap();
            }
        });
    }

    /// The ids of a page, and where the list goes on.
    fn page(&self, filter: &EventFilter, asked: &PageRequest, now: Timestamp) -> (Vec<String>, Option<Cursor>) {
        let page = self.runtime.block_on(self.store.list(filter, asked, now)).unwrap();
        (page.items.iter().map(|event| event.id.to_string()).collect(), page.next)
    }
}

/// The ids on all pages of a list; `between` runs after the first, and then it is later.
pub(super) fn walk(
    read: impl Fn(&PageRequest, Timestamp) -> (Vec<String>, Option<Cursor>),
    mut asked: PageRequest,
    [now, later]: [Timestamp; 2],
    between: impl FnOnce(),
) -> Vec<String> {
    let (mut ids, mut next) = read(&asked, now);
    between();
    while let Some(cursor) = next {
        // A cursor goes through the client's hands.
        asked.after = Some(cursor.to_string().parse().unwrap());
        let (more, behind) = read(&asked, later);
        ids.extend(more);
        next = behind;
    }
    ids
}

fn entity(entity: &str) -> EventFilter {
    EventFilter { entity: Some(entity.parse().unwrap()), ..EventFilter::default() }
}

/// A list by each index, and one that leaves out most of it.
fn lists() -> Vec<EventFilter> {
    let failed = EventFilter { class: Some(Failures::Any), ..EventFilter::default() };
    let rare = EventFilter { status: Some("delivered".parse().unwrap()), ..EventFilter::default() };
    let all = ["sip_domain:example.com", "phone_number:12025550101", "sip_user:user1@example.com"].map(entity);
    all.into_iter().chain([failed, rare, EventFilter::default()]).collect()
}

#[test]
fn what_was_visible_at_the_first_page_comes_once_whatever_is_written_expires_or_is_retried_meanwhile() {
    let (mut random, seed) = Random::new();
    let (now, hours) = (now(), SignedDuration::from_hours);
    let later = now + hours(12);
    for shards in ["1", "2", "8"] {
        let mut table = Table::with(shards);
        let some = |random: &mut Random| {
            // Of some hundred seconds, so that several are received at once; some expire before it is later.
            let at = now - SignedDuration::from_mins(10 * random.below(143) as i64);
            let retention = if random.below(4) == 0 { Retention::Days(1) } else { Retention::Forever };
            (at, retention)
        };
        let first = table.pile(16, || some(&mut random));
        table.store(&first);
        let mut known: BTreeMap<_, _> =
            first.iter().map(|(event, _, _)| (event.id.to_string(), event.clone())).collect();
        let both = |list: EventFilter| [Order::Ascending, Order::Descending].map(|order| (list.clone(), order));
        for (filter, order) in lists().into_iter().flat_map(both) {
            let asks = |limit, order| {
                // What a list from its newest end leaves open is not to move with the time.
                let from = (order == Order::Ascending).then(|| now - hours(24));
                PageRequest { from, to: None, order, after: None, limit }
            };
            // Some come new, some late under an older time, and some again.
            let mut late =
                table.pile(2, || (now - SignedDuration::from_mins(random.below(1_400) as i64), Retention::Forever));
            known.extend(late.iter().map(|(event, _, _)| (event.id.to_string(), event.clone())));
            late.extend(first.iter().take(2).cloned());
            let told = format!("SEED={seed} {shards} shards, {order:?}: {filter:?}");
            let read = |asked: &PageRequest, now| table.page(&filter, asked, now);
            let whole = PageRequest { from: Some(now - hours(24)), ..asks(100, order) };
            let visible = walk(read, asks(100, order), [now, now], || ());
            let alive: BTreeSet<_> = walk(read, whole, [later, later], || ()).into_iter().collect();
            assert!(visible.len() > 2 && alive.len() <= visible.len(), "{told}: {visible:?}");
            let limit = 2 + random.below(9);
            let shown = walk(read, asks(limit, order), [now, later], || table.store(&late));
            let times: Vec<_> = shown.iter().map(|id| known[id].received_at).collect();
            assert!(times.is_sorted_by(|a, b| if order == Order::Ascending { a <= b } else { a >= b }), "{told}");
            let once: BTreeSet<_> = shown.iter().collect();
            assert_eq!(once.len(), shown.len(), "{told}, {limit} a page: twice");
            let lost: Vec<_> = visible.iter().filter(|id| alive.contains(*id) && !once.contains(id)).collect();
            assert!(lost.is_empty(), "{told}, {limit} a page: lost {lost:?}");
        }
    }
}

/// What who follows has after asking again and again, going back so far each time.
fn followed(shards: &str, overlap: SignedDuration, seed: u64) -> (usize, usize) {
    let (mut random, begin) = (Random::from(seed), now() - SignedDuration::from_hours(1));
    let mut table = Table::with(shards);
    let mut at = || (begin + SignedDuration::from_secs(random.below(1_200) as i64), Retention::Forever);
    let pile = table.pile(20, &mut at);
    let (mut seen, mut from, mut now) = (BTreeSet::new(), begin, begin);
    // Each appears some time after it was received, and so out of order.
    let appears =
        |event: &Event, random: &mut Random| event.received_at + SignedDuration::from_secs(random.below(120) as i64);
    let mut coming: Vec<_> = pile.into_iter().map(|one| (appears(&one.0, &mut random), one)).collect();
    let all = coming.len();
    while now < begin + SignedDuration::from_secs(1_500) {
        now += SignedDuration::from_secs(5 + random.below(60) as i64);
        let (there, rest) = coming.into_iter().partition(|(at, _)| *at <= now);
        coming = rest;
        table.store(&there.into_iter().map(|(_, one): (Timestamp, _)| one).collect());
        let mut asked =
            PageRequest { from: Some(from - overlap), to: None, order: Order::Ascending, after: None, limit: 7 };
        loop {
            let page = table.runtime.block_on(table.store.list(&EventFilter::default(), &asked, now)).unwrap();
            seen.extend(page.items.iter().map(|event| event.id.to_string()));
            from = page.read_to.unwrap();
            asked.after = page.next;
            if asked.after.is_none() {
                break;
            }
        }
        assert_eq!(from, now);
    }
    (seen.len(), all)
}

#[test]
fn following_with_an_overlap_of_two_minutes_loses_nothing_though_events_appear_late_and_out_of_order() {
    let (_, seed) = Random::new();
    for shards in ["1", "2", "8"] {
        let (seen, all) = followed(shards, SignedDuration::from_mins(2), seed);
        assert_eq!(seen, all, "SEED={seed}, {shards} shards");
        let (seen, all) = followed(shards, SignedDuration::ZERO, seed);
        assert!(seen < all, "SEED={seed}, {shards} shards: nothing is late");
    }
}

#[test]
fn a_filter_that_leaves_little_of_many_rows_gives_that_in_order_and_all_of_it() {
    let (mut random, seed) = Random::new();
    let begin = now() - SignedDuration::from_hours(6);
    let status = |status: &str| Some(status.parse().unwrap());
    let filters = [
        EventFilter { status: status("ringing"), ..EventFilter::default() },
        EventFilter { status: status("ended"), ..entity("sip_domain:example.com") },
    ];
    // More rows a source than a page reads of it at first.
    for (shards, calls) in [("1", 32), ("2", 64)] {
        let mut table = Table::with(shards);
        let at = || (begin + SignedDuration::from_secs(random.below(20_000) as i64), Retention::Forever);
        let pile = table.pile(calls, at);
        table.store(&pile);
        for filter in &filters {
            let holds = |event: &&Event| {
                let of_entity = |entity| event.pairs().iter().any(|pair| Some(&pair.entity) == entity);
                event.status == filter.status.unwrap() && (filter.entity.is_none() || of_entity(filter.entity.as_ref()))
            };
            let mut expected: Vec<_> = pile.iter().map(|(event, _, _)| event).filter(holds).collect();
            assert!(expected.len() > 5, "SEED={seed}");
            for order in [Order::Descending, Order::Ascending] {
                expected.sort_by_key(|event| Seen::of(event));
                if order == Order::Descending {
                    expected.reverse();
                }
                let asked = PageRequest { from: Some(begin), to: None, order, after: None, limit: 4 };
                let read = |asked: &PageRequest, now| table.page(filter, asked, now);
                let shown = walk(read, asked, [now(), now()], || ());
                let expected: Vec<_> = expected.iter().map(|event| event.id.to_string()).collect();
                assert_eq!(shown, expected, "SEED={seed} {shards} shards, {order:?}: {filter:?}");
            }
        }
    }
}
