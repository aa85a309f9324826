//! What the console's views show: the API's lists with its filters, hostile text as text, and files.

use jiff::{SignedDuration, Timestamp};
use regex_lite::Regex;
use serde_json::json;
use tests::http::escape;
use tests::stack::{self, READ_TOKEN, Stack};
use tests::wait;

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
        &format!("/console/calls?entity=sip_user:{}", escape(hostile)),
        &format!("/console/calls?name={}", escape(hostile)),
        &format!("/console/entity?entity=sip_user:{}", escape(hostile)),
        &format!("/console/{}", escape(hostile)),
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
    let long = page(&stack, READ_TOKEN, &format!("/console/search?q={}", "a".repeat(30_000)));
    assert_eq!(long.status, 200);
    assert!(String::from_utf8(long.body).unwrap().contains("Nothing was found for"));
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
        ("/console/search?q=nobody", 200, "Nothing was found for"),
        ("/console/calls/opentact.call.none", 404, "There is no such thing here"),
        ("/console/calls?outcome=bussy", 400, "choose one of the list"),
        ("/console/events?from=2020-01-01T00:00", 400, "give a later one"),
        ("/console/events?unknown=1", 400, "There is no filter"),
        ("/console/entity", 400, "That can&#39;t be asked"),
    ] {
        let answer = page(&stack, READ_TOKEN, path);
        assert_eq!(answer.status, status, "{path}");
        let shown = text(&answer);
        assert!(shown.contains(said) || shown.contains(&said.replace("&#39;", "'")), "{path}: {shown}");
    }
}

#[test]
fn a_filter_that_is_wrong_is_told_beside_the_form_with_what_was_typed_and_in_its_words() {
    let stack = Stack::start();
    for (path, label, typed, said) in [
        ("calls?minTalk=abc&class=busy", "Talked at least", "value=\"abc\"", "not a number of seconds"),
        ("calls?minTalk=9&maxTalk=1", "Talked at least", "value=\"9\"", "more than \u{201c}Talked at most\u{201d}"),
        ("calls?outcome=bussy", "Outcome", "selected>bussy<", "choose one of the list"),
        ("calls?entity=sip_user:", "Concerns", "value=\"sip_user:\"", "a user (alice@example.com)"),
        ("calls?name=nobody", "Concerns, by name", "value=\"nobody\"", "Search for a part of it"),
        ("calls?at=nope", "Time is when Trunkline", "selected>nope<", "neither begun nor ended"),
        (
            "calls?from=2020-01-01T00:00",
            "From (UTC)",
            "value=\"2020-01-01T00:00\"",
            "more than 31 days before \u{201c}To\u{201d}",
        ),
        ("events?from=yesterday", "From (UTC)", "value=\"yesterday\"", "write one as 2026-01-31T17:00"),
        (
            "events?category=inbound_call",
            "In the role",
            "value=\"inbound_call\"",
            "fill in \u{201c}Concerns\u{201d}, too",
        ),
        ("calls?last=any", "Time", "<form method=\"get\">", "choose a length"),
        ("events?last=nope", "Time", "<form method=\"get\">", "such as 15m"),
        ("events?at=ended", "no filter <q><bdi>at</bdi></q>", "<form method=\"get\">", "Leave it out"),
    ] {
        let answer = page(&stack, READ_TOKEN, &format!("/console/{path}"));
        let shown = text(&answer);
        assert_eq!(answer.status, 400, "{path}");
        let form = shown.split("<details class=\"filters\" open>").nth(1).unwrap_or_default();
        for part in [label, typed, said, "role=\"alert\""] {
            assert!(form.contains(part), "{path}: {part} is missing: {form}");
        }
        let message = form.split("</p>").next().unwrap();
        assert!(!["minTalk", "maxTalk", "/names"].iter().any(|name| message.contains(name)), "{path}: {message}");
    }
    let figures = page(&stack, READ_TOKEN, "/console/failures?class=busy&last=any");
    assert_eq!(figures.status, 400);
    assert!(text(&figures).contains("not a time of figures"));
}

#[test]
fn the_field_for_an_entity_takes_what_the_search_takes() {
    let stack = Stack::start();
    for (typed, leads) in [
        ("entity=alice@example.com", "?entity=sip_user:alice@example.com"),
        ("entity=%2B1+202+555+0144&class=busy", "?class=busy&entity=phone_number:12025550144"),
        ("entity=sip:alice@example.com", "?entity=sip_user:alice@example.com"),
        ("own=example.com", "?own=sip_domain:example.com"),
        ("entity=0144", "?ends=0144"),
    ] {
        for list in ["calls", "events"] {
            let answer = page(&stack, READ_TOKEN, &format!("/console/{list}?{typed}"));
            assert_eq!((answer.status, answer.header("location")), (303, leads), "{list}?{typed}");
            assert_eq!(page(&stack, READ_TOKEN, &format!("/console/{list}{leads}")).status, 200, "{leads}");
        }
    }
    let page = page(&stack, READ_TOKEN, "/console/entity?entity=Front+desk");
    assert_eq!(page.header("location"), "?name=Front%20desk");
}

#[test]
fn the_search_finds_a_part_of_a_number_and_the_ids_of_legs_and_threads() {
    let stack = Stack::start();
    let call =
        stack.deliver("opentact-call_state-in-failed-insufficient-balance").json()["id"].as_str().unwrap().to_owned();
    let native = call.split('~').next().unwrap().strip_prefix("opentact.call.").unwrap();
    let searched = |typed: &str| page(&stack, READ_TOKEN, &format!("/console/search?q={}", escape(typed)));
    for typed in [native, &native.to_uppercase(), &format!("OPENTACT.CALL.{native}")] {
        assert_eq!(searched(typed).header("location"), format!("../console/calls/opentact.call.{native}"), "{typed}");
    }
    let number = wait::until("the call's record is written", || {
        let answer = searched("0144");
        (answer.status == 303).then(|| answer.header("location").to_owned())
    });
    assert_eq!(number, "../console/entity?entity=phone_number:12025550144");
    for (typed, looked) in [("9999", "in the calls of the last 7 days"), ("nobody-here", "of a leg and of a thread")] {
        let shown = text(&searched(typed));
        assert!(shown.contains(looked) && shown.contains("Type a number"), "{typed}: {shown}");
    }
}

#[test]
fn a_page_says_in_which_zone_its_times_are() {
    let stack = Stack::start();
    for path in ["/console", "/console/calls", "/console/events", "/console/alerts", "/console/menus", "/console/help"]
    {
        let shown = text(&page(&stack, READ_TOKEN, path));
        assert!(shown.contains("Times: <b data-zone>UTC</b>"), "{path}: {shown}");
    }
}

#[test]
fn where_no_page_is_the_console_says_so_and_where_to_go() {
    let stack = Stack::start();
    for (path, up) in [("/console/nowhere", "../"), ("/console/calls/a/b/c", "../../../../"), ("/console/a%2Fb", "../")]
    {
        let answer = page(&stack, READ_TOKEN, path);
        assert_eq!((answer.status, answer.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
        let shown = text(&answer);
        assert!(shown.contains("There is no such page"), "{path}: {shown}");
        assert!(shown.contains(&format!("href=\"{up}console/calls\"")), "{path}: {shown}");
    }
    for (path, leads) in [("/console/", "../console"), ("/console/calls/", "../../console/calls")] {
        let answer = page(&stack, READ_TOKEN, path);
        assert_eq!((answer.status, answer.header("location")), (303, leads), "{path}");
    }
}
