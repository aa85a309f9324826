//! The parts of an e-mail, for what shows each by itself.

use super::capital;

/// What stands between what is wrong and what to do, and before the pages to look at.
const TO_DO: &str = " What to do: ";
const TO_LOOK: &str = "Where to look";
/// What stands last in a text that is cut.
const MORE: &str = "…";

/// The parts of an e-mail.
pub(super) struct Parts {
    /// What is wrong, and all else that is said of it.
    pub(super) story: String,
    /// What to do, and where that is done or looked at, each of one line.
    pub(super) steps: Vec<String>,
}

impl Parts {
    pub(super) fn of(text: &str) -> Self {
        let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        let (story, advice) = first.split_once(TO_DO).unwrap_or((first, ""));
        let (pages, facts): (Vec<_>, Vec<_>) = rest.split("\n\n").partition(|part| part.starts_with(TO_LOOK));
        let story = [story].into_iter().chain(facts).map(lines).filter(|part| !part.is_empty());
        let pages = pages.iter().flat_map(|page| page.lines().skip(1)).map(|page| format!("Look at {}", line(page)));
        let advice = advice.lines().map(|step| capital(&line(step))).filter(|step| !step.is_empty());
        Self { story: story.collect::<Vec<_>>().join("\n\n"), steps: advice.chain(pages).collect() }
    }
}

/// A paragraph whose columns and indents, which a chat does not show, are blanks and bullets.
fn lines(paragraph: &str) -> String {
    let lines = paragraph.trim_end().lines();
    let marked = lines.map(|text| format!("{}{}", if text.starts_with("  ") { "• " } else { "" }, line(text)));
    marked.collect::<Vec<_>>().join("\n")
}

/// The words of a line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As many of its lines as have room.
pub(super) fn within(text: &str, most: usize) -> String {
    let length = |text: &str| text.chars().count();
    if length(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(length(MORE));
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        if length(&kept) + length(line) > room {
            break;
        }
        kept.push_str(line);
    }
    if kept.is_empty() {
        kept = text.chars().take(room).collect();
    }
    kept + MORE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_a_line() {
        assert_eq!(within("one\ntwo\nthree", 12), "one\ntwo\n…");
        assert_eq!(within("one\ntwo", 7), "one\ntwo");
        assert_eq!(within("onetwothree", 4), "one…");
    }
}
