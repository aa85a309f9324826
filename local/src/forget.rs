//! `forget`: erases what the tables hold of a number or a SIP address. Each item is changed by itself, and what was changed
//! is not found again, so that a run that was cut short is simply started again.

mod item;
mod table;
mod written;

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use shared::aws::{Aws, ServiceError};
use shared::entity::Entity;
use shared::outbox::KEPT;
use shared::settings::{Lookup, Reader};

use self::table::Table;
use self::written::Written;
use crate::redrive::VariablesError;
use crate::terminal::Terminal;

pub use self::table::Tally;
pub use self::written::NotWritten;

/// What `forget --help` says beyond the flags.
pub(crate) const HELP: &str = "\
The settings are the environment of the function notify, as redrive has them. Count first:
  … | trunkline forget phone_number:12025550101 --dry-run
  … | trunkline forget phone_number:12025550101

Events and records that name it in any form lose parties, texts and body; they keep provider, times and outcome. What
leads to them, its name, and deliveries in quarantine that name it, are deleted. Both tables are read whole, until a pass finds nothing.
A run that was cut short is started again.

Exit status: 0 nothing is left, or --dry-run, 1 something is left or a table does not answer, 2 wrong usage or settings.";

/// The tables are read at most so often: what is being written meanwhile may name it once more.
const PASSES: usize = 5;
/// How far back a table can be restored.
const RECOVERY: SignedDuration = SignedDuration::from_hours(35 * 24);
/// How long a queue keeps a message.
const QUEUED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whom to forget.
#[derive(clap::Args)]
pub(crate) struct ForgetFlags {
    /// A number with its country code, or a SIP user: phone_number:12025550101, sip_user:bob@example.com
    pub(crate) entity: Entity,

    /// Only count what would be erased
    #[arg(long)]
    dry_run: bool,

    /// The environment of notify, as a JSON object; - is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) settings: PathBuf,
}

impl ForgetFlags {
    pub(crate) fn doing(&self) -> Doing {
        if self.dry_run { Doing::Count } else { Doing::Erase }
    }
}

/// Whether anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Nothing is.
    Count,
    /// What names somebody is erased.
    Erase,
}

/// A table did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{doing} the table {table} failed; what is done is done: start again")]
pub struct ForgetError {
    doing: &'static str,
    table: String,
    #[source]
    source: Box<ServiceError>,
}

/// What was erased.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Of the events table.
    pub events: Tally,
    /// Of the alerts table.
    pub alerts: Tally,
    /// How many items the last pass found: none where all is erased.
    pub left: usize,
}

/// The tables of a stack.
#[derive(Debug)]
pub struct Forget {
    events: Table,
    alerts: Table,
}

impl Forget {
    /// For the stack whose `notify` has that environment.
    ///
    /// # Errors
    /// [`VariablesError`] with what is missing.
    pub fn new(lookup: Lookup<'_>) -> Result<Self, VariablesError> {
        let mut reader = Reader::lenient(lookup);
        let (events, alerts) = (reader.required("EVENTS_TABLE"), reader.required("ALERTS_TABLE"));
        let (aws, names) = (Aws::read(lookup), reader.finish(()));
        match (aws, names) {
            (Ok(aws), Ok(())) => {
                let client = aws.with_time(crate::redrive::PATIENCE.0, crate::redrive::PATIENCE.1).dynamodb();
                let fate = Written::of_event;
                Ok(Self {
                    events: Table { client: client.clone(), name: events, keys: &["pk", "sk"], fate },
                    alerts: Table { client, name: alerts, keys: &["pk"], fate: Written::of_alert },
                })
            }
            (aws, names) => Err(VariablesError::Settings([aws.err(), names.err()].into_iter().flatten().collect())),
        }
    }

    /// Erases what names the entity, or counts it.
    ///
    /// # Errors
    /// [`ForgetError`] when a table does not answer.
    pub async fn run(&self, whom: &Whom, doing: Doing, terminal: Terminal) -> Result<Forgotten, ForgetError> {
        let mut all = Forgotten::default();
        for _ in 0..PASSES {
            let now = Timestamp::now();
            let events = self.events.pass(&whom.0, doing, now).await?;
            let alerts = self.alerts.pass(&whom.0, doing, now).await?;
            all.events.add(events);
            all.alerts.add(alerts);
            all.left = events.found() + alerts.found();
            if all.left == 0 || doing == Doing::Count {
                break;
            }
        }
        terminal.say(&told(&all, doing, Timestamp::now()));
        Ok(all)
    }
}

/// Who is to be forgotten.
#[derive(Debug)]
pub struct Whom(Written);

impl TryFrom<&Entity> for Whom {
    type Error = NotWritten;

    fn try_from(entity: &Entity) -> Result<Self, NotWritten> {
        Written::of(entity).map(Self)
    }
}

fn told(all: &Forgotten, doing: Doing, now: Timestamp) -> String {
    let Forgotten { events, alerts, left } = all;
    let (rewritten, deleted) = match doing {
        Doing::Count => ("to be made nameless", "to be deleted"),
        Doing::Erase => ("made nameless", "deleted"),
    };
    let line = |table, tally: &Tally| {
        format!("{table}: {} {rewritten}, {} {deleted}, {} in all", tally.rewritten, tally.deleted, tally.found())
    };
    let counted = format!("{}\n{}", line("events table", events), line("alerts table", alerts));
    match (doing, left) {
        (Doing::Count, _) => format!("{counted}\nNothing was changed."),
        (Doing::Erase, 0) => format!("{counted}\nThe last pass found nothing.\n\n{}", elsewhere(now)),
        (Doing::Erase, left) => {
            format!("{counted}\nThe last pass still found {left}: it is written about now. Start again later.")
        }
    }
}

/// What no command reaches, and until when.
fn elsewhere(now: Timestamp) -> String {
    let day = |after: SignedDuration| now.checked_add(after).unwrap_or(now).strftime("%Y-%m-%d").to_string();
    format!(
        "Not reached:
- Point-in-time recovery can restore the tables as they were, until {}. Forget again in a table that was restored.
- Backups and exports that you made yourself hold it until you delete them.
- A message in the spool or among the dead letters may hold a delivery of it, until {}. Forget again after it was drained.
- What was sent stays where it was sent to: e-mails, SMS, and the subscribers of the events topic.
- Alerts keep ids that were made of it, and where numbers are masked its last digits and its name, until {}.
- A delivery that comes from now on is stored as any other.",
        day(RECOVERY),
        day(QUEUED),
        day(KEPT)
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn everything_missing_is_told_at_once() {
        let error = Forget::new(&|_| None).err().unwrap().to_string();
        for name in ["AWS_REGION", "EVENTS_TABLE", "ALERTS_TABLE"] {
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn it_says_until_when_others_hold_it() {
        let now = "2026-11-02T12:00:00Z".parse().unwrap();
        let told = told(&Forgotten::default(), Doing::Erase, now);
        for day in ["2026-12-07", "2026-11-16", "2027-01-31"] {
            assert!(told.contains(day), "{day}: {told}");
        }
    }
}
