//! Calls: one, folded from its events. The answer is bounded: of legs and events it shows as many as fit, and says how many
//! it leaves out.

use jiff::Timestamp;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde::Serialize;
use shared::answer;
use shared::call::Call;
use shared::event::Event;
use shared::key::{CallId, EventId};
use shared::store::{CallEvents, Unread};

use crate::parameters::{ParameterError, Parameters};
use crate::{Answer, Query, QueryError};

/// The most bytes of legs and events together, as [`answer::passed_on`] counts them: the rest of 4 MB is for what else the
/// answer says. Lambda takes 6 MB.
const MAX_BYTES: usize = 3_900_000;
/// The most bytes of legs. What they leave holds several of the largest events, so that each page has some.
const MAX_LEG_BYTES: usize = 1_900_000;

/// What a cursor is. One of another call is not, nor one of an event that has expired since.
const OF_THE_CALL: &str = "an event of this call: take it from next";

/// What is said of a call that was not read wholly.
const UNREAD: &str = "not all of its events were read: the outcome, the legs and the times go by those that were";

impl Query {
    pub(crate) async fn call(&self, id: &str, request: &Request, now: Timestamp) -> Answer {
        let parameters = Parameters::of(request, &["cursor"])?;
        let after = parameters.read("cursor", OF_THE_CALL, |text| text.parse().ok())?;
        let id: CallId = id.parse().map_err(|_| QueryError::NotFound("call"))?;
        let CallEvents { events, unread, .. } = self.store.call(&id, now).await?;
        let mut call = Call::fold(&id, events, now).ok_or(QueryError::NotFound("call"))?;
        call.events = behind(call.events, after, unread)?;
        Ok(answer::json(StatusCode::OK, &Shown::of(call, unread)))
    }
}

/// The events behind the one at which the page before ended. Where not all events were read in time, it may be among the others.
fn behind(mut events: Vec<Event>, after: Option<EventId>, unread: Unread) -> Result<Vec<Event>, QueryError> {
    let Some(after) = after else { return Ok(events) };
    match events.iter().position(|event| event.id == after) {
        Some(last) => Ok(events.split_off(last + 1)),
        None if unread == Unread::default() => {
            Err(ParameterError::of("cursor", format_args!("not {OF_THE_CALL}")).into())
        }
        None => Err(QueryError::Unread),
    }
}

/// A call, as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(flatten)]
    call: Call,
    left_out: Option<LeftOut>,
    next: Option<EventId>,
}

/// How much is not in the answer.
#[derive(Serialize, PartialEq, Eq, Default)]
struct LeftOut {
    /// Events behind those of the answer.
    events: usize,
    /// Legs.
    legs: usize,
    /// At least so many calls that are joined to it and were not read.
    calls: usize,
}

impl Shown {
    fn of(mut call: Call, unread: Unread) -> Self {
        let Unread { events, calls } = unread;
        if events || calls > 0 {
            call.warnings.insert(UNREAD);
        }
        let (legs, legs_left_out) = cut(&mut call.legs, MAX_LEG_BYTES);
        let (_, events_left_out) = cut(&mut call.events, MAX_BYTES - legs);
        let left_out = LeftOut { events: events_left_out, legs: legs_left_out, calls };
        let next = call.events.last().filter(|_| events_left_out > 0).map(|event| event.id.clone());
        Self { call, left_out: (left_out != LeftOut::default()).then_some(left_out), next }
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
    use super::*;

    #[test]
    fn a_cursor_whose_event_is_missing_is_wrong_only_where_all_events_were_read() {
        let after: EventId = "onsip.call.x~20261102T164001000000Z~aaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let missed = |unread| behind(Vec::new(), Some(after.clone()), unread).unwrap_err().problem().status();
        assert_eq!(missed(Unread::default()), StatusCode::BAD_REQUEST);
        for unread in [Unread { events: true, calls: 0 }, Unread { events: false, calls: 1 }] {
            assert_eq!(missed(unread), StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
