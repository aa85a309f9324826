//! The API: its routes, its address rule, its own answers, its log. MiniStack drops the rule and the answers of an
//! imported API (the deployment test writes them to it), and neither throttles nor writes an access log.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::name::Provider;
use shared::provider::{Addresses, profile};

use super::reading::{TEMPLATE, properties, texts};

const METHODS: [&str; 7] = ["delete", "get", "head", "options", "patch", "post", "put"];

/// The code's routes: method, path, function.
fn routes() -> Vec<(&'static str, &'static str, &'static str)> {
    let ingest = shared::ingest::ROUTES.iter().map(|route| (route.method, route.path, route.function));
    let query = query::ROUTES.iter().map(|route| (route.method(), route.resource(), "query"));
    let console = console::RESOURCES.iter().map(|resource| ("GET", *resource, "console"));
    ingest.chain(query).chain(console).collect()
}

#[test]
fn every_route_of_the_code_leads_to_its_function_with_every_method() {
    let mut found = BTreeSet::new();
    for (path, methods) in properties("Api")["DefinitionBody"]["paths"].as_object().unwrap() {
        let mut names: Vec<_> = methods.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, METHODS, "{path}");
        for method in METHODS {
            let integration = &methods[method]["x-amazon-apigateway-integration"];
            assert_eq!((&integration["type"], &integration["httpMethod"]), (&json!("aws_proxy"), &json!("POST")));
            let uri = integration["uri"].as_str().unwrap();
            let function = uri.split("${").find_map(|part| part.split_once("Function.Arn}")).unwrap().0;
            found.insert((path.as_str(), function.to_lowercase()));
        }
    }
    let expected: BTreeSet<_> = routes().into_iter().map(|(_, path, function)| (path, function.to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn webhooks_have_a_throttle_of_their_own() {
    let settings = properties("Api")["MethodSettings"].as_array().unwrap();
    let set: BTreeSet<_> =
        settings.iter().map(|s| (s["HttpMethod"].as_str().unwrap(), s["ResourcePath"].as_str().unwrap())).collect();
    let encoded = |path: &str| format!("/{}", path.replace('/', "~1"));
    let webhooks: Vec<_> = shared::ingest::ROUTES.iter().map(|route| (route.method, encoded(route.path))).collect();
    let expected: BTreeSet<_> = webhooks.iter().map(|(m, p)| (*m, p.as_str())).chain([("*", "/*")]).collect();
    assert_eq!(set, expected);
    for setting in settings {
        let limits =
            if setting["HttpMethod"] == "*" { ("ReadRate", "ReadBurst") } else { ("WebhookRate", "WebhookBurst") };
        assert_eq!(
            (&setting["ThrottlingRateLimit"], &setting["ThrottlingBurstLimit"]),
            (&json!(limits.0), &json!(limits.1))
        );
    }
    // An execution log shows query strings, and tokens in them.
    assert_eq!((&settings[0]["LoggingLevel"], &settings[0]["DataTraceEnabled"]), (&json!("OFF"), &json!(false)));
}

#[test]
fn who_has_listed_addresses_may_come_from_them_only_and_everyone_else_from_anywhere() {
    let denied = |resource: &Value, parameter: &str| {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource,
            "Condition": {"NotIpAddress": {"aws:SourceIp": [",", parameter]}},
        })
    };
    let mut expected = vec![
        json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}),
    ];
    for provider in Provider::ALL.iter().rev() {
        let name = if *provider == Provider::Onsip { "Onsip" } else { "Opentact" };
        let parameter = format!("{name}Addresses");
        let denied = denied(&json!(format!("execute-api:/v1/*/webhooks/{provider}/*")), &parameter);
        // One that comes from anywhere is held to addresses only where they are given.
        expected.push(match profile(*provider).addresses {
            Addresses::Listed => denied,
            Addresses::Any => json!({"Fn::If": [format!("Lists{name}"), denied, "AWS::NoValue"]}),
        });
        // SAM gives the policy a list parameter's value as one string: it must be a string that is split.
        assert_eq!(TEMPLATE["Parameters"][&parameter]["Type"], "String");
    }
    let first = |route: &query::Route<'_>| route.resource().split('/').nth(1).unwrap().to_owned();
    let read = query::ROUTES.iter().filter(|route| route.access() != query::Access::Open);
    let read = read.map(first).chain(["console".to_owned()]);
    let read: BTreeSet<_> = read.map(|first| format!("execute-api:/v1/*/{first}*")).collect();
    expected.push(json!({"Fn::If": ["ListsReaders", denied(&json!(read), "ReadAddresses"), "AWS::NoValue"]}));
    assert_eq!(TEMPLATE["Parameters"]["ReadAddresses"]["Type"], "String");
    assert_eq!(properties("Api")["Auth"]["ResourcePolicy"]["CustomStatements"], json!(expected));
    assert_eq!(properties("Api")["StageName"], "v1");
}

#[test]
fn each_parameter_is_in_one_group_of_the_console() {
    let groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"].as_array().unwrap();
    let mut grouped: Vec<_> = groups.iter().flat_map(|group| texts(&group["Parameters"])).collect();
    let mut all: Vec<_> = TEMPLATE["Parameters"].as_object().unwrap().keys().map(String::as_str).collect();
    grouped.sort_unstable();
    all.sort_unstable();
    assert_eq!(grouped, all);
}

/// The SAM CLI refuses to build otherwise, and its `validate` does not tell.
#[test]
fn no_loop_has_the_name_of_a_parameter() {
    let text = include_str!("../../../template.yaml");
    let loops = text.split("Fn::ForEach::").skip(1).filter_map(|rest| rest.split(':').next());
    let parameters = TEMPLATE["Parameters"].as_object().unwrap();
    assert_eq!(loops.filter(|name| parameters.contains_key(*name)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_urls_to_register_at_each_provider_are_outputs() {
    let outputs = TEMPLATE["Outputs"].as_object().unwrap();
    for provider in Provider::ALL {
        let path = format!("/webhooks/{provider}/");
        // By the domain of one's own, where there is one.
        let leads = |output: &Value| {
            let url = |place: usize| output["Value"][place].as_str().unwrap_or_default();
            url(0) == "HasDomain" && url(1).contains(&path) && url(2).contains(&format!("/v1{path}"))
        };
        assert!(outputs.values().any(leads), "{provider}");
    }
}

#[test]
fn the_api_answers_with_problem_documents_too() {
    for (kind, response) in properties("Api")["GatewayResponses"].as_object().unwrap() {
        let problem = response["ResponseTemplates"]["application/json"].as_str().unwrap();
        let problem: Value = serde_json::from_str(problem).unwrap();
        assert_eq!(problem["type"], "about:blank", "{kind}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{kind}: {problem}");
        assert_eq!(problem["status"], response["StatusCode"], "{kind}");
        assert_eq!(response["ResponseParameters"]["Headers"]["Content-Type"], "'application/problem+json'", "{kind}");
    }
    let answers = &properties("Api")["GatewayResponses"];
    for (kind, status) in [
        ("MISSING_AUTHENTICATION_TOKEN", 404),
        ("THROTTLED", 503),
        ("ACCESS_DENIED", 403),
        ("REQUEST_TOO_LARGE", 413),
        ("UNSUPPORTED_MEDIA_TYPE", 415),
    ] {
        assert_eq!(answers[kind]["StatusCode"], status, "{kind}");
    }
    for retried in ["THROTTLED", "DEFAULT_5XX"] {
        assert_eq!(answers[retried]["ResponseParameters"]["Headers"]["Retry-After"], "'1'", "{retried}");
    }
}

#[test]
fn the_access_log_is_json_and_shows_no_token() {
    let log = &properties("Api")["AccessLogSetting"]["Fn::If"][1];
    let format = log["Format"].as_str().unwrap();
    // In quotes all of them: a variable that is empty comes as `-`, which is no JSON without.
    let line: String = format.replace("$context.", "");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(line.as_object().unwrap().values().all(serde_json::Value::is_string), "{line}");
    // The variables that hold the query string or a header.
    for variable in ["$input", "querystring", "header", "requestOverride", "$context.identity.apiKey", "authorizer"] {
        assert!(!format.contains(variable), "{variable}");
    }
}
