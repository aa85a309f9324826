//! Events: lists, one event in full, and the delivery that it was read from.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use lambda_http::{Body, Response};
use serde::Serialize;
use shared::event::Event;
use shared::key::{EventId, Subject};
use shared::provider;
use shared::store::list::EventFilter;
use shared::store::names::Names;

use crate::csv::Column;
use crate::lists::{Element, List, ListQuery, RangeNames, bounded};
use crate::names::entities_of_event;
use crate::parameters::{ParameterError, Parameters};
use crate::{QueryError, Views};

/// The parameters of lists of events.
pub(crate) const PARAMETERS: [&str; 18] = [
    "entity", "plan", "name", "ends", "category", "class", "provider", "family", "type", "status", "own", "from", "to",
    "day", "failure", "order", "limit", "cursor",
];
const RANGE: RangeNames = ["from", "to"];

impl ListQuery<EventFilter> {
    /// Reads it.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub fn read(parameters: &Parameters, now: Timestamp) -> Result<Self, ParameterError> {
        let filter = filter(parameters)?;
        let page = parameters.page(range(parameters)?)?;
        Ok(Self { page: bounded(page, (&filter.place(), RANGE), now)?, filter })
    }
}

fn filter(parameters: &Parameters) -> Result<EventFilter, ParameterError> {
    let [class, failure] = [parameters.parsed("class")?, parameters.parsed("failure")?];
    if class.is_some() && failure.is_some() {
        return Err(ParameterError::of("failure", "another name of class: give one of them"));
    }
    let filter = EventFilter {
        entity: parameters.entity()?,
        ends: parameters.parsed("ends")?,
        category: parameters.parsed("category")?,
        class: class.or(failure),
        provider: parameters.parsed("provider")?,
        family: parameters.parsed("family")?,
        kind: parameters.text("type")?,
        status: parameters.parsed("status")?,
        own: parameters.parsed("own")?,
    };
    match filter.category.is_some() && filter.entity.is_none() {
        true => Err(ParameterError::of("category", "an entity's: give entity, too")),
        false => Ok(filter),
    }
}

/// The time of receipt: `from` and `to`, or a `day`.
fn range(parameters: &Parameters) -> Result<[Option<Timestamp>; 2], ParameterError> {
    let range = parameters.range(RANGE)?;
    let day = parameters.read("day", "a date such as 2026-01-31", day)?;
    match (day, range) {
        (None, range) => Ok(range),
        (Some(day), [None, None]) => Ok(day.map(Some)),
        _ => Err(ParameterError::of("day", "give either it or from and to")),
    }
}

/// A day's beginning and end (UTC).
fn day(text: &str) -> Option<[Timestamp; 2]> {
    let begin = text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some([begin.timestamp(), begin.checked_add(1.day()).ok()?.timestamp()])
}

impl Views {
    /// A page of events.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn events(&self, asked: &ListQuery<EventFilter>, now: Timestamp) -> Result<List<Event>, QueryError> {
        let page = self.store.list(&asked.filter, &asked.page, now).await?;
        let list = List::of(page, |event| event);
        let names = self.names_beside(list.items.iter().flat_map(entities_of_event)).await?;
        Ok(List { names: Some(names), ..list })
    }

    /// One event in full.
    ///
    /// # Errors
    /// When there is none of that id, or the table does not answer.
    pub async fn event(&self, id: &str, now: Timestamp) -> Result<NamedEvent, QueryError> {
        let found = self.store.event_with_body(&known(id)?, now).await?;
        let (event, body) = found.ok_or(QueryError::NotFound("event"))?;
        // What lists show is left of them when the body was erased.
        let details = match body {
            Some(body) => provider::details(event.provider(), &body),
            None => event.details.clone(),
        };
        let names = self.names_beside(entities_of_event(&event)).await?;
        Ok(NamedEvent { event: Event { details, ..event }, names })
    }

    /// The delivery that an event was read from, as it came.
    ///
    /// # Errors
    /// When there is none of that id, or the table does not answer.
    pub async fn body(&self, id: &str, now: Timestamp) -> Result<Response<Body>, QueryError> {
        self.stored(&known(id)?, now).await
    }
}

/// An event, with the names of the entities in it.
#[derive(Debug, Serialize)]
pub struct NamedEvent {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// The names.
    pub names: Names,
}

impl Element for Event {
    const COLUMNS: &'static [Column] = &[
        ("id", "/id"),
        ("receivedAt", "/receivedAt"),
        ("occurredAt", "/occurredAt"),
        ("provider", "/provider"),
        ("providerId", "/providerId"),
        ("family", "/family"),
        ("type", "/type"),
        ("status", "/status"),
        ("call", "/call"),
        ("leg", "/leg/id"),
        ("direction", "/leg/direction"),
        ("from", "/from/raw"),
        ("fromEntity", "/from/entity"),
        ("fromName", "@/from/entity"),
        ("to", "/to/raw"),
        ("toEntity", "/to/entity"),
        ("toName", "@/to/entity"),
        ("class", "/failure/class"),
        ("reason", "/failure/reason"),
        ("cause", "/cause"),
        ("account", "/account"),
        ("own", "/own/*/entity"),
        ("entities", "/entities/*"),
        ("warnings", "/warnings/*"),
    ];
}

/// The id of an event, which a quarantined delivery is not.
fn known(id: &str) -> Result<EventId, QueryError> {
    let id = id.parse::<EventId>().ok().filter(|id| id.partition().subject() != Subject::Quarantine);
    id.ok_or(QueryError::NotFound("event"))
}
