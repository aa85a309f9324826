//! Lists of calls, by their records.

use jiff::Timestamp;

use super::ends::LastDigits;
use super::events::{is_own, of_entity};
use super::page::List;
use super::{Failures, Page, PageRequest, Place};
use crate::call::Outcome;
use crate::entity::Entity;
use crate::key::{Partition, Subject};
use crate::record::{Disposition, Record};
use crate::store::item::Item;
use crate::store::{Store, StoreError, record};

/// Where calls stand in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Placed {
    /// Where their first event was received. All calls do.
    #[default]
    Begun,
    /// Where their last event was received. Those that are over do.
    Ended,
}

/// Which calls are listed: those of which all that is said here holds.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    /// Where they stand.
    pub placed: Placed,
    /// They concern it.
    pub entity: Option<Entity>,
    /// A number in them ends so.
    pub ends: Option<LastDigits>,
    /// They failed so.
    pub class: Option<Failures>,
    /// They came to that.
    pub outcome: Option<Outcome>,
    /// That is the customer's entity in them, or its domain.
    pub own: Option<Entity>,
    /// Somebody talked for so many seconds at least.
    pub min_talk: Option<f64>,
    /// And at most.
    pub max_talk: Option<f64>,
    /// Somebody was alerted for so many seconds at least.
    pub min_ring: Option<f64>,
}

impl CallFilter {
    /// Where its rows are. What ended stands under its day only.
    #[must_use]
    pub fn place(&self) -> Place {
        let before = format!("{}/", Subject::Call);
        match (self.placed, &self.entity, self.class) {
            (Placed::Ended, ..) => Place::Days("day", vec![(format!("ended-{before}"), String::new())]),
            (Placed::Begun, Some(entity), _) => of_entity(entity, &before),
            (Placed::Begun, None, Some(class)) => class.place(&before),
            (Placed::Begun, None, None) => Place::Days("day", vec![(before, String::new())]),
        }
    }

    fn includes(&self, record: &Record) -> bool {
        let concerns = |entity: &Entity| record.entities.iter().any(|pair| pair.entity == *entity);
        let at_least = |least: Option<f64>, seconds: Option<f64>| {
            least.is_none_or(|least| seconds.is_some_and(|seconds| seconds >= least))
        };
        let at_most = |most: f64| record.talk_seconds.is_some_and(|seconds| seconds <= most);
        let ends = |digits: &LastDigits| {
            let entities = record.entities.iter().map(|pair| &pair.entity);
            digits.are_of([&record.from, &record.to], entities.chain(record.own.iter().map(|own| &own.entity)))
        };
        self.entity.as_ref().is_none_or(concerns)
            && self.ends.as_ref().is_none_or(ends)
            && self.class.is_none_or(|class| class.include(record.failure.as_ref().map(|failure| failure.class)))
            && self.outcome.is_none_or(|outcome| record.outcome == Disposition::Call(outcome))
            && self.own.as_ref().is_none_or(|own| is_own(&record.own, own))
            && at_least(self.min_talk, record.talk_seconds)
            && self.max_talk.is_none_or(at_most)
            && at_least(self.min_ring, record.ring_seconds)
    }
}

impl List for CallFilter {
    type Element = Record;

    fn place(&self) -> Place {
        self.place()
    }

    async fn element(&self, store: &Store, row: &Item, now: Timestamp) -> Result<Option<(String, Record)>, StoreError> {
        let record = match record::pointed(row) {
            Some(id) => store.record_led_to(row, &id, now).await?,
            None => {
                Some(record::of_item(row).map_err(|source| StoreError::Item { doing: "reading an index", source })?)
            }
        };
        Ok(record.filter(|record| self.includes(record)).map(|record| (record.id.to_string(), record)))
    }
}

impl Store {
    /// A page of calls.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn list_calls(
        &self,
        filter: &CallFilter,
        asked: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Record>, StoreError> {
        self.page(filter, asked, now).await
    }

    /// The record that a further entity's row leads to; None where it is another's by now.
    async fn record_led_to(&self, row: &Item, id: &Partition, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let stored = self.record_rows(id, now).await?;
        let record = stored.call.as_ref().and_then(record::Row::record);
        Ok(record.filter(|record| record::leads_to(row, record)).cloned())
    }
}
