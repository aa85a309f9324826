//! The dashboard: a metric that is misspelled there shows nothing, and nobody is told.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::{Value, json};
use shared::metric;
use shared::name::Provider;

use super::reading::{TEMPLATE, of_type, properties};

/// The dashboard's JSON where all conditions hold; what is left to CloudFormation stands in it as `${…}`.
fn body() -> Value {
    let mut text = source().as_str().unwrap().to_owned();
    for (name, value) in variables() {
        // What a condition gives: its name, this, or something else.
        let value = if value.is_array() { &value[1] } else { value };
        let value = value.as_str().unwrap();
        let value = if TEMPLATE["Resources"][value].is_object() { format!("${{{value}}}") } else { value.to_owned() };
        text = text.replace(&format!("${{{name}}}"), &value);
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn source() -> &'static Value {
    &properties("StackDashboard")["DashboardBody"][0]
}

fn variables() -> impl Iterator<Item = (&'static String, &'static Value)> {
    properties("StackDashboard")["DashboardBody"][1].as_object().unwrap().iter()
}

fn widgets(kind: &str) -> Vec<Value> {
    let all = body()["widgets"].as_array().unwrap().clone();
    all.into_iter().filter(|widget| widget["type"] == kind).map(|mut widget| widget["properties"].take()).collect()
}

/// A metric: namespace, name, and its dimensions in their order, as `Name=Value`, or as the name alone where any value is shown.
type Shown = (String, String, BTreeSet<String>);

fn shown(metric: &Value) -> Shown {
    let metric = metric.as_array().unwrap();
    if let Some(expression) = metric[0]["expression"].as_str() {
        return searched(expression);
    }
    let texts: Vec<_> = metric.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let dimensions = texts[2..].chunks_exact(2).map(|pair| format!("{}={}", pair[0], pair[1])).collect();
    (texts[0].clone(), texts[1].clone(), dimensions)
}

/// `SEARCH('{Namespace,Dimension,…} MetricName="…" Dimension="…"', 'Sum', 300)`
fn searched(expression: &str) -> Shown {
    let form = Regex::new(r#"^SEARCH\('\{([^}]+)\} MetricName="(\w+)" (\w+)="([^"]+)"', 'Sum', 300\)$"#).unwrap();
    let parts = form.captures(expression).unwrap_or_else(|| panic!("{expression}"));
    let mut schema = parts[1].split(',');
    let namespace = schema.next().unwrap().to_owned();
    let chosen = |name: &str| if name == &parts[3] { format!("{name}={}", &parts[4]) } else { name.to_owned() };
    let dimensions: BTreeSet<_> = schema.map(chosen).collect();
    assert!(dimensions.iter().any(|dimension| dimension.contains('=')), "every stack's: {expression}");
    (namespace, parts[2].to_owned(), dimensions)
}

#[test]
fn each_metric_is_one_that_the_code_or_aws_tells_under_those_dimensions() {
    let mut expected = BTreeSet::new();
    let mut expect = |namespace: &str, name: &str, dimensions: &[&str]| {
        expected.insert((
            namespace.to_owned(),
            name.to_owned(),
            dimensions.iter().map(|&text| text.to_owned()).collect(),
        ));
    };
    let stack = format!("{}=${{AWS::StackName}}", metric::STACK);
    let [_, provider, outcome] = metric::DIMENSIONS;
    expect(metric::NAMESPACE, metric::NAME, &[&stack, provider, outcome]);
    for of in Provider::ALL {
        expect(metric::NAMESPACE, metric::REFUSED, &[&stack, &format!("{provider}={of}")]);
    }
    expect(metric::NAMESPACE, metric::CALLS, &[&stack, metric::OUTCOME]);
    expect(metric::NAMESPACE, metric::FAILED_CALLS, &[&stack, metric::CLASS]);
    for name in ["AddressDenied", "Throttled"] {
        let filters = of_type("AWS::Logs::MetricFilter");
        let mut told = filters.iter().map(|(_, filter)| &filter["MetricTransformations"][0]["MetricName"]);
        let name = format!("${{AWS::StackName}}-{name}");
        assert!(told.any(|told| *told == *name), "{name}");
        expect(metric::NAMESPACE, &name, &[]);
    }
    let of = |function: &str| format!("{}=${{{function}Function}}", metric::FUNCTION);
    for name in [notify::metric::HELD_BACK, notify::metric::REFUSALS, notify::metric::OLDEST_PENDING] {
        expect(metric::NAMESPACE, name, &[&of("Notify")]);
    }
    expect(metric::NAMESPACE, renew::metric::NAME, &[&of("Renew")]);
    // Those of AWS, as its services' documents name them.
    for function in ["Call", "Sms", "App", "Account"] {
        expect("AWS/Lambda", "Duration", &[&of(function)]);
    }
    for function in ["Call", "Sms", "App", "Account", "Query", "Console", "Notify", "Index", "Drain"] {
        expect("AWS/Lambda", "Throttles", &[&of(function)]);
    }
    for function in ["Notify", "Index"] {
        expect("AWS/Lambda", "IteratorAge", &[&of(function)]);
    }
    expect("AWS/ApiGateway", "5XXError", &["ApiName=${AWS::StackName}", "Stage=v1"]);
    for topic in ["AlertsTopic", "UrgentTopic", "ChatTopic", "PagesTopic"] {
        expect("AWS/SNS", "NumberOfMessagesPublished", &[&format!("TopicName=${{{topic}.TopicName}}")]);
    }
    for queue in ["SpoolQueue", "DeadLetterQueue"] {
        expect("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[&format!("QueueName=${{{queue}.QueueName}}")]);
    }
    expect("AWS/SQS", "ApproximateAgeOfOldestMessage", &["QueueName=${SpoolQueue.QueueName}"]);
    for table in ["EventsTable", "AlertsTable"] {
        for name in ["ConsumedWriteCapacityUnits", "WriteThrottleEvents"] {
            expect("AWS/DynamoDB", name, &[&format!("TableName=${{{table}}}")]);
        }
    }
    let index = "GlobalSecondaryIndexName";
    expect("AWS/DynamoDB", "ConsumedWriteCapacityUnits", &["TableName=${EventsTable}", index]);
    let charts = widgets("metric");
    let found = charts.iter().flat_map(|chart| chart["metrics"].as_array().unwrap()).map(shown);
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn receiving_is_shown_by_its_middle_and_its_slowest_hundredth() {
    let charts = widgets("metric");
    let receiving = charts.iter().find(|chart| chart["title"] == "Time of receiving").unwrap();
    let mut stats: Vec<_> =
        receiving["metrics"].as_array().unwrap().iter().map(|metric| metric[4]["stat"].as_str().unwrap()).collect();
    stats.sort_unstable();
    assert_eq!(stats, ["p50", "p50", "p50", "p50", "p99", "p99", "p99", "p99"]);
}

/// The names behind the prefix of the stack's alarms.
fn names(text: &str) -> Vec<&str> {
    let names = Regex::new(r"(?:\$\{Alarm\}|:alarm:\$\{AWS::StackName\}-)(\w+)").unwrap();
    names.captures_iter(text).map(|found| found.get(1).unwrap().as_str()).collect()
}

#[test]
fn every_alarm_stands_on_top_where_the_stack_has_it() {
    let conditional = variables().filter(|(_, value)| value[2] == "");
    let conditional = conditional
        .flat_map(|(_, value)| names(value[1].as_str().unwrap()).into_iter().map(move |name| (name, &value[0])));
    let always = names(source().as_str().unwrap()).into_iter().map(|name| (name, &Value::Null));
    let found: Vec<_> = always.chain(conditional).collect();
    assert_eq!(found.len(), of_type("AWS::CloudWatch::Alarm").len());
    for (name, alarm) in TEMPLATE["Resources"].as_object().unwrap() {
        if alarm["Type"] == "AWS::CloudWatch::Alarm" {
            assert!(found.contains(&(name, &alarm["Condition"])), "{name}");
        }
    }
    let shown = widgets("alarm")[0]["alarms"].as_array().unwrap().clone();
    let arn = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-";
    assert!(
        shown.len() == found.len() && shown.iter().all(|text| text.as_str().unwrap().starts_with(arn)),
        "{shown:?}"
    );
}

#[test]
fn it_leads_to_the_console_and_is_there_where_it_is_asked_for() {
    let text = &widgets("text")[0]["markdown"];
    assert!(text.as_str().unwrap().starts_with("[Console](https://${DomainName}/console)"), "{text}");
    let console = variables().find(|(name, _)| *name == "Console").unwrap().1;
    assert_eq!(*console, TEMPLATE["Outputs"]["ConsoleUrl"]["Value"]);
    assert_eq!(TEMPLATE["Resources"]["StackDashboard"]["Condition"], "ShowsDashboard");
    assert_eq!(TEMPLATE["Conditions"]["ShowsDashboard"], json!(["Dashboard", "on"]));
    assert_eq!(TEMPLATE["Parameters"]["Dashboard"]["Default"], "off");
}
