//! The spool: receivers that may not write to the table, and a drain that may not either, for a while.

use serde_json::{Value, json};
use tests::http::escape;
use tests::stack::onsip;
use tests::wait;

use super::given::{ONSIP_TOKEN, read};
use super::stack::{Api, Stack};

/// Deliveries while nobody may write, each of them twice.
const DELIVERIES: usize = 10;
/// The call receivers' role and the drain's, each with its policy's name.
const WRITERS: [(&str, &str); 2] = [("CallRole", "ingest"), ("DrainRole", "drain")];

/// What comes while the table is denied is answered as spooled, and stored once when it no longer is.
pub(super) fn takes_what_the_table_does_not(stack: &Stack<'_>, api: &Api) {
    show_messages_soon(stack);
    let denied = Denied::new(stack);
    let path = format!("/webhooks/onsip/call?token={ONSIP_TOKEN}");
    for nth in 0..2 * DELIVERIES {
        let answer = api.post(&path, &body(nth % DELIVERIES));
        assert_eq!((answer.status, answer.json()), (202, json!({"status": "spooled"})), "{answer:?}");
    }
    drop(denied);
    wait::until("all is stored", || (stored(api) == DELIVERIES).then_some(()));
    for nth in 0..DELIVERIES {
        let answer = api.post(&path, &body(nth));
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("duplicate")), "{answer:?}");
    }
    assert_eq!(stored(api), DELIVERIES, "each once");
}

/// Else a message would be hidden for three minutes after each try.
pub(super) fn show_messages_soon(stack: &Stack<'_>) {
    let hidden = json!({"QueueUrl": stack.resource("SpoolQueue"), "Attributes": {"VisibilityTimeout": "5"}});
    stack.emulator().aws("sqs", "set_queue_attributes", &hidden);
}

/// Nobody may write events, until this is dropped.
pub(super) struct Denied<'s> {
    stack: &'s Stack<'s>,
    policies: [Value; 2],
}

impl<'s> Denied<'s> {
    pub(super) fn new(stack: &'s Stack<'s>) -> Self {
        let policies = WRITERS.map(|(role, name)| policy(stack, role, name));
        for ((role, name), policy) in WRITERS.iter().zip(&policies) {
            put_policy(stack, role, name, &without_writing(policy));
        }
        Self { stack, policies }
    }
}

impl Drop for Denied<'_> {
    fn drop(&mut self) {
        for ((role, name), policy) in WRITERS.iter().zip(&self.policies) {
            put_policy(self.stack, role, name, policy);
        }
    }
}

/// How many events there are of the calls that were delivered.
fn stored(api: &Api) -> usize {
    let page = read(api, &format!("/events?entity={}", escape("sip_user:alice@example.onsip.com")));
    let events = page["items"].as_array().unwrap().iter();
    events.filter(|event| event["call"].as_str().is_some_and(|call| call.contains("spooled-"))).count()
}

fn body(nth: usize) -> Vec<u8> {
    onsip("call.dialog.created", &format!("spooled-{nth}"))
}

fn policy(stack: &Stack<'_>, role: &str, name: &str) -> Value {
    let question = json!({"RoleName": stack.resource(role), "PolicyName": name});
    stack.emulator().aws("iam", "get_role_policy", &question)["PolicyDocument"].clone()
}

fn put_policy(stack: &Stack<'_>, role: &str, name: &str, policy: &Value) {
    let wish = json!({"RoleName": stack.resource(role), "PolicyName": name, "PolicyDocument": policy.to_string()});
    stack.emulator().aws("iam", "put_role_policy", &wish);
}

fn without_writing(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().unwrap();
    let all = statements.len();
    statements.retain(|statement| statement["Action"] != "dynamodb:PutItem");
    assert_eq!(statements.len(), all - 1, "{policy}");
    policy
}
