//! From an event or a record to a signal: whether to alert, how urgently, and together with which other failures. Pure functions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use shared::call::Outcome;
use shared::entity::{Entity, EntityError, EntityKind};
use shared::event::{Event, Own};
use shared::failure::{Failure, FailureClass};
use shared::key::Subject;
use shared::name::{Family, Provider, Status, UnknownName};
pub use shared::outbox::Severity;
use shared::outbox::listed::failure_id;
use shared::record::{Disposition, Record};

/// What failures of a class have in common beyond the class: one repair mends all failures of the scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of a provider, where the account is not known.
    Provider(Provider),
    /// An account, a SIP domain, or a number with the family of what it did.
    Entity(Family, Entity),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider(provider) => provider.fmt(f),
            Self::Entity(family, entity) => write!(f, "{family}/{entity}"),
        }
    }
}

/// Why a text names no scope.
#[derive(Debug, thiserror::Error)]
pub enum ScopeError {
    /// It names no provider, or no family.
    #[error(transparent)]
    Name(#[from] UnknownName),
    /// The text after the family names no entity.
    #[error(transparent)]
    Entity(#[from] EntityError),
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match text.split_once('/') {
            None => Ok(Self::Provider(text.parse()?)),
            Some((family, entity)) => Ok(Self::Entity(family.parse()?, entity.parse()?)),
        }
    }
}

/// A failure to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What failed.
    pub class: FailureClass,
    /// What of: calls and menus, messages, orders. An account's balance fails them all alike.
    pub family: Family,
    /// How urgent it is.
    pub severity: Severity,
    /// The failures that are told together.
    pub scope: Scope,
    /// Signals of one id are one failure: several events report the end of a leg, and a call has several legs.
    pub id: String,
}

impl Signal {
    /// Signals of one key belong to one incident.
    #[must_use]
    pub(crate) fn key(&self) -> String {
        key(self.class, self.family, &self.scope)
    }
}

/// What the key of an incident begins with.
pub(crate) const INCIDENT: &str = "incident#";

/// The key of the incident of a class and scope.
pub(crate) fn key(class: FailureClass, family: Family, scope: &Scope) -> String {
    format!("{INCIDENT}{class}#{family}#{scope}")
}

/// The severities of classes, where they differ from the defaults.
///
/// Written `class=severity`, separated by commas, with severity one of `critical`, `warning`, `off`:
/// `busy=warning,not_permitted=critical,rejected=off`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Severities(BTreeMap<FailureClass, Option<Severity>>);

impl FromStr for Severities {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty());
        rules.map(rule).collect::<Result<_, _>>().map(Self)
    }
}

fn rule(text: &str) -> Result<(FailureClass, Option<Severity>), String> {
    let wrong = |error| format!("{text:?} is not class=severity: {error}");
    let (class, severity) = text.split_once('=').unwrap_or((text, ""));
    let class = class.trim().parse().map_err(wrong)?;
    match severity.trim() {
        "off" => Ok((class, None)),
        name => Ok((class, Some(name.parse().map_err(|error| wrong(error) + ", off")?))),
    }
}

impl Severities {
    /// Every class is told.
    fn every() -> Self {
        Self(FailureClass::ALL.iter().map(|class| (*class, Some(Severity::Critical))).collect())
    }

    /// The severity of an event's failure; None is silent. Everyday outcomes are silent by default: no answer, busy, a
    /// number that does not exist, a failure without a reason.
    fn severity(&self, class: FailureClass, reason: Option<&str>) -> Option<Severity> {
        if let Some(severity) = self.0.get(&class) {
            return *severity;
        }
        match class {
            FailureClass::InsufficientBalance => Some(Severity::Critical),
            FailureClass::NotPermitted
            | FailureClass::Congestion
            | FailureClass::Rejected
            | FailureClass::Undelivered => Some(Severity::Warning),
            FailureClass::Unknown => reason.map(|_| Severity::Warning),
            FailureClass::Busy | FailureClass::NoAnswer | FailureClass::InvalidNumber => None,
        }
    }
}

/// The signal of an event, if it is one to be alerted.
#[must_use]
pub fn of(event: &Event, severities: &Severities) -> Option<Signal> {
    let failure = event.failure.as_ref()?;
    let partition = event.id.partition();
    let id = match partition.subject() {
        // Other content of one event is the same failure.
        Subject::Event | Subject::Quarantine => format!("event~{}", event.id.first()),
        Subject::Call | Subject::Message | Subject::Order => failure_id(partition, failure.class),
    };
    let of = Of { family: event.family, provider: event.provider(), own: &event.own, account: event.account.as_ref() };
    of.signal(failure, severities, id)
}

/// The signal of an event that is told at once: an empty balance, an order, and whatever has no record to wait for.
#[must_use]
pub(crate) fn at_once(event: &Event, severities: &Severities) -> Option<Signal> {
    let signal = of(event, severities)?;
    let has_record = matches!(event.id.partition().subject(), Subject::Call | Subject::Message);
    (signal.class == FailureClass::InsufficientBalance || !has_record).then_some(signal)
}

/// The signal of what a call or message came to.
#[must_use]
pub fn of_record(record: &Record, severities: &Severities) -> Option<Signal> {
    let failure = failure_of(record)?;
    record_as(record).signal(failure, severities, failure_id(&record.id, failure.class))
}

/// The same where the class alone would be silent: what a provider names no reason for belongs to an outage while there is one.
#[must_use]
pub(crate) fn of_outage(record: &Record) -> Option<Signal> {
    let failure = failure_of(record).filter(|failure| is_of_outage(failure))?;
    let signal = record_as(record).signal(failure, &Severities::every(), failure_id(&record.id, failure.class))?;
    Some(Signal { scope: Scope::Provider(record.id.provider()), ..signal })
}

/// Why a call or message that nobody is to blame for did not come about: None where it did, where its caller gave up, and where the
/// called party declined.
fn failure_of(record: &Record) -> Option<&Failure> {
    let failed = match record.outcome {
        Disposition::Call(outcome) => matches!(outcome, Outcome::Failed | Outcome::Busy | Outcome::NoAnswer),
        Disposition::Message(status) => status == Status::Failed,
    };
    let balance = |failure: &&Failure| failure.class == FailureClass::InsufficientBalance;
    record.failure.as_ref().filter(|failure| (failed && !failure.is_declined()) || balance(failure))
}

/// Whether a failure is a sign that a provider or its carrier is down.
pub(crate) fn is_of_outage(failure: &Failure) -> bool {
    match failure.class {
        FailureClass::Congestion | FailureClass::NotPermitted | FailureClass::Unknown => true,
        FailureClass::Rejected => !failure.is_declined(),
        _ => false,
    }
}

fn record_as(record: &Record) -> Of<'_> {
    let family = if record.id.subject() == Subject::Message { Family::Sms } else { Family::Call };
    Of { family, provider: record.id.provider(), own: &record.own, account: record.account.as_ref() }
}

/// What a signal's scope follows from.
struct Of<'o> {
    family: Family,
    provider: Provider,
    own: &'o [Own],
    account: Option<&'o Entity>,
}

impl Of<'_> {
    fn signal(&self, failure: &Failure, severities: &Severities, id: String) -> Option<Signal> {
        let class = failure.class;
        let severity = severities.severity(class, failure.reason.as_deref())?;
        let family = match (class, self.family) {
            // One account is one incident, whatever it could not pay for.
            (FailureClass::InsufficientBalance, _) => Family::Account,
            (_, Family::App) => Family::Call,
            (_, family) => family,
        };
        Some(Signal { class, family, severity, scope: self.scope(class), id })
    }

    /// A balance belongs to the account, congestion and a network's rejection to the provider, all else to what is the customer's own
    /// in it. Strangers have no part: where nobody is known to be the customer's, all of the account is one scope, else all of the
    /// provider.
    fn scope(&self, class: FailureClass) -> Scope {
        let entity = match (class, self.family) {
            (FailureClass::Congestion | FailureClass::Rejected, _) => None,
            (FailureClass::InsufficientBalance, _) | (_, Family::Account | Family::Other) => self.account.cloned(),
            (_, Family::Sms | Family::Call | Family::App) => self.widest().or_else(|| self.account.cloned()),
        };
        let family = |entity: &Entity| if entity.kind() == EntityKind::Account { Family::Account } else { self.family };
        entity.map_or(Scope::Provider(self.provider), |entity| Scope::Entity(family(&entity), entity))
    }

    /// The widest of the customer's entities: a domain, else a number, else a user whose domain is not known.
    fn widest(&self) -> Option<Entity> {
        let own = || self.own.iter().map(|own| &own.entity);
        let number = || own().find(|entity| entity.kind() == EntityKind::PhoneNumber).or_else(|| own().next()).cloned();
        own().find_map(domain).or_else(number)
    }
}

fn domain(entity: &Entity) -> Option<Entity> {
    match entity.kind() {
        EntityKind::SipDomain => Some(entity.clone()),
        _ => entity.domain().as_ref().map(Entity::sip_domain),
    }
}

impl Scope {
    /// Whether a record is of the scope.
    pub(crate) fn holds(&self, record: &Record) -> bool {
        match self {
            Self::Provider(provider) => record.id.provider() == *provider,
            Self::Entity(_, entity) if entity.kind() == EntityKind::Account => record.account.as_ref() == Some(entity),
            Self::Entity(_, entity) => {
                record.own.iter().any(|own| own.entity == *entity || domain(&own.entity).as_ref() == Some(entity))
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;
    use shared::json::Json;
    use shared::provider::opentact;

    use super::*;

    #[test]
    fn rules_are_read_and_what_is_wrong_is_named() {
        let rules: Severities = "busy=warning, not_permitted=critical,rejected=off".parse().unwrap();
        assert_eq!(rules.severity(FailureClass::Busy, None), Some(Severity::Warning));
        assert_eq!(rules.severity(FailureClass::NotPermitted, None), Some(Severity::Critical));
        assert_eq!(rules.severity(FailureClass::Rejected, Some("declined")), None);
        assert_eq!(rules.severity(FailureClass::InsufficientBalance, None), Some(Severity::Critical), "as by default");
        assert_eq!("".parse::<Severities>().unwrap(), Severities::default());
        for (text, told) in
            [("busy", "busy"), ("bussy=warning", "bussy=warning"), ("busy=loud", "critical, warning, off")]
        {
            assert!(text.parse::<Severities>().unwrap_err().contains(told), "{text}");
        }
    }

    #[test]
    fn other_content_of_an_event_is_the_same_failure() {
        let body = r#"{"uuid":"e1","type":"call_state","payload":{"state":"failed"},"call":{"reason":"Low balance"}}"#;
        let first = opentact::read(&Json::read(body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        let conflict = Event { id: format!("{}~{}", first.id, "7".repeat(22)).parse().unwrap(), ..first.clone() };
        assert_eq!(first.id.partition().subject(), Subject::Event);
        let signal = of(&first, &Severities::default()).unwrap();
        assert_eq!(of(&conflict, &Severities::default()), Some(signal));
    }

    #[test]
    fn failures_with_strangers_are_alerted_together_by_what_is_the_customers() {
        let user = r#""direction":"out","to":"eve","sip_user":{"login":"eve","sip_domain":{"name":"two.example.com"}}"#;
        for (own, scope) in [
            (r#""direction":"in","to":"12025550199","tn":{"tn":12025550199}"#, "call/phone_number:12025550199"),
            (r#""direction":"out","to":"dave","tn":12025550199"#, "call/phone_number:12025550199"),
            (r#""direction":"out","to":"dave""#, "call/sip_user:dave"),
            (user, "call/sip_domain:two.example.com"),
            (r#""direction":"in","to":"12025550199","account":{"uuid":"a1"}"#, "account/account:a1"),
            (r#""direction":"in","to":"12025550199""#, "opentact"),
        ] {
            // What the network can't take is the provider's, whoever calls.
            for (stranger, cause, scope) in [
                ("+12025550101", 52, scope),
                ("sip:mallory@carrier.example", 52, scope),
                ("+12025550101", 34, "opentact"),
            ] {
                let body = format!(
                    r#"{{"uuid":"e","type":"call_state","payload":{{"state":"hangup"}},
                    "call":{{"uuid":"l","from":"{stranger}",{own},"q850_cause":{cause}}}}}"#
                );
                let event = opentact::read(&Json::read(&body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
                let signal = of(&event, &Severities::default()).unwrap();
                assert_eq!(signal.scope.to_string(), scope, "{stranger} {own}");
            }
        }
    }

    #[test]
    fn an_unknown_failure_is_told_with_a_reason_only_unless_asked_for() {
        assert_eq!(Severities::default().severity(FailureClass::Unknown, None), None);
        assert_eq!(Severities::default().severity(FailureClass::Unknown, Some("tilt")), Some(Severity::Warning));
        let rules: Severities = "unknown=warning".parse().unwrap();
        assert_eq!(rules.severity(FailureClass::Unknown, None), Some(Severity::Warning));
    }
}
