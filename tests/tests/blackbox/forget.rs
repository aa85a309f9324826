//! What is left of a number once it is forgotten.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::{Doing, Forget, ForgetError, Forgotten, Terminal, Whom};
use serde_json::Value;
use shared::aws::Aws;
use shared::entity::Entity;
use shared::store::item::{self, Item};
use tests::proxy::{Fault, Proxy};
use tests::samples::{names, route, sample};
use tests::stack::{Stack, opentact_call};
use tests::wait;
use tokio::runtime::Runtime;

use super::names::give;

const NUMBER: &str = "phone_number:12025550111";
const FAILED: &str = "opentact-call_state-in-failed-insufficient-balance";

/// The tables of a stack, as an operator with credentials has them.
struct Tables {
    settings: BTreeMap<String, String>,
    runtime: Runtime,
}

impl Tables {
    fn of(stack: &Stack) -> Self {
        let settings = stack.client().send("GET", "/local/notify", &[], b"").body;
        Self { settings: serde_json::from_slice(&settings).unwrap(), runtime: Runtime::new().unwrap() }
    }

    fn forget(&self, entity: &str, doing: Doing) -> Forgotten {
        let forget = Forget::new(&|name| self.settings.get(name).cloned()).unwrap();
        let whom = Whom::try_from(&entity.parse::<Entity>().unwrap()).unwrap();
        self.runtime.block_on(forget.run(&whom, doing, Terminal::Quiet)).unwrap()
    }

    /// The same over another way to the database.
    fn forget_through(&self, dynamodb: String, entity: &str) -> Result<Forgotten, ForgetError> {
        let lookup = |name: &str| match name {
            "AWS_ENDPOINT_URL_DYNAMODB" => Some(dynamodb.clone()),
            _ => self.settings.get(name).cloned(),
        };
        let whom = Whom::try_from(&entity.parse::<Entity>().unwrap()).unwrap();
        self.runtime.block_on(Forget::new(&lookup).unwrap().run(&whom, Doing::Erase, Terminal::Quiet))
    }

    /// All items of both tables.
    fn items(&self) -> Vec<Item> {
        let dynamodb = Aws::read(&|name| self.settings.get(name).cloned()).unwrap().dynamodb();
        let scan = |table: &str| dynamodb.scan().table_name(table).into_paginator().items().send().try_collect();
        let [events, alerts] = ["EVENTS_TABLE", "ALERTS_TABLE"].map(|name| self.settings[name].clone());
        self.runtime.block_on(async { [scan(&events).await.unwrap(), scan(&alerts).await.unwrap()].concat() })
    }

    /// The items that hold the number's digits, whatever stands between them: told without the code that erases them.
    fn naming(&self, digits: &str) -> Vec<Item> {
        let bare =
            |text: &str| text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '+')).collect::<String>();
        let body = |item: &Item| {
            item::body(item).map_or_else(|_| String::new(), |(body, _)| String::from_utf8_lossy(&body).into())
        };
        let names = |item: &Item| bare(&(texts(item) + "\n" + &body(item))).contains(digits);
        self.items().into_iter().filter(names).collect()
    }
}

fn texts(item: &Item) -> String {
    fn of(value: &AttributeValue) -> String {
        match value {
            AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
            AttributeValue::Ss(texts) => texts.join("\n"),
            AttributeValue::L(values) => values.iter().map(of).collect::<Vec<_>>().join("\n"),
            AttributeValue::M(members) => texts(members),
            _ => String::new(),
        }
    }
    item.iter().map(|(name, value)| format!("{name}\n{}", of(value))).collect::<Vec<_>>().join("\n")
}

/// A stack that every sample was delivered to, with a delivery that can't be read, once nothing is written any more.
fn busy() -> (Stack, Tables) {
    let stack = Stack::start();
    for name in names() {
        let answer = stack.deliver(&name);
        assert!(answer.status < 300, "{name}: {answer:?}");
    }
    let unreadable = r#"{"id": "cut", "text": "call me: (202) 555-0111"#;
    assert_eq!(stack.post(route(FAILED), unreadable).status, 202);
    let tables = Tables::of(&stack);
    let mut before = 0;
    wait::until("nothing more is written", || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        let now = tables.items().len();
        let still = now == std::mem::replace(&mut before, now);
        (still && stack.published().iter().any(|message| message["topic"] == "AlertsTopic")).then_some(())
    });
    (stack, tables)
}

fn failed(stack: &Stack) -> Value {
    let answer = stack.deliver(FAILED).json();
    assert_eq!(answer["status"], "duplicate", "{answer}");
    stack.event(answer["id"].as_str().unwrap())
}

/// What the records say that counts are made of.
fn outcomes(stack: &Stack) -> Vec<String> {
    let outcome =
        |call: &Value| format!("{} {} {} {}", call["id"], call["outcome"], call["direction"], call["talkSeconds"]);
    let mut outcomes: Vec<_> = stack.list("/calls").iter().map(outcome).collect();
    outcomes.sort();
    outcomes
}

#[test]
fn a_number_that_was_forgotten_stands_in_no_table_in_any_form() {
    let (stack, tables) = busy();
    let (held, all, said) = (tables.naming("2025550111").len(), tables.items().len(), outcomes(&stack));
    assert!(held > 20 && !said.is_empty(), "{held}");
    let kept = tables.naming("2025550147").len();

    let counted = tables.forget(NUMBER, Doing::Count);
    assert_eq!((counted.events.found() + counted.alerts.found(), counted.left), (held, held), "{counted:?}");
    assert_eq!((tables.naming("2025550111").len(), tables.items().len()), (held, all), "counting changes nothing");

    let told = stack.published().len();
    let done = tables.forget(NUMBER, Doing::Erase);
    assert_eq!(
        (done.left, done.events.found(), done.alerts.found()),
        (0, counted.events.found(), counted.alerts.found())
    );
    assert!(done.alerts.rewritten > 0 && done.events.rewritten > 0 && done.events.deleted > 0, "{done:?}");
    assert_eq!(tables.naming("2025550111"), Vec::<Item>::new());
    assert_eq!(tables.items().len(), all - done.events.deleted - done.alerts.deleted);
    assert!(kept > 0 && !tables.naming("2025550147").is_empty(), "others stay");
    assert_eq!(outcomes(&stack), said, "what calls came to stays");
    assert_eq!(stack.quarantine(), Vec::<Value>::new());
    assert_eq!(stack.list(&format!("/events?entity={NUMBER}")), Vec::<Value>::new());

    let event = failed(&stack);
    assert!(event["from"].is_null() && event["to"].is_null() && event["details"].is_null(), "{event}");
    assert_eq!(event["failure"]["class"], "insufficient_balance", "{event}");
    assert_eq!(stack.read(&format!("/events/{}/body", event["id"].as_str().unwrap())).status, 404);

    // What comes later goes its way, and shows that nothing was told once more.
    assert_eq!(stack.post(route(FAILED), opentact_call("later", "init")).json()["status"], "stored");
    wait::until("the event is published", || {
        stack.published_events().iter().any(|event| event.to_string().contains("event-later")).then_some(())
    });
    assert_eq!(stack.published().len(), told + 1);
    assert_eq!(tables.forget(NUMBER, Doing::Erase), Forgotten::default());
}

#[test]
fn a_run_that_was_cut_short_is_taken_up_where_it_stopped() {
    let stack = Stack::start();
    for seed in 0..30 {
        let body = String::from_utf8(opentact_call(&format!("call-{seed}"), "init")).unwrap();
        assert_eq!(stack.post(route(FAILED), body).json()["status"], "stored");
    }
    let tables = Tables::of(&stack);
    wait::until("the records are there", || {
        tables
            .items()
            .iter()
            .filter(|item| item["pk"].as_s().unwrap().starts_with("record."))
            .count()
            .ge(&30)
            .then_some(())
    });
    let held = tables.naming("2025550101").len();
    let proxy = Proxy::start();
    proxy.forward_to(stack.dynamodb_url().trim_start_matches("http://").parse().unwrap());
    // One page is read, six items are changed, and then the table is denied.
    proxy.next([None; 7].into_iter().chain([Some(Fault::Error("AccessDeniedException"))]));
    let denied = tables.forget_through(proxy.url(), "phone_number:12025550101").unwrap_err().to_string();
    assert!(denied.contains("start again"), "{denied}");
    let left = tables.naming("2025550101").len();
    let done = tables.forget("phone_number:12025550101", Doing::Erase);
    assert_eq!((left, done.events.found() + done.alerts.found(), done.left), (held - 6, held - 6, 0));
    assert_eq!(tables.naming("2025550101"), Vec::<Item>::new());
}

#[test]
fn a_sip_user_is_forgotten_and_those_of_like_names_are_not() {
    let stack = Stack::start();
    let body = |user: &str| String::from_utf8(sample("onsip-call.dialog.created")).unwrap().replace("alice", user);
    for user in ["alice", "malice"] {
        let body = body(user).replace("b1001603", &format!("{user}-")).replace("91d7b0c2", &format!("{user}-"));
        assert_eq!(stack.post("/webhooks/onsip/call", body).json()["status"], "stored");
    }
    let tables = Tables::of(&stack);
    let named = |user: &str| stack.list(&format!("/events?entity=sip_user:{user}@example.onsip.com")).len();
    assert_eq!((named("alice"), named("malice")), (1, 1));
    assert_eq!(tables.forget("sip_user:alice@example.onsip.com", Doing::Erase).left, 0);
    assert_eq!((named("alice"), named("malice")), (0, 1));
}

#[test]
fn a_name_is_forgotten_with_its_number_and_wherever_an_alert_has_it() {
    let stack = Stack::with(|options| options.every = Duration::from_secs(3_600));
    let others = ("sip_user:alice@example.com", "Alice Other");
    assert_eq!(give(&stack, &[("phone_number:12025550144", "Bob (night desk)"), others]).status, 200);
    assert_eq!(stack.deliver(FAILED).status, 200);
    let tables = Tables::of(&stack);
    let held = |text: &str| tables.items().iter().filter(|item| texts(item).contains(text)).count();
    // Its own row, and the alert.
    wait::until("the alert names both", || (held("Bob (night desk)") == 2 && held("Alice Other") == 2).then_some(()));
    wait::until("the call has its record", || (stack.list("/calls").len() == 1).then_some(()));
    assert_eq!(tables.forget("phone_number:12025550144", Doing::Erase).left, 0);
    assert_eq!((tables.naming("2025550144"), held("Bob"), held("night desk")), (Vec::new(), 0, 0));
    assert_eq!(held("Alice Other"), 2);
    assert_eq!(stack.list("/names").len(), 1);
}
