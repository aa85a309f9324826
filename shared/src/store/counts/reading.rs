//! Reading what was counted.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::ToSpan as _;
use jiff::tz::Offset;

use super::{COUNTS, Counts, Slice, of_item};
use crate::name::Provider;
use crate::store::item::{Item, parsed};
use crate::store::{Store, StoreError};
use crate::time;

impl Counts {
    /// How many calls and messages of a provider ended.
    #[must_use]
    pub fn of(&self, provider: Provider) -> u64 {
        let of = |group: &str| group.split('/').next() == Some(provider.as_str());
        let all = self.calls.iter().chain(&self.messages);
        all.filter(|(group, _)| of(group)).map(|(_, tally)| tally.number).sum()
    }
}

impl Store {
    /// What was counted from one slice to another, of those that were; a query for each day.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn counts_between(&self, from: Slice, to: Slice) -> Result<Vec<(Slice, Counts)>, StoreError> {
        let [first, last] = [from, to].map(|Slice(at)| Offset::UTC.to_datetime(at).date());
        let days = first.series(1.day()).take_while(|day| *day <= last);
        let counts = days.map(|day| async move { self.counts_of_day(&day.to_string(), from, to).await });
        Ok(try_join_all(counts).await?.into_iter().flatten().collect())
    }

    async fn counts_of_day(&self, day: &str, from: Slice, to: Slice) -> Result<Vec<(Slice, Counts)>, StoreError> {
        let doing = "reading counts";
        let asked = self.client.query().table_name(&self.table);
        let stamp = |Slice(at): Slice| AttributeValue::S(time::stamp(Some(at)));
        let asked = asked
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(format!("{COUNTS}.{day}")))
            .expression_attribute_values(":from", stamp(from))
            .expression_attribute_values(":to", stamp(to));
        let mut rows = asked.into_paginator().items().send();
        let mut counts = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| StoreError::of(doing, error))?;
            counts.extend(read(&row).map_err(|source| StoreError::Item { doing, source })?);
        }
        Ok(counts)
    }
}

fn read(row: &Item) -> Result<Option<(Slice, Counts)>, crate::store::item::ItemError> {
    let begins = parsed::<String>(row, "sk")?.and_then(|text| time::from_stamp(&text).flatten());
    begins.map(|begins| Ok((Slice::of(begins), of_item(row)?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::counts::Tally;

    #[test]
    fn what_ended_at_one_provider_is_counted_apart() {
        let mut counts = Counts::default();
        let tally = |number| Tally { number, talk_seconds: 0.0 };
        counts.calls.insert("opentact/outbound/answered/-".to_owned(), tally(12));
        counts.calls.insert("onsip/inbound/answered/-".to_owned(), tally(30));
        counts.messages.insert("opentact/-/failed/undelivered".to_owned(), tally(2));
        assert_eq!((counts.of(Provider::Opentact), counts.of(Provider::Onsip)), (14, 30));
    }
}
