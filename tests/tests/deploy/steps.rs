//! The whole of it, in the order in which a user meets it.

use serde_json::{Value, json};
use tests::forms;
use tests::http::{Answer, escape};
use tests::samples::{names, route, sample};
use tests::wait;

use super::before::release_before;
use super::check;
use super::command::timed;
use super::console;
use super::emulator::Emulator;
use super::given::{ONSIP_TOKEN, OPENTACT_TOKEN, OPERATOR_TOKEN, READ_TOKEN, parameters, read};
use super::inbox::Inbox;
use super::renewal;
use super::replay;
use super::restore;
use super::spool;
use super::stack::{Api, Stack};
use super::subscriber::Subscriber;
use super::update;

/// Of the networks for examples: no client's address but one that `X-Forwarded-For` names.
const OPENTACT_ADDRESS: &str = "192.0.2.9";
/// Every event, and no row.
const EVENTS: &str =
    r#"{"dynamodb":{"NewImage":{"body":{"B":[{"exists":true}]},"summary":{"M":{"family":{"S":[{"exists":true}]}}}}}}"#;

#[test]
#[ignore = "builds and deploys the stack: takes minutes and Python's package registry"]
fn the_template_is_deployed_works_is_updated_and_leaves_nothing() {
    let emulator = Emulator::start(None);
    let [inbox, later, chats, pages] = ["inbox", "later", "chats", "pages"].map(|name| Inbox::new(&emulator, name));
    let subscribers = Subscriber::all(&emulator);
    let nothing = inventory(&emulator);
    let stack = Stack::build(&emulator);
    let before = release_before().map(|tree| Stack::build_quickly(&emulator, tree));

    what_a_user_does_works(&stack, [&inbox, &later, &chats, &pages], &subscribers);
    a_changed_parameter_comes_into_force(&stack);
    stack.delete();
    assert_eq!(inventory(&emulator), nothing, "something is left");

    // The window of the release before outlasts the update.
    let parameters = [("0", "600"), ("30", "60")].map(|(days, window)| parameters("127.0.0.1/32", days, window));
    update::from(before.as_ref().unwrap_or(&stack), &stack, &inbox, parameters.each_ref().map(Vec::as_slice));
    stack.delete();
    assert_eq!(inventory(&emulator), nothing, "something is left of what was updated");
}

fn what_a_user_does_works(
    stack: &Stack<'_>,
    [inbox, later, chats, pages]: [&Inbox<'_>; 4],
    subscribers: &[Subscriber<'_>],
) {
    let mut parameters = parameters("127.0.0.1/32,192.0.2.0/24", "0", "30");
    // The release before does not know the lists.
    parameters.push(("Dashboard", "on"));
    parameters.extend([("AlertEmails", "first@example.com,second@example.com"), ("AlertPhones", "+12025550102")]);
    stack.deploy(&parameters);
    everybody_named_is_subscribed(stack);
    inbox.subscribe(stack, &["AlertsTopic", "UrgentTopic"], &json!({}));
    chats.subscribe(stack, &["ChatTopic"], &json!({}));
    pages.subscribe(stack, &["PagesTopic"], &json!({}));
    subscribers.iter().for_each(|subscriber| subscriber.subscribe(stack));
    let api = &stack.api();
    each_family_is_stored_and_read_back(api);
    a_repeat_is_told_from_a_new_delivery(api);
    a_call_has_both_legs_and_an_entity_has_its_events(api);
    an_event_is_found_by_the_number_that_its_user_shows(api);
    both_readers_have_their_filter(stack.emulator(), stack);
    a_failure_is_alerted_once_on_each_topic(api, stack, [inbox, chats, pages]);
    what_else_fails_alike_is_summed_up(api, stack, inbox);
    subscribers.iter().for_each(|subscriber| subscriber.gets_what_it_chose(api));
    replay::feeds_a_later_consumer(stack, api, later);
    bytes_that_are_no_text_are_quarantined_as_they_came(api);
    the_probe_is_answered(api);
    timed("the spool", || spool::takes_what_the_table_does_not(stack, api));
    who_has_no_right_is_refused(api);
    what_is_not_there_is_told(api);
    a_check_passes_and_its_test_alert_comes(stack, api, [inbox, chats]);
    timed("the subscription", || renewal::renews_itself(stack, inbox, &parameters));
    timed("the restore", || restore::brings_everything_back(stack, api, &parameters));
}

fn everybody_named_is_subscribed(stack: &Stack<'_>) {
    let expected = [
        ("AlertsTopic", "alerts@example.com first@example.com second@example.com"),
        ("UrgentTopic", "+12025550101 +12025550102"),
    ];
    for (topic, expected) in expected {
        let question = json!({"TopicArn": stack.resource(topic)});
        let subscribed = stack.emulator().aws("sns", "list_subscriptions_by_topic", &question);
        let mut endpoints: Vec<_> =
            subscribed["Subscriptions"].as_array().unwrap().iter().map(|one| &one["Endpoint"]).collect();
        endpoints.sort_by_key(|endpoint| endpoint.to_string());
        assert_eq!(json!(endpoints), json!(expected.split(' ').collect::<Vec<_>>()), "{topic}");
    }
}

fn a_changed_parameter_comes_into_force(stack: &Stack<'_>) {
    stack.deploy(&parameters("192.0.2.0/24", "30", "30"));
    let api = &stack.api();
    new_events_expire(stack.emulator(), stack, api);
    the_policy_refuses_an_address_before_a_function_sees_it(api);
    no_log_shows_a_token_and_the_metrics_are_there(stack.emulator(), stack);
}

fn token_of(route: &str) -> &'static str {
    if route.contains("onsip") { ONSIP_TOKEN } else { OPENTACT_TOKEN }
}

/// Delivers a sample as its provider would.
fn deliver(api: &Api, name: &str) -> Answer {
    let route = route(name);
    api.post(&format!("{route}?token={}", token_of(route)), &sample(name))
}

fn each_family_is_stored_and_read_back(api: &Api) {
    for (name, family) in [
        ("onsip-call.dialog.created", "call"),
        ("onsip-app.attendant-menu.started", "app"),
        ("opentact-sms-smso-success", "sms"),
        ("opentact-tn_order-success", "account"),
        ("opentact-transcript", "other"),
    ] {
        let answer = deliver(api, name);
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("stored")), "{name}: {answer:?}");
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let event = read(api, &format!("/events/{id}"));
        assert_eq!((&event["id"], &event["family"]), (&json!(id), &json!(family)), "{event}");
        let body = api.get(&format!("/events/{id}/body"), READ_TOKEN);
        assert_eq!(body.body, sample(name), "the bytes as they came");
    }
}

fn a_repeat_is_told_from_a_new_delivery(api: &Api) {
    let answer = deliver(api, "onsip-call.dialog.created");
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("duplicate")), "{answer:?}");
}

fn a_call_has_both_legs_and_an_entity_has_its_events(api: &Api) {
    let mut call = Value::Null;
    for name in names().iter().filter(|name| name.starts_with("opentact-call_state-") && name.ends_with("-answered")) {
        let answer = deliver(api, name);
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        call = read(api, &format!("/events/{}", answer.json()["id"].as_str().unwrap()))["call"].clone();
    }
    let path = format!("/calls/{}", call.as_str().unwrap());
    // What joins legs is written behind the stream.
    wait::until("the call has both legs", || (read(api, &path)["legs"].as_array()?.len() == 2).then_some(()));

    let alice = read(api, &format!("/events?entity={}", escape("sip_user:alice@example.onsip.com")));
    assert_eq!(alice["items"][0]["type"], "call.dialog.created", "{alice}");
    let caller = json!("sip_user:alice@example.onsip.com/outbound_call");
    assert!(alice["items"][0]["entities"].as_array().unwrap().contains(&caller), "{alice}");
}

fn an_event_is_found_by_the_number_that_its_user_shows(api: &Api) {
    let path = format!("/events?entity={}", escape("phone_number:12025550111"));
    let event = wait::until("index has written the row", || read(api, &path)["items"].get(0).cloned());
    assert_eq!((&event["family"], &event["provider"]), (&json!("call"), &json!("opentact")), "{event}");
}

/// Each reader of the stream has its mapping, which lets events through.
fn both_readers_have_their_filter(emulator: &Emulator, stack: &Stack<'_>) {
    for function in ["NotifyFunction", "IndexFunction"] {
        let question = json!({"FunctionName": stack.resource(function)});
        let mappings = emulator.aws("lambda", "list_event_source_mappings", &question);
        let [mapping] = mappings["EventSourceMappings"].as_array().unwrap().as_slice() else {
            panic!("{function}: {mappings}");
        };
        assert!(mapping["EventSourceArn"].as_str().unwrap().contains("/stream/"), "{mapping}");
        let filters = mapping["FilterCriteria"]["Filters"].as_array().unwrap();
        assert!(filters.iter().any(|filter| filter["Pattern"] == EVENTS), "{mapping}");
    }
}

fn a_failure_is_alerted_once_on_each_topic(api: &Api, stack: &Stack<'_>, [inbox, chats, pages]: [&Inbox<'_>; 3]) {
    for _ in 0..2 {
        assert_eq!(deliver(api, "opentact-call_state-in-failed-insufficient-balance").status, 200);
    }
    let messages = inbox.take(2);
    for topic in ["AlertsTopic", "UrgentTopic"] {
        let arn = stack.resource(topic);
        let of_topic: Vec<_> = messages.iter().filter(|message| message["TopicArn"] == arn).collect();
        assert_eq!(of_topic.len(), 1, "{topic}: {messages:?}");
        assert!(of_topic[0]["Message"].as_str().unwrap().to_lowercase().contains("balance"), "{messages:?}");
    }
    let mail = messages.iter().find(|message| message["TopicArn"] == stack.resource("AlertsTopic")).unwrap();
    console::opens_by_the_link_of(mail["Message"].as_str().unwrap(), api);
    let [page] = pages.take(1).try_into().unwrap();
    let alarm = forms::page(page["Message"].as_str().unwrap());
    assert_eq!((&alarm["NewStateValue"], &alarm["AlarmActions"][0]), (&json!("ALARM"), &page["TopicArn"]));
    let [chat] = chats.take(1).try_into().unwrap();
    let shown = forms::chat(chat["Message"].as_str().unwrap());
    assert_eq!(
        (&shown["content"]["title"], &chat["TopicArn"]),
        (&mail["Subject"], &json!(stack.resource("ChatTopic")))
    );
}

fn what_else_fails_alike_is_summed_up(api: &Api, stack: &Stack<'_>, inbox: &Inbox<'_>) {
    assert_eq!(deliver(api, "opentact-sms-smso-failed-insufficient-balance").status, 200);
    // The window's end, and up to a minute until the schedule sees it.
    let messages = inbox.take(1);
    assert_eq!(messages[0]["TopicArn"], stack.resource("AlertsTopic"), "a summary wakes nobody: {messages:?}");
    assert!(messages[0]["Message"].as_str().unwrap().starts_with("1 more call or message failed"), "{messages:?}");
}

fn bytes_that_are_no_text_are_quarantined_as_they_came(api: &Api) {
    let bytes = b"{\"id\":\"\xff\xfe\x00\xc3\x28\"";
    let answer = api.post(&format!("/webhooks/onsip/call?token={ONSIP_TOKEN}"), bytes);
    assert_eq!((answer.status, &answer.json()["status"]), (202, &json!("quarantined")), "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let kept = api.get(&format!("/quarantine/{id}"), READ_TOKEN);
    assert_eq!((kept.status, kept.body.as_slice()), (200, bytes.as_slice()), "{kept:?}");
    assert_eq!(read(api, "/quarantine")["items"][0]["id"], json!(id));
}

fn the_probe_is_answered(api: &Api) {
    for body in [&b"{}"[..], b""] {
        let answer = api.post(&format!("/webhooks/onsip/call?token={ONSIP_TOKEN}"), body);
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "ready"})), "{answer:?}");
    }
}

fn who_has_no_right_is_refused(api: &Api) {
    let body = sample("opentact-sms-smso-success");
    let right = format!("/webhooks/opentact/sms?token={OPENTACT_TOKEN}");
    let elsewhere = [("x-forwarded-for", "198.51.100.7")];
    for (what, answer, status) in [
        ("no token", api.post("/webhooks/opentact/sms", &body), 401),
        ("a wrong token", api.post("/webhooks/opentact/sms?token=wrong", &body), 401),
        ("the other provider's token", api.post(&format!("/webhooks/onsip/call?token={OPENTACT_TOKEN}"), &body), 401),
        ("a wrong address", api.send("POST", &right, &elsewhere, &body), 403),
        ("a provider's token reads", api.get("/events?day=2026-11-02", ONSIP_TOKEN), 401),
    ] {
        is_problem(what, &answer, status);
    }
}

fn what_is_not_there_is_told(api: &Api) {
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = api.send(method, "/webhooks/onsip/call", &[], b"");
        is_problem(method, &answer, 405);
        assert_eq!(answer.header("allow"), "POST", "{answer:?}");
    }
    assert_eq!(api.send("HEAD", "/webhooks/onsip/call", &[], b"").status, 405);
    // From API Gateway itself.
    is_problem("a path that is not there", &api.post("/webhooks/onsip/fax", b"{}"), 404);
    is_problem("an event that is not there", &api.get("/events/onsip.none~0~0", READ_TOKEN), 404);
}

fn is_problem(what: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}: {answer:?}");
    let problem = answer.json();
    assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status)), "{what}");
}

fn a_check_passes_and_its_test_alert_comes(stack: &Stack<'_>, api: &Api, [inbox, chats]: [&Inbox<'_>; 2]) {
    let reader = api.send("POST", "/alerts/test", &[("authorization", &format!("Bearer {READ_TOKEN}"))], b"");
    is_problem("a reader", &reader, 401);
    chats.take_rest();
    timed("check", || check::passes(stack));
    for ways in [inbox, chats] {
        let message = ways.take_scheduled();
        assert!(message["Message"].as_str().unwrap().to_lowercase().contains("test"), "{message}");
    }
}

fn new_events_expire(emulator: &Emulator, stack: &Stack<'_>, api: &Api) {
    assert_eq!(deliver(api, "onsip-call.dialog.confirmed").status, 200);
    let question = json!({"TableName": stack.resource("EventsTable"), "FilterExpression": "attribute_exists(expires)"});
    let found = emulator.aws("dynamodb", "scan", &question);
    assert_ne!(found["Count"], 0, "the changed retention is not in force");
}

fn the_policy_refuses_an_address_before_a_function_sees_it(api: &Api) {
    // The function would take this address; the policy looks at the connection's own, 127.0.0.1.
    let path = format!("/webhooks/opentact/sms?token={OPENTACT_TOKEN}");
    let answer = api.send("POST", &path, &[("x-forwarded-for", OPENTACT_ADDRESS)], b"{}");
    is_problem("an address outside the policy", &answer, 403);
    assert_eq!(answer.json()["detail"], "This address may not send requests here.");
    assert_eq!(
        api.post(&format!("/webhooks/onsip/call?token={ONSIP_TOKEN}"), b"{}").status,
        200,
        "OnSIP has no such rule"
    );
}

fn no_log_shows_a_token_and_the_metrics_are_there(emulator: &Emulator, stack: &Stack<'_>) {
    let mut all = String::new();
    for function in ["Call", "Sms", "App", "Account", "Query", "Console", "Notify", "Index", "Drain"] {
        let question = json!({"logGroupName": stack.resource(&format!("{function}LogGroup"))});
        for event in emulator.aws("logs", "filter_log_events", &question)["events"].as_array().unwrap() {
            all.push_str(event["message"].as_str().unwrap());
        }
    }
    for token in [ONSIP_TOKEN, OPENTACT_TOKEN, READ_TOKEN, OPERATOR_TOKEN] {
        assert!(!all.contains(token), "a log shows a token");
    }
    for part in [
        "CloudWatchMetrics",
        "\"Deliveries\"",
        "\"Refused\"",
        "quarantined",
        "duplicate",
        "starts",
        "\"Calls\"",
        "\"FailedCalls\"",
    ] {
        assert!(all.contains(part), "no log shows {part}");
    }
}

/// All that a stack could leave behind.
fn inventory(emulator: &Emulator) -> Vec<(&'static str, Value)> {
    [
        ("dynamodb", "list_tables", "TableNames"),
        ("lambda", "list_functions", "Functions"),
        ("lambda", "list_event_source_mappings", "EventSourceMappings"),
        ("logs", "describe_log_groups", "logGroups"),
        ("sns", "list_topics", "Topics"),
        ("sqs", "list_queues", "QueueUrls"),
        ("iam", "list_roles", "Roles"),
        ("events", "list_rules", "Rules"),
        ("cloudwatch", "describe_alarms", "MetricAlarms"),
        ("cloudwatch", "list_dashboards", "DashboardEntries"),
        ("apigateway", "get_rest_apis", "items"),
    ]
    .map(|(service, operation, list)| (operation, emulator.aws(service, operation, &json!({}))[list].clone()))
    .to_vec()
}
