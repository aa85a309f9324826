//! `check` with the settings of `notify`: what it says of a stack from within, against an AWS of this process.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const STREAM: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/t-EventsTable-x/stream/2026-11-02T10:00:00.000";
const NUMBER: &str = "+12025550101";

/// What each operation is answered.
type Answers = BTreeMap<&'static str, (u16, String)>;

fn mapping(function: &str, more: &Value) -> Value {
    let mut mapping = json!({"FunctionArn": format!("arn:aws:lambda:us-east-1:123456789012:function:t-{function}-x"), "State": "Enabled"});
    mapping.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    mapping
}

fn mappings(all: &[Value]) -> String {
    json!({ "EventSourceMappings": all }).to_string()
}

fn table(more: &Value) -> String {
    let mut table = json!({"LatestStreamArn": STREAM, "StreamSpecification": {"StreamEnabled": true}});
    table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "Table": table }).to_string()
}

/// Subscriptions to a topic, each by its ARN: by e-mail, and by SMS.
fn subscriptions(arns: [&str; 2]) -> String {
    let member = |arn: &str, protocol: &str, endpoint: &str| {
        format!(
            "<member><SubscriptionArn>{arn}</SubscriptionArn><Protocol>{protocol}</Protocol><Endpoint>{endpoint}</Endpoint></member>"
        )
    };
    let [mail, phone] = arns;
    let members = member(mail, "email", "ops@example.com") + &member(phone, "sms", NUMBER);
    sns("ListSubscriptionsByTopic", &format!("<Subscriptions>{members}</Subscriptions>"))
}

fn sns(operation: &str, result: &str) -> String {
    format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>")
}

fn opted_out(out: &str) -> String {
    sns("CheckIfPhoneNumberIsOptedOut", &format!("<isOptedOut>{out}</isOptedOut>"))
}

fn sandbox(inside: &str) -> String {
    sns("GetSMSSandboxAccountStatus", &format!("<IsInSandbox>{inside}</IsInSandbox>"))
}

fn verified(status: &str) -> String {
    let number = format!("<member><PhoneNumber>{NUMBER}</PhoneNumber><Status>{status}</Status></member>");
    sns("ListSMSSandboxPhoneNumbers", &format!("<PhoneNumbers>{number}</PhoneNumbers>"))
}

/// An AWS with a stack in good order.
fn good() -> Answers {
    let readers = ["NotifyFunction", "IndexFunction"].map(|function| mapping(function, &json!({})));
    let limit = "<attributes><entry><key>MonthlySpendLimit</key><value>50</value></entry></attributes>";
    [
        ("DescribeTable", table(&json!({}))),
        ("Query", json!({"Items": [], "Count": 0}).to_string()),
        ("ListEventSourceMappings", mappings(&readers)),
        ("ListSubscriptionsByTopic", subscriptions(["arn:1", "arn:2"])),
        ("CheckIfPhoneNumberIsOptedOut", opted_out("false")),
        ("GetSMSSandboxAccountStatus", sandbox("false")),
        ("ListSMSSandboxPhoneNumbers", verified("Verified")),
        ("GetSMSAttributes", sns("GetSMSAttributes", limit)),
        ("GetMetricStatistics", "12.5".to_owned()),
    ]
    .map(|(operation, answer)| (operation, (200, answer)))
    .into()
}

/// What CloudWatch's protocol asks of an answer.
const SMITHY: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");

/// A metric's greatest value, or no value, in CBOR (RFC 8949).
fn datapoints(value: Option<f64>) -> Vec<u8> {
    let mut answer = [&[0xa1, 0x6a], &b"Datapoints"[..]].concat();
    match value {
        None => answer.push(0x80),
        Some(value) => {
            answer.extend([&[0x81, 0xa1, 0x67], &b"Maximum"[..], &[0xfb], &value.to_be_bytes()].concat());
        }
    }
    answer
}

/// Answers for AWS, and as a Trunkline of this release to who has no token.
async fn serve(answers: Answers) -> String {
    let answer = |State(answers): State<Arc<Answers>>, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let form = String::from_utf8_lossy(&body).into_owned();
        let action = form.strip_prefix("Action=").and_then(|rest| rest.split('&').next());
        let operation = match (target.rsplit_once('.'), action) {
            (Some((_, operation)), _) => operation,
            (None, Some(action)) => action,
            (None, None) if uri.query().is_some_and(|query| query.contains("EventSourceArn=")) => {
                "ListEventSourceMappings"
            }
            (None, None) => "",
        };
        let metric = uri.path().ends_with("/operation/GetMetricStatistics");
        let operation = if metric { "GetMetricStatistics" } else { operation };
        let (status, body) = answers.get(operation).cloned().unwrap_or((404, String::new()));
        let status = StatusCode::from_u16(status).unwrap();
        if metric {
            (status, [SMITHY], datapoints(body.parse().ok())).into_response()
        } else {
            (status, body).into_response()
        }
    };
    let problem = [(header::CONTENT_TYPE, "application/problem+json")];
    let trunkline = get(move || async move { (StatusCode::UNAUTHORIZED, problem, "{}") });
    let version = concat!(r#"{"version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);
    let trunkline = Router::new().route("/events", trunkline).route("/healthz", get(move || async move { version }));
    let router = trunkline.fallback(answer).with_state(Arc::new(answers));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Runs `check` without tokens; gives its exit status and the lines that are about AWS.
async fn check(answers: Answers, more: &[(&str, &str)]) -> (i32, Vec<String>) {
    let url = serve(answers).await;
    let mut settings: BTreeMap<&str, &str> = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("EVENTS_TABLE", "t-EventsTable-x"),
        ("ALERTS_TABLE", "t-AlertsTable-x"),
        ("ALERTS_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:alerts"),
        ("URGENT_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:urgent"),
        ("CHAT_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:chat"),
        ("PAGES_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:pages"),
        ("DEAD_LETTER_QUEUE_URL", "https://sqs.example.com/letters"),
        ("API_URL", "https://api.example.com/v1"),
        ("WATCH_EMAIL", "on"),
        ("WATCH_SMS", "on"),
    ]
    .into();
    settings.extend(more.iter().copied());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!(settings).to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    command.args(["check", "--url", &url, "--settings"]).arg(file.path());
    for name in ["ONSIP", "READ", "OPERATOR"] {
        command.env_remove(format!("TRUNKLINE_{name}_TOKEN"));
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(!out.contains(NUMBER) && !out.contains("ops@example.com"), "{out}");
    let lines = out.lines().skip_while(|line| !line.contains(" settings ")).take(5).map(str::to_owned).collect();
    (output.status.code().unwrap(), lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_in_good_order_passes_and_what_it_may_spend_is_told() {
    let (status, lines) = check(good(), &[]).await;
    let begins = ["ok   settings", "ok   stream", "ok   subscribers", "ok   sms", "ok   pending"];
    assert!(lines.len() == 5 && lines.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("50 US dollars")), "{lines:#?}");
    assert_eq!(status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_within_is_told_with_what_to_do() {
    let notify = mapping("NotifyFunction", &json!({}));
    let index = |more: Value| mapping("IndexFunction", &more);
    let old = json!({"Items": [{"pk": {"S": "a"}, "subject": {"S": "s"}, "text": {"S": "t"}, "due": {"S": "20260101T000000000000Z"},
        "pending": {"S": "pending"}, "recorded_at": {"S": "20260101T000000000000Z"}}], "Count": 1});
    for (operation, status, answer, step, words) in [
        (
            "DescribeTable",
            400,
            r#"{"__type":"x#ResourceNotFoundException"}"#.to_owned(),
            "stream",
            "no table t-EventsTable-x",
        ),
        ("DescribeTable", 200, table(&json!({"StreamSpecification": null})), "stream", "has no stream"),
        ("ListEventSourceMappings", 200, mappings(&[]), "stream", "NotifyFunction has no mapping"),
        (
            "ListEventSourceMappings",
            200,
            mappings(std::slice::from_ref(&notify)),
            "stream",
            "IndexFunction has no mapping",
        ),
        (
            "ListEventSourceMappings",
            200,
            mappings(&[notify.clone(), index(json!({"State": "Disabled"}))]),
            "stream",
            "Disabled",
        ),
        (
            "ListEventSourceMappings",
            200,
            mappings(&[notify, index(json!({"LastProcessingResult": "PROBLEM: Function call failed"}))]),
            "stream",
            "PROBLEM",
        ),
        (
            "ListSubscriptionsByTopic",
            200,
            subscriptions(["PendingConfirmation", "arn:2"]),
            "subscribers",
            "1 have not confirmed",
        ),
        ("ListSubscriptionsByTopic", 200, subscriptions(["arn:1", "Deleted"]), "subscribers", "1 have unsubscribed"),
        ("ListSubscriptionsByTopic", 200, sns("ListSubscriptionsByTopic", ""), "subscribers", "0 get alerts"),
        (
            "ListSubscriptionsByTopic",
            404,
            "<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>".to_owned(),
            "subscribers",
            "no topic",
        ),
        ("CheckIfPhoneNumberIsOptedOut", 200, opted_out("true"), "subscribers", "1 have opted out"),
        ("Query", 200, old.to_string(), "pending", "1 alerts wait"),
    ] {
        let mut answers = good();
        answers.insert(operation, (status, answer));
        let (status, lines) = check(answers, &[]).await;
        let told = lines.iter().find(|line| line.starts_with(&format!("FAIL {step} ")));
        assert!(told.is_some_and(|line| line.contains(words)), "{words}: {lines:#?}");
        assert_eq!(status, 1, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_not_verified_gets_no_sms_from_the_sandbox() {
    for (status, begin) in [("Verified", "ok   sms"), ("Pending", "FAIL sms")] {
        let mut answers = good();
        answers.insert("GetSMSSandboxAccountStatus", (200, sandbox("true")));
        answers.insert("ListSMSSandboxPhoneNumbers", (200, verified(status)));
        let (_, lines) = check(answers, &[]).await;
        assert!(lines.iter().any(|line| line.starts_with(begin) && line.contains("sandbox")), "{lines:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_spent_on_sms_is_told_as_far_as_it_is_seen() {
    for (status, value, told) in [
        (200, "12.5", "50 US dollars a month, and sends no more then; 12.50 are spent"),
        (200, "none", "SNS told of no spending in the last day"),
        (403, "none", "what it spent is not seen: cloudwatch:GetMetricStatistics was answered "),
    ] {
        let mut answers = good();
        answers.insert("GetMetricStatistics", (status, value.to_owned()));
        let (exit, lines) = check(answers, &[]).await;
        assert!(lines.iter().any(|line| line.starts_with("ok   sms") && line.contains(told)), "{told}: {lines:#?}");
        assert_eq!(exit, 0, "{lines:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_notify_cannot_read_is_named() {
    let (status, lines) = check(good(), &[("LOW_BALANCE", "much")]).await;
    assert!(lines.iter().any(|line| line.starts_with("FAIL settings") && line.contains("LOW_BALANCE")), "{lines:#?}");
    assert_eq!(status, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_may_not_look_it_says_so_and_that_is_no_failure() {
    let denied = |operation: &'static str| {
        let answer = match operation {
            "DescribeTable" | "Query" => r#"{"__type":"x#AccessDeniedException"}"#.to_owned(),
            "ListEventSourceMappings" => r#"{"Message":"denied"}"#.to_owned(),
            _ => "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>".to_owned(),
        };
        (operation, (403, answer))
    };
    let (status, lines) = check(good().into_keys().map(denied).collect(), &[]).await;
    let looked =
        |line: &&String| line.starts_with("skip") && line.contains("could not look") && line.contains("is it allowed");
    assert_eq!(lines.iter().filter(looked).count(), 4, "{lines:#?}");
    assert_eq!(status, 0, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_named_the_sandbox_is_nobodys_trouble() {
    let mut answers = good();
    answers.insert("GetSMSSandboxAccountStatus", (200, sandbox("true")));
    answers.insert("ListSMSSandboxPhoneNumbers", (200, verified("Pending")));
    let (status, lines) = check(answers, &[("WATCH_EMAIL", "off"), ("WATCH_SMS", "off")]).await;
    assert!(lines.iter().any(|line| line.contains("name nobody")), "{lines:#?}");
    assert_eq!(status, 0, "{lines:#?}");
}
