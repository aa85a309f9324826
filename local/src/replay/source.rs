//! What is stored, page by page, the first received first; and the message of each.

use std::time::Duration;

use notify::{Message, ended_call_again, event_again};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::ReplayError;
use super::flags::{Wanted, What};
use super::place::Place;
use crate::asking::AskError;
use crate::listing::{Lists, PAGE, Page, Parameters};
use jiff::Timestamp;

/// How long is waited before a question that was not answered is asked again.
const WAITS: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// A stack's events or calls.
pub(super) struct Source {
    lists: Lists,
    what: What,
    filters: Parameters,
    times: [&'static str; 2],
}

/// What leads to an event in full.
#[derive(Deserialize)]
struct Listed<'s> {
    id: &'s str,
}

impl Source {
    pub(super) fn new(lists: Lists, wanted: &Wanted) -> Self {
        Self { lists, what: wanted.what, filters: wanted.filters.clone(), times: wanted.times }
    }

    /// The page behind a place, which then is behind that page; None where all is read up to that time.
    pub(super) async fn next(
        &self,
        place: &mut Place,
        to: Timestamp,
    ) -> Result<Option<Vec<Box<RawValue>>>, ReplayError> {
        if place.from >= to {
            return Ok(None);
        }
        let ([from, until], end) = (self.times, place.end(to));
        let own = [("order", "asc".to_owned()), (from, place.from.to_string()), (until, end.to_string())];
        let parameters: Parameters = self.filters.iter().cloned().chain(own).collect();
        let path = format!("/{}", self.what);
        let part = (Some(PAGE), place.cursor.as_deref());
        let page: Page<Box<RawValue>> = patiently(async || self.lists.page(&path, &parameters, part).await).await?;
        place.cursor = page.next;
        if place.cursor.is_none() {
            place.from = end;
        }
        Ok(Some(page.items))
    }

    /// How many of a page make a message.
    pub(super) fn number(&self, items: &[Box<RawValue>]) -> Result<usize, ReplayError> {
        match self.what {
            What::Events(_) => Ok(items.len()),
            What::Calls => items
                .iter()
                .try_fold(0, |number, item| Ok(number + usize::from(ended_call_again(item.get())?.is_some()))),
        }
    }

    /// The message of an element; None of a call that is not over, or of what is there no more. A list cuts what an event says: so each is
    /// read in full.
    pub(super) async fn message(&self, item: &RawValue) -> Result<Option<Message>, ReplayError> {
        let What::Events(texts) = self.what else { return Ok(ended_call_again(item.get())?) };
        let listed: Listed<'_> = serde_json::from_str(item.get()).map_err(notify::ShownError::from)?;
        let path = format!("/events/{}", listed.id);
        let shown = patiently(async || self.lists.one(&path).await).await?;
        Ok(shown.map(|shown| event_again(shown.get(), texts)).transpose()?)
    }
}

/// Asks again where that may be answered.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, AskError>) -> Result<T, AskError> {
    for wait in WAITS {
        match ask().await {
            Err(error) if error.is_passing() => tokio::time::sleep(wait).await,
            answered => return answered,
        }
    }
    ask().await
}
