//! Deliveries that go on while the stack is updated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use tests::samples::sample;

use super::stack::Api;
use super::steps::{ONSIP_TOKEN, READ_TOKEN};

/// A provider that delivers one event after the other, each until it is taken.
pub(super) struct Traffic {
    enough: Arc<AtomicBool>,
    sender: JoinHandle<Vec<String>>,
}

impl Traffic {
    pub(super) fn start(api: &Api) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let (api, stop) = (api.clone(), Arc::clone(&enough));
        let sender = thread::spawn(move || {
            let numbers = (0_u32..).take_while(|_| !stop.load(Ordering::Relaxed));
            numbers.map(|number| deliver(&api, number)).collect()
        });
        Self { enough, sender }
    }

    /// Does something under this traffic, with some before and after; returns the ids of what was taken.
    pub(super) fn during(self, work: impl FnOnce()) -> Vec<String> {
        thread::sleep(Duration::from_secs(1));
        work();
        thread::sleep(Duration::from_secs(1));
        self.enough.store(true, Ordering::Relaxed);
        let stored = self.sender.join().unwrap();
        eprintln!("deliveries during the update: {}", stored.len());
        stored
    }
}

/// Delivers one event of its own until it is taken, a bounded number of times, and returns its id.
fn deliver(api: &Api, number: u32) -> String {
    let mut event: Value = serde_json::from_slice(&sample("onsip-call.dialog.created")).unwrap();
    event["id"] = json!(format!("{number:032x}"));
    event["streamId"] = json!(format!("00000000-0000-4000-8000-{number:012x}"));
    let body = event.to_string();
    let mut refusals = Vec::new();
    while refusals.len() < 20 {
        let answer = api.post(&format!("/webhooks/onsip/call?token={ONSIP_TOKEN}"), body.as_bytes());
        if answer.status == 200 {
            return answer.json()["id"].as_str().unwrap().to_owned();
        }
        refusals.push((answer.status, String::from_utf8_lossy(&answer.body).into_owned()));
        thread::sleep(Duration::from_millis(200));
    }
    panic!("delivery {number} was never taken: {refusals:?}");
}

/// Nothing that was taken is lost.
pub(super) fn all_are_readable(api: &Api, stored: &[String]) {
    assert!(stored.len() > 10, "too little traffic to tell: {}", stored.len());
    for id in stored {
        let answer = api.get(&format!("/events/{id}"), READ_TOKEN);
        assert_eq!(answer.status, 200, "{id}: {answer:?}");
    }
}
