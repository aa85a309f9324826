//! The local stack in this process, and the deliveries that tests make up.

use std::net::SocketAddr;
use std::time::Duration;

use local::Options;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::http::{Answer, Client, escape};
use crate::proxy::Proxy;
use crate::samples;

/// The token of both providers.
pub const TOKEN: &str = "provider-token-of-a-test";
/// The readers' token.
pub const READ_TOKEN: &str = "read-token-of-a-test";
/// The operators' token.
pub const OPERATOR_TOKEN: &str = "operator-token-of-a-test";

/// A running stack; dropping it stops it abruptly.
pub struct Stack {
    running: Option<local::Stack>,
    runtime: Option<Runtime>,
    client: Client,
}

impl Stack {
    /// A stack with the default options.
    #[must_use]
    pub fn start() -> Self {
        Self::with(|_| ())
    }

    /// A stack with some options changed.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            token: Some(TOKEN.to_owned()),
            read_token: Some(READ_TOKEN.to_owned()),
            operator_token: Some(OPERATOR_TOKEN.to_owned()),
            ..Options::default()
        };
        change(&mut options);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let running = runtime.block_on(local::Stack::start(options)).expect("the local stack starts");
        let client = Client::of_stack(running.url());
        Self { running: Some(running), runtime: Some(runtime), client }
    }

    /// A stack whose functions reach the database only through the proxy.
    #[must_use]
    pub fn with_store_behind(proxy: &Proxy) -> Self {
        Self::with_store_behind_and(proxy, |_| ())
    }

    /// The same, with some options changed.
    #[must_use]
    pub fn with_store_behind_and(proxy: &Proxy, change: impl FnOnce(&mut Options)) -> Self {
        let stack = Self::with(|options| {
            behind(proxy, "AWS_ENDPOINT_URL_DYNAMODB", options);
            change(options);
        });
        proxy.forward_to(address(stack.dynamodb_url()));
        stack
    }

    /// A stack whose functions reach SNS only through the proxy, and whose schedule is quick.
    #[must_use]
    pub fn with_sns_behind(proxy: &Proxy) -> Self {
        let stack = Self::with(|options| {
            behind(proxy, "AWS_ENDPOINT_URL_SNS", options);
            options.every = Duration::from_millis(300);
        });
        proxy.forward_to(address(stack.sns_url()));
        stack
    }

    /// A stack whose functions reach the database and the queues only through proxies.
    #[must_use]
    pub fn with_store_and_queues_behind(store: &Proxy, queues: &Proxy) -> Self {
        let stack = Self::with_store_behind_and(store, |options| behind(queues, "AWS_ENDPOINT_URL_SQS", options));
        queues.forward_to(address(stack.running().sqs_url()));
        stack
    }

    /// Stops it as Ctrl-C does.
    pub fn stop(mut self) {
        if let (Some(running), Some(runtime)) = (self.running.take(), self.runtime.take()) {
            runtime.block_on(running.shutdown());
        }
    }

    fn running(&self) -> &local::Stack {
        self.running.as_ref().expect("a stack that was not stopped")
    }

    /// Where the embedded database is.
    #[must_use]
    pub fn dynamodb_url(&self) -> &str {
        self.running().dynamodb_url()
    }

    /// Where SNS is.
    #[must_use]
    pub fn sns_url(&self) -> &str {
        self.running().sns_url()
    }

    /// Where the queues are.
    #[must_use]
    pub fn sqs_url(&self) -> &str {
        self.running().sqs_url()
    }

    /// A client without credentials.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Delivers a body with the providers' token.
    #[must_use]
    pub fn post(&self, route: &str, body: impl AsRef<[u8]>) -> Answer {
        self.client.post(&format!("{route}?token={TOKEN}"), body)
    }

    /// Delivers a sample where its provider would.
    #[must_use]
    pub fn deliver(&self, name: &str) -> Answer {
        self.post(samples::route(name), samples::sample(name))
    }

    /// Asks as a reader.
    #[must_use]
    pub fn read(&self, path: &str) -> Answer {
        self.client.get(path, READ_TOKEN)
    }

    /// One event.
    ///
    /// # Panics
    /// When there is none of that id.
    #[must_use]
    pub fn event(&self, id: &str) -> Value {
        self.found(&format!("/events/{id}"))
    }

    /// One call.
    ///
    /// # Panics
    /// When there is none of that id.
    #[must_use]
    pub fn call(&self, id: &str) -> Value {
        self.found(&format!("/calls/{id}"))
    }

    fn found(&self, path: &str) -> Value {
        let answer = self.read(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// A whole list, all its pages.
    ///
    /// # Panics
    /// When a page can't be read.
    #[must_use]
    pub fn list(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let join = if path.contains('?') { '&' } else { '?' };
        let mut page = self.found(path);
        loop {
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            let Some(next) = page["next"].as_str() else {
                return items;
            };
            page = self.found(&format!("{path}{join}cursor={}", escape(next)));
        }
    }

    /// All that was received today and yesterday: a test can run at midnight.
    #[must_use]
    pub fn today(&self) -> Vec<Value> {
        let now = jiff::Timestamp::now();
        let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
        let days = [day(now), day(now - jiff::SignedDuration::from_hours(24))];
        days.iter().flat_map(|day| self.list(&format!("/events?day={day}"))).collect()
    }

    /// All deliveries that could not be read.
    #[must_use]
    pub fn quarantine(&self) -> Vec<Value> {
        self.list("/quarantine")
    }

    /// What was published, newest first.
    ///
    /// # Panics
    /// When the list can't be read.
    #[must_use]
    pub fn published(&self) -> Vec<Value> {
        let answer = self.client.send("GET", "/local/published", &[], b"");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json().as_array().expect("an array").clone()
    }

    /// The events among that: what became of their calls and messages comes in its own time.
    #[must_use]
    pub fn published_events(&self) -> Vec<Value> {
        let is_event =
            |message: &Value| message["topic"] == "EventsTopic" && message["attributes"]["outcome"].is_null();
        self.published().into_iter().filter(is_event).collect()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn behind(proxy: &Proxy, variable: &str, options: &mut Options) {
    options.environment.insert(variable.to_owned(), proxy.url());
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

/// The value of an `Authorization` header.
#[must_use]
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A call event from alice to bob that differs by its seed, in a stream of its own.
#[must_use]
pub fn onsip(kind: &str, seed: &str) -> Vec<u8> {
    let body = json!({
        "id": seed,
        "streamId": seed,
        "subscriptionId": "300",
        "type": kind,
        "payload": {
            "callId": seed,
            "fromUri": "sip:alice@example.onsip.com",
            "toUri": "sip:bob@example.onsip.com",
        },
        "createdAt": "2026-11-02T15:30:00.410233Z",
    });
    body.to_string().into_bytes()
}

/// An event of an inbound leg that differs by its seed.
#[must_use]
pub fn opentact_call(seed: &str, state: &str) -> Vec<u8> {
    let body = json!({
        "uuid": format!("event-{seed}"),
        "created_on": "2026-11-02T16:10:00.100Z",
        "type": "call_state",
        "message": "CallSCA",
        "payload": {"state": state, "duration": 0},
        "call": {
            "uuid": seed,
            "direction": "in",
            "from": "+12025550101",
            "to": "12025550150",
            "state": state,
            "parent": null,
        },
        "ref_id": seed,
    });
    body.to_string().into_bytes()
}

/// A failed call of an account of its own, for want of balance: it is alerted at once.
///
/// # Panics
/// When the sample is no JSON.
#[must_use]
pub fn failed_call(seed: &str) -> Vec<u8> {
    let sample = samples::sample("opentact-call_state-in-failed-insufficient-balance");
    let mut body: Value = serde_json::from_slice(&sample).expect("JSON");
    for (member, value) in [
        ("/uuid", format!("event-{seed}")),
        ("/ref_id", seed.to_owned()),
        ("/call/uuid", seed.to_owned()),
        ("/call/thread", format!("thread-{seed}")),
        ("/call/account/uuid", format!("account-{seed}")),
    ] {
        *body.pointer_mut(member).expect("a member of the sample") = value.into();
    }
    body.to_string().into_bytes()
}
