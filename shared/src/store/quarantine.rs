//! Deliveries that were verified but could not be read as an event: kept whole, and listed apart.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::access::{Carrier, Content, Verified};
use crate::key::{self, EventId, Partition, Subject};
use crate::name::Provider;
use crate::store::item::{
    self, Build, Item, ItemError, SEEN, SUMMARY, id, keys, map, parsed, received_at, required, string, with_body,
};
use crate::store::{Retention, Seen, Shards};

/// The carrier of a delivery that came as a query string; the usual one is not written out.
const QUERY: &str = "query";

/// The `day` under which quarantined deliveries are listed.
pub const DAY: &str = "quarantine";

/// A delivery that was verified but could not be read as an event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    /// Our id, made from the bytes, so that equal bytes have equal ids.
    pub id: EventId,
    /// The provider that sent it.
    pub provider: Provider,
    /// Why it is here.
    pub reason: String,
    /// The path that it was sent to.
    pub path: String,
    /// The content type that came with it.
    pub content_type: Option<String>,
    /// How many bytes it has.
    pub size: usize,
    /// The SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// When it was first received.
    pub received_at: Timestamp,
}

impl Quarantined {
    /// The delivery that could not be read for that reason.
    #[must_use]
    pub fn new(delivery: &Verified, reason: String) -> Self {
        let content = delivery.content();
        let digest: [u8; 32] = Sha256::digest(&content.body).into();
        let partition = Partition::new(delivery.provider(), Subject::Quarantine, &key::digest(&digest));
        Self {
            id: EventId::new(partition, None, &digest),
            provider: delivery.provider(),
            reason,
            path: content.path.clone(),
            content_type: content.content_type.clone(),
            size: content.body.len(),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            received_at: content.received_at,
        }
    }
}

/// The item of a quarantined delivery, with its bytes.
#[must_use]
pub fn to_item(quarantined: &Quarantined, content: &Content, shards: Shards, retention: Retention) -> Item {
    let id = quarantined.id.to_string();
    let day = shards.key(DAY, &id);
    let summary = Build(Item::new())
        .text("reason", Some(quarantined.reason.as_str()))
        .text("path", Some(quarantined.path.as_str()))
        .text("content_type", quarantined.content_type.as_deref())
        .text("carrier", (content.carrier == Carrier::QueryString).then_some(QUERY))
        .text("size", Some(quarantined.size.to_string()))
        .text("sha256", Some(quarantined.sha256.as_str()));
    let item = Build(keys(&quarantined.id))
        .text(SEEN, Some(Seen::new(quarantined.received_at, &id)))
        .text("day", Some(day))
        .map(SUMMARY, summary)
        .expires(quarantined.received_at, retention);
    with_body(item, content)
}

/// The quarantined delivery of an item or of an index's row.
///
/// # Errors
/// [`ItemError`] names the attribute that is not as this code writes it.
pub fn of_item(item: &Item) -> Result<Quarantined, ItemError> {
    let (id, summary) = (id(item)?, map(item, SUMMARY)?);
    Ok(Quarantined {
        provider: id.partition().provider(),
        id,
        reason: parsed(summary, "reason")?.unwrap_or_default(),
        path: parsed(summary, "path")?.unwrap_or_default(),
        content_type: parsed(summary, "content_type")?,
        size: required(summary, "size")?,
        sha256: required(summary, "sha256")?,
        received_at: received_at(item)?,
    })
}

/// The delivery of an item as it came, to be read again.
///
/// # Errors
/// [`ItemError`] names the attribute that is not as this code writes it.
pub fn delivery(item: &Item) -> Result<Verified, ItemError> {
    let quarantined = of_item(item)?;
    let carrier = match string(map(item, SUMMARY)?, "carrier") {
        Some(QUERY) => Carrier::QueryString,
        _ => Carrier::Body,
    };
    let content = Content {
        path: quarantined.path,
        // A delivery without an identity of its own gets the quarantine's, so that it is moved once.
        request_id: quarantined.id.to_string(),
        carrier,
        content_type: quarantined.content_type,
        body: item::body(item)?.0,
        received_at: quarantined.received_at,
    };
    Ok(Verified::before(quarantined.provider, content))
}
