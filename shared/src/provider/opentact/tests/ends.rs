//! How legs end, and what that is called.

use super::*;

/// The end of a leg towards the platform, with those members beside its id.
fn end_of(state_name: &str, members: Value) -> Event {
    let mut call = json!({"uuid": "l1", "direction": "in"});
    call.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    event(&state(state_name, call))
}

#[test]
fn an_end_that_is_ordinary_for_a_reason_of_its_own_is_no_failure() {
    for (code, name) in [
        (487, "ORIGINATOR_CANCEL"),
        (502, "LOSE_RACE"),
        (702, "LOSE_RACE"),
        (600, "BLIND_TRANSFER"),
        (801, "ATTENDED_TRANSFER"),
        (605, "PICKED_OFF"),
        (703, "MANAGER_REQUEST"),
        (26, "NON_SELECTED_USER_CLEARING"),
    ] {
        for state_name in ["hangup", "failed", "destroyed"] {
            let members = json!({"q850_cause": code, "q850_cause_string": name,
                "release_cause_from_protocol_stack": "SIP/2.0 480 Temporarily unavailable"});
            let event = end_of(state_name, members);
            assert_eq!((event.status, event.failure), (Status::Ended, None), "{state_name} {code}");
            assert_eq!(event.cause, Some(Cause::Q850(code)));
        }
    }
}

#[test]
fn the_name_beside_a_number_above_q850s_decides() {
    for (number, name, cause, class) in [
        (json!(602), "ALLOTTED_TIMEOUT", Cause::Q850(602), Some(FailureClass::NoAnswer)),
        (json!(802), "ALLOTTED_TIMEOUT", Cause::Q850(802), Some(FailureClass::NoAnswer)),
        (json!(503), "MEDIA_TIMEOUT", Cause::Q850(804), Some(FailureClass::Congestion)),
        (json!(486), "USER_BUSY", Cause::Q850(17), Some(FailureClass::Busy)),
        (json!(503), "Service Unavailable", Cause::Q850(63), Some(FailureClass::Congestion)),
        (json!("sip:486"), "", Cause::Sip(486), Some(FailureClass::Busy)),
        (json!("486 Busy Here"), "", Cause::Sip(486), Some(FailureClass::Busy)),
        (json!("NORMAL_CLEARING"), "", Cause::Q850(16), None),
        (json!(999), "SOMETHING_NEW", Cause::Q850(999), Some(FailureClass::Unknown)),
        (Value::Null, "ORIGINATOR_CANCEL", Cause::Q850(487), None),
    ] {
        let event = end_of("hangup", json!({"q850_cause": number, "q850_cause_string": name}));
        assert_eq!((event.cause, event.failure.map(|f| f.class)), (Some(cause), class), "{number} {name}");
    }
}

#[test]
fn a_reason_header_is_read_where_there_is_no_other_code() {
    for (header, class, code) in [
        ("Q.850;cause=34", FailureClass::Congestion, Cause::Q850(34)),
        ("Q.850 ;cause=18", FailureClass::NoAnswer, Cause::Q850(18)),
        ("sip;cause=503", FailureClass::Congestion, Cause::Sip(503)),
        ("SIP;text=\"Decline\";cause=603", FailureClass::Rejected, Cause::Sip(603)),
        ("sip:486", FailureClass::Busy, Cause::Sip(486)),
        ("SIP;cause=480, Q.850;cause=20", FailureClass::NoAnswer, Cause::Sip(480)),
    ] {
        let failure = end_of("hangup", json!({"release_cause_from_protocol_stack": header})).failure.unwrap();
        assert_eq!((failure.class, failure.code), (class, Some(code)), "{header}");
    }
    for name in ["", "Reason: ", "reason:"] {
        let header = format!("{name}Q.850;cause=16;text=\"Insufficient balance\"");
        let quoting = json!({"q850_cause": 16, "release_cause_from_protocol_stack": header});
        assert_eq!(end_of("hangup", quoting).failure, None, "{header}");
    }
}

#[test]
fn a_strangers_name_is_no_reason() {
    for message in [
        "CallSCA in Insufficient balance > 12025550102 - failed",
        "CallSCA in x - failed: Insufficient balance > 12025550102 - failed",
        "CallSCA in +1 > \"x - failed: Insufficient balance\" <sip:bob@example.com> - failed",
        "Insufficient balance is calling",
    ] {
        for state_name in ["failed", "hangup"] {
            let mut body = state(state_name, json!({"uuid": "l1", "from": "Insufficient balance", "q850_cause": 16}));
            body["message"] = json!(message);
            let class = event(&body).failure.map(|failure| failure.class);
            assert_ne!(class, Some(FailureClass::InsufficientBalance), "{message}");
            assert!(state_name == "failed" || class.is_none(), "{message}");
        }
    }
}

#[test]
fn a_carrier_that_wants_to_be_paid_is_not_the_customers_balance() {
    for (direction, class) in [("out", FailureClass::Rejected), ("in", FailureClass::InsufficientBalance)] {
        for field in ["release_cause_from_protocol_stack", "reason"] {
            for text in ["402 Payment Required", "SIP;cause=402", "Payment required"] {
                let event = end_of("hangup", json!({"direction": direction, field: text}));
                assert_eq!(event.failure.unwrap().class, class, "{direction} {field} {text}");
            }
        }
    }
}

#[test]
fn a_leg_that_says_when_it_was_answered_has_not_failed() {
    for code in [21, 27, 38, 18, 54, 102, 127, 602, 604] {
        for state_name in ["hangup", "failed"] {
            let members = json!({"answer_on": "2026-01-11T21:10:00Z", "q850_cause": code});
            let event = end_of(state_name, members);
            assert_eq!((event.status, event.failure, event.cause), (Status::Ended, None, Some(Cause::Q850(code))));
        }
    }
}

#[test]
fn a_sip_status_in_the_place_of_q850s_cause_is_one_where_another_field_says_so() {
    for (status, line, class) in [
        (503, "503 Service Unavailable", FailureClass::Congestion),
        (603, "SIP/2.0 603 Decline", FailureClass::Rejected),
        (600, "600 Busy Everywhere", FailureClass::Busy),
    ] {
        for state_name in ["hangup", "failed"] {
            let members = json!({"q850_cause": status, "release_cause_from_protocol_stack": line});
            let failure = end_of(state_name, members).failure.unwrap();
            assert_eq!((failure.class, failure.code), (class, Some(Cause::Sip(status))), "{state_name} {line}");
        }
        assert_ne!(end_of("hangup", json!({"q850_cause": status})).cause, Some(Cause::Sip(status)), "{status} alone");
    }
}

#[test]
fn a_number_is_the_sip_status_that_words_in_another_field_name() {
    for (status, words, class) in [
        (503, "Service Unavailable", FailureClass::Congestion),
        (603, "Decline", FailureClass::Rejected),
        (600, "busy everywhere", FailureClass::Busy),
        (606, "NOT_ACCEPTABLE", FailureClass::Rejected),
        (502, "Bad Gateway", FailureClass::Congestion),
    ] {
        for field in ["release_cause_from_protocol_stack", "reason", "failure_reason"] {
            let failure = end_of("hangup", json!({"q850_cause": status, field: words})).failure.unwrap();
            assert_eq!(failure.class, class, "{field} {status} {words}");
        }
    }
    let name = json!({"q850_cause": 503, "q850_cause_string": "MANAGER_REQUEST",
        "release_cause_from_protocol_stack": "480 Temporarily Unavailable"});
    assert_eq!(end_of("hangup", name).failure, None);
}

#[test]
fn a_number_that_is_no_other_code_is_a_sip_status() {
    for (status, class) in [
        (404, Some(FailureClass::InvalidNumber)),
        (408, Some(FailureClass::NoAnswer)),
        (480, Some(FailureClass::NoAnswer)),
        (486, Some(FailureClass::Busy)),
        (504, Some(FailureClass::Congestion)),
        (200, None),
    ] {
        for written in [json!(status), json!(f64::from(status)), json!(status.to_string())] {
            let event = end_of("hangup", json!({"q850_cause": written}));
            let read = (event.cause, event.failure.map(|failure| failure.class));
            assert_eq!(read, (Some(Cause::Sip(status)), class), "{written}");
        }
    }
    for code in [487, 503, 603, 702, 999] {
        let event = end_of("hangup", json!({"q850_cause": code}));
        assert_eq!(event.cause, Some(Cause::Q850(code)));
    }
}

#[test]
fn a_cause_that_nobody_can_read_is_a_warning() {
    for odd in [json!("tilt"), json!(99999), json!(-1), json!(999), json!(126), json!("")] {
        let event = end_of("hangup", json!({"q850_cause": odd}));
        let warned = event.warnings.iter().any(|warning| warning.starts_with("unknown q850_cause"));
        assert_eq!(warned, odd != json!(""), "{odd} {:?}", event.warnings);
    }
    for known in [json!(17), json!(17.0), json!(486), json!("SIP;cause=422"), json!("sip:200")] {
        assert!(end_of("hangup", json!({"q850_cause": known})).warnings.is_empty(), "{known}");
    }
}
