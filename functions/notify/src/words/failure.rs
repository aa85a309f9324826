//! The alert of a failure, sent at once.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::entity::{Entity, EntityKind};
use shared::event::{Event, Party};
use shared::failure::{Failure, FailureClass};
use shared::key::CallId;
use shared::name::{Direction, Status};
use shared::outbox::Alert;
use shared::provider::profile;

use super::class::{advice_short, advice_short_of};
use super::plain::{gsm, line, short};
use super::{Context, Words, attributes, capital, lasting, matter, rows};
use crate::balance::Balance;
use crate::signal::{Severity, Signal};

/// How many of the entities that a failure concerns are named.
const NAMED: usize = 8;
/// How much of the provider's words is shown.
const MOST_WORDS: usize = 500;

impl Words {
    /// The alert of a failure that is told at once: it opens the incident of an empty account, or is an order's.
    #[must_use]
    pub fn failure(&self, id: String, event: &Event, signal: &Signal, context: &Context) -> Alert {
        let class = signal.class;
        let (story, subject) = self.story(event, class);
        let sms =
            [format!("{story}."), self.step(event, class), self.sms_route(event, class), self.time(happened(event))];
        let advice = event.failure.as_ref().map_or_else(|| class.advice(), Failure::advice);
        let text = format!(
            "{story}. What to do: {advice}\n{}\n{}\n{}{}\n{}",
            self.links.about(class, event.provider()),
            self.facts(event, context),
            if class == FailureClass::InsufficientBalance { self.further(signal, context) } else { String::new() },
            self.pages_of(event),
            rows([("Event", Some(kind(event))), ("Leg", event.leg.as_ref().map(|leg| line(&leg.id)))]),
        );
        let alert = self.alert(id, &subject, text, (signal.severity == Severity::Critical).then_some(&sms));
        alert.with(attributes(event, signal)).of(1)
    }

    /// What is wrong, and the subject. An empty balance concerns the whole account, whoever was the first to meet it.
    fn story(&self, event: &Event, class: FailureClass) -> (String, String) {
        if class == FailureClass::InsufficientBalance {
            let (of, all) = (profile(event.provider()).name, matter(Some(event.family), 2));
            let story = format!("{of} balance empty: {all} fail");
            return (story.clone(), story);
        }
        let story = format!("{} {}: {}", capital(matter(Some(event.family), 1)), failed(event), class.phrase());
        let subject = format!("{story} - {}", self.route(event, 40));
        (story, subject)
    }

    /// What to do, in an SMS, with the link that it takes, where that can be written there.
    fn step(&self, event: &Event, class: FailureClass) -> String {
        let link = self.links.top_up.as_ref().filter(|_| class == FailureClass::InsufficientBalance);
        match link.map(ToString::to_string).filter(|link| gsm(link) == *link) {
            Some(link) => format!("Top up now: {link}"),
            None => event.failure.as_ref().map_or_else(|| advice_short(class), advice_short_of).to_owned(),
        }
    }

    /// The provider and the route, each once: an event without a route has the provider in its place, and where the balance is
    /// empty the provider is named before.
    fn sms_route(&self, event: &Event, class: FailureClass) -> String {
        let (of, route) = (profile(event.provider()).name, self.route(event, 34));
        if route == of || class == FailureClass::InsufficientBalance {
            format!("{route},")
        } else {
            format!("{of}, {route},")
        }
    }

    /// Who, when and why, a line each.
    fn facts(&self, event: &Event, context: &Context) -> String {
        rows([
            ("From", event.from.as_ref().map(|party| self.described(event, party))),
            ("To", event.to.as_ref().map(|party| self.described(event, party))),
            ("Concerns", Some(self.concerned(event))),
            ("Provider", Some(profile(event.provider()).name.to_owned())),
            ("When", Some(self.time(happened(event)))),
            ("Received", Some(self.time(event.received_at))),
            ("Why", event.failure.as_ref().map(|failure| self.why(failure))),
            ("Attempt", event.leg.as_ref().and_then(|leg| leg.direction).map(side)),
            ("Balance", context.balance.as_ref().map(|balance| known(balance, context.now))),
        ])
    }

    /// What it concerns, as far as a person reads on: an order can be of thousands of numbers.
    fn concerned(&self, event: &Event) -> String {
        let mut entities: Vec<_> = event.pairs().into_iter().map(|pair| pair.entity).collect();
        let mut seen = BTreeSet::new();
        entities.retain(|entity| seen.insert(entity.clone()));
        let names = entities.iter().take(NAMED).map(|entity| self.queried(event, entity));
        let rest = entities.len().saturating_sub(NAMED);
        names.chain((rest > 0).then(|| format!("and {rest} more"))).collect::<Vec<_>>().join(", ")
    }

    /// An entity as the API is asked for it.
    fn queried(&self, event: &Event, entity: &Entity) -> String {
        let value = match entity.kind() {
            EntityKind::PhoneNumber => self.shown(entity.value()),
            _ => self.entity_of(event, entity),
        };
        format!("{}:{value}", entity.kind())
    }

    /// How many there are so far, and when more is told.
    fn further(&self, signal: &Signal, context: &Context) -> String {
        let (scope, window) = (self.scope(&signal.scope), lasting(context.window));
        format!(
            "How many: this is the first. Further such failures on {scope} in the next {window} arrive in one summary.\n\n"
        )
    }

    /// Who that is, and what the provider wrote where that says more: the number that a user called with.
    fn described(&self, event: &Event, party: &Party) -> String {
        let name = self.party(event, party);
        let bare = |text: &str| text.trim_start_matches("sip:").trim_start_matches('+').to_owned();
        let is_all = party.entity.as_ref().is_some_and(|entity| bare(entity.value()) == bare(&party.raw));
        let raw = self.shown(&party.raw);
        if raw.is_empty() || is_all || raw == name { name } else { format!("{name} ({raw})") }
    }

    fn why(&self, failure: &Failure) -> String {
        let code = failure.code.map(|code| match code.name() {
            Some(name) => format!("{code}, {name}"),
            None => code.to_string(),
        });
        let words = failure
            .reason
            .as_deref()
            .map(|reason| format!("the provider says \"{}\"", short(&self.shown(reason), MOST_WORDS)));
        let details: Vec<_> = words.into_iter().chain(code.map(|code| format!("code {code}"))).collect();
        let class: FailureClass = failure.class;
        if details.is_empty() {
            class.phrase().to_owned()
        } else {
            format!("{}; {}", class.phrase(), details.join("; "))
        }
    }

    fn pages_of(&self, event: &Event) -> String {
        let event_of = |call: &CallId| format!("calls/{call}?event={}", event.id);
        let call = event.call();
        self.places([
            ("the call", call.as_ref().map(|call| format!("calls/{call}"))),
            ("the event", Some(call.as_ref().map_or_else(|| format!("events/{}", event.id), event_of))),
        ])
    }
}

fn happened(event: &Event) -> Timestamp {
    event.occurred_at().unwrap_or(event.received_at)
}

/// An order can be filled, a message delivered, in part.
fn failed(event: &Event) -> &'static str {
    if event.status == Status::Partial { "partly failed" } else { "failed" }
}

/// A kind with dots would look like a domain.
fn kind(event: &Event) -> String {
    line(&event.kind.replace('.', " "))
}

fn side(direction: Direction) -> String {
    match direction {
        Direction::In => "inbound (towards the platform)".to_owned(),
        Direction::Out => "outbound (from the platform)".to_owned(),
    }
}

/// The balance that was last reported, and its age.
fn known(balance: &Balance, now: Timestamp) -> String {
    let age = lasting(now.duration_since(balance.at));
    format!("{}, as of {age} before this message", balance.amount)
}
