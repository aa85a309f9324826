//! The log of a function: one JSON object a line on standard output, which Lambda collects.
//!
//! Not `lambda_http`'s own: that reads filters by module, and brings a compiler of regular expressions for them.

use std::error::Error;
use std::fmt;

use jiff::Timestamp;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::settings::Lookup;
use crate::version::VERSION;

/// Starts it, with a line that tells the version, at the level in `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets from the template's `ApplicationLogLevel`; else at INFO.
/// Levels below INFO are not compiled into a release; the workspace's manifest says why.
pub fn init(lookup: Lookup<'_>) {
    let level = level(lookup("AWS_LAMBDA_LOG_LEVEL").as_deref().unwrap_or_default());
    let log = tracing_subscriber::fmt().json().with_target(false).with_timer(Clock).with_max_level(level);
    // Starting a second log in one process is a mistake, but must not cost a delivery.
    let _ = log.try_init();
    tracing::info!(version = VERSION, "starts");
}

/// The time of a line, as RFC 3339. Lambda takes the level of a line without one for INFO:
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>.
struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{:.3}", Timestamp::now())
    }
}

/// An error with all its causes in one line: for a line of a log, or of a command.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// Lambda's names are those of `tracing`, but for one; and `tracing` takes no name for a level too.
fn level(name: &str) -> LevelFilter {
    match name.trim() {
        "" => LevelFilter::INFO,
        fatal if fatal.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        name => name.parse().unwrap_or(LevelFilter::INFO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_line_is_rfc_3339_to_the_millisecond() {
        let mut text = String::new();
        assert!(Clock.format_time(&mut Writer::new(&mut text)).is_ok());
        assert!(text.parse::<Timestamp>().is_ok() && text.ends_with('Z') && text.len() == 24, "{text}");
    }

    #[test]
    fn lambdas_levels_are_known_and_what_is_none_is_info() {
        for (name, expected) in [
            ("TRACE", LevelFilter::TRACE),
            ("DEBUG", LevelFilter::DEBUG),
            ("INFO", LevelFilter::INFO),
            ("WARN", LevelFilter::WARN),
            ("ERROR", LevelFilter::ERROR),
            ("FATAL", LevelFilter::ERROR),
            ("", LevelFilter::INFO),
            ("chatty", LevelFilter::INFO),
        ] {
            assert_eq!(level(name), expected, "{name}");
        }
    }
}
