//! Reading one item by its key.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::access::Verified;
use crate::event::Event;
use crate::key::{EventId, Subject};
use crate::store::item::{self, Item, SEEN};
use crate::store::quarantine;
use crate::store::{Store, StoreError};

impl Store {
    /// One event; none if the id is one of the quarantine.
    pub async fn event(&self, id: &EventId, now: Timestamp) -> Result<Option<Event>, StoreError> {
        let doing = "reading an event";
        if id.partition().subject() == Subject::Quarantine {
            return Ok(None);
        }
        let names: Vec<_> = ["pk", "sk", SEEN, "digest"].iter().chain(&item::PROJECTED).copied().collect();
        let item = self.item(id, &names, doing).await?.filter(|item| !item::is_expired(item, now));
        item.map(|item| item::event(&item)).transpose().map_err(|source| StoreError::Item { doing, source })
    }

    /// One event with the body that it was read from, unless that was erased; none if the id is one of the quarantine.
    pub async fn event_with_body(
        &self,
        id: &EventId,
        now: Timestamp,
    ) -> Result<Option<(Event, Option<Vec<u8>>)>, StoreError> {
        let doing = "reading an event";
        if id.partition().subject() == Subject::Quarantine {
            return Ok(None);
        }
        let names: Vec<_> =
            ["pk", "sk", SEEN, "digest"].iter().chain(&item::PROJECTED).chain(&item::BODY).copied().collect();
        let item = self.item(id, &names, doing).await?.filter(|item| !item::is_expired(item, now));
        let read = |item: Item| {
            let body = has_body(&item).then(|| item::body(&item)).transpose()?;
            Ok((item::event(&item)?, body.map(|(body, _)| body)))
        };
        item.map(read).transpose().map_err(|source| StoreError::Item { doing, source })
    }

    /// The body of an event or of a quarantined delivery, with its content type; none once it was erased.
    pub async fn body(&self, id: &EventId, now: Timestamp) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        let doing = "reading a body";
        let item = self.item(id, &item::BODY, doing).await?;
        let item = item.filter(|item| !item::is_expired(item, now) && has_body(item));
        item.map(|item| item::body(&item)).transpose().map_err(|source| StoreError::Item { doing, source })
    }

    /// A quarantined delivery, for reading it again.
    pub async fn quarantined(&self, id: &EventId, now: Timestamp) -> Result<Option<Verified>, StoreError> {
        let doing = "reading a quarantined delivery";
        let names: Vec<_> = ["pk", "sk", SEEN, item::SUMMARY].iter().chain(&item::BODY).copied().collect();
        let item = self.item(id, &names, doing).await?.filter(|item| !item::is_expired(item, now));
        item.map(|item| quarantine::delivery(&item)).transpose().map_err(|source| StoreError::Item { doing, source })
    }

    async fn item(&self, id: &EventId, names: &[&str], doing: &'static str) -> Result<Option<Item>, StoreError> {
        let request =
            self.client.get_item().table_name(&self.table).set_key(Some(item::keys(id))).consistent_read(true);
        let (projection, names) = projection(names);
        let request = request.projection_expression(projection).set_expression_attribute_names(Some(names));
        let answer = request.send().await.map_err(|error| StoreError::of(doing, error))?;
        Ok(answer.item)
    }
}

fn has_body(item: &Item) -> bool {
    item.contains_key(item::BYTES)
}

/// A projection of those attributes; each through a placeholder, since many of the names are reserved words.
pub(super) fn projection(names: &[&str]) -> (String, HashMap<String, String>) {
    let unique: BTreeSet<_> = names.iter().copied().collect();
    let placeholder = |name: &str| format!("#{name}");
    let expression = unique.iter().map(|name| placeholder(name)).collect::<Vec<_>>().join(", ");
    (expression, unique.into_iter().map(|name| (placeholder(name), name.to_owned())).collect())
}
