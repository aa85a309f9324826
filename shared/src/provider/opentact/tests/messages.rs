//! Messages: their states, their identity, and why they were not delivered.

use super::*;

/// Messages that failed for that reason, in each shape.
fn failed(reason: &str) -> [Value; 2] {
    let message = json!({"type": "smso", "uuid": "m7", "created_on": "2026-11-02T18:04:00.000Z", "from": "12025550141",
        "to": "12025550142", "message": "See you at seven", "state": "failed", "delivered": false, "reason": reason});
    let stream = json!({"timestamp": "2026-11-02T18:04:00.300Z", "message": "SMS: type: smso, state: failed",
        "type": "sms", "payload": message});
    [stream, message]
}

#[test]
fn a_message_whose_charge_went_back_to_the_balance_is_no_empty_account() {
    for (reason, class) in [
        ("Retries exhausted; the charge was refunded to your balance", FailureClass::Undelivered),
        ("Delivery attempts exhausted, 0.0075 credited to balance", FailureClass::Undelivered),
        ("Handset out of range, no charge to the balance", FailureClass::Undelivered),
        ("Recipient out of service, message refunded", FailureClass::Undelivered),
        ("Blocked by operator: credit offer content out of policy", FailureClass::NotPermitted),
        ("Insufficient balance, message refunded", FailureClass::InsufficientBalance),
    ] {
        for body in failed(reason) {
            let event = event(&body);
            let failure = event.failure.unwrap();
            assert_eq!((event.status, failure.class), (Status::Failed, class), "{body}");
            assert_eq!(failure.reason.as_deref(), Some(reason));
        }
    }
}

fn sms(kind: &str, state: &str, delivered: impl Into<Value>) -> Value {
    json!({"uuid": "m1", "type": kind, "state": state, "delivered": delivered.into(), "from": "+12025550101", "to": "12025550102",
        "modified_on": "2026-01-11T21:10:58Z", "reason": "ok", "message": "insufficient balance, blocked, busy"})
}

#[test]
fn every_state_of_a_message_has_its_status() {
    for (kind, state, delivered, status) in [
        ("smso", "created", false, Status::Queued),
        ("smso", "sending", false, Status::Queued),
        ("smso", "sent", false, Status::Sent),
        ("smso", "success", false, Status::Sent),
        ("smso", "success", true, Status::Delivered),
        ("smsi", "success", true, Status::Received),
        ("smsr", "whatever", true, Status::Info),
    ] {
        let event = event(&sms(kind, state, delivered));
        assert_eq!((event.status, event.failure), (status, None), "{kind} {state}");
    }
}

#[test]
fn a_state_is_known_in_any_case() {
    for (kind, state, status) in [
        ("smso", "Created", Status::Queued),
        ("smso", "queued", Status::Queued),
        ("smso", "SENT", Status::Sent),
        ("smso", "delivered", Status::Delivered),
        ("smso", "DELIVERED", Status::Delivered),
        ("smso", "Failed", Status::Failed),
        ("SMSO", "UNDELIVERED", Status::Failed),
        ("smso", "undeliverable", Status::Failed),
        ("smso", "Rejected", Status::Failed),
        ("smso", "delivery failed", Status::Failed),
        ("smso", "Cancelled", Status::Failed),
        ("smso", "gw_timeout", Status::Failed),
        ("smsi", "Delivered", Status::Received),
        ("SMSI", "Success", Status::Received),
        ("smsi", "received", Status::Received),
    ] {
        let event = event(&sms(kind, state, false));
        assert_eq!((event.family, event.status), (Family::Sms, status), "{kind} {state}");
        assert_eq!(event.failure.is_some(), status == Status::Failed, "{kind} {state}");
        assert_eq!(event.warnings, [""; 0], "{kind} {state}");
    }
    for state in ["unheard_of", ""] {
        let event = event(&sms("smso", state, false));
        assert_eq!((event.status, event.warnings.len()), (Status::Info, 1), "{state}");
    }
}

#[test]
fn a_message_arrived_however_that_is_said() {
    for (delivered, status) in [
        (json!(true), Status::Delivered),
        (json!("true"), Status::Delivered),
        (json!("True"), Status::Delivered),
        (json!(1), Status::Delivered),
        (json!("1"), Status::Delivered),
        (json!(1.0), Status::Delivered),
        (json!("yes"), Status::Delivered),
        (json!(false), Status::Sent),
        (json!("false"), Status::Sent),
        (json!(0), Status::Sent),
        (json!(""), Status::Sent),
        (json!(null), Status::Sent),
    ] {
        for state in ["sent", "success"] {
            assert_eq!(event(&sms("smso", state, delivered.clone())).status, status, "{state} {delivered}");
        }
        assert_eq!(event(&sms("smso", "failed", delivered.clone())).status, Status::Failed, "{delivered}");
    }
}

#[test]
fn a_messages_text_is_no_reason_and_its_code_is() {
    let mut body = sms("smso", "failed", false);
    assert_eq!(event(&body).failure.unwrap().class, FailureClass::Undelivered);
    for (code, class) in [(405, FailureClass::InsufficientBalance), (406, FailureClass::NotPermitted)] {
        body["code"] = json!(code);
        assert_eq!(event(&body).failure.unwrap().class, class);
    }
}

#[test]
fn a_messages_state_is_its_identity_in_both_shapes() {
    let bare = sms("smso", "sent", false);
    let stream = |at: &str, message: &Value| {
        event(&json!({"timestamp": at, "type": "sms", "message": "x", "payload": message})).id
    };
    assert_eq!(event(&bare).id, stream("2026-01-11T21:10:59Z", &bare));
    assert_eq!(stream("2026-01-11T21:11:01Z", &bare), stream("2026-01-11T21:10:59Z", &bare));
    for other in [sms("smso", "success", false), sms("smso", "sent", true)] {
        assert_ne!(event(&bare).id, event(&other).id);
    }
}

#[test]
fn the_balance_of_a_messages_account_is_no_content_and_the_account_is() {
    let shapes = |account: Value| {
        let mut message = sms("smso", "sent", false);
        message["account"] = account.clone();
        let webhook = json!({"event_type": "message.sent", "id": "d1", "payload": {"id": "m", "account": account}});
        let stream = json!({"timestamp": "2026-01-11T21:10:59Z", "type": "sms", "payload": message});
        [message, stream, json!({ "data": webhook })].map(|body| event(&body))
    };
    let before = shapes(json!({"uuid": "a1", "balance": 20.5}));
    assert!(before.iter().all(|event| event.content.is_some()));
    for (account, same) in [
        (json!({"uuid": "a1", "balance": 20.4925}), true),
        (json!({"uuid": "a1"}), true),
        (json!({"uuid": "a2", "balance": 20.5}), false),
        (json!({"uuid": "a1", "balance": 20.5, "level": "Level2"}), false),
        (json!("a1"), false),
    ] {
        for (before, after) in before.iter().zip(shapes(account.clone())) {
            assert_eq!(before.id, after.id, "{account}");
            assert_eq!(before.content == after.content, same, "{account}");
        }
    }
}

#[test]
fn a_recipients_state_says_how_the_message_ended_or_a_warning_names_it() {
    let of = |to: Value, errors: Value| {
        let payload = json!({"id": "m", "direction": "outbound", "to": to, "errors": errors});
        event(&json!({"data": {"event_type": "message.finalized", "id": "d1", "payload": payload}}))
    };
    let to = |status: &str| json!({"phone_number": "+12025550102", "status": status});
    let refused = json!([{"code": "405", "title": "Insufficient balance"}]);
    let absent = json!([{"code": "405", "detail": "Absent subscriber"}]);
    let unknown = Some("unknown state soft_bounced");
    for (to, errors, status, class, warning) in [
        (json!([to("gw_timeout")]), json!([]), Status::Failed, Some(FailureClass::Congestion), None),
        (to("gw_timeout"), json!([]), Status::Failed, Some(FailureClass::Congestion), None),
        (json!([to("gw_timeout")]), refused, Status::Failed, Some(FailureClass::InsufficientBalance), None),
        (json!([to("failed")]), absent, Status::Failed, Some(FailureClass::Undelivered), None),
        (json!([to("gw_timeout"), to("rejected")]), json!([]), Status::Failed, Some(FailureClass::Undelivered), None),
        (json!([to("gw_timeout"), to("delivered")]), json!([]), Status::Partial, Some(FailureClass::Congestion), None),
        (json!([to("dlr_timeout")]), json!([]), Status::Sent, None, None),
        (json!([to("Delivered")]), json!([]), Status::Delivered, None, None),
        (json!([to("GW_TIMEOUT")]), json!([]), Status::Failed, Some(FailureClass::Congestion), None),
        (json!([to("Delivery_Failed")]), json!([]), Status::Failed, Some(FailureClass::Undelivered), None),
        (json!([to("cancelled")]), json!([]), Status::Failed, Some(FailureClass::Undelivered), None),
        (json!([to("soft_bounced")]), json!([]), Status::Info, None, unknown),
        (json!([to("delivered"), to("soft_bounced")]), json!([]), Status::Info, None, unknown),
        (
            json!([to("failed"), to("soft_bounced")]),
            json!([]),
            Status::Partial,
            Some(FailureClass::Undelivered),
            unknown,
        ),
        (json!("+12025550102"), json!([]), Status::Info, None, Some("no state")),
    ] {
        let event = of(to.clone(), errors);
        assert_eq!((event.status, event.failure.map(|failure| failure.class)), (status, class), "{to}");
        assert_eq!(event.warnings.first().map(String::as_str), warning, "{to}");
    }
}
