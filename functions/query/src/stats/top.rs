//! Whose calls fail most, by their records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use shared::entity::Entity;
use shared::record::Record;
use shared::store::list::{CallFilter, Failures};
use shared::store::names::Names;

use super::{LookedAt, range};
use crate::parameters::{ParameterError, Parameters};
use crate::{QueryError, Views};

/// The parameters.
pub(crate) const OF_TOP: [&str; 4] = ["from", "to", "class", "limit"];
/// The scopes with most failures, unless the request says how many.
const TOP: usize = 10;

/// The scopes with most failures to be told.
#[derive(Debug)]
pub struct TopQuery {
    range: [Timestamp; 2],
    class: Failures,
    limit: usize,
}

impl TopQuery {
    /// Reads it.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub fn read(parameters: &Parameters, now: Timestamp) -> Result<Self, ParameterError> {
        let class = parameters.parsed("class")?.unwrap_or(Failures::Any);
        Ok(Self { range: range(parameters, now)?, class, limit: parameters.limit()?.unwrap_or(TOP) })
    }
}

/// The scopes with most failures, as the API shows them.
#[derive(Debug, Serialize)]
pub struct Top {
    /// They, the one with most first.
    pub items: Vec<Failing>,
    /// From when on the calls began.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// What was looked at.
    pub records: LookedAt,
    /// The names of the scopes.
    pub names: Names,
}

/// A scope with failed calls.
#[derive(Debug, Serialize)]
pub struct Failing {
    /// A domain or a number, as an entity is written.
    pub scope: String,
    /// How many of its calls failed.
    pub calls: usize,
}

impl Views {
    /// Whose calls fail most.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn top(&self, asked: &TopQuery, now: Timestamp) -> Result<Top, QueryError> {
        let mut failing = BTreeMap::<String, usize>::new();
        let filter = CallFilter { class: Some(asked.class), ..CallFilter::default() };
        let count = |record: &Record| {
            for scope in scopes(record) {
                *failing.entry(scope).or_default() += 1;
            }
        };
        let records = self.look_at(&filter, asked.range, now, count).await?;
        let mut items: Vec<_> = failing.into_iter().map(|(scope, calls)| Failing { scope, calls }).collect();
        items.sort_by_key(|failing| std::cmp::Reverse(failing.calls));
        items.truncate(asked.limit);
        let [from, to] = asked.range;
        let names = self.names_beside(items.iter().filter_map(|item| item.scope.parse().ok())).await?;
        Ok(Top { items, from, to, records, names })
    }
}

/// Whose a call is: the domains of the customer's users in it, else its numbers.
fn scopes(record: &Record) -> Vec<String> {
    let scope = |entity: &Entity| {
        entity.domain().map_or_else(|| entity.to_string(), |domain| Entity::sip_domain(&domain).to_string())
    };
    let mut scopes: Vec<_> = record.own.iter().map(|own| scope(&own.entity)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
