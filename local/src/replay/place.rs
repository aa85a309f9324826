//! Where a replay is, and the command that goes on there.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::flags::{Manner, Wanted, What};
use notify::Texts;

/// The most of a list that goes by days: what is longer is taken part by part.
const PART: SignedDuration = SignedDuration::from_hours(31 * 24);

/// A place in what is replayed: all before it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The beginning of the part that it is in.
    pub(super) from: Timestamp,
    /// The cursor in that part; None at its beginning.
    pub(super) cursor: Option<String>,
}

impl Place {
    /// The end of the part, in all that goes to that time.
    pub(super) fn end(&self, to: Timestamp) -> Timestamp {
        self.from.checked_add(PART).map_or(to, |end| end.min(to))
    }

    /// The flags by which it is found again.
    pub(super) fn told(&self, wanted: &Wanted) -> String {
        let cursor = self.cursor.as_ref().map(|cursor| format!(" --cursor {cursor}")).unwrap_or_default();
        format!("--{} {}{cursor}", flag(wanted.times[0]), self.from)
    }

    /// The command that sends what is behind it, of a program of that name.
    pub(super) fn command(&self, program: &str, wanted: &Wanted, manner: &Manner) -> String {
        let [from, _] = wanted.times;
        let to = manner.to.as_ref().map(|to| ("to", to.to_string()));
        let cursor = self.cursor.as_ref().map(|cursor| ("cursor", cursor.clone()));
        let own = [("url", manner.url.clone()), (from, self.from.to_string()), ("until", wanted.to.to_string())];
        let how = to.into_iter().chain([("rate", manner.rate.to_string())]).chain(cursor);
        let all = own.into_iter().chain(wanted.filters.iter().cloned()).chain(how);
        let flags: String = all.map(|(name, value)| format!(" --{} {}", flag(name), quoted(&value))).collect();
        let texts = if wanted.what == What::Events(Texts::Published) { " --texts" } else { "" };
        format!("{} replay {}{flags}{texts}", quoted(program), wanted.what)
    }
}

/// A parameter as a flag: `minTalk` is `min-talk`.
fn flag(parameter: &str) -> String {
    let word = |c: char| if c.is_ascii_uppercase() { format!("-{}", c.to_ascii_lowercase()) } else { c.to_string() };
    parameter.chars().map(word).collect()
}

/// A value as a shell takes it.
fn quoted(value: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,~".contains(c);
    match !value.is_empty() && !value.starts_with('~') && value.chars().all(plain) {
        true => value.into(),
        false => format!("'{}'", value.replace('\'', r"'\''")).into(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_taken_in_parts_without_a_gap() {
        let [from, to] = ["2026-01-01T00:00:00Z", "2026-03-01T12:00:00Z"].map(|at| at.parse::<Timestamp>().unwrap());
        let mut ends = Vec::new();
        let mut place = Place { from, cursor: None };
        while place.from < to {
            place.from = place.end(to);
            ends.push(place.from.to_string());
        }
        assert_eq!(ends, ["2026-02-01T00:00:00Z", "2026-03-01T12:00:00Z"].map(str::to_owned));
    }

    #[test]
    fn what_goes_on_is_what_was_given_from_there_on() {
        let wanted = Wanted {
            what: What::Events(Texts::Published),
            filters: vec![("name", "Bob's desk".to_owned()), ("minTalk", "3".to_owned())],
            times: ["endedFrom", "endedTo"],
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            to: "2026-03-01T12:00:00Z".parse().unwrap(),
        };
        let url = "https://example.com/v1".to_owned();
        let to = Some("sqs:https://sqs.example.com/1/crm".parse().unwrap());
        let manner = Manner { url, to, rate: 7, cursor: None, dry_run: false, yes: true };
        let place = Place { from: "2026-02-01T00:00:00Z".parse().unwrap(), cursor: Some("20260201T1~a-_".to_owned()) };
        assert_eq!(
            place.command("./trunkline", &wanted, &manner),
            "./trunkline replay events --url https://example.com/v1 --ended-from 2026-02-01T00:00:00Z \
             --until 2026-03-01T12:00:00Z --name 'Bob'\\''s desk' --min-talk 3 \
             --to sqs:https://sqs.example.com/1/crm --rate 7 --cursor 20260201T1~a-_ --texts"
        );
    }
}
