//! What stands in the dead-letter queue: the keys of items that a reader of the stream could not handle, and what Lambda
//! leaves there of a stream batch that it gave up, which are the numbers of its records and not the records.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use shared::key::EventId;

use super::readers::Reader;

/// One dead letter.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Letter {
    /// An item that a reader could not handle.
    Item(Reader, Key),
    /// A stream batch that a reader could not handle.
    Batch(Reader, BatchInfo),
    /// Nobody knows who wrote it.
    Unknown,
}

/// An item's key, whatever it holds: that it is no key of ours may be why it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Key {
    pk: Text,
    sk: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// The `DDBStreamBatchInfo` of Lambda's message to an on-failure destination.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchInfo {
    pub(super) stream_arn: String,
    pub(super) shard_id: String,
    pub(super) start_sequence_number: String,
    pub(super) end_sequence_number: String,
}

#[derive(Deserialize)]
struct ItemLetter {
    reader: Option<String>,
    keys: Key,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchLetter {
    request_context: RequestContext,
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: BatchInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    function_arn: String,
}

impl Letter {
    /// Reads a message's body.
    pub(super) fn read(body: &str) -> Self {
        let value: Value = serde_json::from_str(body).unwrap_or_default();
        if let Ok(ItemLetter { reader, keys }) = ItemLetter::deserialize(&value) {
            return Reader::of_letter(reader.as_deref()).map_or(Self::Unknown, |reader| Self::Item(reader, keys));
        }
        let batch =
            |BatchLetter { request_context, batch }| Self::Batch(Reader::of_arn(&request_context.function_arn), batch);
        BatchLetter::deserialize(&value).map_or(Self::Unknown, batch)
    }
}

impl Key {
    pub(super) fn new(pk: String, sk: String) -> Self {
        Self { pk: Text { text: pk }, sk: Text { text: sk } }
    }

    pub(super) fn pk(&self) -> &str {
        &self.pk.text
    }

    pub(super) fn sk(&self) -> &str {
        &self.sk.text
    }
}

/// As the event's id, which the logs show too. What is no id is not shown: it may hold anything.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EventId::from_keys(self.pk(), self.sk()) {
            Ok(id) => id.fmt(f),
            Err(_) => f.write_str("an item whose key is no event's"),
        }
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(reader, key) => write!(f, "{key} ({reader})"),
            Self::Batch(reader, batch) => {
                write!(f, "a stream batch of {} at {} ({reader})", batch.shard_id, batch.start_sequence_number)
            }
            Self::Unknown => f.write_str("a message"),
        }
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_letter_of_a_reader_names_it_and_an_item() {
        let keys = json!({ "pk": { "S": "onsip.call.x" }, "sk": { "S": "y" } });
        // Before there were two readers, a letter was notify's.
        let letters = [
            (json!({ "keys": keys, "reason": "broken" }), Reader::Notify),
            (json!({ "reader": "notify", "keys": keys, "reason": "broken" }), Reader::Notify),
            (json!({ "reader": "index", "keys": keys, "reason": "broken" }), Reader::Index),
        ];
        for (body, expected) in letters {
            let Letter::Item(reader, key) = Letter::read(&body.to_string()) else { panic!("{body}") };
            assert_eq!((reader, key.pk(), key.sk()), (expected, "onsip.call.x", "y"));
            let told = format!("an item whose key is no event's ({reader})");
            assert_eq!(Letter::Item(reader, key).to_string(), told);
        }
        let other = json!({ "reader": "another", "keys": keys, "reason": "broken" });
        assert_eq!(Letter::read(&other.to_string()), Letter::Unknown);
    }

    #[test]
    fn the_letter_of_lambda_names_a_stretch_of_the_stream() {
        let body = json!({
            "requestContext": {
                "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
                "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:trunkline-IndexFunction-x",
                "condition": "RecordAgeExceeded", "approximateInvokeCount": 1,
            },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "version": "1.0", "timestamp": "2019-11-14T18:16:05.568Z",
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000001573689847184-864758bb",
                "startSequenceNumber": "800000000003126276362", "endSequenceNumber": "800000000003126276363",
                "approximateArrivalOfFirstRecord": "2019-11-14T18:15:19Z",
                "approximateArrivalOfLastRecord": "2019-11-14T18:15:19Z",
                "batchSize": 2, "streamArn": "arn:aws:dynamodb:us-east-2:123456789012:table/t/stream/2019",
            },
        });
        let Letter::Batch(Reader::Index, batch) = Letter::read(&body.to_string()) else { panic!("{body}") };
        let notifys = body.to_string().replace("IndexFunction", "NotifyFunction");
        assert!(matches!(Letter::read(&notifys), Letter::Batch(Reader::Notify, _)));
        assert_eq!(batch.shard_id, "shardId-00000001573689847184-864758bb");
        assert_eq!(batch.start_sequence_number, "800000000003126276362");
        assert_eq!(batch.end_sequence_number, "800000000003126276363");
        assert_eq!(batch.stream_arn, "arn:aws:dynamodb:us-east-2:123456789012:table/t/stream/2019");
    }

    #[test]
    fn what_is_neither_is_unknown() {
        for body in ["", "hello", "[]", "null", r#"{"keys":null,"reason":"no keys"}"#, r#"{"keys":{"pk":{"N":"1"}}}"#] {
            assert_eq!(Letter::read(body), Letter::Unknown, "{body}");
        }
    }
}
