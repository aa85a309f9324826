mod ends;
mod envelopes;
mod messages;
mod times;

use serde_json::{Value, json};

use super::*;
use crate::access::Carrier;
use crate::failure::{Cause, FailureClass};

fn event(body: &Value) -> Event {
    read(&Json::read(&body.to_string()).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
}

fn pairs(event: &Event) -> Vec<String> {
    event.pairs().iter().map(ToString::to_string).collect()
}

/// A call state of the stream of 2024.
fn state(state: &str, call: Value) -> Value {
    json!({"uuid": "e1", "created_on": "2026-01-11T21:10:59Z", "type": "call_state", "payload": {"state": state}, "call": call})
}

/// The same in each other shape that has the call in it.
fn shapes(name: &str, call: Value) -> [Value; 3] {
    let mut bare = call;
    bare["state"] = json!(name);
    let stream = json!({"timestamp": "2026-01-11T21:10:59Z", "type": "call_state", "message": "m", "payload": bare});
    [state(name, bare.clone()), stream, bare]
}

#[test]
fn a_call_state_says_the_same_in_every_shape() {
    let call = json!({"uuid": "l1", "direction": "in", "from": "+12025550101", "to": "12025550102",
        "ring_on": "2026-01-11T21:10:58.5Z"});
    for body in shapes("ringing", call) {
        let event = event(&body);
        assert_eq!((event.family, event.status), (Family::Call, Status::Ringing), "{body}");
        assert_eq!(event.kind, "call_state");
        assert_eq!(event.call().unwrap().to_string(), "opentact.call.l1");
        assert_eq!(event.occurred_at().unwrap().to_string(), "2026-01-11T21:10:58.5Z");
        assert_eq!(pairs(&event), ["phone_number:12025550101/outbound_call", "phone_number:12025550102/inbound_call"]);
    }
}

#[test]
fn every_state_has_its_status() {
    for (name, status) in [
        ("init", Status::Started),
        ("ringing", Status::Ringing),
        ("live", Status::Answered),
        ("online", Status::Answered),
        ("bridged", Status::Answered),
        ("hangup", Status::Ended),
        ("destroyed", Status::Ended),
        ("offline", Status::Ended),
        ("failed", Status::Failed),
        ("paused", Status::Info),
    ] {
        let event = event(&state(name, json!({"uuid": "l1"})));
        assert_eq!(event.status, status, "{name}");
        assert_eq!(event.warnings.len(), usize::from(name == "paused"), "{name}");
    }
}

#[test]
fn a_leg_belongs_to_the_call_that_its_chain_of_parents_began() {
    let leg = json!({"uuid": "c", "parent": {"uuid": "b", "parent": {"uuid": "a", "parent": null}}});
    assert_eq!(event(&state("init", leg)).call().unwrap().to_string(), "opentact.call.a");
}

#[test]
fn the_events_own_uuid_is_its_identity_and_the_content_tells_a_conflict() {
    let (a, b) =
        (event(&state("init", json!({"uuid": "l1"}))), event(&state("init", json!({"uuid": "l1", "to": "bob"}))));
    assert_eq!(a.id, b.id);
    assert_ne!(a.content, b.content);
    let later = event(&state("hangup", json!({"uuid": "l1", "hangup_on": "2026-01-11T21:10:50Z"})));
    assert_eq!(a.id, later.id);
    assert_eq!(later.occurred_at().unwrap().to_string(), "2026-01-11T21:10:50Z");
}

#[test]
fn a_sip_user_who_dials_has_an_outbound_call_and_one_who_is_called_an_inbound_call() {
    let user = json!({"login": "alice", "sip_domain": {"name": "example.com"}});
    let dials = json!({"uuid": "l1", "direction": "in", "from": "+12025550101", "to": "12025550102", "sip_user": user});
    assert_eq!(
        pairs(&event(&state("init", dials))),
        [
            "sip_user:alice@example.com/outbound_call",
            "sip_domain:example.com/outbound_call",
            "phone_number:12025550102/inbound_call",
            "phone_number:12025550101/outbound_call",
        ]
    );
    let called = json!({"uuid": "l2", "direction": "out", "from": "12025550101", "to": "alice", "sip_user": user});
    assert_eq!(
        pairs(&event(&state("init", called))),
        [
            "phone_number:12025550101/outbound_call",
            "sip_user:alice@example.com/inbound_call",
            "sip_domain:example.com/inbound_call",
        ]
    );
}

#[test]
fn a_switch_has_inbound_calls_and_so_has_its_domain() {
    let call = json!({"uuid": "l1", "direction": "in", "from": "+12025550101", "to": "12025550102",
        "sip_domain": "example.com", "auth_ip": {"ip": "192.0.2.7"}, "auth_hostname": "pbx.example.net"});
    let found = pairs(&event(&state("init", call)));
    for pair in [
        "auth_ip:192.0.2.7/inbound_call",
        "auth_hostname:pbx.example.net/inbound_call",
        "sip_domain:example.com/inbound_call",
    ] {
        assert!(found.iter().any(|p| p == pair), "{pair}: {found:?}");
    }
}

#[test]
fn a_reason_is_found_wherever_it_stands() {
    let call = || json!({"uuid": "l1"});
    let with = |path: &[&str]| {
        let mut body = state("failed", call());
        let (last, within) = path.split_last().unwrap();
        let place = within.iter().fold(&mut body, |place, name| &mut place[*name]);
        place[*last] = json!("Insufficient balance");
        body
    };
    for path in [
        &["reason"][..],
        &["failure_reason"],
        &["payload", "reason"],
        &["call", "reason"],
        &["call", "q850_cause_string"],
        &["call", "release_cause_from_protocol_stack"],
        &["message"],
    ] {
        let failure = event(&with(path)).failure.unwrap();
        assert_eq!(failure.class, FailureClass::InsufficientBalance, "{path:?}");
        assert_eq!(failure.reason.as_deref(), Some("Insufficient balance"), "{path:?}");
    }
}

#[test]
fn an_end_is_a_failure_only_if_its_cause_says_so() {
    let end = |code: u16, text: &str| {
        event(&state("hangup", json!({"uuid": "l1", "q850_cause": code, "q850_cause_string": text})))
    };
    let ordinary = end(16, "NORMAL_CLEARING");
    assert_eq!((ordinary.status, ordinary.failure, ordinary.cause), (Status::Ended, None, Some(Cause::Q850(16))));
    let unanswered = end(18, "NO_USER_RESPONSE");
    assert_eq!((unanswered.status, unanswered.failure.unwrap().class), (Status::Failed, FailureClass::NoAnswer));
    let strange = end(127, "INTERWORKING");
    assert_eq!((strange.status, strange.failure.unwrap().class), (Status::Failed, FailureClass::Unknown));
    let stack = json!({"uuid": "l1", "q850_cause": 16, "release_cause_from_protocol_stack": "486 Busy Here"});
    assert_eq!(event(&state("hangup", stack)).failure.unwrap().class, FailureClass::Busy);
}

#[test]
fn names_in_the_description_of_a_call_are_no_reason() {
    let mut body = state("failed", json!({"uuid": "l1"}));
    body["message"] = json!("CallSCA in busy_bee > blocked - failed");
    assert_eq!(event(&body).failure.unwrap().class, FailureClass::Unknown);
}

#[test]
fn a_command_never_moves_the_call_that_it_shows() {
    let body = json!({"timestamp": "2026-01-11T21:10:59Z", "type": "call_flow", "success": false, "command": "Dial",
        "payload": {"command": {"name": "Dial", "success": false, "reason": "Insufficient balance", "path": "Dial[0]", "error": []},
            "call": {"uuid": "l1", "state": "live", "from": "+12025550101", "to": "12025550102"}}});
    let event = event(&body);
    assert_eq!((event.family, event.status), (Family::Call, Status::Info));
    assert_eq!(event.failure.as_ref().unwrap().class, FailureClass::InsufficientBalance);
    assert_eq!(event.call().unwrap().to_string(), "opentact.call.l1");
    let mut stale = body.clone();
    stale["payload"]["call"]["state"] = json!("hangup");
    assert_eq!(event.id, super::tests::event(&stale).id);
}

#[test]
fn the_messaging_webhook_tells_what_came_of_each_recipient() {
    let body = |statuses: &[&str], attempt: u8| {
        let to: Vec<_> = statuses
            .iter()
            .zip(3..)
            .map(|(s, n)| json!({"phone_number": format!("+1202555010{n}"), "status": s}))
            .collect();
        let failed = statuses.iter().any(|status| status.ends_with("failed"));
        let errors =
            if failed { json!([{"code": "40008", "title": "Undeliverable", "detail": "No route"}]) } else { json!([]) };
        json!({"data": {"event_type": "message.finalized", "id": "d1", "occurred_at": "2026-01-11T21:10:58Z", "payload": {
            "id": "m1", "direction": "outbound", "from": {"phone_number": "+12025550101"}, "to": to,
            "errors": errors}},
            "meta": {"attempt": attempt, "delivered_to": "https://example.com"}})
    };
    for (statuses, status) in [
        (&["delivered"][..], Status::Delivered),
        (&["queued"], Status::Queued),
        (&["delivered", "sent"], Status::Sent),
        (&["delivery_failed"], Status::Failed),
        (&["delivered", "sending_failed"], Status::Partial),
    ] {
        let event = event(&body(statuses, 1));
        assert_eq!((event.family, event.status), (Family::Sms, status), "{statuses:?}");
        assert_eq!(event.failure.is_some(), matches!(status, Status::Failed | Status::Partial), "{statuses:?}");
    }
    let (first, again) = (event(&body(&["delivered", "sent"], 1)), event(&body(&["delivered", "sent"], 2)));
    assert_eq!((&first.id, &first.content), (&again.id, &again.content));
    assert!(pairs(&first).contains(&"phone_number:12025550104/inbound_sms".to_owned()));
    let other = event(&body(&["delivered"], 1));
    assert_eq!(first.id, other.id);
    assert_ne!(first.content, other.content);
}

#[test]
fn a_successful_order_can_hold_rejected_numbers() {
    let order = |state: &str, items: Value, errors: Value| {
        let payload =
            json!({"uuid": "o1", "state": state, "items": items, "errors": errors, "account": {"uuid": "a1"}});
        event(&json!({"timestamp": "2026-01-11T21:10:59Z", "type": "tn_order", "message": "x", "payload": payload}))
    };
    let (good, bad) =
        (json!([{"tn": 12025550101u64}]), json!([{"item": {"tn": {"tn": "+12025550102"}}, "reason": "taken"}]));
    assert_eq!(order("success", good.clone(), json!([])).status, Status::Succeeded);
    assert_eq!(order("success", json!([]), bad.clone()).status, Status::Failed);
    assert_eq!(order("Failed", good.clone(), json!([])).status, Status::Failed);
    assert_eq!(order("processing", good.clone(), json!([])).status, Status::Queued);
    let partial = order("success", good, bad);
    assert_eq!(partial.status, Status::Partial);
    assert_eq!(partial.failure.as_ref().unwrap().reason.as_deref(), Some("taken"));
    assert_eq!(
        pairs(&partial),
        ["account:a1/number_order", "phone_number:12025550101/number_order", "phone_number:12025550102/number_order"]
    );
}

#[test]
fn a_balance_is_told_apart_by_every_digit() {
    let balance = |payload: &str| {
        let text =
            format!(r#"{{"timestamp":"2026-01-11T21:10:59Z","type":"balance","message":"x","payload":{payload}}}"#);
        read(&Json::read(&text).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    };
    assert_eq!((balance("873.0604").family, balance("873.0604").status), (Family::Account, Status::Info));
    assert_ne!(balance("873.0604").id, balance("873.06040").id);
}

#[test]
fn what_is_not_known_is_kept_under_its_own_name() {
    let event = event(&json!({"uuid": "e1", "created_on": "2026-01-11T21:10:59Z", "type": "fax", "payload": [1]}));
    assert_eq!((event.family, event.kind.as_str(), event.provider_id.as_deref()), (Family::Other, "fax", Some("e1")));
    assert_eq!(event.warnings, ["unknown type fax"]);
    for (odd, warning) in [
        (json!({"type": "call_state"}), "no payload"),
        (json!({"type": "sms", "payload": "x"}), "no payload"),
        (json!({"uuid": "e1"}), "no type"),
    ] {
        let event = super::tests::event(&odd);
        assert_eq!((event.family, event.warnings), (Family::Other, vec![warning.to_owned()]), "{odd}");
    }
    let nameless = Json::read(r#"{"payload":{}}"#).unwrap();
    assert!(matches!(read(&nameless, Timestamp::UNIX_EPOCH), Err(Unreadable::NoIdentity)));
}

#[test]
fn a_query_string_is_an_event_of_its_own_request() {
    let query = |request: &str| {
        read_query(&Content {
            path: String::new(),
            request_id: request.to_owned(),
            carrier: Carrier::QueryString,
            content_type: None,
            body: b"from=%2B12025550101&state=init&to=12025550102".to_vec(),
            received_at: Timestamp::UNIX_EPOCH,
        })
    };
    assert_eq!((query("1").family, query("1").status), (Family::Call, Status::Started));
    assert_eq!(pairs(&query("1")), ["phone_number:12025550101/outbound_call", "phone_number:12025550102/inbound_call"]);
    assert_ne!(query("1").id, query("2").id);
}

#[test]
fn a_failed_messaging_webhook_is_told_however_it_says_so() {
    let data =
        |kind: &str, payload: Value| event(&json!({"data": {"event_type": kind, "id": "d1", "payload": payload}}));
    let errors = json!([{"code": "405", "title": "Insufficient balance"}]);
    for event in [
        data(
            "message.finalized",
            json!({"id": "m", "to": [{"phone_number": "+12025550102", "status": "rejected"}], "errors": errors}),
        ),
        data("message.finalized", json!({"id": "m", "to": [{"phone_number": "+12025550102"}], "errors": errors})),
        data(
            "message.finalized",
            json!({"id": "m", "to": {"phone_number": "+12025550102", "status": "delivery_failed"}, "errors": errors}),
        ),
        data("message.failed", json!({"id": "m", "status": "failed", "to": "+12025550102", "errors": errors})),
    ] {
        assert_eq!(event.status, Status::Failed, "{event:?}");
        assert_eq!(event.failure.unwrap().class, FailureClass::InsufficientBalance);
    }
}

#[test]
fn one_recipient_named_twice_is_one_and_the_failed_one_is_named_first() {
    let to = |status: &str, n: u8| json!({"phone_number": format!("+1202555010{n}"), "status": status});
    let payload = json!({"id": "m", "from": "+12025550101",
        "to": [to("delivered", 2), to("delivery_failed", 3), to("delivery_failed", 3)], "errors": []});
    let event = event(&json!({"data": {"event_type": "message.finalized", "id": "d1", "payload": payload}}));
    assert_eq!(event.to.as_ref().unwrap().raw, "+12025550103");
    let rows = crate::store::pointer::pointers(&event, crate::store::Shards::default(), None);
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[test]
fn the_balance_is_heard_in_the_description_of_a_call_at_any_level() {
    for (state_name, place, text) in [
        ("failed", &["message"][..], "CallSCA in +1 > +2 - failed: Insufficient balance"),
        ("failed", &["message"], "CallSCA in +1 > +2 - failed: Insufficient balance - account 12"),
        ("failed", &["message"], "Insufficient balance - call failed"),
        ("failed", &["payload", "message"], "Insufficient balance"),
        ("unheard_of", &["call", "reason"], "Insufficient balance"),
    ] {
        let mut body = state(
            state_name,
            json!({"uuid": "l1", "q850_cause": 21, "q850_cause_string": "CALL_REJECTED", "reason": "Call failed"}),
        );
        let (last, within) = place.split_last().unwrap();
        within.iter().fold(&mut body, |place, name| &mut place[*name])[*last] = json!(text);
        let event = event(&body);
        assert_eq!(
            (event.status, event.failure.unwrap().class),
            (Status::Failed, FailureClass::InsufficientBalance),
            "{text}"
        );
    }
}

#[test]
fn a_call_without_an_envelope_is_no_message_because_it_has_one() {
    let call = json!({"uuid": "l1", "from": "+12025550101", "to": "+12025550102", "state": "failed", "direction": "in",
        "message": "Insufficient balance"});
    assert_eq!(event(&call).family, Family::Call);
    assert_eq!(event(&call).failure.unwrap().class, FailureClass::InsufficientBalance);
}

#[test]
fn what_says_that_nothing_happened_is_no_reason() {
    let ordinary =
        event(&state("failed", json!({"uuid": "l1", "q850_cause": 16, "q850_cause_string": "NORMAL_CLEARING"})));
    assert_eq!(ordinary.failure.unwrap().reason, None);
    let verified = json!({"uuid": "l1", "q850_cause": 16, "reason": "Caller permission verified"});
    assert_eq!(event(&state("hangup", verified)).failure, None);
}

#[test]
fn a_user_who_calls_another_of_the_same_domain_stays_the_caller() {
    let call = json!({"uuid": "l1", "direction": "out", "from": "alice@example.com", "to": "bob@example.com",
        "sip_user": {"login": "alice", "sip_domain": {"name": "example.com"}}});
    let found = pairs(&event(&state("init", call)));
    for pair in ["sip_user:alice@example.com/outbound_call", "sip_user:bob@example.com/inbound_call"] {
        assert!(found.iter().any(|p| p == pair), "{pair}: {found:?}");
    }
    let name = json!({"uuid": "l1", "direction": "in", "from": "sip:+12025550101@sip.example.net", "to": "bob", "sip_domain": "example.com"});
    let found = pairs(&event(&state("init", name)));
    for pair in ["phone_number:12025550101/outbound_call", "sip_user:bob@example.com/inbound_call"] {
        assert!(found.iter().any(|p| p == pair), "{pair}: {found:?}");
    }
}
