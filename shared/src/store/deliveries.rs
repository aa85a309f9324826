//! When each provider last delivered something that left no new event behind: a repeat, a probe, or what is in quarantine. The
//! stream shows the others.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::item::{Build, keys_of, string};
use super::{Store, StoreError};
use crate::name::Provider;

/// Stands before the provider in the partition key.
const DELIVERY: &str = "delivery.";
/// The attribute that has the time.
const AT: &str = "at";

/// A delivery that left no new event behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Eventless {
    /// A repeat or a probe.
    Readable,
    /// One that could not be read.
    Quarantined,
}

impl Eventless {
    fn sort(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::Quarantined => "quarantined",
        }
    }
}

/// When the last deliveries without a new event came, as far as that was noted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct LastDeliveries {
    /// The last repeat or probe.
    pub readable: Option<Timestamp>,
    /// The last one that could not be read.
    pub quarantined: Option<Timestamp>,
}

impl Store {
    /// Notes a delivery that left no new event behind.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take it.
    pub async fn note_delivery(&self, provider: Provider, what: Eventless, at: Timestamp) -> Result<(), StoreError> {
        let item = Build(keys_of(&format!("{DELIVERY}{provider}"), what.sort())).text(AT, Some(at.to_string())).0;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        put.map(|_| ()).map_err(|error| StoreError::of("noting a delivery", error))
    }

    /// The last noted deliveries of a provider.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn last_deliveries(&self, provider: Provider) -> Result<LastDeliveries, StoreError> {
        let asked = self.client.query().table_name(&self.table).consistent_read(true);
        let asked = asked
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(format!("{DELIVERY}{provider}")));
        let rows = asked.send().await.map_err(|error| StoreError::of("looking for the last deliveries", error))?;
        let at = |what: Eventless| {
            let row = rows.items().iter().find(|row| string(row, "sk") == Some(what.sort()))?;
            string(row, AT)?.parse().ok()
        };
        Ok(LastDeliveries { readable: at(Eventless::Readable), quarantined: at(Eventless::Quarantined) })
    }
}
