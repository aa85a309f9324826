//! `call`: one call of a stack, drawn as text: each leg on one axis of time, what it came to and why.

mod drawing;

use std::collections::BTreeMap;

use jiff::Timestamp;
use query::timeline::LegTimes;
use serde::Deserialize;
use serde_json::Value;
use shared::time::{ago, readable};

use crate::asking::{AskError, read};
use crate::client::{ApiUrl, StackClient};
use crate::holder::{CheckTokens, TokenHolder};
use crate::terminal::{Terminal, printable};

/// What `call --help` says behind the flags.
pub(crate) const HELP: &str = "\
The token comes from the environment: TRUNKLINE_READ_TOKEN, a reader's. So may the address: TRUNKLINE_URL.

Each leg is a line on one axis of time:
  ....  it is begun       ~~~~  the called party is alerted   ====  it is picked up
  |     it ends           >     it goes on                    ?     its end is not told
  //    a long time in which nothing changes, drawn shorter

  trunkline call https://abcdefghij.execute-api.us-east-1.amazonaws.com/v1/calls/opentact.call.1155f117
  trunkline call --url URL opentact.call.1155f117

Exit status: 0 shown, 1 the stack did not show it, 2 wrong usage.";

/// Which call to show.
#[derive(clap::Args)]
pub(crate) struct Showing {
    /// The call's address, as alerts give it; or its id, with --url
    call: String,

    /// The stack's output ApiUrl, where the call is named by its id
    #[arg(long, env = "TRUNKLINE_URL")]
    url: Option<String>,
}

impl Showing {
    /// Shows it, with the token of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let (url, id) = self.place();
        let url: ApiUrl = url.parse()?;
        let tokens = CheckTokens::read(lookup)?;
        let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let path = format!("/calls/{id}");
        let answer = StackClient::new(&url)?.get(&path, Some(tokens.of(TokenHolder::Reader)?)).await?;
        Ok(terminal.tell(&drawn(&read(&answer)?, Timestamp::now(), terminal.width()))?)
    }
}

impl Showing {
    /// The stack's URL, and the call's id: from the address in the API, or in the console.
    fn place(&self) -> (&str, &str) {
        let address = self.call.split(['?', '#']).next().unwrap_or_default();
        match address.split_once("/calls/") {
            Some((url, id)) => (url.strip_suffix("/console").unwrap_or(url), id),
            None => (self.url.as_deref().unwrap_or_default(), address),
        }
    }
}

/// A call, as far as it is shown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    id: String,
    outcome: String,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    ended_by: Option<String>,
    failure: Option<Failure>,
    warnings: Vec<String>,
    legs: Vec<Leg>,
    menu: Vec<MenuStep>,
    recordings: Vec<Recorded>,
    events: Vec<Seen>,
    alert: Option<Alert>,
    #[serde(default)]
    names: Names,
    left_out: Option<Value>,
}

/// Why it failed.
#[derive(Deserialize)]
pub(crate) struct Failure {
    pub(crate) class: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Leg {
    state: String,
    from: Option<Party>,
    to: Option<Party>,
    direction: Option<String>,
    #[serde(flatten)]
    times: LegTimes,
    ring_seconds: Option<f64>,
    talk_seconds: Option<f64>,
    cause: Option<String>,
    cause_name: Option<String>,
    failure: Option<Failure>,
}

/// Who calls or is called.
#[derive(Deserialize)]
pub(crate) struct Party {
    raw: String,
    entity: Option<String>,
}

#[derive(Deserialize)]
struct MenuStep {
    #[serde(rename = "type")]
    kind: String,
    at: Option<Timestamp>,
    entry: Option<String>,
}

#[derive(Deserialize)]
struct Recorded {
    at: Option<Timestamp>,
}

/// An event, as far as it is a mark.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    #[serde(rename = "type")]
    kind: String,
    family: String,
    status: String,
    occurred_at: Option<Timestamp>,
}

/// The message that told people of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    subject: String,
    recorded_at: Timestamp,
}

/// What people call entities, by these.
pub(crate) type Names = BTreeMap<String, String>;

/// The party as people write it, with its name: `alice@example.com`, `12025550143 (Front desk)`.
pub(crate) fn party(party: Option<&Party>, names: &Names) -> String {
    let Some(Party { raw, entity }) = party else { return "?".to_owned() };
    let name = entity.as_ref().and_then(|entity| names.get(entity));
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let known = entity.as_deref().and_then(|entity| entity.split_once(':')).map(|(_, name)| name);
    format!("{}{name}", known.unwrap_or(raw))
}

/// All of the call, in so many cells a line.
fn drawn(call: &Call, now: Timestamp, width: Option<usize>) -> String {
    let mut lines = head(call, now);
    lines.push(String::new());
    lines.extend(drawing::lines(call, now, width));
    lines.extend(call.warnings.iter().map(|warning| format!("note: {warning}")));
    lines.extend(call.left_out.iter().map(|left_out| format!("not shown: {left_out}")));
    let lines: Vec<_> = lines.iter().map(|line| printable(line).trim_end().to_owned()).collect();
    lines.join("\n").trim_end().to_owned()
}

/// What it came to, when, why, and what told of it.
fn head(call: &Call, now: Timestamp) -> Vec<String> {
    let told = |at: Timestamp| format!("{} ({})", readable(at), ago(at, now));
    let mut lines = vec![
        format!("{}  {}", call.outcome.replace('_', " "), call.id),
        call.started_at.map_or_else(|| "not known when".to_owned(), told),
    ];
    lines.extend(call.ended_by.iter().map(|by| format!("ended by the {by}")));
    lines.extend(call.failure.iter().map(|failure| format!("failed: {}", failure.words())));
    let alert = call.alert.iter();
    lines.extend(alert.map(|alert| format!("told: {} ({})", alert.subject, ago(alert.recorded_at, now))));
    lines
}

impl Failure {
    /// `congestion "no circuit"`
    fn words(&self) -> String {
        let reason = self.reason.as_ref().map(|reason| format!(" \"{reason}\"")).unwrap_or_default();
        format!("{}{reason}", self.class.replace('_', " "))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
