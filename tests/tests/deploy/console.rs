//! The console under the stage, as whoever is woken at night opens it.

use regex_lite::Regex;
use tests::http::{Answer, escape, resolved};

use super::given::READ_TOKEN;
use super::stack::Api;

/// Follows a mail's link to its call, signs in by the form there, and sees the call.
pub(super) fn opens_by_the_link_of(mail: &str, api: &Api) {
    let path = found(r"https://\S+/v1(/console/calls/\S+)", mail);
    let form = text(&api.send("GET", &path, &[], b""));
    let (action, to) = (found("action=\"([^\"]+)\"", &form), found("name=\"to\" value=\"([^\"]+)\"", &form));
    let body = format!("token={READ_TOKEN}&to={}", escape(&to));
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
    let sign_in = resolved(&path, &action);
    let answer = api.send("POST", &sign_in, &headers, body.as_bytes());
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(answer.header("set-cookie").contains("; HttpOnly; Secure; SameSite=Lax"), "{answer:?}");
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    let there = resolved(&sign_in, answer.header("location"));
    let call = text(&api.send("GET", &there, &[("cookie", cookie)], b""));
    assert!(call.contains("insufficient balance") && call.contains("<svg"), "{call}");
    let style = api.send("GET", &resolved(&path, &found("rel=\"stylesheet\" href=\"([^\"]+)\"", &call)), &[], b"");
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"), "{style:?}");
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    String::from_utf8(answer.body.clone()).unwrap()
}

fn found(what: &str, text: &str) -> String {
    let found = Regex::new(what).unwrap().captures(text);
    found.unwrap_or_else(|| panic!("no {what} in {text}"))[1].to_owned()
}
