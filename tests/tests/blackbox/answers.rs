//! Every row of the table of answers, on every route.

use std::collections::BTreeSet;

use tests::http::Answer;
use tests::samples::sample;
use tests::stack::{self, Stack, TOKEN};

const POSTED: [&str; 5] = [
    "/webhooks/onsip/call",
    "/webhooks/onsip/app",
    "/webhooks/opentact/call",
    "/webhooks/opentact/sms",
    "/webhooks/opentact/account",
];
const READ: [&str; 7] = [
    "/events?day=2026-11-02",
    "/events/opentact.call.x~00000000T000000000000Z~k",
    "/events/opentact.call.x~00000000T000000000000Z~k/body",
    "/calls",
    "/calls/opentact.call.x",
    "/quarantine",
    "/quarantine/opentact.quarantine.x~00000000T000000000000Z~k",
];
const LIMIT: usize = 256 * 1024;

/// RFC 9457, and nothing of what went wrong inside.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["status"], status);
    for member in ["title", "detail"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
    }
}

fn with_token(route: &str) -> String {
    format!("{route}?token={TOKEN}")
}

#[test]
fn a_delivery_is_stored_then_acknowledged_as_a_repeat_on_every_route() {
    let stack = Stack::start();
    let mut ids = BTreeSet::new();
    for (n, route) in POSTED.into_iter().enumerate() {
        // Any ingest function takes any event that it can read, whichever family its URL names.
        let body = if route.contains("onsip") {
            stack::onsip("call.dialog.created", &format!("route-{n}"))
        } else {
            stack::opentact_call(&format!("route-{n}"), "init")
        };
        let first = stack.post(route, &body);
        assert_eq!((first.status, &first.json()["status"]), (200, &"stored".into()), "{route}");
        assert_eq!(first.header("content-type"), "application/json");
        let second = stack.post(route, &body);
        assert_eq!((second.status, &second.json()["status"]), (200, &"duplicate".into()), "{route}");
        assert_eq!(first.json()["id"], second.json()["id"]);
        ids.insert(first.json()["id"].to_string());
    }
    assert_eq!(ids.len(), POSTED.len());
}

#[test]
fn a_probe_is_answered_ready_and_is_no_event() {
    let stack = Stack::start();
    for route in POSTED {
        for body in ["", "{}", " { } \n"] {
            let answer = stack.post(route, body);
            assert_eq!(
                (answer.status, answer.json()),
                (200, serde_json::json!({"status": "ready"})),
                "{route} {body:?}"
            );
        }
    }
    assert_eq!(stack.today(), Vec::<serde_json::Value>::new());
    assert_eq!(stack.quarantine(), Vec::<serde_json::Value>::new());
}

#[test]
fn what_can_not_be_read_is_quarantined_under_one_id_and_is_no_event() {
    let stack = Stack::start();
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let unreadable: [&[u8]; 9] =
        [b"{\"id\":", b"[]", b"[{}]", b"\"text\"", b"42", b"null", b"<xml/>", b"\xff\xfe{}", deep.as_bytes()];
    let mut ids = BTreeSet::new();
    for body in unreadable {
        for route in ["/webhooks/onsip/call", "/webhooks/opentact/call"] {
            let first = stack.post(route, body);
            let said = first.json();
            assert_eq!((first.status, &said["status"]), (202, &"quarantined".into()), "{route} {body:?}: {said}");
            assert!(said["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{said}");
            assert_eq!(stack.post(route, body).json(), said, "the same bytes, the same answer");
            ids.insert(said["id"].to_string());
        }
    }
    assert_eq!(ids.len(), 2 * unreadable.len());
    assert_eq!(stack.today(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_token_is_taken_from_the_query_or_as_bearer_and_nothing_else_opens() {
    let stack = Stack::start();
    let body = stack::onsip("call.dialog.created", "token");
    let bearer = format!("Bearer {TOKEN}");
    let lower = format!("bearer {TOKEN}");
    let basic = format!("Basic {TOKEN}");
    let longer = format!("Bearer {TOKEN}x");
    let shorter = format!("Bearer {}", &TOKEN[1..]);
    let reader = format!("Bearer {}", stack::READ_TOKEN);
    let route = "/webhooks/onsip/call";
    for (status, path, authorization) in [
        (200, with_token(route), None),
        (200, route.to_owned(), Some(bearer.as_str())),
        (200, route.to_owned(), Some(lower.as_str())),
        (401, route.to_owned(), None),
        (401, format!("{route}?token="), None),
        (401, format!("{route}?token={TOKEN}x"), None),
        (401, format!("{route}?token={}", &TOKEN[1..]), None),
        (401, format!("{route}?Token={TOKEN}"), None),
        (401, route.to_owned(), Some(longer.as_str())),
        (401, route.to_owned(), Some(shorter.as_str())),
        (401, route.to_owned(), Some(basic.as_str())),
        (401, route.to_owned(), Some(TOKEN)),
        (401, route.to_owned(), Some(reader.as_str())),
    ] {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        let answer = stack.client().send("POST", &path, &headers, &body);
        assert_eq!(answer.status, status, "{path} {authorization:?}");
    }
}

#[test]
fn an_unverified_delivery_is_refused_on_every_route_without_a_trace() {
    let stack = Stack::start();
    let mut refusals = BTreeSet::new();
    for route in POSTED {
        // Not even what would be a probe, or unreadable, says more than that.
        for body in [&b""[..], b"{}", b"\xff", &stack::onsip("call.dialog.created", "refused")] {
            for path in [route.to_owned(), format!("{route}?token=wrong")] {
                let answer = stack.client().post(&path, body);
                assert_problem(&answer, 401);
                refusals.insert(answer.body);
            }
        }
    }
    assert_eq!(refusals.len(), 1, "an unknown token and a wrong one are refused alike");
    assert_eq!(stack.today(), Vec::<serde_json::Value>::new());
    assert_eq!(stack.quarantine(), Vec::<serde_json::Value>::new());
}

#[test]
fn opentact_is_refused_from_an_address_that_is_not_allowed_and_onsip_is_not() {
    let stack = Stack::with(|options| options.opentact_allow = vec!["192.0.2.0/24".to_owned()]);
    for route in POSTED {
        // An address in a header is the sender's own claim.
        let claim = [("x-forwarded-for", "192.0.2.1"), ("x-real-ip", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        let answer = stack.client().send("POST", &with_token(route), &claim, b"{}");
        if route.contains("opentact") {
            assert_problem(&answer, 403);
        } else {
            assert_eq!(answer.status, 200, "{route}");
        }
    }
}

#[test]
fn a_body_over_the_limit_is_413_and_one_at_the_limit_is_stored() {
    let stack = Stack::start();
    for route in POSTED {
        assert_problem(&stack.post(route, vec![b' '; 300 * 1024]), 413);
        let answer = stack.client().post(route, vec![b' '; 300 * 1024]);
        assert_problem(&answer, 401);
    }
    assert_problem(&stack.post(POSTED[0], padded(LIMIT + 1)), 413);
    let answer = stack.post(POSTED[0], padded(LIMIT));
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let body = stack.read(&format!("/events/{id}/body"));
    assert_eq!(body.body.len(), LIMIT);
}

/// An event of that many bytes.
fn padded(length: usize) -> Vec<u8> {
    let mut body = stack::onsip("call.dialog.created", "padded");
    let end = body.len() - 1;
    let noise = (0..).map(|n: u32| b'a' + (n.wrapping_mul(2_654_435_761) >> 28) as u8);
    let member: Vec<u8> =
        b",\"noise\":\"".iter().copied().chain(noise.take(length - body.len() - 11)).chain(*b"\"").collect();
    body.splice(end..end, member);
    assert_eq!(body.len(), length);
    body
}

#[test]
fn another_method_is_405_and_names_those_allowed() {
    let stack = Stack::start();
    for route in POSTED {
        for method in ["PUT", "DELETE", "PATCH"] {
            let answer = stack.client().send(method, &with_token(route), &[], b"");
            assert_problem(&answer, 405);
            let allow: BTreeSet<_> = answer.header("allow").split(',').map(str::trim).collect();
            let expected: &[&str] = if route == "/webhooks/opentact/call" { &["GET", "POST"] } else { &["POST"] };
            assert_eq!(allow, expected.iter().copied().collect(), "{route}");
        }
    }
    for route in READ {
        let answer = stack.client().send("DELETE", route, &[("authorization", &stack::bearer(stack::READ_TOKEN))], b"");
        assert_problem(&answer, 405);
        assert_eq!(answer.header("allow"), "GET, HEAD", "{route}");
    }
}

#[test]
fn head_is_answered_as_get_without_the_body() {
    let stack = Stack::start();
    let bearer = stack::bearer(stack::READ_TOKEN);
    for route in READ {
        let answer = |method| stack.client().send(method, route, &[("authorization", &bearer)], b"");
        let (head, get) = (answer("HEAD"), answer("GET"));
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{route}");
        assert!(head.body.is_empty() && !get.body.is_empty(), "{route}");
    }
    for (path, status) in [("/console", 200), ("/console/none", 404)] {
        let head = stack.client().send("HEAD", path, &[], b"");
        assert_eq!((head.status, head.body.len()), (status, 0), "{path}");
    }
}

#[test]
fn an_unknown_path_is_404() {
    let stack = Stack::start();
    for path in
        ["/", "/webhooks", "/webhooks/onsip", "/webhooks/onsip/calls", "/webhooks/other/call", "/event", "/events/"]
    {
        for method in ["GET", "POST"] {
            let answer = stack.client().send(method, &with_token(path), &[], b"");
            assert_problem(&answer, 404);
        }
    }
}

#[test]
fn only_readers_read() {
    let stack = Stack::start();
    for path in READ {
        for token in ["", "wrong", TOKEN] {
            assert_problem(&stack.client().get(path, token), 401);
        }
        assert_problem(&stack.client().send("GET", path, &[], b""), 401);
        let join = if path.contains('?') { '&' } else { '?' };
        let in_query = format!("{path}{join}token={}", stack::READ_TOKEN);
        assert_problem(&stack.client().send("GET", &in_query, &[], b""), 401);
    }
}

#[test]
fn what_does_not_exist_is_404_to_readers() {
    let stack = Stack::start();
    for path in READ.into_iter().filter(|path| path.contains('~') || path.contains("/calls/")) {
        assert_problem(&stack.read(path), 404);
    }
    for path in ["/events/nothing", "/events/%00", "/events/..%2f..", "/calls/nothing", "/quarantine/nothing"] {
        assert_problem(&stack.read(path), 404);
    }
}

#[test]
fn a_question_that_can_not_be_read_is_400() {
    let stack = Stack::start();
    for path in [
        "/events?entity=alice",
        "/events?entity=phone_number:7001",
        "/events?entity=phone_number:2025550143&plan=e164",
        "/events?entity=phone_number:2025550143&plan=nanp&plan=nanp",
        "/events?entity=phone_number:7001&plan=nanp",
        "/events?entity=sip_user:alice@example.com&plan=nanp",
        "/events?day=2026-11-02&plan=nanp",
        "/events?day=yesterday",
        "/events?day=2026-02-30",
        "/events?day=2026-11-02&cursor=forged",
        "/events?day=2026-11-02&from=2026-11-02T00:00:00Z",
        "/events?category=inbound_call",
        "/events?class=busy&failure=busy",
        "/events?class=all",
        "/events?status=over",
        "/events?own=alice",
        "/events?order=asc",
        "/events?order=up&from=2026-11-02T00:00:00Z",
        "/events?from=2026-11-02",
        "/events?from=2026-11-02T00:00:00",
        "/events?from=1969-11-02T00:00:00Z",
        "/events?from=2026-11-02T00:00:00Z&to=2026-11-02T00:00:00Z",
        "/events?from=2026-01-01T00:00:00Z&to=2026-02-01T00:10:01Z",
        "/events?day=2026-11-02&limit=0",
        "/events?day=2026-11-02&limit=101",
        "/events?entity=sip_user:alice@example.com&categories=inbound_call",
        "/calls/opentact.call.x?cursor=forged",
        "/calls/opentact.call.x?limit=5",
        "/quarantine?cursor=forged",
    ] {
        let answer = stack.read(path);
        assert_problem(&answer, 400);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        let name = detail.strip_prefix("unknown parameter ").unwrap_or(&detail);
        let name = name.split([':', ';']).next().unwrap();
        assert!(path.contains(&format!("{name}=")) || detail.contains("give "), "{path}: {detail}");
        let works = ["give ", "known are ", "known is ", "such as ", "from 1 to ", "take it from next"];
        assert!(works.iter().any(|works| detail.contains(works)), "{path}: {detail}");
    }
}

#[test]
fn the_get_form_is_kept_each_time_as_a_call_without_its_token() {
    let stack = Stack::start();
    let path = format!("/webhooks/opentact/call?state=ringing&from=%2B12025550112&token={TOKEN}&to=12025550150");
    let ids: BTreeSet<_> = (0..2)
        .map(|_| {
            let answer = stack.client().send("GET", &path, &[], b"");
            assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()));
            answer.json()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 2, "two real calls look alike");
    for id in ids {
        let event = stack.event(&id);
        assert_eq!(event["family"], "call");
        let body = stack.read(&format!("/events/{id}/body")).body;
        let body = String::from_utf8(body).unwrap();
        // API Gateway passes the parameters on without their order.
        let pairs: BTreeSet<_> = body.split('&').collect();
        assert_eq!(pairs, BTreeSet::from(["state=ringing", "from=%2B12025550112", "to=12025550150"]));
    }
    let unverified = stack.client().send("GET", "/webhooks/opentact/call?state=ringing", &[], b"");
    assert_problem(&unverified, 401);
}

#[test]
fn the_body_reads_back_byte_for_byte_with_its_content_type() {
    let stack = Stack::start();
    for (name, content_type) in [
        ("onsip-app.attendant-menu.transferred", "application/json"),
        ("opentact-balance", "text/plain; charset=utf-8"),
        ("opentact-sms-smsi-success", "application/x-www-form-urlencoded"),
    ] {
        let sent = sample(name);
        let path = with_token(tests::samples::route(name));
        let answer = stack.client().send("POST", &path, &[("content-type", content_type)], &sent);
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let body = stack.read(&format!("/events/{id}/body"));
        assert_eq!(body.header("content-type"), content_type);
        assert_eq!(body.header("content-security-policy"), "sandbox");
        assert_eq!(body.header("x-content-type-options"), "nosniff");
        let shown = ["application/json", "text/plain; charset=utf-8"].contains(&content_type);
        assert_eq!(body.header("content-disposition"), if shown { "" } else { "attachment" });
        assert_eq!(body.body, sent);
    }
}
