//! Lists: newest first, page by page, nothing lost and nothing twice.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::http::escape;
use tests::stack::{self, Stack};

/// Several pages, the last of them not full, and more than there are write shards.
const MANY: usize = 60;
const LIMIT: usize = 9;

fn fill(stack: &Stack, tag: &str) -> Vec<String> {
    let store = |n: usize| {
        let answer = stack.post("/webhooks/onsip/call", stack::onsip("call.dialog.created", &format!("{tag}-{n}")));
        answer.json()["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    };
    (0..MANY).map(store).collect()
}

/// Every page of a list; `between` runs after the first.
fn pages(stack: &Stack, path: &str, mut between: impl FnMut()) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = stack.read(&format!("{path}&limit={LIMIT}{cursor}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = answer.json();
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() == LIMIT || page["next"].is_null(), "{path}: a short page that is not the last");
        pages.push(items);
        if pages.len() == 1 {
            between();
        }
        assert!(pages.len() < 2 * MANY, "a cursor that never ends");
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={}", escape(next)),
            None => return pages,
        }
    }
}

#[test]
fn every_list_shows_what_was_there_at_its_first_page_once_and_newest_first() {
    let stack = Stack::start();
    let mut expected = fill(&stack, "before");
    let today = stack.event(&expected[0])["receivedAt"].as_str().unwrap()[..10].to_owned();
    // A test can run at midnight: what was received after it is another day's.
    let same_day = |id: &String| stack.event(id)["receivedAt"].as_str().unwrap().starts_with(&today);
    for (round, path) in [
        format!("/events?day={today}"),
        "/events?entity=sip_user%3Aalice%40example.onsip.com".to_owned(),
        "/events?entity=sip_domain%3Aexample.onsip.com".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let mut late = Vec::new();
        let pages = pages(&stack, &path, || late = fill(&stack, &format!("late-{round}")));
        assert!(pages.len() >= MANY / LIMIT, "{path}: {} pages", pages.len());
        let items: Vec<_> = pages.into_iter().flatten().collect();
        let shown: Vec<_> = items.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        let distinct: BTreeSet<_> = shown.iter().cloned().collect();
        assert_eq!(distinct.len(), shown.len(), "{path}: shown twice");
        let lost: Vec<_> = expected.iter().filter(|id| !distinct.contains(*id) && same_day(id)).collect();
        assert!(lost.is_empty(), "{path}: lost {lost:?}");
        let times: Vec<_> = items.iter().map(|event| event["receivedAt"].as_str().unwrap().to_owned()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "{path}: newest first");
        expected.extend(late);
    }
}

#[test]
fn a_day_of_nothing_is_an_empty_list() {
    let stack = Stack::start();
    let answer = stack.read("/events?day=2020-02-29");
    assert_eq!(
        answer.json(),
        serde_json::json!({"items": [], "next": null, "readTo": "2020-02-29T00:00:00Z", "names": {}})
    );
}
