//! `replay`: a consumer that comes later gets what those before it got.

use std::collections::BTreeSet;

use serde_json::Value;

use super::command::{run, trunkline};
use super::given::{READ_TOKEN, read};
use super::inbox::Inbox;
use super::stack::{Api, Stack};
use super::subscriber::shown;

/// The failures that are stored, into a queue that is subscribed to nothing.
pub(super) fn feeds_a_later_consumer(stack: &Stack<'_>, api: &Api, later: &Inbox<'_>) {
    let target = format!("sqs:{}", later.url());
    let url = api.url();
    let class = ["--class", "insufficient_balance"];
    let mut command = trunkline(&["replay", "events", "--url", &url, "--from", "1d", "--to", &target, "--yes"]);
    let told = run(stack.emulator().serve(command.args(class).env("TRUNKLINE_READ_TOKEN", READ_TOKEN)));
    let listed = read(api, "/events?class=insufficient_balance&limit=100")["items"].as_array().unwrap().clone();
    let expected: BTreeSet<_> = listed.iter().map(|event| shown(api, event)).collect();
    assert!(!expected.is_empty() && told.ends_with(&format!("\n{} sent\n", expected.len())), "{told}");
    assert_eq!(later.take_rest().iter().map(Value::to_string).collect::<BTreeSet<_>>(), expected);
}
