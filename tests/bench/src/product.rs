//! Trunkline's own code, called in this process: what a delivery's bytes become.

use jiff::Timestamp;
use shared::access::{Carrier, Content, Verified};
use shared::event::Event;
use shared::name::Provider;
use shared::provider::{self, OwnDomains, Reading};
use shared::store::{Retention, Shards, item};

use crate::delivery::folder;
use crate::error::{BenchError, While as _};

/// The bytes of a sample delivery.
///
/// # Errors
/// When there is no such file in `events/`.
pub fn sample(file: &str) -> Result<Vec<u8>, BenchError> {
    std::fs::read(folder().join(file)).while_doing(format!("reading {file}"))
}

/// A delivery with that body, let in.
#[must_use]
pub fn delivery(provider: Provider, body: Vec<u8>, received_at: Timestamp) -> Verified {
    let content = Content {
        path: String::new(),
        request_id: String::new(),
        carrier: Carrier::Body,
        content_type: Some("application/json".to_owned()),
        body,
        received_at,
    };
    Verified::before(provider, content)
}

/// The event of a delivery.
///
/// # Errors
/// When it can't be read as one.
pub fn event(delivery: &Verified) -> Result<Event, BenchError> {
    match provider::read(delivery, &OwnDomains::default()).while_doing("reading a delivery")? {
        Reading::Event(event) => Ok(*event),
        Reading::Probe => Err(BenchError::new("reading a delivery", "it is a probe")),
    }
}

/// The size of the item that an event with that body is stored as, in bytes.
pub(crate) fn item_bytes(provider: Provider, body: &str) -> Result<usize, BenchError> {
    let delivery = delivery(provider, body.as_bytes().to_vec(), Timestamp::UNIX_EPOCH);
    let item = item::of_event(&event(&delivery)?, delivery.content(), Shards::default(), Retention::Forever);
    Ok(item::size(&item))
}
