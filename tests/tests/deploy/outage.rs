//! Outages under traffic, while functions are killed.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tests::http::escape;
use tests::proxy::{Fault, Proxy};
use tests::stack::{failed_call, onsip};
use tests::wait;

use super::command::repository;
use super::emulator::Emulator;
use super::given::{ONSIP_TOKEN, OPENTACT_TOKEN, READ_TOKEN, parameters};
use super::inbox::Inbox;
use super::metrics;
use super::redrive::redrive;
use super::restore::{complete, lose_the_table, restore};
use super::spool::{Denied, show_messages_soon};
use super::stack::{Api, Stack};

/// One in so many fails, for want of balance.
const FAILURE: usize = 50;
/// How often functions are killed.
const KILLS: Duration = Duration::from_secs(7);
/// After so long without anything new, nothing comes.
const PATIENCE: Duration = Duration::from_secs(240);

#[test]
#[ignore = "builds and deploys the stack, and takes half an hour"]
fn an_outage_of_a_minute_with_kills_loses_nothing_and_tells_each_failure_once() {
    let proxy = Proxy::start();
    let emulator = Emulator::start(Some(&proxy));
    let inbox = Inbox::new(&emulator, "inbox");
    let stack = Stack::build_quickly(&emulator, repository());
    let mut given = parameters("127.0.0.1/32", "0", "3600");
    given.extend(["WebhookRate", "WebhookBurst"].map(|name| (name, "1000")));
    stack.deploy(&given);
    inbox.subscribe(&stack, &["AlertsTopic"], &json!({}));
    show_messages_soon(&stack);

    let outage = Outage::new(&stack, &inbox, 50, Duration::from_secs(60));
    outage.of("throttled", |wait| {
        proxy.break_where("PutItem", Fault::Throttle);
        wait();
        proxy.heal();
    });
    outage.of("denied", |wait| {
        let denied = Denied::new(&stack);
        wait();
        drop(denied);
    });
    outage.of("deleted", |wait| {
        // The emulator's backup is a call before, and what is stored between the two would be gone: AWS makes it as it deletes.
        let denied = Denied::new(&stack);
        let backup = lose_the_table(&stack);
        drop(denied);
        wait();
        restore(&stack, &backup);
        let stream = complete(&stack);
        stack.deploy(&[given.as_slice(), &[("EventsStreamArn", &stream)]].concat());
        // What was stored before the table had its stream again is in none.
        redrive(&stack, outage.since, &[]);
    });
    stack.delete();
}

pub(super) struct Outage<'a> {
    stack: &'a Stack<'a>,
    inbox: &'a Inbox<'a>,
    pub(super) since: Timestamp,
    /// Deliveries a second that are meant to be sent, each by a sender of its own.
    rate: usize,
    /// How long one lasts.
    lasts: Duration,
    onsip_token: Mutex<&'static str>,
}

impl<'a> Outage<'a> {
    pub(super) fn new(stack: &'a Stack<'a>, inbox: &'a Inbox<'a>, rate: usize, lasts: Duration) -> Self {
        Self { stack, inbox, since: Timestamp::now(), rate, lasts, onsip_token: Mutex::new(ONSIP_TOKEN) }
    }

    /// From now on OnSIP sends that one.
    pub(super) fn send_token(&self, token: &'static str) {
        *self.onsip_token.lock().unwrap() = token;
    }

    /// Delivers while that goes on, and as long as it waits. Each delivery is repeated until it is taken.
    pub(super) fn of(&self, fault: &str, during: impl FnOnce(&dyn Fn())) {
        let (over, next, repeats, kills) =
            (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let taken = Mutex::new(BTreeSet::new());
        let (api, begun, since) = (self.stack.api(), Instant::now(), Timestamp::now());
        let wait = || {
            let end = Instant::now() + self.lasts;
            while Instant::now() < end {
                thread::sleep(KILLS);
                kills.fetch_add(kill_functions(self.stack.emulator()), Ordering::Relaxed);
            }
            over.store(true, Ordering::Relaxed);
        };
        thread::scope(|scope| {
            for _ in 0..self.rate {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        let nth = next.fetch_add(1, Ordering::Relaxed);
                        let due =
                            Duration::from_secs(1) * u32::try_from(nth).unwrap() / u32::try_from(self.rate).unwrap();
                        thread::sleep(due.saturating_sub(begun.elapsed()));
                        let seed = format!("{fault}-{nth:05}");
                        while !self.deliver(&api, &seed, nth) {
                            repeats.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(Duration::from_millis(200));
                        }
                        taken.lock().unwrap().insert(seed);
                    }
                });
            }
            during(&wait);
        });
        let taken = taken.into_inner().unwrap();
        eprintln!("{fault}: {} taken, {} repeats, {} kills", taken.len(), repeats.into_inner(), kills.into_inner());
        self.each_is_stored_and_told_once(fault, &taken);
        eprintln!("{fault}: the metrics say {}", metrics::told(self.stack, since));
    }

    /// Whether it was taken. A function that is killed gives no answer of its own, and an emulator none at all.
    pub(super) fn deliver(&self, api: &Api, seed: &str, nth: usize) -> bool {
        let (path, body) = if is_failure(nth) {
            (format!("/webhooks/opentact/call?token={OPENTACT_TOKEN}"), failed_call(seed))
        } else {
            let token = *self.onsip_token.lock().unwrap();
            (format!("/webhooks/onsip/call?token={token}"), onsip("call.dialog.created", seed))
        };
        api.try_post(&path, &body).is_some_and(|answer| (200..300).contains(&answer.status))
    }

    pub(super) fn each_is_stored_and_told_once(&self, fault: &str, taken: &BTreeSet<String>) {
        self.each_is_stored_once(fault, taken);
        self.each_failure_is_told_once(fault, taken);
    }

    fn each_is_stored_once(&self, fault: &str, taken: &BTreeSet<String>) {
        let mut stored = Vec::new();
        let mut changed = Instant::now();
        while stored.len() < taken.len() {
            assert!(changed.elapsed() < PATIENCE, "{fault}: {} of {} are stored", stored.len(), taken.len());
            thread::sleep(Duration::from_secs(2));
            let now = self.stored(fault);
            changed = if now.len() > stored.len() { Instant::now() } else { changed };
            stored = now;
        }
        let once: BTreeSet<_> = stored.iter().cloned().collect();
        assert_eq!((stored.len(), &once), (taken.len(), taken), "{fault}");
        eprintln!("{fault}: all are stored, each once");
    }

    /// The seeds of the events that are stored.
    fn stored(&self, fault: &str) -> Vec<String> {
        let api = self.stack.api();
        let first = format!("/events?from={}&order=asc&limit=100", escape(&self.since.to_string()));
        let (mut seeds, mut path) = (Vec::new(), Some(first.clone()));
        while let Some(page) = path.map(|path| read_at_length(&api, &path)) {
            let calls = page["items"].as_array().unwrap().iter().filter_map(|event| event["call"].as_str());
            seeds.extend(calls.filter_map(|call| Some(call.get(call.find(fault)?..)?.to_owned())));
            path = page["next"].as_str().map(|next| format!("{first}&cursor={}", escape(next)));
        }
        seeds
    }

    fn each_failure_is_told_once(&self, fault: &str, taken: &BTreeSet<String>) {
        let failures: Vec<_> = taken.iter().filter(|seed| is_failure(nth(seed))).collect();
        let (mut told, mut changed) = (Vec::<Value>::new(), Instant::now());
        let of = |told: &[Value], seed: &str| {
            let account = format!("account-{seed}");
            told.iter().filter(|message| message["Message"].as_str().unwrap().contains(&account)).count()
        };
        while failures.iter().any(|seed| of(&told, seed) == 0) {
            assert!(changed.elapsed() < PATIENCE, "{fault}: not all failures are told: {told:?}");
            let rest = self.inbox.take_rest();
            changed = if rest.is_empty() { changed } else { Instant::now() };
            told.extend(rest);
        }
        told.extend(self.inbox.take_rest());
        for seed in &failures {
            assert_eq!(of(&told, seed), 1, "{fault}: {seed}");
        }
        eprintln!("{fault}: {} failures are told, each once", failures.len());
    }
}

/// While the spool empties, the emulator may be too slow for a reader.
fn read_at_length(api: &Api, path: &str) -> Value {
    wait::until("a page is read", || Some(api.get(path, READ_TOKEN)).filter(|answer| answer.status == 200)).json()
}

fn is_failure(nth: usize) -> bool {
    nth.is_multiple_of(FAILURE)
}

fn nth(seed: &str) -> usize {
    seed.rsplit_once('-').unwrap().1.parse().unwrap()
}

/// Kills the processes of its functions, as they are; gives how many.
fn kill_functions(emulator: &Emulator) -> usize {
    let parent = |process: u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let field = |name: &str| Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned());
        Some((field("PPid:")?.parse::<u32>().ok()?, field("Name:")?))
    };
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let own =
        all.filter(|process| parent(*process).is_some_and(|(of, name)| of == emulator.id() && name == "bootstrap"));
    let own: Vec<u32> = own.collect();
    for process in &own {
        let _ = Command::new("kill").arg("-KILL").arg(process.to_string()).status();
    }
    own.len()
}
