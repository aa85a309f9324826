//! Names that an operator gives to entities.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use tests::http::Answer;
use tests::proxy::{Exchange, Proxy};
use tests::stack::{self, OPERATOR_TOKEN, READ_TOKEN, Stack};
use tests::wait;

/// Gives names as an operator, an empty one to take one away.
pub(super) fn give(stack: &Stack, names: &[(&str, &str)]) -> Answer {
    let items: Vec<_> = names.iter().map(|(entity, name)| json!({"entity": entity, "name": name})).collect();
    let headers = [("authorization", &*stack::bearer(OPERATOR_TOKEN))];
    stack.client().send("POST", "/names/import", &headers, json!({ "items": items }).to_string().as_bytes())
}

fn listed(stack: &Stack, path: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    stack.list(path).iter().map(|named| (text(&named["entity"]), text(&named["name"]))).collect()
}

#[test]
fn names_are_given_changed_and_taken_away_and_listed_in_the_order_of_their_entities() {
    let stack = Stack::start();
    let all: Vec<_> = (0..70).map(|nth| (format!("phone_number:120255501{nth:02}"), format!("Desk {nth}"))).collect();
    let given: Vec<_> = all.iter().map(|(entity, name)| (entity.as_str(), name.as_str())).collect();
    assert_eq!(give(&stack, &given).json(), json!({"status": "given", "names": 70}));
    let others =
        [("sip_user:sip:bob@Example.com", "Bob"), ("account:a1", "Main"), ("phone_number:+1 202 555 0100", "Lobby")];
    assert_eq!(give(&stack, &others).status, 200);
    assert_eq!(give(&stack, &[("phone_number:12025550101", " ")]).status, 200);

    let pair = |entity: &str, name: &str| (entity.to_owned(), name.to_owned());
    let rest = all.iter().skip(2).cloned();
    let expected: Vec<_> = [pair("account:a1", "Main"), pair("phone_number:12025550100", "Lobby")]
        .into_iter()
        .chain(rest)
        .chain([pair("sip_user:bob@example.com", "Bob")])
        .collect();
    for limit in [1, 7, 50, 71, 72, 100] {
        assert_eq!(listed(&stack, &format!("/names?limit={limit}")), expected, "{limit}");
    }
    let desks: Vec<_> = expected.iter().filter(|(_, name)| name.starts_with("Desk 1")).cloned().collect();
    assert_eq!(listed(&stack, "/names?contains=DESK%201&limit=3"), desks);
    assert_eq!(listed(&stack, "/names?contains=nobody"), []);
    assert_eq!(stack.read("/names?cursor=x").status, 400);
}

#[test]
fn where_one_name_is_wrong_none_is_given_and_only_an_operator_gives_any() {
    let stack = Stack::start();
    let long = "x".repeat(100_000);
    for (entity, name, told) in [
        ("account:a", long.as_str(), "items[1].name: longer than 80 characters"),
        ("account:a", "a\u{202e}b", "items[1].name: with a character that nobody sees, U+202E"),
        ("account:a", "a\0", "items[1].name: with a character"),
        ("account:b", "again", "items[1].entity: given a name already"),
        ("alice", "Alice", "items[1].entity: an entity is written kind:value"),
    ] {
        let answer = give(&stack, &[("account:b", "B"), (entity, name)]);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(told), "{answer:?}");
    }
    let body = json!({"items": [{"entity": "account:b", "name": "B"}]}).to_string();
    let headers = [("authorization", &*stack::bearer(READ_TOKEN))];
    assert_eq!(stack.client().send("POST", "/names/import", &headers, body.as_bytes()).status, 401);
    assert_eq!(listed(&stack, "/names"), []);
}

#[test]
fn a_hostile_name_stays_the_text_that_it_is() {
    let stack = Stack::start();
    let names =
        ["<img src=x onerror=alert(1)>", "=HYPERLINK(\"https://example.com\")", "O'Neil, \"Al\"; --", "{\"a\": 1}"];
    let entities: Vec<_> = (0..names.len()).map(|nth| format!("account:{nth}")).collect();
    let given: Vec<_> = entities.iter().map(String::as_str).zip(names).collect();
    assert_eq!(give(&stack, &given).status, 200);
    assert_eq!(listed(&stack, "/names").into_iter().map(|(_, name)| name).collect::<Vec<_>>(), names);
    let headers = [("authorization", &*stack::bearer(READ_TOKEN)), ("accept", "text/csv")];
    let answer = stack.client().send("GET", "/names?limit=2", &headers, b"");
    let expected = "entity,name\r\naccount:0,<img src=x onerror=alert(1)>\r\n\
                    account:1,\"'=HYPERLINK(\"\"https://example.com\"\")\"\r\n";
    assert_eq!(String::from_utf8_lossy(&answer.body), expected);
    assert!(answer.header("link").contains("cursor=account%3A1"), "{answer:?}");
}

/// A caller and the number called.
const WHO: [(&str, &str); 2] = [("phone_number:12025550101", "Smith, \"Al\""), ("phone_number:12025550150", "=1+1")];

#[test]
fn the_names_of_the_entities_in_an_answer_stand_in_it_once() {
    let stack = Stack::start();
    let id = stack.post("/webhooks/opentact/call", stack::opentact_call("named", "failed")).json()["id"].clone();
    let id = id.as_str().unwrap();
    let call = "/calls/opentact.call.named";
    let lists = ["/events?limit=1", "/calls?limit=1"];
    wait::until("the call is listed", || (stack.list("/calls").len() == 1).then_some(()));
    for path in lists.into_iter().chain([call, &format!("/events/{id}"), "/stats/top"]) {
        assert_eq!(stack.read(path).json()["names"], json!({}), "{path}");
    }
    assert_eq!(give(&stack, &WHO).status, 200);
    assert_eq!(give(&stack, &[("account:unknown", "Nobody")]).status, 200);
    let parties = json!({WHO[0].0: WHO[0].1, WHO[1].0: WHO[1].1});
    for path in lists.into_iter().chain([call, &format!("/events/{id}")]) {
        assert_eq!(stack.read(path).json()["names"], parties, "{path}");
    }
    for list in lists {
        let headers = [("authorization", &*stack::bearer(READ_TOKEN)), ("accept", "text/csv")];
        let answer = stack.client().send("GET", list, &headers, b"");
        let mut rows = csv::Reader::from_reader(answer.body.as_slice());
        let row: HashMap<String, String> = rows.deserialize().next().unwrap().unwrap();
        assert_eq!((row["fromName"].as_str(), row["toName"].as_str()), (WHO[0].1, "'=1+1"), "{list}");
    }
}

#[test]
fn whose_calls_fail_most_is_told_with_the_name() {
    let stack = Stack::start();
    assert_eq!(stack.deliver("opentact-call_state-in-failed-insufficient-balance").status, 200);
    let scope = wait::until("the failure is counted", || {
        stack.read("/stats/top").json()["items"][0]["scope"].as_str().map(str::to_owned)
    });
    assert_eq!(give(&stack, &[(&scope, "Main street"), ("account:unknown", "Nobody")]).status, 200);
    assert_eq!(stack.read("/stats/top").json()["names"], json!({scope: "Main street"}));
}

#[test]
fn a_name_stands_for_its_entity_and_must_be_that_of_one() {
    let stack = Stack::start();
    for seed in ["one", "two"] {
        assert_eq!(stack.post("/webhooks/opentact/call", stack::opentact_call(seed, "failed")).status, 200);
    }
    assert_eq!(stack.post("/webhooks/onsip/call", stack::onsip("call.dialog.created", "other")).status, 200);
    let names = [("phone_number:12025550101", "Front Desk"), ("account:a", "Front desk 2"), ("account:b", "Twins")];
    assert_eq!(give(&stack, &names).status, 200);
    assert_eq!(give(&stack, &[("account:c", "twins")]).status, 200);
    wait::until("the calls are listed", || (stack.list("/calls").len() == 3).then_some(()));
    for path in ["/events?", "/calls?", "/stats?group=outcome&"] {
        let items = |filter: &str| stack.read(&format!("{path}{filter}")).json()["items"].clone();
        let found = items("name=%20front%20DESK");
        assert_eq!(found, items("entity=phone_number:12025550101"), "{path}");
        assert_ne!(found, items(""), "{path}");
        for (filter, told) in [
            ("name=Front", "name: no entity has it as a whole"),
            ("name=", "name: empty; give the whole name of an entity"),
            ("name=Twins", "name: 2 entities have it; give entity, such as account:b or account:c"),
            ("name=Nobody&entity=account:a", "name: that of an entity: give either it or entity"),
            ("name=Front%20desk&plan=nanp", "name: that of an entity: give either it or plan"),
        ] {
            let answer = stack.read(&format!("{path}{filter}"));
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(answer.status == 400 && detail.starts_with(told), "{path}{filter}: {detail}");
        }
    }
}

#[test]
fn calls_and_events_are_found_by_the_last_digits_of_a_number() {
    let stack = Stack::start();
    for seed in ["one", "two"] {
        assert_eq!(stack.post("/webhooks/opentact/call", stack::opentact_call(seed, "failed")).status, 200);
    }
    assert_eq!(stack.post("/webhooks/onsip/call", stack::onsip("call.dialog.created", "other")).status, 200);
    wait::until("the calls are listed", || (stack.list("/calls").len() == 3).then_some(()));
    for list in ["/events", "/calls"] {
        let found = |filter: &str| stack.list(&format!("{list}?{filter}")).len();
        for ends in ["0101", "01", "12025550101", "0150"] {
            assert_eq!(found(&format!("ends={ends}&limit=1")), 2, "{list} {ends}");
        }
        assert_eq!((found("ends=0102"), found("ends=0101&entity=phone_number:12025550150")), (0, 2), "{list}");
        assert_eq!(found("ends=0101&class=busy"), 0, "{list}");
        let [hour_ago, now] = [1, 0].map(|hours| jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours));
        assert_eq!(found(&format!("ends=0101&order=asc&from={hour_ago}")), 2, "{list}");
        assert_eq!(found(&format!("ends=0101&order=asc&from={now}")), 0, "{list}");
        for wrong in ["1", "", "01a", "0120255501201234", "+0101"] {
            let detail = stack.read(&format!("{list}?ends={wrong}")).json()["detail"].as_str().unwrap().to_owned();
            assert_eq!(detail, "ends: not 2 to 15 digits, such as 0120", "{list} {wrong}");
        }
    }
}

#[test]
fn an_alert_names_who_it_tells_of() {
    // Names are read at the first batch, and every five minutes.
    let stack = Stack::with(|options| options.every = Duration::from_secs(3_600));
    let names = [("phone_number:12025550144", "Front desk"), ("sip_user:alice@example.com", "Alice <b>")];
    assert_eq!(give(&stack, &names).status, 200);
    assert_eq!(stack.deliver("opentact-call_state-in-failed-insufficient-balance").status, 200);
    let told = |topic: &str| stack.published().into_iter().find(|message| message["topic"] == topic);
    let mail = wait::until("the failure is told", || told("AlertsTopic"));
    let text = mail["message"].as_str().unwrap();
    assert!(text.contains("+12025550144 (Front desk)") && text.contains("alice@example.com (Alice "), "{text}");
    let sms = wait::until("the failure is told by SMS", || told("UrgentTopic"));
    assert!(sms["message"].as_str().unwrap().contains("(Front desk)"), "{sms}");
    let event = wait::until("the event is published", || stack.published_events().pop());
    assert!(!event.to_string().contains("Front desk"), "{event}");
}

#[test]
fn where_nobody_has_a_name_none_is_looked_up_and_the_first_one_is_shown_at_once() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    proxy.meter();
    let id = stack.post("/webhooks/onsip/call", stack::onsip("call.dialog.created", "1")).json()["id"].clone();
    let read = || {
        let before = proxy.metered();
        let event = stack.read(&format!("/events/{}", id.as_str().unwrap())).json();
        let asked = proxy.metered_since(before).into_iter();
        // `notify` reads all of them now and then, a thousand at a time.
        let asked = asked
            .filter(|Exchange { request, .. }| request.to_string().contains("\"names\"") && request["Limit"] != 1_000);
        (event["names"].clone(), asked.map(|exchange| exchange.operation).collect::<Vec<_>>())
    };
    assert_eq!(read(), (json!({}), vec!["Query".to_owned()]));
    assert_eq!(read(), (json!({}), vec![]));
    let entity = "sip_user:alice@example.onsip.com";
    assert_eq!(give(&stack, &[(entity, "Alice")]).status, 200);
    assert_eq!(read(), (json!({entity: "Alice"}), vec!["BatchGetItem".to_owned()]));
}
