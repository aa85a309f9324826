//! `mute`: holds alerts back on a stack for a while, ends that early, and shows what is held back.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::asking::{AskError, read};
use crate::client::{ApiUrl, StackClient};
use crate::holder::{CheckTokens, TokenHolder};
use crate::terminal::{Terminal, printable};

/// What `mute --help` says behind the flags.
pub(crate) const HELP: &str = "\
Tokens come from the environment, so that they stay out of the shell's history:
  TRUNKLINE_OPERATOR_TOKEN  an operator's token, to mute and to end a mute
  TRUNKLINE_READ_TOKEN      a reader's token, for --list
So may the address: TRUNKLINE_URL.

What is muted is counted, and told by one e-mail when the mute ends. Muting the same again changes its end.
An empty or low balance is muted by --class insufficient_balance only, whatever else is.

  trunkline mute --url URL --class congestion --provider opentact --until 2h --reason 'carrier works'
  trunkline mute --url URL --class congestion --provider opentact --end

Exit status: 0 done, 1 the stack did not do it, 2 wrong usage.";

/// What is muted, as far as each is named.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Target {
    /// A class of failures, such as congestion
    #[arg(long)]
    class: Option<String>,

    /// A provider: its failures of each class, and that it is silent
    #[arg(long)]
    provider: Option<String>,

    /// What incidents are of: sip_domain:example.com, phone_number:12025550144, account:…
    #[arg(long, value_name = "ENTITY")]
    scope: Option<String>,
}

/// What the command is to do.
#[derive(clap::Args)]
pub(crate) struct Muting {
    /// The stack's output ApiUrl
    #[arg(long, env = "TRUNKLINE_URL")]
    url: String,

    #[command(flatten)]
    target: Target,

    /// Until when: a time with its zone (2026-01-31T17:00:00Z), or how long from now (2h, 90m); at most 7 days
    #[arg(long, value_name = "TIME", value_parser = until, requires = "reason", required_unless_present_any = ["end", "list"])]
    until: Option<Timestamp>,

    /// Why, for who reads it when the mute ends
    #[arg(long, value_name = "TEXT", requires = "until")]
    reason: Option<String>,

    /// End the mute of this class, provider and scope now
    #[arg(long, conflicts_with = "until")]
    end: bool,

    /// List the mutes that are in force
    #[arg(long, conflicts_with_all = ["until", "end", "class", "provider", "scope"])]
    list: bool,
}

/// A change.
#[derive(Debug)]
enum Doing {
    /// Mute until then, for that reason.
    Mute(Timestamp, String),
    /// End a mute.
    End,
}

impl Muting {
    /// Does it, with the tokens of an environment.
    pub(crate) async fn run(self, lookup: &dyn Fn(&str) -> Option<String>, terminal: Terminal) -> Result<(), AskError> {
        let stack = MutedStack::new(&self.url, lookup)?;
        match self.until.zip(self.reason) {
            Some((until, reason)) => stack.change(&self.target, Doing::Mute(until, reason), terminal).await,
            None if self.list => stack.list(terminal).await,
            None => stack.change(&self.target, Doing::End, terminal).await,
        }
    }
}

/// A stack whose alerts are muted.
struct MutedStack {
    client: StackClient,
    tokens: CheckTokens,
}

impl MutedStack {
    /// The stack at that URL, with the tokens of an environment.
    fn new(url: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, AskError> {
        let url: ApiUrl = url.parse()?;
        Ok(Self { client: StackClient::new(&url)?, tokens: CheckTokens::read(lookup)? })
    }

    /// Mutes, or ends a mute.
    async fn change(&self, target: &Target, doing: Doing, terminal: Terminal) -> Result<(), AskError> {
        let operator = self.tokens.of(TokenHolder::Operator)?;
        let body = Value::Object(body(target, doing)).to_string();
        let answer = self.client.post("/alerts/mute", operator, body).await?;
        let Changed { status, mute } = read(&answer)?;
        terminal.say(&format!("{}: {mute}", printable(&status)));
        Ok(())
    }

    /// Shows the mutes that are in force.
    async fn list(&self, terminal: Terminal) -> Result<(), AskError> {
        let answer = self.client.get("/alerts/mutes", Some(self.tokens.of(TokenHolder::Reader)?)).await?;
        let Listed { items } = read(&answer)?;
        if items.is_empty() {
            terminal.tell("nothing is muted")?;
        }
        Ok(items.iter().try_for_each(|mute| terminal.tell(&mute.to_string()))?)
    }
}

fn body(target: &Target, doing: Doing) -> Map<String, Value> {
    let (until, reason) = match doing {
        Doing::Mute(until, reason) => (until.to_string(), Some(reason)),
        Doing::End => ("now".to_owned(), None),
    };
    let Target { class, provider, scope } = target;
    let members = [
        ("class", class.clone()),
        ("provider", provider.clone()),
        ("scope", scope.clone()),
        ("until", Some(until)),
        ("reason", reason),
    ];
    members.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect()
}

/// What the stack says of a change.
#[derive(Deserialize)]
struct Changed {
    status: String,
    mute: Mute,
}

/// What the stack says is in force.
#[derive(Deserialize)]
struct Listed {
    items: Vec<Mute>,
}

/// A mute, as the stack tells it.
#[derive(Deserialize)]
struct Mute {
    class: Option<String>,
    provider: Option<String>,
    scope: Option<String>,
    until: String,
    reason: String,
}

/// `congestion, opentact until 2026-11-03T04:00:00Z (carrier works)`
impl fmt::Display for Mute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [&self.class, &self.provider, &self.scope].into_iter().flatten().map(String::as_str);
        let all = format!("{} until {} ({})", named.collect::<Vec<_>>().join(", "), self.until, self.reason);
        f.write_str(&printable(&all))
    }
}

/// The end of a mute: a time with its zone, or how long from now.
fn until(text: &str) -> Result<Timestamp, &'static str> {
    let from_now = || {
        let long: SignedDuration = text.parse().ok()?;
        Timestamp::now().checked_add(long).ok()?.round(jiff::Unit::Second).ok()
    };
    text.parse()
        .ok()
        .or_else(from_now)
        .ok_or("not a time with its zone, such as 2026-01-31T17:00:00Z, nor how long, such as 2h")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_end_is_a_time_or_how_long_from_now() {
        assert_eq!(until("2026-11-03T00:00:00-05:00").unwrap().to_string(), "2026-11-03T05:00:00Z");
        let left = until("90m").unwrap().duration_since(Timestamp::now());
        assert!((5_390..=5_401).contains(&left.as_secs()), "{left}");
        assert!(until("tomorrow").is_err() && until("2026-11-03T04:00:00").is_err());
    }

    #[test]
    fn what_is_sent_names_only_what_was_given_and_what_is_shown_cannot_steer_the_terminal() {
        let target = Target { class: Some("congestion".to_owned()), ..Target::default() };
        assert_eq!(Value::Object(body(&target, Doing::End)), json!({"class": "congestion", "until": "now"}));
        let at = "2026-11-03T04:00:00Z";
        let mute = Doing::Mute(at.parse().unwrap(), "works".to_owned());
        let sent = json!({"class": "congestion", "until": at, "reason": "works"});
        assert_eq!(Value::Object(body(&target, mute)), sent);
        let shown =
            json!({"class": "congestion", "provider": "onsip", "scope": null, "until": at, "reason": "\u{1b}[2J"});
        let shown: Mute = serde_json::from_value(shown).unwrap();
        assert_eq!(shown.to_string(), format!("congestion, onsip until {at} (\u{FFFD}[2J)"));
    }
}
