//! `play`, the lists, `call`, `stats` and `tail`, run as a person runs them, against a stack in this process.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

mod program;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::{Options, Stack};
use serde_json::{Value, json};

use self::program::run;

const TOKEN: &str = "provider-token";
const READ: &str = "read-token";
/// More than two pages of what a command asks for at once.
const MANY: usize = 230;

async fn stack() -> Stack {
    let options = Options { token: Some(TOKEN.to_owned()), read_token: Some(READ.to_owned()), ..Options::default() };
    Stack::start(options).await.unwrap()
}

/// The command with its address and tokens from the environment.
fn command(stack: &Stack, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    command.args(arguments).env("TRUNKLINE_URL", stack.url()).env("TRUNKLINE_READ_TOKEN", READ);
    command.env("TRUNKLINE_ONSIP_TOKEN", TOKEN).env("TRUNKLINE_OPENTACT_TOKEN", TOKEN);
    command
}

/// What the command prints, which must succeed and show no token.
async fn says(stack: &Stack, arguments: &[&str]) -> String {
    let out = program::says(command(stack, arguments)).await;
    assert!(!out.contains(TOKEN) && !out.contains(READ), "{out}");
    out
}

/// Calls of users of one domain that end.
async fn deliver_many(stack: &Stack) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    for nth in 0..MANY {
        let event = json!({
            "id": format!("e{nth}"), "streamId": format!("s{nth}"), "subscriptionId": "300", "type": "call.dialog.terminated",
            "payload": {"callId": format!("c{nth}"), "fromUri": "sip:alice@many.example.com", "toUri": "sip:b@many.example.com"},
            "createdAt": "2026-11-02T15:30:00.410233Z",
        });
        let request = Request::post(format!("{}/webhooks/onsip/call?token={TOKEN}", stack.url()));
        let request = request.body(Full::new(Bytes::from(event.to_string()))).unwrap();
        assert_eq!(client.request(request).await.unwrap().status(), 200);
    }
}

fn ids(lines: &str) -> BTreeSet<String> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    lines.lines().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_that_is_played_is_listed_by_its_filters_and_its_call_is_drawn() {
    let stack = stack().await;
    for (scenario, filter, events) in [
        ("call", ["--provider", "opentact"], 1..=40),
        ("failed-call", ["--class", "insufficient_balance"], 1..=40),
        ("menu", ["--family", "app"], 1..=40),
        ("sms", ["--family", "sms"], 1..=40),
        ("order", ["--family", "account"], 1..=40),
        ("onsip-call", ["--provider", "onsip"], 1..=80),
    ] {
        let played = says(&stack, &["play", scenario]).await;
        let stored: BTreeSet<_> = played
            .lines()
            .filter(|line| line.starts_with("POST "))
            .map(|line| line.rsplit(' ').next().unwrap())
            .collect();
        let listed = says(&stack, &["events", "--json", "--limit", "100", filter[0], filter[1]]).await;
        let listed = ids(&listed);
        assert!(events.contains(&listed.len()), "{scenario}: {}", listed.len());
        assert!(stored.iter().any(|id| listed.contains(*id)), "{scenario}: {played}\n{listed:?}");
        // What a call is drawn by: the line that `play` says.
        if let Some(line) = played.lines().find(|line| line.starts_with("trunkline call ")) {
            let address = line.rsplit(' ').next().unwrap();
            let drawn = says(&stack, &["call", address]).await;
            assert!(drawn.contains(" \u{2192} ") && drawn.contains(address.rsplit('/').next().unwrap()), "{drawn}");
        }
    }
    let table = says(&stack, &["calls", "--class", "insufficient_balance"]).await;
    assert!(table.starts_with("STARTED (UTC)") && table.lines().count() == 2, "{table}");
    assert!(!table.contains('\u{1b}'), "colour is for a terminal: {table:?}");
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_over_pages_as_json_and_as_one_csv() {
    let stack = stack().await;
    deliver_many(&stack).await;
    let wanted = MANY.to_string();
    let all = says(&stack, &["events", "--json", "--limit", &wanted]).await;
    assert_eq!(ids(&all).len(), MANY);
    let rows = says(&stack, &["events", "--csv", "--limit", &wanted]).await;
    let headings = rows.lines().filter(|line| line.starts_with("id,")).count();
    assert_eq!((headings, rows.lines().count()), (1, MANY + 1));
    assert_eq!(says(&stack, &["events", "--json", "--limit", "7"]).await.lines().count(), 7);
    // Records of calls come within seconds.
    let counted = loop {
        let counted = says(&stack, &["stats", "--json", "--entity", "sip_user:alice@many.example.com"]).await;
        if !counted.is_empty() {
            break counted;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(serde_json::from_str::<Value>(&counted).unwrap()["calls"].is_u64(), "{counted}");
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tail_tells_each_event_once_also_those_that_come_while_it_follows() {
    let stack = stack().await;
    says(&stack, &["play", "call"]).await;
    let before = ids(&says(&stack, &["events", "--json"]).await);
    let mut tail = command(&stack, &["tail", "--json", "--from", "1h"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let played = says(&stack, &["play", "failed-call"]).await;
    let last = played.lines().rfind(|line| line.starts_with("POST ")).unwrap();
    let last = last.rsplit(' ').next().unwrap().to_owned();
    let told = tokio::task::spawn_blocking(move || {
        let mut told = Vec::new();
        for line in lines {
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
            told.push(event["id"].as_str().unwrap().to_owned());
            if told.contains(&last) {
                break;
            }
        }
        told
    });
    let told = told.await.unwrap();
    tail.kill().unwrap();
    tail.wait().unwrap();
    let once: BTreeSet<_> = told.iter().cloned().collect();
    assert_eq!(once.len(), told.len(), "{told:?}");
    assert!(once.is_superset(&before), "{told:?}");
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_filter_is_said_in_the_apis_words_and_a_wrong_token_ends_with_one() {
    let stack = stack().await;
    let output = run(command(&stack, &["events", "--class", "bussy"])).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("class: ") && errors.contains("busy"), "{errors}");
    for arguments in [&["events"][..], &["calls"], &["stats"], &["tail"], &["call", "onsip.call.1"]] {
        let mut command = command(&stack, arguments);
        command.env("TRUNKLINE_READ_TOKEN", "another");
        let output = run(command).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("401"), "{arguments:?} {output:?}");
    }
    stack.shutdown().await;
}

/// Who asks and can't show it has failed, and says why; who reads no further has not, and what is endless ends.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn output_that_cannot_be_written_is_a_failure_and_a_reader_who_goes_away_is_none() {
    let stack = stack().await;
    let played = says(&stack, &["play", "call"]).await;
    let call = played.lines().find_map(|line| line.strip_prefix("trunkline call ")).unwrap();
    for arguments in [
        &["calls"][..],
        &["calls", "--json"],
        &["events", "--csv"],
        &["tail", "--from", "1h"],
        &["stats"],
        &["call", call],
        &["names", "export"],
        &["mute", "--list"],
        &["play", "sms"],
    ] {
        let mut full = command(&stack, arguments);
        full.stdout(std::fs::File::create("/dev/full").unwrap());
        let output = run(full).await;
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("standard output can't be written: No space left"), "{arguments:?}: {errors}");

        let mut unread = command(&stack, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(unread.stdout.take());
        let output = tokio::task::spawn_blocking(move || unread.wait_with_output().unwrap()).await.unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_nobody_reads_asks_for_no_further_page() {
    let pages = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", pages.local_addr().unwrap());
    // Each page leads to another one.
    std::thread::spawn(move || {
        for mut page in pages.incoming().map_while(Result::ok) {
            let _ = page.read(&mut [0; 4096]);
            let head =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/csv\r\nlink: <?cursor=1>; rel=\"next\"";
            let _ = write!(page, "{head}\r\ncontent-length: 22\r\n\r\nentity,name\r\na:a,A\r\n\r\n");
        }
    });
    let mut export = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    export.args(["names", "export", "--url", &url]).env("TRUNKLINE_READ_TOKEN", READ).stdout(Stdio::piped());
    let mut export = export.spawn().unwrap();
    let first = BufReader::new(export.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let status = tokio::task::spawn_blocking(move || export.wait().unwrap()).await.unwrap();
    assert_eq!((first.trim_end(), status.code()), ("entity,name", Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consoles_url_is_told_from_the_apis_and_counts_that_are_not_made_yet_from_none() {
    let stack = stack().await;
    let console = format!("{}/console", stack.url());
    for arguments in [&["calls"][..], &["calls", "--csv"], &["events"], &["stats"], &["tail"]] {
        let output = run({
            let mut command = command(&stack, arguments);
            command.args(["--url", &console]);
            command
        })
        .await;
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("no JSON") && errors.contains("ApiUrl (not ConsoleUrl)"), "{arguments:?}: {errors}");
    }
    let stats = says(&stack, &["stats"]).await;
    assert!(stats.starts_with("nothing is counted yet: "), "{stats}");
    assert_eq!(says(&stack, &["calls"]).await, "nothing found\n");
    stack.shutdown().await;
}
