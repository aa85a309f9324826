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

    /// Prints a dead letter.
    pub(crate) fn dead_letter(self, body: &str) {
        if self == Self::Shown {
            self.say(&format!("\n┌ dead letter\n{}", indented(body)));
        }
    }
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
