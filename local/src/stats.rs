//! `stats`: how many calls, messages and events a stack counted, with the API's parameters as flags.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::asking::AskError;
use crate::call::Names;
use crate::listing::{Kind, ListAsking, Lists, given, time};
use crate::table::column;
use crate::terminal::Terminal;

/// Which counts.
#[derive(Debug, clap::Args)]
pub(crate) struct Counted {
    #[command(flatten)]
    asking: ListAsking,
    /// Of what ended from then on; without it, in the last 24 hours
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
    /// Of what ended before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<String>,
    /// Apart by hour or day
    #[arg(long)]
    by: Option<String>,
    /// Apart by provider, direction, outcome, class or family, or by several: outcome,class
    #[arg(long)]
    group: Option<String>,
    /// Of the calls of an entity alone, such as sip_user:alice@example.com, by when they began
    #[arg(long)]
    entity: Option<String>,
    /// nanp reads the entity's number as dialled in North America
    #[arg(long)]
    plan: Option<String>,
    /// Of the calls of the entity of that name, as given by names import, instead of --entity
    #[arg(long)]
    name: Option<String>,
}

impl Counted {
    /// Shows them, with the token of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let parameters = given([
            ("from", &self.from),
            ("to", &self.to),
            ("by", &self.by),
            ("group", &self.group),
            ("entity", &self.entity),
            ("plan", &self.plan),
            ("name", &self.name),
        ]);
        let lists = Lists::new(&self.asking.asking.url, lookup)?;
        lists.show(("/stats", &parameters, None), &self.asking, &COUNTS, terminal).await
    }
}

/// Counts as rows.
const COUNTS: Kind<7> = Kind {
    columns: [
        column("SINCE (UTC)", 0, 0),
        column("OF", 10, 0),
        column("CALLS", 0, 0),
        column("ANSWERED", 0, 0),
        column("TALK", 0, 1),
        column("MESSAGES", 0, 2),
        column("EVENTS", 0, 3),
    ],
    row,
    outcome: 1,
    unread: "nothing is counted yet: counts are up to ten minutes behind; calls and events are not",
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    at: Option<Timestamp>,
    calls: u64,
    messages: Option<u64>,
    talk_seconds: f64,
    answered_share: Option<f64>,
    events: Option<u64>,
}

/// What may be counted apart.
const GROUPS: [&str; 5] = ["provider", "direction", "outcome", "class", "family"];

fn row(item: &Value, _: &Names, _: Timestamp) -> Option<[String; 7]> {
    let row = Row::deserialize(item).ok()?;
    let group = GROUPS.iter().filter_map(|group| item.get(group)).map(|name| name.as_str().unwrap_or("-"));
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    Some([
        row.at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        group.collect::<Vec<_>>().join(", ").replace('_', " "),
        row.calls.to_string(),
        row.answered_share.map(|share| format!("{:.0}%", share * 100.0)).unwrap_or_default(),
        format!("{:.0}s", row.talk_seconds),
        number(row.messages),
        number(row.events),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lists::tests::{flags, listed};

    #[test]
    fn each_parameter_of_the_counts_is_a_flag() {
        assert_eq!(flags::<Counted>(), listed("/stats"));
    }

    #[test]
    fn a_row_names_what_is_counted_apart_and_leaves_open_what_is_not_counted() {
        let item = json!({
            "at": "2026-11-02T16:00:00Z", "outcome": "no_answer", "class": null, "calls": 3, "messages": null,
            "talkSeconds": 61.5, "answeredShare": 0.666, "events": 7,
        });
        let cells = ["2026-11-02 16:00", "no answer, -", "3", "67%", "62s", "", "7"].map(str::to_owned);
        assert_eq!(row(&item, &Names::new(), Timestamp::UNIX_EPOCH), Some(cells));
    }
}
