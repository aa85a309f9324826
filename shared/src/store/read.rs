//! Reading: one item by its key, and lists by merging the indexes that a query needs.
//!
//! A list is in the order in which deliveries were received, the newest first, and its cursor is a position in that order:
//! what was visible at the first page appears exactly once, whatever arrives meanwhile.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::Verified;
use crate::entity::{Category, Entity, EntityKind};
use crate::event::Event;
use crate::failure::FailureClass;
use crate::key::{EventId, IdError, Subject};
use crate::name::Family;
use crate::store::item::{self, Item, SEEN};
use crate::store::pointer;
use crate::store::quarantine::{self, Quarantined};
use crate::store::{Seen, Shards, Store, StoreError};

/// The selection of a list.
#[derive(Debug, Clone)]
pub enum Listing {
    /// The events that concern an entity, in that category or in any.
    Entity(Entity, Option<Category>),
    /// The events received on that UTC day, of that family or of all.
    Day(Date, Option<Family>),
    /// The failures of that class.
    Failure(FailureClass),
}

/// The event at which a page ended: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(Seen);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().ok().filter(Seen::is_of_an_event).map(Self).ok_or(IdError)
    }
}

/// A part of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its elements, the newest first.
    pub items: Vec<T>,
    /// Where the list goes on.
    pub next: Option<Cursor>,
}

/// A part of a list: one key in one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    /// The index.
    pub index: &'static str,
    /// The key in it.
    pub key: String,
}

/// The rows read from a source, the newest first.
struct Rows {
    items: Vec<Item>,
    /// How far it was read, where it may have more.
    read_to: Option<Seen>,
}

/// How often reading goes on when all elements of a page are left out, before the page is returned short.
const ROUNDS: usize = 10;

/// The rows that are read of a source after a round that found only expired ones.
const EXPIRED: usize = 100;

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

    /// One event with the body that it was read from; none if the id is one of the quarantine.
    pub async fn event_with_body(&self, id: &EventId, now: Timestamp) -> Result<Option<(Event, Vec<u8>)>, StoreError> {
        let doing = "reading an event";
        if id.partition().subject() == Subject::Quarantine {
            return Ok(None);
        }
        let names: Vec<_> =
            ["pk", "sk", SEEN, "digest"].iter().chain(&item::PROJECTED).chain(&item::BODY).copied().collect();
        let item = self.item(id, &names, doing).await?.filter(|item| !item::is_expired(item, now));
        let read = |item: Item| Ok((item::event(&item)?, item::body(&item)?.0));
        item.map(read).transpose().map_err(|source| StoreError::Item { doing, source })
    }

    /// The body of an event or of a quarantined delivery, with its content type.
    pub async fn body(&self, id: &EventId, now: Timestamp) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        let doing = "reading a body";
        let item = self.item(id, &item::BODY, doing).await?;
        let item = item.filter(|item| !item::is_expired(item, now));
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

    /// A page of at most `limit` events. It reads a bounded number of rows, whatever has expired.
    pub async fn list(
        &self,
        listing: &Listing,
        after: Option<Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<Event>, StoreError> {
        let sources = listing.sources(self.shards);
        let (mut items, mut after, mut least) = (Vec::new(), after, 0);
        for _ in 0..ROUNDS {
            let wanted = limit - items.len();
            let rows = self.newest(&sources, after.as_ref(), (wanted, least), now).await?;
            after = rows.next;
            least = if rows.items.is_empty() { EXPIRED } else { 0 };
            let events = self.events(rows.items, now).await?;
            items.extend(events.into_iter().filter(|event| listing.includes(event)));
            if after.is_none() || items.len() == limit {
                break;
            }
        }
        Ok(Page { items, next: after })
    }

    /// A page of at most `limit` quarantined deliveries.
    pub async fn list_quarantine(
        &self,
        after: Option<Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<Quarantined>, StoreError> {
        let sources = sharded(self.shards, "day", quarantine::DAY);
        let rows = self.newest(&sources, after.as_ref(), (limit, EXPIRED), now).await?;
        let items: Result<_, _> = rows.items.iter().map(quarantine::of_item).collect();
        let doing = "listing the quarantine";
        Ok(Page { items: items.map_err(|source| StoreError::Item { doing, source })?, next: rows.next })
    }

    /// The newest rows of all sources together, a row that stands in two of them once: at most those wanted, of at least so
    /// many read in each source. Of a source not read to its end, nothing older than its last row read is returned: it may
    /// have more in between.
    async fn newest(
        &self,
        sources: &[IndexKey],
        after: Option<&Cursor>,
        (wanted, least): (usize, usize),
        now: Timestamp,
    ) -> Result<Page<Item>, StoreError> {
        // One more tells whether there is more.
        let limit = least.max(wanted + 1);
        let found = try_join_all(sources.iter().map(|source| self.rows(source, after, limit))).await?;
        let read_to = found.iter().filter_map(|rows| rows.read_to.clone()).max();
        let rows = found.into_iter().flat_map(|rows| rows.items).filter(|item| !item::is_expired(item, now));
        let mut rows: Vec<_> = rows.map(|item| (Seen::of_item(&item), item)).collect();
        rows.sort_by(|a, b| b.0.cmp(&a.0));
        rows.dedup_by(|a, b| a.0 == b.0);
        rows.retain(|(seen, _)| read_to.is_none() || *seen >= read_to);
        let cut = rows.len() > wanted;
        rows.truncate(wanted);
        let next = if cut { rows.last().and_then(|(seen, _)| seen.clone()) } else { read_to };
        Ok(Page { items: rows.into_iter().map(|(_, item)| item).collect(), next: next.map(Cursor) })
    }

    async fn rows(&self, source: &IndexKey, after: Option<&Cursor>, limit: usize) -> Result<Rows, StoreError> {
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(source.index)
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .expression_attribute_names("#key", source.index)
            .expression_attribute_values(":key", AttributeValue::S(source.key.clone()))
            .key_condition_expression("#key = :key");
        if let Some(Cursor(after)) = after {
            request = request
                .key_condition_expression("#key = :key AND seen < :after")
                .expression_attribute_values(":after", AttributeValue::S(after.to_string()));
        }
        let answer = request.send().await.map_err(|error| StoreError::of("reading an index", error))?;
        let read_to = answer.last_evaluated_key().and_then(Seen::of_item);
        Ok(Rows { items: answer.items.unwrap_or_default(), read_to })
    }

    /// The events of rows. Most rows hold the whole summary; a pointer is followed.
    async fn events(&self, rows: Vec<Item>, now: Timestamp) -> Result<Vec<Event>, StoreError> {
        let doing = "reading an index";
        let event = |row: Item| async move {
            match pointer::pointed(&row) {
                Some(id) => Ok(self.event(&id, now).await?.filter(|event| pointer::leads_to(&row, event))),
                None => item::event(&row).map(Some).map_err(|source| StoreError::Item { doing, source }),
            }
        };
        let mut seen = BTreeSet::new();
        let events = try_join_all(rows.into_iter().map(event)).await?.into_iter().flatten();
        Ok(events.filter(|event| seen.insert(event.id.clone())).collect())
    }
}

fn sharded(shards: Shards, index: &'static str, base: &str) -> Vec<IndexKey> {
    shards.keys(base).map(|key| IndexKey { index, key }).collect()
}

impl Listing {
    /// Where its rows are. A page reads of each as many as it may have, and one more, however many there are.
    #[must_use]
    pub fn sources(&self, shards: Shards) -> Vec<IndexKey> {
        match self {
            Self::Entity(domain, _) if domain.kind() == EntityKind::SipDomain => {
                ["from_domain", "to_domain"].iter().flat_map(|index| sharded(shards, index, domain.value())).collect()
            }
            Self::Entity(entity, _) => {
                ["from_party", "to_party"].map(|index| IndexKey { index, key: entity.to_string() }).into()
            }
            Self::Day(date, family) => {
                let families = family.as_ref().map_or(Family::ALL, std::slice::from_ref);
                families.iter().flat_map(|family| sharded(shards, "day", &format!("{date}/{family}"))).collect()
            }
            Self::Failure(class) => sharded(shards, "failure", class.as_str()),
        }
    }

    /// Whether the list has that event. The indexes don't know the category, and a row may lead to an event from another of
    /// the same identity, whose own other entities it names.
    fn includes(&self, event: &Event) -> bool {
        let Listing::Entity(entity, category) = self else { return true };
        event
            .pairs()
            .iter()
            .any(|pair| pair.entity == *entity && category.is_none_or(|category| pair.category == category))
    }
}

/// A projection of those attributes; each through a placeholder, since many of the names are reserved words.
pub(super) fn projection(names: &[&str]) -> (String, HashMap<String, String>) {
    let unique: BTreeSet<_> = names.iter().copied().collect();
    let placeholder = |name: &str| format!("#{name}");
    let expression = unique.iter().map(|name| placeholder(name)).collect::<Vec<_>>().join(", ");
    (expression, unique.into_iter().map(|name| (placeholder(name), name.to_owned())).collect())
}
