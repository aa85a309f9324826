//! The times of events, in whatever form they are written.

use super::*;
use crate::time;

/// A body of every shape with that time, and the member's name there.
fn bodies(at: &Value) -> [(&'static str, Value); 5] {
    let message = json!({"uuid": "m1", "state": "sent", "type": "smso", "from": "1", "to": "2", "delivered": false, "modified_on": at});
    let webhook = json!({"event_type": "message.received", "id": "d1", "occurred_at": at, "payload": {}});
    [
        ("ring_on", state("ringing", json!({"uuid": "l1", "ring_on": at}))),
        ("modified_on", message.clone()),
        ("modified_on", json!({"type": "sms", "payload": message})),
        ("occurred_at", json!({"data": webhook})),
        ("timestamp", json!({"type": "auth", "timestamp": at, "payload": {}})),
    ]
}

#[test]
fn a_time_is_read_in_whatever_form_it_is_written() {
    let time = time::parse("2026-01-11T21:10:58Z");
    for at in [json!(1_768_165_858), json!("1768165858000"), json!("Sun, 11 Jan 2026 21:10:58 GMT")] {
        for (_, body) in bodies(&at) {
            let event = event(&body);
            assert_eq!(event.reached_at.or(event.id.occurred_at()), time, "{body}");
            assert_eq!(event.warnings, Vec::<String>::new(), "{body}");
        }
    }
}

#[test]
fn what_stands_for_a_time_and_is_none_is_named() {
    for at in [json!("soon"), json!([1]), json!(true), json!(7)] {
        for (name, body) in bodies(&at) {
            assert_eq!(event(&body).warnings, [format!("{name} is no time")], "{body}");
        }
    }
    for unset in [json!(""), json!(null)] {
        for (_, body) in bodies(&unset) {
            assert_eq!(event(&body).warnings, Vec::<String>::new(), "{body}");
        }
    }
    let (_, mut bare) = bodies(&json!("soon"))[1].clone();
    bare["created_on"] = json!("then");
    assert_eq!(event(&bare).warnings, ["created_on is no time", "modified_on is no time"]);
}
