//! The form of what the topics publish for programs, held to the schemas beside `notify`.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

static CHAT: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("../../functions/notify/chat.schema.json")));

static PAGE: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("../../functions/notify/page.schema.json")));

fn validator(schema: &str) -> Validator {
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

/// A message of the chat topic.
///
/// # Panics
/// When a chat would not show it.
#[must_use]
pub fn chat(message: &str) -> Value {
    held(&CHAT, message)
}

/// A message of the pages topic.
///
/// # Panics
/// When CloudWatch would not have sent it.
#[must_use]
pub fn page(message: &str) -> Value {
    held(&PAGE, message)
}

fn held(form: &Validator, message: &str) -> Value {
    let read = serde_json::from_str(message).expect("the message is JSON");
    let faults: Vec<_> = form.iter_errors(&read).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}: {read:#}");
    read
}
