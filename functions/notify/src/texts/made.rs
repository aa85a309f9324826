//! What the texts are made from: the sample deliveries, read as real ones are, and what came of them.

use jiff::{SignedDuration, Timestamp};
use shared::access::{Carrier, Content, Delivery, Rule, Rules, TokenDigest, TokenDigests};
use shared::entity::Entity;
use shared::event::{Event, Own, Side};
use shared::failure::{Cause, Failure, FailureClass};
use shared::name::Provider;
use shared::outbox::Alert;
use shared::provider::{OwnDomains, Reading, read};

use crate::Numbers;
use crate::balance::Balance;
use crate::case::Case;
use crate::incident::Incident;
use crate::signal::{self, Severities, Signal};
use crate::words::{Context, Words};

pub(super) fn event(provider: Provider, body: &[u8]) -> Event {
    let rules = Rules::new(|_| Rule { tokens: TokenDigests::new(vec![TokenDigest::of("t")]), addresses: None });
    let content = Content {
        path: String::new(),
        request_id: "1".to_owned(),
        carrier: Carrier::Body,
        content_type: None,
        body: body.to_vec(),
        received_at: "2026-11-02T16:40:01Z".parse().unwrap(),
    };
    let delivery = rules.verify(Delivery::new(provider, None, vec!["t".to_owned()], content)).unwrap();
    match read(&delivery, &OwnDomains::default()).unwrap() {
        Reading::Event(event) => *event,
        Reading::Probe => panic!("a probe"),
    }
}

pub(super) fn sample(name: &str) -> Event {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    event(name.split('-').next().unwrap().parse().unwrap(), &std::fs::read(path).unwrap())
}

pub(super) fn words(numbers: Numbers) -> Words {
    Words::new("https://api.example.com/v1".to_owned(), numbers)
}

pub(super) fn context(balance: Option<&str>) -> Context {
    let at = "2026-11-02T15:58:00Z".parse().unwrap();
    let balance = balance.map(|amount| Balance { amount: amount.parse().unwrap(), at });
    Context { balance, window: SignedDuration::from_mins(15), now: "2026-11-02T16:40:02Z".parse().unwrap() }
}

pub(super) fn alert(event: &Event) -> Option<Alert> {
    let signal = signal::of(event, &Severities::default())?;
    Some(words(Numbers::Shown).failure(signal.id.clone(), event, &signal, &context(None)))
}

/// The sample with another class and code, for the classes that no sample has.
pub(super) fn failed(name: &str, class: FailureClass, code: Option<Cause>) -> Event {
    let mut event = sample(name);
    let reason = event.failure.and_then(|failure| failure.reason);
    event.failure = Some(Failure { class, reason, code });
    event
}

/// An incident of so many failures like the sample's.
pub(super) fn incident(event: &Event, signal: &Signal, number: u32, now: Timestamp) -> Incident {
    let case = |n: u32| {
        let mut event = event.clone();
        let at = now.checked_sub(SignedDuration::from_secs(20 * i64::from(number - n))).unwrap();
        let user = ["alice", "bob", "carol", "dave"][n as usize % 4];
        let from = format!("sip_user:{user}@example.com").parse::<Entity>().unwrap();
        event.from.as_mut().unwrap().entity = Some(from.clone());
        event.own = vec![Own { entity: from, side: Side::From }];
        event.received_at = at;
        Case::of_event(&event, Signal { id: format!("event~{n}"), ..signal.clone() }, at)
    };
    let mut incident = Incident::of(&case(0));
    incident.add((0..number).map(case).collect::<Vec<_>>().iter().map(|case| &case.held));
    incident
}
