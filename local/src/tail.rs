//! `tail`: follows the events of a stack as they come, each once.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::asking::AskError;
use crate::call::Names;
use crate::listing::{Asking, Lists, PAGE, Page, Parameters, time};
use crate::lists::{EventFilters, event_row};
use crate::table::cut;
use crate::terminal::{Terminal, escaped};

/// Rows appear up to so late and out of order: so much is read again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);
/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);

/// Which events are followed.
#[derive(Debug, clap::Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    filters: EventFilters,
    /// Received from then on [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
}

impl Tail {
    /// Follows them until whoever reads goes away, with the token of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let lists = Lists::new(&self.asking.url, lookup)?;
        let mut following = Following::new(self.from.and_then(|from| from.parse().ok()).unwrap_or_else(Timestamp::now));
        loop {
            match following.look(&lists, self.filters.parameters()).await {
                Ok(new) => {
                    for item in new {
                        let line = match self.asking.json {
                            true => escaped(&item.to_string()),
                            false => line(&item, &following.names, terminal),
                        };
                        terminal.tell(&line)?;
                    }
                }
                // It is asked again from where it was.
                Err(error) if error.is_passing() => tracing::warn!("{error}; asking again"),
                Err(error) => return Err(error),
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// What was seen, as far as it may come again.
struct Following {
    start: Timestamp,
    since: Timestamp,
    known: BTreeMap<String, Timestamp>,
    /// The names of the entities in what was looked at last.
    names: Names,
}

/// What is looked at of an event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    id: String,
    received_at: Timestamp,
}

impl Following {
    fn new(start: Timestamp) -> Self {
        Self { start, since: start, known: BTreeMap::new(), names: Names::new() }
    }

    /// What is new, as far as the list goes now.
    async fn look(&mut self, lists: &Lists, mut parameters: Parameters) -> Result<Vec<Value>, AskError> {
        parameters.extend([("order", "asc".to_owned()), ("from", self.since.to_string())]);
        let (mut new, mut cursor, mut read_to) = (Vec::new(), None, None);
        self.names.clear();
        loop {
            let page: Page = lists.page("/events", &parameters, (Some(PAGE), cursor.as_deref())).await?;
            new.extend(page.items);
            self.names.extend(page.names);
            read_to = page.read_to.or(read_to);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(self.take(new, read_to));
            }
        }
    }

    /// Those that were not seen before. What was read again two minutes before the end of the list can be forgotten.
    fn take(&mut self, items: Vec<Value>, read_to: Option<Timestamp>) -> Vec<Value> {
        let mut unseen = |item: &Value| {
            let seen = Seen::deserialize(item).ok()?;
            self.known.insert(seen.id, seen.received_at).is_none().then_some(())
        };
        let new = items.into_iter().map(|item| (unseen(&item), item)).collect::<Vec<_>>();
        let overlap = read_to.and_then(|to| to.checked_sub(OVERLAP).ok());
        self.since = overlap.map_or(self.since, |since| since.max(self.start));
        self.known.retain(|_, at| *at >= self.since);
        new.into_iter().filter_map(|(new, item)| new.map(|()| item)).collect()
    }
}

/// An event in a line.
fn line(item: &Value, names: &Names, terminal: Terminal) -> String {
    let Some([at, _, outcome, kind, from, to, _]) = event_row(item, names, Timestamp::now()) else {
        return escaped(&item.to_string());
    };
    let (before, behind) = (format!("{at}  "), format!("  {from} \u{2192} {to}  {kind}"));
    let outcome = format!("{outcome:<12}");
    let left = terminal.width().map_or(usize::MAX, |room| room.saturating_sub(before.len() + outcome.len()));
    format!("{before}{}{}", terminal.coloured(&outcome), cut(&behind, left))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::json;

    use super::*;

    /// An event each second, whose row appears between at once and two minutes later, in no order.
    #[test]
    fn rows_that_appear_late_and_out_of_order_are_told_once_each() {
        let start: Timestamp = "2026-11-02T16:00:00Z".parse().unwrap();
        let at = |second: i64| start + SignedDuration::from_secs(second);
        let rows: Vec<_> = (0..1_000).map(|nth| (nth, nth + nth * 7_919 % 120)).collect();
        let mut following = Following::new(start);
        let mut told = Vec::new();
        for now in (0..1_200).step_by(7) {
            let visible = rows.iter().filter(|(at_second, seen)| *seen <= now && at(*at_second) >= following.since);
            let items =
                visible.map(|(second, _)| json!({"id": second.to_string(), "receivedAt": at(*second)})).collect();
            told.extend(following.take(items, Some(at(now))));
            assert!(following.known.len() <= 128, "{}", following.known.len());
        }
        let mut ids: Vec<i64> = told.iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..1_000).collect::<Vec<_>>());
    }
}
