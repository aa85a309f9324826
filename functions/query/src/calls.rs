//! Lists of calls, by their records: what each came to, without its events.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use shared::entity::{Entity, Pair};
use shared::event::{Own, Party};
use shared::failure::Failure;
use shared::key::{CallId, Partition};
use shared::record::{Disposition, Record, Traffic};
use shared::store::list::{CallFilter, Placed};

use crate::csv::Column;
use crate::lists::{Element, List, ListQuery, RangeNames, bounded};
use crate::names::entities;
use crate::parameters::{ParameterError, Parameters};
use crate::{QueryError, Views};

/// The parameters of lists of calls.
pub(crate) const PARAMETERS: [&str; 17] = [
    "entity",
    "plan",
    "name",
    "ends",
    "class",
    "outcome",
    "own",
    "minTalk",
    "maxTalk",
    "minRing",
    "from",
    "to",
    "endedFrom",
    "endedTo",
    "order",
    "limit",
    "cursor",
];
const BEGUN: RangeNames = ["from", "to"];
const ENDED: RangeNames = ["endedFrom", "endedTo"];

impl ListQuery<CallFilter> {
    /// Reads it.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub fn read(parameters: &Parameters, now: Timestamp) -> Result<Self, ParameterError> {
        let (placed, names, range) = match (parameters.range(BEGUN)?, parameters.range(ENDED)?) {
            (begun, [None, None]) => (Placed::Begun, BEGUN, begun),
            ([None, None], ended) => (Placed::Ended, ENDED, ended),
            _ => return Err(ParameterError::of("endedFrom", "give either from and to, or endedFrom and endedTo")),
        };
        let filter = filter(parameters, placed)?;
        let page = parameters.page(range)?;
        Ok(Self { page: bounded(page, (&filter.place(), names), now)?, filter })
    }
}

fn filter(parameters: &Parameters, placed: Placed) -> Result<CallFilter, ParameterError> {
    let filter = CallFilter {
        placed,
        entity: parameters.entity()?,
        ends: parameters.parsed("ends")?,
        class: parameters.parsed("class")?,
        outcome: parameters.parsed("outcome")?,
        own: parameters.parsed("own")?,
        min_talk: parameters.seconds("minTalk")?,
        max_talk: parameters.seconds("maxTalk")?,
        min_ring: parameters.seconds("minRing")?,
    };
    match (filter.min_talk, filter.max_talk) {
        (Some(least), Some(most)) if least > most => Err(ParameterError::of("minTalk", "more than maxTalk")),
        _ => Ok(filter),
    }
}

/// A call of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedCall {
    /// Its id.
    pub id: Partition,
    /// Which writing of its record this is, from 1.
    pub version: u32,
    /// What it came to.
    pub outcome: Disposition,
    /// Which way it went; None where nothing tells.
    pub direction: Option<Traffic>,
    /// Those of its entities that are the customer's.
    pub own: Vec<Own>,
    /// Who called.
    pub from: Option<Party>,
    /// Who was called at first.
    pub to: Option<Party>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was answered, if it was.
    pub answered_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How long somebody was alerted, in seconds.
    pub ring_seconds: Option<f64>,
    /// How long somebody talked, in seconds.
    pub talk_seconds: Option<f64>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The legs towards somebody.
    pub attempts: usize,
    /// What the caller entered in menus.
    pub menu_steps: Vec<String>,
    /// How many recordings of it were told of.
    pub recordings: usize,
    /// How many events it follows from.
    pub event_count: usize,
    /// The account that it happened in.
    pub account: Option<Entity>,
    /// Every entity that it concerns, each with its category.
    pub entities: Vec<Pair>,
    /// When its first event was received.
    pub received_at: Timestamp,
}

impl Element for ListedCall {
    const COLUMNS: &'static [Column] = &[
        ("id", "/id"),
        ("version", "/version"),
        ("receivedAt", "/receivedAt"),
        ("startedAt", "/startedAt"),
        ("answeredAt", "/answeredAt"),
        ("endedAt", "/endedAt"),
        ("outcome", "/outcome"),
        ("direction", "/direction"),
        ("from", "/from/raw"),
        ("fromEntity", "/from/entity"),
        ("fromName", "@/from/entity"),
        ("to", "/to/raw"),
        ("toEntity", "/to/entity"),
        ("toName", "@/to/entity"),
        ("ringSeconds", "/ringSeconds"),
        ("talkSeconds", "/talkSeconds"),
        ("class", "/failure/class"),
        ("reason", "/failure/reason"),
        ("cause", "/failure/code"),
        ("attempts", "/attempts"),
        ("menuSteps", "/menuSteps/*"),
        ("recordings", "/recordings"),
        ("eventCount", "/eventCount"),
        ("account", "/account"),
        ("own", "/own/*/entity"),
        ("entities", "/entities/*"),
    ];
}

impl ListedCall {
    /// The entities that it shows.
    fn shown(&self) -> impl Iterator<Item = Entity> {
        entities([&self.from, &self.to], &self.own, self.account.as_ref(), self.entities.clone())
    }
}

impl From<Record> for ListedCall {
    fn from(record: Record) -> Self {
        Self {
            id: record.id,
            version: record.version,
            outcome: record.outcome,
            direction: record.direction,
            own: record.own,
            from: record.from,
            to: record.to,
            started_at: record.started_at,
            answered_at: record.answered_at,
            ended_at: record.ended_at,
            ring_seconds: record.ring_seconds,
            talk_seconds: record.talk_seconds,
            failure: record.failure,
            attempts: record.attempts,
            menu_steps: record.menu_steps,
            recordings: record.recordings,
            event_count: record.events,
            account: record.account,
            entities: record.entities,
            received_at: record.received_at,
        }
    }
}

impl Views {
    /// A page of calls.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn calls(&self, asked: &ListQuery<CallFilter>, now: Timestamp) -> Result<List<ListedCall>, QueryError> {
        let page = self.store.list_calls(&asked.filter, &asked.page, now).await?;
        let list = List::of(page, ListedCall::from);
        let names = self.names_beside(list.items.iter().flat_map(ListedCall::shown)).await?;
        Ok(List { names: Some(names), ..list })
    }
    /// Those calls, in that order, as their records tell of them: each that has one of its own. For what names some, such as a page of
    /// what an alert tells of.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn calls_of(&self, ids: &[CallId], now: Timestamp) -> Result<List<ListedCall>, QueryError> {
        let stored = try_join_all(ids.iter().map(|id| self.store.record_rows(id.partition(), now))).await?;
        let records = stored.into_iter().filter_map(|stored| stored.ended.or(stored.call)?.into_record());
        let items: Vec<_> = records.map(ListedCall::from).collect();
        let names = self.names_beside(items.iter().flat_map(ListedCall::shown)).await?;
        Ok(List { items, next: None, read_to: None, names: Some(names) })
    }
}
