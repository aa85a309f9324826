//! What is read of both tables: typed parameters in, typed views out. The API shows them as JSON and CSV, the console as HTML.

use jiff::Timestamp;
use lambda_http::{Body, Response};
use shared::answer;
use shared::aws::{self, Aws};
use shared::key::EventId;
use shared::mute::{InForce, Mutes};
use shared::store::{Shards, Store};
use shared::told::Told;

use crate::QueryError;
use crate::names::AnyNames;

/// The read side.
#[derive(Debug)]
pub struct Views {
    pub(crate) store: Store,
    pub(crate) told: Told,
    pub(crate) mutes: Mutes,
    pub(crate) any_names: AnyNames,
}

impl Views {
    /// The views of those tables.
    #[must_use]
    pub fn new(aws: &Aws, events_table: &str, alerts_table: &str, shards: Shards) -> Self {
        let mutes = Mutes::new(aws, alerts_table.to_owned());
        let told = Told::new(aws, alerts_table.to_owned());
        Self { store: Store::new(aws, events_table.to_owned(), shards), told, mutes, any_names: AnyNames::default() }
    }

    /// Connects ahead of the first request, with the question that most answers would ask first.
    pub async fn connect(&self) {
        aws::ahead(self.has_names()).await;
    }

    /// The mutes that are in force, the one that ends first at the beginning.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn mutes(&self, now: Timestamp) -> Result<InForce, QueryError> {
        Ok(self.mutes.in_force(now).await?)
    }

    /// A stored delivery's body, as it came, and its content type; None where it was erased, or there is none of that id.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn delivery(&self, id: &EventId, now: Timestamp) -> Result<Option<(Vec<u8>, String)>, QueryError> {
        Ok(self.store.body(id, now).await?)
    }

    /// The answer with a stored delivery's body.
    pub(crate) async fn stored(&self, id: &EventId, now: Timestamp) -> Result<Response<Body>, QueryError> {
        let (body, content_type) = self.delivery(id, now).await?.ok_or(QueryError::NotFound("delivery"))?;
        Ok(answer::stored(&content_type, body))
    }
}
