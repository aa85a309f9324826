//! The flags of `replay`, and what they ask for.

use std::fmt;

use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use notify::Texts;

use super::error::ReplayError;
use super::target::Target;
use crate::listing::{Parameters, time};
use crate::lists::{CallFilters, EventFilters};

/// What is replayed.
#[derive(Debug, Subcommand)]
pub(crate) enum Replaying {
    /// Events, each in full
    Events(ReplayedEvents),
    /// Calls that are over, the record of each in its last version
    Calls(ReplayedCalls),
}

/// Which events.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("beginning").required(true).args(["from", "day"]))]
pub(crate) struct ReplayedEvents {
    #[command(flatten)]
    filters: EventFilters,
    /// Received from then on
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
    /// Received on that day (UTC), instead of --from and --until
    #[arg(long, value_name = "DATE", conflicts_with = "until")]
    day: Option<String>,
    /// Received before then; without it, until now
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<String>,
    /// With the texts of messages, as where PublishText is on
    #[arg(long)]
    texts: bool,
    #[command(flatten)]
    manner: Manner,
}

/// Which calls.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("beginning").required(true).args(["from", "ended_from"]))]
pub(crate) struct ReplayedCalls {
    #[command(flatten)]
    filters: CallFilters,
    /// That began from then on
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<String>,
    /// That ended from then on, instead of --from
    #[arg(long, value_name = "TIME", value_parser = time)]
    ended_from: Option<String>,
    /// That began, or ended, before then; without it, until now
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<String>,
    #[command(flatten)]
    manner: Manner,
}

/// From where, where to, and how.
#[derive(Debug, Args)]
pub(super) struct Manner {
    /// The stack's output ApiUrl
    #[arg(long, env = "TRUNKLINE_URL")]
    pub(super) url: String,

    /// The consumer's queue or topic: sqs:URL or sns:ARN
    #[arg(long, value_name = "TARGET", required_unless_present = "dry_run")]
    pub(super) to: Option<Target>,

    /// At most so many messages a second; the stack's ReadRate, 20 by default, must have room for them
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(super) rate: u32,

    /// Go on behind that, as an earlier run printed it
    #[arg(long)]
    pub(super) cursor: Option<String>,

    /// Only count what would be sent
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
}

/// What is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Events, with the texts of messages or without.
    Events(Texts),
    /// Calls.
    Calls,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Events(_) => "events",
            Self::Calls => "calls",
        })
    }
}

/// All of it, as the API is asked.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) what: What,
    pub(super) filters: Parameters,
    /// The names of the parameters that say which time it is of.
    pub(super) times: [&'static str; 2],
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// The names of the time of receipt, or of a beginning, and those of an end.
const BEGUN: [&str; 2] = ["from", "to"];
const ENDED: [&str; 2] = ["endedFrom", "endedTo"];

impl Replaying {
    /// What is wanted, and how.
    pub(super) fn read(self) -> Result<(Wanted, Manner), ReplayError> {
        let now = Timestamp::now();
        let (what, filters, times, range, manner) = match self {
            Self::Events(ReplayedEvents { filters, from, day, until, texts, manner }) => {
                let what = What::Events(if texts { Texts::Published } else { Texts::Hidden });
                let range = match &day {
                    Some(day) => day_range(day).ok_or(ReplayError::Times("--day: not a date such as 2026-01-31"))?,
                    None => range(from, until, now)?,
                };
                (what, filters.parameters(), BEGUN, range, manner)
            }
            Self::Calls(ReplayedCalls { filters, from, ended_from, until, manner }) => {
                let names = if ended_from.is_some() { ENDED } else { BEGUN };
                (What::Calls, filters.parameters(), names, range(from.or(ended_from), until, now)?, manner)
            }
        };
        let [from, to] = range;
        // What comes from now on, the consumer is sent by its subscription.
        let to = to.min(now);
        match from < to {
            true => Ok((Wanted { what, filters, times, from, to }, manner)),
            false => Err(ReplayError::Times("the time begins before its end, and before now")),
        }
    }
}

fn range(from: Option<String>, until: Option<String>, now: Timestamp) -> Result<[Timestamp; 2], ReplayError> {
    let time = |text: String| text.parse().map_err(|_| ReplayError::Times("not a time"));
    Ok([from.map_or(Ok(now), time)?, until.map_or(Ok(now), time)?])
}

/// A day's beginning and end (UTC).
fn day_range(text: &str) -> Option<[Timestamp; 2]> {
    let begin = text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some([begin.timestamp(), begin.checked_add(1.day()).ok()?.timestamp()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{flags, listed};

    /// Of the flags beside the API's.
    const OWN: [&str; 7] = ["to", "until", "rate", "cursor", "dryRun", "yes", "texts"];
    /// Of the API's parameters, those that are no flag, or another.
    const OTHERS: [&str; 4] = ["order", "limit", "to", "endedTo"];

    #[test]
    fn each_filter_of_a_list_is_a_flag() {
        for (flags, path) in [(flags::<ReplayedEvents>(), "/events"), (flags::<ReplayedCalls>(), "/calls")] {
            let of_lists = listed(path).into_iter().filter(|name| !OTHERS.contains(&name.as_str()));
            let here = flags.into_iter().filter(|name| !OWN.contains(&name.as_str()));
            assert_eq!(here.collect::<Vec<_>>(), of_lists.collect::<Vec<_>>(), "{path}");
        }
    }
}
