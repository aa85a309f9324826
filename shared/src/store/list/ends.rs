//! The last digits of a number, by which people know one of a range.

use std::str::FromStr;

use crate::entity::{Entity, EntityKind};
use crate::event::Party;

/// A number has at most so many digits (E.164). A single one tells nothing.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=15;

/// The last digits of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDigits(String);

/// The text is not that.
#[derive(Debug, thiserror::Error)]
#[error("not {} to {} digits, such as 0120", LENGTHS.start(), LENGTHS.end())]
pub struct NotDigits;

impl FromStr for LastDigits {
    type Err = NotDigits;

    fn from_str(text: &str) -> Result<Self, NotDigits> {
        let fits = LENGTHS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(text.to_owned())).ok_or(NotDigits)
    }
}

impl LastDigits {
    /// Whether a number ends so that is among these entities, or that one of the parties was written as.
    pub(super) fn are_of<'e>(
        &self,
        parties: [&Option<Party>; 2],
        mut entities: impl Iterator<Item = &'e Entity>,
    ) -> bool {
        parties.into_iter().flatten().any(|party| self.end(&party.raw))
            || entities.any(|entity| entity.kind() == EntityKind::PhoneNumber && self.end(entity.value()))
    }

    /// Whether a text is a number that ends so: of an extension, too, and with blanks and dashes.
    fn end(&self, text: &str) -> bool {
        let number = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '(' | ')' | ' '));
        number && text.chars().filter(char::is_ascii_digit).collect::<String>().ends_with(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn two_to_fifteen_digits_are_last_ones() {
        for text in ["20", "0120", "120255501200000"] {
            assert_eq!(text.parse::<LastDigits>().unwrap().0, text);
        }
        for text in ["", "1", "1202555012000000", "01 20", "+120", "012a", "٠١٢٠"] {
            assert!(text.parse::<LastDigits>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_number_of_an_entity_ends_so_or_a_party_as_it_was_written() {
        let digits: LastDigits = "0120".parse().unwrap();
        let of = |raw: &str, entity: &str| {
            let entity: Vec<Entity> = vec![entity.parse().unwrap()];
            digits.are_of([&None, &Some(Party::unknown(raw))], entity.iter())
        };
        assert!(of("x", "phone_number:12025550120"));
        for raw in ["+1 (202) 555-0120", "0120", "70120"] {
            assert!(of(raw, "account:a"), "{raw}");
        }
        assert!(!of("120", "phone_number:12025550121"));
        assert!(!of("alice0120", "account:120120"));
        assert!(!of("sip:0120@example.com", "sip_user:0120@example.com"));
    }
}
