//! Lists of events.

use jiff::Timestamp;

use super::ends::LastDigits;
use super::page::List;
use super::{IndexKey, Page, PageRequest, Place};
use crate::entity::{Category, Entity, EntityKind};
use crate::event::{Event, Own};
use crate::failure::FailureClass;
use crate::name::{Family, Provider, Status, UnknownName};
use crate::store::item::{self, Item};
use crate::store::{Store, StoreError, pointer};

/// Which failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failures {
    /// All.
    Any,
    /// Those of that class.
    Of(FailureClass),
}

/// The word for all classes.
const ANY: &str = "any";

/// A text that names neither a class nor all of them.
#[derive(Debug, thiserror::Error)]
#[error("{0}, or {ANY}")]
pub struct UnknownFailures(UnknownName);

impl std::str::FromStr for Failures {
    type Err = UnknownFailures;

    fn from_str(text: &str) -> Result<Self, UnknownFailures> {
        if text == ANY { Ok(Self::Any) } else { text.parse().map(Self::Of).map_err(UnknownFailures) }
    }
}

impl Failures {
    /// Whether what failed so is among them.
    pub(super) fn include(self, failed: Option<FailureClass>) -> bool {
        match self {
            Self::Any => failed.is_some(),
            Self::Of(class) => failed == Some(class),
        }
    }

    /// The lists of them, with what stands before their names.
    pub(super) fn place(self, before: &str) -> Place {
        let classes = match &self {
            Self::Any => FailureClass::ALL,
            Self::Of(class) => std::slice::from_ref(class),
        };
        let key = |class: &FailureClass| IndexKey { index: "failure", key: format!("{before}{class}") };
        Place::Sharded(classes.iter().map(key).collect())
    }
}

/// The lists of an entity, with what stands before its name.
pub(super) fn of_entity(entity: &Entity, before: &str) -> Place {
    let keys = |indexes: [&'static str; 2], key: String| {
        indexes.map(|index| IndexKey { index, key: format!("{before}{key}") }).into()
    };
    match entity.kind() {
        EntityKind::SipDomain => Place::Sharded(keys(["from_domain", "to_domain"], entity.value().to_owned())),
        _ => Place::Keys(keys(["from_party", "to_party"], entity.to_string())),
    }
}

/// Whether one of the customer's is that entity, or of that domain.
pub(super) fn is_own(all: &[Own], entity: &Entity) -> bool {
    let of_domain = |own: &Own| own.entity.domain().as_ref().map(Entity::sip_domain).as_ref() == Some(entity);
    all.iter().any(|own| own.entity == *entity || of_domain(own))
}

/// Which events are listed: those of which all that is said here holds.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// They concern it.
    pub entity: Option<Entity>,
    /// A number in them ends so.
    pub ends: Option<LastDigits>,
    /// It concerns them in that category.
    pub category: Option<Category>,
    /// They tell of such a failure.
    pub class: Option<Failures>,
    /// That provider sent them.
    pub provider: Option<Provider>,
    /// They are of that family.
    pub family: Option<Family>,
    /// They are of that type, as the provider names it.
    pub kind: Option<String>,
    /// They came to that.
    pub status: Option<Status>,
    /// That is the customer's entity in them, or its domain.
    pub own: Option<Entity>,
}

impl EventFilter {
    /// Where its rows are: under the entity, else under the class, else under the days.
    #[must_use]
    pub fn place(&self) -> Place {
        if let Some(entity) = &self.entity {
            return of_entity(entity, "");
        }
        if let Some(class) = self.class {
            return class.place("");
        }
        let families = self.family.as_ref().map_or(Family::ALL, std::slice::from_ref);
        Place::Days("day", families.iter().map(|family| (String::new(), format!("/{family}"))).collect())
    }

    /// Whether the list has that event. A row may lead to an event from another of the same identity, whose own other entities
    /// it names: so what an index says is looked at again.
    fn includes(&self, event: &Event) -> bool {
        let concerns = |entity: &Entity| {
            let category = |category| self.category.is_none_or(|asked| asked == category);
            event.pairs().iter().any(|pair| pair.entity == *entity && category(pair.category))
        };
        let ends = |digits: &LastDigits| {
            let (pairs, own) = (event.pairs(), event.own.iter().map(|own| &own.entity));
            digits.are_of([&event.from, &event.to], pairs.iter().map(|pair| &pair.entity).chain(own))
        };
        self.entity.as_ref().is_none_or(concerns)
            && self.ends.as_ref().is_none_or(ends)
            && self.class.is_none_or(|class| class.include(event.failure.as_ref().map(|failure| failure.class)))
            && self.provider.is_none_or(|provider| provider == event.provider())
            && self.family.is_none_or(|family| family == event.family)
            && self.kind.as_ref().is_none_or(|kind| *kind == event.kind)
            && self.status.is_none_or(|status| status == event.status)
            && self.own.as_ref().is_none_or(|own| is_own(&event.own, own))
    }
}

impl List for EventFilter {
    type Element = Event;

    fn place(&self) -> Place {
        self.place()
    }

    /// Most rows hold the whole summary; a pointer is followed.
    async fn element(&self, store: &Store, row: &Item, now: Timestamp) -> Result<Option<(String, Event)>, StoreError> {
        let event = match pointer::pointed(row) {
            Some(id) => store.event(&id, now).await?.filter(|event| pointer::leads_to(row, event)),
            None => Some(item::event(row).map_err(|source| StoreError::Item { doing: "reading an index", source })?),
        };
        Ok(event.filter(|event| self.includes(event)).map(|event| (event.id.to_string(), event)))
    }
}

impl Store {
    /// A page of events.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn list(
        &self,
        filter: &EventFilter,
        asked: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Event>, StoreError> {
        self.page(filter, asked, now).await
    }
}
