//! Phone numbers within texts, with all but their last digits masked.

/// As many digits in a row are a phone number.
const NUMBER: usize = 7;
/// As many of its last digits stay: enough to know one's own by.
const KEPT: usize = 4;
/// As many characters may stand between two digits of a number: `+44 (0) 20`, `202 - 555`.
const BETWEEN: usize = 4;

/// The text with its numbers masked, in whatever digits they are, whatever but letters stands between these, and whatever they
/// stand in.
pub(super) fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = chars.as_slice();
    while !rest.is_empty() {
        let (run, left) = rest.split_at(number(rest).max(1));
        let digits = run.iter().filter(|c| c.is_numeric()).count();
        let hidden = if digits < NUMBER { 0 } else { digits - KEPT };
        let mut nth = 0;
        for c in run {
            nth += usize::from(c.is_numeric());
            out.push(if c.is_numeric() && nth <= hidden { '*' } else { *c });
        }
        rest = left;
    }
    out
}

/// How far the number at the beginning goes; 0 where there is none.
fn number(chars: &[char]) -> usize {
    let mut end = 0;
    for (at, c) in chars.iter().enumerate() {
        match c {
            c if c.is_numeric() => end = at + 1,
            c if end > 0 && !c.is_alphabetic() && at - end < BETWEEN => {}
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::super::outside::line;
    use super::*;

    #[test]
    fn a_masked_number_keeps_its_last_digits() {
        for (text, expected) in [
            ("+12025550145", "+*******0145"),
            ("call 202-555-0145 now", "call ***-***-0145 now"),
            ("(202) 555 0145", "(***) *** 0145"),
            ("+44 (0) 20 7946 0123", "+** (*) ** **** 0123"),
            ("202.555.0145 or 202555.0145", "***.***.0145 or ******.0145"),
            ("202/555/0145", "***/***/0145"),
            ("202 - 555 - 0145", "*** - *** - 0145"),
            ("abc12025550145xyz", "abc*******0145xyz"),
            ("sip:+12025550145@example", "sip: +*******0145@example"),
            ("％3120２５５５０１４５", "*******0145"),
            ("%31%32%30%32%35%35%35%30%31%34%35", "*******0145"),
            ("1202%20555%2D0145", "**** ***-0145"),
            ("١٢٠٢٥٥٥٠١٤٥", "*******٠١٤٥"),
            ("%D9%A1%D9%A2٠٢٥٥٥٠١٤٥", "*******٠١٤٥"),
            ("1\u{200b}2\u{200b}0\u{200b}2555\u{ad}0145", "* * * **** 0145"),
            ("extension 7001", "extension 7001"),
            ("sip 486, q850 17", "sip 486, q850 17"),
            ("alice@example", "alice@example"),
            ("", ""),
        ] {
            assert_eq!(masked(&line(text)), expected, "{text}");
        }
    }
}
