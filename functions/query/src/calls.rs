//! Lists of calls, by their records: what each came to, without its events.

use jiff::Timestamp;
use serde::Serialize;
use shared::entity::{Entity, Pair};
use shared::event::{Own, Party};
use shared::failure::Failure;
use shared::key::Partition;
use shared::record::{Disposition, Record, Traffic};
use shared::store::list::{CallFilter, Placed};

use crate::csv::Column;
use crate::lists::{Element, List, ListQuery, RangeNames, bounded};
use crate::parameters::{ParameterError, Parameters};
use crate::{Query, QueryError};

/// The parameters of lists of calls.
pub(crate) const PARAMETERS: [&str; 15] = [
    "entity",
    "plan",
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
    pub(crate) fn read(parameters: &Parameters, now: Timestamp) -> Result<Self, ParameterError> {
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
pub(crate) struct ListedCall {
    id: Partition,
    version: u32,
    outcome: Disposition,
    direction: Option<Traffic>,
    own: Vec<Own>,
    from: Option<Party>,
    to: Option<Party>,
    started_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    ring_seconds: Option<f64>,
    talk_seconds: Option<f64>,
    failure: Option<Failure>,
    attempts: usize,
    menu_steps: Vec<String>,
    recordings: usize,
    event_count: usize,
    account: Option<Entity>,
    entities: Vec<Pair>,
    received_at: Timestamp,
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
        ("to", "/to/raw"),
        ("toEntity", "/to/entity"),
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

impl Query {
    pub(crate) async fn calls(
        &self,
        asked: &ListQuery<CallFilter>,
        now: Timestamp,
    ) -> Result<List<ListedCall>, QueryError> {
        let page = self.store.list_calls(&asked.filter, &asked.page, now).await?;
        Ok(List::of(page, ListedCall::from))
    }
}
