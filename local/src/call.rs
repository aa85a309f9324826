//! `call`: one call of a stack, drawn as text: each leg on one axis of time, what it came to and why.

use std::fmt::Write as _;

use jiff::{SignedDurationRound, Timestamp, Unit};
use serde::Deserialize;
use serde_json::Value;
use shared::time::readable;

use crate::asking::{AskError, read};
use crate::client::{ApiUrl, StackClient};
use crate::holder::{CheckTokens, TokenHolder};
use crate::terminal::{Terminal, printable};

/// What `call --help` says behind the flags.
pub(crate) const HELP: &str = "\
The token comes from the environment: TRUNKLINE_READ_TOKEN, a reader's.

Each leg is a line on one axis of time: dots while it rings, a double line while people talk.

  trunkline call https://abcdefghij.execute-api.us-east-1.amazonaws.com/v1/calls/opentact.call.1155f117
  trunkline call --url URL opentact.call.1155f117

Exit status: 0 shown, 1 the stack did not show it, 2 wrong usage.";

/// How many columns the axis has.
const AXIS: usize = 48;

/// Which call to show.
#[derive(clap::Args)]
pub(crate) struct Showing {
    /// The call's address, as alerts give it; or its id, with --url
    call: String,

    /// The stack's output ApiUrl
    #[arg(long)]
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
        terminal.say(&drawn(&read(&answer)?, Timestamp::now()));
        Ok(())
    }
}

impl Showing {
    /// The stack's URL, and the call's id.
    fn place(&self) -> (&str, &str) {
        let (url, id) = self.call.split_once("/calls/").unwrap_or(("", &self.call));
        (self.url.as_deref().unwrap_or(url), id)
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
    recordings: Vec<Value>,
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
    started_at: Option<Timestamp>,
    rang_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
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

/// The party as people write it: `alice@example.com`, `+12025550143`.
pub(crate) fn party(party: Option<&Party>) -> String {
    let Some(Party { raw, entity }) = party else { return "?".to_owned() };
    let known = entity.as_deref().and_then(|entity| entity.split_once(':')).map(|(_, name)| name);
    known.unwrap_or(raw).to_owned()
}

/// All of the call.
fn drawn(call: &Call, now: Timestamp) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut line = |words: String| _ = writeln!(text, "{}", printable(&words).trim_end());
    line(format!("{}  {}", call.outcome.replace('_', " "), call.id));
    line(
        call.started_at
            .map_or_else(|| "not known when".to_owned(), |at| format!("{} ({})", readable(at), ago(at, now))),
    );
    if let Some(by) = &call.ended_by {
        line(format!("ended by the {by}"));
    }
    if let Some(Failure { class, reason }) = &call.failure {
        line(format!(
            "failed: {}{}",
            class.replace('_', " "),
            reason.as_ref().map(|r| format!(" \"{r}\"")).unwrap_or_default()
        ));
    }
    line(String::new());
    let axis = Axis::of(call, now);
    for leg in &call.legs {
        line(format!("{} \u{2192} {}", party(leg.from.as_ref()), party(leg.to.as_ref())));
        line(format!("  {}  {}", axis.bar(leg), came_to(leg)));
    }
    for step in &call.menu {
        let entry = step.entry.as_ref().map(|entry| format!(" \"{entry}\"")).unwrap_or_default();
        line(format!("  {:<AXIS$}  {}{entry}", axis.mark(step.at), step.kind));
    }
    if !call.recordings.is_empty() {
        line(format!("recordings: {}", call.recordings.len()));
    }
    call.warnings.iter().for_each(|warning| line(format!("note: {warning}")));
    if let Some(left_out) = &call.left_out {
        line(format!("not shown: {left_out}"));
    }
    text.trim_end().to_owned()
}

/// `rang 4.2 s, talked 61.0 s: q850:16, normal call clearing`
fn came_to(leg: &Leg) -> String {
    let spans = [("rang", leg.ring_seconds), ("talked", leg.talk_seconds)];
    let spans: Vec<_> = spans.iter().filter_map(|(what, s)| Some(format!("{what} {:.1} s", s.as_ref()?))).collect();
    let mut words = if spans.is_empty() { leg.state.replace('_', " ") } else { spans.join(", ") };
    let causes = [&leg.cause, &leg.cause_name].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !causes.is_empty() {
        words += &format!(": {causes}");
    }
    if let Some(Failure { class, .. }) = &leg.failure {
        words += &format!(" ({})", class.replace('_', " "));
    }
    words
}

/// The axis of time of a call.
struct Axis {
    from: Option<Timestamp>,
    seconds: f64,
}

impl Axis {
    fn of(call: &Call, now: Timestamp) -> Self {
        let times = call.legs.iter().flat_map(|leg| [leg.started_at, leg.rang_at, leg.answered_at, leg.ended_at]);
        let times = times.chain(call.menu.iter().map(|step| step.at)).chain([call.started_at, call.ended_at]).flatten();
        let (from, to) = (times.clone().min(), times.max());
        // Of a call in progress the end is now.
        let to = if call.outcome == "in_progress" { Some(now) } else { to };
        let seconds = from.zip(to).map_or(0.0, |(from, to)| to.duration_since(from).as_secs_f64());
        Self { from, seconds }
    }

    /// The column of a time.
    fn column(&self, at: Option<Timestamp>) -> Option<usize> {
        let share = at?.duration_since(self.from?).as_secs_f64() / self.seconds.max(0.001);
        // The last column whose share is not above it.
        (0..AXIS).rev().find(|column| f64::from(u32::try_from(*column).unwrap_or(0)) / 47.0 <= share)
    }

    /// Dots while it rings, a double line while people talk, a bar where it ends.
    fn bar(&self, leg: &Leg) -> String {
        let [begun, answered, ended] = [leg.started_at, leg.answered_at, leg.ended_at].map(|at| self.column(at));
        let column = |column: usize| match column {
            _ if begun.is_none_or(|begun| column < begun) || ended.is_some_and(|ended| column > ended) => ' ',
            _ if ended == Some(column) => '|',
            _ if answered.is_some_and(|answered| column >= answered) => '=',
            _ => '.',
        };
        (0..AXIS).map(column).collect()
    }

    /// A mark at that time.
    fn mark(&self, at: Option<Timestamp>) -> String {
        self.column(at).map_or_else(String::new, |column| format!("{}^", " ".repeat(column)))
    }
}

/// `3m ago`
fn ago(at: Timestamp, now: Timestamp) -> String {
    let since = now.duration_since(at);
    let unit = if since.as_hours() > 0 { Unit::Minute } else { Unit::Second };
    let since = since.round(SignedDurationRound::new().smallest(unit)).unwrap_or(since);
    format!("{since:#} ago")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_named_by_its_address_or_by_its_id_and_the_stacks() {
        let place = |call: &str, url: Option<&str>| {
            let showing = Showing { call: call.to_owned(), url: url.map(str::to_owned) };
            let (url, id) = showing.place();
            format!("{url} {id}")
        };
        assert_eq!(place("https://a.example.com/v1/calls/onsip.call.1", None), "https://a.example.com/v1 onsip.call.1");
        assert_eq!(place("onsip.call.1", Some("https://b.example.com")), "https://b.example.com onsip.call.1");
    }

    fn leg(from: &str, to: &str, times: [Option<&str>; 3]) -> Value {
        let at = |second: Option<&str>| second.map(|second| format!("2026-11-02T16:30:{second}Z"));
        let [started, answered, ended] = times.map(at);
        json!({
            "state": "ended", "from": {"raw": "x", "entity": format!("sip_user:{from}")},
            "to": {"raw": to, "entity": null}, "startedAt": started, "rangAt": null, "answeredAt": answered,
            "endedAt": ended, "ringSeconds": null, "talkSeconds": null, "cause": null, "causeName": null, "failure": null,
        })
    }

    #[test]
    fn legs_are_lines_on_one_axis_and_what_a_provider_wrote_steers_no_terminal() {
        let mut failed = leg("alice@example.com", "+1202\u{1b}[2J", [Some("00"), None, Some("24")]);
        failed["cause"] = json!("q850:34");
        failed["causeName"] = json!("no circuit available");
        failed["failure"] = json!({"class": "congestion", "reason": null});
        let mut talked = leg("alice@example.com", "bob", [Some("24"), Some("36"), Some("48")]);
        talked["ringSeconds"] = json!(12.0);
        talked["talkSeconds"] = json!(12.0);
        let call: Call = serde_json::from_value(json!({
            "id": "opentact.call.1", "outcome": "answered", "startedAt": "2026-11-02T16:30:00Z",
            "endedAt": "2026-11-02T16:30:48Z", "endedBy": "caller", "failure": null, "warnings": [], "legs": [failed, talked],
            "menu": [{"type": "menu.entry", "at": "2026-11-02T16:30:00Z", "entry": "1"}], "recordings": [], "leftOut": null,
        }))
        .unwrap();
        let expected = format!(
            "answered  opentact.call.1\n2026-11-02 16:30:00 UTC (1m ago)\nended by the caller\n\n\
             alice@example.com \u{2192} +1202\u{FFFD}[2J\n  {}|{}  ended: q850:34, no circuit available (congestion)\n\
             alice@example.com \u{2192} bob\n  {}{}{}|  rang 12.0 s, talked 12.0 s\n  ^{}  menu.entry \"1\"",
            ".".repeat(23),
            " ".repeat(24),
            " ".repeat(23),
            ".".repeat(12),
            "=".repeat(12),
            " ".repeat(47)
        );
        assert_eq!(drawn(&call, "2026-11-02T16:31:00Z".parse().unwrap()), expected);
    }
}
