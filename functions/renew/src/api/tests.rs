//! The client against a server that answers as it is told.

mod server;
mod tls;

use std::time::Duration;

use serde_json::{Value, json};
use shared::log::chain;

use self::server::{Server, completed, http};
use super::*;

const PASSWORD: &str = "pass w&rd";

fn login() -> Login {
    Login { username: "alice@example.onsip.com".to_owned(), password: Secret::new(PASSWORD) }
}

fn api(server: &Server) -> Api {
    Api::new(Http::new(&[]).unwrap(), server.url().parse().unwrap())
}

fn session(api: &Api) -> Session<'_> {
    Session { api, id: Secret::new("s3ss10n"), user: Some("38".to_owned()) }
}

#[tokio::test]
async fn each_action_is_one_form_with_the_session_in_it() {
    let server = Server::start(|_, form| {
        let result = match form.iter().find(|(name, _)| name == "Action").map(|(_, action)| action.as_str()) {
            Some("UserRead") => json!({"User": {"OrganizationId": "7"}}),
            Some("WebhookSubscriptionAdd") => json!({"WebhookSubscription": {"WebhookSubscriptionId": "300"}}),
            _ => json!({}),
        };
        completed(form, &result)
    });
    let api = api(&server);
    let session = api.log_in(&login()).await.unwrap();
    let organization = session.organization().await.unwrap();
    let wanted = Wanted {
        name: "trunkline".to_owned(),
        url: "https://example.com/v1/webhooks/onsip/call".to_owned(),
        token: Secret::new("a+b"),
    };
    assert_eq!(session.add(&organization, &wanted).await.unwrap().as_deref(), Some("300"));
    session.renew("300").await.unwrap();
    session.delete("300").await.unwrap();
    session.log_out().await.unwrap();
    let form = |pairs: &[(&str, &str)]| -> Vec<_> {
        let all = [("Output", "json")].iter().chain(pairs);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let id = ("SessionId", "s3ss10n");
    let expected = [
        form(&[("Action", "SessionCreate"), ("Username", "alice@example.onsip.com"), ("Password", PASSWORD)]),
        form(&[("Action", "UserRead"), id, ("UserId", "38")]),
        form(&[
            ("Action", "WebhookSubscriptionAdd"),
            id,
            ("OrganizationId", "7"),
            ("Name", "trunkline"),
            ("TargetUrl", "https://example.com/v1/webhooks/onsip/call?token=a%2Bb"),
            ("SslVerify", "true"),
        ]),
        form(&[("Action", "WebhookSubscriptionRenew"), id, ("WebhookSubscriptionId", "300")]),
        form(&[("Action", "WebhookSubscriptionDelete"), id, ("WebhookSubscriptionId", "300")]),
        form(&[("Action", "SessionDestroy"), id]),
    ];
    assert_eq!(server.forms(), expected);
}

/// A list of so many, of which an answer holds at most so many.
fn listing(count: usize, most: usize) -> Server {
    Server::start(move |_, form| {
        let number = |name| form.iter().find(|(n, _)| n == name).unwrap().1.parse::<usize>().unwrap();
        let page = (number("Offset")..count).take(number("Limit").min(most));
        let page: Vec<_> = page.map(|id| json!({"WebhookSubscriptionId": id.to_string()})).collect();
        completed(form, &json!({"WebhookSubscriptions": {"WebhookSubscription": page}}))
    })
}

#[tokio::test]
async fn a_list_is_read_to_its_end_whatever_a_page_holds() {
    for (count, most) in [(0, 20), (1, 20), (20, 20), (45, 20), (25, 10)] {
        let all = session(&api(&listing(count, most))).subscriptions("7").await.unwrap();
        let ids: Vec<_> = all.into_iter().map(|subscription| subscription.id).collect();
        assert_eq!(ids, (0..count).map(|id| id.to_string()).collect::<Vec<_>>(), "{count} by {most}");
    }
}

#[tokio::test]
async fn an_api_that_knows_no_pages_answers_once() {
    let one = json!({"WebhookSubscriptions": {"WebhookSubscription": {"WebhookSubscriptionId": "300"}}});
    let server = Server::start(move |_, form| completed(form, &one));
    assert_eq!(session(&api(&server)).subscriptions("7").await.unwrap().len(), 1);
    let endless = Server::start(|number, form| {
        let one = json!({"WebhookSubscriptionId": number.to_string()});
        completed(form, &json!({"WebhookSubscriptions": {"WebhookSubscription": one}}))
    });
    let error = session(&api(&endless)).subscriptions("7").await.unwrap_err();
    assert!(matches!(error.fault(), Fault::Endless), "{error:?}");
}

#[tokio::test]
async fn each_kind_of_bad_answer_is_one_clear_error() {
    let whole = completed(&[("Action".to_owned(), "SessionCreate".to_owned())], &json!({}));
    let half = whole.get(..whole.len() - 40).unwrap().to_vec();
    let xml = b"<?xml version=\"1.0\"?><Response/>".as_slice();
    let locked = json!({"Response": {"Context": {
        "Action": {"IsCompleted": "false"},
        "Request": {"IsValid": "true", "Parameters": {"Parameter": {"Name": "Password", "Value": PASSWORD}},
            "Errors": {"Error": {"Code": "Accessor.LoginLocked", "Message": format!("{PASSWORD} is locked")}}},
    }}});
    let locked = locked.to_string();
    for (answer, code, told) in [
        (http("200 OK", xml), "Unreadable", "the answer is not JSON"),
        (http("200 OK", b"{}"), "Unreadable", "the answer is JSON without the status of an action"),
        (http("404 Not Found", b"<html>"), "Status.404", "HTTP status 404"),
        (http("500 Oops", b""), "Status.500", "HTTP status 500"),
        (http("200 OK", &vec![b' '; 5_000_000]), "Unreadable", "the answer is larger than 1048576 bytes"),
        (half, "Unreachable", "the answer broke off"),
        (b"nonsense\r\n\r\n".to_vec(), "Unreachable", "the API could not be reached: client error"),
        (http("200 OK", locked.as_bytes()), "Accessor.LoginLocked", "refused, Accessor.LoginLocked: … is locked"),
        (http("403 Forbidden", locked.as_bytes()), "Accessor.LoginLocked", "refused, Accessor.LoginLocked"),
    ] {
        let server = Server::start(move |_, _| answer.clone());
        let error = api(&server).log_in(&login()).await.unwrap_err();
        let line = chain(&error);
        assert!(line.starts_with(&format!("SessionCreate: {told}")), "{line}");
        assert_eq!((error.code().as_ref(), error.is_locked()), (code, code == "Accessor.LoginLocked"), "{line}");
        assert!(!format!("{error:?} {line}").contains(PASSWORD), "{line}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_, form| completed(form, &json!({})));
    let url = elsewhere.url();
    let server = Server::start(move |_, _| http(&format!("302 Found\r\nlocation: {url}"), b""));
    let error = api(&server).log_in(&login()).await.unwrap_err();
    assert_eq!(error.code(), "Status.302");
    assert_eq!(elsewhere.forms(), Vec::<server::Form>::new());
}

#[tokio::test]
async fn an_api_that_does_not_answer_is_given_up() {
    let server = Server::start(|_, _| {
        std::thread::sleep(Duration::from_secs(60));
        Vec::new()
    });
    let http = Http::new(&[]).unwrap().with_time(Duration::from_millis(100));
    let error = Api::new(http, server.url().parse().unwrap()).log_in(&login()).await.unwrap_err();
    assert_eq!((error.code().as_ref(), error.is_answered()), ("Late", false));
    assert_eq!(http::TIME, Duration::from_secs(10));
}

#[tokio::test]
async fn a_completed_login_without_a_session_is_an_error() {
    let answer = json!({"Response": {"Context": {"Action": {"IsCompleted": "true"}, "Request": {"IsValid": "true"}}}});
    let server = Server::start(move |_, _| http("200 OK", Value::to_string(&answer).as_bytes()));
    let error = api(&server).log_in(&login()).await.unwrap_err();
    assert_eq!(chain(&error), "SessionCreate: the answer lacks a session's id");
}
