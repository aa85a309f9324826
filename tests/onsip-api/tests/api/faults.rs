//! Bad answers, and refusals.

use std::time::Duration;

use onsip_api::{Action, CarriedOut, Fault, FaultyAnswer, OnsipApi, Place, Refusal};
use serde_json::Value;

use super::client::{Client, PASSWORD, Raw, USER, result};

async fn spoiled(api: &OnsipApi, answer: FaultyAnswer, carried_out: CarriedOut) -> Raw {
    api.turn(|knobs| knobs.fault_everywhere(Fault { answer, carried_out }));
    Client::new(api).raw("SessionCreate", &[("Username", USER), ("Password", PASSWORD)]).await
}

#[tokio::test]
async fn each_fault_is_what_its_name_says() {
    let api = OnsipApi::start(0).await.unwrap();
    let answer = async |fault| spoiled(&api, fault, CarriedOut::Yes).await;
    let text = async |fault| answer(fault).await.body.unwrap();

    let half = text(FaultyAnswer::Half).await;
    assert!(half.starts_with("{\"Response\"") && serde_json::from_str::<Value>(&half).is_err());
    assert_eq!(answer(FaultyAnswer::Cut).await.body, None);
    let xml = text(FaultyAnswer::Xml).await;
    assert!(xml.starts_with("<?xml") && xml.contains("<IsCompleted>true</IsCompleted>"), "{xml}");
    assert!(text(FaultyAnswer::Html).await.starts_with("<!DOCTYPE html>"));
    assert!(text(FaultyAnswer::Exception).await.starts_with("{\"Exception\""));
    for (fault, status) in
        [(FaultyAnswer::Redirect, 302), (FaultyAnswer::Status(404), 404), (FaultyAnswer::Status(503), 503)]
    {
        assert_eq!(answer(fault).await.status, status);
    }
    let large = text(FaultyAnswer::Large).await;
    assert!(large.len() > 5_000_000 && serde_json::from_str::<Value>(&large).is_ok());
    assert!(api.record().calls.iter().all(|call| call.spoiled && call.error.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_comes_late_and_is_right() {
    let api = OnsipApi::start(0).await.unwrap();
    let before = tokio::time::Instant::now();
    let slow = spoiled(&api, FaultyAnswer::Slow(30), CarriedOut::Yes).await;
    assert!(before.elapsed() >= Duration::from_secs(30));
    assert!(slow.body.unwrap().contains("\"SessionId\""));
}

#[tokio::test]
async fn an_action_with_a_bad_answer_takes_place_or_not() {
    let api = OnsipApi::start(0).await.unwrap();
    spoiled(&api, FaultyAnswer::Status(502), CarriedOut::No).await;
    assert_eq!(api.record().open_sessions.len(), 0);
    spoiled(&api, FaultyAnswer::Status(502), CarriedOut::Yes).await;
    assert_eq!(api.record().open_sessions.len(), 1);
}

#[tokio::test]
async fn an_action_can_be_refused_in_both_places() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    let session = client.log_in().await;
    let browse = async || client.ask("NoOp", &[("SessionId", &session)]).await["Context"].clone();
    for (place, name, valid) in [(Place::Request, "Request", "false"), (Place::Action, "Action", "true")] {
        let refusal = Refusal { place, code: "Some.Code".to_owned(), ..Refusal::default() };
        api.turn(|knobs| _ = knobs.refuse.insert(Action::NoOp, refusal));
        let context = browse().await;
        assert_eq!(context[name]["Errors"]["Error"]["Code"], "Some.Code");
        assert_eq!(context["Request"]["IsValid"], valid);
    }
    api.turn(|knobs| knobs.refuse.clear());
    assert_eq!(browse().await["Action"]["IsCompleted"], "true");
    api.turn(|knobs| knobs.refuse(Action::SessionCreate));
    let reply = client.ask("SessionCreate", &[("Username", USER), ("Password", PASSWORD)]).await;
    assert_eq!(result(&reply, "SessionCreate"), Err("Action.Refused".to_owned()));
}

#[tokio::test]
async fn without_output_json_the_reply_is_xml_and_a_get_is_no_request() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    let raw = client.send("POST", "/api", "Action=NoOp&SessionId=%3C%26".to_owned()).await;
    let xml = raw.body.unwrap();
    assert!(xml.contains("<Response xmlns=\"http://www.jnctn.net/ns/rest/2006-01\">"), "{xml}");
    assert!(xml.contains("<Value>&lt;&amp;</Value>"), "{xml}");
    assert_eq!(client.send("GET", "/api", String::new()).await.status, 405);
    assert_eq!(client.send("POST", "/elsewhere", String::new()).await.status, 404);
    assert_eq!(api.record().strays, 1);
}
