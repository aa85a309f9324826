//! Numbered deliveries of both providers, each an event of its own, which may go on while the stack is updated.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use tests::samples::sample;

use super::stack::Api;
use super::steps::{ONSIP_TOKEN, OPENTACT_TOKEN};

/// So many are delivered before the update.
pub(super) const BEFORE: u32 = 300;
/// From this one on some fail: shortly before the update, so that it finds the window open.
const FAILURES_FROM: u32 = 240;

/// What a delivery is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A call at OnSIP.
    Dialog,
    /// A call at Opentact, whose user shows a number: it is found by a further entity.
    Leg,
    /// The same, failed in a way of which people are alerted.
    FailedLeg,
}

impl Kind {
    fn of(number: u32) -> Self {
        match number {
            number if number.is_multiple_of(2) => Self::Dialog,
            number if number > FAILURES_FROM && number.is_multiple_of(5) => Self::FailedLeg,
            _ => Self::Leg,
        }
    }

    fn sample(self) -> &'static str {
        match self {
            Self::Dialog => "onsip-call.dialog.created",
            Self::Leg => "opentact-call_state-in-destroyed-answered",
            Self::FailedLeg => "opentact-call_state-in-failed-insufficient-balance",
        }
    }

    fn path(self) -> String {
        match self {
            Self::Dialog => format!("/webhooks/onsip/call?token={ONSIP_TOKEN}"),
            Self::Leg | Self::FailedLeg => format!("/webhooks/opentact/call?token={OPENTACT_TOKEN}"),
        }
    }
}

/// A delivery that was taken: what it is about, and the id of its event.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) kind: Kind,
    pub(super) id: String,
}

/// Delivers the event of that number until it is taken, a bounded number of times.
pub(super) fn deliver(api: &Api, number: u32) -> Taken {
    let kind = Kind::of(number);
    let body = body(kind, number);
    let mut refusals = Vec::new();
    // The emulator has no route for some seconds while an update imports the API anew.
    while refusals.len() < 100 {
        let answer = api.post(&kind.path(), body.as_bytes());
        if answer.status == 200 {
            return Taken { kind, id: answer.json()["id"].as_str().unwrap().to_owned() };
        }
        refusals.push((answer.status, String::from_utf8_lossy(&answer.body).into_owned()));
        thread::sleep(Duration::from_millis(200));
    }
    panic!("delivery {number} was never taken: {refusals:?}");
}

/// The sample with that number in each of its ids, as an event of a call of its own.
fn body(kind: Kind, number: u32) -> String {
    let mut event: Value = serde_json::from_slice(&sample(kind.sample())).unwrap();
    let uuid = format!("00000000-0000-4000-8000-{number:012x}");
    if kind == Kind::Dialog {
        event["id"] = json!(format!("{number:032x}"));
        event["streamId"] = json!(uuid);
        event["payload"]["callId"] = json!(format!("{number}-07"));
    } else {
        event["uuid"] = json!(uuid);
        event["ref_id"] = json!(uuid);
        event["call"]["uuid"] = json!(uuid);
        event["call"]["thread"] = json!(format!("{number:032x}"));
    }
    event.to_string()
}

/// Providers that deliver one event after the other, each until it is taken.
pub(super) struct Traffic {
    enough: Arc<AtomicBool>,
    sender: JoinHandle<Vec<Taken>>,
}

impl Traffic {
    /// Goes on from that number.
    pub(super) fn start(api: &Api, first: u32) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let (api, stop) = (api.clone(), Arc::clone(&enough));
        let sender = thread::spawn(move || {
            let numbers = (first..).take_while(|_| !stop.load(Ordering::Relaxed));
            numbers.map(|number| deliver(&api, number)).collect()
        });
        Self { enough, sender }
    }

    /// Does something under this traffic, with some before and after; returns what was taken.
    pub(super) fn during(self, work: impl FnOnce()) -> Vec<Taken> {
        thread::sleep(Duration::from_secs(1));
        work();
        thread::sleep(Duration::from_secs(1));
        self.enough.store(true, Ordering::Relaxed);
        let taken = self.sender.join().unwrap();
        eprintln!("deliveries during the update: {}", taken.len());
        assert!(taken.len() > 10, "too little traffic to tell: {}", taken.len());
        taken
    }
}
