//! What `notify` can't read or can't take, and how a person brings it back.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use local::{Border, Reader, Redrive, Redriven, Stretch, Terminal};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::store::item::{self, Item};
use tests::stack::Stack;
use tests::wait;
use tokio::runtime::Runtime;

const CALL: &str = "opentact-call_state-in-failed-insufficient-balance";
const SMS: &str = "opentact-sms-smso-failed-insufficient-balance";
const ORDER: &str = "opentact-tn_order-failed-insufficient-balance";

/// The services behind a stack, as a person with credentials has them.
struct Operator {
    settings: BTreeMap<String, String>,
    runtime: Runtime,
    dynamodb: aws_sdk_dynamodb::Client,
    streams: aws_sdk_dynamodbstreams::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Operator {
    fn of(stack: &Stack) -> Self {
        let settings = stack.client().send("GET", "/local/notify", &[], b"").body;
        let settings: BTreeMap<String, String> = serde_json::from_slice(&settings).unwrap();
        let aws = Aws::read(&|name| settings.get(name).cloned()).unwrap();
        Self {
            settings,
            runtime: Runtime::new().unwrap(),
            dynamodb: aws.dynamodb(),
            streams: aws_sdk_dynamodbstreams::Client::new(&aws.service("DYNAMODB")),
            sqs: aws_sdk_sqs::Client::new(&aws.service("SQS")),
        }
    }

    fn redrive(&self) -> Redriven {
        let redrive = Redrive::new(&|name| self.settings.get(name).cloned()).unwrap();
        self.runtime.block_on(redrive.run(Terminal::Quiet)).unwrap()
    }

    /// The letters that anybody would get now.
    fn letters(&self) -> Vec<String> {
        let asked = self.sqs.receive_message().queue_url(&self.settings["DEAD_LETTER_QUEUE_URL"]);
        let asked = asked.max_number_of_messages(10).visibility_timeout(0);
        let answer = self.runtime.block_on(asked.send()).unwrap();
        answer.messages().iter().map(|message| message.body().unwrap().to_owned()).collect()
    }

    fn leave(&self, letter: &str) {
        let asked = self.sqs.send_message().queue_url(&self.settings["DEAD_LETTER_QUEUE_URL"]).message_body(letter);
        self.runtime.block_on(asked.send()).unwrap();
    }

    fn put(&self, item: &Item) {
        let asked = self.dynamodb.put_item().table_name("EventsTable").set_item(Some(item.clone()));
        self.runtime.block_on(asked.send()).unwrap();
    }

    /// Writes the items at once, so that they come in one batch, in this order.
    fn put_together(&self, items: &[&Item]) {
        let put = |item: &&Item| {
            let put = Put::builder().table_name("EventsTable").set_item(Some((*item).clone())).build().unwrap();
            TransactWriteItem::builder().put(put).build()
        };
        let asked = self.dynamodb.transact_write_items().set_transact_items(Some(items.iter().map(put).collect()));
        self.runtime.block_on(asked.send()).unwrap();
    }

    fn item(&self, id: &str) -> Item {
        let keys = item::keys(&id.parse().unwrap());
        let asked = self.dynamodb.get_item().table_name("EventsTable").set_key(Some(keys));
        self.runtime.block_on(asked.send()).unwrap().item.unwrap()
    }

    /// The stream's ARN, its shard, and all of its records.
    fn stream(&self) -> (String, String, Vec<Record>) {
        self.runtime.block_on(async {
            let table = self.dynamodb.describe_table().table_name("EventsTable").send().await.unwrap();
            let arn = table.table().unwrap().latest_stream_arn().unwrap().to_owned();
            let stream = self.streams.describe_stream().stream_arn(&arn).send().await.unwrap();
            let shard = stream.stream_description().unwrap().shards()[0].shard_id().unwrap().to_owned();
            let asked = self.streams.get_shard_iterator().stream_arn(&arn).shard_id(&shard);
            let asked = asked.shard_iterator_type(ShardIteratorType::TrimHorizon);
            let iterator = asked.send().await.unwrap().shard_iterator.unwrap();
            let page = self.streams.get_records().shard_iterator(iterator).send().await.unwrap();
            (arn, shard, page.records.unwrap())
        })
    }

    /// The letter that Lambda leaves of a batch, from the first of those items to the last.
    fn batch_letter(&self, first: &Item, last: &Item) -> String {
        let (arn, shard, records) = self.stream();
        let number = |item: &Item| {
            let pk = item["pk"].as_s().unwrap();
            let changes = records.iter().map(|record| record.dynamodb().unwrap());
            let mut of_item = changes.filter(|change| change.keys().unwrap()["pk"].as_s().unwrap() == pk);
            of_item.next().unwrap().sequence_number().unwrap().to_owned()
        };
        json!({
            "requestContext": {
                "condition": "RecordAgeExceeded",
                "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:trunkline-NotifyFunction-x",
            },
            "DDBStreamBatchInfo": {
                "shardId": shard, "streamArn": arn, "batchSize": 1,
                "startSequenceNumber": number(first), "endSequenceNumber": number(last),
            },
        })
        .to_string()
    }
}

impl Operator {
    fn again(&self, stretch: Stretch, readers: &[Reader]) -> Redriven {
        let redrive = Redrive::new(&|name| self.settings.get(name).cloned()).unwrap();
        self.runtime.block_on(redrive.again(stretch, readers, Terminal::Quiet)).unwrap()
    }

    /// Deletes the rows of an event whose partition begins so.
    fn delete_rows(&self, prefix: &str, event: &Value) {
        let pk = AttributeValue::S(format!("{prefix}{}", event["id"].as_str().unwrap().split_once('~').unwrap().0));
        let asked = self.dynamodb.query().table_name("EventsTable").key_condition_expression("pk = :pk");
        let rows = self.runtime.block_on(asked.expression_attribute_values(":pk", pk).send()).unwrap();
        assert_ne!(rows.items(), []);
        for row in rows.items() {
            let keys = ["pk", "sk"].map(|name| (name.to_owned(), row[name].clone()));
            let asked = self.dynamodb.delete_item().table_name("EventsTable").set_key(Some(keys.into())).send();
            self.runtime.block_on(asked).unwrap();
        }
    }
}

fn redriven(replayed: usize, left: usize) -> Redriven {
    Redriven { replayed, left }
}

fn alerts(stack: &Stack) -> Vec<String> {
    let mails = stack.published().into_iter().filter(|message| message["topic"] == "AlertsTopic");
    mails.map(|mail| mail["message"].as_str().unwrap().to_owned()).collect()
}

/// The items of samples, as a stack stores them.
fn items<const N: usize>(names: [&str; N]) -> [Item; N] {
    let stack = Stack::start();
    let operator = Operator::of(&stack);
    names.map(|name| operator.item(stack.deliver(name).json()["id"].as_str().unwrap()))
}

/// The item as some other hand would leave it.
fn broken(item: &Item) -> Item {
    let mut item = item.clone();
    let family = ("family".to_owned(), AttributeValue::S("call".to_owned()));
    item.insert("summary".to_owned(), AttributeValue::M([family].into()));
    item
}

fn no_alerts_table(options: &mut local::Options) {
    options.environment.insert("ALERTS_TABLE".to_owned(), "NoSuchTable".to_owned());
}

#[test]
fn what_can_not_be_read_waits_by_key_and_reason_holds_up_nothing_and_is_told_once_mended() {
    let [call, sms] = items([CALL, SMS]);
    let stack = Stack::start();
    let operator = Operator::of(&stack);
    operator.put_together(&[&broken(&call), &sms]);
    wait::until("the failure behind it is alerted", || (alerts(&stack).len() == 1).then_some(()));

    // The alerts of a batch come before its letters. Each reader of the stream leaves its own.
    let letters =
        wait::until("its letters are there", || Some(operator.letters()).filter(|letters| letters.len() == 2));
    let read = |letter: &String| serde_json::from_str::<Value>(letter).unwrap();
    let text = |name: &str| json!({ "S": call[name].as_s().unwrap() });
    for letter in letters.iter().map(read) {
        assert_eq!(letter["keys"], json!({ "pk": text("pk"), "sk": text("sk") }));
        assert!(letter["reason"].as_str().unwrap().contains("status"), "{letter}");
    }
    let readers: BTreeSet<_> = letters.iter().map(|letter| read(letter)["reader"].to_string()).collect();
    assert_eq!(readers, ["\"index\"", "\"notify\""].map(str::to_owned).into());

    // As long as it is broken they stay, each once, for everybody to see, however often it is tried.
    for _ in 0..2 {
        assert_eq!(operator.redrive(), redriven(0, 2));
        let there = operator.letters();
        assert_eq!(there.iter().collect::<BTreeSet<_>>(), letters.iter().collect());
    }
    assert_eq!(alerts(&stack).len(), 1);

    operator.put(&call);
    assert_eq!(operator.redrive(), redriven(2, 0));
    wait::until("the mended failure is told", || (stack.published_events().len() >= 2).then_some(()));
    assert_eq!(operator.letters(), Vec::<String>::new());
    assert_eq!(operator.redrive(), redriven(0, 0));
    assert_eq!(alerts(&stack).len(), 1, "it is part of the incident of its account");
}

#[test]
fn a_letter_of_an_expired_item_goes_and_a_letter_of_nobody_stays() {
    let [mut call] = items([CALL]);
    let stack = Stack::start();
    let operator = Operator::of(&stack);
    let letter = |pk: &str, sk: &str| json!({ "keys": { "pk": { "S": pk }, "sk": { "S": sk } }, "reason": "r" });
    operator.leave(&letter("opentact.call.gone", "20261102T164000240000Z~n9kn4xnNpRziGoJIJP2Wfw").to_string());
    call.insert("expires".to_owned(), AttributeValue::N("1".to_owned()));
    operator.put(&broken(&call));
    wait::until("its letters are there", || (operator.letters().len() == 3).then_some(()));
    operator.leave("hello");
    assert_eq!(operator.redrive(), redriven(0, 1));
    assert_eq!(operator.letters(), ["hello"]);
    assert_eq!(alerts(&stack), Vec::<String>::new());
}

#[test]
fn more_letters_than_fit_into_one_answer_are_all_looked_at() {
    let [call] = items([CALL]);
    let stack = Stack::start();
    let operator = Operator::of(&stack);
    for n in 0..25 {
        let mut other = broken(&call);
        other.insert("pk".to_owned(), AttributeValue::S(format!("opentact.call.{n}")));
        operator.put(&other);
    }
    wait::until("all letters are looked at", || (operator.redrive() == redriven(0, 50)).then_some(()));
    assert_eq!(operator.redrive(), redriven(0, 50), "and are there again");
}

#[test]
fn a_stream_batch_that_was_given_up_is_read_from_the_stream_and_no_further() {
    let names = [CALL, SMS, ORDER];
    let stack = Stack::with(no_alerts_table);
    let mut operator = Operator::of(&stack);
    let stored = names.map(|name| operator.item(stack.deliver(name).json()["id"].as_str().unwrap()));
    let letter = operator.batch_letter(&stored[0], &stored[1]);
    operator.leave(&letter);
    assert_eq!(operator.redrive(), redriven(0, 1), "notify can't record alerts yet");
    assert_eq!(operator.letters(), std::slice::from_ref(&letter));

    operator.settings.insert("ALERTS_TABLE".to_owned(), "AlertsTable".to_owned());
    assert_eq!(operator.redrive(), redriven(1, 0));
    assert_eq!(operator.letters(), Vec::<String>::new());
    assert_eq!(stack.published_events().len(), 2, "the order lies behind the batch");
    assert_eq!(alerts(&stack).len(), 1, "one account is one incident");
}

#[test]
fn what_can_not_be_read_in_a_stream_batch_gets_a_letter_of_its_own() {
    let [call, sms] = items([CALL, SMS]);
    let stack = Stack::with(no_alerts_table);
    let mut operator = Operator::of(&stack);
    operator.put_together(&[&sms, &broken(&call)]);
    wait::until("the letter of index is there", || (operator.letters().len() == 1).then_some(()));
    operator.leave(&operator.batch_letter(&sms, &call));
    operator.settings.insert("ALERTS_TABLE".to_owned(), "AlertsTable".to_owned());
    assert_eq!(operator.redrive(), redriven(1, 2));
    assert_eq!((alerts(&stack).len(), stack.published_events().len()), (1, 1));
    let letters = operator.letters();
    assert!(letters.len() == 2 && letters.iter().all(|letter| letter.contains("status")), "{letters:?}");
    operator.put(&call);
    assert_eq!(operator.redrive(), redriven(2, 0));
    assert_eq!(stack.published_events().len(), 2);
}

#[test]
fn what_was_received_in_a_stretch_of_time_is_given_again_and_told_once() {
    let stack = Stack::start();
    let operator = Operator::of(&stack);
    let event = stack.event(stack.deliver(CALL).json()["id"].as_str().unwrap());
    let path = "/events?entity=phone_number:12025550111";
    let found = || !stack.list(path).is_empty();
    wait::until("it is found and told", || (found() && alerts(&stack).len() == 1).then_some(()));
    // As a version stored it that wrote no rows behind the stream.
    operator.delete_rows("pointer.", &event);
    assert!(!found());

    let received: Border = event["receivedAt"].as_str().unwrap().parse().unwrap();
    let day: Border = event["receivedAt"].as_str().unwrap()[..10].parse().unwrap();
    let before = Border::Instant(jiff::Timestamp::now() - jiff::SignedDuration::from_hours(30));
    let again = |from, to, readers: &[Reader]| operator.again(Stretch::new(from, to).unwrap(), readers);
    assert_eq!(again(before, received, &[Reader::Index]), redriven(0, 0), "what is received at its end is not in it");
    assert!(!found());
    assert_eq!(again(day, day, &[Reader::Index, Reader::Notify]), redriven(1, 0));
    assert!(found());
    assert_eq!(alerts(&stack).len(), 1);
}

#[test]
fn a_letter_that_can_never_be_read_is_discarded_alone() {
    let stack = Stack::start();
    let operator = Operator::of(&stack);
    operator.leave("hello");
    operator.leave("world");
    let redrive = Redrive::new(&|name| operator.settings.get(name).cloned()).unwrap();
    let asked = operator.sqs.receive_message().queue_url(&operator.settings["DEAD_LETTER_QUEUE_URL"]);
    let asked = asked.max_number_of_messages(10).visibility_timeout(0);
    let letters = operator.runtime.block_on(asked.send()).unwrap().messages.unwrap();
    let hello = letters.iter().find(|letter| letter.body() == Some("hello")).unwrap().message_id().unwrap();

    operator.runtime.block_on(redrive.show(Terminal::Quiet)).unwrap();
    assert_eq!(operator.letters().len(), 2, "who looks takes nothing away");
    operator.runtime.block_on(redrive.discard(hello, Terminal::Quiet)).unwrap();
    assert_eq!(operator.letters(), ["world"]);
    let again = operator.runtime.block_on(redrive.discard(hello, Terminal::Quiet));
    assert!(again.unwrap_err().to_string().contains("no letter of that id"));
    assert_eq!(operator.letters(), ["world"]);
}
