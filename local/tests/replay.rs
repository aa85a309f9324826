//! `replay`, run as a person runs it: a consumer that comes later gets what the events topic had.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::{Options, Publication, Stack};
use serde_json::{Value, json};
use shared::aws::Aws;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use self::program::run;

const TOKEN: &str = "provider-token";
const READ: &str = "read-token";
const OPERATOR: &str = "operator-token";
/// The topic that stands for a consumer's own.
const CONSUMER: &str = "sns:arn:aws:sns:us-east-1:000000000000:AlertsTopic";

async fn stack(texts: &str) -> Stack {
    Stack::start(Options {
        token: Some(TOKEN.to_owned()),
        read_token: Some(READ.to_owned()),
        operator_token: Some(OPERATOR.to_owned()),
        environment: BTreeMap::from([("PUBLISH_TEXT".to_owned(), texts.to_owned())]),
        ..Options::default()
    })
    .await
    .unwrap()
}

fn variables(stack: &Stack) -> [(&'static str, String); 10] {
    [
        ("TRUNKLINE_URL", stack.url()),
        ("TRUNKLINE_READ_TOKEN", READ),
        ("TRUNKLINE_OPERATOR_TOKEN", OPERATOR),
        ("TRUNKLINE_ONSIP_TOKEN", TOKEN),
        ("TRUNKLINE_OPENTACT_TOKEN", TOKEN),
        ("AWS_ENDPOINT_URL_SNS", stack.sns_url()),
        ("AWS_ENDPOINT_URL_SQS", stack.sqs_url()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
}

fn command(stack: &Stack, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    command.args(arguments).envs(variables(stack)).stdin(Stdio::null());
    command
}

/// What the command prints, which must succeed.
async fn says(stack: &Stack, arguments: &[&str]) -> String {
    program::says(command(stack, arguments)).await
}

async fn post(url: String, body: String) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(url).header("authorization", format!("Bearer {OPERATOR}"));
    assert_eq!(client.request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap().status(), 200);
}

/// A text with attributes, each with its type.
type Sent = (String, BTreeMap<String, (String, String)>);

/// What topics were sent of events and records, in that order: what was replayed, and what was not.
fn sent(stack: &Stack) -> (Vec<Sent>, Vec<Sent>) {
    let attributes = |publication: Publication| {
        let attributes = publication.attributes.into_iter().map(|(name, value)| (name, (value.kind, value.value)));
        (publication.message, attributes.collect::<BTreeMap<_, _>>())
    };
    let mut all: Vec<_> = stack.published().into_iter().map(attributes).collect();
    all.reverse();
    // Alerts have no type.
    all.retain(|(_, attributes)| attributes.contains_key("type"));
    all.into_iter().partition(|(_, attributes)| attributes.contains_key("replayed"))
}

fn replayed(stack: &Stack) -> Vec<Sent> {
    sent(stack).0
}

/// The same without the mark.
fn unmarked(mut all: Vec<Sent>) -> Vec<Sent> {
    for (_, attributes) in &mut all {
        assert_eq!(attributes.remove("replayed"), Some(("String".to_owned(), "true".to_owned())));
    }
    all
}

fn is_record((_, attributes): &Sent) -> bool {
    attributes["type"].1.starts_with("trunkline.")
}

fn of(sent: &Sent, name: &str) -> String {
    serde_json::from_str::<Value>(&sent.0).unwrap()[name].as_str().unwrap_or_default().to_owned()
}

/// What was published of events, and of calls in their last version: all of it.
async fn published(stack: &Stack) -> (Vec<Sent>, Vec<Sent>) {
    let last = |all: Vec<Sent>| {
        let version = |sent: &Sent| serde_json::from_str::<Value>(&sent.0).unwrap()["version"].as_u64();
        let mut last: BTreeMap<String, Sent> = BTreeMap::new();
        for sent in all.into_iter().filter(|(_, attributes)| attributes["type"].1 == "trunkline.call") {
            let before = last.get(&of(&sent, "id")).and_then(version);
            if before <= version(&sent) {
                last.insert(of(&sent, "id"), sent);
            }
        }
        last.into_values().filter(|(_, attributes)| attributes["outcome"].1 != "joined").collect::<Vec<_>>()
    };
    loop {
        let (records, events): (Vec<_>, Vec<_>) = sent(stack).1.into_iter().partition(is_record);
        let records = last(records);
        let stored = says(stack, &["events", "--json", "--from", "1h", "--limit", "1000"]).await;
        let over = says(stack, &["calls", "--json", "--ended-from", "1h", "--limit", "1000"]).await;
        let versions: BTreeSet<_> = over.lines().map(|line| line_of(line, &["id", "version"])).collect();
        let told: BTreeSet<_> = records.iter().map(|(text, _)| line_of(text, &["id", "version"])).collect();
        if events.len() == stored.lines().count() && versions == told && !records.is_empty() {
            return (events, records);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn line_of(text: &str, names: &[&str]) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    names.iter().map(|name| value[name].to_string()).collect()
}

/// Of each kind of traffic some, with a name, and with an event whose details no list shows.
async fn traffic(stack: &Stack) {
    for scenario in ["call", "failed-call", "menu", "sms", "order", "onsip-call"] {
        says(stack, &["play", scenario]).await;
    }
    let (folder, route) =
        (tempfile::tempdir().unwrap(), format!("{}/webhooks/opentact/account?token={TOKEN}", stack.url()));
    let names = folder.path().join("names.csv");
    std::fs::write(&names, "sip_user:alice@example.com,Alice\nphone_number:12025550140,Front desk\n").unwrap();
    says(stack, &["names", "import", names.to_str().unwrap()]).await;
    post(route, long_order()).await;
}

/// An order whose details no list shows.
fn long_order() -> String {
    let sample =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/opentact-tn_order-success.json"));
    let mut order: Value = serde_json::from_str(&sample.unwrap()).unwrap();
    order["payload"]["uuid"] = json!("0fb0e4fd-0a24-428d-ad0d-3140aa2a1586");
    order["payload"]["items"] =
        (0..40).map(|nth| json!({"tn": 12_025_550_100_u64 + nth, "state": "success"})).collect();
    order.to_string()
}

/// Both byte for byte, each once.
fn assert_same(mut first: Vec<Sent>, again: Vec<Sent>, what: &str) {
    let mut again = unmarked(again);
    first.sort();
    again.sort();
    assert_eq!(first.len(), again.len(), "{what}");
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first, again, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_gets_what_was_published_in_the_order_of_receipt_and_marked() {
    for (texts, flag) in [("off", None), ("on", Some("--texts"))] {
        let stack = stack(texts).await;
        traffic(&stack).await;
        let (events, records) = published(&stack).await;
        let arguments = [&["replay", "events", "--from", "1h", "--to", CONSUMER, "--rate", "1000", "--yes"][..]];
        let told = says(&stack, &arguments.into_iter().flatten().copied().chain(flag).collect::<Vec<_>>()).await;
        assert!(told.starts_with(&format!("{} events from ", events.len())), "{told}");
        assert!(told.ends_with(&format!("\n{} sent\n", events.len())), "{told}");
        let again = replayed(&stack);
        assert!(again.iter().map(|sent| of(sent, "receivedAt").parse::<jiff::Timestamp>().unwrap()).is_sorted());
        assert_same(events, again.clone(), "events");

        let arguments = ["replay", "calls", "--ended-from", "1h", "--to", CONSUMER, "--rate", "1000", "--yes"];
        let told = says(&stack, &arguments).await;
        assert!(told.starts_with(&format!("{} calls from ", records.len())), "{told}");
        let by_end = replayed(&stack).split_off(again.len());
        assert_same(records.clone(), by_end.clone(), "calls");
        // Where they began they say the same, and one that goes on is left out.
        let going_on = json!({
            "id": "g1", "streamId": "g1", "subscriptionId": "300", "type": "call.dialog.created", "createdAt": jiff::Timestamp::now(),
            "payload": {"callId": "going-on", "fromUri": "sip:alice@example.com", "toUri": "sip:bob@example.com"},
        });
        post(format!("{}/webhooks/onsip/call?token={TOKEN}", stack.url()), going_on.to_string()).await;
        while says(&stack, &["calls", "--json", "--from", "1h"]).await.lines().count() <= records.len() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        says(&stack, &["replay", "calls", "--from", "1h", "--to", CONSUMER, "--rate", "1000", "--yes"]).await;
        assert_same(records, replayed(&stack).split_off(again.len() + by_end.len()), "calls that began");
        stack.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_gets_what_a_filter_leaves_and_only_after_somebody_agreed() {
    let stack = stack("off").await;
    traffic(&stack).await;
    let (events, _) = published(&stack).await;
    let failed: Vec<_> = events.into_iter().filter(|(_, attributes)| attributes.contains_key("class")).collect();
    assert!(!failed.is_empty());
    let queue = format!("sqs:{}/000000000000/DeadLetterQueue", stack.sqs_url());
    let arguments = ["replay", "events", "--from", "1h", "--class", "any", "--to", &queue];

    let counted = says(&stack, &[&arguments[..6], &["--dry-run"]].concat()).await;
    assert!(counted.starts_with(&format!("{} events from ", failed.len())), "{counted}");
    assert!(counted.ends_with("Nothing was sent.\n"), "{counted}");
    let unasked = run(command(&stack, &arguments)).await;
    assert_eq!(unasked.status.code(), Some(1));
    assert_eq!(received(&stack).await, []);

    says(&stack, &[&arguments[..], &["--yes", "--rate", "1000"]].concat()).await;
    assert_same(failed, received(&stack).await, "failures");
    stack.shutdown().await;
}

/// What the queue holds.
async fn received(stack: &Stack) -> Vec<Sent> {
    let variables = BTreeMap::from(variables(stack));
    let client = Aws::read(&|name| variables.get(name).cloned()).unwrap().sqs();
    let url = format!("{}/000000000000/DeadLetterQueue", stack.sqs_url());
    let mut all = Vec::new();
    loop {
        let asked = client.receive_message().queue_url(&url).max_number_of_messages(10).visibility_timeout(600);
        let messages = asked.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default();
        if messages.is_empty() {
            return all;
        }
        for message in messages {
            let attributes = message.message_attributes.unwrap_or_default().into_iter();
            let value =
                |value: aws_sdk_sqs::types::MessageAttributeValue| (value.data_type, value.string_value.unwrap());
            let attributes = attributes.map(|(name, one)| (name, value(one))).collect();
            all.push((message.body.unwrap(), attributes));
        }
    }
}

/// More than two pages.
const MANY: usize = 230;

/// More than the SDK's own attempts.
const REFUSALS: usize = 6;

/// The address of a server that answers so many requests with 503, and then passes on to the other what comes.
async fn in_trouble_before(other: &str) -> String {
    let other = other.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for nth in 0.. {
            let (mut client, _) = listener.accept().await.unwrap();
            if nth < REFUSALS {
                assert_ne!(client.read(&mut [0; 65536]).await.unwrap(), 0);
                let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                client.write_all(answer).await.unwrap();
                continue;
            }
            let mut server = TcpStream::connect(&other).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_in_trouble_for_a_while_gets_all_without_anybody_doing_anything() {
    let stack = stack("off").await;
    says(&stack, &["play", "failed-call"]).await;
    let arguments = ["replay", "events", "--from", "1h", "--to", CONSUMER, "--yes"];
    let mut command = command(&stack, &arguments);
    // The topic's own region, whatever the environment's is.
    command.env("AWS_REGION", "eu-central-1").env("AWS_ENDPOINT_URL_SNS", in_trouble_before(stack.sns_url()).await);
    let told = program::says(command).await;
    let (number, _) = told.split_once(" events from ").unwrap();
    assert!(told.ends_with(&format!("\n{number} sent\n")), "{told}");
    assert_eq!(replayed(&stack).len().to_string(), number);
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_interrupted_or_fails_says_where_it_goes_on_and_nothing_is_lost() {
    let stack = stack("off").await;
    for nth in 0..MANY {
        let event = json!({
            "id": format!("e{nth}"), "streamId": format!("s{nth}"), "subscriptionId": "300", "type": "call.dialog.terminated",
            "payload": {"callId": format!("c{nth}"), "fromUri": "sip:alice@many.example.com", "toUri": "sip:b@many.example.com"},
            "createdAt": "2026-11-02T15:30:00.410233Z",
        });
        post(format!("{}/webhooks/onsip/call?token={TOKEN}", stack.url()), event.to_string()).await;
    }
    let arguments = ["replay", "events", "--from", "1h", "--to", CONSUMER, "--yes", "--rate"];
    let mut cut = command(&stack, &arguments);
    let cut = cut.arg("25").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while replayed(&stack).len() <= 110 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(Command::new("kill").args(["-TERM", &cut.id().to_string()]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || cut.wait_with_output().unwrap()).await.unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{out}");
    let before = replayed(&stack);
    assert!((110..MANY).contains(&before.len()), "{}", before.len());

    // As a person copies it.
    let line = out.lines().find_map(|line| line.strip_prefix("  ")).unwrap();
    assert!(out.contains("\ncursor: 20") && line.contains(" --cursor 20"), "{out}");
    let shell = format!("exec {}", line.replace("--rate 25", "--rate 1000 --yes"));
    let mut again = Command::new("sh");
    again.args(["-c", &shell]).envs(variables(&stack));
    let told = run(again).await;
    assert!(told.status.success(), "{told:?}");
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with(&format!("{} events from ", MANY - 100)) && told.contains("behind the cursor"), "{told}");
    let all = replayed(&stack);
    assert_eq!(all.iter().map(|sent| of(sent, "id")).collect::<BTreeSet<_>>().len(), MANY);
    assert_eq!(all.len(), before.len() + MANY - 100, "the first page came once");

    let nobody = CONSUMER.replace("AlertsTopic", "Nobody");
    let output = run(command(&stack, &["replay", "events", "--from", "1h", "--to", &nobody, "--yes"])).await;
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.contains("\n0 sent\n") && out.contains(&format!(" --to {nobody} --rate 10")), "{out}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("NotFound"), "{out}");
    stack.shutdown().await;
}
