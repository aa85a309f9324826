//! Ids and directions, in every form in which they are written.

use super::*;
use crate::name::Direction;

#[test]
fn an_id_is_one_whether_it_is_a_text_or_a_number() {
    let read = |body: &str| read(&Json::read(body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
    for body in [
        r#"{"uuid":ID,"type":"call_state","call":{"uuid":ID,"state":"init"}}"#,
        r#"{"uuid":"e","type":"call_state","call":{"uuid":"l","state":"init","parent":{"uuid":ID,"parent":null}}}"#,
        r#"{"uuid":"e","type":"call_state","ref_id":ID,"call":{"state":"init"}}"#,
        r#"{"uuid":ID,"from":"+12025550101","to":"+12025550102","state":"init","thread":ID,"children":[{"uuid":ID}]}"#,
        r#"{"type":"call_flow","timestamp":"t","payload":{"command":{"path":"Dial[0]"},"call":{"uuid":ID}}}"#,
        r#"{"type":"sms","payload":{"uuid":ID,"type":"smso","state":"sent"}}"#,
        r#"{"type":"tn_order","payload":{"uuid":ID,"state":"success"},"account":{"uuid":ID}}"#,
        r#"{"data":{"event_type":"message.sent","id":ID,"payload":{"id":ID}}}"#,
        r#"{"uuid":ID,"type":"fax"}"#,
    ] {
        let [text, number] = [r#""120""#, "120"].map(|id| read(&body.replace("ID", id)));
        let seen = |event: &Event| {
            (event.id.partition().clone(), event.provider_id.clone(), event.leg.clone().map(|leg| leg.id), pairs(event))
        };
        assert_eq!(seen(&number), seen(&text), "{body}");
        assert_eq!((&number.thread, &number.children), (&text.thread, &text.children), "{body}");
        assert_eq!(number.warnings, text.warnings, "{body}");
        assert_ne!(seen(&read(&body.replace("ID", "121"))), seen(&text), "{body}");
    }
}

#[test]
fn a_direction_is_read_in_every_word_for_it_or_a_warning_names_it() {
    for (direction, read, warnings) in [
        (json!("in"), Some(Direction::In), vec![]),
        (json!("IN"), Some(Direction::In), vec![]),
        (json!("inbound"), Some(Direction::In), vec![]),
        (json!("Incoming"), Some(Direction::In), vec![]),
        (json!("out"), Some(Direction::Out), vec![]),
        (json!("Outbound"), Some(Direction::Out), vec![]),
        (json!("outgoing"), Some(Direction::Out), vec![]),
        (json!(null), None, vec![]),
        (json!(""), None, vec![]),
        (json!("sideways"), None, vec!["unknown direction sideways"]),
        (json!(7), None, vec!["unknown direction 7"]),
        (json!({}), None, vec!["direction is no text"]),
    ] {
        let leg = event(&state("init", json!({"uuid": "l1", "direction": direction})));
        assert_eq!(leg.leg.unwrap().direction, read, "{direction}");
        assert_eq!(leg.warnings, warnings, "{direction}");
        let payload =
            json!({"id": "m", "direction": direction, "from": "+12025550111", "to": "+12025550150", "status": "sent"});
        let message = event(&json!({"data": {"event_type": "message.sent", "id": "d", "payload": payload}}));
        let own = match read {
            Some(Direction::In) => vec!["phone_number:12025550150"],
            Some(Direction::Out) => vec!["phone_number:12025550111"],
            None => vec![],
        };
        assert_eq!(message.own.iter().map(|own| own.entity.to_string()).collect::<Vec<_>>(), own, "{direction}");
        assert_eq!(message.warnings, warnings, "{direction}");
    }
}
