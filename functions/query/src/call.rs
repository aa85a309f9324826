//! One call, folded from its events. The answer is bounded: of what a call has many of it shows as many as fit, and says how
//! many it leaves out.

use jiff::Timestamp;
use serde::Serialize;
use shared::answer;
use shared::call::Call;
use shared::event::Event;
use shared::key::{CallId, EventId};
use shared::store::names::Names;
use shared::store::{CallEvents, Unread};

use crate::alerts::AlertView;
use crate::names::entities_of_call;
use crate::parameters::{ParameterError, Parameters};
use crate::{Paged, QueryError, Views};

/// The most bytes of all that a call has many of, as [`answer::passed_on`] counts them: the rest of 4 MB is for what else the
/// answer says. Lambda takes 6 MB.
const MAX_BYTES: usize = 3_900_000;
/// The most bytes of legs. What they leave holds several of the largest events, so that each page has some.
const MAX_LEG_BYTES: usize = 1_900_000;
/// The most bytes of the steps in menus, and of the recordings.
const MAX_TOLD_BYTES: usize = 100_000;

/// What a cursor is. One of another call is not, nor one of an event that has expired since.
const OF_THE_CALL: &str = "an event of this call: take it from next";

/// What is said of a call that was not read wholly.
const UNREAD: &str = "not all of its events were read: the outcome, the legs and the times go by those that were";

/// The parameters of one call.
pub(crate) const PARAMETERS: [&str; 1] = ["cursor"];

/// Which call is asked for, and behind which of its events the page begins.
#[derive(Debug)]
pub struct CallQuery {
    id: CallId,
    after: Option<EventId>,
}

impl CallQuery {
    /// Reads it.
    ///
    /// # Errors
    /// When the id is none, or a parameter is wrong.
    pub fn read(id: &str, parameters: &Parameters) -> Result<Self, QueryError> {
        let after = parameters.read("cursor", OF_THE_CALL, |text| text.parse().ok())?;
        Ok(Self { id: id.parse().map_err(|_| QueryError::NotFound("call"))?, after })
    }
}

impl Views {
    /// One call, folded from its events.
    ///
    /// # Errors
    /// When there is no such call, or the tables do not answer.
    pub async fn call(&self, asked: &CallQuery, now: Timestamp) -> Result<CallView, QueryError> {
        let CallEvents { events, unread, .. } = self.store.call(&asked.id, now).await?;
        let mut call = Call::fold(&asked.id, events, now).ok_or(QueryError::NotFound("call"))?;
        let alert = match is_tellable(&call.events, unread) {
            true => self.message_of(&call.events, now).await?,
            false => None,
        };
        call.events = behind(call.events, asked.after.as_ref(), unread)?;
        let names = self.names_beside(entities_of_call(&call)).await?;
        Ok(CallView::of(call, alert, names, unread))
    }

    async fn message_of(&self, events: &[Event], now: Timestamp) -> Result<Option<AlertView>, QueryError> {
        let parts = events.iter().map(|event| event.id.partition()).collect();
        Ok(self.told.message_of(&parts, now).await?.map(AlertView::from))
    }
}

/// Whether a message can have told of a call: none tells of one in which nothing failed. What was not read may have.
fn is_tellable(events: &[Event], unread: Unread) -> bool {
    unread != Unread::default() || events.iter().any(|event| event.failure.is_some())
}

/// The events behind the one at which the page before ended. Where not all events were read in time, it may be among the others.
fn behind(mut events: Vec<Event>, after: Option<&EventId>, unread: Unread) -> Result<Vec<Event>, QueryError> {
    let Some(after) = after else { return Ok(events) };
    match events.iter().position(|event| event.id == *after) {
        Some(last) => Ok(events.split_off(last + 1)),
        None if unread == Unread::default() => {
            Err(ParameterError::of("cursor", format_args!("not {OF_THE_CALL}")).into())
        }
        None => Err(QueryError::Unread),
    }
}

/// A call, as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// The call, its events apart.
    #[serde(flatten)]
    pub call: Call,
    /// Its events, in the order in which they occurred.
    pub events: Vec<EventOfCall>,
    /// The names of the entities in it.
    pub names: Names,
    /// The message that told of it.
    pub alert: Option<AlertView>,
    /// What does not fit.
    pub left_out: Option<LeftOut>,
    /// The cursor of the next page of events.
    pub next: Option<EventId>,
}

impl Paged for CallView {
    fn next(&self) -> Option<String> {
        self.next.as_ref().map(EventId::to_string)
    }
}

/// An event of a call.
#[derive(Debug, Serialize)]
pub struct EventOfCall {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// Where its delivery is, relative to the call's own address: of where the API is, nothing is known here.
    pub body: String,
}

/// How much is not in the answer.
#[derive(Debug, Serialize, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Events behind those of the answer.
    pub events: usize,
    /// Legs.
    pub legs: usize,
    /// At least so many calls that are joined to it and were not read.
    pub calls: usize,
    /// Steps in menus.
    pub menu: usize,
    /// Recordings.
    pub recordings: usize,
}

impl CallView {
    fn of(mut call: Call, alert: Option<AlertView>, names: Names, unread: Unread) -> Self {
        let Unread { events: unread, calls } = unread;
        if unread || calls > 0 {
            call.warnings.insert(UNREAD);
        }
        let events = std::mem::take(&mut call.events);
        let mut events: Vec<_> = events.into_iter().map(EventOfCall::from).collect();
        let (taken, legs) = cut(&mut call.legs, MAX_LEG_BYTES);
        let (_, menu) = cut(&mut call.menu, MAX_TOLD_BYTES);
        let (_, recordings) = cut(&mut call.recordings, MAX_TOLD_BYTES);
        let (_, left) = cut(&mut events, MAX_BYTES - 2 * MAX_TOLD_BYTES - answer::passed_on(&names) - taken);
        let left_out = LeftOut { events: left, legs, calls, menu, recordings };
        let next = events.last().filter(|_| left > 0).map(|last| last.event.id.clone());
        Self { call, events, names, alert, left_out: (left_out != LeftOut::default()).then_some(left_out), next }
    }
}

impl From<Event> for EventOfCall {
    fn from(event: Event) -> Self {
        Self { body: format!("../events/{}/body", event.id), event }
    }
}

/// Keeps those that fit into that many bytes. Returns the bytes that they take, and how many it left out.
fn cut<T: Serialize>(all: &mut Vec<T>, room: usize) -> (usize, usize) {
    let (mut bytes, mut fitting) = (0, 0);
    for one in &*all {
        let with = bytes + answer::passed_on(one) + ",".len();
        if with > room {
            break;
        }
        (bytes, fitting) = (with, fitting + 1);
    }
    let left_out = all.len() - fitting;
    all.truncate(fitting);
    (bytes, left_out)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use lambda_http::http::StatusCode;

    use super::*;

    #[test]
    fn a_cursor_whose_event_is_missing_is_wrong_only_where_all_events_were_read() {
        let after: EventId = "onsip.call.x~20261102T164001000000Z~aaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let missed = |unread| behind(Vec::new(), Some(&after), unread).unwrap_err().problem().status();
        assert_eq!(missed(Unread::default()), StatusCode::BAD_REQUEST);
        for unread in [Unread { events: true, calls: 0 }, Unread { events: false, calls: 1 }] {
            assert_eq!(missed(unread), StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
