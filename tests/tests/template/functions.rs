//! The functions: the variables that they read, their limits, how the stream and the schedule call `notify`. MiniStack
//! ignores a stream mapping's window, retries and partial failures, and takes no part in log levels.

use std::cell::RefCell;
use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::ingest::IngestSettings;
use shared::metric::Metrics;
use shared::provider::OwnDomains;
use shared::settings::Lookup;

use super::reading::{TEMPLATE, of_type, properties};

/// The variables that some code asks for, but those that Lambda itself sets.
fn asked(read: impl Fn(Lookup<'_>)) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    read(&|name| {
        names.borrow_mut().insert(name.to_owned());
        None
    });
    let names = names.into_inner();
    names.into_iter().filter(|name| !name.starts_with("AWS_")).collect()
}

/// The variables that a function is given, those that all functions are given among them.
fn set(function: &str) -> BTreeSet<String> {
    let names = |of: &Value| of["Environment"]["Variables"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let all = names(&TEMPLATE["Globals"]["Function"]);
    names(properties(function)).into_iter().chain(all).collect()
}

#[test]
fn each_function_is_given_the_variables_that_it_reads_and_no_other() {
    let common = |lookup: Lookup<'_>| {
        let _ = Aws::read(lookup);
        let _ = Metrics::read(lookup);
    };
    for function in ["CallFunction", "SmsFunction", "AppFunction", "AccountFunction"] {
        let read = |lookup: Lookup<'_>| {
            common(lookup);
            let _ = IngestSettings::read(lookup);
        };
        assert_eq!(set(function), asked(read), "{function}");
    }
    let query = |lookup: Lookup<'_>| {
        common(lookup);
        let _ = query::QuerySettings::read(lookup);
    };
    assert_eq!(set("QueryFunction"), asked(query));
    let notify = |lookup: Lookup<'_>| {
        common(lookup);
        let _ = notify::NotifySettings::read(lookup);
    };
    assert_eq!(set("NotifyFunction"), asked(notify));
    let index = |lookup: Lookup<'_>| {
        common(lookup);
        let _ = index::IndexSettings::read(lookup);
    };
    assert_eq!(set("IndexFunction"), asked(index));
}

#[test]
fn what_may_be_given_as_own_domains_is_read_and_the_default_is_the_codes() {
    let parameter = &TEMPLATE["Parameters"]["OwnDomains"];
    let pattern = Regex::new(parameter["AllowedPattern"].as_str().unwrap()).unwrap();
    let default = parameter["Default"].as_str().unwrap();
    assert_eq!(default.parse::<OwnDomains>().unwrap(), OwnDomains::default());
    for text in [default, "example.com", "Voice.Example.com,a-b.example", "x1.example.com,2.example.com"] {
        assert!(pattern.is_match(text) && text.parse::<OwnDomains>().is_ok(), "{text}");
    }
    for text in [
        "",
        "localhost",
        "192.0.2.7",
        "-a.example.com",
        "a-.example.com",
        "a..com",
        "example.com:5060",
        "*.example.com",
    ] {
        assert!(!pattern.is_match(text), "{text}");
    }
}

#[test]
fn each_function_has_its_own_role_and_log_group_and_the_logs_end() {
    let functions = of_type("AWS::Serverless::Function");
    assert_eq!(functions.len(), 7);
    for (name, function) in functions {
        let own = name.strip_suffix("Function").unwrap();
        assert_eq!(function["Role"], format!("{own}Role.Arn"), "{name}");
        assert_eq!(function["LoggingConfig"]["LogGroup"], format!("{own}LogGroup"), "{name}");
        assert_eq!(properties(&format!("{own}LogGroup"))["RetentionInDays"], "LogRetentionDays", "{name}");
    }
    let globals = &TEMPLATE["Globals"]["Function"];
    assert_eq!(
        globals["LoggingConfig"],
        json!({"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "INFO"})
    );
    assert_eq!(globals["Timeout"], 10);
}

#[test]
fn the_shares_of_concurrency_are_what_the_parameter_says() {
    let functions = of_type("AWS::Serverless::Function");
    let shares = functions.iter().map(|(_, function)| function["ReservedConcurrentExecutions"][1].as_u64().unwrap());
    assert_eq!(shares.sum::<u64>(), 100);
    let told = TEMPLATE["Parameters"]["ReservedConcurrency"]["Description"].as_str().unwrap();
    assert!(told.contains("100 in all"), "{told}");
}

#[test]
fn the_stream_is_handed_on_in_bounded_batches_and_ages_to_two_functions_and_no_third() {
    let functions = of_type("AWS::Serverless::Function");
    let readers = functions.iter().filter(|(_, function)| function["Events"]["Stream"].is_object());
    assert_eq!(
        readers.clone().map(|(name, _)| *name).collect::<BTreeSet<_>>(),
        ["IndexFunction", "NotifyFunction"].into()
    );
    for (name, function) in readers {
        let stream = &function["Events"]["Stream"]["Properties"];
        assert_eq!(stream["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
        let letters = json!({"Type": "SQS", "Destination": "DeadLetterQueue.Arn"});
        assert_eq!(stream["DestinationConfig"]["OnFailure"], letters, "{name}");
        // The stream itself keeps a record for 24 hours: what is given up must be given up before.
        assert!(stream["MaximumRecordAgeInSeconds"].as_u64().unwrap() < 86_400, "{name}");
    }
}

#[test]
fn events_wake_both_readers_and_records_that_ended_notify_too() {
    let events = json!({"dynamodb": {"NewImage": {"summary": {"M": {"family": {"S": [{"exists": true}]}}}}}});
    let ended = json!({"dynamodb": {"NewImage": {"sk": {"S": ["ended"]}}}});
    for (name, expected) in [("IndexFunction", vec![events.clone()]), ("NotifyFunction", vec![events.clone(), ended])] {
        let criteria = &properties(name)["Events"]["Stream"]["Properties"]["FilterCriteria"];
        let filters = criteria["Filters"].as_array().unwrap().iter();
        let filters = filters.map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap());
        assert_eq!(filters.collect::<Vec<Value>>(), expected, "{name}");
    }
}

#[test]
fn the_schedule_wakes_both_readers_of_the_stream_every_minute() {
    for function in ["NotifyFunction", "IndexFunction"] {
        let minute = &properties(function)["Events"]["Minute"];
        let expected = (&json!("Schedule"), &json!("rate(1 minute)"));
        assert_eq!((&minute["Type"], &minute["Properties"]["Schedule"]), expected, "{function}");
    }
}

#[test]
fn api_gateway_may_call_the_functions_of_this_api_only() {
    let permissions = of_type("AWS::Lambda::Permission");
    assert_eq!(permissions.len(), 5);
    for (name, permission) in permissions {
        let own = name.strip_suffix("Permission").unwrap();
        assert_eq!(permission["FunctionName"], json!([format!("{own}Function"), "Arn"]));
        assert_eq!(
            (&permission["Principal"], &permission["Action"]),
            (&json!("apigateway.amazonaws.com"), &json!("lambda:InvokeFunction"))
        );
        assert!(permission["SourceArn"].as_str().unwrap().ends_with(":${Api}/v1/*"));
    }
}
