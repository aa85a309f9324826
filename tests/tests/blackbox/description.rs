//! The description of the API, as tools read it.

use tests::contract::DESCRIPTION;
use tests::stack::{OPERATOR_TOKEN, Stack, bearer};

#[test]
fn the_description_is_there_for_everybody_as_it_is_committed() {
    let stack = Stack::start();
    let answer = stack.client().send("GET", "/openapi.json", &[], b"");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json(), *DESCRIPTION);
    assert_eq!(stack.client().send("GET", "/openapi.json?pretty=1", &[], b"").status, 400);
}

#[test]
fn a_parameter_of_no_route_is_refused_by_each() {
    let stack = Stack::start();
    for route in query::ROUTES {
        let (path, token) = (route.resource().replace("{id}", "x"), bearer(OPERATOR_TOKEN));
        let read = bearer(tests::stack::READ_TOKEN);
        let token = if route.method() == "POST" { &token } else { &read };
        let answer = stack.client().send(route.method(), &format!("{path}?pretty=1"), &[("authorization", token)], b"");
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("unknown parameter pretty"), "{answer:?}");
    }
}
