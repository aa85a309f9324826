//! The one shard of a table's stream. Lambda reads it by itself and not through a function's SDK; so it is read from the engine here, and
//! each record is written once as the function gets it.

use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use serde_json::Value;

use crate::place::REGION;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database refused.
    #[error("the stream cannot be read")]
    Refused(#[from] dynoxide::DynoxideError),
    /// A record is none.
    #[error("the stream has a record that cannot be passed on")]
    Record(#[from] serde_json::Error),
    /// It answered without what was asked for.
    #[error("the stream cannot be read: {0}")]
    Lacking(&'static str),
    /// The thread that read it died.
    #[error("reading the stream was cut short")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// The shard of a stream.
#[derive(Clone)]
pub(crate) struct Shard {
    engine: dynoxide::Database,
    stream_arn: String,
    id: String,
    /// The newest record's sequence number when it was found.
    newest: Option<String>,
}

/// Some of its records.
pub(crate) struct Read {
    /// Each as Lambda passes it to a function.
    pub(crate) events: Vec<Value>,
    /// Where to read on.
    pub(crate) next: Option<String>,
}

impl Shard {
    /// Finds the shard of that stream: `dynoxide` never splits it.
    ///
    /// # Errors
    /// When the stream is not there.
    pub(crate) fn of(engine: dynoxide::Database, stream_arn: String) -> Result<Self, ReadError> {
        let asked = DescribeStreamRequest { stream_arn: stream_arn.clone(), ..DescribeStreamRequest::default() };
        let shards = engine.describe_stream(asked)?.stream_description.shards;
        let shard = shards.into_iter().next().ok_or(ReadError::Lacking("it has no shard"))?;
        Ok(Self { engine, stream_arn, id: shard.shard_id, newest: shard.sequence_number_range.ending_sequence_number })
    }

    /// The sequence number of the record that was the newest when the shard was found.
    pub(crate) fn newest(&self) -> Option<&str> {
        self.newest.as_deref()
    }

    /// Where to read from: after the record of that sequence number, or from the first one.
    pub(crate) async fn iterator(&self, after: Option<&str>) -> Result<String, ReadError> {
        let asked = GetShardIteratorRequest {
            stream_arn: self.stream_arn.clone(),
            shard_id: self.id.clone(),
            shard_iterator_type: after.map_or("TRIM_HORIZON", |_| "AFTER_SEQUENCE_NUMBER").to_owned(),
            sequence_number: after.map(str::to_owned),
        };
        let engine = self.engine.clone();
        let answer = tokio::task::spawn_blocking(move || engine.get_shard_iterator(asked)).await??;
        answer.shard_iterator.ok_or(ReadError::Lacking("no iterator came"))
    }

    /// At most that many records.
    pub(crate) async fn read(&self, iterator: String, limit: usize) -> Result<Read, ReadError> {
        let shard = self.clone();
        tokio::task::spawn_blocking(move || {
            let asked = GetRecordsRequest { shard_iterator: iterator, limit: Some(limit) };
            let answer = shard.engine.get_records(asked)?;
            let events = answer.records.into_iter().map(|record| event(&shard.stream_arn, record));
            Ok(Read { events: events.collect::<Result<_, _>>()?, next: answer.next_shard_iterator })
        })
        .await?
    }
}

/// A record's place in its shard.
pub(crate) fn sequence_number(event: &Value) -> &str {
    event.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
}

/// A record as Lambda passes it to a function: the JSON of `DynamoDB`'s own API, with the stream's ARN beside it.
fn event(stream_arn: &str, mut record: Record) -> serde_json::Result<Value> {
    record.aws_region = REGION.to_owned();
    let mut event = serde_json::to_value(record)?;
    if let Some(event) = event.as_object_mut() {
        event.insert("eventSourceARN".to_owned(), Value::from(stream_arn));
    }
    Ok(event)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use dynoxide::actions::get_records::StreamRecord;
    use dynoxide::types::AttributeValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_reads_as_lambda_writes_it() {
        let image = [
            ("n".to_owned(), AttributeValue::N("873.0604".to_owned())),
            ("b".to_owned(), AttributeValue::B(vec![255, 0])),
            ("l".to_owned(), AttributeValue::L(vec![AttributeValue::BOOL(true), AttributeValue::NULL(true)])),
        ];
        let change = StreamRecord {
            keys: [("pk".to_owned(), AttributeValue::S("call#1".to_owned()))].into(),
            new_image: Some(image.into()),
            sequence_number: "100000000000000000007".to_owned(),
            size_bytes: 12,
            stream_view_type: "NEW_IMAGE".to_owned(),
            approximate_creation_date_time: 1_800_000_000.0,
            ..StreamRecord::default()
        };
        let record = Record {
            event_id: "e".to_owned(),
            event_name: "INSERT".to_owned(),
            event_version: "1.1".to_owned(),
            event_source: "aws:dynamodb".to_owned(),
            dynamodb: change,
            ..Record::default()
        };
        let event = event("arn:stream", record).unwrap();
        assert_eq!(sequence_number(&event), "100000000000000000007");
        assert_eq!(
            event,
            json!({
                "eventID": "e", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1", "eventSourceARN": "arn:stream",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_800_000_000.0, "SequenceNumber": "100000000000000000007",
                    "SizeBytes": 12, "StreamViewType": "NEW_IMAGE", "Keys": { "pk": { "S": "call#1" } },
                    "NewImage": {
                        "n": { "N": "873.0604" }, "b": { "B": "/wA=" }, "l": { "L": [{ "BOOL": true }, { "NULL": true }] },
                    },
                },
            })
        );
    }
}
