//! The summary of a window: how many more, who was affected most, what to do.

use jiff::Timestamp;
use shared::failure::FailureClass;
use shared::outbox::Alert;
use shared::time;

use super::class::{advice, advice_short, phrase};
use super::plain::short;
use super::{Words, lasting, matter, rows};
use crate::signal::Severity;
use crate::tally::Tally;
use crate::windows::Window;

impl Words {
    /// The summary of what failed in a window after its first failure.
    #[must_use]
    pub fn summary(&self, id: String, window: &Window, tally: &Tally) -> Alert {
        let class = window.class;
        let count = tally.failed();
        let what = format!("{count} more {}", matter(tally.family(), count));
        let scope = self.scope(&window.scope);
        let (first, last) = tally.between().unwrap_or((window.closes, window.closes));
        let span = span(first, last);
        let subject = format!("{what} failed: {} - {}, {span}", phrase(class), short(&scope, 34));
        let sms = [
            format!("{what} failed: {}.", phrase(class)),
            advice_short(class).to_owned(),
            format!("{},", short(&scope, 34)),
            span.clone(),
        ];
        let text = format!(
            "{what} on {scope} failed {}: {}.\n\n{}\nWhat to do: {}\n\nHow often: while failures continue, a summary \
             like this comes every {}.\n\nWhere to look:\n{}",
            during(&span),
            phrase(class),
            self.figures(tally, first, last),
            advice(class),
            lasting(window.longer()),
            self.list(class)
        );
        self.alert(id, &subject, text, (window.severity == Severity::Critical).then_some(&sms))
    }

    fn figures(&self, tally: &Tally, first: Timestamp, last: Timestamp) -> String {
        let most: Vec<_> =
            tally.most().into_iter().map(|(who, count)| format!("{} ({count})", self.entity(who))).collect();
        rows([
            ("How many", Some(tally.failed().to_string())),
            ("Most affected", Some(most.join(", "))),
            ("Affected", Some(tally.hit()).filter(|hit| *hit > 1).map(|hit| format!("{hit} users or numbers"))),
            ("First", Some(time::readable(first))),
            ("Last", Some(time::readable(last))),
        ])
    }

    fn list(&self, class: FailureClass) -> String {
        format!(
            "  {}/events?failure={}\n  (with the header \"Authorization: Bearer\" and a read token)\n",
            self.api_url,
            class.as_str()
        )
    }
}

/// A span as the end of a sentence.
fn during(span: &str) -> String {
    match span.split_once(" to ") {
        Some((from, to)) => format!("between {from} and {to}"),
        None => format!("at {span}"),
    }
}

/// `14:02 to 14:17 UTC`, `14:02 UTC`; with the day where that is not the same.
fn span(first: Timestamp, last: Timestamp) -> String {
    let (from, to) = (time::readable(first), time::readable(last));
    let minute = |text: &str| text.get(..16).unwrap_or(text).to_owned();
    let (from, to) = (minute(&from), minute(&to));
    let same_day = from.get(..10) == to.get(..10);
    let clock = |text: &str| if same_day { text.get(11..).unwrap_or(text).to_owned() } else { text.to_owned() };
    if from == to { format!("{} UTC", clock(&from)) } else { format!("{} to {} UTC", clock(&from), clock(&to)) }
}
