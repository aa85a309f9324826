//! A stream mapping, in Lambda's place: reads the events' stream in order, hands batches to a function, and does not pass a
//! record until the function has taken it. Each function has a mapping and a position of its own, and none waits for another.

mod position;
mod shard;

use std::time::Duration;

use serde_json::{Map, Value};
use shared::log::chain;

pub(crate) use self::position::Position;
use self::shard::{Read, sequence_number};
pub(crate) use self::shard::{ReadError, Shard};
use crate::lambda_answer::Outcome;
use crate::stack::function::Function;
use crate::stack::shutdown::Shutdown;
use crate::stack::template::StreamMapping;

/// How long to wait before looking again at a stream that had nothing new,
const PAUSE: Duration = Duration::from_millis(50);
/// and at one that had less than a batch: each look holds up what is being stored. Lambda waits for the mapping's batching window.
const WINDOW: Duration = Duration::from_millis(10);

/// The pauses between tries of a batch that failed: the first, and the longest that doubling it leads to.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// A stream, and how it is read.
pub(crate) struct Source {
    pub(crate) shard: Shard,
    pub(crate) mapping: StreamMapping,
}

/// Feeds a function from one stream.
pub(crate) struct Mapping {
    source: Source,
    function: Function,
    position: Position,
    /// Where to read on; none where the position must be looked up, as at the start and after a failure.
    iterator: Option<String>,
    /// The next batch, where it was read while the function had the one before.
    ahead: Option<Batch>,
}

/// What was read at once.
struct Batch {
    /// The sequence numbers of all records.
    numbers: Vec<String>,
    /// Those of them that pass the filters, each with its place.
    events: Vec<(usize, Value)>,
    /// Where to read on.
    next: Option<String>,
}

enum Progress {
    /// After how long it is time for a look at what there is next.
    Done(Duration),
    Failed,
}

impl Mapping {
    /// A mapping that goes on behind that position.
    pub(crate) fn new(source: Source, function: Function, position: Position) -> Self {
        Self { source, function, position, iterator: None, ahead: None }
    }

    /// Feeds the function until the signal. A batch that is being handled then is finished, so that nothing it sent is sent
    /// again after a restart.
    pub(crate) async fn run(mut self, shutdown: Shutdown) {
        let mut retry = RETRY.0;
        loop {
            let pause = match self.next().await {
                Ok(Progress::Done(look)) => {
                    retry = RETRY.0;
                    look
                }
                Ok(Progress::Failed) => {
                    let pause = retry;
                    retry = (2 * retry).min(RETRY.1);
                    pause
                }
                Err(error) => {
                    tracing::warn!(error = chain(&error), "trying again");
                    RETRY.1
                }
            };
            if shutdown.within(pause).await {
                return;
            }
        }
    }

    /// One batch from where the last one stopped.
    async fn next(&mut self) -> Result<Progress, ReadError> {
        let Batch { numbers, events, next } = match (self.ahead.take(), self.iterator.take()) {
            (Some(ahead), _) => ahead,
            (None, Some(iterator)) => self.source.read(iterator).await?,
            (None, None) => self.source.read(self.source.shard.iterator(self.position.last()).await?).await?,
        };
        let full = |numbers: &[String]| numbers.len() >= self.source.mapping.batch_size;
        let more = full(&numbers);
        // Reads on while the function is busy. What is less than a batch, or could not be read, is read again: it may be more by then.
        let ahead = async {
            let ahead = self.source.read(next.clone().filter(|_| more)?).await.ok();
            ahead.filter(|ahead| full(&ahead.numbers))
        };
        let (failed, ahead) = tokio::join!(self.invoke(&numbers, events), ahead);
        let done = failed.unwrap_or(numbers.len());
        if let Some(last) = numbers.iter().take(done).next_back() {
            self.position.advance(last);
        }
        if failed.is_some() {
            return Ok(Progress::Failed);
        }
        (self.iterator, self.ahead) = (next, ahead);
        Ok(Progress::Done(match (more, numbers.is_empty()) {
            (true, _) => Duration::ZERO,
            (false, true) => PAUSE,
            (false, false) => WINDOW,
        }))
    }

    /// Hands the function the events among the records of those numbers; gives the first of the records that must come again.
    async fn invoke(&self, numbers: &[String], events: Vec<(usize, Value)>) -> Option<usize> {
        if events.is_empty() {
            return None;
        }
        let (places, events): (Vec<_>, Vec<_>) = events.into_iter().unzip();
        let numbers: Vec<_> = places.iter().filter_map(|place| numbers.get(*place)).map(String::as_str).collect();
        // Not by `json!`, which would copy them.
        let event = Map::from_iter([("Records".to_owned(), Value::Array(events))]);
        let outcome = match self.function.invoke(Value::Object(event)).await {
            Ok(answer) => Outcome::read(&answer, &numbers),
            Err(error) => {
                tracing::warn!(error = chain(&*error), "{} failed a batch", self.function);
                Outcome::FailedFrom(0)
            }
        };
        match outcome {
            Outcome::Done => None,
            Outcome::FailedFrom(first) => places.get(first).copied(),
        }
    }
}

impl Source {
    async fn read(&self, iterator: String) -> Result<Batch, ReadError> {
        let Read { events, next } = self.shard.read(iterator, self.mapping.batch_size).await?;
        let numbers = events.iter().map(|event| sequence_number(event).to_owned()).collect();
        let events = events.into_iter().enumerate().filter(|(_, event)| self.passes(event)).collect();
        Ok(Batch { numbers, events, next })
    }

    fn passes(&self, event: &Value) -> bool {
        let filters = &self.mapping.filters;
        filters.is_empty() || filters.iter().any(|filter| filter.passes(event))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_dynamodb::types::AttributeValue;
    use serde_json::json;
    use shared::aws::Aws;

    use super::*;
    use crate::stack::database::Database;
    use crate::stack::environment::{Endpoints, Environment};
    use crate::stack::function::Failure;
    use crate::stack::shutdown::shutdown;
    use crate::stack::tables;
    use crate::stack::template::Template;

    /// An empty database with the stack's tables, of which the stream's has that many items.
    async fn source(database: &Database, items: u8) -> Source {
        let environment = Environment::sdk(&Endpoints::of_database(database.url()));
        let aws = Aws::read(&|name: &str| environment.get(name)).unwrap();
        let made = tables::ensure_all(&aws.dynamodb(), &Template::deployed().unwrap().tables).await.unwrap();
        for nth in 0..items {
            let [key, place] = ["key".to_owned(), nth.to_string()].map(AttributeValue::S);
            let put = aws.dynamodb().put_item().table_name("EventsTable").item("pk", key).item("sk", place);
            put.send().await.unwrap();
        }
        Source {
            shard: database.shard(made.unwrap()).unwrap(),
            mapping: StreamMapping { batch_size: 2, filters: Vec::new() },
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_read_ahead_of_a_batch_that_fails_is_passed_on_only_after_it() {
        let (_trigger, shutdown) = shutdown();
        let database = Database::start(None, shutdown).await.unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let takes = Arc::clone(&seen);
        let function = Function::new("the function", move |event: Value| {
            let records = event.pointer("/Records").unwrap().as_array().unwrap();
            let places: Vec<_> = records.iter().map(|record| record.pointer("/dynamodb/Keys/sk/S")).collect();
            let second = records.get(1).and_then(|record| record.pointer("/dynamodb/SequenceNumber"));
            let mut seen = takes.lock().unwrap();
            seen.push(json!(places));
            let answer: Result<_, Failure> = match seen.len() {
                1 => Err("all of it fails".into()),
                2 => Ok(json!({ "batchItemFailures": [{ "itemIdentifier": second }] })),
                _ => Ok(Value::Null),
            };
            async move { answer }
        });
        let position = Position::open(None, "position").unwrap();
        let mut mapping = Mapping::new(source(&database, 6).await, function, position);
        let (mut ahead, mut looks) = (Vec::new(), Vec::new());
        while looks.last() != Some(&PAUSE) {
            if let Progress::Done(look) = mapping.next().await.unwrap() {
                looks.push(look);
            }
            ahead.push(mapping.ahead.as_ref().map_or(0, |batch| batch.numbers.len()));
        }
        assert_eq!(json!(*seen.lock().unwrap()), json!([["0", "1"], ["0", "1"], ["1", "2"], ["3", "4"], ["5"]]));
        assert_eq!(ahead, [0, 0, 2, 0, 0, 0]);
        assert_eq!(looks, [Duration::ZERO, Duration::ZERO, WINDOW, PAUSE]);
    }
}
