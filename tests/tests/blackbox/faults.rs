//! What a provider meets while the store is broken, and that nothing is lost by it.

use std::thread;
use std::time::Duration;

use tests::proxy::{Fault, Proxy};
use tests::samples::sample;
use tests::stack::{self, Stack};
use tests::wait;

const ROUTE: &str = "/webhooks/onsip/call";

#[track_caller]
fn assert_try_again(stack: &Stack, body: &[u8]) {
    let answer = stack.post(ROUTE, body);
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[test]
fn where_neither_the_store_nor_the_spool_answers_it_is_503_and_the_providers_retry_is_stored_once() {
    for (fault, queues_fault) in [
        (Fault::Refuse, Fault::Refuse),
        (Fault::Hang, Fault::Hang),
        (Fault::CutBefore, Fault::Status(500)),
        (Fault::Status(500), Fault::CutBefore),
        (Fault::Error("AccessDeniedException"), Fault::Error("AccessDeniedException")),
    ] {
        let (proxy, queues) = (Proxy::start(), Proxy::start());
        let stack = Stack::with_store_and_queues_behind(&proxy, &queues);
        let body = stack::onsip("call.dialog.created", "broken store");
        proxy.break_with(fault);
        queues.break_with(queues_fault);
        assert_try_again(&stack, &body);
        proxy.heal();
        assert_eq!(stack.post(ROUTE, &body).json()["status"], "stored", "{fault:?}");
        assert_eq!(stack.post(ROUTE, &body).json()["status"], "duplicate", "{fault:?}");
        assert_eq!(stack.today().len(), 1, "{fault:?}");
    }
}

#[test]
fn one_fault_of_the_store_is_not_the_providers_business() {
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::Status(500)] {
        let proxy = Proxy::start();
        let stack = Stack::with_store_behind(&proxy);
        let body = stack::onsip("call.dialog.created", "one fault");
        proxy.next([Some(fault)]);
        let answer = stack.post(ROUTE, &body);
        assert_eq!(answer.status, 200, "{fault:?}: {answer:?}");
        assert_eq!(stack.post(ROUTE, &body).json()["status"], "duplicate");
        assert_eq!(stack.today().len(), 1, "{fault:?}");
    }
}

#[test]
fn a_second_of_throttling_is_not_the_providers_business() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    proxy.break_with(Fault::Throttle);
    let healer = proxy.clone();
    let healing = thread::spawn(move || {
        thread::sleep(Duration::from_secs(1));
        healer.heal();
    });
    let answer = stack.post(ROUTE, stack::onsip("call.dialog.created", "throttled"));
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()), "{answer:?}");
    healing.join().unwrap();
    assert_eq!(stack.today().len(), 1);
}

#[test]
fn wherever_the_write_of_a_leg_breaks_off_the_providers_retry_makes_it_whole() {
    let route = "/webhooks/opentact/call";
    // A leg of a user who shows a number: the event, and behind the stream a row for the number and one for the thread.
    let body = sample("opentact-call_state-in-failed-insufficient-balance");
    for fault in [Fault::CutBefore, Fault::CutAfter] {
        let proxy = Proxy::start();
        let stack = Stack::with_store_behind(&proxy);
        proxy.break_with(fault);
        let answer = stack.post(route, &body);
        assert_eq!(answer.status, 202, "nothing confirmed the write, {fault:?}: {answer:?}");
        proxy.heal();
        let answer = stack.post(route, &body).json();
        assert!(["stored", "duplicate"].contains(&answer["status"].as_str().unwrap()), "{answer}");
        for entity in ["sip_user:alice@example.com", "sip_domain:example.com", "phone_number:12025550111"] {
            let path = format!("/events?entity={entity}");
            let found = wait::until(entity, || Some(stack.list(&path)).filter(|found| !found.is_empty()));
            assert_eq!(found.len(), 1, "{entity}: {fault:?}: {found:?}");
            assert_eq!(found[0]["id"], answer["id"], "{entity}");
        }
    }
}

#[test]
fn rows_that_can_not_be_written_hold_up_no_alert_and_are_written_when_they_can() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    // Stands in the keys of rows, and in no event.
    proxy.break_where("pointer.opentact", Fault::Throttle);
    let answer = stack.deliver("opentact-call_state-in-failed-insufficient-balance").json();
    let alerts = || stack.published().iter().filter(|message| message["topic"] == "AlertsTopic").count();
    let is_told = || alerts() == 1 && stack.published_events().len() == 1;
    wait::until("it is told and published", || is_told().then_some(()));
    let path = "/events?entity=phone_number:12025550111";
    assert_eq!(stack.list(path), Vec::<serde_json::Value>::new());
    proxy.heal();
    let found = wait::until("it is found", || Some(stack.list(path)).filter(|found| !found.is_empty()));
    assert_eq!((found.len(), &found[0]["id"]), (1, &answer["id"]));
}

#[test]
fn a_write_whose_answer_was_lost_is_a_repeat_to_the_retry() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    let body = stack::onsip("call.dialog.created", "lost answer");
    proxy.break_with(Fault::CutAfter);
    let answer = stack.post(ROUTE, &body);
    assert_eq!(answer.status, 202, "nothing confirmed the write: {answer:?}");
    proxy.heal();
    assert_eq!(stack.post(ROUTE, &body).json()["status"], "duplicate");
    assert_eq!(stack.today().len(), 1);
}

#[test]
fn a_refusal_never_reaches_the_store() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    assert_eq!(stack.post(ROUTE, "{}").status, 200);
    let before = proxy.seen();
    for body in [stack::onsip("call.dialog.created", "refused"), b"{}".to_vec(), vec![b' '; 300 * 1024]] {
        assert_eq!(stack.client().post(&format!("{ROUTE}?token=wrong"), body).status, 401);
    }
    assert_eq!(stack.post(ROUTE, vec![b' '; 300 * 1024]).status, 413);
    assert_eq!(proxy.seen(), before);
}

#[test]
fn reading_from_a_broken_store_is_503() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    proxy.break_with(Fault::CutBefore);
    for path in ["/events?day=2026-11-02", "/calls/onsip.call.x", "/quarantine"] {
        let answer = stack.read(path);
        assert_eq!(answer.status, 503, "{path}: {answer:?}");
        assert!(!answer.header("retry-after").is_empty());
        assert!(
            !String::from_utf8_lossy(&answer.body).contains(&proxy.url()),
            "the answer shows nothing of the inside"
        );
    }
}
