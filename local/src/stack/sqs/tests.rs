//! The endpoint through the real SDK.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use shared::aws::Aws;
use tokio::task::JoinSet;

use super::*;
use crate::stack::backend::serve;
use crate::stack::environment::{Endpoints, Environment};
use crate::stack::shutdown::{Trigger, shutdown};

type Parts = (Trigger, JoinSet<()>);

async fn start() -> (Client, String, Parts) {
    start_in(None).await
}

async fn start_in(directory: Option<&Path>) -> (Client, String, Parts) {
    let (trigger, until) = shutdown();
    let mut tasks = JoinSet::new();
    let router = router(&["DeadLetterQueue".to_owned()], directory, Terminal::Quiet).unwrap();
    let sqs = serve(router, &mut tasks, until).await.unwrap();
    let url = queue_url(&sqs, "DeadLetterQueue");
    let endpoints = Endpoints { gateway: String::new(), dynamodb: String::new(), sns: String::new(), sqs };
    let environment = Environment::sdk(&endpoints);
    let aws = Aws::read(&|name: &str| environment.get(name)).unwrap();
    (Client::new(&aws.service("SQS")), url, (trigger, tasks))
}

#[tokio::test]
async fn a_message_comes_again_until_it_is_deleted() {
    let (client, url, _parts) = start().await;
    client.send_message().queue_url(&url).message_body("the key of an item").send().await.unwrap();
    let receive = || client.receive_message().queue_url(&url);
    let first = receive().visibility_timeout(0).send().await.unwrap();
    let again = receive().max_number_of_messages(10).send().await.unwrap();
    assert_eq!(first.messages()[0].body(), Some("the key of an item"));
    assert_eq!(first.messages()[0].message_id(), again.messages()[0].message_id());
    assert!(receive().send().await.unwrap().messages().is_empty(), "it is hidden from others");
    let receipt = again.messages()[0].receipt_handle().unwrap();
    client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.unwrap();
    assert!(receive().send().await.unwrap().messages().is_empty());
}

#[tokio::test]
async fn a_message_can_be_shown_again_before_its_time() {
    let (client, url, _parts) = start().await;
    client.send_message().queue_url(&url).message_body("m").send().await.unwrap();
    let receive = || client.receive_message().queue_url(&url);
    let first = receive().send().await.unwrap();
    assert!(receive().send().await.unwrap().messages().is_empty());
    let receipt = first.messages()[0].receipt_handle().unwrap();
    let show = || client.change_message_visibility().queue_url(&url).receipt_handle(receipt).visibility_timeout(0);
    show().send().await.unwrap();
    let refused = show().send().await.unwrap_err();
    assert!(refused.as_service_error().unwrap().is_message_not_inflight(), "{refused:?}");
    assert_eq!(receive().send().await.unwrap().messages().len(), 1);
}

#[tokio::test]
async fn with_a_directory_what_was_not_deleted_is_there_on_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let (client, url, parts) = start_in(Some(directory.path())).await;
    for body in ["kept", "deleted"] {
        client.send_message().queue_url(&url).message_body(body).send().await.unwrap();
    }
    let received = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    let receipt = received.messages()[1].receipt_handle().unwrap();
    client.delete_message().queue_url(&url).receipt_handle(receipt).send().await.unwrap();
    drop(parts);

    let (client, url, _parts) = start_in(Some(directory.path())).await;
    let again = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    let bodies: Vec<_> = again.messages().iter().filter_map(|message| message.body()).collect();
    assert_eq!(bodies, ["kept"]);
    assert_eq!(again.messages()[0].message_id(), received.messages()[0].message_id());
}

#[test]
fn a_file_that_holds_no_messages_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("queue-Q.json"), "half of").unwrap();
    assert!(router(&["Q".to_owned()], Some(directory.path()), Terminal::Quiet).is_err());
}

#[tokio::test]
async fn a_receiver_can_wait_for_a_message() {
    let (client, url, _parts) = start().await;
    let sent = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.send_message().queue_url(&url).message_body("late").send().await.unwrap();
    };
    let received = client.receive_message().queue_url(&url).wait_time_seconds(5);
    let (received, ()) = tokio::join!(received.send(), sent);
    assert_eq!(received.unwrap().messages().len(), 1);
}

#[tokio::test]
async fn what_sqs_refuses_is_refused_with_its_code() {
    let (client, url, _parts) = start().await;
    let elsewhere = client.send_message().queue_url(format!("{url}2")).message_body("m").send().await.unwrap_err();
    assert!(elsewhere.as_service_error().unwrap().is_queue_does_not_exist(), "{elsewhere:?}");
    let control = client.send_message().queue_url(&url).message_body("\u{1}").send().await.unwrap_err();
    assert!(control.as_service_error().unwrap().is_invalid_message_contents(), "{control:?}");
    let empty = client.send_message().queue_url(&url).message_body("").send().await.unwrap_err();
    assert_eq!(empty.code(), Some("MissingParameter"));
}
