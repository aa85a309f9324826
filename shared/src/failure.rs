//! Why calls and messages fail, in one vocabulary for all providers.
//!
//! Recognition goes by codes first, then by text; `insufficient_balance` wins wherever either shows it. The provider's own
//! words and code are kept beside the class.

use std::fmt;
use std::str::FromStr;

use crate::name::names;

/// The classes of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureClass {
    /// The account's balance ran out.
    InsufficientBalance,
    /// The platform forbids it: country permission, block list.
    NotPermitted,
    /// The called party is busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The called party declined.
    Rejected,
    /// The number does not exist.
    InvalidNumber,
    /// No capacity at the platform, its carrier or the called network.
    Congestion,
    /// A message that was not delivered.
    Undelivered,
    /// Anything else.
    Unknown,
}

names!(FailureClass, "failure class": InsufficientBalance = "insufficient_balance", NotPermitted = "not_permitted",
    Busy = "busy", NoAnswer = "no_answer", Rejected = "rejected", InvalidNumber = "invalid_number",
    Congestion = "congestion", Undelivered = "undelivered", Unknown = "unknown");

/// A code that came with the end of a call or message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A cause value of ITU-T Q.850.
    Q850(u16),
    /// A SIP response status (RFC 3261).
    Sip(u16),
    /// A code of the provider's own API.
    Provider(u16),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Q850(n) => write!(f, "q850:{n}"),
            Self::Sip(n) => write!(f, "sip:{n}"),
            Self::Provider(n) => write!(f, "provider:{n}"),
        }
    }
}

impl FromStr for Cause {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, number) = text.split_once(':').unwrap_or(("", text));
        let number = number.parse()?;
        Ok(match kind {
            "q850" => Self::Q850(number),
            "sip" => Self::Sip(number),
            _ => Self::Provider(number),
        })
    }
}

impl Cause {
    /// What the code is called where it comes from; None for codes that say nothing to a person.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Q850(1) => "unallocated number",
            Self::Q850(16) => "normal call clearing",
            Self::Q850(17) => "user busy",
            Self::Q850(18) => "no user responding",
            Self::Q850(19) => "no answer from user",
            Self::Q850(21) => "call rejected",
            Self::Q850(28) => "invalid number format",
            Self::Q850(34) => "no circuit available",
            Self::Q850(38) => "network out of order",
            Self::Q850(41) => "temporary failure",
            Self::Q850(42) => "switching equipment congestion",
            Self::Q850(44) => "requested circuit not available",
            Self::Q850(47) => "resource unavailable",
            Self::Sip(402) => "payment required",
            Self::Sip(403) => "forbidden",
            Self::Sip(404) => "not found",
            Self::Sip(408) => "request timeout",
            Self::Sip(480) => "temporarily unavailable",
            Self::Sip(484) => "address incomplete",
            Self::Sip(486) => "busy here",
            Self::Sip(487) => "request terminated",
            Self::Sip(503) => "service unavailable",
            Self::Sip(600) => "busy everywhere",
            Self::Sip(603) => "decline",
            Self::Sip(604) => "does not exist anywhere",
            _ => return None,
        })
    }

    /// The class that the code alone shows.
    fn class(self, channel: Channel) -> Option<FailureClass> {
        use FailureClass as F;
        Some(match (self, channel) {
            (Self::Sip(402) | Self::Provider(402), _) | (Self::Provider(405), Channel::Message) => {
                F::InsufficientBalance
            }
            (Self::Sip(403), _) | (Self::Provider(403 | 406), _) => F::NotPermitted,
            (Self::Sip(486 | 600) | Self::Q850(17), _) => F::Busy,
            (Self::Sip(408 | 480 | 487) | Self::Q850(18 | 19), _) => F::NoAnswer,
            (Self::Sip(603) | Self::Q850(21), _) => F::Rejected,
            (Self::Sip(404 | 484 | 604) | Self::Q850(1 | 28), _) => F::InvalidNumber,
            (Self::Sip(503) | Self::Q850(34 | 38 | 41 | 42 | 44 | 47), _) => F::Congestion,
            _ => return None,
        })
    }

    /// Whether the code is one of an ordinary end, or of none at all (Q.850 has no 0).
    #[must_use]
    pub fn says_nothing(self) -> bool {
        matches!(self, Self::Q850(0 | 16 | 31)) || matches!(self, Self::Sip(0..=399) | Self::Provider(0..=399))
    }
}

/// What failed: the same code means different things on calls and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A call or a number order.
    Call,
    /// An SMS.
    Message,
}

/// What a delivery shows about its failure.
#[derive(Debug, Clone, Default)]
pub struct Evidence<'a> {
    /// Codes, the most telling first.
    pub causes: Vec<Cause>,
    /// Texts that give a reason, the most telling first.
    pub reasons: Vec<&'a str>,
}

/// A failure as an event carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class.
    pub class: FailureClass,
    /// The provider's words, at most [`MAX_REASON`] bytes of them.
    pub reason: Option<String>,
    /// The code that came with it.
    pub code: Option<Cause>,
}

/// The most bytes of the provider's words that are kept beside the body.
pub const MAX_REASON: usize = 300;

impl Evidence<'_> {
    /// The class that is shown; None when nothing here speaks of a failure.
    #[must_use]
    pub fn class(&self, channel: Channel) -> Option<FailureClass> {
        let codes = || self.causes.iter().filter_map(|cause| cause.class(channel));
        let texts = || self.reasons.iter().filter_map(|text| class_of_text(text));
        let balance = FailureClass::InsufficientBalance;
        codes().chain(texts()).find(|class| *class == balance).or_else(|| codes().chain(texts()).next())
    }

    /// The failure of that class with the words and the code that came with it.
    #[must_use]
    pub fn failure(&self, class: FailureClass) -> Failure {
        let reason = self.reasons.first().map(|text| cut(text, MAX_REASON).to_owned());
        let code = self.causes.iter().find(|cause| !cause.says_nothing()).or_else(|| self.causes.first());
        Failure { class, reason, code: code.copied() }
    }
}

/// The text's beginning, at most that many bytes, never within a character.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

fn class_of_text(text: &str) -> Option<FailureClass> {
    use FailureClass as F;
    let text = text.to_lowercase().replace(['_', '-'], " ").replace("timeout", "time out");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let lacking =
        ["insufficient", "not enough", "not sufficient", "out of", "lack of", "no more", "exhausted", "too low"];
    if has(&lacking) && has(&["balance", "fund", "credit"]) {
        return Some(F::InsufficientBalance);
    }
    if has(&["payment required"]) {
        return Some(F::InsufficientBalance);
    }
    if has(&["queue"]) && has(&["time out", "timed out", "expired"]) {
        return Some(F::Congestion);
    }
    let table: [(F, &[&str]); 7] = [
        (
            F::NotPermitted,
            &[
                "not permitted",
                "not allowed",
                "forbidden",
                "blocked",
                "blacklist",
                "barred",
                "permission denied",
                "no permission",
                "country permission",
            ],
        ),
        (F::Busy, &["busy"]),
        (F::Congestion, &["congestion", "service unavailable", "no circuit", "out of order"]),
        (
            F::NoAnswer,
            &["no answer", "no user response", "not answered", "temporarily unavailable", "request time out"],
        ),
        (F::Rejected, &["rejected", "declined"]),
        (
            F::InvalidNumber,
            &["invalid number", "invalid destination", "unallocated", "address incomplete", "number not found"],
        ),
        (F::Undelivered, &["undelivered", "undeliverable", "not delivered", "delivery failed", "delivery failure"]),
    ];
    table.iter().find(|(_, words)| has(words)).map(|(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureClass as F;

    fn class(causes: &[Cause], reasons: &[&str], channel: Channel) -> Option<FailureClass> {
        Evidence { causes: causes.to_vec(), reasons: reasons.to_vec() }.class(channel)
    }

    #[test]
    fn codes_show_their_class() {
        let rows: [(F, &[Cause]); 8] = [
            (F::InsufficientBalance, &[Cause::Sip(402), Cause::Provider(402)]),
            (F::NotPermitted, &[Cause::Sip(403), Cause::Provider(406)]),
            (F::Busy, &[Cause::Sip(486), Cause::Sip(600), Cause::Q850(17)]),
            (F::NoAnswer, &[Cause::Sip(408), Cause::Sip(480), Cause::Sip(487), Cause::Q850(18), Cause::Q850(19)]),
            (F::Rejected, &[Cause::Sip(603), Cause::Q850(21)]),
            (F::InvalidNumber, &[Cause::Sip(404), Cause::Sip(484), Cause::Sip(604), Cause::Q850(1), Cause::Q850(28)]),
            (F::Congestion, &[Cause::Sip(503), Cause::Q850(34), Cause::Q850(38), Cause::Q850(41), Cause::Q850(47)]),
            (F::Congestion, &[Cause::Q850(42), Cause::Q850(44)]),
        ];
        for (expected, causes) in rows {
            for cause in causes {
                assert_eq!(class(&[*cause], &[], Channel::Call), Some(expected), "{cause}");
            }
        }
    }

    #[test]
    fn four_hundred_and_five_is_the_balance_only_on_messages() {
        assert_eq!(class(&[Cause::Provider(405)], &[], Channel::Message), Some(F::InsufficientBalance));
        assert_eq!(class(&[Cause::Provider(405)], &[], Channel::Call), None);
    }

    #[test]
    fn texts_show_their_class() {
        for (text, expected) in [
            ("Insufficient balance", F::InsufficientBalance),
            ("Not enough account balance", F::InsufficientBalance),
            ("INSUFFICIENT_FUNDS", F::InsufficientBalance),
            ("not enough prepaid credit left", F::InsufficientBalance),
            ("Country not permitted", F::NotPermitted),
            ("caller is blacklisted", F::NotPermitted),
            ("USER_BUSY", F::Busy),
            ("NO_USER_RESPONSE", F::NoAnswer),
            ("NO_ANSWER", F::NoAnswer),
            ("CALL_REJECTED", F::Rejected),
            ("UNALLOCATED_NUMBER", F::InvalidNumber),
            ("NORMAL_CIRCUIT_CONGESTION", F::Congestion),
            ("message dropped: queue timeout", F::Congestion),
            ("Time-out in queue", F::Congestion),
            ("Payment required", F::InsufficientBalance),
            ("no permission for this country", F::NotPermitted),
            ("Message undelivered", F::Undelivered),
        ] {
            assert_eq!(class(&[], &[text], Channel::Call), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_texts_of_success_are_no_failure() {
        for text in [
            "NORMAL_CLEARING",
            "Message sent",
            "delivered",
            "New balance is 873.0604",
            "OK",
            "sufficient balance",
            "permission verified",
        ] {
            assert_eq!(class(&[], &[text], Channel::Message), None, "{text}");
        }
        for code in [0, 16] {
            assert_eq!(class(&[Cause::Q850(code)], &[], Channel::Call), None);
        }
    }

    #[test]
    fn the_balance_wins_then_codes_then_text() {
        let balance = ["Insufficient balance"];
        assert_eq!(class(&[Cause::Q850(21)], &balance, Channel::Call), Some(F::InsufficientBalance));
        assert_eq!(class(&[Cause::Q850(17)], &["CALL_REJECTED"], Channel::Call), Some(F::Busy));
        assert_eq!(class(&[Cause::Q850(16)], &["CALL_REJECTED"], Channel::Call), Some(F::Rejected));
    }

    #[test]
    fn the_providers_words_are_kept_within_bounds() {
        let long = "é".repeat(1000);
        let failure =
            Evidence { causes: vec![Cause::Q850(16), Cause::Sip(402)], reasons: vec![&long] }.failure(F::Unknown);
        assert_eq!(failure.reason.as_deref().map(str::len), Some(MAX_REASON));
        assert_eq!(failure.code, Some(Cause::Sip(402)));
    }

    #[test]
    fn a_cause_survives_being_written_and_read() {
        for cause in [Cause::Q850(16), Cause::Sip(402), Cause::Provider(405)] {
            assert_eq!(cause.to_string().parse(), Ok(cause));
        }
    }
}
