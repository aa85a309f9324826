//! Subscribers of the events topic, each with a queue of its own and a filter policy as the README shows it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::http::escape;
use tests::wait;

use super::emulator::Emulator;
use super::given::read;
use super::inbox::Inbox;
use super::stack::{Api, Stack};

/// Who hears what: the queue's name, the filter policy, and the list in which the API shows the same events.
pub(super) struct Subscriber<'a> {
    name: &'static str,
    policy: Value,
    list: String,
    inbox: Inbox<'a>,
}

impl<'a> Subscriber<'a> {
    /// Their queues are made before the stack, so that they are no part of what it leaves behind.
    pub(super) fn all(emulator: &'a Emulator) -> Vec<Self> {
        let (user, domain) = ("sip_user:bob@example.onsip.com", "sip_domain:example.onsip.com");
        let number = "phone_number:12025550121";
        let of = |entity: &str| format!("/events?entity={}&limit=100", escape(entity));
        [
            ("calls-of-one", json!({"entity": [format!("{user}/inbound_call")]}), of(user) + "&category=inbound_call"),
            ("one-domain", json!({"entity": [domain]}), of(domain)),
            ("sms-of-a-number", json!({"entity": [number], "family": ["sms"]}), of(number) + "&category=inbound_sms"),
            ("failures", json!({"class": [{"exists": true}]}), "/events?failure=insufficient_balance".to_owned()),
        ]
        .map(|(name, policy, list)| Self { name, policy: of_events(policy), list, inbox: Inbox::new(emulator, name) })
        .into()
    }

    pub(super) fn subscribe(&self, stack: &Stack<'_>) {
        self.inbox.subscribe(stack, &["EventsTopic"], &self.policy);
    }

    /// All that the API lists, as it shows each by its id but for a message's text and names, and nothing else; perhaps twice.
    pub(super) fn gets_what_it_chose(&self, api: &Api) {
        let listed = read(api, &self.list)["items"].as_array().unwrap().clone();
        let expected: BTreeSet<_> = listed.iter().map(|event| shown(api, event)).collect();
        assert!(!expected.is_empty(), "{}: nothing to hear of", self.name);
        let mut heard = BTreeSet::new();
        wait::until("the subscriber has heard of all", || {
            heard.extend(self.inbox.take_rest().iter().map(event));
            (heard.len() >= expected.len()).then_some(())
        });
        assert_eq!(heard, expected, "{}", self.name);
    }
}

/// The policy that lets no records through: the lists are of events.
fn of_events(mut policy: Value) -> Value {
    policy["status"] = json!([{"exists": true}]);
    policy
}

/// The event as `/events/{id}` shows it, without a message's text, and without the names that are looked up for an answer.
pub(super) fn shown(api: &Api, listed: &Value) -> String {
    let mut event = read(api, &format!("/events/{}", listed["id"].as_str().unwrap()));
    event.as_object_mut().unwrap().remove("names");
    if let Some(message) = event.pointer_mut("/details/message").and_then(Value::as_object_mut) {
        message.remove("text");
    }
    event.to_string()
}

/// The event of a message as SNS wraps it, in the spelling of `serde_json`.
fn event(message: &Value) -> String {
    serde_json::from_str::<Value>(message["Message"].as_str().unwrap()).unwrap().to_string()
}
