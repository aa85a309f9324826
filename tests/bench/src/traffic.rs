//! Traffic as a platform would send it, made from the samples: calls of three events each, most of OnSIP, some of Opentact,
//! and more than half of all in one domain.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use shared::access::Verified;
use shared::name::Provider;

use crate::error::{BenchError, While as _};
use crate::product;

/// The share of all calls that one domain makes, in percent.
pub(crate) const BUSY_DOMAIN: u32 = 60;
/// The share of all calls that OnSIP carries, in percent.
const OF_ONSIP: u32 = 80;
/// Its name.
pub(crate) const BUSY_NAME: &str = "busy.example.com";
/// The users of the busy domain, and the domains beside it, which have ten users each.
const USERS: u32 = 2_000;
const DOMAINS: u32 = 500;
/// The share of a domain's calls that go to its main number, in percent; the others go to numbers of their own.
const TO_MAIN_NUMBER: u32 = 2;

const ONSIP: [&str; 3] = ["onsip-call.dialog.created", "onsip-call.dialog.confirmed", "onsip-call.dialog.terminated"];
const OPENTACT: [&str; 3] = ["in-init-answered", "in-live-answered", "in-hangup-answered"];

/// Traffic, the same in every run.
#[derive(Debug)]
pub(crate) struct Traffic {
    random: StdRng,
    onsip: Vec<Value>,
    opentact: Vec<Value>,
}

/// What the events of a call share.
struct Caller {
    call: u64,
    user: String,
    domain: String,
    /// The number that the user shows.
    shown: String,
    /// The number that is called.
    number: String,
}

impl Traffic {
    /// Reads the samples.
    pub(crate) fn new() -> Result<Self, BenchError> {
        let read = |file: String| -> Result<Value, BenchError> {
            serde_json::from_slice(&product::sample(&file)?).while_doing(format!("reading {file}"))
        };
        let onsip = ONSIP.iter().map(|name| read(format!("{name}.json")));
        let opentact = OPENTACT.iter().map(|name| read(format!("opentact-call_state-{name}.json")));
        let (onsip, opentact) = (onsip.collect::<Result<_, _>>()?, opentact.collect::<Result<_, _>>()?);
        Ok(Self { random: StdRng::seed_from_u64(6), onsip, opentact })
    }

    /// The deliveries of a call that begins at that time.
    pub(crate) fn call(&mut self, at: Timestamp) -> Result<Vec<Verified>, BenchError> {
        let caller = self.caller();
        let (provider, samples) = if self.random.random_ratio(OF_ONSIP, 100) {
            (Provider::Onsip, &self.onsip)
        } else {
            (Provider::Opentact, &self.opentact)
        };
        let mut deliveries = Vec::new();
        for (sample, second) in samples.iter().zip(0..) {
            let at = at + SignedDuration::from_secs(second);
            let mut event = sample.clone();
            let id: u128 = self.random.random();
            let members = if provider == Provider::Onsip { onsip(&caller, id, at) } else { opentact(&caller, id, at) };
            for (pointer, value) in members {
                *event.pointer_mut(pointer).while_doing(format!("finding {pointer} in a sample"))? = value;
            }
            deliveries.push(product::delivery(provider, event.to_string().into_bytes(), at));
        }
        Ok(deliveries)
    }

    fn caller(&mut self) -> Caller {
        let random = &mut self.random;
        let (domain, name, users) = if random.random_ratio(BUSY_DOMAIN, 100) {
            (DOMAINS, BUSY_NAME.to_owned(), USERS)
        } else {
            let domain = random.random_range(0..DOMAINS);
            (domain, format!("d{domain}.example.com"), 10)
        };
        let main = random.random_ratio(TO_MAIN_NUMBER, 100);
        let number = if main { 0 } else { random.random_range(1..10_000_000_u32) };
        let user = random.random_range(0..users);
        Caller {
            call: random.random(),
            user: format!("user{user}"),
            domain: name,
            shown: format!("+1303{domain:03}{user:04}"),
            number: format!("1202{number:07}"),
        }
    }
}

fn onsip(caller: &Caller, id: u128, at: Timestamp) -> Vec<(&'static str, Value)> {
    let Caller { call, user, domain, number, .. } = caller;
    vec![
        ("/id", json!(format!("{id:032x}"))),
        ("/streamId", json!(format!("fe1f6348-4711-4f90-{:04x}-{:012x}", call >> 48, call & 0xffff_ffff_ffff))),
        ("/payload/callId", json!(format!("{call:016x}"))),
        ("/payload/fromUri", json!(format!("sip:{user}@{domain}"))),
        ("/payload/toUri", json!(format!("sip:+{number}@jnctn.net"))),
        ("/createdAt", json!(at.to_string())),
    ]
}

fn opentact(caller: &Caller, id: u128, at: Timestamp) -> Vec<(&'static str, Value)> {
    let Caller { call, user, domain, shown, number } = caller;
    let uuid = |n: u128| uuid(n).to_string();
    vec![
        ("/uuid", json!(uuid(id))),
        ("/created_on", json!(at.to_string())),
        ("/call/uuid", json!(uuid(u128::from(*call)))),
        ("/call/thread", json!(format!("{call:032x}"))),
        ("/call/from", json!(shown)),
        ("/call/to", json!(number)),
        ("/call/modified_on", json!(at.to_string())),
        ("/call/sip_user/login", json!(user)),
        ("/call/sip_user/sip_domain/name", json!(domain)),
    ]
}

/// A number in the form of a UUID.
fn uuid(n: u128) -> impl std::fmt::Display {
    let hex = format!("{n:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// The template, in which the rule for the number of shards is written.
pub(crate) fn template() -> Result<String, BenchError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    std::fs::read_to_string(path).while_doing("reading template.yaml")
}
