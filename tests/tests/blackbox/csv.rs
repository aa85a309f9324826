//! Lists as CSV: the rows of the JSON, as a reader of RFC 4180 takes them, whatever names a provider wrote.

use std::collections::HashMap;

use serde_json::Value;
use tests::samples::sample;
use tests::stack::{self, Stack};
use tests::wait;

use super::traffic;

/// Names that a spreadsheet would obey, or that would break rows and cells apart, and what stands in the cell.
const NAMES: [(&str, &str); 8] = [
    ("=HYPERLINK(\"https://example.com\",\"x\")", "'=HYPERLINK(\"https://example.com\",\"x\")"),
    ("@SUM(1+1)*cmd|' /C calc'!A0", "'@SUM(1+1)*cmd|' /C calc'!A0"),
    ("+1-555-0100 ext", "'+1-555-0100 ext"),
    ("-2+3", "'-2+3"),
    ("Smith, \"Al\"", "Smith, \"Al\""),
    ("one\r\ntwo\nthree", "one\r\ntwo\nthree"),
    ("\t=1+1", "'\t=1+1"),
    ("+12025550177", "+12025550177"),
];

type Row = HashMap<String, String>;

fn rows(text: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text);
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn get(stack: &Stack, path: &str) -> tests::http::Answer {
    let token = stack::bearer(stack::READ_TOKEN);
    let answer = stack.client().send("GET", path, &[("authorization", &token), ("accept", "text/csv")], b"");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/csv; charset=utf-8; header=present"),
        "{answer:?}"
    );
    answer
}

/// All rows of a list, page by page as the links lead.
fn all(stack: &Stack, path: &str) -> Vec<Row> {
    let (list, mut all, mut query) = (path.split('?').next().unwrap(), Vec::new(), path.to_owned());
    loop {
        let answer = get(stack, &query);
        all.extend(rows(&answer.body));
        let Some(next) = answer.header("link").strip_prefix('<') else { return all };
        query = format!("{list}{}", next.strip_suffix(">; rel=\"next\"").unwrap());
    }
}

/// What a row has under a heading, and where that is in the JSON.
fn same(row: &Row, item: &Value, places: &[(&str, &str)]) {
    for (heading, place) in places {
        let value = item.pointer(place).unwrap_or(&Value::Null);
        let expected = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let plain = row[*heading].strip_prefix('\'').unwrap_or(&row[*heading]);
        assert_eq!(plain, expected, "{heading} of {item}");
    }
}

#[test]
fn names_of_a_provider_break_no_row_and_are_no_formulas() {
    let stack = Stack::start();
    let mut expected = HashMap::new();
    for (nth, (name, cell)) in NAMES.iter().enumerate() {
        let mut body: Value = serde_json::from_slice(&stack::opentact_call(&format!("csv-{nth}"), "init")).unwrap();
        body["call"]["from"] = (*name).into();
        let id = stack.post("/webhooks/opentact/call", body.to_string()).json()["id"].as_str().unwrap().to_owned();
        // What is kept of it is what the JSON says.
        assert_eq!(stack.event(&id)["from"]["raw"], *name);
        expected.insert(id, *cell);
    }
    let list = "/events?entity=phone_number:12025550150&limit=3";
    let (rows, items) = (all(&stack, list), stack.list(list));
    assert_eq!(rows.len(), NAMES.len());
    for (row, item) in rows.iter().zip(&items) {
        assert_eq!(row["from"], expected[&row["id"]]);
        let places = [
            ("id", "/id"),
            ("receivedAt", "/receivedAt"),
            ("status", "/status"),
            ("type", "/type"),
            ("call", "/call"),
            ("leg", "/leg/id"),
            ("direction", "/leg/direction"),
            ("from", "/from/raw"),
            ("fromEntity", "/from/entity"),
            ("toEntity", "/to/entity"),
            ("class", "/failure/class"),
        ];
        same(row, item, &places);
        let entities: Vec<_> = item["entities"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert_eq!(row["entities"], entities.join("; "));
    }
    assert!(rows.iter().any(|row| row["fromEntity"] == "phone_number:12025550177"));
}

#[test]
fn calls_and_their_counts_have_the_rows_of_the_json() {
    let stack = Stack::start();
    let begun = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(10);
    for (provider, body) in (0..16).flat_map(|nth| traffic::scene(nth, begun)) {
        assert_eq!(stack.post(&format!("/webhooks/{provider}/call"), body.to_string()).status, 200);
    }
    let over = "/calls?limit=5&endedFrom=2026-01-01T00:00:00Z&entity=sip_domain:example.com";
    let over = over.replace("2026-01-01T00:00:00Z", &begun.to_string());
    let same_twice = || Some((stack.list(&over), all(&stack, &over), stack.list(&over)));
    let settled =
        || same_twice().filter(|(before, rows, after)| before.len() > 5 && before == after && !rows.is_empty());
    let (items, rows, _) = wait::until("the calls are over", settled);
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(&items) {
        let names =
            ["id", "version", "outcome", "direction", "startedAt", "endedAt", "ringSeconds", "talkSeconds", "attempts"];
        let places = names.map(|name| (name, format!("/{name}")));
        same(row, item, &places.each_ref().map(|(name, place)| (*name, place.as_str())));
        same(row, item, &[("fromEntity", "/from/entity"), ("class", "/failure/class"), ("cause", "/failure/code")]);
        let own = item["own"].as_array().unwrap().iter().map(|own| own["entity"].as_str().unwrap());
        assert_eq!(row["own"], own.collect::<Vec<_>>().join("; "));
    }
    let stats = &format!("/stats?group=outcome,class&entity=sip_domain:example.com&from={begun}");
    let (answer, counted) = (get(&stack, stats), stack.read(stats).json());
    assert_eq!(answer.header("trunkline-read-to"), counted["records"]["readTo"].as_str().unwrap());
    let items = counted["items"].as_array().unwrap();
    let rows = self::rows(&answer.body);
    assert!(rows.len() == items.len() && items.len() > 1, "{rows:?} {items:?}");
    for (row, item) in rows.iter().zip(items) {
        let names =
            ["at", "provider", "outcome", "class", "calls", "messages", "talkSeconds", "answeredShare", "events"];
        let places = names.map(|name| (name, format!("/{name}")));
        same(row, item, &places.each_ref().map(|(name, place)| (*name, place.as_str())));
    }
}

#[test]
fn alerts_have_the_rows_of_the_json_and_errors_stay_problem_documents() {
    let stack = Stack::start();
    let failed = sample("opentact-call_state-in-failed-insufficient-balance");
    assert_eq!(stack.post("/webhooks/opentact/call", failed).status, 200);
    let told = || Some(stack.list("/alerts")).filter(|all| !all.is_empty());
    let sent =
        |items: &Vec<Value>| items.iter().all(|item| item["transports"].to_string().matches("sent").count() == 4);
    let items = wait::until("the alert is sent", || told().filter(sent));
    let rows = all(&stack, "/alerts");
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(&items) {
        let names = ["id", "recordedAt", "subject", "class", "provider", "severity", "incident", "failures"];
        let places = names.map(|name| (name, format!("/{name}")));
        same(row, item, &places.each_ref().map(|(name, place)| (*name, place.as_str())));
        let ways = ["transports", "transportStates"].map(|column| row[column].as_str());
        assert_eq!(ways, ["email; sms; chat; pages", "sent; sent; sent; sent"]);
    }
    let token = stack::bearer(stack::READ_TOKEN);
    let wrong =
        stack.client().send("GET", "/events?limit=0", &[("authorization", &token), ("accept", "text/csv")], b"");
    assert_eq!((wrong.status, wrong.header("content-type")), (400, "application/problem+json"));
}
