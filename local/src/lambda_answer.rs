//! What becomes of a batch: Lambda's rules for the answer of a function whose mapping reports item failures.

use serde_json::Value;

/// How far a batch got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Every record is done.
    Done,
    /// The record with this index and all that follow it come again; those before it are done.
    FailedFrom(usize),
}

impl Outcome {
    /// Reads a function's answer to a batch with these sequence numbers. As Lambda has it: no list, an empty one, or
    /// null means success; the lowest number reported counts; a failure without a number, or with one that is not in
    /// the batch, fails the whole batch.
    pub(crate) fn read(answer: &Value, sequence_numbers: &[&str]) -> Self {
        let failures = answer.get("batchItemFailures").and_then(Value::as_array);
        let positions = failures.into_iter().flatten().map(|failure| {
            let reported = failure.get("itemIdentifier").and_then(Value::as_str);
            reported.and_then(|reported| sequence_numbers.iter().position(|number| *number == reported)).unwrap_or(0)
        });
        // Records come in the order of their numbers, so the lowest number is the first position.
        positions.min().map_or(Self::Done, Self::FailedFrom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lowest_reported_number_decides() {
        let numbers = ["101", "102", "103"];
        let cases = [
            (json!({ "batchItemFailures": [] }), Outcome::Done),
            (json!({ "batchItemFailures": null }), Outcome::Done),
            (json!({}), Outcome::Done),
            (Value::Null, Outcome::Done),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "103" }] }), Outcome::FailedFrom(2)),
            (
                json!({ "batchItemFailures": [{ "itemIdentifier": "103" }, { "itemIdentifier": "102" }] }),
                Outcome::FailedFrom(1),
            ),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }), Outcome::FailedFrom(0)),
            (json!({ "batchItemFailures": [{ "itemIdentifier": null }] }), Outcome::FailedFrom(0)),
            (json!({ "batchItemFailures": [{}] }), Outcome::FailedFrom(0)),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "999" }] }), Outcome::FailedFrom(0)),
        ];
        for (answer, expected) in cases {
            assert_eq!(Outcome::read(&answer, &numbers), expected, "{answer}");
        }
    }
}
