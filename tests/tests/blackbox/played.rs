//! Time played: what is delivered minute by minute through the real `index` and `notify`, at times of the test's own, and what people are
//! told of it.

use std::collections::{BTreeMap, BTreeSet};

use index::Index;
use jiff::{SignedDuration, Timestamp};
use notify::Notify;
use serde_json::{Value, json};
use shared::name::Provider;
use shared::store::counts::Slice;
use shared::store::item::Item;
use tests::forms;
use tests::proxy::Proxy;
use tests::random::Random;

use super::deaths::{Deaths, Given};
use super::indexed::Bench;
use super::scene::{self, Scene};
use super::traffic::Delivery;

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Answered,
    NoAnswer,
    Declined,
    Congested,
    NotPermitted,
    NoBalance,
    /// The last event of such a call.
    NoBalanceDestroyed,
    /// The caller gave up.
    GivenUp,
    /// The first carrier has no line, and the second one's is answered.
    AnsweredElsewhere,
    /// Answered, and ended by a transfer.
    Transferred,
    /// Both legs end with a cause, of two classes.
    TwoCauses,
}

/// A call to be played.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) end: End,
    pub(super) from: String,
    pub(super) to: String,
    /// The own user of the call.
    pub(super) user: String,
    pub(super) provider: Provider,
}

/// A message that was sent to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) sms: bool,
    pub(super) subject: String,
    pub(super) text: String,
}

/// The functions over a database of their own.
pub(super) struct Play {
    pub(super) bench: Bench,
    pub(super) scene: Scene,
    notify: Vec<Notify>,
    /// What stands before SNS.
    pub(super) sns: Proxy,
    index: Index,
    pub(super) now: Timestamp,
    /// What is still to be delivered, with its time.
    waiting: Vec<(Timestamp, Delivery)>,
    pub(super) told: Vec<Told>,
    /// What chats show.
    pub(super) chats: Vec<Value>,
    /// What an on-call tool got, with its time: each state of an alarm, and its name.
    pub(super) pages: Vec<(Timestamp, String, String)>,
    heard: usize,
    /// The version of each ended record that was given to `notify`.
    given: BTreeMap<String, String>,
    pub(super) random: Random,
    /// Told where an assertion fails.
    pub(super) seed: u64,
    /// The longest that a batch lags.
    pub(super) lag: i64,
    /// Where instances die.
    pub(super) deaths: Option<Deaths>,
}

impl Play {
    pub(super) fn new(start: Timestamp, settings: &[(&str, &str)]) -> Self {
        let (bench, mut scene) = (Bench::new(), Scene::empty());
        for (name, value) in [("ALERT_WINDOW_SECONDS", "900"), ("EVENTS_TOPIC_ARN", ""), ("LOW_BALANCE", "0")] {
            scene.set(name, value);
        }
        settings.iter().for_each(|(name, value)| scene.set(name, value));
        scene.set("AWS_ENDPOINT_URL_DYNAMODB", &bench.database.url());
        let sns = Proxy::start();
        sns.forward_to(scene.stack.sns_url().trim_start_matches("http://").parse().unwrap());
        scene.set("AWS_ENDPOINT_URL_SNS", &sns.url());
        let notify = (0..3).map(|_| scene.notify(&[])).collect();
        let index = bench.index(bench.database.url());
        let (random, seed) = Random::new();
        Self {
            bench,
            scene,
            notify,
            sns,
            index,
            now: start,
            waiting: Vec::new(),
            told: Vec::new(),
            chats: Vec::new(),
            pages: Vec::new(),
            heard: 0,
            given: BTreeMap::new(),
            random,
            seed,
            lag: 0,
            deaths: None,
        }
    }

    pub(super) fn call(&mut self, call: &Call) {
        let later = |seconds: i64| call.at + SignedDuration::from_secs(seconds);
        for (at, delivery) in deliveries(call, later) {
            self.waiting.push((at, delivery));
        }
    }

    /// A call all of whose events come at that time.
    pub(super) fn late(&mut self, call: &Call, at: Timestamp) {
        let later = |seconds: i64| call.at + SignedDuration::from_secs(seconds);
        self.waiting.extend(deliveries(call, later).into_iter().map(|(_, delivery)| (at, delivery)));
    }

    /// A call that ends so many seconds later than others.
    pub(super) fn long_call(&mut self, call: &Call, seconds: i64) {
        let longer = |second: i64| call.at + SignedDuration::from_secs(second + if second > 20 { seconds } else { 0 });
        self.waiting.extend(deliveries(call, longer));
    }

    /// Stores a call of the past, with its record, of which nobody is told.
    pub(super) fn bench_call(&mut self, call: &Call) {
        let later = |seconds: i64| call.at + SignedDuration::from_secs(seconds);
        let mut all = deliveries(call, later);
        all.sort_by_key(|(at, _)| *at);
        for (at, delivery) in &all {
            self.bench.store_at(delivery, *at);
        }
        let records = std::mem::take(&mut self.bench.records);
        self.bench.events.clear();
        let batch = json!({ "Records": records });
        self.bench.runtime.block_on(self.index.handle(&batch, later(60))).unwrap();
    }

    /// Counts all slices that have calls between two times.
    pub(super) fn count(&self, from: Timestamp, to: Timestamp) {
        let mut slice = Slice::of(from);
        while slice < Slice::of(to) {
            // The hour before the same time of the day.
            if slice.end().duration_since(from).as_secs() % 86_400 <= 3_600 {
                self.bench.runtime.block_on(self.bench.store.count(slice)).unwrap();
            }
            slice = slice.next();
        }
    }

    pub(super) fn balance(&mut self, at: Timestamp, amount: &str) {
        let body = json!({"timestamp": at.to_string(), "message": "New balance", "type": "balance",
            "source_action": "voice_charge_in", "payload": amount.parse::<f64>().unwrap()});
        self.waiting.push((at, (Provider::Opentact, body)));
    }

    /// Plays until then, minute by minute.
    pub(super) fn until(&mut self, end: Timestamp) {
        while self.now < end {
            let next = self.now + SignedDuration::from_mins(1);
            self.minute(next);
            self.now = next;
        }
    }

    fn minute(&mut self, next: Timestamp) {
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(at, _)| *at < next);
        self.waiting = later;
        let mut due: Vec<_> =
            due.into_iter().map(|(at, delivery)| (at, self.lagging(at).max(self.now).min(next), delivery)).collect();
        due.sort_by_key(|(_, comes, _)| *comes);
        for some in due.chunks(20) {
            let before = self.bench.records.len();
            for (at, _, delivery) in some {
                self.bench.store_at(delivery, *at);
            }
            let now = some.last().unwrap().1;
            let records = self.bench.records.split_off(before);
            self.handle(&records, now);
            let events = std::mem::take(&mut self.bench.events);
            let of: BTreeSet<_> = events.iter().map(|event| event.id.partition().to_string()).collect();
            let ended: Vec<_> = of.iter().filter_map(|id| self.ended(id)).collect();
            self.handle_by(|play, batch| play.notified(batch, now), &ended);
        }
        self.tick(next);
        self.hear(next);
    }

    fn lagging(&mut self, at: Timestamp) -> Timestamp {
        match self.lag {
            0 => at,
            lag => at + SignedDuration::from_secs(self.random.below(usize::try_from(lag).unwrap()) as i64),
        }
    }

    fn handle(&self, records: &[Value], now: Timestamp) {
        let batch = json!({ "Records": records });
        self.bench.runtime.block_on(self.index.handle(&batch, now)).unwrap();
        self.notified(records, now);
    }

    fn handle_by(&self, give: impl Fn(&Self, &[Value]), records: &[Value]) {
        if !records.is_empty() {
            give(self, records);
        }
    }

    /// Gives a batch to one of the instances, where there is a lag to several at a time.
    fn notified(&self, records: &[Value], now: Timestamp) {
        let (batch, taken) = (|| json!({ "Records": records }), json!({ "batchItemFailures": [] }));
        self.deaths.iter().for_each(|deaths| deaths.die(self, Given::Batch, batch(), now));
        self.bench.runtime.block_on(async {
            match (self.lag, self.notify.as_slice()) {
                (0, [one, ..]) => assert_eq!(one.handle(batch(), now).await.unwrap(), taken),
                (_, all) => {
                    let given = all.iter().map(|notify| notify.handle(batch(), now));
                    let answers: Vec<_> = futures_util::future::join_all(given).await;
                    assert!(answers.into_iter().all(|answer| answer.unwrap() == taken));
                }
            }
        });
    }

    fn tick(&self, now: Timestamp) {
        self.deaths.iter().for_each(|deaths| deaths.die(self, Given::Tick, json!({}), now));
        self.bench.runtime.block_on(async {
            for notify in self.notify.iter().take(if self.lag == 0 { 1 } else { 2 }) {
                notify.handle(json!({}), now).await.unwrap();
            }
        });
    }

    /// The record of a call, if it ended in a version that was not given yet.
    fn ended(&mut self, id: &str) -> Option<Value> {
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        let keys = Item::from([("pk".to_owned(), text(&format!("record.{id}"))), ("sk".to_owned(), text("ended"))]);
        let item = self.bench.item(keys)?;
        let version = format!("{:?}", item.get("version"));
        (self.given.insert(id.to_owned(), version.clone()) != Some(version)).then(|| scene::record(&item))
    }

    fn hear(&mut self, at: Timestamp) {
        let mut all: Vec<_> = self.scene.stack.published();
        all.reverse();
        for message in all.iter().skip(self.heard) {
            let text = message["message"].as_str().unwrap().to_owned();
            let sms = match message["topic"].as_str().unwrap() {
                "ChatTopic" => {
                    self.chats.push(forms::chat(&text));
                    continue;
                }
                "PagesTopic" => {
                    self.page(at, message, &text);
                    continue;
                }
                topic => topic == "UrgentTopic",
            };
            let subject = message["subject"].as_str().map_or_else(|| text.clone(), str::to_owned);
            self.told.push(Told { at, sms, subject, text });
        }
        self.heard = all.len();
    }

    /// An OK comes after its ALARM, and never without one.
    fn page(&mut self, at: Timestamp, message: &Value, text: &str) {
        let page = forms::page(text);
        let word = |name: &str| page[name].as_str().unwrap().to_owned();
        let (state, name) = (word("NewStateValue"), word("AlarmName"));
        let subject = message["subject"].as_str().unwrap();
        assert!(subject.starts_with(&format!("{state}: ")), "{message}");
        let last = self.pages.iter().rfind(|(_, _, known)| *known == name);
        assert!(state == "ALARM" || last.is_some(), "SEED={} nobody was woken: {message}", self.seed);
        self.pages.push((at, state, name));
    }

    /// Each that was woken, and told the end: `ALARM OK` where that is all.
    pub(super) fn paged(&self) -> Vec<String> {
        let mut all: Vec<(&str, String)> = Vec::new();
        for (_, state, name) in &self.pages {
            match all.iter_mut().find(|(known, _)| known == name) {
                Some((_, states)) => *states = format!("{states} {state}"),
                None => all.push((name, state.clone())),
            }
        }
        all.into_iter().map(|(_, states)| states).collect()
    }

    pub(super) fn mails(&self) -> Vec<&Told> {
        self.told.iter().filter(|told| !told.sms).collect()
    }

    pub(super) fn sms(&self) -> Vec<&Told> {
        self.told.iter().filter(|told| told.sms).collect()
    }
}

/// What the provider delivers of a call.
fn deliveries(call: &Call, later: impl Fn(i64) -> Timestamp) -> Vec<(Timestamp, Delivery)> {
    let Call { id, end, from, to, user, provider, .. } = call;
    if *provider == Provider::Onsip {
        let of = |seconds: i64, kind: &str| {
            let at = later(seconds);
            let body = json!({"id": format!("{id}-{kind}"), "streamId": id, "subscriptionId": "300",
                "type": format!("call.dialog.{kind}"), "createdAt": at.to_string(),
                "payload": {"callId": id, "fromUri": format!("sip:{user}@example.com"), "toUri": format!("sip:{to}@jnctn.net")}});
            (at, (Provider::Onsip, body))
        };
        return match end {
            End::Answered => vec![of(0, "created"), of(9, "confirmed"), of(40, "terminated")],
            _ => vec![of(0, "created"), of(30, "failed")],
        };
    }
    let leg = |seconds: i64, uuid: String, direction: &str, state: &str, more: Value| {
        let at = later(seconds);
        let mut body = json!({"uuid": uuid, "direction": direction, "from": from, "to": to, "state": state, "parent": null,
            "sip_user": {"login": user, "sip_domain": {"name": "example.com"}}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = json!({"uuid": format!("{uuid}-{state}"), "created_on": at.to_string(), "type": "call_state",
            "message": "CallSCA", "payload": {"state": state}, "call": body});
        (at, (Provider::Opentact, body))
    };
    let (inward, outward) = (format!("{id}-in"), format!("{id}-out"));
    let parent = || json!({"uuid": inward});
    let (cause, reason) = match end {
        End::Answered => (16, None),
        End::NoAnswer => (18, None),
        End::Declined => (21, None),
        End::Congested | End::AnsweredElsewhere | End::TwoCauses => (34, None),
        End::Transferred => (600, None),
        End::NotPermitted => (52, None),
        End::GivenUp => (487, None),
        End::NoBalance | End::NoBalanceDestroyed => (0, Some("Insufficient balance")),
    };
    if *end == End::NoBalanceDestroyed {
        return vec![leg(1, inward, "in", "destroyed", json!({"reason": reason}))];
    }
    if *end == End::NoBalance {
        let failed = json!({"reason": reason});
        return vec![leg(0, inward.clone(), "in", "init", json!({})), leg(1, inward, "in", "failed", failed)];
    }
    let ended = json!({"parent": parent(), "q850_cause": cause});
    let cause_of_inward = if *end == End::TwoCauses { 21 } else { 16 };
    let mut all = vec![
        leg(0, inward.clone(), "in", "init", json!({})),
        leg(2, outward.clone(), "out", "init", json!({"parent": parent()})),
        leg(30, outward.clone(), "out", "hangup", ended),
        leg(31, inward.clone(), "in", "hangup", json!({"q850_cause": cause_of_inward})),
    ];
    match end {
        End::Answered | End::Transferred => all.push(leg(9, outward, "out", "live", json!({"parent": parent()}))),
        End::AnsweredElsewhere => {
            let second = |seconds, state, more| leg(seconds, format!("{id}-second"), "out", state, more);
            all.push(second(30, "init", json!({"parent": parent()})));
            all.push(second(30, "live", json!({"parent": parent()})));
            all.push(second(31, "hangup", json!({"parent": parent(), "q850_cause": 16})));
        }
        _ => {}
    }
    all
}
