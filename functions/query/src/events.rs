//! Events: lists, one event in full, and the delivery that it was read from.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Request, RequestExt as _};
use shared::answer;
use shared::key::{EventId, Subject};
use shared::provider;

use crate::parameters::{LISTING, Parameters};
use crate::{Answer, Query, QueryError, page};

impl Query {
    pub(crate) async fn events(&self, request: &Request, now: Timestamp) -> Answer {
        let parameters = Parameters::new(request.query_string_parameters(), &LISTING)?;
        let listing = parameters.listing()?;
        let (after, limit) = parameters.page()?;
        page(self.store.list(&listing, after, limit, now).await?)
    }

    pub(crate) async fn event(&self, id: &str, now: Timestamp) -> Answer {
        let id = known(id)?;
        let found = self.store.event_with_body(&id, now).await?;
        let (mut event, body) = found.ok_or(QueryError::NotFound("event"))?;
        event.details = provider::details(event.provider(), &body);
        Ok(answer::json(StatusCode::OK, &event))
    }

    pub(crate) async fn event_body(&self, id: &str, now: Timestamp) -> Answer {
        self.body(&known(id)?, now).await
    }
}

fn known(id: &str) -> Result<EventId, QueryError> {
    let id = id.parse::<EventId>().ok().filter(|id| id.partition().subject() != Subject::Quarantine);
    id.ok_or(QueryError::NotFound("event"))
}
