//! What the events topic tells of calls that are over, and that nothing of it is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::record::Record;
use tests::proxy::{Fault, Proxy};
use tests::random::Random;
use tests::stack::Stack;
use tests::wait;

use super::records::{Table, ended};
use super::scene::{self, Scene};
use super::traffic::{self, Delivery};

/// Calls among the made-up traffic.
const BUSY: usize = 1;
const THREAD: usize = 2;
const ANSWERED: usize = 3;

/// What is delivered of a call, in order.
fn call(nth: usize) -> Vec<Delivery> {
    traffic::scene(nth, "2026-11-02T16:10:00Z".parse().unwrap())
}

fn deliver(stack: &Stack, deliveries: &[Delivery]) {
    for (provider, body) in deliveries {
        let answer = stack.post(&format!("/webhooks/{provider}/call"), body.to_string());
        assert_eq!(answer.json()["status"], "stored", "{answer:?}");
    }
}

/// The same once more, as another event.
fn another((provider, body): &Delivery) -> Delivery {
    let mut body = body.clone();
    for name in ["id", "uuid"] {
        if let Some(id) = body.get_mut(name) {
            *id = json!(format!("{}-again", id.as_str().unwrap()));
        }
    }
    (*provider, body)
}

/// What was told of records, the first first.
fn told(stack: &Stack) -> Vec<Value> {
    let is_record = |message: &Value| message["topic"] == "EventsTopic" && !message["attributes"]["outcome"].is_null();
    stack.published().into_iter().rev().filter(is_record).collect()
}

fn told_at_last(stack: &Stack, count: usize) -> Vec<Value> {
    wait::until("the record is told", || Some(told(stack)).filter(|told| told.len() >= count))
}

fn shown(message: &Value) -> Value {
    serde_json::from_str(message["message"].as_str().unwrap()).unwrap()
}

fn versions(told: &[Value]) -> Vec<u64> {
    told.iter().map(|message| shown(message)["version"].as_u64().unwrap()).collect()
}

/// What a consumer holds that keeps the highest version of each, by its id.
fn held(stack: &Stack) -> BTreeMap<String, Value> {
    let mut held = BTreeMap::<String, Value>::new();
    for record in told(stack).iter().map(shown) {
        let kept = held.entry(record["id"].as_str().unwrap().to_owned()).or_insert_with(|| record.clone());
        if kept["version"].as_u64() < record["version"].as_u64() {
            *kept = record;
        }
    }
    held
}

#[test]
fn a_call_that_is_over_is_told_once_and_once_more_where_a_late_event_changes_it() {
    let stack = Stack::start();
    let [begun, answered, over] = call(ANSWERED).try_into().unwrap();
    deliver(&stack, &[begun, over]);
    let first = told_at_last(&stack, 1).remove(0);
    let record = shown(&first);
    let folded = stack.call(record["id"].as_str().unwrap());
    for name in ["outcome", "startedAt", "answeredAt", "endedAt", "failure"] {
        assert_eq!(record[name], folded[name], "{name}");
    }
    assert_eq!((&record["outcome"], &record["events"]), (&json!("answered"), &json!(2)));
    let attributes = first["attributes"].as_object().unwrap();
    for (name, value) in
        [("provider", "onsip"), ("family", "call"), ("type", "trunkline.call"), ("outcome", "answered")]
    {
        assert_eq!(attributes[name], json!({"Type": "String", "Value": value}), "{name}");
    }
    let entities: Vec<String> = serde_json::from_str(attributes["entity"]["Value"].as_str().unwrap()).unwrap();
    for entity in ["sip_user:alice@example.onsip.com/outbound_call", "sip_user:bob3@example.onsip.com"] {
        assert!(entities.contains(&entity.to_owned()), "{entities:?}");
    }

    deliver(&stack, &[answered]);
    let both = told_at_last(&stack, 2);
    let [before, after] = versions(&both)[..] else { panic!("{both:?}") };
    let last = shown(&both[1]);
    assert_eq!((after, &last["events"], &last["talkSeconds"]), (before + 1, &json!(3), &json!(1.0)));
    // Nobody is alerted to a record: its events have been.
    assert!(stack.published().iter().all(|message| message["topic"] == "EventsTopic"));
}

#[test]
fn of_a_call_that_goes_on_nothing_is_told() {
    let stack = Stack::start();
    deliver(&stack, &call(ANSWERED)[..2]);
    wait::until("its events are published", || (stack.published_events().len() == 2).then_some(()));
    // What comes behind it in the stream.
    deliver(&stack, &call(BUSY));
    let outcomes: Vec<_> = told_at_last(&stack, 1).iter().map(|told| shown(told)["outcome"].clone()).collect();
    assert!(outcomes.iter().all(|outcome| *outcome == "busy"), "{outcomes:?}");
}

#[test]
fn a_call_that_is_joined_to_another_is_told_so_that_its_record_is_dropped() {
    let stack = Stack::start();
    let joined = call(THREAD);
    let mut apart = joined.clone();
    for (_, body) in &mut apart {
        body["call"].as_object_mut().unwrap().remove("thread").unwrap();
    }
    deliver(&stack, &apart);
    wait::until("both are told", || (held(&stack).len() == 2).then_some(()));

    // What the two have in common comes only now.
    deliver(&stack, &[another(&joined[0]), another(&joined[2])]);
    let [home, other] = [0, 2].map(|nth| format!("opentact.call.{}", joined[nth].1["call"]["uuid"].as_str().unwrap()));
    let held = wait::until("one has both", || {
        let held = held(&stack);
        (held[&home]["events"] == 9 && held[&other]["outcome"] == "joined").then_some(held)
    });
    let dropped = &held[&other];
    assert_eq!(*dropped, json!({"id": other, "version": dropped["version"], "outcome": "joined", "call": home}));
    let message = told(&stack).into_iter().rfind(|told| shown(told)["id"] == *other).unwrap();
    let attributes = message["attributes"].as_object().unwrap();
    assert_eq!(attributes.keys().collect::<Vec<_>>(), ["family", "outcome", "provider", "type"]);
}

#[test]
fn what_became_of_a_message_is_told_without_its_text() {
    let stack = Stack::with(|options| drop(options.environment.insert("PUBLISH_TEXT".to_owned(), "on".to_owned())));
    assert_eq!(stack.deliver("opentact-sms-smsi-success").json()["status"], "stored");
    let message = told_at_last(&stack, 1).remove(0);
    assert_eq!(message["attributes"]["type"]["Value"], "trunkline.message");
    assert_eq!(shown(&message)["outcome"], "received");
    assert!(
        !message.to_string().contains("Thank you!") && stack.published_events()[0].to_string().contains("Thank you!")
    );
}

#[test]
fn of_two_versions_in_one_batch_the_last_is_told() {
    let scene = Scene::empty();
    let batch = [1, 2].map(|version| scene::record(&ended(version).1));
    assert_eq!(scene.batch(&batch), json!({ "batchItemFailures": [] }));
    assert_eq!(versions(&told(&scene.stack)), [2]);
}

#[test]
fn while_sns_refuses_a_record_is_kept_and_then_told_as_it_is_by_then() {
    for fault in [Fault::Status(500), Fault::CutBefore] {
        let proxy = Proxy::start();
        let stack = Stack::with_sns_behind(&proxy);
        let table = Table::of(&stack);
        proxy.break_with(fault);
        assert!(table.put(&ended(1).1, None));
        // More than all attempts of one call: somebody has given up.
        wait::until("SNS was tried again", || (proxy.seen() > 3).then_some(()));
        assert!(table.put(&ended(2).1, Some(1)));
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(stack.published(), Vec::<Value>::new(), "{fault:?}");
        proxy.heal();
        wait::until("the last version is told", || versions(&told(&stack)).contains(&2).then_some(()));
        // What was told is forgotten: the schedule, which runs several times meanwhile, leaves it alone.
        std::thread::sleep(Duration::from_millis(1000));
        let count = told(&stack).len();
        std::thread::sleep(Duration::from_millis(1500));
        assert_eq!(told(&stack).len(), count, "{fault:?}");
    }
}

/// A scene whose SNS takes nothing until the proxy is healed.
fn without_sns() -> (Scene, Proxy) {
    let (mut scene, proxy) = (Scene::empty(), Proxy::start());
    proxy.forward_to(scene.stack.sns_url().trim_start_matches("http://").parse().unwrap());
    proxy.break_with(Fault::Status(500));
    scene.set("AWS_ENDPOINT_URL_SNS", &proxy.url());
    (scene, proxy)
}

#[test]
fn a_later_version_is_kept_beside_an_earlier_one_that_may_be_on_its_way() {
    let (scene, proxy) = without_sns();
    let versions_kept = |of: &Record| [1, 2].map(|version| scene.is_kept(&format!("record.{}~{version}", of.id)));
    let (record, last) = ended(2);
    for row in [ended(1).1, last.clone()] {
        assert_eq!(scene.batch(&[scene::record(&row)]), json!({ "batchItemFailures": [] }));
    }
    assert_eq!(versions_kept(&record), [true, true]);
    assert!(Table::of(&scene.stack).put(&last, None));
    proxy.heal();
    scene.tick();
    assert_eq!(versions_kept(&record), [false, false]);
    assert_eq!(versions(&told(&scene.stack)), [2, 2]);
}

#[test]
fn what_is_kept_of_a_record_that_has_expired_is_forgotten() {
    let (scene, proxy) = without_sns();
    // It stands in no table.
    let (record, row) = ended(1);
    let is_kept = || scene.is_kept(&format!("record.{}~1", record.id));
    assert_eq!(scene.batch(&[scene::record(&row)]), json!({ "batchItemFailures": [] }));
    assert!(is_kept());
    proxy.heal();
    scene.tick();
    assert!(!is_kept());
    assert_eq!(told(&scene.stack), Vec::<Value>::new());
}

#[test]
fn a_consumer_that_keeps_the_highest_version_holds_what_the_table_holds() {
    const CALLS: usize = 32;
    let (mut random, seed) = Random::new();
    let (stack, now) = (Stack::start(), Timestamp::now());
    let mut pile: Vec<_> = (0..CALLS).flat_map(|nth| traffic::scene(nth, now)).collect();
    let again: Vec<_> = (0..pile.len() / 4).map(|_| pile[random.below(pile.len())].clone()).collect();
    pile.extend(again);
    random.shuffle(&mut pile);
    let stored = |(provider, body): &Delivery| {
        let answer = stack.post(&format!("/webhooks/{provider}/call"), body.to_string());
        answer.json()["id"].as_str().unwrap_or_else(|| panic!("SEED={seed} {answer:?}")).to_owned()
    };
    let ids: BTreeSet<_> = pile.iter().map(stored).map(|id| id.split_once('~').unwrap().0.to_owned()).collect();
    let table = Table::of(&stack);
    let of_table = || -> BTreeMap<String, Value> {
        let ended = ids.iter().filter_map(|id| Some((id.clone(), table.ended(&id.parse().unwrap())?)));
        ended.map(|(id, record)| (id, serde_json::to_value(record).unwrap())).collect()
    };
    let over = (0..CALLS).filter(|nth| nth % 8 != 6).count();
    wait::until("it holds them all", || {
        let held: BTreeMap<_, _> = held(&stack).into_iter().filter(|(_, told)| told["outcome"] != "joined").collect();
        (held.len() == over && held == of_table()).then_some(())
    });
}
