//! An alert as its readers have it, held to what carries it.

use std::sync::LazyLock;

use jiff::Timestamp;
use jsonschema::Validator;
use serde_json::Value;
use shared::outbox::Alert;

use super::{MAX_SMS, MAX_SUBJECT, chat, page};

static CHAT: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("../../chat.schema.json")));
static PAGE: LazyLock<Validator> = LazyLock::new(|| validator(include_str!("../../page.schema.json")));

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The e-mail and the SMS, as they are read.
pub(crate) fn read_aloud(alert: &Alert) -> String {
    assert!(alert.subject.len() <= MAX_SUBJECT && alert.sms.as_ref().is_none_or(|sms| sms.len() <= MAX_SMS));
    chatted(alert);
    paged(alert);
    format!("Subject: {}\n\n{}\nSMS: {}\n", alert.subject, alert.text, alert.sms.as_deref().unwrap_or("(none)"))
}

/// The chat's message.
pub(crate) fn chatted(alert: &Alert) -> Value {
    held(&CHAT, &chat(alert))
}

/// The on-call tool's message.
pub(crate) fn paged(alert: &Alert) -> Value {
    let (subject, text) = page(alert, "arn:aws:sns:us-east-1:123456789012:pages", Timestamp::UNIX_EPOCH);
    let told = held(&PAGE, &text);
    let begins = format!("{}: ", told.get("NewStateValue").and_then(Value::as_str).unwrap());
    assert!(subject.len() <= MAX_SUBJECT && subject.starts_with(&begins), "{subject}");
    told
}

fn held(form: &Validator, text: &str) -> Value {
    let told: Value = serde_json::from_str(text).unwrap();
    let faults: Vec<_> = form.iter_errors(&told).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}: {told:#}");
    told
}
