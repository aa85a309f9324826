//! The spool: what the table does not take waits, and is stored once when the table is back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use drain::{Drain, DrainSettings};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::access::{Carrier, Content, Verified};
use shared::aws::Aws;
use shared::metric::Metrics;
use shared::name::Provider;
use shared::spool;
use shared::store::counts::Slice;
use shared::store::{Shards, Store};
use tests::proxy::{Fault, Proxy};
use tests::stack::{self, READ_TOKEN, Stack, TOKEN, failed_call};
use tests::wait;
use tokio::runtime::Runtime;

const ONSIP: &str = "/webhooks/onsip/call";
const OPENTACT: &str = "/webhooks/opentact/call";
const DENIED: Fault = Fault::Error("AccessDeniedException");
const GONE: Fault = Fault::Error("ResourceNotFoundException");

/// A stack whose spool shows again after a second what could not be stored.
fn stack(store: &Proxy) -> Stack {
    Stack::with_store_behind_and(store, |options| options.spool_hidden = Some(Duration::from_secs(1)))
}

/// A client of the stack's own services, past any proxy.
fn aws(stack: &Stack) -> Aws {
    let aws = Aws::read(&|name| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(stack.dynamodb_url().to_owned()),
        "AWS_ENDPOINT_URL_SQS" => Some(stack.sqs_url().to_owned()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    });
    aws.unwrap()
}

fn queue(stack: &Stack, name: &str) -> String {
    format!("{}/000000000000/{name}", stack.sqs_url())
}

fn send_to_spool(stack: &Stack, message: &str) {
    let sent = aws(stack).sqs().send_message().queue_url(queue(stack, "SpoolQueue")).message_body(message).send();
    Runtime::new().unwrap().block_on(sent).unwrap();
}

/// How often each account is named in an alert.
fn told(stack: &Stack, seeds: &[String]) -> Vec<usize> {
    let published = stack.published();
    let alerts: Vec<_> = published.iter().filter(|message| message["topic"] == "AlertsTopic").collect();
    let named = |seed: &String| {
        let account = format!("account-{seed}");
        alerts.iter().filter(|alert| alert["message"].as_str().unwrap_or_default().contains(&account)).count()
    };
    seeds.iter().map(named).collect()
}

#[test]
fn whatever_comes_while_the_table_does_not_answer_is_spooled_and_becomes_what_it_would_have_been() {
    for fault in [DENIED, GONE, Fault::Hang, Fault::Throttle, Fault::Status(500)] {
        let proxy = Proxy::start();
        let stack = stack(&proxy);
        let before = Timestamp::now();
        proxy.break_where("PutItem", fault);
        let call = stack::onsip("call.dialog.created", "spooled");
        let query = format!("{OPENTACT}?token={TOKEN}&from=%2B12025550111&state=init&to=12025550144");
        let answers = [
            stack.post(ONSIP, &call),
            stack.post(ONSIP, &call),
            stack.post(ONSIP, "["),
            stack.client().send("GET", &query, &[], b""),
            stack.post(OPENTACT, failed_call("one")),
        ];
        for answer in answers {
            assert_eq!((answer.status, answer.json()), (202, json!({"status": "spooled"})), "{fault:?}");
        }
        assert_eq!(stack.post(ONSIP, "{}").json()["status"], "ready", "of a probe there is nothing to store");
        let after = Timestamp::now();
        thread::sleep(Duration::from_secs(1));
        proxy.heal();

        let events = wait::until("all is stored", || Some(stack.today()).filter(|events| events.len() >= 3));
        let kept = wait::until("it is in quarantine", || stack.quarantine().pop());
        for item in events.iter().chain([&kept]) {
            let received: Timestamp = item["receivedAt"].as_str().unwrap().parse().unwrap();
            assert!(before - SignedDuration::from_millis(1) <= received && received <= after, "{fault:?}: {item}");
        }
        let body = stack.client().get(&format!("/quarantine/{}", kept["id"].as_str().unwrap()), READ_TOKEN);
        assert_eq!(body.body, b"[");
        assert_eq!(stack.post(ONSIP, &call).json()["status"], "duplicate");
        let seeds = ["one".to_owned()];
        wait::until("the failure is told", || (told(&stack, &seeds) == [1]).then_some(()));
        assert_eq!((stack.today().len(), stack.quarantine().len()), (3, 1), "{fault:?}");
    }
}

#[test]
fn a_message_that_holds_no_delivery_goes_to_the_dead_letters_as_it_is_and_holds_up_nothing() {
    let stack = Stack::start();
    let good = spool::written(&delivery(Timestamp::now())).unwrap();
    for message in ["hello", good.as_str(), "{\"provider\":\"onsip\"}"] {
        send_to_spool(&stack, message);
    }
    wait::until("the delivery is stored", || stack.today().pop());
    let (client, runtime) = (aws(&stack).sqs(), Runtime::new().unwrap());
    let mut letters = BTreeSet::new();
    wait::until("both are there", || {
        let asked = client.receive_message().queue_url(queue(&stack, "DeadLetterQueue")).max_number_of_messages(10);
        let answer = runtime.block_on(asked.visibility_timeout(0).send()).unwrap();
        letters.extend(answer.messages().iter().filter_map(|message| message.body().map(str::to_owned)));
        (letters.len() == 2).then_some(())
    });
    assert!(letters.contains("hello") && letters.contains("{\"provider\":\"onsip\"}"), "{letters:?}");
}

fn delivery(received_at: Timestamp) -> Verified {
    let content = Content {
        path: ONSIP.to_owned(),
        request_id: "request".to_owned(),
        carrier: Carrier::Body,
        content_type: Some("application/json".to_owned()),
        body: stack::onsip("call.dialog.created", "late"),
        received_at,
    };
    Verified::before(Provider::Onsip, content)
}

#[test]
fn what_waited_for_long_has_the_time_of_its_receipt_and_its_slice_is_counted_again() {
    let stack = Stack::start();
    let received_at = Timestamp::now() - SignedDuration::from_hours(2);
    send_to_spool(&stack, &spool::written(&delivery(received_at)).unwrap());
    let event = wait::until("it is stored", || stack.today().pop());
    let told: Timestamp = event["receivedAt"].as_str().unwrap().parse().unwrap();
    assert!(told.duration_since(received_at).abs() < SignedDuration::from_millis(1), "{event}");
    let (store, runtime) =
        (Store::new(&aws(&stack), "EventsTable".to_owned(), Shards::default()), Runtime::new().unwrap());
    let marked =
        || runtime.block_on(store.marks()).unwrap().into_iter().any(|mark| mark.slice == Slice::of(received_at));
    wait::until("its slice has a mark", || marked().then_some(()));
}

#[test]
fn a_drain_that_dies_after_its_write_leaves_a_message_that_is_a_repeat() {
    let (stack, proxy, runtime) = (Stack::start(), Proxy::start(), Runtime::new().unwrap());
    proxy.forward_to(stack.dynamodb_url().trim_start_matches("http://").parse().unwrap());
    let settings = |name: &str| ["EVENTS_TABLE"].contains(&name).then(|| "EventsTable".to_owned());
    let settings = DrainSettings::read(&|name| {
        settings(name).or(Some(queue(&stack, "DeadLetterQueue")).filter(|_| name == "DEAD_LETTER_QUEUE_URL"))
    });
    let aws = Aws::read(&|name| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(proxy.url()),
        "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    });
    let drain = Drain::new(settings.unwrap(), &aws.unwrap(), Metrics::Off);
    let message = spool::written(&delivery(Timestamp::now())).unwrap();
    let batch = json!({"Records": [{"messageId": "1", "body": message}]});

    proxy.next([Some(Fault::CutAfter)]);
    proxy.break_with(Fault::Hang);
    let killed = async { tokio::time::timeout(Duration::from_millis(500), drain.handle(batch.clone())).await };
    assert!(runtime.block_on(killed).is_err());
    proxy.heal();
    assert_eq!(stack.today().len(), 1, "it was written");
    let again = runtime.block_on(drain.handle(batch.clone())).unwrap();
    assert_eq!((again, stack.today().len()), (json!({"batchItemFailures": []}), 1));
}

/// All of one length: an account's name must not be the beginning of another's.
fn seed(nth: &u32) -> String {
    format!("{nth:05}")
}

/// Deliveries a second.
const RATE: u32 = 50;

/// Delivers at that rate for so long, one in fifty of them a failure, and breaks the table meanwhile, and mends it after.
fn through_an_outage(fault: Fault, seconds: u32) {
    let proxy = Proxy::start();
    let stack = stack(&proxy);
    let deliveries: Vec<_> = (0..RATE * seconds).collect();
    let is_failure = |nth: &u32| nth.is_multiple_of(RATE);
    let (begun, answers) = (Instant::now(), Mutex::new(BTreeMap::<String, usize>::new()));
    let repeats = AtomicUsize::new(0);
    proxy.break_where("PutItem", fault);
    thread::scope(|scope| {
        // Each sender has every fiftieth, one a second.
        for sender in 0..RATE {
            let (stack, answers, repeats, deliveries) = (&stack, &answers, &repeats, &deliveries);
            scope.spawn(move || {
                for nth in deliveries.iter().filter(|nth| *nth % RATE == sender) {
                    let due = Duration::from_secs(1) * *nth / RATE;
                    thread::sleep(due.saturating_sub(begun.elapsed()));
                    let seed = seed(nth);
                    let (route, body) = if is_failure(nth) {
                        (OPENTACT, failed_call(&seed))
                    } else {
                        (ONSIP, stack::onsip("call.dialog.created", &seed))
                    };
                    let mut answer = stack.post(route, &body);
                    // Where the machine is too busy for the spool's time, it is told to come again, and does.
                    while answer.status == 503 {
                        repeats.fetch_add(1, Ordering::Relaxed);
                        answer = stack.post(route, &body);
                    }
                    let said = format!("{} {}", answer.status, answer.json()["status"]);
                    *answers.lock().unwrap().entry(said).or_default() += 1;
                }
            });
        }
    });
    proxy.heal();
    let repeats = repeats.into_inner();
    eprintln!(
        "{fault:?} for {:?}: {} deliveries, {repeats} of them told to come again",
        begun.elapsed(),
        deliveries.len()
    );
    let answers = answers.into_inner().unwrap();
    assert_eq!(answers, [("202 \"spooled\"".to_owned(), deliveries.len())].into(), "{fault:?}");

    let mut events = stack.today();
    // However slow the machine is: as long as more and more is stored.
    while events.len() < deliveries.len() {
        let more = |now: &Vec<Value>| now.len() > events.len();
        events = wait::until("more is stored", || {
            thread::sleep(Duration::from_secs(1));
            Some(stack.today()).filter(more)
        });
    }
    let ids: BTreeSet<_> = events.iter().map(|event| event["id"].to_string()).collect();
    assert_eq!((events.len(), ids.len()), (deliveries.len(), deliveries.len()), "{fault:?}");
    let seeds: Vec<_> = deliveries.iter().filter(|nth| is_failure(nth)).map(seed).collect();
    wait::until("each failure is told", || told(&stack, &seeds).iter().all(|times| *times >= 1).then_some(()));
    assert_eq!(told(&stack, &seeds), vec![1; seeds.len()], "{fault:?}");
}

#[test]
fn an_outage_under_fifty_deliveries_a_second_loses_nothing_and_tells_each_failure_once() {
    for fault in [DENIED, Fault::Throttle, GONE] {
        through_an_outage(fault, 4);
    }
}

#[test]
#[ignore = "takes five minutes"]
fn an_outage_of_a_minute_under_fifty_deliveries_a_second_loses_nothing_and_tells_each_failure_once() {
    for fault in [DENIED, Fault::Throttle, GONE] {
        through_an_outage(fault, 60);
    }
}
