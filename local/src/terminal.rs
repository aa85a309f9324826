//! All that the stack says to the person in front of it: nothing else writes to standard output. What comes from a
//! provider is stripped of control characters first, since a terminal would obey them.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use shared::text::is_unseen;

/// The first reason why something was not said.
static UNSAID: OnceLock<io::Error> = OnceLock::new();

/// Why something could not be said while the rest was done; None where it was, or where whoever read has gone away.
pub(crate) fn unsaid() -> Option<&'static io::Error> {
    UNSAID.get().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
}

/// Whether anybody is in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Terminal {
    /// Says nothing, as in tests.
    #[default]
    Quiet,
    /// Prints to standard output.
    Shown,
}

impl Terminal {
    /// Prints one text and ends the line.
    pub(crate) fn say(self, text: &str) {
        // What is under way is done all the same.
        if let Err(error) = self.tell(text) {
            UNSAID.get_or_init(|| error);
        }
    }

    /// Prints one text and ends the line, for who has nothing to do where that can't be read.
    pub(crate) fn tell(self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match self {
            Self::Quiet => Ok(()),
            Self::Shown => writeln!(out, "{text}").and_then(|()| out.flush()),
        }
    }

    /// Prints rows of CSV, whole: to somebody who looks on without what a terminal would obey.
    pub(crate) fn rows(self, text: &str) -> io::Result<()> {
        let Some(rows) = text.strip_suffix("\r\n") else { return Ok(()) };
        let seen = || rows.split("\r\n").map(printable).collect::<Vec<_>>().join("\r\n");
        self.tell(&format!("{}\r", if self.is_watched() { seen() } else { rows.to_owned() }))
    }

    /// How many cells a line has; None where it is no terminal.
    pub(crate) fn width(self) -> Option<usize> {
        let (width, _) = terminal_size::terminal_size().filter(|_| self.is_watched())?;
        Some(usize::from(width.0))
    }

    /// What a call or event came to, in its colour where it is shown on a terminal.
    pub(crate) fn coloured(self, outcome: &str) -> String {
        match colour(outcome).filter(|_| self.is_watched() && std::env::var_os("NO_COLOR").is_none()) {
            Some(code) => format!("\u{1b}[{code}m{outcome}\u{1b}[0m"),
            None => outcome.to_owned(),
        }
    }

    fn is_watched(self) -> bool {
        self == Self::Shown && io::stdout().is_terminal()
    }

    /// Asks a question that a `y` or `yes` on standard input answers. Ctrl-C is no answer, so that what is open can be closed.
    pub(crate) async fn ask(self, question: &str) -> Consent {
        self.say(&format!("{question} [y/N]"));
        let answer = tokio::select! {
            line = line() => line.unwrap_or_default(),
            _ = tokio::signal::ctrl_c() => String::new(),
        };
        let agreed = self == Self::Shown && ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
        if agreed { Consent::Given } else { Consent::Withheld }
    }

    /// Prints a dead letter.
    pub(crate) fn dead_letter(self, body: &str) {
        if self == Self::Shown {
            self.say(&format!("\n┌ dead letter\n{}", indented(body)));
        }
    }
}

/// Red for what failed, green for what came about, yellow for what did not and is nobody's fault.
fn colour(outcome: &str) -> Option<u8> {
    match outcome.split(':').next().unwrap_or_default().trim() {
        "failed" | "no end" => Some(31),
        "answered" | "delivered" | "succeeded" | "received" | "ended" => Some(32),
        "busy" | "no answer" | "abandoned" | "partial" => Some(33),
        _ => None,
    }
}

/// What somebody answered to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    Given,
    /// Anything but a yes, and nothing.
    Withheld,
}

/// A line of standard input, which may never come.
async fn line() -> Option<String> {
    let read = || {
        let mut line = String::new();
        io::stdin().read_line(&mut line).ok().map(|_| line)
    };
    tokio::task::spawn_blocking(read).await.ok()?
}

/// The text as the lines of a box, without what a terminal would obey.
pub(crate) fn indented(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("│ {}", printable(line)).trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The text without what a terminal would obey, or would turn round or hide.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_unseen(c) { '\u{FFFD}' } else { c }).collect()
}

/// JSON that means the same, without what a terminal would obey.
pub(crate) fn escaped(json: &str) -> String {
    let escape = |c: char| if c.is_control() || is_unseen(c) { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    json.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_neither_turns_the_text_round_nor_hides_in_it() {
        assert_eq!(printable("a\u{202e}b\u{2066}c\u{200b}d\u{2028}é"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}é");
    }

    #[test]
    fn json_means_the_same_and_steers_no_terminal() {
        let json = serde_json::json!({"a": "x\u{202e}y\u{9b}z"});
        assert_eq!(escaped(&json.to_string()), r#"{"a":"x\u202ey\u009bz"}"#);
    }

    #[test]
    fn what_a_provider_wrote_cannot_steer_the_terminal() {
        assert_eq!(indented("first\n\n\u{1b}[2Jsecond\r"), "│ first\n│\n│ \u{FFFD}[2Jsecond\u{FFFD}");
    }
}
