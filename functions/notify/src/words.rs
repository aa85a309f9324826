//! The texts of alerts: the e-mail's subject and text, and the SMS. Pure functions.
//!
//! Whatever came from outside is one line of printable characters, without anything like a link, before it enters a text. A balance
//! appears only in alerts about one; the name and address of an account's owner, and the texts of messages, never do.

mod account;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod aloud;
mod channel;
mod chat;
mod class;
mod failure;
mod incident;
mod mask;
mod muted;
mod outside;
mod page;
mod parts;
mod plain;
mod renewal;
mod setting;
mod silence;
mod stack;

use jiff::{SignedDuration, Timestamp};
use shared::address::is_global;
use shared::entity::{Entity, EntityKind};
use shared::event::{Event, Party};
use shared::name::Family;
use shared::outbox::{Alert, AlertState, Attributes, Label, Transport};
use shared::provider::profile;
use shared::text::cut;

pub use self::account::Whose;
#[cfg(test)]
pub(crate) use self::aloud::{chatted, paged, read_aloud};
pub(crate) use self::chat::chat;
pub(crate) use self::page::page;
use crate::balance::Balance;
use crate::names::KnownNames;
use crate::settings::Numbers;
use crate::signal::{Scope, Signal};
use crate::topic::entities;
use plain::{ascii, fitting, gsm, own_shown, short, shown};
pub use stack::{Link, Links, Zone};

/// SNS takes fewer than 100 characters.
pub const MAX_SUBJECT: usize = 99;
/// One part of an SMS in GSM-7 has 160 characters, of which SNS puts the topic's display name and `> ` in front.
pub const MAX_SMS: usize = 160 - "Trunkline> ".len();

/// The most bytes of a name that stands beside its entity.
const MOST_OF_NAME: usize = 40;

/// As many entities an alert can be chosen by.
const MOST_ENTITIES: usize = 100;

/// How texts are written.
#[derive(Debug, Clone)]
pub struct Words {
    /// The base URL of the read API.
    pub api_url: String,
    /// How phone numbers are shown.
    pub numbers: Numbers,
    /// Which stack speaks.
    pub label: Label,
    /// Where its people's clocks are.
    pub zone: Zone,
    /// Where its people turn to.
    pub links: Links,
    /// The names that they know entities by.
    pub names: KnownNames,
}

/// What a failure's alert says besides the failure.
#[derive(Debug, Clone)]
pub struct Context {
    /// The balance that the provider last reported, for a failure that is due to it.
    pub balance: Option<Balance>,
    /// How long further failures are gathered.
    pub window: SignedDuration,
    /// What time it is.
    pub now: Timestamp,
}

/// What the e-mail says when the limit on SMS is reached.
pub(crate) fn held_back(per_hour: usize) -> String {
    format!("No SMS was sent for this: the limit of {per_hour} SMS an hour is reached (SmsPerHour).")
}

impl Words {
    /// Those of a stack without a label, in UTC, and without links of its own.
    #[must_use]
    pub fn new(api_url: String, numbers: Numbers) -> Self {
        let (label, zone, links, names) = Default::default();
        Self { api_url, numbers, label, zone, links, names }
    }

    /// An alert of those texts, within the limits of its transports, with the stack's label. The SMS is made of as many parts as
    /// have room.
    fn alert(&self, id: String, subject: &str, text: String, sms: Option<&[String]>) -> Alert {
        let mark = self.label.mark();
        let sms = sms.map(|parts| {
            let parts: Vec<_> = parts.iter().map(|part| gsm(part)).collect();
            // A bracket counts twice.
            let brackets = mark.matches(['[', ']']).count();
            fitting(parts.iter().map(String::as_str), MAX_SMS - mark.len() - brackets) + &mark
        });
        let subject = cut(&ascii(subject), MAX_SUBJECT - mark.len()).trim_end().to_owned() + &mark;
        let by_sms = sms.as_ref().map(|_| Transport::Sms);
        let transports = [Some(Transport::Email), by_sms, Some(Transport::Chat)].into_iter().flatten().collect();
        let attributes = Attributes::default();
        Alert { id, subject, text, sms, transports, attributes, failures: None, incident: None, page: None }
    }

    /// An alert that waited until what it asks for was done.
    #[must_use]
    pub fn over_by_now(&self, alert: &Alert) -> Alert {
        let subject = alert.subject.strip_suffix(self.label.mark().as_str()).unwrap_or(&alert.subject);
        let subject = format!("Over by now: {subject}");
        let (story, rest) = alert.text.split_once(" What to do: ").unwrap_or((&alert.text, ""));
        let facts = rest.split_once("\n\n").map_or(rest, |(_, facts)| facts);
        let text = format!("Over by now: {story} What to do: nothing.\n\n{facts}");
        let sms = [format!("{subject}."), "Nothing to do.".to_owned()];
        let told = self.alert(alert.id.clone(), &subject, text, alert.sms.as_ref().map(|_| sms.as_slice()));
        let Alert { subject, text, sms, .. } = told;
        Alert { subject, text, sms, ..alert.clone() }
    }

    /// Where to look: pages of the console, each under its name.
    fn places<const N: usize>(&self, places: [(&str, Option<String>); N]) -> String {
        let width = places.iter().map(|(name, _)| name.len() + 2).max().unwrap_or_default();
        let known = places.into_iter().filter_map(|(name, page)| Some((format!("{name}:"), page?)));
        let pages = known.map(|(name, page)| format!("  {name:<width$}{}/console/{page}\n", self.api_url));
        format!("Where to look, in a browser with a read token:\n{}", pages.collect::<String>())
    }

    /// A time in UTC, and in the stack's zone.
    fn time(&self, at: Timestamp) -> String {
        self.zone.time(at)
    }

    /// `alice@example.com to +12025550144`, as far as it is known.
    fn route(&self, event: &Event, each: usize) -> String {
        let name = |party: &Option<Party>| party.as_ref().map(|party| short(&self.party(event, party), each));
        match (name(&event.from), name(&event.to)) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(to)) => format!("to {to}"),
            (None, None) => profile(event.provider()).name.to_owned(),
        }
    }

    /// The shortest name of a party that is clear.
    fn party(&self, event: &Event, party: &Party) -> String {
        match &party.entity {
            Some(entity) => self.with_name(entity, self.entity_of(event, entity)),
            None if party.is_withheld() => "a withheld caller".to_owned(),
            // A stranger's free text has no place beside "top up now": the e-mail's own row shows it.
            None if party.raw.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#')) => {
                // No number that has its country code.
                self.shown(party.raw.trim_start_matches('+'))
            }
            None => "unknown".to_owned(),
        }
    }

    /// An entity that an event concerns, without its name: only the address of one of ours may look like what one can open.
    fn entity_of(&self, event: &Event, entity: &Entity) -> String {
        if is_own(event, entity) { self.own(entity) } else { self.anyones(entity) }
    }

    /// An entity of ours, with its name.
    fn entity(&self, entity: &Entity) -> String {
        self.with_name(entity, self.own(entity))
    }

    fn with_name(&self, entity: &Entity, shown: String) -> String {
        match self.names.of(entity) {
            Some(name) => format!("{shown} ({})", short(&self.shown(name.as_str()), MOST_OF_NAME)),
            None => shown,
        }
    }

    /// An entity of ours, without its name.
    fn own(&self, entity: &Entity) -> String {
        match entity.kind() {
            EntityKind::PhoneNumber | EntityKind::Account => self.anyones(entity),
            _ => own_shown(entity.value(), self.numbers),
        }
    }

    /// An entity that may be anyone's, without its name.
    fn anyones(&self, entity: &Entity) -> String {
        match entity.kind() {
            EntityKind::PhoneNumber if is_global(entity.value()) => self.shown(&format!("+{}", entity.value())),
            _ => self.shown(entity.value()),
        }
    }

    fn scope(&self, scope: &Scope) -> String {
        match scope {
            Scope::Provider(of) => profile(*of).name.to_owned(),
            Scope::Entity(_, entity) if entity.kind() == EntityKind::Account => {
                format!("account {}", self.entity(entity))
            }
            Scope::Entity(_, entity) => self.entity(entity),
        }
    }

    /// A text from outside.
    fn shown(&self, text: &str) -> String {
        shown(text, self.numbers)
    }
}

/// Whether it is one of the event's own, or the domain of one.
fn is_own(event: &Event, entity: &Entity) -> bool {
    let domain = |own: &Entity| own.domain().is_some_and(|domain| domain.as_str() == entity.value());
    event.own.iter().any(|own| own.entity == *entity || entity.kind() == EntityKind::SipDomain && domain(&own.entity))
}

/// What people choose the alert of a failure by.
fn attributes(event: &Event, signal: &Signal) -> Attributes {
    let entities = entities(&event.pairs(), event.account.as_ref());
    Attributes {
        provider: Some(event.provider()),
        class: Some(signal.class.as_str().to_owned()),
        severity: Some(signal.severity),
        state: Some(AlertState::Open),
        // An order can be of thousands of numbers, and SNS takes 256 KB.
        entities: entities.into_iter().take(MOST_ENTITIES).collect(),
    }
}

/// Lines of a name and a value each; what is not known is left out.
fn rows<const N: usize>(rows: [(&str, Option<String>); N]) -> String {
    // As wide as most alerts need, so that one e-mail looks like the other.
    let width = rows.iter().map(|(name, _)| name.len() + 2).max().unwrap_or_default().max(11);
    let known = rows.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    known.map(|(name, value)| format!("{:<width$}{value}\n", format!("{name}:"))).collect()
}

/// What failed, as a person says it.
fn matter(family: Option<Family>, count: usize) -> &'static str {
    match (family, count) {
        (Some(Family::Call | Family::App), 1) => "call",
        (Some(Family::Call | Family::App), _) => "calls",
        (Some(Family::Sms), _) => "SMS",
        (Some(Family::Account), 1) => "number order",
        (Some(Family::Account), _) => "number orders",
        (None, 1) => "call or message",
        (_, 1) => "event",
        (None, _) => "calls and messages",
        (Some(Family::Other), _) => "events",
    }
}

/// A time in words, to the minute: `2 h 5 min`, `40 s`.
fn lasting(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) if hours < 48 => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
