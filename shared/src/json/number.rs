//! Numbers of JSON.

/// A number: `12025550144`, `12025550144.0` and `1.2025550144e10` are written differently and are one integer (RFC 8259,
/// section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'a> {
    written: &'a str,
    /// The digits of an integer that is written with a fraction or an exponent.
    integer: Option<String>,
}

/// More digits than an id has; an exponent can ask for any number of them.
const MAX_DIGITS: usize = 40;

impl<'a> Number<'a> {
    pub(super) fn new(written: &'a str) -> Self {
        Self { written, integer: integer(written) }
    }

    /// The number as it was sent.
    #[must_use]
    pub const fn written(&self) -> &'a str {
        self.written
    }

    /// The digits of an integer, however it was sent; any other number as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.integer.as_deref().unwrap_or(self.written)
    }
}

/// The plain digits of an integer that is written otherwise. None for a fraction, and for a number already plain.
fn integer(written: &str) -> Option<String> {
    let (sign, number) = written.strip_prefix('-').map_or(("", written), |number| ("-", number));
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if number == whole {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    let leading = all.len() - all.trim_start_matches('0').len();
    let point = i64::try_from(whole.len()).ok()? + exponent.parse::<i64>().ok()?;
    let length = usize::try_from(point.checked_sub(i64::try_from(leading).ok()?)?).ok()?;
    let fits = (significant.len()..=MAX_DIGITS).contains(&length);
    fits.then(|| format!("{sign}{significant:0<length$}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_integer_is_one_number_however_it_is_written() {
        for (written, read) in [
            ("12025550144", "12025550144"),
            ("12025550144.0", "12025550144"),
            ("12025550144.000", "12025550144"),
            ("1.2025550144e10", "12025550144"),
            ("1.2025550144E+10", "12025550144"),
            ("0.12025550144e11", "12025550144"),
            ("120255501440e-1", "12025550144"),
            ("12025550144e0", "12025550144"),
            ("1202555014e1", "12025550140"),
            ("405.0", "405"),
            ("-16.0", "-16"),
            ("0.0", "0"),
            ("-0", "-0"),
            ("0e999999999999", "0"),
            ("12345678901234567890123.0", "12345678901234567890123"),
        ] {
            assert_eq!(Number::new(written).as_str(), read, "{written}");
            assert_eq!(Number::new(written).written(), written);
        }
    }

    #[test]
    fn what_is_no_integer_or_a_vast_one_stays_as_written() {
        for written in ["873.0604", "1.5", "1e-1", "12025550144.5", "1.25e1", "1e999", "1e99999999999999999999", "1e41"]
        {
            assert_eq!(Number::new(written).as_str(), written);
        }
    }

    proptest! {
        #[test]
        fn any_power_of_ten_before_the_point_leaves_the_number(number in 1_u64..1_000_000_000_000_000, by in 1_usize..20) {
            let digits = number.to_string();
            let (whole, fraction) = digits.split_at(1);
            let written = format!("{whole}.{fraction}0e{}", fraction.len());
            prop_assert_eq!(Number::new(&written).as_str().to_owned(), digits.clone());
            let shifted = format!("{digits}{}e-{by}", "0".repeat(by));
            prop_assert_eq!(Number::new(&shifted).as_str().to_owned(), digits);
        }
    }
}
