//! The console as a browser meets it: signing in, the headers of every answer, addresses that hold wherever the console is.

use std::collections::BTreeSet;

use regex_lite::Regex;
use shared::access::TokenDigest;
use tests::http::{Answer, resolved};
use tests::stack::{READ_TOKEN, Stack};

/// What only a page of the same origin sends.
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Signs in by the form, which leads there; None where the token is refused.
pub(super) fn signed_in(stack: &Stack, token: &str, to: &str) -> Option<(String, String)> {
    let form = format!("token={token}&to={}", tests::http::escape(to));
    let headers = [SAME_ORIGIN, ("content-type", "application/x-www-form-urlencoded")];
    let answer = stack.client().send("POST", "/console/sign-in", &headers, form.as_bytes());
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    (answer.status == 303).then(|| (cookie, answer.header("location").to_owned()))
}

/// A page as whoever is signed in with that token sees it.
pub(super) fn page(stack: &Stack, token: &str, path: &str) -> Answer {
    let (cookie, _) = signed_in(stack, token, "").unwrap();
    stack.client().send("GET", path, &[("cookie", &cookie)], b"")
}

pub(super) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[test]
fn the_form_signs_in_and_leads_where_the_link_pointed() {
    let stack = Stack::start();
    let link = "/console/calls?class=busy&last=7d";
    let form = text(&stack.client().send("GET", link, &[], b""));
    assert!(form.contains("name=\"token\"") && form.contains("action=\"../console/sign-in\""), "{form}");
    assert!(form.contains("value=\"console/calls?class=busy&amp;last=7d\""), "{form}");
    let (cookie, location) = signed_in(&stack, READ_TOKEN, "console/calls?class=busy&last=7d").unwrap();
    assert_eq!(location, "../console/calls?class=busy&last=7d");
    let shown = text(&stack.client().send("GET", link, &[("cookie", &cookie)], b""));
    assert!(shown.contains("<h1>Calls</h1>") && !shown.contains("name=\"token\""), "{shown}");
    assert_eq!(signed_in(&stack, READ_TOKEN, "//evil.example").unwrap().1, "../console");
}

#[test]
fn a_wrong_token_looks_like_none_and_a_wrong_cookie_like_no_cookie() {
    let stack = Stack::start();
    let post = |form: &str| {
        let answer = stack.client().send("POST", "/console/sign-in", &[SAME_ORIGIN], form.as_bytes());
        (answer.status, text(&answer), answer.header("set-cookie").to_owned())
    };
    assert_eq!(post("token=wrong"), post("to="));
    assert_eq!((post("token=wrong").0, post("token=wrong").2), (200, String::new()));
    let get = |cookie: &str| text(&stack.client().send("GET", "/console", &[("cookie", cookie)], b""));
    assert_eq!(get("trunkline=d3Jvbmc"), get("a=b"));
    // The API does not read the cookie, and the console reads nothing else.
    let (cookie, _) = signed_in(&stack, READ_TOKEN, "").unwrap();
    assert_eq!(stack.client().send("GET", "/calls", &[("cookie", &cookie)], b"").status, 401);
    assert!(text(&stack.read("/console")).contains("name=\"token\""));
}

#[test]
fn no_other_site_signs_a_browser_in_or_out() {
    let stack = Stack::start();
    for path in ["/console/sign-in", "/console/sign-out"] {
        for site in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("x", "y")] {
            let form = format!("token={READ_TOKEN}");
            let answer = stack.client().send("POST", path, &[site], form.as_bytes());
            assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{path} {site:?}");
        }
    }
    let out = stack.client().send("POST", "/console/sign-out", &[SAME_ORIGIN], b"");
    assert_eq!((out.status, out.header("location")), (303, "../console"));
    assert!(out.header("set-cookie").starts_with("trunkline=; Max-Age=0; "), "{out:?}");
}

#[test]
fn every_answer_loads_runs_and_frames_nothing_from_elsewhere() {
    let stack = Stack::start();
    let style = asset(&stack, "style.css");
    for (path, kept) in [
        ("/console", "no-store"),
        ("/console/calls", "no-store"),
        ("/console/calls.csv", "no-store"),
        ("/console/calls/none", "no-store"),
        ("/console/events", "no-store"),
        ("/console/quarantine", "no-store"),
        ("/console/help", "no-store"),
        (&style, "public, max-age=31536000, immutable"),
        ("/console/assets/other/style.css", "no-store"),
    ] {
        let answer = page(&stack, READ_TOKEN, path);
        let policy = answer.header("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", kept),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
        assert!(!text(&answer).contains("style=\""), "{path}");
    }
}

fn asset(stack: &Stack, name: &str) -> String {
    let form = text(&stack.client().send("GET", "/console", &[], b""));
    let found = Regex::new(&format!("console/assets/[0-9a-f]{{32}}/{name}")).unwrap().find(&form).unwrap();
    format!("/{}", found.as_str())
}

#[test]
fn every_address_of_a_page_is_relative_and_leads_into_the_console_under_any_stage() {
    let stack = Stack::start();
    let delivered = stack.deliver("onsip-call.dialog.created");
    let event = delivered.json()["id"].as_str().unwrap().to_owned();
    let call = event.split('~').next().unwrap();
    assert_eq!(stack.post("/webhooks/opentact/sms", b"no JSON").status, 202);
    let addresses = Regex::new(r#"(?:href|src|action)="([^"]*)""#).unwrap();
    let mut leading = BTreeSet::new();
    for path in [
        "/console",
        "/console/calls",
        &format!("/console/calls/{call}"),
        "/console/calls?class=busy",
        "/console/events",
        &format!("/console/events/{event}"),
        "/console/entity?entity=sip_user:alice@example.onsip.com",
        "/console/alerts",
        "/console/failures",
        "/console/menus",
        "/console/quarantine",
        "/console/help",
        "/console/search?q=nobody",
    ] {
        let shown = text(&page(&stack, READ_TOKEN, path));
        let found: Vec<_> = addresses.captures_iter(&shown).map(|found| found[1].replace("&amp;", "&")).collect();
        assert!(found.len() > 5, "{path}: {found:?}");
        for address in found.iter().filter(|address| *address != "data:," && !address.starts_with('#')) {
            let leads = resolved(&format!("/v1{path}"), address);
            assert!(
                leads == "/v1/console" || leads.starts_with("/v1/console?") || leads.starts_with("/v1/console/"),
                "{path}: {address} leads to {leads}"
            );
            assert!(!address.starts_with('/') && !address.contains("//"), "{path}: {address}");
            leading.insert(leads);
        }
    }
    for leads in leading.iter().filter(|leads| !leads.contains("/sign-")) {
        let there = page(&stack, READ_TOKEN, leads.strip_prefix("/v1").unwrap());
        assert_eq!(there.status, if leads.ends_with("/search") { 303 } else { 200 }, "{leads}");
    }
}

#[test]
fn a_token_opens_the_views_that_it_has_the_right_for() {
    let stack = Stack::with(|options| {
        let digest = TokenDigest::of("few");
        options.environment.insert("READ_TOKEN_DIGESTS".to_owned(), format!("few:stats={digest}"));
    });
    assert_eq!(signed_in(&stack, READ_TOKEN, ""), None);
    let overview = page(&stack, "few", "/console");
    assert_eq!(overview.status, 200);
    assert!(!text(&overview).contains("console/calls"), "no link leads to what the token does not open");
    for (path, right) in [
        ("/console/calls", "calls"),
        ("/console/calls.csv", "calls"),
        ("/console/calls/none", "calls"),
        ("/console/entity?entity=sip_user:alice@example.com", "calls"),
        ("/console/events", "events"),
        ("/console/events.csv", "events"),
        ("/console/events/none", "events"),
        ("/console/events/none/body", "bodies"),
        ("/console/menus", "events"),
        ("/console/alerts", "alerts"),
        ("/console/alerts/none", "alerts"),
        ("/console/quarantine", "bodies"),
        ("/console/quarantine/none", "bodies"),
    ] {
        let refused = page(&stack, "few", path);
        assert_eq!(refused.status, 403, "{path}");
        assert!(text(&refused).contains(&format!("<code>{right}</code>")), "{path}");
    }
}

#[test]
fn from_an_address_that_may_not_read_not_even_the_form_is_shown() {
    let stack = Stack::with(|options| {
        options.environment.insert("READ_ADDRESSES".to_owned(), "192.0.2.0/24".to_owned());
    });
    for path in ["/console", "/console/calls"] {
        assert_eq!(stack.client().send("GET", path, &[], b"").status, 403, "{path}");
    }
    assert_eq!(stack.client().send("POST", "/console/sign-in", &[SAME_ORIGIN], b"").status, 403);
}
