//! An alert as on-call tools take it from SNS: in the form in which CloudWatch publishes that an alarm changed its state.
//! `page.schema.json` has it. The tool keeps what has one `AlarmName` together.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::outbox::{Alert, Page};
use shared::text::cut;

use super::MAX_SUBJECT;
use super::parts::{Parts, within};

/// The most characters of a description or a reason, as CloudWatch has them.
const MOST: usize = 1_023;

/// The subject and the message that go to the topic of that ARN, of what happened at that time.
pub(crate) fn page(alert: &Alert, topic: &str, at: Timestamp) -> (String, String) {
    let (state, before) = match alert.page {
        Some(Page::Ok(_)) => ("OK", "ALARM"),
        Some(Page::Alarm) | None => ("ALARM", "OK"),
    };
    // arn:aws:sns:us-east-1:123456789012:name
    let part = |nth| topic.split(':').nth(nth).unwrap_or_default();
    let (partition, region, account, name) = (part(1), part(3), part(4), alert.alarm());
    let Parts { story, steps } = Parts::of(&alert.text);
    let description: Vec<_> = [alert.subject.clone()].into_iter().chain(steps).collect();
    let message = json!({
        "AlarmName": name,
        "AlarmDescription": within(&description.join("\n"), MOST),
        "AWSAccountId": account,
        "NewStateValue": state,
        "NewStateReason": within(&story, MOST),
        "StateChangeTime": at.strftime("%FT%T%.3f+0000").to_string(),
        "Region": region,
        "AlarmArn": format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"),
        "OldStateValue": before,
        "OKActions": [topic],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": trigger(alert),
    });
    (cut(&format!("{state}: {}", alert.subject), MAX_SUBJECT).trim_end().to_owned(), message.to_string())
}

/// What the alarm would look at.
fn trigger(alert: &Alert) -> Value {
    let provider = alert.attributes.provider.map(|provider| json!({"name": "Provider", "value": provider.as_str()}));
    json!({
        "MetricName": alert.attributes.class.as_deref().unwrap_or_default(),
        "Namespace": "Trunkline",
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": null,
        "Dimensions": provider.into_iter().collect::<Vec<_>>(),
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "",
    })
}
