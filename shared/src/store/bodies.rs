//! Bodies that go sooner than their events. An event without a body is one whose body was erased: its readers say so, and the
//! mappings of the stream's readers pass over it.

use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::key::EventId;
use crate::store::item::{self, BYTES, Build, ENCODING, Item, ItemError, keys_of, string};
use crate::store::list::{Cursor, EventFilter, List, Order, PageRequest, Place};
use crate::store::{Seen, Store, StoreError};

/// The key of how far erasing has come.
const BODIES: &str = "bodies";
const POSITION: &str = "position";
/// When the first event of all was stored, or before: nothing is looked for in earlier days.
const BEGINNING: &str = "20261101T000000000000Z";
/// The events that are found at a time,
const FOUND: usize = 100;
/// and those that are changed together, each over a connection of its own.
const TOGETHER: usize = 25;

/// Whether there may be more to erase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There may.
    Some,
    /// All is erased.
    None,
}

/// The ids of events, whatever else stands in their rows.
struct Ids;

impl List for Ids {
    type Element = EventId;

    fn place(&self) -> Place {
        EventFilter::default().place()
    }

    async fn element(&self, _: &Store, row: &Item, _: Timestamp) -> Result<Option<(String, EventId)>, StoreError> {
        // A row without an id has none to erase, and must not hold up the others.
        Ok(item::id(row).ok().map(|id| (id.to_string(), id)))
    }
}

impl Store {
    /// Erases the bodies of some events that were received before that time, the oldest first, and writes down how far that has
    /// come. Gives whether there may be more.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer: the same events are looked at again, and what is done is done.
    pub async fn erase_bodies_before(&self, time: Timestamp, now: Timestamp) -> Result<Rest, StoreError> {
        let after = self.erased_to().await?;
        if after >= Seen::before(time) {
            return Ok(Rest::None);
        }
        let asked = PageRequest {
            from: after.received_at(),
            to: Some(time),
            order: Order::Ascending,
            after: Some(Cursor::behind(after)),
            limit: FOUND,
        };
        let page = self.page(&Ids, &asked, now).await?;
        self.erase_bodies(&page.items).await?;
        let (at, rest) = match page.next {
            Some(next) => (next.into_position(), Rest::Some),
            None => (Seen::before(time), Rest::None),
        };
        self.put_erased_to(&at).await?;
        Ok(rest)
    }

    /// Erases the bodies of these events. What is gone already is no error.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer; some may be erased nevertheless.
    pub async fn erase_bodies(&self, ids: &[EventId]) -> Result<(), StoreError> {
        for ids in ids.chunks(TOGETHER) {
            try_join_all(ids.iter().map(|id| self.erase_body(id))).await?;
        }
        Ok(())
    }

    /// No index projects a body: this is one write, and none to an index.
    async fn erase_body(&self, id: &EventId) -> Result<(), StoreError> {
        let asked = self.client.update_item().table_name(&self.table).set_key(Some(item::keys(id)));
        let names = [("#body", BYTES), ("#type", "content_type"), ("#encoding", ENCODING)];
        let asked = asked
            .update_expression("REMOVE #body, #type, #encoding")
            .condition_expression("attribute_exists(#body)")
            .set_expression_attribute_names(Some(names.map(|(at, name)| (at.to_owned(), name.to_owned())).into()));
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::of("erasing a body", error)),
        }
    }

    async fn erased_to(&self) -> Result<Seen, StoreError> {
        let doing = "reading how far erasing has come";
        let asked = self.client.get_item().table_name(&self.table).set_key(Some(keys_of(BODIES, POSITION)));
        let found = asked.consistent_read(true).send().await.map_err(|error| StoreError::of(doing, error))?.item;
        let at = found.as_ref().and_then(|item| string(item, "at")).unwrap_or(BEGINNING);
        at.parse().map_err(|_| StoreError::Item { doing, source: ItemError("at") })
    }

    async fn put_erased_to(&self, at: &Seen) -> Result<(), StoreError> {
        let item = Build(keys_of(BODIES, POSITION)).text("at", Some(at.to_string())).0;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        put.map(|_| ()).map_err(|error| StoreError::of("writing how far erasing has come", error))
    }
}
