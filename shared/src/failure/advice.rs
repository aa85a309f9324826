//! The classes of failure in words, and what to do about each: as alerts say it, and the console.

use super::{Cause, Failure, FailureClass};

impl FailureClass {
    /// It in two or three words.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            FailureClass::InsufficientBalance => "insufficient balance",
            FailureClass::NotPermitted => "not permitted",
            FailureClass::Busy => "busy",
            FailureClass::NoAnswer => "no answer",
            FailureClass::Rejected => "rejected",
            FailureClass::InvalidNumber => "invalid number",
            FailureClass::Congestion => "congestion",
            FailureClass::Undelivered => "not delivered",
            FailureClass::Unknown => "unknown reason",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            FailureClass::InsufficientBalance => {
                "top up the account at the provider. Until then further calls and messages fail for the same reason."
            }
            FailureClass::NotPermitted => {
                "check the account's country permissions and block lists, and whether the number called is what was meant. If \
             the account permits it, ask the provider who does not."
            }
            FailureClass::Congestion => {
                "try the call again; if it keeps failing, check the route and the provider's status page."
            }
            FailureClass::Undelivered => {
                "check that the number takes messages and that the sending number is registered for them."
            }
            FailureClass::Rejected => {
                "nothing, unless it happens often: then ask the called party, or the provider which network rejects it."
            }
            FailureClass::Busy | FailureClass::NoAnswer => {
                "nothing, unless it happens often: then ask the called party."
            }
            FailureClass::InvalidNumber => "correct the number.",
            FailureClass::Unknown => "look at the event; if it happens often, ask the provider what its words mean.",
        }
    }
}

impl Failure {
    /// What to do next about it: its code, or the provider's words, can say more than its class.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        let known = match self.class {
            FailureClass::Rejected if self.is_marked() => Some(MARKED),
            FailureClass::Rejected => self.code.and_then(rejected),
            FailureClass::NotPermitted => self.code.and_then(not_permitted),
            _ => None,
        };
        known.unwrap_or_else(|| self.class.advice())
    }
}

const MARKED: &str =
    "check the reputation of the calling number and its registration: networks reject it as unwanted or spam.";

fn rejected(code: Cause) -> Option<&'static str> {
    match code {
        Cause::Sip(402) => {
            Some("ask the provider: its carrier demands payment of it. Your own account is not concerned.")
        }
        Cause::Sip(406 | 415 | 488 | 606) | Cause::Q850(65 | 70 | 88 | 618 | 818) => {
            Some("compare the codecs and the encryption that both sides offer: they have none in common.")
        }
        Cause::Sip(405 | 420 | 421 | 501 | 505) | Cause::Q850(29 | 66 | 69 | 79) => {
            Some("ask the provider which service the call asked for: a network on its way does not offer it.")
        }
        _ => None,
    }
}

fn not_permitted(code: Cause) -> Option<&'static str> {
    match code {
        Cause::Sip(401 | 407) => {
            Some("check the user name and password of the trunk or SIP user: the login was not accepted.")
        }
        Cause::Sip(433) => Some("show the caller's number: the called side takes no anonymous calls."),
        Cause::Sip(428 | 436..=438) | Cause::Q850(620..=624 | 820..=824) => {
            Some("ask the provider how it signs your calls (STIR/SHAKEN): the caller's identity was not accepted.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(class: FailureClass, code: Cause, reason: Option<&str>) -> &'static str {
        Failure { class, reason: reason.map(str::to_owned), code: Some(code) }.advice()
    }

    #[test]
    fn a_rejection_is_told_what_its_code_says() {
        for (codes, expected) in [
            (vec![Cause::Sip(488), Cause::Sip(606), Cause::Q850(65), Cause::Q850(88), Cause::Q850(818)], "codecs"),
            (vec![Cause::Sip(607), Cause::Sip(608), Cause::Q850(619), Cause::Q850(819)], "reputation"),
            (vec![Cause::Q850(29), Cause::Q850(69), Cause::Sip(420)], "service"),
            (vec![Cause::Sip(402)], "carrier demands payment"),
            (vec![Cause::Sip(603), Cause::Q850(21), Cause::Q850(24), Cause::Q850(816)], "ask the called party"),
        ] {
            for code in codes {
                assert!(told(FailureClass::Rejected, code, None).contains(expected), "{code}");
            }
        }
    }

    #[test]
    fn a_603_is_a_networks_where_its_words_say_so() {
        for (reason, expected) in [
            ("603 Network Blocked", "reputation"),
            ("Network blocked", "reputation"),
            ("603 Spam likely", "reputation"),
            ("603 Decline", "ask the called party"),
            ("Call rejected by user", "ask the called party"),
        ] {
            let told = told(FailureClass::Rejected, Cause::Sip(603), Some(reason));
            assert!(told.contains(expected), "{reason}: {told}");
        }
    }

    #[test]
    fn what_is_not_permitted_is_told_what_its_code_says() {
        for (code, expected) in [
            (Cause::Sip(401), "password"),
            (Cause::Sip(407), "password"),
            (Cause::Sip(433), "anonymous"),
            (Cause::Sip(438), "STIR/SHAKEN"),
            (Cause::Sip(403), "country permissions"),
            (Cause::Q850(52), "country permissions"),
            (Cause::Provider(406), "country permissions"),
        ] {
            assert!(told(FailureClass::NotPermitted, code, None).contains(expected), "{code}");
        }
    }

    #[test]
    fn a_code_beside_another_class_says_nothing() {
        for class in [FailureClass::InsufficientBalance, FailureClass::Congestion, FailureClass::Unknown] {
            for code in [Cause::Sip(402), Cause::Sip(407), Cause::Sip(488)] {
                assert_eq!(told(class, code, Some("spam")), class.advice(), "{class} {code}");
            }
        }
    }
}
