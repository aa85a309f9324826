//! Country codes (ITU-T E.164) and how numbers are dialled within their countries (E.164's operational bulletins).

/// What country codes have two digits; 1 and 7 have one, all others three.
const TWO_DIGITS: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];

/// Countries that dial 0 before a number of their own, which is none of the number.
const TRUNK_ZERO: [&str; 66] = [
    "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "49", "51", "54", "60", "61", "62", "63", "64", "66",
    "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98", "212", "213", "218", "233", "234", "249", "251",
    "254", "255", "256", "260", "263", "353", "355", "358", "359", "380", "381", "382", "383", "385", "386", "387",
    "389", "421", "855", "880", "886", "961", "962", "963", "964", "966", "971", "972", "977",
];

/// The emergency numbers of countries that have others than 112 and 911, which are read everywhere (ITU-T E.161.1).
const EMERGENCY: [(&str, &[&str]); 23] = [
    ("32", &["100", "101"]),
    ("33", &["15", "17", "18", "114", "115", "119", "196"]),
    ("34", &["061", "062", "080", "085", "091", "092"]),
    ("353", &["999"]),
    ("39", &["113", "114", "115", "117", "118"]),
    ("41", &["117", "118", "144"]),
    ("420", &["150", "155", "158"]),
    ("43", &["122", "133", "144"]),
    ("44", &["999"]),
    ("48", &["997", "998", "999"]),
    ("49", &["110"]),
    ("55", &["190", "192", "193"]),
    ("60", &["999"]),
    ("61", &["000", "106"]),
    ("64", &["111"]),
    ("65", &["995", "999"]),
    ("81", &["110", "118", "119"]),
    ("82", &["119"]),
    ("852", &["999"]),
    ("86", &["110", "119", "120", "122"]),
    ("886", &["110", "119"]),
    ("91", &["100", "101", "102", "108"]),
    ("971", &["997", "998", "999"]),
];

/// How numbers of ten digits begin that are another country's, its code among them, though they look North American. Where
/// an area of North America is the likelier, its beginning is left out.
const FOREIGN: [&str; 19] = [
    "220", "297", "298", "32", "354", "45", "47", "592", "597", "599", "653", "656", "658", "659", "673", "679", "691",
    "692", "975",
];

/// A country, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(&'static str);

impl Country {
    /// The country of a number, where it has ways of its own to dial.
    pub(super) fn of(digits: &str) -> Option<Self> {
        let own_ways = || TRUNK_ZERO.into_iter().chain(EMERGENCY.iter().map(|(code, _)| *code));
        own_ways().find(|code| *code == code_of(digits)).map(Self)
    }

    /// Whether that is an emergency number there.
    pub(super) fn is_emergency(self, dialled: &str) -> bool {
        EMERGENCY.iter().any(|(code, numbers)| *code == self.0 && numbers.contains(&dialled))
    }

    /// The number that is dialled with a 0 before it, with its country code; None where none is dialled.
    pub(super) fn complete(self, dialled: &str) -> Option<String> {
        let number = dialled.strip_prefix('0').filter(|number| !number.is_empty() && !number.starts_with('0'))?;
        match self.0 {
            // In Italy the 0 is the number's.
            "39" => Some(format!("39{dialled}")),
            code => TRUNK_ZERO.contains(&code).then(|| format!("{code}{number}")),
        }
    }

    /// What is dialled before an international number, besides 00.
    pub(super) fn international_prefix(self) -> Option<&'static str> {
        match self.0 {
            "61" => Some("0011"),
            "81" => Some("010"),
            _ => None,
        }
    }
}

/// The digits that a country's code has at the number's beginning.
pub(super) fn code_of(digits: &str) -> &str {
    let two = TWO_DIGITS.iter().any(|code| digits.starts_with(code));
    let length = match digits.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if two => 2,
        _ => 3,
    };
    digits.get(..length).unwrap_or(digits)
}

/// Whether that is an emergency number anywhere.
pub(super) fn is_emergency(dialled: &str) -> bool {
    EMERGENCY.iter().any(|(_, numbers)| numbers.contains(&dialled))
}

/// Whether digits can be a number with its country code. No code begins with 0; the two codes of one digit have numbers of
/// one length.
#[must_use]
pub fn is_global(digits: &str) -> bool {
    let national = || digits.get(1..).unwrap_or_default();
    match digits.as_bytes().first() {
        None | Some(b'0') => false,
        Some(b'1') => is_north_american(national()),
        Some(b'7') => digits.len() == 11,
        _ => (8..=15).contains(&digits.len()),
    }
}

/// NXX-NXX-XXXX, N from 2 to 9 (the numbering plan administrator's form of a number).
pub(super) fn is_north_american(digits: &str) -> bool {
    let n = |at: usize| digits.as_bytes().get(at).is_some_and(|digit| (b'2'..=b'9').contains(digit));
    digits.len() == 10 && n(0) && n(3)
}

/// Whether ten digits can be another country's number, the country code among them.
pub(super) fn is_foreign(digits: &str) -> bool {
    let national = digits.strip_prefix(code_of(digits)).unwrap_or_default();
    FOREIGN.iter().any(|beginning| digits.starts_with(beginning)) && !national.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_with_a_country_code_only_where_it_can_have_one() {
        for digits in
            ["12025550101", "442079460123", "4930123456", "6562345678", "79161234567", "35312345678", "85223456789"]
        {
            assert!(is_global(digits), "{digits}");
        }
        for digits in [
            "",
            "0",
            "02079460123",
            "0011442079460123",
            "5550101",
            "1202555010",
            "120255501011",
            "10000000000",
            "12021550101",
            "72345",
            "911",
            "791612345678",
            "1234567890123456",
        ] {
            assert!(!is_global(digits), "{digits}");
        }
    }

    #[test]
    fn ten_digits_are_another_countrys_where_a_country_has_such_numbers() {
        for digits in ["6562345678", "4522334455", "3225550101"] {
            assert!(is_foreign(digits), "{digits}");
        }
        for digits in ["2025550111", "6505550101", "6465550101", "4705550101", "3205550101"] {
            assert!(!is_foreign(digits), "{digits}");
        }
    }

    #[test]
    fn codes_have_one_two_or_three_digits() {
        for (digits, code) in [
            ("12025550101", "1"),
            ("79161234567", "7"),
            ("442079460123", "44"),
            ("989121234567", "98"),
            ("35312345678", "353"),
            ("", ""),
        ] {
            assert_eq!(code_of(digits), code);
        }
    }
}
