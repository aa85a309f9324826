//! The alarms. MiniStack makes no metrics of Lambda, API Gateway, SQS or SNS: no alarm ever has data there.

use std::collections::BTreeSet;

use notify::channel::Way;
use serde_json::{Value, json};
use shared::metric;
use shared::name::Provider;

use super::reading::{TEMPLATE, of_type, properties, texts};

const FUNCTIONS: [&str; 10] =
    ["Call", "Sms", "App", "Account", "Query", "Console", "Notify", "Index", "Drain", "Renew"];

/// The metric that an alarm looks at: namespace, name, dimensions as `Name=Value`.
fn looks_at(alarm: &Value) -> (String, String, Vec<String>) {
    let dimensions = alarm["Dimensions"].as_array().cloned().unwrap_or_default();
    let dimension = |d: &Value| format!("{}={}", d["Name"].as_str().unwrap(), named(&d["Value"]));
    let text = |name: &str| alarm[name].as_str().unwrap().to_owned();
    (text("Namespace"), text("MetricName"), dimensions.iter().map(dimension).collect())
}

/// The resource that a value refers to, however it is written.
fn named(value: &Value) -> String {
    let inner = value.get("Ref").map_or(value, |reference| reference.get("Fn::Sub").unwrap_or(reference));
    match inner {
        Value::Array(parts) => parts.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join("."),
        text => text.as_str().unwrap().to_owned(),
    }
}

#[test]
fn what_can_go_wrong_has_an_alarm_on_the_metric_that_shows_it() {
    let mut expected = BTreeSet::new();
    let mut expect = |namespace: &str, name: &str, dimensions: &[String]| {
        expected.insert((namespace.to_owned(), name.to_owned(), dimensions.to_vec()));
    };
    for function in FUNCTIONS {
        for name in ["Errors", "Throttles"] {
            expect("AWS/Lambda", name, &[format!("FunctionName={function}Function")]);
        }
    }
    for function in ["Notify", "Index"] {
        for name in ["IteratorAge", "Invocations"] {
            expect("AWS/Lambda", name, &[format!("FunctionName={function}Function")]);
        }
    }
    for name in [notify::metric::OLDEST_PENDING, notify::metric::OLDEST_UNPUBLISHED, notify::metric::REFUSALS] {
        expect(metric::NAMESPACE, name, &[format!("{}=NotifyFunction", metric::FUNCTION)]);
    }
    expect("AWS/ApiGateway", "5XXError", &["ApiName=AWS::StackName".to_owned(), "Stage=v1".to_owned()]);
    expect("AWS/SQS", "ApproximateNumberOfMessagesVisible", &["QueueName=DeadLetterQueue.QueueName".to_owned()]);
    expect("AWS/SQS", "ApproximateAgeOfOldestMessage", &["QueueName=SpoolQueue.QueueName".to_owned()]);
    expect("AWS/SNS", "SMSMonthToDateSpentUSD", &[]);
    for topic in ["EventsTopic", "AlertsTopic", "UrgentTopic", "ChatTopic", "PagesTopic"] {
        expect("AWS/SNS", "NumberOfNotificationsFailed", &[format!("TopicName={topic}.TopicName")]);
    }
    // What the access log tells of requests that no function saw.
    for name in ["Throttled", "AddressDenied"] {
        expect(metric::NAMESPACE, &format!("${{AWS::StackName}}-{name}"), &[]);
    }
    for provider in Provider::ALL {
        let stack = format!("{}=AWS::StackName", metric::STACK);
        let provider = format!("Provider={}", provider.as_str());
        let quarantined = format!("Outcome={}", metric::Disposition::Quarantined.as_str());
        expect(metric::NAMESPACE, metric::NAME, &[stack.clone(), provider.clone(), quarantined]);
        expect(metric::NAMESPACE, metric::REFUSED, &[stack, provider]);
    }
    expect(metric::NAMESPACE, renew::metric::NAME, &[format!("{}=RenewFunction", metric::FUNCTION)]);
    for way in [Way::Email, Way::Sms] {
        expect(metric::NAMESPACE, notify::channel::metric(way), &[format!("{}=NotifyFunction", metric::FUNCTION)]);
    }
    expect(metric::NAMESPACE, metric::WRONG_SETTINGS, &[format!("{}=AWS::StackName", metric::STACK)]);
    let alarms = of_type("AWS::CloudWatch::Alarm").into_iter().filter(|(_, alarm)| alarm["Metrics"].is_null());
    let found: BTreeSet<_> = alarms.map(|(_, alarm)| looks_at(alarm)).collect();
    assert_eq!(found, expected);
    // The metric of the API bears its name.
    assert_eq!(properties("Api")["Name"], "AWS::StackName");
    assert_eq!(properties("Api")["DefinitionBody"]["info"]["title"], "AWS::StackName");
}

#[test]
fn what_the_api_itself_refuses_is_counted_from_its_log() {
    // Of the addresses, deliveries only.
    let deliveries = " && ($.path = \"/webhooks/*\" || $.path = \"/v1/webhooks/*\")";
    for (filter, alarm, kind, of) in [
        ("ThrottledFilter", "ApiThrottled", "THROTTLED", ""),
        ("AddressFilter", "AddressDenied", "ACCESS_DENIED", deliveries),
    ] {
        let filter = properties(filter);
        assert_eq!(filter["FilterPattern"], format!("{{ $.error = \"{kind}\"{of} }}"));
        assert_eq!(filter["MetricTransformations"][0]["MetricName"], properties(alarm)["MetricName"], "{alarm}");
        let answers = &properties("Api")["GatewayResponses"];
        assert!(answers[kind].is_object(), "{kind} is a gateway response's type");
    }
}

/// Alarms where no number is a sign in itself, or says nothing.
const MISSING_COUNTS: [&str; 5] = ["RenewalMissing", "NobodyByEmail", "NobodyBySms", "NotifyIdle", "IndexIdle"];

#[test]
fn every_alarm_reaches_a_human_and_quiet_is_no_alarm_but_for_what_must_tell() {
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let (actions, over) = (texts(&alarm["AlarmActions"]), &alarm["OKActions"]);
        // No way tells that nothing is delivered on it.
        let of = |way: &str| if name == format!("{way}Failures") { vec![] } else { vec![way.to_owned()] };
        let (pages, chat) = (of("PagesTopic"), of("ChatTopic"));
        let told = |ways: &[&str], tools: &[String]| {
            let ways: Vec<_> = ways.iter().map(|way| (*way).to_owned()).collect();
            json!([ways.as_slice(), tools, chat.as_slice()].concat())
        };
        let (begins, over) = (&alarm["AlarmActions"], over.clone());
        if actions.contains(&"UrgentTopic") {
            let alone = told(&["UrgentTopic"], &pages);
            assert!(*begins == told(&["AlertsTopic", "UrgentTopic"], &pages) || *begins == alone, "{name}: {begins}");
            assert_eq!(over, told(&["AlertsTopic"], &pages), "{name}");
        } else {
            assert_eq!(*begins, told(&["AlertsTopic"], &[]), "{name}");
            assert!(over.is_null() || over == told(&["AlertsTopic"], &[]), "{name}");
        }
        if !MISSING_COUNTS.contains(&name) {
            assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
            assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold", "{name}");
        }
    }
}

#[test]
fn what_one_way_can_not_tell_is_told_by_the_other() {
    for (alarm, way) in [
        ("AlertsTopicFailures", "UrgentTopic"),
        ("UrgentTopicFailures", "AlertsTopic"),
        ("NobodyByEmail", "UrgentTopic"),
        ("NobodyBySms", "AlertsTopic"),
    ] {
        let actions = texts(&properties(alarm)["AlarmActions"]);
        let people: Vec<_> = actions.into_iter().filter(|topic| !["PagesTopic", "ChatTopic"].contains(topic)).collect();
        assert_eq!(people, [way], "{alarm}");
    }
}

/// A stranger may bring these about, so they must wake nobody.
#[test]
fn what_may_lose_deliveries_or_leaves_people_untold_pages_and_nothing_that_a_stranger_does() {
    let pages = |name: &str| texts(&properties(name)["AlarmActions"]).contains(&"UrgentTopic");
    for name in ["CallErrors", "NotifyErrors", "NotifyIdle", "NotifyAge", "AlertsPending", "SpoolAge", "onsipRefused"] {
        assert!(pages(name), "{name}");
    }
    for name in ["ApiThrottled", "AddressDenied", "QueryErrors", "onsipQuarantined"] {
        assert!(!pages(name), "{name}");
    }
}

#[test]
fn every_alarm_has_a_name_that_stays_and_leads_to_a_section_of_the_runbook() {
    let runbook = include_str!("../../../RUNBOOK.md");
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["AlarmName"], format!("${{AWS::StackName}}-{name}"));
        let text = alarm["AlarmDescription"].as_str().unwrap();
        let section = text.split_once("RUNBOOK.md, ").and_then(|(_, section)| section.strip_suffix('.'));
        let section = section.unwrap_or_else(|| panic!("{name} names no section: {text}"));
        assert!(runbook.contains(&format!("\n## {section}\n")), "{name}: {section}");
        assert!(text.len() <= 1024, "{name}");
    }
}

#[test]
fn a_stream_that_is_not_followed_is_seen_by_what_was_stored_and_what_was_polled() {
    let alarm = properties("StreamNotFollowed");
    let metrics: Vec<_> = alarm["Metrics"].as_array().unwrap().iter().skip(1).collect();
    let looked = |metric: &Value| looks_at(&metric["MetricStat"]["Metric"]);
    let stored = |provider: &Provider| {
        let dimensions = [
            format!("{}=AWS::StackName", metric::STACK),
            format!("Provider={provider}"),
            format!("Outcome={}", metric::Disposition::Stored.as_str()),
        ];
        (metric::NAMESPACE.to_owned(), metric::NAME.to_owned(), dimensions.to_vec())
    };
    let mut expected: Vec<_> = Provider::ALL.iter().map(stored).collect();
    let polled = format!("{}=NotifyFunction", metric::FUNCTION);
    expected.push((metric::NAMESPACE.to_owned(), notify::metric::POLLED.to_owned(), vec![polled]));
    assert_eq!(metrics.into_iter().map(looked).collect::<Vec<_>>(), expected);
}

#[test]
fn refused_but_nothing_accepted_is_a_minimum_of_one() {
    for provider in Provider::ALL {
        let alarm = properties(&format!("{}Refused", provider.as_str()));
        assert_eq!((&alarm["Statistic"], &alarm["Threshold"]), (&json!("Minimum"), &json!(1)));
    }
}

#[test]
fn a_renewer_that_tells_nothing_for_twelve_hours_is_an_alarm_and_one_that_tells_anything_is_none() {
    let alarm = properties("RenewalMissing");
    assert_eq!(alarm["TreatMissingData"], "breaching");
    let over = alarm["Period"].as_u64().unwrap() * alarm["EvaluationPeriods"].as_u64().unwrap();
    assert_eq!(over, 12 * 3600);
    // The hours left are never below 0.
    assert_eq!((&alarm["ComparisonOperator"], &alarm["Threshold"]), (&json!("LessThanThreshold"), &json!(0)));
}

#[test]
fn a_way_without_subscribers_is_an_alarm_where_people_are_meant_to_have_it() {
    for (name, condition) in [("NobodyByEmail", "SubscribesEmail"), ("NobodyBySms", "SubscribesPhone")] {
        let alarm = properties(name);
        assert_eq!(TEMPLATE["Resources"][name]["Condition"], condition);
        assert_eq!(
            (&alarm["ComparisonOperator"], &alarm["Threshold"]),
            (&json!("LessThanThreshold"), &json!(1)),
            "{name}"
        );
        // It is told once an hour: an hour without it says nothing.
        assert_eq!((&alarm["TreatMissingData"], &alarm["Period"]), (&json!("ignore"), &json!(3600)), "{name}");
    }
}
