//! Calls: one, folded from its events.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use shared::answer;
use shared::call::Call;
use shared::key::CallId;

use crate::{Answer, Query, QueryError};

impl Query {
    pub(crate) async fn call(&self, id: &str, now: Timestamp) -> Answer {
        let id: CallId = id.parse().map_err(|_| QueryError::NotFound("call"))?;
        let events = self.store.call(&id, now).await?;
        let call = Call::fold(&id, events).ok_or(QueryError::NotFound("call"))?;
        Ok(answer::json(StatusCode::OK, &call))
    }
}
