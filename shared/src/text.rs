//! Texts within their bounds.

/// The text's beginning, at most that many bytes, never within a character.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        for (bytes, beginning) in [(0, ""), (1, "n"), (2, "n"), (3, "né"), (4, "née"), (9, "née")] {
            assert_eq!(cut("née", bytes), beginning);
        }
    }
}
