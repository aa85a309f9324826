//! All that the stack says to the person in front of it: nothing else writes to standard output. What comes from a
//! provider is stripped of control characters first, since a terminal would obey them.

use std::io::{self, Write as _};

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
        if self == Self::Shown {
            let mut out = io::stdout().lock();
            // A reader who has gone away is no reason to stop serving.
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
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

/// The text without what a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_wrote_cannot_steer_the_terminal() {
        assert_eq!(indented("first\n\n\u{1b}[2Jsecond\r"), "│ first\n│\n│ \u{FFFD}[2Jsecond\u{FFFD}");
    }
}
