//! CloudWatch metrics in the embedded format: what becomes of deliveries, a line each, and what functions tell of themselves.

use std::io::Write as _;

use jiff::Timestamp;

use crate::call::Outcome;
use crate::failure::FailureClass;
use crate::intake::Kept;
use crate::name::{Provider, names};
use crate::settings::{Fault, Lookup};

/// The namespace of the metric.
pub const NAMESPACE: &str = "Trunkline";
/// The metric's name; its unit is Count.
pub const NAME: &str = "Deliveries";
/// Its dimensions. Each stack of an account has its own numbers.
pub const DIMENSIONS: [&str; 3] = [STACK, "Provider", OUTCOME];
/// The dimension that holds the stack's name.
pub const STACK: &str = "Stack";

/// A second metric, by stack and provider alone: 1 for a delivery that was refused, else 0. Its minimum over a period is 1
/// when every delivery was refused, as with a mistyped token. A stray request has no part in it.
pub const REFUSED: &str = "Refused";

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Stored as a new event.
    Stored,
    /// Stored before.
    Duplicate,
    /// Kept in quarantine.
    Quarantined,
    /// Refused: not verified, or too large.
    Refused,
    /// Refused, and nothing says that the provider sent it.
    Stray,
    /// Put into the spool; counted once more, as what it came to, when it is drained.
    Spooled,
    /// Not stored, for a reason on our side.
    Failed,
    /// A provider's probe: nothing to store.
    Probe,
}

names!(Disposition, "disposition": Stored = "stored", Duplicate = "duplicate", Quarantined = "quarantined", Refused = "refused",
    Stray = "stray", Spooled = "spooled", Failed = "failed", Probe = "probe");

impl From<&Kept> for Disposition {
    fn from(kept: &Kept) -> Self {
        match kept {
            Kept::Stored(_) => Self::Stored,
            Kept::Duplicate(_) => Self::Duplicate,
            Kept::Quarantined(..) => Self::Quarantined,
            Kept::Probe => Self::Probe,
        }
    }
}

/// Where metrics go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metrics {
    /// To standard output, which Lambda puts into its logs; under the name of that stack.
    Emitted(String),
    /// Nowhere: this is no Lambda function.
    Off,
}

impl Metrics {
    /// On in Lambda, which sets `AWS_LAMBDA_FUNCTION_NAME`. `STACK_NAME` is the stack's name, which needs no escape in JSON.
    #[must_use]
    pub fn read(lookup: Lookup<'_>) -> Self {
        let stack = lookup("STACK_NAME").unwrap_or_default();
        if lookup("AWS_LAMBDA_FUNCTION_NAME").is_some() { Self::Emitted(stack) } else { Self::Off }
    }

    /// Counts one delivery. One that was taken bears API Gateway's id of its request, by which the access log has it too.
    pub fn count(&self, provider: Provider, disposition: Disposition, request_id: Option<&str>) {
        if let Self::Emitted(stack) = self {
            write(&line(Timestamp::now(), stack, provider, disposition, request_id));
        }
    }
}

/// The metric of the settings that a function can't read, by the stack's name. It is told only where there are any.
pub const WRONG_SETTINGS: &str = "WrongSettings";

/// The metric of calls that are over, by the stack's name and what each came to; its unit is Count.
pub const CALLS: &str = "Calls";
/// The dimension that says so.
pub const OUTCOME: &str = "Outcome";
/// The same of calls that failed, by the stack's name and the failure's class.
pub const FAILED_CALLS: &str = "FailedCalls";
/// The dimension that holds it.
pub const CLASS: &str = "Class";

/// The dimension of what a function tells of itself: its name, so that each stack has its own.
pub const FUNCTION: &str = "FunctionName";

/// The numbers that a function tells of itself, a metric each.
#[derive(Debug, Clone, Default)]
pub struct Gauges(Option<Names>);

/// What numbers are told under.
#[derive(Debug, Clone)]
struct Names {
    function: String,
    stack: String,
}

impl Gauges {
    /// On in Lambda, which sets `AWS_LAMBDA_FUNCTION_NAME`. `STACK_NAME` is the stack's name.
    #[must_use]
    pub fn read(lookup: Lookup<'_>) -> Self {
        let stack = lookup("STACK_NAME").unwrap_or_default();
        Self(lookup("AWS_LAMBDA_FUNCTION_NAME").map(|function| Names { function, stack }))
    }

    /// Tells how many settings are wrong, if any are: the function's own, and those of its clients.
    pub fn tell_faults(&self, faults: [&[Fault]; 2], now: Timestamp) {
        if let (Some(Names { stack, .. }), Ok(count @ 1..)) = (&self.0, u32::try_from(faults.concat().len())) {
            write(&gauge((STACK, stack), WRONG_SETTINGS, count.into(), now));
        }
    }

    /// Counts a call that is over.
    pub fn count_call(&self, outcome: Outcome, class: Option<FailureClass>, now: Timestamp) {
        if let Some(Names { stack, .. }) = &self.0 {
            write(&call(now, stack, outcome, class));
        }
    }

    /// Tells one.
    pub fn tell(&self, name: &str, value: f64, now: Timestamp) {
        if let Some(Names { function, .. }) = &self.0 {
            write(&gauge((FUNCTION, function), name, value, now));
        }
    }
}

fn write(line: &str) {
    // A metric that can't be written must not cost what it tells of.
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// No name needs an escape.
fn gauge((dimension, of): (&str, &str), name: &str, value: f64, now: Timestamp) -> String {
    let time = now.as_millisecond();
    format!(
        r#"{{"_aws":{{"Timestamp":{time},"CloudWatchMetrics":[{{"Namespace":"{NAMESPACE}","Dimensions":[["{dimension}"]],"Metrics":[{{"Name":"{name}"}}]}}]}},"{dimension}":"{of}","{name}":{value:.2}}}"#
    )
}

/// Written as text: building JSON values would take a tenth of a request's time. No value needs an escape.
fn line(now: Timestamp, stack: &str, provider: Provider, disposition: Disposition, request_id: Option<&str>) -> String {
    let time = now.as_millisecond();
    let [by_stack, by_provider, by_outcome] = DIMENSIONS;
    let (metric, value) = refused(disposition);
    let (before, id, after) = match request_id.filter(|id| is_plain(id)) {
        Some(id) => (r#","RequestId":""#, id, "\""),
        None => ("", "", ""),
    };
    format!(
        r#"{{"_aws":{{"Timestamp":{time},"CloudWatchMetrics":[{{"Namespace":"{NAMESPACE}","Dimensions":[["{by_stack}","{by_provider}","{by_outcome}"]],"Metrics":[{{"Name":"{NAME}","Unit":"Count"}}]}}{metric}]}},"{by_stack}":"{stack}","{by_provider}":"{provider}","{by_outcome}":"{disposition}","{NAME}":1{value}{before}{id}{after}}}"#
    )
}

/// No name needs an escape.
fn call(now: Timestamp, stack: &str, outcome: Outcome, class: Option<FailureClass>) -> String {
    let time = now.as_millisecond();
    let (metric, value) = match class {
        None => (String::new(), String::new()),
        Some(class) => (
            format!(
                r#",{{"Namespace":"{NAMESPACE}","Dimensions":[["{STACK}","{CLASS}"]],"Metrics":[{{"Name":"{FAILED_CALLS}","Unit":"Count"}}]}}"#
            ),
            format!(r#","{CLASS}":"{class}","{FAILED_CALLS}":1"#),
        ),
    };
    format!(
        r#"{{"_aws":{{"Timestamp":{time},"CloudWatchMetrics":[{{"Namespace":"{NAMESPACE}","Dimensions":[["{STACK}","{OUTCOME}"]],"Metrics":[{{"Name":"{CALLS}","Unit":"Count"}}]}}{metric}]}},"{STACK}":"{stack}","{OUTCOME}":"{outcome}","{CALLS}":1{value}}}"#
    )
}

/// Whether a text can stand in quotes as it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The second metric of a line, and its value there.
fn refused(disposition: Disposition) -> (String, String) {
    if disposition == Disposition::Stray {
        return (String::new(), String::new());
    }
    let [by_stack, by_provider, _] = DIMENSIONS;
    let value = u8::from(disposition == Disposition::Refused);
    let metric = format!(
        r#",{{"Namespace":"{NAMESPACE}","Dimensions":[["{by_stack}","{by_provider}"]],"Metrics":[{{"Name":"{REFUSED}","Unit":"Count"}}]}}"#
    );
    (metric, format!(r#","{REFUSED}":{value}"#))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_number_is_what_cloudwatch_reads() {
        let expected = json!({
            "_aws": {"Timestamp": 0, "CloudWatchMetrics": [
                {"Namespace": "Trunkline", "Dimensions": [["FunctionName"]], "Metrics": [{"Name": "HoursLeft"}]}]},
            "FunctionName": "trunkline-renew", "HoursLeft": 5.5,
        });
        let line = gauge((FUNCTION, "trunkline-renew"), "HoursLeft", 5.5, Timestamp::UNIX_EPOCH);
        assert_eq!(serde_json::from_str::<Value>(&line).ok(), Some(expected));
    }

    #[test]
    fn a_call_is_counted_by_what_it_came_to_and_a_failure_by_its_class_too() {
        let metric = |dimension: &str, name: &str| json!({"Namespace": "Trunkline", "Dimensions": [["Stack", dimension]], "Metrics": [{"Name": name, "Unit": "Count"}]});
        let read = |line: String| serde_json::from_str::<Value>(&line).ok();
        let answered = call(Timestamp::UNIX_EPOCH, "trunkline", Outcome::Answered, None);
        let expected = json!({
            "_aws": {"Timestamp": 0, "CloudWatchMetrics": [metric("Outcome", "Calls")]},
            "Stack": "trunkline", "Outcome": "answered", "Calls": 1,
        });
        assert_eq!(read(answered), Some(expected));
        let failed = call(Timestamp::UNIX_EPOCH, "trunkline", Outcome::Failed, Some(FailureClass::Congestion));
        let expected = json!({
            "_aws": {"Timestamp": 0, "CloudWatchMetrics": [metric("Outcome", "Calls"), metric("Class", "FailedCalls")]},
            "Stack": "trunkline", "Outcome": "failed", "Calls": 1, "Class": "congestion", "FailedCalls": 1,
        });
        assert_eq!(read(failed), Some(expected));
    }

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        for (disposition, refused) in [(Disposition::Stored, 0), (Disposition::Refused, 1)] {
            let expected = json!({
                "_aws": {"Timestamp": 0, "CloudWatchMetrics": [
                    {"Namespace": "Trunkline", "Dimensions": [["Stack", "Provider", "Outcome"]],
                        "Metrics": [{"Name": "Deliveries", "Unit": "Count"}]},
                    {"Namespace": "Trunkline", "Dimensions": [["Stack", "Provider"]],
                        "Metrics": [{"Name": "Refused", "Unit": "Count"}]}]},
                "Stack": "trunkline", "Provider": "onsip", "Outcome": disposition.as_str(), "Deliveries": 1, "Refused": refused,
            });
            let line = line(Timestamp::UNIX_EPOCH, "trunkline", Provider::Onsip, disposition, None);
            assert_eq!(serde_json::from_str::<Value>(&line).ok(), Some(expected));
        }
    }

    #[test]
    fn a_stray_request_has_no_part_in_what_is_refused() {
        let line = line(Timestamp::UNIX_EPOCH, "trunkline", Provider::Onsip, Disposition::Stray, None);
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        assert_eq!(["/Deliveries", "/Outcome"].map(|at| line.pointer(at)), [Some(&json!(1)), Some(&json!("stray"))]);
        assert!(!line.to_string().contains(REFUSED), "{line}");
    }

    #[test]
    fn a_line_bears_the_id_of_the_request_where_that_needs_no_escape() {
        for (id, shown) in [
            (Some("9bb4a5f2-0f2e-4b1d-8d6c-0d6f5f0e1a2b"), true),
            (Some("JKJaXmPLvHcESHA="), false),
            (Some("a\",\"b\":\""), false),
            (Some(""), false),
            (None, false),
        ] {
            let line = line(Timestamp::UNIX_EPOCH, "trunkline", Provider::Onsip, Disposition::Stored, id);
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            assert_eq!(line.get("Deliveries"), Some(&json!(1)), "{id:?}");
            assert_eq!(line.get("RequestId"), id.filter(|_| shown).map(Value::from).as_ref(), "{id:?}");
        }
    }
}
