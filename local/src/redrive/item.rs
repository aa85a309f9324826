//! Reading an item again by its key, and whether a reader will be able to: it would write another letter of what it
//! can't, while this one has to stay.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::{AttributeValue as Streamed, OperationType, Record, StreamRecord};
use jiff::Timestamp;
use serde_json::Value;
use shared::aws::Aws;
use shared::store::item::{self, Item};
use shared::store::{self, Kind, record};

use super::letter::Key;
use super::trouble::{Trouble, told};
use crate::lambda_event::batch_event;

/// What the stream gives each record, and what means nothing outside it.
const SEQUENCE_NUMBER: &str = "000000000000000000000";

/// The events table.
#[derive(Debug)]
pub(super) struct Items {
    client: Client,
    table: String,
}

/// What has become of an item.
pub(super) enum Found {
    /// It can be read; the batch of one that a reader would be given for it.
    Readable(Value),
    /// It has expired.
    Gone,
}

impl Items {
    pub(super) fn new(aws: &Aws, table: String) -> Self {
        Self { client: aws.dynamodb(), table }
    }

    /// Reads the item as it is now.
    pub(super) async fn read(&self, key: &Key) -> Result<Found, Trouble> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let asked = self.client.get_item().table_name(&self.table).consistent_read(true);
        let asked = asked.key("pk", text(key.pk())).key("sk", text(key.sk()));
        let answer = asked.send().await.map_err(|error| Trouble::Item(told(error)))?;
        match answer.item.filter(|item| !item::is_expired(item, Timestamp::now())) {
            Some(item) => readable(&item).map(Found::Readable),
            None => Ok(Found::Gone),
        }
    }
}

fn readable(read: &Item) -> Result<Value, Trouble> {
    match store::kind(read) {
        Kind::Event => drop(item::event(read).map_err(Trouble::Unreadable)?),
        Kind::Record => drop(record::ended(read).map_err(Trouble::Unreadable)?),
        Kind::Pointer | Kind::Quarantined => (),
    }
    let record = inserted(read).ok_or(Trouble::NewerForm)?;
    // Which stream it came from plays no part.
    Ok(batch_event("", [&record]))
}

/// The record that the stream had for the item, as far as a reader looks at it.
fn inserted(item: &Item) -> Option<Record> {
    let mut change = StreamRecord::builder().sequence_number(SEQUENCE_NUMBER);
    for (name, value) in item {
        let value = streamed(value)?;
        if name == "pk" || name == "sk" {
            change = change.keys(name, value.clone());
        }
        change = change.new_image(name, value);
    }
    Some(Record::builder().event_id("redrive").event_name(OperationType::Insert).dynamodb(change.build()).build())
}

/// The value as the stream's API has it; none for a kind that this SDK does not know.
fn streamed(value: &AttributeValue) -> Option<Streamed> {
    Some(match value {
        AttributeValue::S(text) => Streamed::S(text.clone()),
        AttributeValue::N(number) => Streamed::N(number.clone()),
        AttributeValue::B(blob) => Streamed::B(blob.clone()),
        AttributeValue::Bool(value) => Streamed::Bool(*value),
        AttributeValue::Null(value) => Streamed::Null(*value),
        AttributeValue::Ss(texts) => Streamed::Ss(texts.clone()),
        AttributeValue::Ns(numbers) => Streamed::Ns(numbers.clone()),
        AttributeValue::Bs(blobs) => Streamed::Bs(blobs.clone()),
        AttributeValue::L(values) => Streamed::L(values.iter().map(streamed).collect::<Option<_>>()?),
        AttributeValue::M(members) => {
            let member = |(name, value): (&String, &AttributeValue)| Some((name.clone(), streamed(value)?));
            Streamed::M(members.iter().map(member).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_that_ended_and_that_no_reader_can_read_stays() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let row = |sort: &str| [("pk", text("record.onsip.call.x")), ("sk", text(sort))];
        let row = |sort: &str| row(sort).map(|(name, value)| (name.to_owned(), value)).into();
        assert!(matches!(readable(&row("ended")), Err(Trouble::Unreadable(_))));
        assert!(readable(&row("entity~x")).is_ok(), "nobody reads it");
    }

    #[test]
    fn an_item_becomes_the_record_that_the_stream_had() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let summary = AttributeValue::M([("l".to_owned(), AttributeValue::L(vec![text("x")]))].into());
        let item = [
            ("pk", text("p")),
            ("sk", text("s")),
            ("body", AttributeValue::B(Blob::new([255, 0]))),
            ("expires", AttributeValue::N("12".to_owned())),
            ("summary", summary),
        ];
        let item: Item = item.map(|(name, value)| (name.to_owned(), value)).into();
        let event = batch_event("", [&inserted(&item).unwrap()]);
        assert_eq!(event.pointer("/Records/0/eventName"), Some(&json!("INSERT")));
        assert_eq!(event.pointer("/Records/0/dynamodb/Keys"), Some(&json!({ "pk": { "S": "p" }, "sk": { "S": "s" } })));
        let image = json!({
            "pk": { "S": "p" }, "sk": { "S": "s" }, "body": { "B": "/wA=" }, "expires": { "N": "12" },
            "summary": { "M": { "l": { "L": [{ "S": "x" }] } } },
        });
        assert_eq!(event.pointer("/Records/0/dynamodb/NewImage"), Some(&image));
    }
}
