//! What a later release writes beside the events, made for those that are there already.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::command::{run, trunkline};
use super::stack::Stack;

/// Deletes what `index` wrote of calls and to find events by, as if the stream had forgotten them before `index` came.
pub(super) fn forget_the_rows(stack: &Stack<'_>) {
    let table = stack.resource("EventsTable");
    let rows = rows(stack);
    assert!(!rows.is_empty(), "there is nothing to forget");
    for keys in rows.chunks(25) {
        let deletions: Vec<_> = keys.iter().map(|key| json!({"DeleteRequest": {"Key": key}})).collect();
        let answer =
            stack.emulator().aws("dynamodb", "batch_write_item", &json!({"RequestItems": {&table: deletions}}));
        assert_eq!(answer["UnprocessedItems"], json!({}), "{answer}");
    }
}

/// The keys of that.
fn rows(stack: &Stack<'_>) -> Vec<Value> {
    let mut question = json!({
        "TableName": stack.resource("EventsTable"),
        "ProjectionExpression": "pk, sk",
        "FilterExpression": "begins_with(pk, :pointer) OR begins_with(pk, :thread) OR begins_with(pk, :record)",
        "ExpressionAttributeValues": {":pointer": {"S": "pointer."}, ":thread": {"S": "thread."}, ":record": {"S": "record."}},
    });
    let mut rows = Vec::new();
    loop {
        let mut answer = stack.emulator().aws("dynamodb", "scan", &question);
        rows.append(answer["Items"].as_array_mut().unwrap());
        match answer["LastEvaluatedKey"].take() {
            Value::Null => return rows,
            last => question["ExclusiveStartKey"] = last,
        }
    }
}

/// The calls that have a record.
pub(super) fn recorded(stack: &Stack<'_>) -> BTreeSet<String> {
    let rows = rows(stack);
    let records = rows.iter().filter(|key| key["sk"]["S"] == "call").filter_map(|key| key["pk"]["S"].as_str());
    records.filter_map(|partition| partition.strip_prefix("record.")).map(str::to_owned).collect()
}

/// Gives the events since that day to readers of the stream again, as `local/README.md` says: to both, or to the one that flags name.
/// Returns what it said.
pub(super) fn redrive(stack: &Stack<'_>, start: Timestamp, readers: &[&str]) -> String {
    let settings = settings(stack);
    let [from, to] = [start, Timestamp::now()].map(|time| time.to_zoned(TimeZone::UTC).date().to_string());
    let mut command = trunkline(&["redrive", "--from", &from, "--to", &to, "--settings"]);
    command.arg(settings.path()).args(readers);
    run(stack.emulator().serve(&mut command))
}

/// The flags by which `index` alone is given them.
pub(super) const TO_INDEX: &[&str] = &["--only", "index"];

/// The environment of `notify`, as the operator's commands take it.
pub(super) fn settings(stack: &Stack<'_>) -> NamedTempFile {
    let settings = NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let variables = &stack.function("NotifyFunction")["Environment"]["Variables"];
    std::fs::write(settings.path(), variables.to_string()).unwrap();
    settings
}
