//! What people choose alerts by: each becomes a message attribute of the alerts topic.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::entity::{Entity, EntityKind};
use crate::name::{Provider, names};

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// By e-mail and SMS.
    Critical,
    /// By e-mail.
    Warning,
}

names!(Severity, "severity": Critical = "critical", Warning = "warning");

/// Where the incident stands that an alert tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertState {
    /// It begins.
    Open,
    /// It goes on.
    More,
    /// It has ended.
    Over,
}

names!(AlertState, "state of an incident": Open = "open", More = "more", Over = "over");

/// An alert's attributes, each where it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The provider.
    pub provider: Option<Provider>,
    /// The class of failure, or what else the alert is about: `balance`, `silence`, `test`.
    pub class: Option<String>,
    /// How urgent what it tells of is.
    pub severity: Option<Severity>,
    /// Where the incident stands.
    pub state: Option<AlertState>,
    /// The entities that it concerns, as the events topic writes them.
    pub entities: BTreeSet<String>,
}

/// The name of the attribute of the entities, here and in the table.
pub const ENTITY: &str = "entity";

impl Attributes {
    /// The attributes of one value, with their names.
    #[must_use]
    pub fn words(&self) -> [(&'static str, &str); 4] {
        [
            ("provider", self.provider.map_or("", Provider::as_str)),
            ("class", self.class.as_deref().unwrap_or_default()),
            ("severity", self.severity.map_or("", Severity::as_str)),
            ("state", self.state.map_or("", AlertState::as_str)),
        ]
    }

    /// The account among the entities.
    #[must_use]
    pub fn account(&self) -> Option<Entity> {
        let mut entities = self.entities.iter().filter_map(|entity| entity.parse::<Entity>().ok());
        entities.find(|entity| entity.kind() == EntityKind::Account)
    }

    /// As attributes of the alert's item.
    pub(super) fn stored(&self) -> impl Iterator<Item = (String, AttributeValue)> {
        let known = self.words().into_iter().filter(|(_, value)| !value.is_empty());
        let words = known.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
        // DynamoDB has no empty set.
        let some = (!self.entities.is_empty()).then(|| AttributeValue::Ss(self.entities.iter().cloned().collect()));
        words.chain(some.map(|entities| (ENTITY.to_owned(), entities)))
    }

    /// Those of an item; what is not there, or can't be read, is not known.
    pub(crate) fn read(item: &HashMap<String, AttributeValue>) -> Self {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let entities = item.get(ENTITY).and_then(|value| value.as_ss().ok());
        Self {
            provider: text("provider").and_then(|name| name.parse().ok()),
            class: text("class"),
            severity: text("severity").and_then(|name| name.parse().ok()),
            state: text("state").and_then(|name| name.parse().ok()),
            entities: entities.into_iter().flatten().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back_and_what_is_not_known_is_left_out() {
        let all = Attributes {
            provider: Some(Provider::Opentact),
            class: Some("congestion".to_owned()),
            severity: Some(Severity::Critical),
            state: Some(AlertState::Over),
            entities: BTreeSet::from(["sip_domain:example.com".to_owned()]),
        };
        for attributes in [all, Attributes::default()] {
            let item: HashMap<_, _> = attributes.stored().collect();
            assert_eq!(Attributes::read(&item), attributes);
        }
        let other = HashMap::from([("state".to_owned(), AttributeValue::S("gone".to_owned()))]);
        assert_eq!(Attributes::read(&other), Attributes::default());
    }
}
