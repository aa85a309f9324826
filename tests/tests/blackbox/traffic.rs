//! Made-up traffic: calls and messages of many kinds, each with ids of its own, as deliveries and as what is stored of them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::access::{Carrier, Content, Verified};
use shared::event::Event;
use shared::name::Provider;
use shared::provider::{OwnDomains, Reading, read};

/// What is delivered, and by whom.
pub(super) type Delivery = (Provider, Value);

/// The deliveries of the nth call or message: of one of a few kinds.
pub(super) fn scene(nth: usize, begun: Timestamp) -> Vec<Delivery> {
    let (a, b) = (format!("{nth:08}-in"), format!("{nth:08}-out"));
    let user = json!({"login": format!("user{}", nth % 9), "sip_domain": {"name": "example.com"}});
    let leg = |second: i64, uuid: &str, direction: &str, state: &str, cause: Option<u16>, more: Value| {
        let at = begun + SignedDuration::from_secs(second);
        let mut call = json!({"uuid": uuid, "direction": direction, "from": "+12025550101", "to": "12025550144",
            "state": state, "parent": null, "q850_cause": cause});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = json!({"uuid": format!("{uuid}-{state}-{second}"), "created_on": at.to_string(), "type": "call_state",
            "message": "CallSCA", "payload": {"state": state}, "call": call});
        (Provider::Opentact, body)
    };
    let inward = json!({ "sip_user": user });
    let child = json!({ "parent": {"uuid": a} });
    let thread = json!({ "thread": format!("{nth:032}") });
    let both = |cause: u16, answered: bool, [first, second]: [&Value; 2]| {
        let mut all = vec![
            leg(0, &a, "in", "init", None, first.clone()),
            leg(1, &a, "in", "live", None, first.clone()),
            leg(2, &b, "out", "init", None, second.clone()),
            leg(3, &b, "out", "ringing", None, second.clone()),
            leg(40, &b, "out", "hangup", Some(cause), second.clone()),
            leg(41, &a, "in", "hangup", Some(16), first.clone()),
        ];
        all.extend(answered.then(|| leg(9, &b, "out", "live", None, second.clone())));
        all
    };
    let dialog = |second: i64, kind: &str| {
        let at = begun + SignedDuration::from_secs(second);
        let body = json!({"id": format!("{nth}-{second}"), "streamId": a, "subscriptionId": "300", "type": kind,
            "payload": {"callId": b, "fromUri": "sip:alice@example.onsip.com", "toUri": format!("sip:bob{}@example.onsip.com", nth % 7)},
            "createdAt": at.to_string()});
        (Provider::Onsip, body)
    };
    let message = |second: i64, state: &str, delivered: bool| {
        let at = (begun + SignedDuration::from_secs(second)).to_string();
        let body = json!({"timestamp": at, "message": "SMS", "type": "sms", "payload": {"type": "smso", "created_on": begun.to_string(),
            "modified_on": at, "uuid": a, "from": "12025550150", "to": "12025550121", "state": state, "delivered": delivered}});
        (Provider::Opentact, body)
    };
    match nth % 8 {
        0 => both(16, true, [&inward, &child]),
        1 => both(17, false, [&inward, &child]),
        2 => both(16, true, [&thread, &thread]),
        3 => ["created", "confirmed", "terminated"]
            .iter()
            .zip(0..)
            .map(|(kind, n)| dialog(n, &format!("call.dialog.{kind}")))
            .collect(),
        4 => ["created", "failed"].iter().zip(0..).map(|(kind, n)| dialog(n, &format!("call.dialog.{kind}"))).collect(),
        5 => vec![message(0, "created", false), message(1, "success", false), message(2, "success", true)],
        6 => both(16, true, [&inward, &child]).into_iter().take(4).collect(),
        _ => vec![leg(0, &a, "in", "init", None, inward.clone()), leg(1, &a, "in", "failed", Some(21), inward.clone())],
    }
}

/// The delivery as it is received at that time.
pub(super) fn received((provider, body): &Delivery, at: Timestamp) -> (Event, Content) {
    let content = Content {
        path: format!("/webhooks/{provider}/call"),
        request_id: "request".to_owned(),
        carrier: Carrier::Body,
        content_type: Some("application/json".to_owned()),
        body: body.to_string().into_bytes(),
        received_at: at,
    };
    match read(&Verified::before(*provider, content.clone()), &OwnDomains::default()) {
        Ok(Reading::Event(event)) => (*event, content),
        other => panic!("{other:?}: {body}"),
    }
}
