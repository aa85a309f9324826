//! With a data directory, what was stored is there on the next start.

use tests::stack::Stack;

#[test]
fn what_was_stored_is_there_after_a_restart_and_still_told_once() {
    let directory = tempfile::tempdir().unwrap();
    let start = || {
        Stack::with(|options| {
            options.data = Some(directory.path().to_owned());
            options.every = std::time::Duration::from_millis(300);
        })
    };
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
    // After the restart another alert is told, and the old one is not told again.
    let operator = [("authorization", &*tests::stack::bearer(tests::stack::OPERATOR_TOKEN))];
    assert_eq!(stack.client().send("POST", "/alerts/test", &operator, b"").status, 202);
    let told =
        || -> Vec<_> { stack.published().into_iter().filter(|message| message["topic"] != "EventsTopic").collect() };
    tests::wait::until("the new alert is published", || (!told().is_empty()).then_some(()));
    let told = told();
    let told_of_balance = told.iter().filter(|message| message.to_string().contains("balance")).count();
    assert_eq!(told_of_balance, 0, "{told:?}");
    stack.stop();
}
