//! Each function's role allows what its code calls, and no more. MiniStack enforces roles, but shows only what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;
use shared::key::Subject;
use shared::name::Provider;

use super::reading::{of_type, properties, texts};

/// The SDK's calls and what each needs. A transaction here is of puts only, a batch of PartiQL of inserts.
const CALLS: [(&str, &str); 17] = [
    ("put_item", "dynamodb:PutItem"),
    ("transact_write_items", "dynamodb:PutItem"),
    ("get_item", "dynamodb:GetItem"),
    ("query", "dynamodb:Query"),
    ("update_item", "dynamodb:UpdateItem"),
    ("delete_item", "dynamodb:DeleteItem"),
    ("scan", "dynamodb:Scan"),
    ("batch_get_item", "dynamodb:BatchGetItem"),
    ("batch_write_item", "dynamodb:BatchWriteItem"),
    ("batch_execute_statement", "dynamodb:PartiQLInsert"),
    ("transact_get_items", "dynamodb:GetItem"),
    ("publish", "sns:Publish"),
    ("publish_batch", "sns:Publish"),
    ("get_topic_attributes", "sns:GetTopicAttributes"),
    ("send_message", "sqs:SendMessage"),
    ("receive_message", "sqs:ReceiveMessage"),
    ("get_secret_value", "secretsmanager:GetSecretValue"),
];
/// What Lambda itself does with a function's role: writes its log, reads the stream, takes the spool's messages.
const RUNTIME: [&str; 9] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
];
/// The code that all functions share and that calls AWS.
const SHARED: [&str; 18] = [
    "shared/src/store/bodies.rs",
    "shared/src/store/read.rs",
    "shared/src/store/call.rs",
    "shared/src/store/counts.rs",
    "shared/src/store/counts/marks.rs",
    "shared/src/store/counts/reading.rs",
    "shared/src/store/deliveries.rs",
    "shared/src/store/names.rs",
    "shared/src/store/record.rs",
    "shared/src/store/write.rs",
    "shared/src/outbox.rs",
    "shared/src/told.rs",
    "shared/src/renewal.rs",
    "shared/src/mute.rs",
    "shared/src/dead_letters.rs",
    "shared/src/intake.rs",
    "shared/src/spool.rs",
    "shared/src/aws/batch.rs",
];

fn source(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// The source files of a folder.
fn files(folder: &str) -> Vec<String> {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".rs")).map(|name| format!("{folder}/{name}")).collect()
}

/// The functions of a file with their texts.
fn functions(text: &str) -> BTreeMap<String, String> {
    let parts = text.split("fn ").skip(1);
    parts.map(|part| (part.split(['(', '<']).next().unwrap().to_owned(), part.to_owned())).collect()
}

/// What a text calls on AWS, itself, through the methods of the store and the outbox, and through the functions that take a client.
fn called(text: &str, shared: &BTreeMap<String, String>, seen: &mut BTreeSet<String>) -> BTreeSet<&'static str> {
    let direct = CALLS.iter().filter(|(call, _)| text.contains(&format!(".{call}()")));
    let mut all: BTreeSet<_> = direct.map(|(_, action)| *action).collect();
    for (name, body) in shared {
        let method = ["store", "outbox", "told", "mutes", "dead_letters", "intake", "spool", "self"]
            .iter()
            .any(|on| text.contains(&format!("{on}.{name}(")));
        let used = method || text.contains(&format!(" {name}(&self.client"));
        if used && seen.insert(name.clone()) {
            all.extend(called(body, shared, seen));
        }
    }
    all
}

/// The roles of functions.
fn roles() -> impl Iterator<Item = (&'static str, &'static serde_json::Value)> {
    let others = ["ApiGatewayAccountRole", "ChatRole"];
    of_type("AWS::IAM::Role").into_iter().filter(move |(name, _)| !others.contains(name))
}

fn allowed(role: &str) -> BTreeSet<&'static str> {
    let statements = properties(role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|statement| texts(&statement["Action"]));
    actions.filter(|action| !RUNTIME.contains(action)).collect()
}

#[test]
fn each_role_allows_the_calls_in_its_functions_code_and_no_other() {
    let shared: BTreeMap<_, _> = SHARED.iter().flat_map(|path| functions(&source(path))).collect();
    let call = |paths: &[&str]| {
        let text: String = paths.iter().map(|path| source(path)).collect();
        called(&text, &shared, &mut BTreeSet::new())
    };
    let ingest = call(&["shared/src/ingest.rs", "shared/src/ingest/noting.rs", "shared/src/ingest/table.rs"]);
    assert!(!ingest.is_empty());
    for role in ["CallRole", "SmsRole", "AppRole", "AccountRole"] {
        assert_eq!(allowed(role), ingest, "{role}");
    }
    for (role, function) in [
        ("QueryRole", "query"),
        ("NotifyRole", "notify"),
        ("IndexRole", "index"),
        ("DrainRole", "drain"),
        ("RenewRole", "renew"),
    ] {
        let files = files(&format!("functions/{function}/src"));
        assert_eq!(allowed(role), call(&files.iter().map(String::as_str).collect::<Vec<_>>()), "{role}");
    }
}

/// The console reads by the views of `query`, and calls nothing itself.
#[test]
fn the_consoles_role_allows_the_calls_of_the_views_and_no_other() {
    let shared: BTreeMap<_, _> = SHARED.iter().flat_map(|path| functions(&source(path))).collect();
    let all: String = files("functions/query/src").iter().map(|path| source(path)).collect();
    let views = all.split("impl Views {").skip(1).map(|part| part.split("\n}\n").next().unwrap());
    let views = called(&views.collect::<String>(), &shared, &mut BTreeSet::new());
    assert_eq!(views, ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"].into());
    assert_eq!(allowed("ConsoleRole"), views);
    assert!(!source("functions/console/Cargo.toml").contains("aws-sdk"));
}

#[test]
fn no_role_names_all_actions_or_all_resources() {
    let mut checked = 0;
    for (role, _) in roles() {
        checked += 1;
        let statements = properties(role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
        for statement in statements {
            assert!(texts(&statement["Action"]).iter().all(|action| !action.contains('*')), "{role}: {statement}");
            assert_ne!(statement["Resource"], "*", "{role}");
        }
        assert!(properties(role)["ManagedPolicyArns"].is_null(), "{role}");
    }
    assert_eq!(checked, of_type("AWS::Serverless::Function").len());
}

#[test]
fn writing_is_allowed_where_it_belongs() {
    let writes = |role: &str| -> Vec<String> {
        let statements = properties(role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
        let writing =
            statements.iter().filter(|s| texts(&s["Action"]).iter().any(|action| action.ends_with("PutItem")));
        writing.map(|statement| statement["Resource"].as_str().unwrap().to_owned()).collect()
    };
    for role in ["CallRole", "SmsRole", "AppRole", "AccountRole"] {
        assert_eq!(writes(role), ["EventsTable.Arn"], "{role}");
    }
    // What an operator takes out of the quarantine; the operator's test alert, and mutes.
    assert_eq!(writes("QueryRole"), ["EventsTable.Arn", "AlertsTable.Arn"]);
    assert_eq!(writes("NotifyRole"), ["AlertsTable.Arn"]);
    assert_eq!(writes("IndexRole"), ["EventsTable.Arn"]);
    assert_eq!(writes("DrainRole"), ["EventsTable.Arn"]);
    assert_eq!(writes("RenewRole"), ["AlertsTable.Arn"]);
}

#[test]
fn the_notifier_publishes_to_its_topics_alone() {
    let statements = properties("NotifyRole")["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let publishing = statements.iter().filter(|statement| texts(&statement["Action"]).contains(&"sns:Publish"));
    let topics: BTreeSet<_> = publishing.flat_map(|statement| texts(&statement["Resource"])).collect();
    assert_eq!(topics, of_type("AWS::SNS::Topic").into_iter().map(|(name, _)| name).collect());
}

#[test]
fn what_was_told_is_listed_by_its_own_index_and_by_no_other() {
    let statements = properties("QueryRole")["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let of_alerts = |statement: &&serde_json::Value| {
        let resource = statement["Resource"].as_str().unwrap();
        resource.starts_with("${AlertsTable") && texts(&statement["Action"]).contains(&"dynamodb:Query")
    };
    let listed: Vec<_> = statements.iter().filter(of_alerts).map(|statement| &statement["Resource"]).collect();
    assert_eq!(listed, [&json!(format!("${{AlertsTable.Arn}}/index/{}", shared::outbox::listed::LISTED))]);
}

#[test]
fn only_drain_takes_from_the_spool_and_the_receivers_put_there_and_nowhere_else() {
    let reached = |role: &str, action: &str| -> Vec<String> {
        let statements = properties(role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
        let allowing = statements.iter().filter(|statement| texts(&statement["Action"]).contains(&action));
        allowing.map(|statement| statement["Resource"].as_str().unwrap().to_owned()).collect()
    };
    for role in ["CallRole", "SmsRole", "AppRole", "AccountRole"] {
        assert_eq!(reached(role, "sqs:SendMessage"), ["SpoolQueue.Arn"], "{role}");
    }
    for role in ["NotifyRole", "IndexRole", "DrainRole"] {
        assert_eq!(reached(role, "sqs:SendMessage"), ["DeadLetterQueue.Arn"], "{role}");
    }
    for (role, _) in roles() {
        let expected = if role == "DrainRole" { vec!["SpoolQueue.Arn".to_owned()] } else { Vec::new() };
        for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
            assert_eq!(reached(role, action), expected, "{role}");
        }
    }
}

#[test]
fn the_renewer_reads_one_secret_and_reaches_one_item() {
    let statements = properties("RenewRole")["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let of = |action: &str| {
        let mut allowing = statements.iter().filter(|statement| texts(&statement["Action"]).contains(&action));
        (allowing.next().unwrap(), allowing.next())
    };
    let (secret, none) = of("secretsmanager:GetSecretValue");
    assert_eq!((&secret["Resource"], none), (&json!("OnsipSecretArn"), None));
    for action in ["dynamodb:GetItem", "dynamodb:PutItem"] {
        let (table, none) = of(action);
        let own = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [shared::renewal::KEY]}});
        assert_eq!((&table["Condition"], none), (&own, None), "{action}");
    }
}

/// The conditions under which a role may do that.
fn conditions(role: &str, action: &str) -> Vec<&'static serde_json::Value> {
    let statements = properties(role)["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let allowing = statements.iter().filter(|statement| texts(&statement["Action"]).contains(&action));
    allowing.map(|statement| &statement["Condition"]).collect()
}

#[test]
fn the_reader_deletes_from_the_quarantine_and_among_names_alone() {
    let keys: Vec<_> = Provider::ALL.iter().map(|of| format!("{of}.{}.*", Subject::Quarantine)).collect();
    let condition = json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}});
    assert_eq!(conditions("QueryRole", "dynamodb:DeleteItem"), [&condition]);
    let names = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [shared::store::names::PARTITION]}});
    assert_eq!(conditions("QueryRole", "dynamodb:BatchWriteItem"), [&names]);
    // Of the alerts table they may read any.
    for role in ["QueryRole", "ConsoleRole"] {
        assert_eq!(conditions(role, "dynamodb:BatchGetItem"), [&names, &serde_json::Value::Null], "{role}");
    }
}
