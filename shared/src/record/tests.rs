//! What records say of calls and messages.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::call::tests::legs::{Step, end, events, step};
use crate::call::tests::{NOW, call_of, of_branches};
use crate::event::Details;
use crate::provider::tests::samples;

fn of(events: Vec<Event>) -> Record {
    let id = events[0].call().unwrap();
    Record::of_call(&Call::fold(&id, events, NOW).unwrap()).unwrap()
}

/// The records of everything that the samples tell of.
pub(crate) fn of_samples() -> Vec<(Record, Vec<Event>)> {
    let mut together: BTreeMap<Partition, Vec<Event>> = BTreeMap::new();
    for (_, event, _) in samples() {
        together.entry(event.id.partition().clone()).or_default().push(event);
    }
    let record = |(id, events): (Partition, Vec<Event>)| {
        let record = match id.subject() {
            Subject::Call => Record::of_call(&Call::fold(&id.try_into().unwrap(), events.clone(), NOW)?),
            _ => Record::of_message(&id, &events),
        };
        Some((record?, events))
    };
    together.into_iter().filter_map(record).collect()
}

/// What the record of a call of those steps says of it; the events are a second apart.
fn told(steps: &[Step]) -> Value {
    let record = of(events("c", steps));
    let class = record.failure.map(|failure| failure.class);
    json!([record.outcome, record.attempts, record.ring_seconds, record.talk_seconds, class])
}

#[test]
fn the_record_of_an_answered_call_says_who_spoke_with_whom_when_and_for_how_long() {
    let record = of(call_of("opentact-call_state-out-hangup-answered").1);
    let users = ["sip_domain:example.com/outbound_call", "sip_user:alice@example.com/outbound_call"];
    let numbers = ["phone_number:12025550142/inbound_call", "phone_number:12025550111/outbound_call"];
    let expected = json!({
        "id": "opentact.call.ccb715b0-39db-4463-a169-d313c1545c68",
        "version": 1,
        "outcome": "answered",
        "direction": "outbound",
        "own": [{"entity": "sip_user:alice@example.com", "side": "from"}],
        "from": {"entity": "sip_user:alice@example.com", "raw": "+12025550111"},
        "to": {"entity": "phone_number:12025550142", "raw": "12025550142"},
        "startedAt": "2026-11-02T16:10:00.013Z",
        "answeredAt": "2026-11-02T16:10:09.402Z",
        "endedAt": "2026-11-02T16:11:11.96Z",
        "ringSeconds": 6.382,
        "talkSeconds": 62.503,
        "failure": null,
        "attempts": 1,
        "menuSteps": [],
        "recordings": 1,
        "events": 13,
        "account": "account:9af21132-9b2f-482e-aefe-906062c73008",
        "entities": ([users, numbers].concat()),
        "receivedAt": "2026-01-12T00:00:00Z",
    });
    assert_eq!(json!(record), expected);
}

#[test]
fn attempts_are_the_legs_towards_somebody_and_rang_from_the_first_ring() {
    let (live, ringing) = (|leg| step(leg, "live"), |leg| step(leg, "ringing"));
    let begin = [step("in", "init"), step("a", "init"), ringing("a")];
    let with = |more: &[Step]| told(&[&begin[..], more].concat());
    assert_eq!(with(&[]), json!(["in_progress", 1, null, null, null]));
    assert_eq!(with(&[live("a"), end("a", 16), end("in", 16)]), json!(["answered", 1, 1.0, 1.0, null]));
    assert_eq!(with(&[end("a", 17), end("in", 16)]), json!(["busy", 1, 2.0, null, "busy"]));
    assert_eq!(with(&[end("in", 487), end("a", 487)]), json!(["abandoned", 1, 2.0, null, null]));
    let next = [end("a", 19), step("b", "init"), ringing("b"), live("b"), end("b", 16), end("in", 16)];
    assert_eq!(with(&next), json!(["answered", 2, 4.0, 1.0, null]), "one after the other");
    let nobody = [step("in", "init"), ("in", "failed", json!({"reason": "Insufficient balance"}))];
    assert_eq!(told(&nobody), json!(["failed", 0, null, null, "insufficient_balance"]), "nobody was tried");
}

#[test]
fn a_call_that_is_transferred_to_a_colleague_goes_the_way_that_it_began_and_rings_no_talk() {
    let user = |login: &str, to: &str| {
        let user = json!({"login": login, "sip_domain": {"name": "example.com"}});
        json!({"from": "+12025550111", "to": to, "sip_user": user})
    };
    let (alice, number, bob) =
        (user("alice", "12025550144"), json!({"to": "12025550144"}), user("bob", "bob@example.com"));
    let with = |first: &Value, second: &Value| {
        let steps = [
            ("in", "init", alice.clone()),
            ("a", "init", first.clone()),
            ("a", "live", first.clone()),
            ("a", "hangup", first.clone()),
            ("b", "init", second.clone()),
            ("b", "ringing", second.clone()),
            ("b", "hangup", second.clone()),
            ("in", "hangup", alice.clone()),
        ];
        let record = of(events("c", &steps));
        (record.direction, record.talk_seconds)
    };
    assert_eq!(with(&number, &bob), (Some(Traffic::Outbound), Some(1.0)));
    assert_eq!(with(&bob, &number), (Some(Traffic::Internal), Some(1.0)));
}

#[test]
fn the_branches_of_a_fork_are_attempts() {
    let call =
        of_branches(&[("created", "a"), ("created", "b"), ("confirmed", "b"), ("failed", "a"), ("terminated", "b")]);
    let record = Record::of_call(&call).unwrap();
    assert_eq!((record.attempts, record.ring_seconds, record.talk_seconds), (2, Some(2.0), Some(2.0)));
}

#[test]
fn an_answer_that_nobody_dates_gives_no_ring_and_no_talk() {
    let picked_up = [step("out", "ringing"), ("out", "hangup", json!({"q850_cause": 26}))];
    assert_eq!(told(&picked_up), json!(["answered", 1, null, null, null]));
}

#[test]
fn a_call_through_a_menu_says_what_the_caller_entered_and_what_was_recorded() {
    let record = of(call_of("onsip-call.dialog.referred-menu-call").1);
    assert_eq!(record.menu_steps, ["009", "7001"]);
    assert_eq!((record.attempts, record.recordings, record.events), (1, 1, 11), "{record:?}");
    assert_eq!(record.direction, Some(Traffic::Inbound));
    let (_, mut events) = call_of("onsip-call.dialog.referred-menu-call");
    events.retain(|event| event.to.as_ref().is_some_and(|to| to.raw.contains("menu@")));
    assert_eq!((events.len(), of(events).attempts), (7, 0), "the menu is nobody");
    let menu = of(call_of("onsip-app.attendant-menu.abandoned").1);
    assert_eq!((menu.attempts, menu.ring_seconds, menu.is_over()), (0, None, true));
    assert_eq!(menu.to.unwrap().entity.unwrap().to_string(), "menu:menu@example.onsip.com");
}

#[test]
fn menu_steps_are_bounded() {
    let (_, mut all) = call_of("onsip-app.attendant-menu.invalid-dtmf");
    let step = all.iter().find(|event| event.kind.ends_with("invalid-dtmf")).unwrap().clone();
    for n in 0..40_i64 {
        let mut event = step.clone();
        event.id = crate::key::EventId::new(step.id.partition().clone(), step.occurred_at(), &[n as u8; 32]);
        event.reached_at = Some(step.occurred_at().unwrap() + SignedDuration::from_secs(n));
        let menu = crate::event::Menu { entry: Some(n.to_string().repeat(40)), refer_to: None };
        event.details = Some(Details::Menu(menu));
        all.push(event);
    }
    let steps = of(all).menu_steps;
    assert!(steps.len() == MAX_STEPS && steps.iter().all(|step| step.len() <= MAX_STEP), "{steps:?}");
}

#[test]
fn joined_calls_have_one_record_with_the_entities_of_all() {
    let mut all = events("a", &[step("in", "init"), end("in", 16)]);
    let mut second = events("b", &[step("out", "init"), step("out", "live"), end("out", 16)]);
    for event in &mut second {
        let entity = "phone_number:12025550177".parse().ok();
        event.to = Some(Party { raw: "12025550177".to_owned(), entity, domain: None });
    }
    all.extend(second);
    let record = of(all);
    assert_eq!((record.id.to_string(), record.events), ("opentact.call.a-in".to_owned(), 5));
    assert!(record.entities.iter().any(|pair| pair.entity.value() == "12025550177"), "{:?}", record.entities);
}

#[test]
fn a_direction_is_seen_from_the_customer() {
    let own = |side: Side, leg: &'static str| (side, leg);
    let (begins, goes_on) = ("c-in", "c-out");
    for (sides, direction) in [
        (&[][..], None),
        (&[own(Side::Via, begins)], None),
        (&[own(Side::To, begins)], Some(Traffic::Inbound)),
        (&[own(Side::To, goes_on)], Some(Traffic::Inbound)),
        (&[own(Side::From, begins)], Some(Traffic::Outbound)),
        (&[own(Side::From, begins), own(Side::To, goes_on)], Some(Traffic::Internal)),
        // Forwarded: the number that was called calls a stranger.
        (&[own(Side::To, begins), own(Side::From, goes_on)], Some(Traffic::Inbound)),
    ] {
        let mut events = events("c", &[step("in", "init"), step("out", "init")]);
        for event in &mut events {
            let leg = event.leg.as_ref().unwrap().id.clone();
            let entity = "phone_number:12025550150".parse::<Entity>().unwrap();
            let of_leg = sides.iter().filter(|(_, own)| leg == *own);
            event.own = of_leg.map(|(side, _)| Own { entity: entity.clone(), side: *side }).collect();
        }
        assert_eq!(of(events).direction, direction, "{sides:?}");
    }
}

/// Events of one message with those statuses, a second each.
fn message(statuses: &[Status]) -> Vec<Event> {
    let (_, sample, _) = samples().into_iter().find(|(name, ..)| name == "opentact-sms-smso-created").unwrap();
    let event = |(second, status): (u8, &Status)| {
        let mut event = sample.clone();
        event.id = crate::key::EventId::new(sample.id.partition().clone(), sample.occurred_at(), &[second; 32]);
        event.reached_at = Some(sample.occurred_at().unwrap() + SignedDuration::from_secs(second.into()));
        let failure = Failure { class: crate::failure::FailureClass::Undelivered, reason: None, code: None };
        event.failure = (*status == Status::Failed).then_some(failure);
        event.status = *status;
        event
    };
    (0..).zip(statuses).map(event).collect()
}

#[test]
fn a_message_came_to_the_furthest_of_its_states_whichever_was_told_last() {
    use Status as S;
    for (statuses, status, over) in [
        (&[S::Queued][..], S::Queued, false),
        (&[S::Info], S::Info, false),
        (&[S::Queued, S::Sent], S::Sent, true),
        (&[S::Queued, S::Sent, S::Delivered], S::Delivered, true),
        (&[S::Delivered, S::Queued, S::Sent], S::Delivered, true),
        (&[S::Queued, S::Failed, S::Sent], S::Failed, true),
        (&[S::Failed, S::Delivered], S::Delivered, true),
        (&[S::Received], S::Received, true),
    ] {
        let events = message(statuses);
        let record = Record::of_message(events[0].id.partition(), &events).unwrap();
        assert_eq!((record.outcome, record.is_over()), (Disposition::Message(status), over), "{statuses:?}");
        assert_eq!(record.failure.is_some(), status == S::Failed, "{statuses:?}");
        let reached = events.iter().find(|event| event.status == status).unwrap().occurred_at();
        assert_eq!(record.ended_at, reached.filter(|_| over), "{statuses:?}");
    }
}

#[test]
fn what_is_no_message_has_no_record_of_one() {
    for (name, event, _) in samples() {
        let record = Record::of_message(event.id.partition(), std::slice::from_ref(&event));
        assert_eq!(record.is_some(), event.family == Family::Sms, "{name}");
    }
}

#[test]
fn a_record_names_a_hundred_entities_at_most_and_the_parties_first() {
    let mut events = events("c", &[step("in", "init"), end("in", 16)]);
    let party = "sip_user:zoe@example.com".parse::<Entity>().unwrap();
    let domain = party.domain();
    events[0].from = Some(Party { raw: "zoe".to_owned(), entity: Some(party), domain });
    events[0].others = (0..150).map(|n| format!("phone_number:12025551{n:03}/inbound_call").parse().unwrap()).collect();
    let entities = of(events).entities;
    assert_eq!(entities.len(), MAX_ENTITIES);
    let first: Vec<_> = entities.iter().take(2).map(|pair| pair.entity.value()).collect();
    assert_eq!(first, ["example.com", "zoe@example.com"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_record_is_the_same_in_whatever_order_its_events_came_and_however_often(
        (record, events, copies) in proptest::sample::select(of_samples()).prop_flat_map(|(record, events)| {
            let copies = 0..=events.len();
            (Just(record), Just(events).prop_shuffle(), copies)
        }),
    ) {
        let mut events = events;
        events.extend(events[..copies].to_vec());
        let again = match record.outcome {
            Disposition::Call(_) => of(events),
            Disposition::Message(_) => Record::of_message(&record.id, &events).unwrap(),
        };
        prop_assert_eq!(again, record);
    }
}
