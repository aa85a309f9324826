//! A stream record as Lambda passes it to a function: the JSON of `DynamoDB`'s own API, with the stream's ARN beside it.

use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, StreamRecord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The event for one batch.
pub(crate) fn batch_event<'a>(stream_arn: &str, records: impl IntoIterator<Item = &'a Record>) -> Value {
    let records: Vec<_> = records.into_iter().map(|record| record_event(stream_arn, record)).collect();
    json!({ "Records": records })
}

/// A record's place in its shard.
pub(crate) fn sequence_number(record: &Record) -> &str {
    record.dynamodb().and_then(StreamRecord::sequence_number).unwrap_or_default()
}

/// One record of a batch.
fn record_event(stream_arn: &str, record: &Record) -> Value {
    let mut event = json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(|name| name.as_str()),
        "eventVersion": record.event_version(),
        "eventSource": record.event_source(),
        "awsRegion": crate::place::REGION,
        "dynamodb": record.dynamodb().map(change),
        "eventSourceARN": stream_arn,
    });
    if let (Some(who), Some(event)) = (record.user_identity(), event.as_object_mut()) {
        let who = json!({ "type": who.r#type(), "principalId": who.principal_id() });
        event.insert("userIdentity".to_owned(), who);
    }
    event
}

fn change(change: &StreamRecord) -> Value {
    let mut event = json!({
        "ApproximateCreationDateTime": change.approximate_creation_date_time().map(|time| time.secs()),
        "SequenceNumber": change.sequence_number(),
        "SizeBytes": change.size_bytes(),
        "StreamViewType": change.stream_view_type().map(|view| view.as_str()),
    });
    let images = [("Keys", change.keys()), ("NewImage", change.new_image()), ("OldImage", change.old_image())];
    if let Some(event) = event.as_object_mut() {
        event.extend(images.into_iter().filter_map(|(name, image)| Some((name.to_owned(), item(image?)))));
    }
    event
}

fn item<'a>(attributes: impl IntoIterator<Item = (&'a String, &'a AttributeValue)>) -> Value {
    Value::Object(attributes.into_iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<_, _>>())
}

fn attribute(value: &AttributeValue) -> Value {
    let bytes = |bytes: &aws_sdk_dynamodbstreams::primitives::Blob| STANDARD.encode(bytes);
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(blob) => json!({ "B": bytes(blob) }),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::Null(value) => json!({ "NULL": value }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(blobs) => json!({ "BS": blobs.iter().map(bytes).collect::<Vec<_>>() }),
        AttributeValue::L(values) => json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() }),
        AttributeValue::M(members) => json!({ "M": item(members) }),
        // A kind of value that this SDK does not know yet: notify reports an item that it cannot read.
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodbstreams::primitives::{Blob, DateTime};
    use aws_sdk_dynamodbstreams::types::{Identity, OperationType, StreamViewType};

    use super::*;

    #[test]
    fn a_record_reads_as_lambda_writes_it() {
        let change = StreamRecord::builder()
            .approximate_creation_date_time(DateTime::from_secs(1_800_000_000))
            .keys("pk", AttributeValue::S("call#1".into()))
            .new_image("n", AttributeValue::N("873.0604".into()))
            .new_image("b", AttributeValue::B(Blob::new([255, 0])))
            .new_image("l", AttributeValue::L(vec![AttributeValue::Bool(true), AttributeValue::Null(true)]))
            .new_image("m", AttributeValue::M([("s".to_owned(), AttributeValue::Ss(vec!["x".into()]))].into()))
            .sequence_number("100000000000000000007")
            .size_bytes(12)
            .stream_view_type(StreamViewType::NewImage)
            .build();
        let identity = Identity::builder().r#type("Service").principal_id("dynamodb.amazonaws.com").build();
        let record = Record::builder()
            .event_id("e")
            .event_name(OperationType::Insert)
            .event_version("1.1")
            .event_source("aws:dynamodb")
            .dynamodb(change)
            .user_identity(identity)
            .build();
        let event = batch_event("arn:stream", [&record]);
        assert_eq!(
            event,
            json!({ "Records": [{
                "eventID": "e", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1", "eventSourceARN": "arn:stream",
                "userIdentity": { "type": "Service", "principalId": "dynamodb.amazonaws.com" },
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_800_000_000, "SequenceNumber": "100000000000000000007",
                    "SizeBytes": 12, "StreamViewType": "NEW_IMAGE", "Keys": { "pk": { "S": "call#1" } },
                    "NewImage": {
                        "n": { "N": "873.0604" }, "b": { "B": "/wA=" }, "l": { "L": [{ "BOOL": true }, { "NULL": true }] },
                        "m": { "M": { "s": { "SS": ["x"] } } },
                    },
                },
            }] })
        );
    }
}
