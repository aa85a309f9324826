//! Whatever else may happen to a deployed stack under traffic: a topic or a queue is gone, an item can't be read, AWS does not
//! answer, the stack is updated and rolled back, tokens are rotated, a provider sends the same fifty times at once.

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::json;
use tests::wait;

use super::command::{repository, timed};
use super::emulator::Emulator;
use super::given::{ONSIP_TOKEN, digest, parameters};
use super::inbox::Inbox;
use super::outage::Outage;
use super::redrive::redrive;
use super::spool::{Denied, show_messages_soon};
use super::stack::Stack;

const NEXT_ONSIP_TOKEN: &str = "next-onsip-token-of-the-deployment-test";
/// How long AWS does not answer, and how often. Less than a client of this test waits.
const SILENCE: Duration = Duration::from_secs(15);
const SILENCES: usize = 3;

#[test]
#[ignore = "builds and deploys the stack, and takes a quarter of an hour"]
fn whatever_happens_under_traffic_each_delivery_is_stored_once_and_each_failure_told_once() {
    let emulator = Emulator::start(None);
    let inbox = Inbox::new(&emulator, "inbox");
    let stack = Stack::build_quickly(&emulator, repository());
    let given = parameters("127.0.0.1/32", "0", "3600");
    stack.deploy(&given);
    inbox.subscribe(&stack, &["AlertsTopic"], &json!({}));
    show_messages_soon(&stack);
    let outage = Outage::new(&stack, &inbox, 10, Duration::from_secs(30));

    outage.of("topic", |wait| {
        let topic = stack.resource("AlertsTopic");
        emulator.aws("sns", "delete_topic", &json!({"TopicArn": topic}));
        wait();
        emulator.aws("sns", "create_topic", &json!({"Name": topic.rsplit(':').next().unwrap()}));
        inbox.subscribe(&stack, &["AlertsTopic"], &json!({}));
    });
    outage.of("queue", |wait| {
        let spool = stack.resource("SpoolQueue");
        // In this order: what a queue holds is lost with it.
        emulator.aws("sqs", "delete_queue", &json!({"QueueUrl": spool}));
        let denied = Denied::new(&stack);
        wait();
        emulator.aws("sqs", "create_queue", &json!({"QueueName": spool.rsplit('/').next().unwrap()}));
        show_messages_soon(&stack);
        drop(denied);
    });
    outage.of("poison", |wait| {
        poison(&stack);
        wait();
    });
    both_readers_set_it_aside(&stack);
    outage.of("silence", |wait| {
        for _ in 0..SILENCES {
            signal(&emulator, "-STOP");
            thread::sleep(SILENCE);
            signal(&emulator, "-CONT");
            thread::sleep(Duration::from_secs(5));
        }
        wait();
    });
    outage.of("update", |wait| {
        timed("the update", || stack.deploy(&with(&given, "RetentionDays", "30")));
        timed("the rollback", || stack.deploy(&given));
        wait();
    });
    outage.of("rotation", |wait| {
        let [before, next] = [ONSIP_TOKEN, NEXT_ONSIP_TOKEN].map(digest);
        stack.deploy(&with(&given, "OnsipTokenDigests", &format!("{before},{next}")));
        outage.send_token(NEXT_ONSIP_TOKEN);
        stack.deploy(&with(&given, "OnsipTokenDigests", next));
        wait();
    });
    outage.send_token(ONSIP_TOKEN);
    assert!(!outage.deliver(&stack.api(), "rotation-once", 1), "the token before is still taken");
    outage.send_token(NEXT_ONSIP_TOKEN);
    fifty_at_once(&outage, &stack);
    // Last, since the emulator then keeps the readers' places in the stream, and begins the stream anew.
    outage.of("restart", |wait| {
        emulator.restart();
        wait();
        // What was in the stream is in none.
        redrive(&stack, outage.since, &[]);
    });
    stack.delete();
}

fn with<'a>(given: &[(&'static str, &'a str)], name: &'static str, value: &'a str) -> Vec<(&'static str, &'a str)> {
    let others = given.iter().filter(|(other, _)| *other != name);
    others.copied().chain([(name, value)]).collect()
}

/// An item that both readers' filters let through, and that has not the form of any.
fn poison(stack: &Stack<'_>) {
    let item = json!({
        "pk": {"S": "onsip.call.poison"}, "sk": {"S": "poison"}, "body": {"B": "e30="},
        "summary": {"M": {"family": {"S": "fax"}}},
    });
    stack.emulator().aws("dynamodb", "put_item", &json!({"TableName": stack.resource("EventsTable"), "Item": item}));
}

/// What an operator finds: a dead letter of each reader, by which `redrive` finds the item again.
fn both_readers_set_it_aside(stack: &Stack<'_>) {
    let question =
        json!({"QueueUrl": stack.resource("DeadLetterQueue"), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0});
    let mut readers = BTreeSet::new();
    wait::until("both readers have set the item aside", || {
        let answer = stack.emulator().aws("sqs", "receive_message", &question);
        let letters = answer["Messages"].as_array().cloned().unwrap_or_default();
        let letters = letters.iter().map(|letter| letter["Body"].as_str().unwrap().to_owned());
        readers.extend(letters.filter(|letter| letter.contains("onsip.call.poison")));
        (readers.len() >= 2).then_some(())
    });
    eprintln!("poison: {readers:?}");
}

fn signal(emulator: &Emulator, signal: &str) {
    let sent = Command::new("kill").arg(signal).arg(emulator.id().to_string()).status();
    assert!(sent.unwrap().success(), "{signal}");
}

fn fifty_at_once(outage: &Outage<'_>, stack: &Stack<'_>) {
    let (api, seed) = (stack.api(), "at-once-00000");
    let taken = thread::scope(|scope| {
        let senders: Vec<_> = (0..50).map(|_| scope.spawn(|| outage.deliver(&api, seed, 0))).collect();
        senders.into_iter().filter_map(|sender| sender.join().unwrap().then_some(())).count()
    });
    assert_eq!(taken, 50);
    outage.each_is_stored_and_told_once("at-once", &[seed.to_owned()].into());
}
