//! What the console's views show: the API's lists with its filters, hostile text as text, and files.

use jiff::{SignedDuration, Timestamp};
use regex_lite::Regex;
use serde_json::json;
use tests::http::escape;
use tests::stack::{self, READ_TOKEN, Stack};

use super::console::{page, text};

/// The rows of a list: their ids.
fn rows(stack: &Stack, path: &str) -> Vec<String> {
    let answer = page(stack, READ_TOKEN, path);
    let shown = text(&answer);
    assert_eq!(answer.status, 200, "{path}: {shown}");
    Regex::new("<tr data-id=\"([^\"]+)\"").unwrap().captures_iter(&shown).map(|row| row[1].to_owned()).collect()
}

/// The ids of the API's list.
fn listed(stack: &Stack, path: &str) -> Vec<String> {
    stack.list(path).iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn deliver(stack: &Stack) {
    for seed in ["one", "two", "three"] {
        for state in ["init", "ringing"] {
            assert_eq!(stack.post("/webhooks/opentact/call", stack::opentact_call(seed, state)).status, 200);
        }
    }
    assert_eq!(stack.post("/webhooks/opentact/call", stack::failed_call("four")).status, 200);
}

#[test]
fn a_list_has_what_the_api_lists_with_the_same_filters() {
    let stack = Stack::start();
    deliver(&stack);
    let ago = |hours| escape(&(Timestamp::now() - SignedDuration::from_hours(hours)).to_string());
    for (shown, asked, number) in [
        ("", String::new(), 7),
        ("?status=failed", "?status=failed".to_owned(), 1),
        ("?class=any&last=any", "?class=any".to_owned(), 1),
        ("?family=call&last=1h", format!("?family=call&from={}", ago(1)), 7),
        ("?family=sms&last=7d", format!("?family=sms&from={}", ago(7 * 24)), 0),
    ] {
        let found = rows(&stack, &format!("/console/events{shown}"));
        assert_eq!(found, listed(&stack, &format!("/events{asked}")), "{shown}");
        assert_eq!(found.len(), number, "{shown}");
    }
}

#[test]
fn a_form_that_is_filled_in_partly_leads_to_the_lists_one_address() {
    let stack = Stack::start();
    let sent = page(&stack, READ_TOKEN, "/console/events?entity=&type=&family=call&last=1h&from=");
    assert_eq!((sent.status, sent.header("location")), (303, "?family=call&last=1h"));
    assert_eq!(page(&stack, READ_TOKEN, "/console/events?family=call&last=1h").status, 200);
}

#[test]
fn a_list_goes_on_where_its_page_ended_until_all_came_once() {
    let stack = Stack::start();
    deliver(&stack);
    let (mut path, mut found) = ("/console/events?limit=3".to_owned(), Vec::new());
    let next = Regex::new("<a class=\"next\" rel=\"next\" href=\"([^\"]+)\"").unwrap();
    loop {
        found.extend(rows(&stack, &path));
        let shown = text(&page(&stack, READ_TOKEN, &path));
        let Some(link) = next.captures(&shown) else { break };
        path = format!("/console/events{}", link[1].replace("&amp;", "&"));
        assert!(path.contains("from=") && !path.contains("last="), "the next page is of the same time: {path}");
    }
    assert_eq!(found, listed(&stack, "/events"));
}

#[test]
fn the_file_of_a_list_has_all_of_it_as_the_api_writes_it() {
    let stack = Stack::start();
    deliver(&stack);
    let file = page(&stack, READ_TOKEN, "/console/events.csv?limit=1");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"events.csv\"");
    assert!(file.header("content-type").starts_with("text/csv"), "{file:?}");
    let headers = [("authorization", stack::bearer(READ_TOKEN)), ("accept", "text/csv".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(file.body, stack.client().send("GET", "/events", &headers, b"").body);
}

#[test]
fn hostile_text_is_text_in_every_view() {
    let stack = Stack::start();
    let hostile = "\"><img src=x onerror=alert(1)>\u{202e}gnp.\u{0}</title><script>";
    let event = json!({
        "id": "hostile", "streamId": "hostile", "subscriptionId": "300", "type": "call.dialog.created",
        "createdAt": Timestamp::now().to_string(),
        "payload": {"callId": hostile, "fromUri": hostile, "toUri": format!("{hostile}{}", "x".repeat(100_000))},
    });
    let stored = stack.post("/webhooks/onsip/call", event.to_string());
    let id = stored.json()["id"].as_str().unwrap().to_owned();
    let call = id.split('~').next().unwrap();
    for path in [
        "/console/events",
        &format!("/console/events/{id}"),
        &format!("/console/calls/{call}"),
        &format!("/console/search?q={}", escape(hostile)),
        &format!("/console/events?type={}", escape(hostile)),
        &format!("/console/calls?entity={}", escape(hostile)),
        &format!("/console/entity?entity={}", escape(hostile)),
        &format!("/console/events?{}=1", escape(hostile)),
        &format!("/console/events?last={}", escape(hostile)),
    ] {
        let shown = text(&page(&stack, READ_TOKEN, path));
        assert!(shown.contains("</html>") || shown.ends_with("</body>"), "{path}: a whole page");
        for acts in ["<img", "<script>", "\u{202e}", "\u{0}", "</title><"] {
            assert_eq!(shown.matches(acts).count(), usize::from(acts == "</title><"), "{path}: {acts} in {shown}");
        }
    }
    let shown = text(&page(&stack, READ_TOKEN, &format!("/console/events/{id}")));
    assert!(shown.contains("&lt;img src=x onerror=alert(1)&gt;[U+202E]gnp.[U+0000]"), "{shown}");
    assert!(shown.len() < 20_000, "{} bytes", shown.len());
}

#[test]
fn a_body_is_given_as_the_api_gives_it() {
    let stack = Stack::start();
    let id = stack.deliver("onsip-call.dialog.created").json()["id"].as_str().unwrap().to_owned();
    let (here, there) =
        (page(&stack, READ_TOKEN, &format!("/console/events/{id}/body")), stack.read(&format!("/events/{id}/body")));
    assert_eq!((here.status, &here.body), (200, &there.body));
    for name in ["content-type", "content-security-policy", "x-content-type-options", "content-disposition"] {
        assert_eq!(here.header(name), there.header(name), "{name}");
    }
}

#[test]
fn the_search_leads_to_what_was_typed() {
    let stack = Stack::start();
    let id = stack.deliver("onsip-call.dialog.created").json()["id"].as_str().unwrap().to_owned();
    let call = id.split('~').next().unwrap();
    for (typed, leads) in [
        ("+1 202 555 0144", "../console/entity?entity=phone_number:12025550144".to_owned()),
        ("alice@example.com", "../console/entity?entity=sip_user:alice@example.com".to_owned()),
        (&id, format!("../console/events/{id}")),
        (call, format!("../console/calls/{call}")),
    ] {
        let answer = page(&stack, READ_TOKEN, &format!("/console/search?q={}", escape(typed)));
        assert_eq!((answer.status, answer.header("location")), (303, leads.as_str()), "{typed}");
    }
}

#[test]
fn a_view_without_anything_to_show_says_why_and_what_to_do() {
    let stack = Stack::start();
    for (path, status, said) in [
        ("/console", 200, "Nothing has come yet"),
        ("/console/events", 200, "Nothing has come yet"),
        ("/console/events?last=15m", 200, "Nothing came in that time"),
        ("/console/events?class=busy", 200, "or leave a filter out"),
        ("/console/events?status=failed", 200, "Nothing matches"),
        ("/console/quarantine", 200, "Nothing is in quarantine"),
        ("/console/search?q=nobody", 200, "Nothing matches"),
        ("/console/calls/opentact.call.none", 404, "There is no such thing here"),
        ("/console/calls?outcome=bussy", 400, "That can&#39;t be asked"),
        ("/console/events?from=2020-01-01T00:00", 400, "That can&#39;t be asked"),
        ("/console/events?unknown=1", 400, "That can&#39;t be asked"),
        ("/console/entity", 400, "That can&#39;t be asked"),
    ] {
        let answer = page(&stack, READ_TOKEN, path);
        assert_eq!(answer.status, status, "{path}");
        let shown = text(&answer);
        assert!(shown.contains(said) || shown.contains(&said.replace("&#39;", "'")), "{path}: {shown}");
    }
}
