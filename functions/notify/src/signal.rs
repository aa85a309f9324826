//! From an event to a signal: whether to alert, how urgently, and together with which other failures. Pure functions.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use shared::entity::{Entity, EntityError, EntityKind};
use shared::event::Event;
use shared::failure::FailureClass;
use shared::key::Subject;
use shared::name::{Family, Provider, UnknownName};
pub use shared::outbox::Severity;

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

/// An event's failure to be alerted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What failed.
    pub class: FailureClass,
    /// How urgent it is.
    pub severity: Severity,
    /// The failures that are alerted together.
    pub scope: Scope,
    /// Signals of one id are one failure: several events report the end of a leg, and a call has several legs.
    pub id: String,
}

impl Signal {
    /// Signals of one fingerprint share a window: the first is alerted at once, the rest in summaries.
    #[must_use]
    pub(crate) fn fingerprint(&self) -> String {
        format!("{}#{}", self.class.as_str(), self.scope)
    }
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
    let severity = severities.severity(failure.class, failure.reason.as_deref())?;
    let partition = event.id.partition();
    let matter = match partition.subject() {
        // Other content of one event is the same failure.
        Subject::Event | Subject::Quarantine => event.id.first().to_string(),
        Subject::Call | Subject::Message | Subject::Order => partition.to_string(),
    };
    let class = failure.class;
    Some(Signal { class, severity, scope: scope(event, class), id: format!("{matter}#{}", class.as_str()) })
}

/// A balance belongs to the account, whatever failed because of it. What a message may do depends on its number, what a
/// call may do on its domain. Strangers have no part in it: where nobody is known to be the customer's, all of the account
/// is one scope, else all of the provider.
fn scope(event: &Event, class: FailureClass) -> Scope {
    let entity = match (class, event.family) {
        (FailureClass::InsufficientBalance, _) | (_, Family::Account | Family::Other) => event.account.clone(),
        (_, Family::Sms | Family::Call | Family::App) => own(event).or_else(|| event.account.clone()),
    };
    // One account is one scope, whichever family emptied it.
    let family = |entity: &Entity| if entity.kind() == EntityKind::Account { Family::Account } else { event.family };
    entity.map_or(Scope::Provider(event.provider()), |entity| Scope::Entity(family(&entity), entity))
}

/// The widest of the customer's entities: a domain, else a number, else a user whose domain is not known.
fn own(event: &Event) -> Option<Entity> {
    let own = || event.own.iter().map(|own| &own.entity);
    let domain = own().find_map(|entity| match entity.kind() {
        EntityKind::SipDomain => Some(entity.clone()),
        _ => entity.domain().as_ref().map(Entity::sip_domain),
    });
    let number = || own().find(|entity| entity.kind() == EntityKind::PhoneNumber).or_else(|| own().next()).cloned();
    domain.or_else(number)
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
            for stranger in ["+12025550101", "sip:mallory@carrier.example"] {
                let body = format!(
                    r#"{{"uuid":"e","type":"call_state","payload":{{"state":"hangup"}},
                    "call":{{"uuid":"l","from":"{stranger}",{own},"q850_cause":34}}}}"#
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
