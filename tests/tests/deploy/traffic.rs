//! Numbered deliveries of both providers, each an event of its own, which may go on while the stack is updated.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::samples::sample;

use super::given::{ONSIP_TOKEN, OPENTACT_TOKEN};
use super::stack::{Api, Stack};

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
pub(super) fn deliver(stack: &Stack<'_>, api: &mut Api, number: u32) -> Taken {
    let kind = Kind::of(number);
    let body = body(kind, number);
    let mut refusals = Vec::new();
    while refusals.len() < 100 {
        let answer = api.post(&kind.path(), body.as_bytes());
        if answer.status == 200 {
            return Taken { kind, id: answer.json()["id"].as_str().unwrap().to_owned() };
        }
        if answer.status == 404 {
            // The emulator imports an API with other routes as another one. AWS overwrites it in place.
            *api = stack.api();
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

/// Does something while providers deliver one event after the other, each until it is taken, from that number on, with some before
/// and after; returns what was taken.
pub(super) fn during(stack: &Stack<'_>, first: u32, work: impl FnOnce()) -> Vec<Taken> {
    let enough = AtomicBool::new(false);
    let taken = thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let (mut api, numbers) = (stack.api(), (first..).take_while(|_| !enough.load(Ordering::Relaxed)));
            numbers.map(|number| deliver(stack, &mut api, number)).collect::<Vec<_>>()
        });
        thread::sleep(Duration::from_secs(1));
        work();
        thread::sleep(Duration::from_secs(1));
        enough.store(true, Ordering::Relaxed);
        sender.join().unwrap()
    });
    eprintln!("deliveries during the update: {}", taken.len());
    assert!(taken.len() > 10, "too little traffic to tell: {}", taken.len());
    taken
}
