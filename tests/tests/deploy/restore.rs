//! The events table is lost and restored, by the steps of RUNBOOK.md. A restored table has no stream at first and another one then, of
//! which CloudFormation knows nothing.

use jiff::Timestamp;
use serde_json::{Value, json};
use tests::http::escape;
use tests::stack::onsip;
use tests::wait;

use super::check::check;
use super::given::{ONSIP_TOKEN, read};
use super::redrive::{TO_INDEX, redrive};
use super::stack::{Api, Stack};

/// What is delivered before the backup, while there is no table, and while nobody follows the restored one's stream.
const DELIVERIES: [&str; 3] = ["before", "meanwhile", "unfollowed"];

/// Nothing that was backed up or delivered since is lost, and `check` tells what is missing until it is done.
pub(super) fn brings_everything_back(stack: &Stack<'_>, api: &Api, parameters: &[(&str, &str)]) {
    let start = Timestamp::now();
    assert_eq!(deliver(api, DELIVERIES[0]), (200, "stored".to_owned()));
    let backup = lose_the_table(stack);
    assert_eq!(deliver(api, DELIVERIES[1]), (202, "spooled".to_owned()));
    is_told(stack, "FAIL stream", "there is no table");

    restore(stack, &backup);
    is_told(stack, "FAIL stream", "has no stream");
    let stream = &complete(stack);
    is_told(stack, "FAIL stream", &format!("EventsStreamArn={stream}"));
    assert_eq!(deliver(api, DELIVERIES[2]), (200, "stored".to_owned()));

    stack.deploy(&[parameters, &[("EventsStreamArn", stream)]].concat());
    is_told(stack, "ok   stream", "");
    wait::until("all is stored", || (stored(&stack.api()) == DELIVERIES.len()).then_some(()));
    let told = redrive(stack, start, TO_INDEX);
    assert!(told.contains(" 0 left"), "{told}");
}

/// Deletes it; gives the ARN of its backup. Of a table that is deleted, AWS makes one by itself.
pub(super) fn lose_the_table(stack: &Stack<'_>) -> Value {
    let backup = on_table(stack, "create_backup", &json!({"BackupName": "lost"}))["BackupDetails"]["BackupArn"].clone();
    on_table(stack, "delete_table", &json!({}));
    backup
}

/// Under its own name.
pub(super) fn restore(stack: &Stack<'_>, backup: &Value) {
    let table = json!({"TargetTableName": stack.resource("EventsTable"), "BackupArn": backup});
    stack.emulator().aws("dynamodb", "restore_table_from_backup", &table);
}

/// Gives the restored table what no restore brings; returns the ARN of its stream.
pub(super) fn complete(stack: &Stack<'_>) -> String {
    let stream = json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"});
    on_table(stack, "update_table", &json!({"StreamSpecification": stream}));
    let expiry = json!({"Enabled": true, "AttributeName": "expires"});
    on_table(stack, "update_time_to_live", &json!({"TimeToLiveSpecification": expiry}));
    let recovery = json!({"PointInTimeRecoveryEnabled": true});
    on_table(stack, "update_continuous_backups", &json!({"PointInTimeRecoverySpecification": recovery}));
    let table = on_table(stack, "describe_table", &json!({}));
    table["Table"]["LatestStreamArn"].as_str().unwrap().to_owned()
}

fn on_table(stack: &Stack<'_>, operation: &str, more: &Value) -> Value {
    let mut wish = more.clone();
    wish["TableName"] = json!(stack.resource("EventsTable"));
    stack.emulator().aws("dynamodb", operation, &wish)
}

/// `check` says so.
fn is_told(stack: &Stack<'_>, step: &str, words: &str) {
    let (_, told) = check(stack);
    assert!(told.lines().any(|line| line.starts_with(step) && line.contains(words)), "{step} {words}: {told}");
}

fn deliver(api: &Api, call: &str) -> (u16, String) {
    let body = onsip("call.dialog.created", &format!("restored-{call}"));
    let answer = api.post(&format!("/webhooks/onsip/call?token={ONSIP_TOKEN}"), &body);
    (answer.status, answer.json()["status"].as_str().unwrap_or_default().to_owned())
}

/// How many of the calls have their event.
fn stored(api: &Api) -> usize {
    let page = read(api, &format!("/events?entity={}&limit=100", escape("sip_user:alice@example.onsip.com")));
    let events = page["items"].as_array().unwrap().iter();
    events.filter(|event| event["call"].as_str().is_some_and(|call| call.contains("restored-"))).count()
}
