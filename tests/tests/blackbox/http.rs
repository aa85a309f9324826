//! What the API says in HTTP beside its JSON: the next page, gzip, and whether it answers.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::json;
use shared::version::VERSION;
use tests::proxy::Proxy;
use tests::stack::{self, Stack};

#[test]
fn whether_the_api_answers_is_told_without_a_token_and_without_the_database() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    let before = proxy.seen();
    for token in ["", "wrong"] {
        let answer = stack.client().get("/healthz", token);
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok", "version": VERSION})));
    }
    assert_eq!(proxy.seen(), before);
    assert_eq!(stack.client().send("POST", "/healthz", &[], b"").status, 405);
}

#[test]
fn the_link_leads_from_page_to_page_as_the_cursor_does() {
    let stack = Stack::start();
    for n in 0..5 {
        assert_eq!(
            stack.post("/webhooks/opentact/call", stack::opentact_call(&format!("page-{n}"), "init")).status,
            200
        );
    }
    let (mut query, mut pages) = ("?limit=2&entity=phone_number%3A12025550150".to_owned(), Vec::new());
    loop {
        let answer = stack.read(&format!("/events{query}"));
        pages.push(answer.json()["items"].as_array().unwrap().len());
        let link = answer.header("link");
        let Some(next) = answer.json()["next"].as_str().map(str::to_owned) else {
            assert_eq!(link, "");
            break;
        };
        query = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        // Relative to the list's own address, whatever stage that has.
        assert!(
            query.starts_with('?') && query.contains(&format!("cursor={next}")) && query.contains("limit=2"),
            "{link}"
        );
    }
    assert_eq!(pages, [2, 2, 1]);
}

#[test]
fn an_answer_is_compressed_for_who_takes_gzip_unless_it_is_short_or_a_stored_body() {
    let stack = Stack::start();
    let mut id = String::new();
    for n in 0..5 {
        let body = stack::opentact_call(&format!("gzip-{n}"), "init");
        id = stack.post("/webhooks/opentact/call", body).json()["id"].as_str().unwrap().to_owned();
    }
    let get = |path: &str, encoding: &str| {
        let headers = [("authorization", stack::bearer(stack::READ_TOKEN)), ("accept-encoding", encoding.to_owned())];
        stack.client().send("GET", path, &headers.each_ref().map(|(name, value)| (*name, value.as_str())), b"")
    };
    let list = "/events?entity=phone_number:12025550150&to=2100-01-01T00:00:00Z&from=2020-01-01T00:00:00Z";
    let packed = get(list, "gzip");
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut text = String::new();
    GzDecoder::new(packed.body.as_slice()).read_to_string(&mut text).unwrap();
    let plain = get(list, "identity");
    assert_eq!(plain.header("content-encoding"), "");
    let items = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap()["items"].clone();
    assert_eq!(items(text.as_bytes()), items(&plain.body));
    for (path, encoding) in [(list, "gzip;q=0"), ("/healthz", "gzip"), (&format!("/events/{id}/body"), "gzip")] {
        assert_ne!(get(path, encoding).header("content-encoding"), "gzip", "{path}");
    }
}
