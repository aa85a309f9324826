//! The tables, the queue and the topics. MiniStack lets nothing expire and has no limit on projections.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::{Value, json};
use shared::outbox;
use shared::store::item;

use super::reading::{TEMPLATE, of_type, properties, texts};

#[test]
fn the_tables_are_on_demand_protected_and_expire_by_the_codes_attribute() {
    for (name, expires) in [("EventsTable", item::EXPIRES), ("AlertsTable", outbox::EXPIRES)] {
        let table = properties(name);
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{name}");
        assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": expires, "Enabled": true}), "{name}");
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true, "{name}");
        assert_eq!(table["SSESpecification"]["SSEEnabled"], true, "{name}");
        assert_eq!(table["DeletionProtectionEnabled"], json!(["DeletionProtected", true, false]), "{name}");
    }
    assert_eq!(properties("EventsTable")["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
}

/// A body holds what people said and who they are: nobody is to keep it for good who did not decide so.
#[test]
fn events_are_kept_for_a_little_more_than_a_year_unless_somebody_says_otherwise() {
    assert_eq!(TEMPLATE["Parameters"]["RetentionDays"]["Default"], "400");
}

fn key(name: &str, kind: &str) -> Value {
    json!({"AttributeName": name, "KeyType": kind})
}

#[test]
fn the_indexes_are_the_codes_and_hold_what_a_list_shows() {
    let indexes = properties("EventsTable")["GlobalSecondaryIndexes"].as_array().unwrap();
    let names: Vec<_> = indexes.iter().map(|index| index["IndexName"].as_str().unwrap()).collect();
    assert_eq!(names, item::INDEXES);
    for index in indexes {
        let name = index["IndexName"].as_str().unwrap();
        assert_eq!(index["KeySchema"], json!([key(name, "HASH"), key(item::SEEN, "RANGE")]), "{name}");
        let mut expected: Vec<_> = item::PROJECTED.iter().filter(|attribute| **attribute != name).copied().collect();
        let mut projected = texts(&index["Projection"]["NonKeyAttributes"]);
        expected.sort_unstable();
        projected.sort_unstable();
        assert_eq!(projected, expected, "{name}");
    }
}

#[test]
fn the_alerts_table_has_an_index_of_what_is_pending_and_one_of_what_was_told() {
    let [pending, listed] = properties("AlertsTable")["GlobalSecondaryIndexes"].as_array().unwrap().as_slice() else {
        panic!("two indexes");
    };
    assert_eq!(pending["IndexName"], outbox::PENDING);
    assert_eq!(pending["KeySchema"], json!([key(outbox::PENDING, "HASH"), key("due", "RANGE")]));
    assert_eq!(listed["IndexName"], outbox::listed::LISTED);
    assert_eq!(listed["KeySchema"], json!([key(outbox::listed::LISTED, "HASH"), key(item::SEEN, "RANGE")]));
    assert_eq!(texts(&listed["Projection"]["NonKeyAttributes"]), outbox::listed::PROJECTED);
}

#[test]
fn the_indexes_stay_within_dynamodbs_limits() {
    let indexes = properties("EventsTable")["GlobalSecondaryIndexes"].as_array().unwrap();
    let projected: usize = indexes.iter().map(|index| texts(&index["Projection"]["NonKeyAttributes"]).len()).sum();
    assert!(projected <= 100, "{projected} projected attributes; all indexes of a table may have 100");
    assert!(item::INDEXES.iter().all(|name| name.len() >= 3), "a name has three characters at least");
}

#[test]
fn alarms_can_be_published_and_the_queue_keeps_what_it_has() {
    for topic in ["EventsTopic", "AlertsTopic", "UrgentTopic", "ChatTopic", "PagesTopic"] {
        let encrypted = TEMPLATE["Resources"][topic]["Properties"]["KmsMasterKeyId"].is_string();
        assert!(!encrypted, "{topic}: CloudWatch can't publish through the key of AWS");
    }
    for topic in ["AlertsTopic", "UrgentTopic", "ChatTopic", "PagesTopic"] {
        assert_eq!(properties(&format!("{topic}Policy"))["Topics"], json!([{"Ref": {"Ref": topic}}]), "{topic}");
    }
    let policy = properties("AlertsTopicPolicy");
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Principal"], json!({"Service": "cloudwatch.amazonaws.com"}));
    assert_eq!((&statement["Effect"], &statement["Action"]), (&json!("Allow"), &json!("sns:Publish")));
    assert_eq!(properties("DeadLetterQueue")["MessageRetentionPeriod"], 14 * 24 * 3600);
}

/// Whoever is in the channel reads, and does nothing: by default the guardrail would be an administrator's rights.
#[test]
fn a_channel_has_the_chat_topic_alone_and_nobody_there_may_run_a_command() {
    let role = properties("ChatRole");
    let (policies, managed) = (&role["Policies"], &role["ManagedPolicyArns"]);
    assert!(policies.is_null() && managed.is_null(), "{role}");
    let assumed = &role["AssumeRolePolicyDocument"]["Statement"];
    assert_eq!(assumed[0]["Principal"], json!({"Service": "chatbot.amazonaws.com"}));
    for (name, condition, rule, ids) in [
        ("SlackChannel", "HasSlack", "WholeSlack", &["SlackWorkspaceId", "SlackChannelId"][..]),
        ("TeamsChannel", "HasTeams", "WholeTeams", &["TeamsTenantId", "TeamsTeamId", "TeamsChannelId"]),
    ] {
        let channel = properties(name);
        assert_eq!(channel["SnsTopicArns"], json!(["ChatTopic"]), "{name}");
        assert_eq!(channel["IamRoleArn"], "ChatRole.Arn", "{name}");
        assert_eq!(channel["GuardrailPolicies"], json!(["arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"]), "{name}");
        assert_eq!(TEMPLATE["Resources"][name]["Condition"], condition);
        let given = json!(ids.iter().map(|id| json!([[id, ""]])).collect::<Vec<_>>());
        assert_eq!(TEMPLATE["Conditions"][condition], given);
        // One that is missing fails the deployment.
        let rule = &TEMPLATE["Rules"][rule];
        let assertion = &rule["Assertions"][0];
        assert_eq!((&rule["RuleCondition"], &assertion["Assert"]), (&given, &given));
        assert!(ids.iter().all(|id| assertion["AssertDescription"].as_str().unwrap().contains(id)), "{assertion}");
        assert!(ids.iter().all(|id| fits(id, "") && channel.to_string().contains(&format!("\"{id}\""))), "{name}");
    }
    assert_eq!(TEMPLATE["Conditions"]["HasChat"], json!(["HasSlack", "HasTeams"]));
}

#[test]
fn the_ids_of_a_channel_are_taken_as_the_chats_show_them() {
    for (parameter, id, wrong) in [
        ("SlackWorkspaceId", "T012ABCDE", "example"),
        ("SlackChannelId", "C012ABCDE", "#general"),
        ("TeamsTenantId", "8f293405-c6aa-458f-ad30-49ae9004b402", "example.com"),
        ("TeamsTeamId", "8f293405-c6aa-458f-ad30-49ae9004b402", "Telephony"),
        ("TeamsChannelId", "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2", "19:b6ef35dc@thread.tacv2"),
    ] {
        assert!(fits(parameter, id) && !fits(parameter, wrong), "{parameter}");
    }
}

/// What may be given for a parameter.
fn fits(parameter: &str, value: &str) -> bool {
    let pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"].as_str().unwrap();
    Regex::new(pattern).unwrap().is_match(value)
}

#[test]
fn up_to_five_people_get_alerts_by_each_way_each_by_a_place_of_their_own() {
    let (email, phone) = ("a@example.com", "+12025550101");
    for (parameter, one) in [("AlertEmails", email), ("AlertPhones", phone)] {
        for count in 0..7 {
            assert_eq!(fits(parameter, &vec![one; count].join(",")), count <= 5, "{parameter}: {count}");
        }
        assert!(!fits(parameter, "nobody") && !fits(parameter, &format!("{one},")), "{parameter}");
    }
    let subscriptions = of_type("AWS::SNS::Subscription");
    let places: BTreeSet<_> =
        subscriptions.iter().map(|(_, subscription)| subscription["Endpoint"].to_string()).collect();
    // Five of each list, and the one of each that stacks had before there were lists.
    assert_eq!((subscriptions.len(), places.len()), (12, 12));
    for (name, subscription) in subscriptions {
        let expected = if name.starts_with("Email") { ("email", "AlertsTopic") } else { ("sms", "UrgentTopic") };
        assert_eq!(
            (&subscription["Protocol"], &subscription["TopicArn"]),
            (&json!(expected.0), &json!(expected.1)),
            "{name}"
        );
        let place = name.trim_start_matches("EmailSubscription").trim_start_matches("PhoneSubscription");
        let condition = format!("HasAlert{}{place}", if expected.0 == "email" { "Email" } else { "Phone" });
        assert_eq!(TEMPLATE["Resources"][name]["Condition"], condition, "{name}");
        if let Ok(place) = place.parse::<usize>() {
            assert_eq!(subscription["Endpoint"][0], place - 1, "{name}");
        }
    }
}

/// The deployment test sees what these conditions come to.
#[test]
fn each_place_has_a_subscription_once_the_list_is_that_long() {
    for way in ["Email", "Phone"] {
        let (list, name) = (format!("Alert{way}s"), |place: usize| format!("HasAlert{way}{place}"));
        let longer_than = |length: usize| json!([[{"Fn::Length": [",", list]}, length]]);
        let condition = |place| &TEMPLATE["Conditions"][name(place)];
        assert_eq!(condition(1), &json!([[list, ""]]));
        assert_eq!(condition(2), &longer_than(1));
        for place in 3..=5 {
            assert_eq!(condition(place), &json!([name(place - 1), longer_than(place - 1)]), "{place}");
        }
    }
}
