//! Answers as the API gives them, and as nobody expects them.

use serde_json::{Value, json};

use super::*;

const BROWSE: &str = "WebhookSubscriptionBrowse";

fn read(action: &str, answer: &Value) -> Result<Reply, Unfit> {
    Reply::read(action, answer.to_string().as_bytes(), &[])
}

/// A completed action with that result.
fn completed(action: &str, result: Value) -> Value {
    json!({"Response": {
        "Context": {
            "Action": {"IsCompleted": "true", "Errors": {}},
            "Request": {"IsValid": "true", "DateTime": "2026-01-11T21:10:58+00:00", "Parameters": {"Parameter": []}, "Errors": {}},
            "Session": {"IsEstablished": "true", "SessionId": "s3ss10n", "UserId": "38", "Roles": {"Role": {"Name": "Account Admin"}}},
        },
        "Result": {action: result},
    }})
}

fn refusal(request: Value, action: Value) -> Value {
    json!({"Response": {"Context": {
        "Action": {"IsCompleted": "false", "Errors": action},
        "Request": {"IsValid": "true", "Parameters": {"Parameter": {"Name": "Password", "Value": "hunter2"}}, "Errors": request},
        "Session": {"IsEstablished": "false", "SessionId": {}},
    }}})
}

fn ids(list: Value) -> Vec<String> {
    let reply = read(BROWSE, &completed(BROWSE, list)).unwrap();
    reply.subscriptions().into_iter().map(|subscription| subscription.id).collect()
}

#[test]
fn a_session_names_itself_and_its_user() {
    let reply = read("SessionCreate", &completed("SessionCreate", json!({}))).unwrap();
    assert_eq!(reply.session(), Some(Secret::new("s3ss10n")));
    assert_eq!(reply.user().as_deref(), Some("38"));
}

#[test]
fn a_list_of_none_one_and_many_is_read() {
    let one = |id: Value| json!({"WebhookSubscriptionId": id, "Unknown": {"X": ["y"]}});
    let list = |of: Value| json!({"WebhookSubscriptions": {"WebhookSubscription": of}});
    assert_eq!(ids(json!({})), Vec::<String>::new());
    assert_eq!(ids(json!({"WebhookSubscriptions": {}})), Vec::<String>::new());
    assert_eq!(ids(list(json!([]))), Vec::<String>::new());
    assert_eq!(ids(list(one(json!("300")))), ["300"]);
    assert_eq!(ids(list(json!([one(json!("300")), one(json!(301)), one(json!({}))]))), ["300", "301"]);
}

#[test]
fn what_a_subscription_says_beside_its_id_is_read_where_it_says_so() {
    let element = json!({"WebhookSubscriptionId": "a1", "TargetUrl": "https://example.com/?token=t", "Name": {}});
    let reply = read(BROWSE, &completed(BROWSE, json!({"WebhookSubscriptions": {"WebhookSubscription": element}})));
    let target = Some(Secret::new("https://example.com/?token=t"));
    assert_eq!(reply.unwrap().subscriptions(), [Subscription { id: "a1".to_owned(), target, name: None }]);
}

#[test]
fn an_answer_to_add_without_an_id_is_completed_all_the_same() {
    let add = "WebhookSubscriptionAdd";
    let with = json!({"WebhookSubscription": {"WebhookSubscriptionId": "300"}});
    assert_eq!(read(add, &completed(add, with)).unwrap().added().as_deref(), Some("300"));
    for without in [json!({}), json!({"WebhookSubscription": {}}), json!("x"), json!([1])] {
        assert_eq!(read(add, &completed(add, without)).unwrap().added(), None);
    }
}

#[test]
fn an_error_is_read_from_both_of_its_places_and_the_first_of_several_counts() {
    let required = json!({"Error": {"Parameter": "Action", "Code": "Value.Odd", "Message": "Odd."}});
    let several =
        json!({"Error": [{"Code": "Value.Required", "Message": "Name"}, {"Code": "Integer.TooBig", "Message": "x"}]});
    for (request, action, code) in [
        (required.clone(), json!({}), "Value.Odd"),
        (json!({}), required, "Value.Odd"),
        (several, json!({}), "Value.Required"),
        (json!({}), json!({}), "no code"),
        (json!({"Error": "what?"}), json!({}), "no code"),
    ] {
        let unfit = read("SessionCreate", &refusal(request, action)).err().unwrap();
        assert!(matches!(&unfit, Unfit::Refused { code: told, .. } if told == code), "{unfit}");
        assert!(!format!("{unfit:?} {unfit}").contains("hunter2"), "{unfit}");
    }
}

#[test]
fn a_locked_login_is_known_though_the_user_s_name_is_a_part_of_its_code() {
    let locked = json!({"Error": {"Code": "Accessor.LoginLocked", "Message": "Login is locked."}});
    for (request, action) in [(locked.clone(), json!({})), (json!({}), locked)] {
        let answer = refusal(request, action).to_string();
        let unfit = Reply::read("SessionCreate", answer.as_bytes(), &[&Secret::new("Login")]).err();
        assert_eq!(unfit, Some(Unfit::Locked { message: "… is locked.".to_owned() }));
    }
}

#[test]
fn an_exception_is_an_error_whatever_stands_beside_it() {
    let mut beside = completed(BROWSE, json!({}));
    beside["Exception"] = json!("Service\n unavailable");
    let within = json!({"Response": {"Exception": {"Message": "Service unavailable"}}});
    for answer in [json!({"Exception": "Service unavailable"}), beside, within] {
        let expected = Unfit::Exception { message: "Service unavailable".to_owned() };
        assert_eq!(read(BROWSE, &answer).err(), Some(expected), "{answer}");
    }
}

#[test]
fn what_is_no_answer_of_the_api_is_told_as_such() {
    let whole = completed(BROWSE, json!({})).to_string();
    let half = whole.get(..whole.len() / 2).unwrap().as_bytes();
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 6] =
        [b"", b"<?xml version=\"1.0\"?><Response/>", b"<html>502</html>", half, b"\xff\xfe", deep.as_bytes()];
    for body in bodies {
        assert_eq!(Reply::read(BROWSE, body, &[]).err(), Some(Unfit::NotJson));
    }
    for body in ["null", "[]", "7", "\"x\"", "{}", r#"{"Response":[]}"#, r#"{"Response":{"Context":[{"Request":1}]}}"#]
    {
        assert_eq!(Reply::read(BROWSE, body.as_bytes(), &[]).err(), Some(Unfit::Foreign), "{body}");
    }
}

#[test]
fn a_secret_in_the_apis_words_is_taken_out_before_they_are_cut() {
    let secret = Secret::new("pass  w&rd");
    for written in ["pass  w&rd", "pass++w%26rd", "pass%20%20w%26rd"] {
        for before in [0, MAX_MESSAGE - 6] {
            let message = format!("{}{written} is wrong", "x".repeat(before));
            let error = json!({"Error": {"Code": written, "Message": message}});
            let answer = refusal(error, json!({})).to_string();
            let unfit = Reply::read(BROWSE, answer.as_bytes(), &[&secret]).err().unwrap().to_string();
            assert!(!unfit.contains("pass") && unfit.contains('…'), "{unfit}");
        }
    }
}

#[test]
fn a_long_message_is_cut_and_made_one_line() {
    let error = json!({"Error": {"Code": "X".repeat(1000), "Message": "é\r\n\u{1b}[31m ".repeat(1000)}});
    let Some(Unfit::Refused { code, message }) = read(BROWSE, &refusal(error, json!({}))).err() else { unreachable!() };
    assert!(code.len() <= MAX_CODE && message.len() <= MAX_MESSAGE && message.starts_with("é [31m é"), "{message}");
}
