//! What CloudWatch would show of a time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::stack::Stack;

/// The functions that take part in receiving and telling.
const FUNCTIONS: [&str; 4] = ["Call", "Drain", "Index", "Notify"];

/// The sums of what functions told since then, but for zeros: deliveries by what became of them, other metrics by name.
pub(super) fn told(stack: &Stack<'_>, since: Timestamp) -> String {
    let mut sums = BTreeMap::<String, f64>::new();
    for line in FUNCTIONS.into_iter().flat_map(|function| logged(stack, function, since)) {
        let told = line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten();
        for name in told.flat_map(|told| told["Metrics"].as_array().unwrap()).map(|metric| &metric["Name"]) {
            let name = name.as_str().unwrap();
            let of = line["Outcome"].as_str().filter(|_| name == "Deliveries").unwrap_or(name);
            *sums.entry(of.to_owned()).or_default() += line[name].as_f64().unwrap();
        }
    }
    sums.retain(|_, sum| *sum > 0.0);
    let told: Vec<_> = sums.iter().map(|(name, sum)| format!("{name} {sum:.0}")).collect();
    told.join(", ")
}

/// The lines of a function's log that are JSON.
fn logged(stack: &Stack<'_>, function: &str, since: Timestamp) -> Vec<Value> {
    let group = stack.resource(&format!("{function}LogGroup"));
    let mut question = json!({"logGroupName": group, "startTime": since.as_millisecond()});
    let mut lines = Vec::new();
    loop {
        let page = stack.emulator().aws("logs", "filter_log_events", &question);
        let messages = page["events"].as_array().unwrap().iter();
        lines.extend(messages.filter_map(|event| serde_json::from_str(event["message"].as_str()?).ok()));
        match &page["nextToken"] {
            Value::Null => return lines,
            next => question["nextToken"] = next.clone(),
        }
    }
}
