//! The endpoint through the real SDK, as `notify` uses it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]

use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use shared::aws::Aws;
use tokio::task::JoinSet;

use super::*;
use crate::stack::backend::serve;
use crate::stack::environment::{Endpoints, Environment};
use crate::stack::shutdown::{Trigger, shutdown};

/// Subject, message, attributes (name, type, value), and the code expected.
type Case<'a> = (Option<&'a str>, &'a str, &'a [(&'a str, &'a str, &'a str)], Option<&'a str>);

struct Running {
    client: Client,
    published: Arc<Published>,
    _parts: (Trigger, JoinSet<()>),
}

async fn start() -> Running {
    let published = Arc::new(Published::default());
    let topics = vec!["AlertsTopic".to_owned(), "UrgentTopic".to_owned()];
    let router = router(Sns { topics, published: Arc::clone(&published), terminal: Terminal::Quiet });
    let (trigger, until) = shutdown();
    let mut tasks = JoinSet::new();
    let sns = serve(router, &mut tasks, until).await.unwrap();
    let endpoints = Endpoints { gateway: String::new(), dynamodb: String::new(), sns, sqs: String::new() };
    let environment = Environment::sdk(&endpoints);
    let aws = Aws::read(&|name: &str| environment.get(name)).unwrap();
    Running { client: Client::new(&aws.service("SNS")), published, _parts: (trigger, tasks) }
}

fn attribute(kind: &str, value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type(kind).string_value(value).build().unwrap()
}

fn entry(id: &str, message: &str) -> PublishBatchRequestEntry {
    PublishBatchRequestEntry::builder().id(id).message(message).build().unwrap()
}

/// The code that AWS gives a single message, or none where it takes it.
async fn code_of(
    sns: &Running,
    subject: Option<&str>,
    message: &str,
    attributes: &[(&str, &str, &str)],
) -> Option<String> {
    let mut publish = sns.client.publish().topic_arn(topic_arn("AlertsTopic")).message(message);
    for (name, kind, value) in attributes {
        publish = publish.message_attributes(*name, attribute(kind, value));
    }
    let answered = publish.set_subject(subject.map(str::to_owned)).send().await;
    answered.err().map(|error| error.code().unwrap_or("?").to_owned())
}

#[tokio::test]
async fn a_message_is_kept_as_published() {
    let sns = start().await;
    let publish = sns.client.publish().topic_arn(topic_arn("UrgentTopic")).subject("a & b < c").message("über\n<x>&+%");
    let publish =
        publish.message_attributes("entity", attribute("String.Array", r#"["sip_user:a@example.com/outbound_call"]"#));
    let answer = publish.send().await.unwrap();
    assert!(!answer.message_id().unwrap().is_empty());
    let kept = &sns.published.all()[0];
    assert_eq!((kept.topic.as_str(), kept.subject.as_deref()), ("UrgentTopic", Some("a & b < c")));
    assert_eq!(kept.message, "über\n<x>&+%");
    assert_eq!(kept.attributes["entity"].kind, "String.Array");
    assert_eq!(kept.attributes["entity"].value, r#"["sip_user:a@example.com/outbound_call"]"#);
}

#[tokio::test]
async fn what_aws_refuses_is_refused_with_its_code() {
    let sns = start().await;
    let (longest, too_long) = ("s".repeat(99), "s".repeat(100));
    let (fits, too_large) = ("m".repeat(SIZE_LIMIT), "m".repeat(SIZE_LIMIT + 1));
    let cases: &[Case<'_>] = &[
        (Some(&longest), &fits, &[], None),
        (Some(&too_long), "m", &[], Some("InvalidParameter")),
        (Some("two\nlines"), "m", &[], Some("InvalidParameter")),
        (Some("anrufe über"), "m", &[], Some("InvalidParameter")),
        (Some(" starts with a space"), "m", &[], Some("InvalidParameter")),
        (Some(""), "m", &[], Some("InvalidParameter")),
        (None, "", &[], Some("InvalidParameter")),
        (None, &too_large, &[], Some("InvalidParameter")),
        (None, &fits, &[("class", "String", "busy")], Some("InvalidParameter")),
        (None, "m", &[("class", "String", "busy"), ("n", "Number", "1.5")], None),
        (None, "m", &[("class", "String", "")], Some("ParameterValueInvalid")),
        (None, "m", &[("class", "Text", "busy")], Some("ParameterValueInvalid")),
        (None, "m", &[("n", "Number", "one")], Some("ParameterValueInvalid")),
        (None, "m", &[("e", "String.Array", "not json")], Some("ParameterValueInvalid")),
        (None, "m", &[("e", "String.Array", r#"[{"a":1}]"#)], Some("ParameterValueInvalid")),
        (None, "m", &[("AWS.x", "String", "v")], Some("ParameterValueInvalid")),
        (None, "m", &[("AWS.SNS.SMS.SMSType", "String", "Transactional")], None),
        (None, "m", &[(".x", "String", "v")], Some("ParameterValueInvalid")),
        (None, "m", &[("x..y", "String", "v")], Some("ParameterValueInvalid")),
        (None, "m", &[("x y", "String", "v")], Some("ParameterValueInvalid")),
    ];
    for (subject, message, attributes, expected) in cases {
        let code = code_of(&sns, *subject, message, attributes).await;
        assert_eq!(code.as_deref(), *expected, "{subject:?} {} {attributes:?}", message.len());
    }
    assert_eq!(sns.published.all().len(), 3, "nothing that was refused is published");
}

#[tokio::test]
async fn an_unknown_topic_is_not_found() {
    let sns = start().await;
    let refused = sns.client.publish().topic_arn(topic_arn("NoTopic")).message("m").send().await.unwrap_err();
    assert!(refused.as_service_error().unwrap().is_not_found_exception(), "{refused:?}");
    let refused = sns.client.publish().topic_arn("AlertsTopic").message("m").send().await.unwrap_err();
    assert!(refused.as_service_error().unwrap().is_invalid_parameter_exception(), "{refused:?}");
}

#[tokio::test]
async fn a_batch_gives_one_message_per_entry_and_tells_which_failed() {
    let sns = start().await;
    let entries = vec![entry("one", "1"), entry("two", ""), entry("three", "3")];
    let batch = sns.client.publish_batch().topic_arn(topic_arn("AlertsTopic"));
    let answer = batch.set_publish_batch_request_entries(Some(entries)).send().await.unwrap();
    let ids: Vec<_> = answer.successful().iter().map(|entry| entry.id().unwrap()).collect();
    assert_eq!(ids, ["one", "three"]);
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].code()), ("two", "InvalidParameter"));
    assert!(answer.failed()[0].sender_fault());
    assert_eq!(sns.published.all().iter().map(|p| p.message.as_str()).collect::<Vec<_>>(), ["3", "1"]);
}

#[tokio::test]
async fn a_batch_outside_its_limits_is_refused_whole() {
    let sns = start().await;
    let half = "m".repeat(SIZE_LIMIT / 2 + 1);
    let cases = [
        (vec![], "EmptyBatchRequest"),
        ((0..11).map(|n| entry(&n.to_string(), "m")).collect(), "TooManyEntriesInBatchRequest"),
        (vec![entry("a", "m"), entry("a", "m")], "BatchEntryIdsNotDistinct"),
        (vec![entry("a b", "m")], "InvalidBatchEntryId"),
        (vec![entry(&"a".repeat(81), "m")], "InvalidBatchEntryId"),
        (vec![entry("a", &half), entry("b", &half)], "BatchRequestTooLong"),
    ];
    for (entries, expected) in cases {
        let batch = sns.client.publish_batch().topic_arn(topic_arn("AlertsTopic"));
        let refused = batch.set_publish_batch_request_entries(Some(entries)).send().await.unwrap_err();
        assert_eq!(refused.code(), Some(expected));
    }
    assert!(sns.published.all().is_empty());
}
