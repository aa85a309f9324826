//! The alert of a failure, sent at once.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::entity::{Entity, EntityKind};
use shared::event::{Event, Leg, Party};
use shared::failure::{Failure, FailureClass};
use shared::name::{Direction, Status};
use shared::outbox::Alert;
use shared::provider::profile;

use super::class::{advice, advice_of, advice_short, advice_short_of, phrase, sentence};
use super::plain::{line, short};
use super::{Context, Words, attributes, capital, lasting, matter, rows};
use crate::balance::Balance;
use crate::signal::{Severity, Signal};

/// How many of the entities that a failure concerns are named.
const NAMED: usize = 8;
/// How much of the provider's words is shown.
const MOST_WORDS: usize = 500;

impl Words {
    /// The alert of the first failure of a window.
    #[must_use]
    pub fn failure(&self, id: String, event: &Event, signal: &Signal, context: &Context) -> Alert {
        let class = signal.class;
        let what = format!("{} {}", capital(matter(Some(event.family), 1)), failed(event));
        let subject = format!("{what}: {} - {}", phrase(class), self.route(event, 40));
        let sms = [
            format!("{what}: {}.", phrase(class)),
            event.failure.as_ref().map_or_else(|| advice_short(class), advice_short_of).to_owned(),
            self.sms_route(event),
            self.time(happened(event)),
        ];
        let text = format!(
            "{what}: {}.\n\n{}\n{}",
            sentence(class),
            self.facts(event, context),
            self.next(event, signal, context)
        );
        let alert = self.alert(id, &subject, text, (signal.severity == Severity::Critical).then_some(&sms));
        alert.with(attributes(event, signal))
    }

    /// The provider and the route, each once: an event without a route has the provider in its place.
    fn sms_route(&self, event: &Event) -> String {
        let (of, route) = (profile(event.provider()).name, self.route(event, 34));
        if route == of { format!("{of},") } else { format!("{of}, {route},") }
    }

    /// Who, when and why, a line each.
    fn facts(&self, event: &Event, context: &Context) -> String {
        rows([
            // A kind with dots would look like a domain.
            ("Event", Some(line(&event.kind.replace('.', " ")))),
            ("Leg", event.leg.as_ref().map(leg)),
            ("From", event.from.as_ref().map(|party| self.described(event, party))),
            ("To", event.to.as_ref().map(|party| self.described(event, party))),
            ("Concerns", Some(self.concerned(event))),
            ("When", Some(self.time(happened(event)))),
            ("Received", Some(self.time(event.received_at))),
            ("Why", event.failure.as_ref().map(|failure| self.why(failure))),
            ("Balance", context.balance.as_ref().map(|balance| known(balance, context.now))),
            ("Provider", Some(profile(event.provider()).name.to_owned())),
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

    /// What to do, what further failures bring, and where to look.
    fn next(&self, event: &Event, signal: &Signal, context: &Context) -> String {
        let (class, scope) = (signal.class, self.scope(&signal.scope));
        format!(
            "What to do: {}\n\nHow often: this is the first. Further such failures on {scope} in the next {} arrive in one \
             summary.\n\nWhere to look:\n{}",
            event.failure.as_ref().map_or_else(|| advice(class), advice_of),
            lasting(context.window),
            self.places(event)
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
        if details.is_empty() { phrase(class).to_owned() } else { format!("{}; {}", phrase(class), details.join("; ")) }
    }

    fn places(&self, event: &Event) -> String {
        let api_url = &self.api_url;
        let call = event.call().map(|id| format!("  the call:  {api_url}/calls/{id}\n"));
        format!(
            "{}  the event: {api_url}/events/{}\n  (with the header \"Authorization: Bearer\" and a read token)\n",
            call.unwrap_or_default(),
            event.id
        )
    }
}

fn happened(event: &Event) -> Timestamp {
    event.occurred_at().unwrap_or(event.received_at)
}

/// An order can be filled, a message delivered, in part.
fn failed(event: &Event) -> &'static str {
    if event.status == Status::Partial { "partly failed" } else { "failed" }
}

fn leg(leg: &Leg) -> String {
    let side = match leg.direction {
        Some(Direction::In) => "inbound (towards the platform), ",
        Some(Direction::Out) => "outbound (from the platform), ",
        None => "",
    };
    format!("{side}{}", line(&leg.id))
}

/// The balance that was last reported, and its age.
fn known(balance: &Balance, now: Timestamp) -> String {
    let age = lasting(now.duration_since(balance.at));
    format!("{}, as of {age} before this message", balance.amount)
}
