//! `notify`, killed at each of its steps: every alert is sent in the end.
//!
//! A batch is given to a `notify` of the test's own, whose calls to the database and to SNS go through proxies. At one of
//! them it dies. Then others get the batch, as Lambda would bring it, and the schedule runs.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use tests::proxy::{Fault, Proxy};
use tests::wait;

use super::scene::Scene;

/// A little longer than an alert belongs to the one that recorded it, in seconds.
const LEASE: i64 = 32;

/// What is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Store,
    Sns,
}

/// Kills a `notify` at its nth call of the service; false if it makes fewer.
fn kill(scene: &Scene, service: Service, nth: usize, fault: Fault) -> bool {
    let proxy = Proxy::start();
    let (variable, address) = match service {
        Service::Store => ("AWS_ENDPOINT_URL_DYNAMODB", scene.stack.dynamodb_url()),
        Service::Sns => ("AWS_ENDPOINT_URL_SNS", scene.stack.sns_url()),
    };
    proxy.forward_to(address.trim_start_matches("http://").parse().unwrap());
    // What it might try again after the cut is never heard of: it is dead.
    proxy.next((0..nth).map(|_| None).chain([Some(fault)]));
    proxy.break_with(Fault::Hang);
    let notify = scene.notify(&[(variable, proxy.url())]);
    let batch = json!({ "Records": scene.records });
    let died = scene.runtime.block_on(async {
        let cut = async {
            while proxy.seen() <= nth {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // Time enough for a service that is cut after it did its work to do it.
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        tokio::select! {
            _ = notify.handle(batch, Timestamp::now()) => proxy.seen() > nth,
            () = cut => true,
        }
    });
    proxy.heal();
    died
}

/// One case: killed there, then brought again, twice.
fn survives(service: Service, nth: usize, fault: Fault) -> Option<String> {
    let scene = Scene::new();
    if !kill(&scene, service, nth, fault) {
        return None;
    }
    let before = scene.published("AlertsTopic").len();
    scene.batch(&scene.records);
    scene.batch(&scene.records);
    // The schedule's clock goes on without anybody waiting: windows close, and what the dead one was about to send becomes another's.
    let dead = Timestamp::now();
    (0..=LEASE).step_by(2).for_each(|later| scene.tick_at(dead + later.seconds()));
    let told = scene.told();
    let case = format!("{service:?} call {}, {fault:?}: {before} mails before, then {told:?}", nth + 1);
    for part in ["Balance low", "Opentact balance empty: calls fail", "1 more call or message failed"] {
        assert!(told.keys().any(|subject| subject.starts_with(part)), "{part} is not told: {case}");
    }
    assert_eq!(told.len(), 3, "{case}");
    // Twice only what SNS took from the dead one, whose note of that was lost.
    let twice = told.values().sum::<usize>() - 3;
    assert!(twice <= usize::from(before > 0), "{case}");
    let texts = scene.published("UrgentTopic").len();
    assert!((2..=3).contains(&texts), "{texts} SMS: {case}");
    let chats: Vec<_> = scene.published("ChatTopic").iter().map(|chat| chat["message"].to_string()).collect();
    let different: BTreeSet<_> = chats.iter().collect();
    assert!(different.len() == 3 && chats.len() <= 4, "{} messages in chat: {case}", chats.len());
    // Of the balance that is low, and of the account that is empty.
    let pages: Vec<_> = scene.published("PagesTopic").iter().map(|page| page["message"].to_string()).collect();
    let different: BTreeSet<_> = pages.iter().collect();
    assert!(different.len() == 2 && pages.len() <= 3, "{pages:?}: {case}");
    wait::until("every event is published", || (scene.published("EventsTopic").len() >= 4).then_some(()));
    Some(case)
}

/// As many stacks at a time as a small machine carries, each with two readers of its stream: a call to SNS that takes a second is made
/// again, and tells twice.
const AT_ONCE: usize = 8;

#[test]
fn a_batch_that_dies_at_any_step_is_told_whole_and_nothing_twice_that_was_noted() {
    let faults = [Fault::Hang, Fault::CutAfter];
    let cases: Vec<_> = [(Service::Store, 24), (Service::Sns, 12)]
        .into_iter()
        .flat_map(|(service, calls)| (0..calls).flat_map(move |nth| faults.map(|fault| (service, nth, fault))))
        .collect();
    let mut table = Vec::new();
    for some in cases.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let running: Vec<_> =
                some.iter().map(|(service, nth, fault)| scope.spawn(|| survives(*service, *nth, *fault))).collect();
            table.extend(running.into_iter().filter_map(|case| case.join().unwrap()));
        });
    }
    let of = |service: &str| table.iter().filter(|case| case.starts_with(service)).count() / 2;
    assert!(of("Store") < 24 && of("Sns") < 12, "more steps than are tried");
    assert!(of("Store") >= 12 && of("Sns") >= 9, "fewer steps than there must be: {table:#?}");
    if let Ok(path) = std::env::var("CUTS_TABLE") {
        std::fs::write(path, table.join("\n")).unwrap();
    }
}

#[test]
fn a_batch_that_comes_in_other_pieces_is_told_once() {
    let scene = Scene::new();
    let [balance, one, two, sms] = scene.records.as_slice() else { panic!("four records") };
    for piece in [&[two.clone(), sms.clone()][..], &[one.clone(), two.clone(), balance.clone()], &scene.records] {
        assert_eq!(scene.batch(piece), json!({ "batchItemFailures": [] }));
    }
    let told = scene.told_at_last(3);
    assert_eq!((told.len(), told.values().sum::<usize>()), (3, 3), "{told:?}");
}

#[test]
fn two_instances_with_like_failures_at_one_instant_tell_one_and_count_the_other() {
    for _ in 0..2 {
        let scene = Scene::new();
        let (one, two) = (scene.notify(&[]), scene.notify(&[]));
        let batch = |nth: usize| json!({ "Records": [scene.records[nth]] });
        let both =
            async { tokio::join!(one.handle(batch(1), Timestamp::now()), two.handle(batch(2), Timestamp::now())) };
        let (one, two) = scene.runtime.block_on(both);
        for answer in [one.unwrap(), two.unwrap()] {
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
        }
        let told = scene.told();
        assert_eq!(told.values().sum::<usize>(), 1, "{told:?}");
        let told = scene.told_at_last(2);
        assert!(told.keys().any(|subject| subject.starts_with("1 more call or message failed")), "{told:?}");
    }
}

#[test]
fn while_sns_refuses_windows_go_on_and_all_is_told_when_it_is_back() {
    let scene = Scene::new();
    let proxy = Proxy::start();
    proxy.forward_to(scene.stack.sns_url().trim_start_matches("http://").parse().unwrap());
    proxy.break_with(Fault::Refuse);
    let notify = scene.notify(&[("AWS_ENDPOINT_URL_SNS", proxy.url()), ("ALERT_WINDOW_SECONDS", "1".to_owned())]);
    let handle = |event: Value| scene.runtime.block_on(notify.handle(event, Timestamp::now())).unwrap();
    assert_eq!(handle(json!({ "Records": scene.records })), json!({ "batchItemFailures": [] }));
    // Windows close and open again meanwhile.
    for _ in 0..5 {
        thread::sleep(Duration::from_millis(1000));
        handle(json!({}));
    }
    assert_eq!(scene.told(), BTreeMap::new());
    proxy.heal();
    let told = scene.told_at_last(3);
    assert_eq!((told.len(), told.values().sum::<usize>()), (3, 3), "{told:?}");
}

#[test]
fn while_the_alerts_table_is_throttled_the_batch_comes_again_and_is_told_once() {
    let scene = Scene::new();
    let proxy = Proxy::start();
    proxy.forward_to(scene.stack.dynamodb_url().trim_start_matches("http://").parse().unwrap());
    proxy.break_where("AlertsTable", Fault::Throttle);
    let notify = scene.notify(&[("AWS_ENDPOINT_URL_DYNAMODB", proxy.url())]);
    let batch =
        || scene.runtime.block_on(notify.handle(json!({ "Records": scene.records }), Timestamp::now())).unwrap();
    for _ in 0..3 {
        assert_eq!(batch(), json!({ "batchItemFailures": [{ "itemIdentifier": "1" }] }));
    }
    assert_eq!(scene.told(), BTreeMap::new());
    proxy.heal();
    assert_eq!(batch(), json!({ "batchItemFailures": [] }));
    let told = scene.told_at_last(3);
    assert_eq!((told.len(), told.values().sum::<usize>()), (3, 3), "{told:?}");
}
