//! `redrive`, run as a person runs it: what it reads, what it prints, how it ends.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use local::{Options, Stack};
use shared::aws::Aws;

struct Redriven {
    status: i32,
    lines: Vec<String>,
    errors: String,
}

/// Runs `redrive` with those settings on its standard input and nothing of AWS in its environment.
async fn redrive(settings: &str) -> Redriven {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.arg("redrive").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(settings.as_bytes()).unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    Redriven { status: output.status.code().unwrap(), lines: out.lines().map(str::to_owned).collect(), errors }
}

async fn settings(stack: &Stack) -> BTreeMap<String, String> {
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let request = hyper::Request::get(format!("{}/local/notify", stack.url()));
    let response = client.request(request.body(http_body_util::Empty::<hyper::body::Bytes>::new()).unwrap());
    let body = http_body_util::BodyExt::collect(response.await.unwrap().into_body()).await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

fn text(settings: &BTreeMap<String, String>) -> String {
    serde_json::to_string(settings).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_letter_has_its_line_and_the_status_says_whether_any_is_left() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let settings = settings(&stack).await;
    let aws = Aws::read(&|name| settings.get(name).cloned()).unwrap();
    let sqs = aws_sdk_sqs::Client::new(&aws.service("SQS"));
    let leave = async |letter: &str| {
        sqs.send_message().queue_url(&settings["DEAD_LETTER_QUEUE_URL"]).message_body(letter).send().await.unwrap();
    };
    let empty = redrive(&text(&settings)).await;
    assert_eq!((empty.status, empty.lines, empty.errors.as_str()), (0, vec!["0 replayed, 0 left".to_owned()], ""));

    leave(r#"{"keys":{"pk":{"S":"opentact.call.x"},"sk":{"S":"20261102T164000240000Z~n9kn4xnNpRziGoJIJP2Wfw"}},"reason":"r"}"#).await;
    leave("\u{7f}a stranger's words").await;
    let some = redrive(&text(&settings)).await;
    assert_eq!((some.status, some.errors.as_str()), (1, ""));
    let [gone, left, sum] = some.lines.as_slice() else { unreachable!("{:?}", some.lines) };
    assert!(
        gone.starts_with("gone      opentact.call.x~20261102T164000240000Z~n9kn4xnNpRziGoJIJP2Wfw (notify): "),
        "{gone}"
    );
    assert!(left.starts_with("left      a message: it names neither"), "{left}");
    assert_eq!(sum, "0 replayed, 1 left");
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_told_in_one_line_with_their_own_status() {
    for (settings, told) in [("{}", "DEAD_LETTER_QUEUE_URL is not set"), ("null", "no JSON object of texts")] {
        let refused = redrive(settings).await;
        assert_eq!(refused.status, 2, "{}", refused.errors);
        assert!(refused.lines.is_empty() && refused.errors.contains(told), "{}", refused.errors);
        assert_eq!(refused.errors.lines().count(), 1, "{}", refused.errors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_not_there_is_told_in_one_line() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let mut settings = settings(&stack).await;
    let elsewhere = settings["DEAD_LETTER_QUEUE_URL"].replace("DeadLetterQueue", "Elsewhere");
    settings.insert("DEAD_LETTER_QUEUE_URL".to_owned(), elsewhere);
    let refused = redrive(&text(&settings)).await;
    assert_eq!(refused.status, 1);
    assert!(refused.lines.is_empty(), "{:?}", refused.lines);
    assert_eq!(refused.errors.lines().count(), 1, "{}", refused.errors);
    assert!(
        refused.errors.contains("QueueDoesNotExist") || refused.errors.contains("NonExistent"),
        "{}",
        refused.errors
    );
    stack.shutdown().await;
}
