//! What messages, orders, balances and recordings of Opentact's say beyond what all events have.

use super::{account, is_bare, order, sms};
use crate::event::{Balance, Details, Media, Message, Order, Recording, Rejected};
use crate::json::Json;

/// The details in a body; None for a type that has none.
pub(in crate::provider) fn of(body: &Json<'_>) -> Option<Details> {
    if is_bare(body) {
        return sms::is_one(body).then(|| Details::Message(message(body, "message")));
    }
    if let Some(data) = body.get("data").filter(|data| data.str("event_type").is_some()) {
        return data.get("payload").map(|payload| Details::Message(message(payload, "text")));
    }
    let object = || body.get("payload").filter(|payload| payload.is_object());
    match body.str("type")? {
        "sms" => object().map(|payload| Details::Message(message(payload, "message"))),
        "tn_order" => object().map(|payload| Details::Order(order(payload))),
        "call_record" => object().map(|payload| Details::Recording(recording(payload))),
        account::BALANCE => Some(Details::Balance(Balance {
            amount: account::balance(body).map(str::to_owned),
            caused_by: body.str("source_action").map(str::to_owned),
        })),
        _ => None,
    }
}

fn message(json: &Json<'_>, text: &str) -> Message {
    let media = ["media", "media_urls"].iter().flat_map(|name| json.elements(name));
    Message {
        text: json.str(text).map(str::to_owned),
        media: media.filter_map(one_of_media).collect(),
        parts: json.text("parts").and_then(|parts| parts.parse().ok()),
    }
}

/// Media as an object, or as its address alone.
fn one_of_media(json: &Json<'_>) -> Option<Media> {
    let url = match json {
        Json::String(url) => url,
        object => object.str("url")?,
    };
    Some(Media { url: url.to_owned(), content_type: json.str("content_type").map(str::to_owned) })
}

fn order(order: &Json<'_>) -> Order {
    let number = |item: &Json<'_>| order::written(item).map(str::to_owned);
    let rejected = |error: &Json<'_>| Rejected {
        number: error.get("item").and_then(number),
        reason: error.text("reason").map(str::to_owned),
        description: error.text("description").map(str::to_owned),
    };
    Order {
        accepted: order.elements("items").iter().filter_map(number).collect(),
        rejected: order.elements("errors").iter().map(rejected).collect(),
    }
}

fn recording(payload: &Json<'_>) -> Recording {
    let text = |name: &str| payload.text(name).map(str::to_owned);
    Recording { url: text("url"), duration: text("duration"), ..Recording::default() }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn details(body: &str) -> Value {
        json!(of(&Json::read(body).unwrap()))
    }

    #[test]
    fn a_message_says_its_text_and_media_in_every_shape() {
        let said = |text: &str| json!({"message": {"text": text, "media": [], "parts": null}});
        for (body, expected) in [
            (r#"{"type":"sms","payload":{"uuid":"m","message":"Hi é"}}"#, said("Hi é")),
            (r#"{"uuid":"m","from":"1","to":"2","state":"sent","message":"Hi"}"#, said("Hi")),
            (r#"{"data":{"event_type":"message.sent","payload":{"text":"Hi"}}}"#, said("Hi")),
            (
                r#"{"data":{"event_type":"message.received","payload":{"parts":2,"media":[{"url":"https://example.com/a.png",
                "content_type":"image/png"},"https://example.com/b",{"size":3},7]}}}"#,
                json!({"message": {"media": [
                    {"url": "https://example.com/a.png", "contentType": "image/png"},
                    {"url": "https://example.com/b", "contentType": null},
                ], "parts": 2}}),
            ),
            (
                r#"{"type":"sms","payload":{"message":{"x":1},"parts":-1}}"#,
                json!({"message": {"media": [], "parts": null}}),
            ),
        ] {
            assert_eq!(details(body), expected, "{body}");
        }
    }

    #[test]
    fn an_order_says_which_numbers_it_gets_and_why_not_the_others() {
        let body = r#"{"type":"tn_order","payload":{"items":[{"tn":12025550162},"12025550164",{"tn":{"tn":"12025550165"}},{}],
            "errors":[{"item":{"tn":12025550163},"reason":"unavailable","description":"Gone"},{"reason":402}]}}"#;
        let rejected = json!([
            {"number": "12025550163", "reason": "unavailable", "description": "Gone"},
            {"number": null, "reason": "402", "description": null},
        ]);
        let accepted = ["12025550162", "12025550164", "12025550165"];
        assert_eq!(details(body), json!({"order": {"accepted": accepted, "rejected": rejected}}));
    }

    #[test]
    fn a_balance_and_a_recording_say_what_they_are() {
        assert_eq!(
            details(r#"{"type":"balance","source_action":"voice_charge_in","payload":873.0604}"#),
            json!({"balance": {"amount": "873.0604", "causedBy": "voice_charge_in"}})
        );
        assert_eq!(
            details(r#"{"type":"balance","source_action":["x"],"payload":{}}"#),
            json!({"balance": {"amount": null, "causedBy": null}})
        );
        let recording =
            details(r#"{"type":"call_record","payload":{"url":"https://example.com/r.wav","duration":62}}"#);
        assert_eq!(recording.pointer("/recording/url"), Some(&json!("https://example.com/r.wav")));
        assert_eq!(recording.pointer("/recording/duration"), Some(&json!("62")));
        for body in [
            r#"{"type":"call_state","payload":{"state":"init"}}"#,
            r#"{"type":"sms"}"#,
            r#"{"type":"sms","payload":"Hi"}"#,
            r#"{"type":"tn_order","payload":[]}"#,
            r#"{"type":"call_record","payload":7}"#,
            "{}",
        ] {
            assert_eq!(details(body), Value::Null, "{body}");
        }
    }
}
