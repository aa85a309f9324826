//! Verified bytes that can't be read are kept whole.

use tests::stack::Stack;

#[test]
fn quarantined_bytes_read_back_to_the_byte_and_are_listed_once() {
    let stack = Stack::start();
    let bodies: [&[u8]; 4] = [b"{\"id\": \"cut", b"\xff\xfe\x00\x01", b"[1, 2]", "\u{202e}\u{0}".as_bytes()];
    for body in bodies {
        let answer = stack.post("/webhooks/opentact/sms", body);
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(stack.post("/webhooks/opentact/sms", body).json(), answer.json());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(stack.read(&format!("/quarantine/{id}")).body, body);
    }
    let listed = stack.quarantine();
    assert_eq!(listed.len(), bodies.len(), "{listed:?}");
    for item in &listed {
        assert!(item["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{item}");
        assert!(item["receivedAt"].as_str().is_some_and(|time| time.starts_with("20")), "{item}");
    }
}

#[test]
fn quarantine_stays_with_the_provider_that_sent_it() {
    let stack = Stack::start();
    let ids =
        ["/webhooks/opentact/sms", "/webhooks/onsip/call"].map(|route| stack.post(route, "[").json()["id"].to_string());
    assert_ne!(ids[0], ids[1]);
    assert_eq!(stack.quarantine().len(), 2);
}

#[test]
fn an_event_is_not_read_through_the_quarantine_nor_quarantine_as_an_event() {
    let stack = Stack::start();
    let event = stack.deliver("onsip-call.dialog.created").json()["id"].as_str().unwrap().to_owned();
    let bytes = stack.post("/webhooks/onsip/call", "[").json()["id"].as_str().unwrap().to_owned();
    assert_eq!(stack.read(&format!("/quarantine/{event}")).status, 404);
    assert_eq!(stack.read(&format!("/events/{bytes}")).status, 404);
    assert_eq!(stack.read(&format!("/quarantine/{bytes}")).status, 200);
}
