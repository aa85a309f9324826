//! The parameters: what the template lets through, the functions must read. A value that they can't read would stop them, or
//! put a default in its place.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::Value;
use shared::access::{Right, TokenDigest};
use shared::aws::Aws;
use shared::failure::FailureClass;
use shared::ingest::IngestSettings;
use shared::settings::Fault;

use super::reading::TEMPLATE;

/// Of each parameter that becomes a variable as it is: values that must be taken, and some of those that must not.
const PARAMETERS: &[(&str, &str, &[&str], &[&str])] = &[
    ("OnsipTokenDigests", "ONSIP_TOKEN_DIGESTS", NAMED, &[EMPTY, "token", "A665", WITH_RIGHTS[0]]),
    ("OpentactTokenDigests", "OPENTACT_TOKEN_DIGESTS", NAMED, &[EMPTY, ONE_EMPTY, WITH_RIGHTS[0]]),
    ("ReadTokenDigests", "READ_TOKEN_DIGESTS", WITH_RIGHTS, NO_TOKEN),
    ("OperatorTokenDigests", "OPERATOR_TOKEN_DIGESTS", WITH_RIGHTS, NO_TOKEN),
    (
        "OpentactAddresses",
        "OPENTACT_ADDRESSES",
        &["72.21.26.35/32", "72.21.26.35/32,10.0.0.0/8", "0.0.0.0/0"],
        &["", "72.21.26.35", "72.21.26.35/33", "72.21.26.256/32", "72.21.26/24", "72.21.26.35/32,", "::/0"],
    ),
    ("OnsipAddresses", "ONSIP_ADDRESSES", &["", "192.0.2.0/24"], &["192.0.2.0", "::/0"]),
    ("ReadAddresses", "READ_ADDRESSES", &["", "192.0.2.0/24", "192.0.2.0/24,10.0.0.0/8"], &["192.0.2.0", "::/0"]),
    (
        "AlertRules",
        "ALERT_RULES",
        &["", "busy=warning", "busy=warning,rejected=off,unknown=critical"],
        &["bussy=warning", "busy=loud", "busy", "busy=warning,"],
    ),
    ("AlertAfter", "ALERT_AFTER", &["1", "3", "50"], &["0", "51", "2.5", "", "1e1"]),
    ("AlertWindow", "ALERT_WINDOW_SECONDS", &["1", "900", "3600"], &["0", "3601", "90.5", "", "9e2"]),
    ("Digest", "DIGEST", &["on", "off"], &["", "yes"]),
    ("SmsPerHour", "SMS_PER_HOUR", &["0", "10", "100"], &["101", "-1", "2.5", ""]),
    (
        "LowBalance",
        "LOW_BALANCE",
        &["0", "20", "12.50", "100,20", "100.5,0"],
        &["", "-5", "1e3", "20,", "100,20,5", "100;20"],
    ),
    ("SilenceMinutes", "SILENCE_MINUTES", &["0", "off", "5", "44640"], &["", "4", "44641", "7.5"]),
    ("MaskNumbers", "MASK_NUMBERS", &["on", "off"], &["", "yes"]),
    ("TestAlert", "TEST_ALERT", &["monthly", "off"], &["on", ""]),
    ("StackLabel", "STACK_LABEL", &["", "prod", "A b.c_d-e"], &["[prod]", "a\nb", "é"]),
    (
        "TimeZone",
        "TIME_ZONE",
        &["UTC", "America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
        &["", "+01:00"],
    ),
    (
        "TopUpUrl",
        "TOP_UP_URL",
        &["", "https://example.com/top-up?a=1"],
        &["http://example.com", "example.com", "https://"],
    ),
    ("RunbookUrl", "RUNBOOK_URL", &["", "https://example.com/"], &["ftp://example.com"]),
    ("OnsipSupportUrl", "ONSIP_SUPPORT_URL", &["", "https://example.com/"], &["mail us"]),
    ("OpentactSupportUrl", "OPENTACT_SUPPORT_URL", &["", "https://example.com/"], &["https://a b"]),
    (
        "OwnDomains",
        "OWN_DOMAINS",
        &["onsip.com", "Voice.Example.com,a-b.example", "x1.example.com,2.example.com"],
        &[
            "",
            "localhost",
            "192.0.2.7",
            "-a.example.com",
            "a-.example.com",
            "a..com",
            "example.com:5060",
            "*.example.com",
        ],
    ),
    ("RetentionDays", "RETENTION_DAYS", &["0", "1", "400", "9999"], &["", "30.5", "-1", "10000"]),
    ("BodyRetentionDays", "BODY_RETENTION_DAYS", &["0", "1", "9999"], &["", "30.5", "-1", "10000"]),
    ("ConsoleDays", "CONSOLE_DAYS", &["1", "30", "400"], &["0", "401", "", "30.5", "-1"]),
    ("Shards", "SHARDS", &["1", "4", "64"], &["0", "65", "", "4.0"]),
    ("Dashboard", "CALL_METRICS", &["on", "off"], &["", "yes"]),
    ("PublishText", "PUBLISH_TEXT", &["on", "off"], &["", "yes"]),
];

const DIGEST: &str = "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3";
const TWO: &str = "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3,\
                   b665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3";
const NAMED: &[&str] = &[
    "",
    DIGEST,
    TWO,
    "2026.a_b-c=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3,\
     b665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
];
const WITH_RIGHTS: &[&str] = &[
    "crm:calls=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    "all:calls+events+bodies+alerts+stats=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3,\
     jane=b665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    "",
    DIGEST,
    TWO,
];
const NO_TOKEN: &[&str] = &[
    EMPTY,
    ONE_EMPTY,
    "crm=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    "a b=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    "crm:=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    "crm:call=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    "crm:calls+=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
    // A token in the place of its name.
    "0123456789abcdef0123456789abcdef=a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3",
];
/// Of a token that is empty.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ONE_EMPTY: &str = "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3,\
                         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Parameters that no function reads as they are: they shape the template, or are tested with what reads them.
const OTHERS: &[&str] = &[
    "AccessLog",
    "AlertEmail",
    "AlertEmails",
    "AlertPhone",
    "AlertPhones",
    "Architecture",
    "CertificateArn",
    "DeletionProtection",
    "DomainName",
    "EventsStreamArn",
    "ExtraCaCerts",
    "HostedZoneId",
    "LogRetentionDays",
    "OnsipApi",
    "OnsipSecretArn",
    "PublishEvents",
    "ReadBurst",
    "ReadRate",
    "RenewSchedule",
    "ReservedConcurrency",
    "SlackChannelId",
    "SlackWorkspaceId",
    "SmsSpendAlarm",
    "StreamAlarm",
    "TeamsChannelId",
    "TeamsTeamId",
    "TeamsTenantId",
    "WebAclArn",
    "WebhookBurst",
    "WebhookRate",
];

/// Whether the template lets a value through. A pattern may begin by naming a text that it refuses.
fn admits(parameter: &str, value: &str) -> bool {
    let rules = &TEMPLATE["Parameters"][parameter];
    if let Some(values) = rules["AllowedValues"].as_array() {
        return values.iter().any(|one| one == value);
    }
    let pattern = rules["AllowedPattern"].as_str().unwrap();
    let refused = pattern.split_once("(?!.*").map_or("", |(_, rest)| rest.split(')').next().unwrap());
    let pattern = pattern.replace(&format!("(?!.*{refused})"), "");
    Regex::new(&pattern).unwrap().is_match(value) && (refused.is_empty() || !value.contains(refused))
}

/// The faults that the functions find in a variable; each reads those that it knows.
fn faults(variable: &str, value: &str) -> Vec<Fault> {
    let lookup = |name: &str| match (name == variable, name.ends_with("_TOKEN_DIGESTS") || name.ends_with("_ADDRESSES"))
    {
        (true, _) => Some(value.to_owned()),
        (false, true) => None,
        (false, false) => Some("x".to_owned()),
    };
    let faults = [
        IngestSettings::read(&lookup).unwrap().faults,
        query::QuerySettings::read(&lookup).unwrap().faults,
        console::ConsoleSettings::read(&lookup).unwrap().faults,
        notify::NotifySettings::read(&lookup).unwrap().faults,
        index::IndexSettings::read(&lookup).unwrap().faults,
        Aws::read(&lookup).unwrap().faults().to_vec(),
    ];
    faults.concat().into_iter().filter(|fault| fault.name.starts_with(variable)).collect()
}

#[test]
fn what_may_be_given_is_read_and_what_can_not_be_read_may_not_be_given() {
    for &(parameter, variable, good, bad) in PARAMETERS {
        for value in good {
            assert!(admits(parameter, value), "{parameter} does not take {value:?}");
        }
        assert!(bad.iter().all(|value| !admits(parameter, value)), "{parameter} takes one of {bad:?}");
        // What is meant for one parameter is tried on each. Which time zones there are, only the code can tell.
        let of = |other: &str| other == parameter || parameter != "TimeZone";
        let all =
            PARAMETERS.iter().filter(|(other, ..)| of(other)).flat_map(|(_, _, good, bad)| good.iter().chain(*bad));
        for value in all.filter(|value| admits(parameter, value)) {
            assert_eq!(faults(variable, value), [], "{parameter}={value:?}");
        }
    }
}

#[test]
fn a_value_that_is_wrong_is_found_in_the_variable_that_it_becomes() {
    // Else the test above would find nothing wrong with any value.
    for &(parameter, variable, ..) in PARAMETERS {
        let wrong = if parameter == "OwnDomains" { "localhost" } else { "[wrong]" };
        assert!(!faults(variable, wrong).is_empty(), "{variable}");
    }
}

#[test]
fn every_parameter_is_tried_or_named_as_one_that_no_function_reads() {
    let tried = PARAMETERS.iter().map(|(parameter, ..)| *parameter);
    let known: BTreeSet<_> = tried.chain(OTHERS.iter().copied()).collect();
    let all: BTreeSet<_> = TEMPLATE["Parameters"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(known, all);
    let becomes = |parameter: &str, variable: &str| {
        let functions = TEMPLATE["Resources"].as_object().unwrap().values();
        let mut variables = functions.map(|resource| &resource["Properties"]["Environment"]["Variables"][variable]);
        variables.any(|value: &Value| value == parameter)
    };
    for (parameter, variable, ..) in PARAMETERS {
        assert!(becomes(parameter, variable), "{parameter} is not {variable}");
    }
}

#[test]
fn the_names_in_patterns_and_the_digest_of_nothing_are_the_codes() {
    let pattern = TEMPLATE["Parameters"]["AlertRules"]["AllowedPattern"].as_str().unwrap();
    let classes: Vec<_> = FailureClass::ALL.iter().map(|class| class.as_str()).collect();
    assert!(pattern.contains(&format!("({})=", classes.join("|"))), "{pattern}");
    assert_eq!(EMPTY, TokenDigest::of("").to_string());
    let rights: Vec<_> = Right::ALL.iter().map(|right| right.as_str()).collect();
    for parameter in ["ReadTokenDigests", "OperatorTokenDigests"] {
        let pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"].as_str().unwrap();
        assert!(pattern.contains(&format!("({})", rights.join("|"))), "{pattern}");
    }
}
