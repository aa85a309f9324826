//! `events` and `calls`: lists of a stack, with the API's filters as flags.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::asking::AskError;
use crate::call::{Failure, Names, Party, party};
use crate::listing::{Kind, ListAsking, Lists, Parameters, given, time, times};
use crate::table::column;
use crate::terminal::Terminal;

/// How many elements, and from which end.
#[derive(Debug, clap::Args)]
struct Extent {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = most)]
    limit: usize,

    /// desc, the newest first, or asc, which needs the beginning of the time
    #[arg(long)]
    order: Option<String>,
}

fn most(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| "not a number from 1 on".to_owned())
}

/// Which events.
#[derive(Debug, clap::Args)]
pub(crate) struct EventFilters {
    /// Of an entity, such as sip_user:alice@example.com
    #[arg(long)]
    entity: Option<String>,
    /// nanp reads the entity's number as dialled in North America
    #[arg(long)]
    plan: Option<String>,
    /// Of the entity of that name, as given by names import, instead of --entity
    #[arg(long)]
    name: Option<String>,
    /// In which a number ends in those digits, such as 0120
    #[arg(long, value_name = "DIGITS")]
    ends: Option<String>,
    /// Of the entity in that role, such as inbound_call
    #[arg(long)]
    category: Option<String>,
    /// That tell of a failure of that class, such as busy, or of any
    #[arg(long)]
    class: Option<String>,
    /// Of onsip or opentact
    #[arg(long)]
    provider: Option<String>,
    /// call, sms, app, account or other
    #[arg(long)]
    family: Option<String>,
    /// Of a type, as the provider names it
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Such as failed
    #[arg(long)]
    status: Option<String>,
    /// In which that is yours, or whose own entity is of that domain
    #[arg(long, value_name = "ENTITY")]
    own: Option<String>,
}

impl EventFilters {
    pub(crate) fn parameters(&self) -> Parameters {
        given([
            ("entity", &self.entity),
            ("plan", &self.plan),
            ("name", &self.name),
            ("ends", &self.ends),
            ("category", &self.category),
            ("class", &self.class),
            ("provider", &self.provider),
            ("family", &self.family),
            ("type", &self.kind),
            ("status", &self.status),
            ("own", &self.own),
        ])
    }
}

/// When they were received.
#[derive(Debug, clap::Args)]
struct EventTimes {
    /// Received from then on
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
    /// Received before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<String>,
    /// Received on that day (UTC), instead of --from and --to
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "to"])]
    day: Option<String>,
}

/// A list of events.
#[derive(Debug, clap::Args)]
pub(crate) struct ListedEvents {
    #[command(flatten)]
    asking: ListAsking,
    #[command(flatten)]
    filters: EventFilters,
    #[command(flatten)]
    times: EventTimes,
    #[command(flatten)]
    extent: Extent,
}

impl ListedEvents {
    /// Shows it, with the token of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let EventTimes { from, to, day } = &self.times;
        let own = [("from", from), ("to", to), ("day", day), ("order", &self.extent.order)];
        let parameters = self.filters.parameters().into_iter().chain(given(own)).collect();
        let lists = Lists::new(&self.asking.asking.url, lookup)?;
        lists.show(("/events", &parameters, Some(self.extent.limit)), &self.asking, &EVENTS, terminal).await
    }
}

/// Which calls.
#[derive(Debug, clap::Args)]
pub(crate) struct CallFilters {
    /// That concern an entity in any leg, such as phone_number:12025550144
    #[arg(long)]
    entity: Option<String>,
    /// nanp reads the entity's number as dialled in North America
    #[arg(long)]
    plan: Option<String>,
    /// That concern the entity of that name, as given by names import, instead of --entity
    #[arg(long)]
    name: Option<String>,
    /// In which a number ends in those digits, such as 0120
    #[arg(long, value_name = "DIGITS")]
    ends: Option<String>,
    /// That failed for that class, such as congestion, or for any
    #[arg(long)]
    class: Option<String>,
    /// That came to that, such as no_answer
    #[arg(long)]
    outcome: Option<String>,
    /// In which that is yours, or whose own entity is of that domain
    #[arg(long, value_name = "ENTITY")]
    own: Option<String>,
    /// In which somebody talked for so many seconds at least
    #[arg(long, value_name = "SECONDS")]
    min_talk: Option<String>,
    /// In which somebody talked for so many seconds at most
    #[arg(long, value_name = "SECONDS")]
    max_talk: Option<String>,
    /// In which somebody was alerted for so many seconds at least
    #[arg(long, value_name = "SECONDS")]
    min_ring: Option<String>,
}

impl CallFilters {
    pub(crate) fn parameters(&self) -> Parameters {
        given([
            ("entity", &self.entity),
            ("plan", &self.plan),
            ("name", &self.name),
            ("ends", &self.ends),
            ("class", &self.class),
            ("outcome", &self.outcome),
            ("own", &self.own),
            ("minTalk", &self.min_talk),
            ("maxTalk", &self.max_talk),
            ("minRing", &self.min_ring),
        ])
    }
}

/// When they began, or when they ended.
#[derive(Debug, clap::Args)]
struct CallTimes {
    /// That began from then on
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
    /// That began before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<String>,
    /// That ended from then on, instead of --from and --to
    #[arg(long, value_name = "TIME", value_parser = time)]
    ended_from: Option<String>,
    /// That ended before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    ended_to: Option<String>,
}

/// A list of calls.
#[derive(Debug, clap::Args)]
pub(crate) struct ListedCalls {
    #[command(flatten)]
    asking: ListAsking,
    #[command(flatten)]
    filters: CallFilters,
    #[command(flatten)]
    times: CallTimes,
    #[command(flatten)]
    extent: Extent,
}

impl ListedCalls {
    /// Shows it, with the token of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let CallTimes { from, to, ended_from, ended_to } = &self.times;
        let own = [("from", from), ("to", to), ("endedFrom", ended_from), ("endedTo", ended_to)];
        let own = given(own).into_iter().chain(given([("order", &self.extent.order)]));
        let parameters = self.filters.parameters().into_iter().chain(own).collect();
        let lists = Lists::new(&self.asking.asking.url, lookup)?;
        lists.show(("/calls", &parameters, Some(self.extent.limit)), &self.asking, &CALLS, terminal).await
    }
}

/// Events as rows.
const EVENTS: Kind<7> = Kind {
    columns: [
        column("RECEIVED (UTC)", 0, 0),
        column("AGO", 0, 0),
        column("STATUS", 12, 0),
        column("TYPE", 12, 1),
        column("FROM", 10, 0),
        column("TO", 10, 0),
        column("ID", 0, 2),
    ],
    row: event_row,
    outcome: 2,
    unread: "nothing found",
};

/// Calls as rows.
const CALLS: Kind<8> = Kind {
    columns: [
        column("STARTED (UTC)", 0, 0),
        column("AGO", 0, 0),
        column("OUTCOME", 12, 0),
        column("FROM", 10, 0),
        column("TO", 10, 0),
        column("RING", 0, 2),
        column("TALK", 0, 1),
        column("ID", 0, 3),
    ],
    row: call_row,
    outcome: 2,
    unread: "nothing found",
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventRow {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    received_at: Timestamp,
    status: String,
    from: Option<Party>,
    to: Option<Party>,
    failure: Option<Failure>,
}

/// The cells of an event, which `tail` shows too.
pub(crate) fn event_row(item: &Value, names: &Names, now: Timestamp) -> Option<[String; 7]> {
    let row = EventRow::deserialize(item).ok()?;
    let [at, ago] = times(row.received_at, now);
    let (from, to) = (party(row.from.as_ref(), names), party(row.to.as_ref(), names));
    Some([at, ago, came_to(&row.status, row.failure.as_ref()), row.kind, from, to, row.id])
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallRow {
    id: String,
    outcome: String,
    started_at: Option<Timestamp>,
    received_at: Timestamp,
    from: Option<Party>,
    to: Option<Party>,
    ring_seconds: Option<f64>,
    talk_seconds: Option<f64>,
    failure: Option<Failure>,
}

fn call_row(item: &Value, names: &Names, now: Timestamp) -> Option<[String; 8]> {
    let row = CallRow::deserialize(item).ok()?;
    let [at, ago] = times(row.started_at.unwrap_or(row.received_at), now);
    let (from, to) = (party(row.from.as_ref(), names), party(row.to.as_ref(), names));
    let seconds = |seconds: Option<f64>| seconds.map(|seconds| format!("{seconds:.0}s")).unwrap_or_default();
    let outcome = came_to(&row.outcome, row.failure.as_ref());
    Some([at, ago, outcome, from, to, seconds(row.ring_seconds), seconds(row.talk_seconds), row.id])
}

/// `failed: congestion`, but `busy` alone.
fn came_to(word: &str, failure: Option<&Failure>) -> String {
    let why = failure.filter(|failure| failure.class != word).map(|failure| format!(": {}", failure.class));
    format!("{word}{}", why.unwrap_or_default()).replace('_', " ")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use clap::{Args, Command};
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::table::Layout;

    pub(crate) fn flags<A: Args>() -> BTreeSet<String> {
        let command = A::augment_args(Command::new("test"));
        let long = |name: &str| {
            let mut parts = name.split('-');
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |name, part| format!("{name}{}{}", part[..1].to_uppercase(), &part[1..]))
        };
        let all = command.get_arguments().filter_map(|argument| argument.get_long()).map(long);
        all.filter(|name| !["url", "json", "csv"].contains(&name.as_str())).collect()
    }

    /// Of two names of one parameter there is one flag; pages are turned here.
    pub(crate) fn listed(resource: &str) -> BTreeSet<String> {
        let route = query::ROUTES.iter().find(|route| route.resource() == resource);
        let all = route.into_iter().flat_map(|route| route.parameters().iter());
        all.filter(|name| !["cursor", "failure"].contains(name)).map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_party_is_shown_with_its_name() {
        let names = Names::from([("phone_number:12025550144".to_owned(), "Front desk".to_owned())]);
        let item = json!({
            "id": "x", "type": "call_state", "receivedAt": "2026-11-02T16:00:00Z", "status": "failed", "outcome": "failed",
            "startedAt": null, "ringSeconds": null, "talkSeconds": null, "failure": null,
            "from": {"raw": "x", "entity": "sip_user:alice@example.com"},
            "to": {"raw": "12025550144", "entity": "phone_number:12025550144"},
        });
        let (event, call) =
            (event_row(&item, &names, Timestamp::UNIX_EPOCH), call_row(&item, &names, Timestamp::UNIX_EPOCH));
        let parties = ["alice@example.com", "12025550144 (Front desk)"];
        assert_eq!(event.map(|[.., from, to, _]| [from, to]), Some(parties.map(str::to_owned)));
        assert_eq!(call.map(|[_, _, _, from, to, ..]| [from, to]), Some(parties.map(str::to_owned)));
    }

    /// As local/README.md says.
    #[test]
    fn the_tables_fit_64_columns_whatever_stands_in_them() {
        let fits = |line: &str| assert_eq!(line.chars().count(), 64, "{line}");
        let [at, ago] = times(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 999));
        let cells = |nth: usize| [at.clone(), ago.clone()].get(nth).cloned().unwrap_or_else(|| "x".repeat(90));
        let (event, call): ([_; 7], [_; 8]) = (std::array::from_fn(cells), std::array::from_fn(cells));
        fits(
            &Layout::of(&EVENTS.columns, std::slice::from_ref(&event), Some(64))
                .line(&event, |_, cell| cell.to_owned()),
        );
        fits(&Layout::of(&CALLS.columns, std::slice::from_ref(&call), Some(64)).line(&call, |_, cell| cell.to_owned()));
    }

    #[test]
    fn each_parameter_of_a_list_is_a_flag() {
        assert_eq!(flags::<ListedEvents>(), listed("/events"));
        assert_eq!(flags::<ListedCalls>(), listed("/calls"));
    }
}
