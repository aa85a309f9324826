//! A `notify` of the test's own, over the services of a stack whose own keeps quiet: batches and ticks are given to it by
//! hand.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use jiff::Timestamp;
use notify::{Notify, NotifySettings};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::store::item::{self, Item};
use tests::samples::{route, sample};
use tests::stack::Stack;
use tokio::runtime::Runtime;

pub(super) const CALL: &str = "opentact-call_state-in-failed-insufficient-balance";
pub(super) const SMS: &str = "opentact-sms-smso-failed-undelivered";
pub(super) const BALANCE: &str = "opentact-balance";
/// The sample's call, to be replaced in a second one.
const LEG: &str = "8f293405-c6aa-458f-ad30-49ae9004b402";

/// A stack whose own `notify` tells nothing, the services behind it, and a batch.
pub(super) struct Scene {
    pub(super) stack: Stack,
    pub(super) runtime: Runtime,
    settings: BTreeMap<String, String>,
    pub(super) records: Vec<Value>,
}

impl Scene {
    /// Two calls that fail alike, a message, and a balance that is low.
    pub(super) fn new() -> Self {
        let mut scene = Self::empty();
        let call = String::from_utf8(sample(CALL)).unwrap();
        let other = call.replace(LEG, "0b7de0b6-1c5b-4d4e-8f0e-6a3a3f0c9d11").replace("436c2590", "0a0a0a0a");
        let bodies =
            [(BALANCE, sample(BALANCE)), (CALL, call.into_bytes()), (CALL, other.into_bytes()), (SMS, sample(SMS))];
        scene.deliver(&bodies);
        scene
    }

    pub(super) fn empty() -> Self {
        let stack = Stack::with(|options| {
            options.every = Duration::from_secs(3600);
            // The stack's own keeps quiet.
            options.environment.extend([
                ("ALERTS_TABLE".to_owned(), "NoSuchTable".to_owned()),
                ("EVENTS_TOPIC_ARN".to_owned(), String::new()),
            ]);
        });
        let settings = stack.client().send("GET", "/local/notify", &[], b"").body;
        let mut settings: BTreeMap<String, String> = serde_json::from_slice(&settings).unwrap();
        settings.extend(
            [
                ("ALERTS_TABLE", "AlertsTable"),
                ("ALERT_WINDOW_SECONDS", "20"),
                ("LOW_BALANCE", "1000"),
                ("EVENTS_TOPIC_ARN", "arn:aws:sns:us-east-1:000000000000:EventsTopic"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Self { stack, runtime: Runtime::new().unwrap(), settings, records: Vec::new() }
    }

    /// Sets a variable of the test's own `notify`.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Delivers bodies, and keeps the records that the stream would bring.
    pub(super) fn deliver(&mut self, bodies: &[(&str, Vec<u8>)]) {
        let aws = Aws::read(&|name| self.settings.get(name).cloned()).unwrap();
        let dynamodb = aws.dynamodb();
        for (name, body) in bodies {
            let answer = self.stack.post(route(name), body).json();
            assert_eq!(answer["status"], "stored", "{name}: {answer}");
            let keys = item::keys(&answer["id"].as_str().unwrap().parse().unwrap());
            let asked = dynamodb.get_item().table_name("EventsTable").set_key(Some(keys)).send();
            let item = self.runtime.block_on(asked).unwrap().item.unwrap();
            self.records.push(record(&item));
        }
    }

    /// Writes an item into the events table past all code.
    pub(super) fn put_item(&self, item: Item) {
        let aws = Aws::read(&|name| self.settings.get(name).cloned()).unwrap();
        let asked = aws.dynamodb().put_item().table_name("EventsTable").set_item(Some(item)).send();
        self.runtime.block_on(asked).unwrap();
    }

    /// A `notify` of the stack's services, or of what stands in front of them.
    pub(super) fn notify(&self, endpoints: &[(&str, String)]) -> Notify {
        let lookup = |name: &str| {
            let proxied = endpoints.iter().find(|(endpoint, _)| *endpoint == name).map(|(_, url)| url.clone());
            proxied.or_else(|| self.settings.get(name).cloned())
        };
        Notify::new(NotifySettings::read(&lookup).unwrap(), &Aws::read(&lookup).unwrap())
    }

    pub(super) fn batch(&self, records: &[Value]) -> Value {
        self.runtime.block_on(self.notify(&[]).handle(json!({ "Records": records }), Timestamp::now())).unwrap()
    }

    pub(super) fn tick(&self) {
        self.tick_at(Timestamp::now());
    }

    pub(super) fn tick_at(&self, now: Timestamp) {
        self.runtime.block_on(self.notify(&[]).handle(json!({}), now)).unwrap();
    }

    /// Whether that waits to be published.
    pub(super) fn is_kept(&self, origin: &str) -> bool {
        let aws = Aws::read(&|name| self.settings.get(name).cloned()).unwrap();
        let asked = aws.dynamodb().get_item().table_name("AlertsTable");
        let asked = asked.key("pk", AttributeValue::S(format!("event#{origin}"))).send();
        self.runtime.block_on(asked).unwrap().item.is_some()
    }

    pub(super) fn published(&self, topic: &str) -> Vec<Value> {
        self.stack.published().into_iter().filter(|message| message["topic"] == topic).collect()
    }

    /// How often each subject was published.
    pub(super) fn told(&self) -> BTreeMap<String, usize> {
        let mut told = BTreeMap::new();
        for mail in self.published("AlertsTopic") {
            *told.entry(mail["subject"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        told
    }

    /// Lets the schedule run until that many different subjects were published.
    pub(super) fn told_at_last(&self, different: usize) -> BTreeMap<String, usize> {
        let end = Instant::now() + Duration::from_secs(90);
        while self.told().len() < different && Instant::now() < end {
            thread::sleep(Duration::from_secs(2));
            self.tick();
        }
        self.told()
    }
}

/// A record as Lambda passes it.
pub(super) fn record(item: &Item) -> Value {
    json!({
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": {"pk": value(&item["pk"]), "sk": value(&item["sk"])}, "NewImage": image(item), "SequenceNumber": "1",
        },
    })
}

fn image(item: &Item) -> Value {
    item.iter().map(|(name, attribute)| (name.clone(), value(attribute))).collect::<serde_json::Map<_, _>>().into()
}

fn value(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": base64::engine::general_purpose::STANDARD.encode(bytes) }),
        AttributeValue::L(values) => json!({ "L": values.iter().map(value).collect::<Vec<_>>() }),
        AttributeValue::M(members) => json!({ "M": image(members) }),
        other => panic!("{other:?}"),
    }
}
