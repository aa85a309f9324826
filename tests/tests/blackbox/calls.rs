//! Calls, read back from their events.

use serde_json::{Value, json};
use tests::proxy::Proxy;
use tests::samples;
use tests::stack::{self, Stack};
use tests::wait;

/// The samples of one call, in the order in which they happened.
fn of_call(suffix: &str) -> Vec<String> {
    let mut names: Vec<_> = samples::names();
    names.retain(|name| name.starts_with("opentact-call_state") && name.ends_with(suffix));
    assert!(!names.is_empty());
    names.sort_by_key(|name| {
        let body: Value = serde_json::from_slice(&samples::sample(name)).unwrap();
        body["created_on"].as_str().unwrap().to_owned()
    });
    names
}

/// Delivers them and reads the call that the last belongs to.
fn delivered(stack: &Stack, names: &[String]) -> Value {
    let mut call = Value::Null;
    for name in names {
        let answer = stack.deliver(name);
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        let event = stack.event(answer.json()["id"].as_str().unwrap());
        assert!(call.is_null() || call == event["call"], "{name}: all belong to one call");
        call = event["call"].clone();
    }
    stack.call(call.as_str().unwrap())
}

/// What of a call does not depend on when it was received.
fn timeless(mut call: Value) -> Value {
    for event in call["events"].as_array_mut().unwrap() {
        event.as_object_mut().unwrap().remove("receivedAt");
    }
    call
}

fn leg<'a>(call: &'a Value, direction: &str) -> &'a Value {
    let legs = call["legs"].as_array().unwrap();
    legs.iter().find(|leg| leg["direction"] == direction).unwrap_or_else(|| panic!("no {direction} leg: {call}"))
}

#[test]
fn an_answered_call_has_two_legs_and_its_times() {
    let stack = Stack::start();
    let call = delivered(&stack, &of_call("-answered"));
    assert_eq!(call["outcome"], "answered");
    assert_eq!(call["legs"].as_array().unwrap().len(), 2);
    assert_eq!(call["events"].as_array().unwrap().len(), 10);
    for direction in ["in", "out"] {
        assert_eq!(leg(&call, direction)["state"], "ended", "{call}");
    }
    let time = |member: &str| call[member].as_str().unwrap_or_default().to_owned();
    assert!(time("startedAt").starts_with("2026-11-02T16:10:00"), "{call}");
    assert!(time("answeredAt").starts_with("2026-11-02T16:10:09.4"), "the called party picked up: {call}");
    assert!(time("endedAt").starts_with("2026-11-02T16:11:1"), "{call}");
}

#[test]
fn the_platform_picking_up_does_not_make_a_call_answered() {
    for (suffix, outcome, legs) in [
        ("-no-answer", "no_answer", 2),
        ("-busy", "busy", 2),
        ("-insufficient-balance", "failed", 1),
        ("-not-permitted", "failed", 1),
    ] {
        let stack = Stack::start();
        let call = delivered(&stack, &of_call(suffix));
        assert_eq!(call["outcome"], outcome, "{call}");
        assert_eq!(call["legs"].as_array().unwrap().len(), legs, "{call}");
        assert!(call["answeredAt"].is_null(), "{call}");
    }
}

#[test]
fn a_call_is_the_same_in_whatever_order_its_events_arrive() {
    for suffix in ["-answered", "-no-answer", "-busy"] {
        let forwards = of_call(suffix);
        let expected = timeless(delivered(&Stack::start(), &forwards));
        let mut backwards = forwards.clone();
        backwards.reverse();
        let mut out_leg_first = forwards.clone();
        out_leg_first.sort_by_key(|name| !name.contains("-out-"));
        let mut twice = forwards.clone();
        twice.extend(forwards.iter().rev().cloned());
        // Steps of a number that has no factor in common with the length reach every event once.
        let shuffled =
            |step: usize| (0..forwards.len()).map(|n| forwards[n * step % forwards.len()].clone()).collect::<Vec<_>>();
        let strides = [3, 5, 7].into_iter().filter(|step| !forwards.len().is_multiple_of(*step));
        for order in [backwards, out_leg_first, twice].into_iter().chain(strides.map(shuffled)) {
            let stack = Stack::start();
            assert_eq!(timeless(delivered(&stack, &order)), expected, "{order:?}");
        }
    }
}

#[test]
fn a_call_that_is_still_going_on_says_so() {
    let stack = Stack::start();
    let mut so_far = of_call("-answered");
    so_far.truncate(4);
    let call = delivered(&stack, &so_far);
    assert_eq!(call["outcome"], "in_progress", "{call}");
    assert!(call["endedAt"].is_null(), "{call}");
}

#[test]
fn an_onsip_stream_is_one_call_with_its_menus_and_its_recording() {
    let stack = Stack::start();
    let names: Vec<_> = samples::names().into_iter().filter(|name| name.contains("-menu-call")).collect();
    assert_eq!(names.len(), 11);
    let call = delivered(&stack, &names);
    assert_eq!(call["outcome"], "answered", "{call}");
    assert_eq!(call["events"].as_array().unwrap().len(), 11);
    let ids: Vec<_> = call["legs"].as_array().unwrap().iter().map(|leg| leg["id"].clone()).collect();
    assert_eq!(ids, ["6e0f3a11-2b", "6e0f3a11-2c"], "{call}");
    let ended = call["endedAt"].as_str().unwrap();
    assert!(ended.starts_with("2026-11-02T15:05:48"), "a recording does not reopen a call: {call}");

    let steps = call["menu"].as_array().unwrap();
    let of_step =
        |step: &Value| (step["type"].as_str().unwrap().rsplit_once('.').unwrap().1.to_owned(), step["entry"].clone());
    let steps: Vec<_> = steps.iter().map(of_step).collect();
    let step = |kind: &str, entry: Value| (kind.to_owned(), entry);
    assert_eq!(
        steps,
        [step("started", Value::Null), step("invalid-dtmf", json!("009")), step("transferred", json!("7001"))]
    );
    assert_eq!(call["menu"][2]["referTo"], "sip:alice@example.onsip.com", "{call}");
    let recording = &call["recordings"][0];
    assert_eq!(
        (&recording["key"], call["recordings"].as_array().unwrap().len()),
        (&json!("2026/11/02/6e0f3a11-2c.wav"), 1)
    );
    assert!(call["events"].as_array().unwrap().iter().any(|event| event["id"] == recording["event"]));
}

#[test]
fn an_event_of_a_call_leads_to_its_body_from_where_the_call_is() {
    let stack = Stack::start();
    let call = delivered(&stack, &of_call("-busy"));
    assert_eq!((&call["menu"], &call["recordings"], &call["endedBy"]), (&json!([]), &json!([]), &Value::Null));
    for event in call["events"].as_array().unwrap() {
        let path = event["body"].as_str().unwrap().strip_prefix("..").unwrap();
        let body = stack.read(path);
        assert_eq!((body.status, &body.json()["type"]), (200, &event["type"]), "{path}");
    }
}

#[test]
fn an_onsip_call_is_answered_or_not_by_its_new_names_and_by_its_old() {
    for (names, outcome) in [
        (["created", "confirmed", "terminated"].as_slice(), "answered"),
        (&["requested", "answered", "referred", "terminated-old-names"], "answered"),
        (&["created-to-pstn", "failed"], "no_answer"),
        (&["created"], "in_progress"),
    ] {
        let stack = Stack::start();
        let names: Vec<_> = names.iter().map(|name| format!("onsip-call.dialog.{name}")).collect();
        assert_eq!(delivered(&stack, &names)["outcome"], outcome, "{names:?}");
    }
}

#[test]
fn a_recording_alone_makes_no_call() {
    let stack = Stack::start();
    let answer = stack.deliver("onsip-call.recording.uploaded");
    let event = stack.event(answer.json()["id"].as_str().unwrap());
    let path = format!("/calls/{}", event["call"].as_str().unwrap());
    assert_eq!(stack.read(&path).status, 404, "{path}");
    assert_eq!(stack.deliver("onsip-call.dialog.created").status, 200);
    assert_eq!(stack.read(&path).json()["events"].as_array().unwrap().len(), 2);
}

#[test]
fn one_phone_that_stops_ringing_does_not_end_a_call_that_another_took() {
    let names = ["created-fork-desk", "created-fork-mobile", "confirmed-fork-mobile", "failed-fork-desk"];
    let mut names: Vec<_> = names.iter().map(|name| format!("onsip-call.dialog.{name}")).collect();
    let stack = Stack::start();
    let call = delivered(&stack, &names);
    assert_eq!((&call["outcome"], &call["endedAt"]), (&"answered".into(), &Value::Null), "{call}");
    names.push("onsip-call.dialog.terminated-fork-mobile".to_owned());
    let call = delivered(&stack, &names);
    assert_eq!(call["outcome"], "answered", "{call}");
    assert!(call["endedAt"].as_str().unwrap().starts_with("2026-11-02T16:24:30"), "{call}");
    assert_eq!(call["legs"].as_array().unwrap().len(), 2, "{call}");
}

#[test]
fn a_command_or_a_recording_told_beside_a_call_never_moves_it() {
    let stack = Stack::start();
    let mut names = of_call("-answered");
    let before = delivered(&stack, &names);
    // The call that these embed is still ringing.
    names = ["opentact-call_flow", "opentact-call_flow-failed", "opentact-call_record"].map(str::to_owned).to_vec();
    let after = delivered(&stack, &names);
    for member in ["outcome", "startedAt", "answeredAt", "endedAt", "legs"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(after["events"].as_array().unwrap().len(), 13);
}

#[test]
fn legs_that_name_no_parent_are_joined_by_their_thread_in_any_order() {
    let leg = |uuid: &str, direction: &str, state: &str| {
        let call = json!({"uuid": uuid, "direction": direction, "from": "+12025550101", "to": "+12025550102",
            "parent": null, "thread": "9c474abce9b4ac465cd36fa2da814c43"});
        json!({"uuid": format!("{uuid}-{state}"), "created_on": "2026-11-02T16:10:00Z", "type": "call_state",
            "payload": {"state": state}, "call": call})
        .to_string()
    };
    let forwards = [
        leg("inbound", "in", "init"),
        leg("outbound", "out", "init"),
        leg("outbound", "out", "live"),
        leg("inbound", "in", "hangup"),
    ];
    let mut backwards = forwards.clone();
    backwards.reverse();
    for order in [forwards, backwards] {
        let stack = Stack::start();
        for body in &order {
            assert_eq!(stack.post("/webhooks/opentact/call", body).status, 200);
        }
        for id in ["opentact.call.inbound", "opentact.call.outbound"] {
            let joined = |call: &Value| call["events"].as_array().unwrap().len() == 4;
            let call = wait::until("both are joined", || Some(stack.call(id)).filter(joined));
            assert_eq!((call["legs"].as_array().unwrap().len(), &call["outcome"]), (2, &json!("answered")), "{call}");
        }
    }
}

#[test]
fn a_leg_that_only_its_parent_names_is_joined_to_it() {
    let body = |uuid: &str, direction: &str, state: &str, children: serde_json::Value| {
        let call = json!({"uuid": uuid, "direction": direction, "from": "+12025550101", "to": "+12025550102",
            "parent": null, "children": children});
        json!({"uuid": format!("{uuid}-{state}"), "created_on": "2026-11-02T16:10:00Z", "type": "call_state",
            "payload": {"state": state}, "call": call})
        .to_string()
    };
    let stack = Stack::start();
    for body in [
        body("outbound", "out", "live", json!([])),
        body("inbound", "in", "init", json!([])),
        body("inbound", "in", "live", json!([{"uuid": "outbound"}])),
    ] {
        assert_eq!(stack.post("/webhooks/opentact/call", body).status, 200);
    }
    for id in ["opentact.call.inbound", "opentact.call.outbound"] {
        wait::until("both are joined", || (stack.call(id)["legs"].as_array().unwrap().len() == 2).then_some(()));
    }
}

#[test]
fn a_cursor_continues_behind_its_event_and_one_of_another_call_leads_nowhere() {
    let stack = Stack::start();
    let call = delivered(&stack, &of_call("-answered"));
    let other = delivered(&stack, &of_call("-busy"));
    let id = |call: &Value, event: usize| call["events"][event]["id"].as_str().unwrap().to_owned();
    let path = format!("/calls/{}?cursor=", call["id"].as_str().unwrap());
    let rest = stack.read(&format!("{path}{}", id(&call, 6))).json();
    assert_eq!(rest["events"].as_array().unwrap()[..], call["events"].as_array().unwrap()[7..]);
    assert_eq!((&rest["legs"], &rest["leftOut"], &rest["next"]), (&call["legs"], &Value::Null, &Value::Null));
    assert_eq!(stack.read(&format!("{path}{}", id(&other, 0))).status, 400);
}

#[test]
fn the_alert_of_a_call_is_looked_for_only_where_something_failed() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    proxy.meter();
    let looks = |kind: &str, seed: &str| {
        let id = stack.post("/webhooks/onsip/call", stack::onsip(kind, seed)).json()["id"].clone();
        let before = proxy.metered();
        let call = id.as_str().unwrap().split('~').next().unwrap();
        assert_eq!(stack.read(&format!("/calls/{call}")).status, 200);
        // `notify` looks there too, for the failure that it heard of; who reads a call looks for each that may have been told.
        let of_call = |keys: &Value| keys.to_string().contains("~insufficient_balance");
        let asked = proxy.metered_since(before).into_iter().filter(|exchange| exchange.operation == "BatchGetItem");
        asked.filter(|exchange| of_call(&exchange.request["RequestItems"]["AlertsTable"])).count()
    };
    assert_eq!(looks("call.dialog.created", "goes-on"), 0);
    assert!(looks("call.dialog.failed", "failed") > 0);
}
