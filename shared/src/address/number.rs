//! Telephone numbers (ITU-T E.164), as people and switches write them.

use std::fmt;

use super::country::{Country, code_of, is_emergency, is_foreign, is_global, is_north_american};
use crate::address::bare_uri;

/// How a number without its country code is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberingPlan {
    /// Numbers are written with their country code.
    International,
    /// The same, or as somebody in North America dials: abroad after `011`, and ten digits that are no other country's.
    FromNorthAmerica,
    /// The same, or as somebody in that country dials: 0 before a number of the country, its own prefix before another.
    Within(Country),
    /// Ten digits are a number of the North American Numbering Plan without its `1`.
    NorthAmerican,
}

/// Fewer digits are an extension, or a number that is short of all.
const SHORTEST: usize = 7;

/// The digits of a message's short code (Common Short Codes of North America; most other countries' are as long).
const CODE: std::ops::RangeInclusive<usize> = 5..=6;

/// Numbers that are complete with three digits: emergency calls (ITU-T E.161.1: 112, 911), the North American N11 codes,
/// 988 and the test of the emergency call.
const SHORT: [&str; 11] = ["112", "211", "311", "411", "511", "611", "711", "811", "911", "933", "988"];

/// A phone number: country code and number, digits only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number with or without `tel:` or `sip:`, `+`, an international prefix, visual separators and a service
    /// code before it (`*67`, `#31#`), and with what is dialled after it (`,,123#`, `x7`). None with fewer than 7 digits (an extension, no number) unless it is a short number
    /// of all, with more than 15 (E.164's limit), with anything else among them, and for an IP address.
    #[must_use]
    pub fn parse(text: &str, plan: NumberingPlan) -> Option<Self> {
        let mut parts = bare_uri(text).split(';');
        let bare: String = parts.next()?.chars().filter(|c| !is_invisible(*c)).collect();
        let plan = scoped(parts, plan)?;
        let bare = without_code(without_extras(bare.trim()));
        let (plus, rest) = bare.strip_prefix('+').map_or((false, bare), |rest| (true, rest));
        let fits = rest.chars().all(|c| c.is_ascii_digit() || is_separator(c)) && !is_address(rest);
        fits.then_some(())?;
        // `+44 (0)20 …`: the trunk prefix of who dials within the country.
        let rest = if plus { rest.replacen("(0)", "", 1) } else { rest.to_owned() };
        let written: String = rest.chars().filter(char::is_ascii_digit).collect();
        let emergency = matches!(plan, NumberingPlan::Within(country) if country.is_emergency(&written));
        if emergency || SHORT.contains(&written.as_str()) {
            return Some(Self(written));
        }
        let digits = without_prefix(&written, plan);
        let national = || national(digits, plan).filter(|_| digits == written && (!plus || digits.starts_with('0')));
        let digits = national().unwrap_or_else(|| digits.to_owned());
        (SHORTEST..=15).contains(&digits.len()).then_some(Self(digits))
    }

    /// How who has the number dials; None where the text is no number that surely has its country code.
    #[must_use]
    pub fn plan_of(text: &str) -> Option<NumberingPlan> {
        let number = Self::parse(text, NumberingPlan::International)?;
        // Fewer digits are as likely a national number.
        let sure = is_global(&number.0) && (number.0.len() >= 11 || bare_uri(text).starts_with('+'));
        let plan = || Country::of(&number.0).map_or(NumberingPlan::International, NumberingPlan::Within);
        sure.then(|| if number.0.starts_with('1') { NumberingPlan::FromNorthAmerica } else { plan() })
    }

    /// Reads what a message comes from or goes to, or what was read before: a number, a country's emergency number, or a
    /// short code of five or six digits, which is dialled by nobody.
    #[must_use]
    pub fn of_message(text: &str, plan: NumberingPlan) -> Option<Self> {
        let code = bare_uri(text);
        let fits = CODE.contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit());
        if fits || is_emergency(code) { Some(Self(code.to_owned())) } else { Self::parse(text, plan) }
    }

    /// The number without its country code; None where it surely has none.
    #[must_use]
    pub fn national(&self) -> Option<&str> {
        is_global(&self.0).then(|| self.0.strip_prefix(code_of(&self.0)))?
    }

    /// Country code and number, digits only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if is_global(&self.0) { "+" } else { "" })?;
        f.write_str(&self.0)
    }
}

/// Marks without width or of direction that telephones and address books copy along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// RFC 3966's visual separators, and the spaces and hyphens that typesetting puts in their place.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' | '\u{2010}'..='\u{2015}')
}

/// The plan that a number's `phone-context` (RFC 3966) says; None where the number is valid in a place that is no plan.
fn scoped<'t>(mut parameters: impl Iterator<Item = &'t str>, plan: NumberingPlan) -> Option<NumberingPlan> {
    let context = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("phone-context").then_some(value)
    });
    match context {
        Some("+1") => Some(NumberingPlan::NorthAmerican),
        Some(other) if other.starts_with('+') => None,
        Some(_) => Some(plan).filter(|plan| *plan == NumberingPlan::NorthAmerican),
        None => Some(plan),
    }
}

/// A number without what is dialled once it answers: an extension (`x7`, `ext. 7`), or tones after pauses (`,,123#`, `p123`,
/// `w123`).
fn without_extras(text: &str) -> &str {
    let Some((number, extras)) =
        text.find([',', 'x', 'X', 'p', 'P', 'w', 'W', 'e', 'E']).and_then(|at| text.split_at_checked(at))
    else {
        return text;
    };
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let letters: String = extras.to_ascii_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let known =
        matches!(letters.as_str(), "x" | "ext" | "extension") || letters.chars().all(|c| matches!(c, 'p' | 'w'));
    let tones = extras.chars().all(|c| c.is_ascii_alphanumeric() || is_separator(c) || matches!(c, ',' | '*' | '#'));
    let are_extras = known && tones && digits(extras) > 0 && digits(number) >= SHORTEST;
    if are_extras { number.trim_end() } else { text }
}

/// What a service code stands around: `*67` (North American: two digits), `#31#` and `*21*…#` (3GPP TS 22.030).
fn without_code(text: &str) -> &str {
    let text = text.strip_suffix('#').unwrap_or(text);
    let inner = text.trim_start_matches(['*', '#']);
    if inner.len() == text.len() {
        return text;
    }
    match inner.split_once(['*', '#']) {
        Some((code, number)) if matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_digit()) => number,
        Some(_) => text,
        None => inner.get(2..).filter(|_| inner.bytes().take(2).all(|b| b.is_ascii_digit())).unwrap_or(text).trim(),
    }
}

/// A number without the prefix of an international call: 00 (ITU-T E.164's), in North America 011. No country code begins
/// with 0, so that one stands there also where a `+` was put before it.
fn without_prefix(written: &str, plan: NumberingPlan) -> &str {
    let own = if let NumberingPlan::Within(country) = plan { country.international_prefix() } else { None };
    let mut digits = own.and_then(|prefix| written.strip_prefix(prefix)).unwrap_or(written);
    while let Some(rest) = digits.strip_prefix("00") {
        digits = rest;
    }
    match plan {
        NumberingPlan::NorthAmerican | NumberingPlan::FromNorthAmerica => digits.strip_prefix("011").unwrap_or(digits),
        NumberingPlan::International | NumberingPlan::Within(_) => digits,
    }
}

/// A national number with its country code; None where the plan has none of that form.
fn national(digits: &str, plan: NumberingPlan) -> Option<String> {
    let ten = || is_north_american(digits);
    match plan {
        NumberingPlan::International => None,
        NumberingPlan::NorthAmerican => ten().then(|| format!("1{digits}")),
        NumberingPlan::FromNorthAmerica => (ten() && !is_foreign(digits)).then(|| format!("1{digits}")),
        NumberingPlan::Within(country) => country.complete(digits),
    }
}

fn is_address(text: &str) -> bool {
    let groups: Vec<_> = text.split('.').collect();
    groups.len() == 4 && groups.iter().all(|g| (1..=3).contains(&g.len()) && g.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::NumberingPlan::{FromNorthAmerica, International, NorthAmerican};
    use super::*;

    fn read(text: &str, plan: NumberingPlan) -> Option<String> {
        PhoneNumber::parse(text, plan).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn every_written_form_of_a_number_is_one_number() {
        for text in [
            "+12025550101",
            "12025550101",
            "tel:+1-202-555-0101",
            "tel:+1-202-555-0101;ext=7",
            "tel:202-555-0101;phone-context=+1",
            "+1 (202) 555.0101",
            "0012025550101",
            "+0012025550101",
            " 12025550101",
            "\u{202a}+1\u{a0}202\u{2011}555\u{2011}0101\u{202c}",
            "\u{feff}+1 202\u{2060}5550101\u{200e}",
            "*6712025550101",
            "*67 +12025550101",
            "#31#+12025550101",
            "*31#12025550101",
            "*21*+12025550101#",
            "12025550101#",
            "+12025550101,,123#",
            "12025550101,123",
            "12025550101x7",
            "+1 202 555 0101 x 7",
            "1-202-555-0101 ext. 7",
            "12025550101 Extension 7001",
            "12025550101;ext=7",
            "12025550101p123",
            "12025550101w1p2#",
            "*6712025550101,,1",
        ] {
            for plan in [International, NorthAmerican] {
                assert_eq!(read(text, plan).as_deref(), Some("12025550101"), "{text}");
            }
        }
    }

    #[test]
    fn an_international_prefix_is_none_of_the_number() {
        for text in
            ["011442079460123", "+011442079460123", "00442079460123", "+44 (0)20 7946 0123", "*67011442079460123"]
        {
            for plan in [NorthAmerican, FromNorthAmerica] {
                assert_eq!(read(text, plan).as_deref(), Some("442079460123"), "{text}");
            }
        }
        assert_eq!(read("0112345678", International).as_deref(), Some("0112345678"), "a number within a country");
    }

    #[test]
    fn ten_digits_get_a_country_code_only_where_they_are_of_the_plan() {
        for (text, plan, number) in [
            ("2025550101", NorthAmerican, "12025550101"),
            ("(202) 555-0101", NorthAmerican, "12025550101"),
            ("*672025550101", NorthAmerican, "12025550101"),
            ("2025550101", International, "2025550101"),
            ("6562345678", FromNorthAmerica, "6562345678"),
            ("+2025550101", NorthAmerican, "2025550101"),
            ("1025550101", NorthAmerican, "1025550101"),
            ("2021550101", NorthAmerican, "2021550101"),
            ("0025550101", NorthAmerican, "25550101"),
            ("2025550101", FromNorthAmerica, "12025550101"),
            ("3105550101", FromNorthAmerica, "13105550101"),
            ("6505550101", FromNorthAmerica, "16505550101"),
            ("+2025550101", FromNorthAmerica, "2025550101"),
        ] {
            assert_eq!(read(text, plan).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn a_number_is_read_as_it_is_dialled_in_the_country_of_who_dials() {
        for (of, text, number) in [
            ("+442079460111", "02079460123", "442079460123"),
            ("442079460111", "(020) 7946 0123", "442079460123"),
            ("+442079460111", "+02079460123", "442079460123"),
            ("+442079460111", "0012025550144", "12025550144"),
            ("+442079460111", "442079460123", "442079460123"),
            ("+442079460111", "2079460123", "2079460123"),
            ("+33123456789", "0198765432", "33198765432"),
            ("+390612345678", "0212345678", "390212345678"),
            ("+34911234567", "0912345678", "0912345678"),
            ("+61291234567", "001112025550144", "12025550144"),
            ("+61291234567", "0011442079460123", "442079460123"),
            ("+61291234567", "0298765432", "61298765432"),
            ("+81312345678", "01012025550144", "12025550144"),
            ("+81312345678", "0312345679", "81312345679"),
            ("+12025550111", "011442079460123", "442079460123"),
            ("+442079460111", "999", "999"),
            ("+442079460111", "112", "112"),
            ("+33123456789", "15", "15"),
            ("+33123456789", "18", "18"),
            ("+61291234567", "000", "000"),
            ("+34911234567", "091", "091"),
            ("+4930123456789", "110", "110"),
            ("+12025550111", "2025550144", "12025550144"),
        ] {
            let plan = PhoneNumber::plan_of(of).unwrap();
            assert_eq!(read(text, plan).as_deref(), Some(number), "{text} of {of}");
        }
        for of in ["2025550111", "02079460123", "5550101", "+1202555010", "alice", "911", ""] {
            assert_eq!(PhoneNumber::plan_of(of), None, "{of}");
        }
    }

    #[test]
    fn a_number_is_shown_with_a_country_code_only_where_it_has_one() {
        for (text, shown) in [
            ("12025550101", "+12025550101"),
            ("+442079460123", "+442079460123"),
            ("02079460123", "02079460123"),
            ("5550101", "5550101"),
            ("+1202555010", "1202555010"),
            ("911", "911"),
        ] {
            assert_eq!(PhoneNumber::parse(text, International).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn a_short_number_is_a_number_and_an_extension_is_none() {
        for text in ["911", "112", "933", "411", "tel:911", "tel:911;phone-context=+1", "+911"] {
            assert!(read(text, NorthAmerican).is_some_and(|number| number.len() == 3), "{text}");
        }
        for (of, text) in
            [("+442079460111", "15"), ("+442079460111", "110"), ("+33123456789", "999"), ("+33123456789", "101")]
        {
            assert_eq!(read(text, PhoneNumber::plan_of(of).unwrap()), None, "{text} of {of}");
        }
        for text in ["101", "201", "9911", "7001", "700123", "999", "15"] {
            assert_eq!(read(text, NorthAmerican), None, "{text}");
        }
    }

    #[test]
    fn a_message_has_short_codes_for_numbers() {
        for (text, number) in [
            ("72345", "72345"),
            (" 723456", "723456"),
            ("tel:72345", "72345"),
            ("999", "999"),
            ("15", "15"),
            ("+12025550101", "+12025550101"),
        ] {
            assert_eq!(PhoneNumber::of_message(text, International).unwrap().to_string(), number, "{text}");
        }
        for text in ["7234", "+72345", "72-345", "ACME", "7234567x", ""] {
            assert_eq!(PhoneNumber::of_message(text, International), None, "{text}");
        }
        assert_eq!(read("72345", International), None, "an extension, where somebody is called");
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "+",
            "700123",
            "1234567890123456",
            "1202555010x",
            "12025550101x",
            "12025550101,,",
            "12025550101xyz7",
            "12025550101px7",
            "101x7",
            "700123,,12345678",
            "alice",
            "+1202+5550101",
            "١٢٣٤٥٦٧",
            "*97",
            "*6",
            "#31#",
            "0000000000",
            "sip:192.168.100.200",
            "192.168.100.200",
            "192.168.001.002:5060",
            "[2001:db8::1]",
            "tel:2079460123;phone-context=+44",
            "tel:70011234;phone-context=example.com",
        ] {
            assert_eq!(read(text, International), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_number_survives_being_written_and_read(digits in "[1-9][0-9]{6,14}") {
            let number = PhoneNumber::parse(&digits, International).unwrap();
            prop_assert_eq!(PhoneNumber::parse(&number.to_string(), International), Some(number));
        }

        #[test]
        fn a_number_is_digits_whatever_was_written(text in "(tel:|\\+|00)?[0-9 ().;=/xé*#+-]{0,24}") {
            if let Some(number) = PhoneNumber::parse(&text, NorthAmerican) {
                prop_assert!(number.as_str().bytes().all(|b| b.is_ascii_digit()) && number.as_str().len() <= 15);
                prop_assert_eq!(PhoneNumber::parse(&number.to_string(), International), Some(number));
            }
        }
    }
}
