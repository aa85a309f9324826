//! With a data directory, what was stored is there on the next start.

use tests::stack::Stack;

#[test]
fn what_was_stored_is_there_after_a_restart_and_still_told_once() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Stack::with(|options| options.data = Some(directory.path().to_owned()));
    let balance = "opentact-call_state-in-failed-insufficient-balance";

    let stack = start();
    let id = stack.deliver(balance).json()["id"].as_str().unwrap().to_owned();
    let event = stack.event(&id);
    let unreadable = stack.post("/webhooks/onsip/call", "[").json();
    tests::wait::until("alert and event are published", || (stack.published_events().len() == 1).then_some(()));
    stack.stop();

    let stack = start();
    assert_eq!(stack.event(&id), event);
    assert_eq!(stack.deliver(balance).json()["status"], "duplicate");
    assert_eq!(stack.post("/webhooks/onsip/call", "[").json(), unreadable);
    // After the restart a failure of another kind is alerted, and the old one is not alerted again.
    assert_eq!(stack.deliver("opentact-sms-smso-failed-not-permitted").status, 200);
    let told =
        || -> Vec<_> { stack.published().into_iter().filter(|message| message["topic"] != "EventsTopic").collect() };
    tests::wait::until("the new alert is published", || (!told().is_empty()).then_some(()));
    let told = told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0]["subject"].as_str().unwrap().contains("not permitted"), "{told:?}");
    stack.stop();
}
