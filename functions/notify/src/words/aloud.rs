//! An alert as its readers have it, held to what carries it.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;
use shared::outbox::Alert;

use super::{MAX_SMS, MAX_SUBJECT, chat};

static CHAT: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("../../chat.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

/// The e-mail and the SMS, as they are read.
pub(crate) fn read_aloud(alert: &Alert) -> String {
    assert!(alert.subject.len() <= MAX_SUBJECT && alert.sms.as_ref().is_none_or(|sms| sms.len() <= MAX_SMS));
    chatted(alert);
    format!("Subject: {}\n\n{}\nSMS: {}\n", alert.subject, alert.text, alert.sms.as_deref().unwrap_or("(none)"))
}

/// The chat's message.
pub(crate) fn chatted(alert: &Alert) -> Value {
    let told: Value = serde_json::from_str(&chat(alert)).unwrap();
    let faults: Vec<_> = CHAT.iter_errors(&told).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}: {told:#}");
    told
}
