//! The quarantine: its deliveries, and reading one of them again.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use serde_json::json;
use shared::answer;
use shared::key::{EventId, Subject};
use shared::provider::{self, Reading};
use shared::store::quarantine::Quarantined;
use shared::store::{PageRequest, Put, StoreError};

use crate::lists::List;
use crate::parameters::{ParameterError, Parameters};
use crate::{Answer, Query, QueryError, Views};

/// The parameters of the list.
pub(crate) const PARAMETERS: [&str; 2] = ["cursor", "limit"];
/// The name of the resource in a problem document.
const QUARANTINED: &str = "quarantined delivery";

/// Which part of the quarantine's list is asked for.
///
/// # Errors
/// When a parameter is wrong.
pub fn page_of_quarantine(parameters: &Parameters) -> Result<PageRequest, ParameterError> {
    parameters.page([None, None])
}

impl Views {
    /// A page of the deliveries that could not be read.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn quarantine(&self, page: &PageRequest, now: Timestamp) -> Result<List<Quarantined>, QueryError> {
        Ok(List::of(self.store.list_quarantine(page, now).await?, |delivery| delivery))
    }

    /// One of them, as it came.
    ///
    /// # Errors
    /// When there is none of that id, or the table does not answer.
    pub async fn quarantined(&self, id: &str, now: Timestamp) -> Result<Response<Body>, QueryError> {
        self.stored(&known(id)?, now).await
    }
}

impl Query {
    /// Reads a quarantined delivery again, as after an upgrade, and moves it to the events if that works now. If it stops
    /// half-way it can be repeated: the event is then a duplicate.
    pub(crate) async fn retry(&self, id: &str, now: Timestamp) -> Answer {
        let id = &known(id)?;
        let delivery = self.views.store.quarantined(id, now).await?.ok_or(QueryError::NotFound(QUARANTINED))?;
        let event = match provider::read(&delivery, &self.settings.own_domains) {
            Ok(Reading::Event(event)) => event,
            Ok(Reading::Probe) => return Err(QueryError::StillUnreadable("it says nothing".to_owned())),
            Err(unreadable) => return Err(QueryError::StillUnreadable(unreadable.to_string())),
        };
        let put = self.views.store.put_event(&event, delivery.content(), self.settings.retention).await;
        let (status, event) = match put {
            Ok(Put::Stored(id) | Put::Conflict { id, .. }) => ("stored", id),
            Ok(Put::Duplicate(id)) => ("duplicate", id),
            Err(StoreError::Refused { cause, .. }) => return Err(QueryError::StillUnreadable(cause)),
            Err(error) => return Err(error.into()),
        };
        self.views.store.release(id).await?;
        Ok(answer::json(StatusCode::OK, &json!({"status": status, "id": event.to_string()})))
    }
}

fn known(id: &str) -> Result<EventId, QueryError> {
    let id = id.parse::<EventId>().ok().filter(|id| id.partition().subject() == Subject::Quarantine);
    id.ok_or(QueryError::NotFound(QUARANTINED))
}
