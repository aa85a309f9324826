//! The list of the quarantine.

use jiff::Timestamp;

use super::page::List;
use super::{IndexKey, Page, PageRequest, Place};
use crate::store::item::{self, Item};
use crate::store::quarantine::{self, Quarantined};
use crate::store::{Store, StoreError};

struct Quarantine;

impl List for Quarantine {
    type Element = Quarantined;

    fn place(&self) -> Place {
        Place::Sharded(vec![IndexKey { index: "day", key: quarantine::DAY.to_owned() }])
    }

    async fn element(&self, _: &Store, row: &Item, _: Timestamp) -> Result<Option<(String, Quarantined)>, StoreError> {
        let read = |row: &Item| Ok(Some((item::id(row)?.to_string(), quarantine::of_item(row)?)));
        read(row).map_err(|source| StoreError::Item { doing: "listing the quarantine", source })
    }
}

impl Store {
    /// A page of quarantined deliveries.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer, or an item can't be read.
    pub async fn list_quarantine(&self, asked: &PageRequest, now: Timestamp) -> Result<Page<Quarantined>, StoreError> {
        self.page(&Quarantine, asked, now).await
    }
}
