//! How a number or a SIP address is written within texts, and putting something else in its place.

use std::ops::Range;

use shared::address::{NumberingPlan, PhoneNumber};
use shared::entity::{Entity, EntityKind};

/// Fewer digits are as likely an extension, a code or an amount as somebody's number.
const SHORTEST: usize = 7;
/// So many digits within a longer row of them, as in an id, are the number and no chance.
const SURE: usize = 10;
/// As many characters may stand between two groups of a number's digits: `) `, ` - `.
const BETWEEN: usize = 3;

/// Only a number or a SIP address names a person, and can be told within a text.
#[derive(Debug, thiserror::Error)]
#[error(
    "only a phone_number of at least {SHORTEST} digits or a sip_user with its domain can be told from the rest of a text"
)]
pub struct NotWritten;

/// What is looked for in texts.
#[derive(Debug, Clone)]
pub(super) enum Written {
    /// A number: all of its digits, and those without its country code.
    Number { whole: String, national: Option<String> },
    /// `user@domain` in lower case.
    Address(String),
}

impl Written {
    pub(super) fn of(entity: &Entity) -> Result<Self, NotWritten> {
        let value = entity.value();
        match entity.kind() {
            EntityKind::PhoneNumber if value.len() >= SHORTEST => {
                let number = PhoneNumber::parse(value, NumberingPlan::International);
                let national =
                    number.as_ref().and_then(PhoneNumber::national).filter(|digits| digits.len() >= SHORTEST);
                Ok(Self::Number { whole: value.to_owned(), national: national.map(str::to_owned) })
            }
            EntityKind::SipUser if value.contains('@') => Ok(Self::Address(value.to_ascii_lowercase())),
            _ => Err(NotWritten),
        }
    }

    /// What stands in its place: of its form, so that what held it can still be read.
    fn stand_in(&self) -> &'static str {
        match self {
            Self::Number { .. } => "9999999",
            Self::Address(_) => "forgotten@example.invalid",
        }
    }

    /// Whether a text names it, also one whose characters are escaped as in URLs and forms.
    pub(super) fn is_in(&self, text: &str) -> bool {
        !self.places(text).is_empty() || unescaped(text).is_some_and(|plain| !self.places(&plain).is_empty())
    }

    /// The text without it and without the name that an alert has beside it; None where it does not name it.
    pub(super) fn erased(&self, text: &str) -> Option<String> {
        let places = self.places(text);
        if places.is_empty() {
            return self.is_in(text).then(|| self.stand_in().to_owned());
        }
        let mut erased = text.to_owned();
        for Range { start, end } in places.into_iter().rev() {
            let beside = erased.get(end..).map_or(0, beside);
            erased.replace_range(start..end + beside, self.stand_in());
        }
        // Where it stands once more behind escapes, nothing of the text is kept.
        Some(if self.is_in(&erased) { self.stand_in().to_owned() } else { erased })
    }

    /// Where it is written.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Number { whole, national } => numbers(text, whole, national.as_deref()),
            Self::Address(address) => addresses(text, address),
        }
    }
}

/// How much behind it is what stands in brackets, ` (Front desk)`, also where that was cut short.
fn beside(text: &str) -> usize {
    let line = text.split('\n').next().unwrap_or_default();
    if !line.starts_with(" (") {
        return 0;
    }
    let mut open = 0_usize;
    let closes = |(_, c): &(usize, char)| {
        open = if *c == '(' { open + 1 } else { open.saturating_sub(usize::from(*c == ')')) };
        *c == ')' && open == 0
    };
    let closed = line.char_indices().find(closes).map(|(at, _)| at + 1);
    let cut = || {
        let dots = line.find("...")? + "...".len();
        Some(dots + usize::from(line.get(dots..)?.starts_with(')')))
    };
    closed.or_else(cut).unwrap_or(line.len())
}

/// A row of digits within a text.
struct Group {
    digits: String,
    place: Range<usize>,
}

fn numbers(text: &str, whole: &str, national: Option<&str>) -> Vec<Range<usize>> {
    let groups = groups(text);
    let trunk = national.map(|national| format!("0{national}"));
    let is_it = |digits: &str| digits == whole || Some(digits) == national || Some(digits) == trunk.as_deref();
    let (mut places, mut at) = (Vec::new(), 0);
    while let Some(group) = groups.get(at) {
        let within = (whole.len() >= SURE && group.digits.contains(whole)).then(|| (group.place.clone(), 1));
        let found = within.or_else(|| spread(text, groups.get(at..).unwrap_or_default(), is_it, whole.len() + 1));
        at += found.as_ref().map_or(1, |(_, groups)| *groups);
        places.extend(found.map(|(place, _)| place));
    }
    places
}

/// The number that the first groups are together, and how many they are.
fn spread(text: &str, groups: &[Group], is_it: impl Fn(&str) -> bool, most: usize) -> Option<(Range<usize>, usize)> {
    let (mut digits, mut end) = (String::new(), None);
    for (at, group) in groups.iter().enumerate() {
        if end.is_some_and(|end| !joins(text.get(end..group.place.start))) || digits.len() > most {
            return None;
        }
        digits.push_str(&group.digits);
        end = Some(group.place.end);
        if is_it(&digits) && !groups.get(..=at).is_some_and(is_date) {
            return Some((groups.first()?.place.start..group.place.end, at + 1));
        }
    }
    None
}

/// Whether that may stand between two groups of one number.
fn joins(between: Option<&str>) -> bool {
    let visual = |c: char| {
        matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '\u{a0}' | '\u{2007}'..='\u{2015}' | '\u{202f}')
    };
    between.is_some_and(|between| between.chars().count() <= BETWEEN && between.chars().all(visual))
}

/// Whether groups are a day and perhaps an hour: `2027-03-14 15` has the digits of a number in Washington.
fn is_date(groups: &[Group]) -> bool {
    let lengths: Vec<_> = groups.iter().map(|group| group.digits.len()).collect();
    lengths.windows(3).any(|three| three == [4, 2, 2])
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, c) in text.char_indices() {
        let Some(digit) = digit(c) else { continue };
        let end = at + c.len_utf8();
        match groups.last_mut().filter(|group| group.place.end == at) {
            Some(group) => {
                group.digits.push(digit);
                group.place.end = end;
            }
            None => groups.push(Group { digits: digit.to_string(), place: at..end }),
        }
    }
    groups
}

/// A digit of Latin, Arabic or Persian writing, or one as wide as an ideograph.
fn digit(c: char) -> Option<char> {
    let zero = [0x30, 0x660, 0x6f0, 0xff10].into_iter().find(|zero| (*zero..*zero + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}

/// Where the address stands as a whole: `bob@example.com` is neither in `jacob@example.com` nor in `bob@example.com.au`.
fn addresses(text: &str, address: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let whole = |at: usize| {
        let before = lower.get(..at).and_then(|text| text.chars().next_back());
        let mut after = lower.get(at + address.len()..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        let begins = before.is_none_or(|c| !word(c) && !matches!(c, '.' | '+'));
        let goes_on = next.is_some_and(word) || (next == Some('.') && second.is_some_and(word));
        begins && !goes_on
    };
    lower.match_indices(address).filter(|(at, _)| whole(*at)).map(|(at, _)| at..at + address.len()).collect()
}

/// The text without the escapes of URLs and forms; None where it has none.
fn unescaped(text: &str) -> Option<String> {
    let plain = text.replace('+', " ");
    text.contains(['%', '+']).then(|| percent_encoding::percent_decode_str(&plain).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    fn written(entity: &str) -> Written {
        Written::of(&entity.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        let number = written("phone_number:12025550101");
        for text in [
            "12025550101",
            "+12025550101",
            "sip:+12025550101@gw.example.com",
            r#"{"from":"2025550101"}"#,
            "call (202) 555-0101 now",
            "1-202-555-0101",
            "+1 202.555.0101, 5pm",
            "Room 5 202-555-0101 5pm",
            "From=%2B12025550101&To=%2B12025550150",
            "Body=call+me%3A+%28202%29+555-0101",
            "sip%3A%31202555%30101",
            "００１１2025550101",
            "tel:+1-202-555-0101;ext=7",
            "0112025550101",
            "x1202555010120261102",
            "12025550101 and %31202555%30101",
            "202\u{2013}555\u{2013}0101",
        ] {
            assert!(number.is_in(text), "{text}");
            let erased = number.erased(text).unwrap();
            assert!(!number.is_in(&erased) && erased.contains("9999999"), "{text}: {erased}");
        }
    }

    #[test]
    fn a_number_of_another_country_is_found_as_it_is_dialled_there() {
        let number = written("phone_number:442079460123");
        for text in ["+44 (0)20 7946 0123", "020 7946 0123", "02079460123", "20 7946 0123", "0044 20 7946 0123"] {
            assert!(number.is_in(text), "{text}");
        }
        assert!(!number.is_in("+44 20 7946 0124"));
    }

    #[test]
    fn other_digits_are_not_it() {
        let number = written("phone_number:12025550101");
        for text in
            ["", "12025550102", "5550101", "92025550101", "20255501010", "1202, 5550101", "202a5550101", "+*******0101"]
        {
            assert_eq!(number.erased(text), None, "{text}");
        }
        let short = written("phone_number:5550101");
        assert!(short.is_in("555-0101") && !short.is_in("12025550101") && !short.is_in("id 1795550101321"));
        let like_a_time = written("phone_number:12027031415");
        for text in ["2027-03-14 15:09:26", "at 1 2027-03-14 15"] {
            assert!(!like_a_time.is_in(text), "{text}");
        }
    }

    #[test]
    fn an_address_is_found_as_a_whole_in_any_case() {
        let bob = written("sip_user:bob@example.com");
        for text in ["sip:Bob@Example.com:5060", "<sip:bob@example.com>", "bob%40example.com", "to bob@example.com."] {
            assert!(bob.is_in(text) && !bob.is_in(&bob.erased(text).unwrap()), "{text}");
        }
        for text in ["jacob@example.com", "j.bob@example.com", "bob@example.com.au", "bob@example.community", "bob"] {
            assert!(!bob.is_in(text), "{text}");
        }
    }

    #[test]
    fn what_stands_in_its_place_is_an_entity_of_the_same_kind() {
        for entity in ["phone_number:12025550101", "sip_user:bob@example.com"] {
            let erased = written(entity).erased(entity).unwrap();
            assert_eq!(erased.parse::<Entity>().unwrap().to_string(), erased);
        }
    }

    #[test]
    fn what_any_text_may_hold_is_refused() {
        for entity in ["phone_number:911", "phone_number:72345", "sip_user:bob", "sip_domain:example.com", "account:1"]
        {
            assert!(Written::of(&entity.parse().unwrap()).is_err(), "{entity}");
        }
    }

    #[test]
    fn the_name_that_an_alert_has_beside_it_goes_with_it() {
        let number = written("phone_number:12025550101");
        for (text, left) in [
            ("from +12025550101 (Bob) to +12025550102 (Al)", "from +9999999 to +12025550102 (Al)"),
            ("+12025550101 (Bob (night)) (3), +12025550102 (1)", "+9999999 (3), +12025550102 (1)"),
            ("+12025550101 (Bob of the..., 16:40", "+9999999, 16:40"),
            ("+12025550101 (Bob (ni...) at 16:40", "+9999999 at 16:40"),
            ("to +12025550101 (Bob of\nnext", "to +9999999\nnext"),
            ("+12025550101 was busy (486)", "+9999999 was busy (486)"),
        ] {
            assert_eq!(number.erased(text).unwrap(), left);
        }
    }
}
