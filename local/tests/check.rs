//! `check`, run as a person runs it, against stacks in this process and against what is none.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{StatusCode, header};
use axum::response::Redirect;
use axum::routing::{any, get, post};
use local::{Options, Stack};
use tokio::net::TcpListener;

const ONSIP: &str = "provider+&=token";
const ONSIP_ENCODED: &str = "provider%2B%26%3Dtoken";
const WRONG: &str = "another-token";
const READ: &str = "read-token";
const OPERATOR: &str = "operator-token";
const ALL: [(&str, &str); 3] =
    [("TRUNKLINE_ONSIP_TOKEN", ONSIP), ("TRUNKLINE_READ_TOKEN", READ), ("TRUNKLINE_OPERATOR_TOKEN", OPERATOR)];

struct Checked {
    status: i32,
    lines: Vec<String>,
    errors: String,
}

/// Runs `check` with those tokens and no others. It shows none of them, whatever happens.
async fn check(url: &str, tokens: &[(&str, &str)]) -> Checked {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    command.args(["check", "--url", url]);
    for (name, _) in ALL {
        command.env_remove(name);
    }
    command.envs(tokens.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    for token in [ONSIP, ONSIP_ENCODED, READ, OPERATOR, WRONG] {
        assert!(!out.contains(token) && !errors.contains(token), "{token} is shown:\n{out}\n{errors}");
    }
    Checked { status: output.status.code().unwrap(), lines: out.lines().map(str::to_owned).collect(), errors }
}

impl Checked {
    /// The lines begin with these words, and there are no others.
    #[track_caller]
    fn tells(&self, status: i32, lines: &[&str]) {
        assert_eq!(self.lines.len(), lines.len(), "{:#?}", self.lines);
        for (line, begin) in self.lines.iter().zip(lines) {
            assert!(line.starts_with(begin), "{line:?} does not begin with {begin:?}");
        }
        assert_eq!(self.status, status, "{:#?}", self.lines);
    }
}

async fn stack() -> Stack {
    let options = Options {
        token: Some(ONSIP.to_owned()),
        read_token: Some(READ.to_owned()),
        operator_token: Some(OPERATOR.to_owned()),
        every: Duration::from_millis(200),
        ..Options::default()
    };
    Stack::start(options).await.unwrap()
}

/// Serves something that is no Trunkline, or not a good one.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_works_passes_and_its_test_alert_is_published() {
    let stack = stack().await;
    let checked = check(&format!("{}/", stack.url()), &ALL).await;
    let lines = [
        "ok   reachable",
        "ok   version",
        "ok   token",
        "ok   delivery    stored as onsip.",
        "skip settings",
        "ok   alert       recorded",
        "the stack works as far as it was checked; ",
    ];
    checked.tells(0, &lines);
    let deadline = Instant::now() + Duration::from_secs(10);
    while stack.published().len() < 4 {
        assert!(Instant::now() < deadline, "{:#?}", stack.published());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut topics: Vec<_> = stack.published().into_iter().map(|publication| publication.topic).collect();
    topics.sort();
    assert_eq!(topics, ["AlertsTopic", "ChatTopic", "EventsTopic", "UrgentTopic"], "the test delivery alerts nobody");
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_stack_does_not_know_is_named_with_its_parameter() {
    let stack = stack().await;
    let rest = "the stack does not work yet; failed: ";
    for (variable, parameter, lines) in [
        (
            "TRUNKLINE_ONSIP_TOKEN",
            "OnsipTokenDigests",
            ["ok   reachable", "ok   version", "FAIL token", "skip delivery", "skip settings", "ok   alert", rest],
        ),
        (
            "TRUNKLINE_READ_TOKEN",
            "ReadTokenDigests",
            ["ok   reachable", "ok   version", "ok   token", "FAIL delivery", "skip settings", "ok   alert", rest],
        ),
        (
            "TRUNKLINE_OPERATOR_TOKEN",
            "OperatorTokenDigests",
            ["ok   reachable", "ok   version", "ok   token", "ok   delivery", "skip settings", "FAIL alert", rest],
        ),
    ] {
        let tokens = ALL.map(|(name, token)| (name, if name == variable { WRONG } else { token }));
        let checked = check(stack.url(), &tokens).await;
        checked.tells(1, &lines);
        let told = checked.lines.iter().find(|line| line.starts_with("FAIL")).unwrap();
        assert!(told.contains(variable) && told.contains(parameter) && told.contains("sha256sum"), "{told}");
    }
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_a_token_is_skipped_and_that_is_no_failure() {
    let stack = stack().await;
    let rest = "the stack works as far as it was checked; ";
    let checked = check(stack.url(), &[]).await;
    checked.tells(
        0,
        &["ok   reachable", "ok   version", "skip token", "skip delivery", "skip settings", "skip alert", rest],
    );
    assert!(checked.lines[2].contains("TRUNKLINE_ONSIP_TOKEN is not set"), "{}", checked.lines[2]);
    let checked = check(stack.url(), &[ALL[0], ("TRUNKLINE_READ_TOKEN", "")]).await;
    checked.tells(
        0,
        &["ok   reachable", "ok   version", "ok   token", "skip delivery", "skip settings", "skip alert", rest],
    );
    assert!(checked.lines[3].contains("TRUNKLINE_READ_TOKEN is not set"), "{}", checked.lines[3]);
    let checked = check(stack.url(), &[ALL[2]]).await;
    checked.tells(
        0,
        &["ok   reachable", "ok   version", "skip token", "skip delivery", "skip settings", "ok   alert", rest],
    );
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_is_told_in_words_and_the_rest_is_skipped() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let html = serve(Router::new().fallback(any(|| async { "hello" }))).await;
    let moved = serve(Router::new().route("/events", get(|| async { Redirect::temporary("/elsewhere") }))).await;
    let stack = stack().await;
    let stage = format!("{}/v2", stack.url());
    let tls = stack.url().replace("http:", "https:");
    // Too long for a label, so that no DNS server is asked.
    let unknown = format!("https://{}.example/v1", "x".repeat(64));
    for (url, words) in [
        (&gone, "Connection refused"),
        (&html, "no Trunkline"),
        (&moved, "redirects"),
        (&stage, "ApiUrl, with its stage"),
        (&tls, "TLS"),
        (&unknown, "is not found"),
    ] {
        let checked = check(url, &ALL).await;
        checked.tells(
            1,
            &[
                "FAIL reachable",
                "skip version",
                "skip token",
                "skip delivery",
                "skip settings",
                "skip alert",
                "the stack does not work yet; ",
            ],
        );
        assert!(checked.lines[0].contains(words), "{url}: {}", checked.lines[0]);
    }
    stack.shutdown().await;
}

/// Answers as a Trunkline to who has no token, and in its own way to who delivers.
fn pretender(deliver: Router) -> Router {
    let problem = [(header::CONTENT_TYPE, "application/problem+json")];
    let version = concat!(r#"{"version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);
    let deliver = deliver.route("/healthz", get(move || async move { version }));
    deliver.route("/events", get(move || async move { (StatusCode::UNAUTHORIZED, problem, "{}") }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_lets_anybody_in_fails() {
    let open = Router::new().route("/webhooks/onsip/call", post(|| async { r#"{"status":"ready"}"# }));
    let checked = check(&serve(pretender(open)).await, &ALL[..2]).await;
    let rest = "the stack does not work yet; failed: token";
    checked.tells(
        1,
        &[
            "ok   reachable",
            "ok   version",
            "FAIL token       a made-up token is let in",
            "skip delivery",
            "skip settings",
            "skip alert",
            rest,
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_of_another_release_fails_and_is_told_with_both() {
    for (told, words) in [(r#"{"version":"0.0.9"}"#, "the stack is 0.0.9"), ("{}", "of a release that tells none")] {
        let problem = [(header::CONTENT_TYPE, "application/problem+json")];
        let other = Router::new().route("/healthz", get(move || async move { told }));
        let other = other.route("/events", get(move || async move { (StatusCode::UNAUTHORIZED, problem, "{}") }));
        let checked = check(&serve(other).await, &[]).await;
        let rest = "the stack does not work yet; failed: version";
        checked.tells(
            1,
            &["ok   reachable", "FAIL version", "skip token", "skip delivery", "skip settings", "skip alert", rest],
        );
        assert!(
            checked.lines[1].contains(words) && checked.lines[1].contains(env!("CARGO_PKG_VERSION")),
            "{}",
            checked.lines[1]
        );
    }
}

/// Answers as a Trunkline that changes bodies and takes every delivery for a new one.
fn forgetful(change: fn(String) -> String) -> Router {
    const ID: &str = "onsip.event.x~20261122T025604166480Z~ukz3K53REGGHfFEQoOq2YQ";
    let kept = Arc::new(Mutex::new(String::new()));
    let keep = Arc::clone(&kept);
    let deliver = move |RawQuery(query): RawQuery, body: String| async move {
        if query != Some(format!("token={ONSIP_ENCODED}")) {
            (StatusCode::UNAUTHORIZED, String::new())
        } else if body == "{}" {
            (StatusCode::OK, r#"{"status":"ready"}"#.to_owned())
        } else {
            *keep.lock().unwrap() = body;
            (StatusCode::OK, format!(r#"{{"status":"stored","id":"{ID}"}}"#))
        }
    };
    let body = move || async move { change(kept.lock().unwrap().clone()) };
    let event = || async { r#"{"type":"trunkline.test"}"# };
    let router = Router::new().route("/webhooks/onsip/call", post(deliver));
    pretender(router.route("/events/{id}", get(event)).route("/events/{id}/body", get(body)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_back_changed_and_a_repeat_that_is_stored_again_fail() {
    for (server, words) in [
        (forgetful(|body| body.replace("1.10", "1.1")), "FAIL delivery    the body read back"),
        (forgetful(|body| body), "FAIL delivery    the same delivery again was answered 200 (stored)"),
    ] {
        let checked = check(&serve(server).await, &ALL[..2]).await;
        let rest = "the stack does not work yet; failed: delivery";
        checked.tells(1, &["ok   reachable", "ok   version", "ok   token", words, "skip settings", "skip alert", rest]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_says_cannot_steer_the_terminal() {
    let broken = post(|| async { (StatusCode::BAD_GATEWAY, "{\"message\":\"\\u001b[2J\"}") });
    let checked = check(&serve(pretender(Router::new().route("/webhooks/onsip/call", broken))).await, &ALL[..1]).await;
    checked.tells(
        1,
        &[
            "ok   reachable",
            "ok   version",
            "FAIL token",
            "skip delivery",
            "skip settings",
            "skip alert",
            "the stack does not work yet; ",
        ],
    );
    assert!(checked.lines[2].contains("502 (\u{FFFD}[2J)"), "{}", checked.lines[2]);
    assert!(checked.lines[2].contains("CallFunction's log"), "{}", checked.lines[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_is_told_apart_and_shows_no_token() {
    for (url, tokens, words) in [
        ("nowhere", &ALL[..], "not a URL"),
        ("http://192.0.2.1/v1", &ALL, "in the clear"),
        ("https://192.0.2.1/v1?token=read-token", &ALL, "without ?"),
        ("https://192.0.2.1/v1", &[("TRUNKLINE_READ_TOKEN", "read-token\n")], "TRUNKLINE_READ_TOKEN"),
    ] {
        let checked = check(url, tokens).await;
        checked.tells(2, &[]);
        assert!(checked.errors.contains(words), "{url}: {}", checked.errors);
    }
}
