//! What tells one stack's alerts from another's.

use std::str::FromStr;

/// Tells one stack's alerts from another's; empty where there is but one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// The end of a subject or SMS: ` [prod]`, or nothing.
    #[must_use]
    pub fn mark(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!(" [{}]", self.0) }
    }
}

impl FromStr for Label {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-');
        let fits = text.len() <= 20 && text.chars().all(plain);
        fits.then(|| Self(text.to_owned())).ok_or("not up to 20 letters, digits, blanks, dots, hyphens, underscores")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_clear_is_a_label() {
        for (text, mark) in [
            ("prod", Some(" [prod]")),
            ("eu-1 staging", Some(" [eu-1 staging]")),
            ("a]b", None),
            ("21 characters and more", None),
        ] {
            assert_eq!(text.parse::<Label>().ok().map(|label| label.mark()).as_deref(), mark, "{text}");
        }
        assert_eq!(Label::default().mark(), "");
    }
}
