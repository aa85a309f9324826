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
    tests::wait::until("alert and event are published", || (stack.published().len() == 3).then_some(()));
    stack.stop();

    let stack = start();
    assert_eq!(stack.event(&id), event);
    assert_eq!(stack.deliver(balance).json()["status"], "duplicate");
    assert_eq!(stack.post("/webhooks/onsip/call", "[").json(), unreadable);
    // A new failure is told after the restart; the old one is not told again.
    assert_eq!(stack.deliver("opentact-sms-smso-failed-insufficient-balance").status, 200);
    let told = || stack.published().iter().filter(|message| message["topic"] == "UrgentTopic").count();
    tests::wait::until("the new alert is published", || (told() > 0).then_some(()));
    assert_eq!(told(), 1, "{:?}", stack.published());
    stack.stop();
}
