//! The functions: the variables that they read, their limits, how the stream and the schedule call `notify`. MiniStack
//! ignores a stream mapping's window, retries and partial failures, and takes no part in log levels.

use std::cell::RefCell;
use std::collections::BTreeSet;

use regex_lite::Regex;
use renew::api::ApiUrl;
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
    let console = |lookup: Lookup<'_>| {
        common(lookup);
        let _ = console::ConsoleSettings::read(lookup);
    };
    assert_eq!(set("ConsoleFunction"), asked(console));
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
    let drain = |lookup: Lookup<'_>| {
        common(lookup);
        let _ = drain::DrainSettings::read(lookup);
    };
    assert_eq!(set("DrainFunction"), asked(drain));
    let renew = |lookup: Lookup<'_>| {
        common(lookup);
        let _ = renew::RenewSettings::read(lookup);
    };
    assert_eq!(set("RenewFunction"), asked(renew));
}

#[test]
fn the_default_of_own_domains_is_the_codes() {
    let default = TEMPLATE["Parameters"]["OwnDomains"]["Default"].as_str().unwrap();
    assert_eq!(default.parse::<OwnDomains>().unwrap(), OwnDomains::default());
}

#[test]
fn each_function_has_its_own_role_and_log_group_and_the_logs_end() {
    let functions = of_type("AWS::Serverless::Function");
    assert_eq!(functions.len(), 10);
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

/// A table that was restored has another stream, which both readers are then to follow and may.
#[test]
fn both_readers_follow_the_stream_that_is_given_and_the_tables_own_without_one() {
    let stream = json!(["HasEventsStream", "EventsStreamArn", "EventsTable.StreamArn"]);
    assert_eq!(TEMPLATE["Conditions"]["HasEventsStream"], json!([["EventsStreamArn", ""]]));
    for reader in ["Notify", "Index"] {
        assert_eq!(properties(&format!("{reader}Function"))["Events"]["Stream"]["Properties"]["Stream"], stream);
        let statements = &properties(&format!("{reader}Role"))["Policies"][0]["PolicyDocument"]["Statement"];
        let reads = |statement: &&Value| statement["Action"].to_string().contains("dynamodb:GetRecords");
        let read: Vec<_> = statements.as_array().unwrap().iter().filter(reads).collect();
        assert!(matches!(read[..], [one] if one["Resource"] == stream), "{reader}: {read:?}");
    }
    let pattern = TEMPLATE["Parameters"]["EventsStreamArn"]["AllowedPattern"].as_str().unwrap();
    let fits = |text: &str| regex_lite::Regex::new(pattern).unwrap().is_match(text);
    let table = "arn:aws:dynamodb:us-east-1:123456789012:table/trunkline-EventsTable-1ABC";
    assert!(fits("") && fits(&format!("{table}/stream/2026-11-22T10:00:00.123")));
    assert!(!fits(table) && !fits("2026-11-22T10:00:00.123"));
}

#[test]
fn events_wake_both_readers_and_records_that_ended_notify_too() {
    let events = json!({"dynamodb": {"NewImage": {"body": {"B": [{"exists": true}]}, "summary": {"M": {"family": {"S": [{"exists": true}]}}}}}});
    let ended = json!({"dynamodb": {"NewImage": {"sk": {"S": ["ended"]}}}});
    for (name, expected) in [("IndexFunction", vec![events.clone()]), ("NotifyFunction", vec![events.clone(), ended])] {
        let criteria = &properties(name)["Events"]["Stream"]["Properties"]["FilterCriteria"];
        let filters = criteria["Filters"].as_array().unwrap().iter();
        let filters = filters.map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap());
        assert_eq!(filters.collect::<Vec<Value>>(), expected, "{name}");
    }
}

#[test]
fn the_spool_is_handed_on_in_small_batches_to_few_and_is_patient() {
    let events = properties("DrainFunction")["Events"].as_object().unwrap();
    assert_eq!(events.len(), 1);
    let (source, queue) = (&events["Spool"]["Properties"], properties("SpoolQueue"));
    assert_eq!((&events["Spool"]["Type"], &source["Queue"]), (&json!("SQS"), &json!("SpoolQueue.Arn")));
    assert_eq!(source["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(source["ScalingConfig"], json!({"MaximumConcurrency": 5}));
    let timeout = properties("DrainFunction")["Timeout"].as_u64().unwrap();
    assert_eq!(queue["VisibilityTimeout"], 6 * timeout);
    assert_eq!(
        (&queue["MaximumMessageSize"], &queue["MessageRetentionPeriod"]),
        (&json!(1 << 20), &json!(14 * 24 * 3600))
    );
    let letters = json!({"deadLetterTargetArn": "DeadLetterQueue.Arn", "maxReceiveCount": 1000});
    assert_eq!((&queue["RedrivePolicy"], &queue["SqsManagedSseEnabled"]), (&letters, &json!(true)));
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
fn the_renewer_is_woken_by_its_schedule_and_when_the_stack_is_deployed() {
    let events = &properties("RenewFunction")["Events"];
    let schedule = (&json!("Schedule"), &json!("RenewSchedule"));
    assert_eq!((&events["Schedule"]["Type"], &events["Schedule"]["Properties"]["Schedule"]), schedule);
    assert_eq!(TEMPLATE["Parameters"]["RenewSchedule"]["Default"], "rate(6 hours)");
    let pattern = json!({
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "detail": {
            "stack-id": ["AWS::StackId"],
            "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
        },
    });
    assert_eq!(events["Deployed"]["Type"], "EventBridgeRule");
    assert_eq!(events["Deployed"]["Properties"]["Pattern"], pattern);
}

#[test]
fn nothing_of_the_renewer_is_there_without_its_secret() {
    let names = ["RenewFunction", "RenewRole", "RenewLogGroup", "RenewErrors", "RenewThrottles", "RenewalMissing"];
    for name in names {
        assert_eq!(TEMPLATE["Resources"][name]["Condition"], "RenewsSubscription", "{name}");
    }
    assert_eq!(TEMPLATE["Parameters"]["OnsipSecretArn"]["Default"], "");
}

#[test]
fn what_may_be_given_for_the_renewer_is_what_it_reads() {
    let pattern = |name: &str| Regex::new(TEMPLATE["Parameters"][name]["AllowedPattern"].as_str().unwrap()).unwrap();
    let api = TEMPLATE["Parameters"]["OnsipApi"]["Default"].as_str().unwrap();
    assert_eq!(api.parse::<ApiUrl>().unwrap(), ApiUrl::default());
    for url in [api, "https://example.com:8443/api", "http://127.0.0.1:4010/api"] {
        assert!(pattern("OnsipApi").is_match(url) && url.parse::<ApiUrl>().is_ok(), "{url}");
    }
    for url in ["http://api.onsip.com/api", "https://a@example.com/api", "https://example.com/api?Output=json"] {
        assert!(!pattern("OnsipApi").is_match(url), "{url}");
    }
    for rate in ["rate(6 hours)", "rate(1 minute)", "rate(90 minutes)"] {
        assert!(pattern("RenewSchedule").is_match(rate), "{rate}");
    }
    for rate in ["rate(7 hours)", "rate(1 day)", "rate(300 minutes)", "cron(0 0 * * ? *)"] {
        assert!(!pattern("RenewSchedule").is_match(rate), "{rate}");
    }
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:trunkline/onsip-AbCdEf";
    assert!(pattern("OnsipSecretArn").is_match(secret) && pattern("OnsipSecretArn").is_match(""));
    assert!(!pattern("OnsipSecretArn").is_match("hunter2"));
}

#[test]
fn api_gateway_may_call_the_functions_of_this_api_only() {
    let permissions = of_type("AWS::Lambda::Permission");
    assert_eq!(permissions.len(), 6);
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
