//! How many hours the subscription has left, as a CloudWatch metric in the embedded format: a line a run. An alarm rings when the
//! line is missing, since a dead renewer tells nobody.

use std::io::Write as _;

use jiff::Timestamp;
use shared::metric::NAMESPACE;
use shared::renewal::Renewal;

/// The metric's name; it has no unit.
pub const NAME: &str = "HoursLeft";
/// Its dimension: the function's name, so that each stack has its own.
pub const DIMENSION: &str = "FunctionName";

/// Writes the line.
pub(crate) fn tell(function: &str, known: &Renewal, now: Timestamp) {
    let line = line(function, hours_left(known, now), now) + "\n";
    // A metric that can't be written must not cost a renewal.
    let _ = std::io::stdout().write_all(line.as_bytes());
}

/// The hours until it is dead; none where it is, or never lived.
pub(crate) fn hours_left(known: &Renewal, now: Timestamp) -> f64 {
    known.dead_at.map_or(0.0, |dead| dead.duration_since(now).as_secs_f64().max(0.0) / 3600.0)
}

fn line(function: &str, hours: f64, now: Timestamp) -> String {
    let time = now.as_millisecond();
    // A function's name needs no escape.
    format!(
        r#"{{"_aws":{{"Timestamp":{time},"CloudWatchMetrics":[{{"Namespace":"{NAMESPACE}","Dimensions":[["{DIMENSION}"]],"Metrics":[{{"Name":"{NAME}"}}]}}]}},"{DIMENSION}":"{function}","{NAME}":{hours:.2}}}"#
    )
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let now = Timestamp::UNIX_EPOCH;
        let left = |minutes| {
            let dead_at = Some(now + SignedDuration::from_mins(minutes));
            hours_left(&Renewal { dead_at, ..Renewal::default() }, now)
        };
        let expected = json!({
            "_aws": {"Timestamp": 0, "CloudWatchMetrics": [
                {"Namespace": "Trunkline", "Dimensions": [["FunctionName"]], "Metrics": [{"Name": "HoursLeft"}]}]},
            "FunctionName": "trunkline-renew", "HoursLeft": 5.5,
        });
        assert_eq!(serde_json::from_str::<Value>(&line("trunkline-renew", left(330), now)).ok(), Some(expected));
        assert_eq!([left(-1), hours_left(&Renewal::default(), now)], [0.0, 0.0]);
    }
}
