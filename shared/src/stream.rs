//! A batch of the events table's stream as Lambda passes it: items in DynamoDB's JSON, binaries in base64.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::store::item::{Item, ItemError};

/// An item that can't be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Lambda's identifier of its record.
    pub sequence: Value,
    /// Its key, in DynamoDB's JSON.
    pub keys: Value,
    /// Why.
    pub reason: String,
}

impl Unreadable {
    /// The item of that record.
    #[must_use]
    pub fn of(record: &Value, reason: String) -> Self {
        let keys = record.pointer("/dynamodb/Keys").cloned().unwrap_or_default();
        Self { sequence: sequence(record), keys, reason }
    }
}

/// What a batch brings.
#[derive(Debug)]
pub struct Batch<T> {
    /// What was read of its items.
    pub read: Vec<T>,
    /// The items that can't be read.
    pub unreadable: Vec<Unreadable>,
}

/// Reads the new items of a batch; `read` gives None for an item to pass over. What was deleted has no new item.
pub fn batch<T>(records: &[Value], read: impl Fn(&Item) -> Result<Option<T>, ItemError>) -> Batch<T> {
    let mut batch = Batch { read: Vec::new(), unreadable: Vec::new() };
    for record in records.iter().filter(|record| record.get("eventName").and_then(Value::as_str) != Some("REMOVE")) {
        match new_item(record).and_then(|item| read(&item).map_err(|error| error.to_string())) {
            Ok(read) => batch.read.extend(read),
            Err(reason) => batch.unreadable.push(Unreadable::of(record, reason)),
        }
    }
    batch
}

/// Lambda's identifier of a record.
#[must_use]
pub fn sequence(record: &Value) -> Value {
    record.pointer("/dynamodb/SequenceNumber").cloned().unwrap_or_default()
}

/// The answer for a batch: the record from which Lambda sends it again, if any.
#[must_use]
pub fn failed(sequence: Option<Value>) -> Value {
    let failures: Vec<_> = sequence.into_iter().map(|sequence| json!({"itemIdentifier": sequence})).collect();
    json!({"batchItemFailures": failures})
}

fn new_item(record: &Value) -> Result<Item, String> {
    let image = record.pointer("/dynamodb/NewImage").ok_or("the record has no new image")?;
    item(image).map_err(|error| error.to_string())
}

/// JSON that is no item.
#[derive(Debug, thiserror::Error)]
#[error("attribute {0} is not in DynamoDB's JSON")]
struct FormError(String);

/// Reads an item.
fn item(image: &Value) -> Result<Item, FormError> {
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
