//! What menus and recordings of OnSIP's say beyond what all events have.

use crate::event::{Details, Menu, Recording};
use crate::json::Json;

/// The details in a body; None for a type that has none.
pub(in crate::provider) fn of(body: &Json<'_>) -> Option<Details> {
    let (kind, payload) = (body.str("type")?, body.get("payload")?);
    let text = |name: &str| payload.text(name).map(str::to_owned);
    if kind.starts_with("app.attendant-menu.") {
        return Some(Details::Menu(Menu { entry: text("entry"), refer_to: text("referTo") }));
    }
    let uploaded = || Recording {
        service: text("service"),
        bucket: text("bucket"),
        key: text("key"),
        url: text("url"),
        duration: text("duration"),
    };
    kind.starts_with("call.recording.").then(uploaded).map(Details::Recording)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn details(kind: &str, payload: &str) -> Value {
        let body = format!(r#"{{"id":"1","type":"{kind}","payload":{payload}}}"#);
        json!(of(&Json::read(&body).unwrap()))
    }

    #[test]
    fn a_menu_says_what_was_entered_and_where_the_caller_was_sent() {
        let menu = |kind: &str, payload: &str| details(&format!("app.attendant-menu.{kind}"), payload);
        assert_eq!(
            menu("transferred", r#"{"entry":"007","referTo":"sip:alice@example.onsip.com"}"#),
            json!({"menu": {"entry": "007", "referTo": "sip:alice@example.onsip.com"}})
        );
        assert_eq!(menu("invalid-dtmf", r#"{"entry":"0*9#"}"#), json!({"menu": {"entry": "0*9#", "referTo": null}}));
        assert_eq!(menu("started", "{}"), json!({"menu": {"entry": null, "referTo": null}}));
        assert_eq!(menu("started", r#"{"entry":[7],"referTo":{}}"#), json!({"menu": {"entry": null, "referTo": null}}));
    }

    #[test]
    fn a_recording_says_where_it_is_and_a_dialog_has_no_details() {
        let uploaded = details("call.recording.uploaded", r#"{"service":"s3","bucket":"b","key":"k.wav"}"#);
        let nothing = Value::Null;
        let expected = json!({"url": nothing, "duration": nothing, "service": "s3", "bucket": "b", "key": "k.wav"});
        assert_eq!(uploaded, json!({ "recording": expected }));
        assert_eq!(details("call.dialog.created", r#"{"entry":"1"}"#), nothing);
        assert_eq!(
            details("call.recording.uploaded", "[]"),
            json!({"recording": {
            "url": null, "duration": null, "service": null, "bucket": null, "key": null}})
        );
    }
}
