//! The stand-in in a process of its own, and the control over HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::client::{Client, Target};

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn start() -> (Process, Client) {
    let command = Command::new(env!("CARGO_BIN_EXE_onsip-api")).arg("0").stdout(Stdio::piped()).spawn();
    let mut process = Process(command.unwrap());
    let mut line = String::new();
    BufReader::new(process.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (process, Client::at(line.trim().strip_prefix("ready ").unwrap()))
}

async fn control(client: &Client, method: &str, path: &str, body: Value) -> Value {
    let raw = client.send(method, path, if body.is_null() { String::new() } else { body.to_string() }).await;
    assert_eq!(raw.status, 200, "{:?}", raw.body);
    serde_json::from_str(&raw.body.unwrap()).unwrap()
}

#[tokio::test]
async fn another_process_turns_knobs_advances_time_and_looks_at_what_happened() {
    let (_process, client) = start();
    let target = Target::start(StatusCode::OK).await;
    let knobs = json!({ "lifetime_seconds": 60, "refuse": { "NoOp": { "code": "Some.Code" } } });
    let turned = control(&client, "POST", "/knobs", knobs).await;
    assert_eq!((&turned["lifetime_seconds"], &turned["page"]), (&json!(60), &json!(20)));
    assert_eq!(control(&client, "GET", "/knobs", Value::Null).await, turned);
    let seeds = json!([{ "name": "one", "target": target.url }, { "name": "two", "target": target.url }]);
    assert_eq!(control(&client, "POST", "/subscriptions", seeds).await, json!(["300", "301"]));
    let delivered = control(&client, "POST", "/deliver", json!({ "type": "call.dialog.created" })).await;
    assert_eq!(delivered.as_array().unwrap().len(), 2);
    assert_eq!(delivered[0]["status"], 200);
    control(&client, "POST", "/advance", json!(61)).await;
    let session = client.log_in().await;
    let reply = client.ask("NoOp", &[("SessionId", &session)]).await;
    assert_eq!(reply["Context"]["Action"]["Errors"]["Error"]["Code"], "Some.Code");
    let record = control(&client, "GET", "/record", Value::Null).await;
    assert_eq!(record["record"]["calls"][1]["error"], "Some.Code");
    let of_target = &record["targets"][0];
    assert_eq!((&of_target["live"], of_target["doubled"].as_array().unwrap().len()), (&json!(0), 1));
    assert!(!of_target["target"].as_str().unwrap().contains("secret"));
}

#[tokio::test]
async fn what_is_no_knob_changes_nothing() {
    let (_process, client) = start();
    let before = control(&client, "GET", "/knobs", Value::Null).await;
    for body in [json!({ "lifetime_seconds": 60, "lifetime": 60 }), json!({ "page": "x" }), json!(1)] {
        assert_eq!(client.send("POST", "/knobs", body.to_string()).await.status, 400, "{body}");
    }
    assert_eq!(control(&client, "GET", "/knobs", Value::Null).await, before);
}
