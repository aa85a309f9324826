//! A batch of a DynamoDB stream as Lambda passes it: items in DynamoDB's JSON, binaries in base64.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use shared::event::Event;
use shared::provider;
use shared::store::item::{self, Item};
use shared::store::{self, Kind};

use crate::balance::{self, Balance};

/// A stored event, with what only its body says.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) event: Event,
    pub(crate) balance: Option<Balance>,
}

/// An item that can't be read.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) sequence: Value,
    pub(crate) keys: Value,
    pub(crate) reason: String,
}

/// What a batch brings.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Stored>,
    pub(crate) letters: Vec<Letter>,
}

/// Reads a batch: the stored events, and the items that should be events and can't be read.
pub(crate) fn batch(records: &[Value]) -> Batch {
    let mut batch = Batch::default();
    for record in records.iter().filter(|record| record.get("eventName").and_then(Value::as_str) == Some("INSERT")) {
        match stored(record) {
            Ok(Some(stored)) => batch.events.push(stored),
            Ok(None) => {}
            Err(reason) => {
                let keys = record.pointer("/dynamodb/Keys").cloned().unwrap_or_default();
                batch.letters.push(Letter { sequence: sequence(record), keys, reason });
            }
        }
    }
    batch
}

/// Lambda's identifier of a record.
pub(crate) fn sequence(record: &Value) -> Value {
    record.pointer("/dynamodb/SequenceNumber").cloned().unwrap_or_default()
}

fn stored(record: &Value) -> Result<Option<Stored>, String> {
    let image = record.pointer("/dynamodb/NewImage").ok_or("the record has no new image")?;
    let item = self::item(image).map_err(|error| error.to_string())?;
    if store::kind(&item) != Kind::Event {
        return Ok(None);
    }
    let event = item::event(&item).map_err(|error| error.to_string())?;
    // A body that can't be decoded must not silence the rest of the event.
    let body = provider::tells_balance(&event).then(|| item::body(&item).ok()).flatten();
    let balance = body.and_then(|(body, _)| balance::told(&event, &body));
    Ok(Some(Stored { event, balance }))
}

/// JSON that is no item.
#[derive(Debug, thiserror::Error)]
#[error("attribute {0} is not in DynamoDB's JSON")]
pub(crate) struct FormError(String);

/// Reads an item.
pub(crate) fn item(image: &Value) -> Result<Item, FormError> {
    let attributes = image.as_object().ok_or_else(|| FormError("(the item)".to_owned()))?;
    let read = |(name, json): (&String, &Value)| Some((name.clone(), value(json)?));
    attributes.iter().map(|entry| read(entry).ok_or_else(|| FormError(entry.0.clone()))).collect()
}

fn value(json: &Value) -> Option<AttributeValue> {
    let (kind, json) = json.as_object()?.iter().next()?;
    let text = |json: &Value| json.as_str().map(str::to_owned);
    let blob = |json: &Value| STANDARD.decode(json.as_str()?).ok().map(Blob::new);
    let texts = |json: &Value| json.as_array()?.iter().map(text).collect::<Option<Vec<_>>>();
    Some(match kind.as_str() {
        "S" => AttributeValue::S(text(json)?),
        "N" => AttributeValue::N(text(json)?),
        "B" => AttributeValue::B(blob(json)?),
        "BOOL" => AttributeValue::Bool(json.as_bool()?),
        "NULL" => AttributeValue::Null(json.as_bool()?),
        "SS" => AttributeValue::Ss(texts(json)?),
        "NS" => AttributeValue::Ns(texts(json)?),
        "BS" => AttributeValue::Bs(json.as_array()?.iter().map(blob).collect::<Option<_>>()?),
        "L" => AttributeValue::L(json.as_array()?.iter().map(value).collect::<Option<_>>()?),
        "M" => AttributeValue::M(map(json)?),
        _ => return None,
    })
}

fn map(json: &Value) -> Option<HashMap<String, AttributeValue>> {
    json.as_object()?.iter().map(|(name, json)| Some((name.clone(), value(json)?))).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_attribute_is_read() {
        let image = json!({
            "s": {"S": "x"}, "n": {"N": "1.50"}, "b": {"B": "AP8="}, "t": {"BOOL": true}, "z": {"NULL": true},
            "ss": {"SS": ["a"]}, "ns": {"NS": ["1"]}, "bs": {"BS": ["AP8="]}, "l": {"L": [{"S": "y"}]},
            "m": {"M": {"k": {"N": "2"}}},
        });
        let item = item(&image).unwrap();
        assert_eq!(item.len(), 10);
        assert_eq!(item.get("b").unwrap().as_b().unwrap().as_ref(), [0, 255]);
        assert_eq!(item.get("n").unwrap().as_n().unwrap(), "1.50");
    }

    #[test]
    fn what_is_no_item_is_told_by_name() {
        for image in [json!({"a": {"X": "1"}}), json!({"a": {}}), json!({"a": {"B": "%"}}), json!({"a": {"N": 1}})] {
            assert_eq!(item(&image).unwrap_err().to_string(), "attribute a is not in DynamoDB's JSON");
        }
    }
}
