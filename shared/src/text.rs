//! Texts within their bounds, and names for texts.

use sha2::{Digest as _, Sha256};

/// The text's beginning, at most that many bytes, never within a character.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// A name for those texts in their order, of 32 hexadecimal digits: it says nothing of what they hold, and stands in any URL.
#[must_use]
pub fn digest(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        // The length parts them: ("ab", "c") is not ("a", "bc").
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a character changes the direction of what follows, separates lines, or takes no room. Those that join letters and signs are
/// seen by what they join.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_the_texts_and_of_where_they_part() {
        assert_eq!(digest(&["a", "bc"]).len(), 32);
        assert_eq!(digest(&["a", "bc"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        for (bytes, beginning) in [(0, ""), (1, "n"), (2, "n"), (3, "né"), (4, "née"), (9, "née")] {
            assert_eq!(cut("née", bytes), beginning);
        }
    }
}
