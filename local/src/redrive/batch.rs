//! A stream batch that Lambda gave up, read again from the stream for as long as the stream has it: 24 hours.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::operation::get_records::{GetRecordsError, GetRecordsOutput};
use aws_sdk_dynamodbstreams::operation::get_shard_iterator::GetShardIteratorError;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use serde_json::Value;
use shared::aws::Aws;

use super::letter::BatchInfo;
use super::trouble::{Trouble, told};
use crate::lambda_event::{batch_event, sequence_number};

/// Pages without records that a shard may give on the way; a batch's last record comes long before.
const EMPTY_PAGES: usize = 100;

/// The stream of the events table.
#[derive(Debug)]
pub(super) struct Batches {
    client: Client,
    table: String,
}

impl Batches {
    pub(super) fn new(aws: &Aws, table: String) -> Self {
        Self { client: Client::new(&aws.service("DYNAMODB")), table }
    }

    /// The batch for a reader, which passes over what is no event.
    pub(super) async fn read(&self, batch: &BatchInfo) -> Result<Value, Trouble> {
        if !batch.stream_arn.contains(&format!(":table/{}/stream/", self.table)) {
            return Err(Trouble::OtherStream);
        }
        Ok(batch_event(&batch.stream_arn, &self.records(batch).await?))
    }

    /// All records from the first number to the last.
    async fn records(&self, batch: &BatchInfo) -> Result<Vec<Record>, Trouble> {
        let end = order(&batch.end_sequence_number);
        let (mut next, mut records, mut empty) = (self.start(batch).await?, Vec::new(), 0);
        while let Some(iterator) = next.filter(|_| empty < EMPTY_PAGES) {
            let page = self.page(iterator).await?;
            empty = if page.records().is_empty() { empty + 1 } else { 0 };
            next = page.next_shard_iterator;
            for record in page.records.unwrap_or_default() {
                let number = sequence_number(&record).to_owned();
                if order(&number) <= end {
                    records.push(record);
                }
                if order(&number) >= end {
                    return Ok(records);
                }
            }
        }
        Err(Trouble::EndedEarly)
    }

    async fn start(&self, batch: &BatchInfo) -> Result<Option<String>, Trouble> {
        let asked = self.client.get_shard_iterator().stream_arn(&batch.stream_arn).shard_id(&batch.shard_id);
        let asked = asked.shard_iterator_type(ShardIteratorType::AtSequenceNumber);
        let answer = asked.sequence_number(&batch.start_sequence_number).send().await;
        let gone = |error: &GetShardIteratorError| {
            error.is_trimmed_data_access_exception() || error.is_resource_not_found_exception()
        };
        answer.map(|answer| answer.shard_iterator).map_err(|error| match error.as_service_error().is_some_and(gone) {
            true => Trouble::Trimmed,
            false => Trouble::Stream(told(error)),
        })
    }

    async fn page(&self, iterator: String) -> Result<GetRecordsOutput, Trouble> {
        let answer = self.client.get_records().shard_iterator(iterator).send().await;
        answer.map_err(|error| {
            match error.as_service_error().is_some_and(GetRecordsError::is_trimmed_data_access_exception) {
                true => Trouble::Trimmed,
                false => Trouble::Stream(told(error)),
            }
        })
    }
}

/// Sequence numbers have up to 40 digits; of two without leading zeros the longer one is greater.
fn order(number: &str) -> (usize, &str) {
    let digits = number.trim_start_matches('0');
    (digits.len(), digits)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use shared::log::chain;
    use tokio::task::JoinSet;

    use super::*;
    use crate::stack::backend::serve;
    use crate::stack::environment::{Endpoints, Environment};
    use crate::stack::shutdown::shutdown;

    #[test]
    fn sequence_numbers_are_compared_as_numbers() {
        let ascending =
            ["0", "000000000000000000009", "10", "800000000003126276362", "4900000000000000000000000000000001"];
        for pair in ascending.windows(2) {
            let [low, high] = pair else { continue };
            assert!(order(low) < order(high), "{low} {high}");
        }
        assert_eq!(order("007"), order("7"));
    }

    fn batch() -> BatchInfo {
        BatchInfo {
            stream_arn: "arn:aws:dynamodb:us-east-1:000000000000:table/EventsTable/stream/2026".to_owned(),
            shard_id: "shardId-1".to_owned(),
            start_sequence_number: "100000000000000000001".to_owned(),
            end_sequence_number: "100000000000000000002".to_owned(),
        }
    }

    /// What comes of a batch where the stream refuses with that error: the embedded database never forgets a record.
    async fn refused(error: &'static str) -> Trouble {
        let (_trigger, until) = shutdown();
        let answer = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{error}","message":"m"}}"#);
        let service = Router::new().fallback(move || std::future::ready((StatusCode::BAD_REQUEST, answer.clone())));
        let mut tasks = JoinSet::new();
        let dynamodb = serve(service, &mut tasks, until).await.unwrap();
        let endpoints = Endpoints { gateway: String::new(), dynamodb, sns: String::new(), sqs: String::new() };
        let environment = Environment::sdk(&endpoints);
        let aws = Aws::read(&|name: &str| environment.get(name)).unwrap();
        Batches::new(&aws, "EventsTable".to_owned()).read(&batch()).await.unwrap_err()
    }

    #[tokio::test]
    async fn what_the_stream_has_forgotten_is_told_apart_from_what_may_be_read_later() {
        for error in ["TrimmedDataAccessException", "ResourceNotFoundException"] {
            assert!(matches!(refused(error).await, Trouble::Trimmed), "{error}");
        }
        let denied = chain(&refused("AccessDeniedException").await);
        assert_eq!(denied, "the stream did not answer: AccessDeniedException: m");
    }

    #[tokio::test]
    async fn another_tables_stream_is_not_read() {
        let environment = Environment::sdk(&Endpoints {
            gateway: String::new(),
            dynamodb: String::new(),
            sns: String::new(),
            sqs: String::new(),
        });
        let aws = Aws::read(&|name: &str| environment.get(name)).unwrap();
        let trouble = Batches::new(&aws, "Events".to_owned()).read(&batch()).await.unwrap_err();
        assert!(matches!(trouble, Trouble::OtherStream), "{trouble}");
    }
}
