//! Callers who withhold who they are.

use crate::address::{Host, SipUri, bare_uri};

/// What networks and switches write in the place of a withheld caller, letters only: RFC 3323 and 3325 (`anonymous`),
/// 3GPP TS 23.003 (`unavailable`), FreeSWITCH, Asterisk and telephones (the others).
const WORDS: [&str; 22] = [
    "anonymous",
    "restricted",
    "unavailable",
    "notavailable",
    "idunavailable",
    "unknown",
    "unknowncaller",
    "unknownnumber",
    "private",
    "privatecaller",
    "privatenumber",
    "withheld",
    "numberwithheld",
    "withheldnumber",
    "blocked",
    "callerblocked",
    "calleridblocked",
    "nocallerid",
    "callerunknown",
    "anonymouscaller",
    "restrictednumber",
    "outofarea",
];

/// Whether a text that stands for a caller says only that the caller is withheld, in any case and with or without a
/// display name: nothing, a word for it, or an address of a host under `invalid`, which is nobody's (RFC 2606).
#[must_use]
pub fn is_withheld(text: &str) -> bool {
    let bare = bare_uri(text).trim_matches(|c: char| c == '"' || c.is_whitespace());
    if let Some(uri) = SipUri::parse(bare) {
        return is_nobodys(uri.host()) || is_word(uri.user());
    }
    let user = bare.split(['@', ';']).next().unwrap_or(bare);
    is_word(user)
}

/// Whether a host stands for nobody: `invalid`, or one under it (RFC 2606).
#[must_use]
pub fn is_nobodys(host: &Host) -> bool {
    let host = host.as_str();
    host == "invalid" || host.ends_with(".invalid")
}

/// FreeSWITCH writes zeros where it knows no number.
fn is_word(text: &str) -> bool {
    let separator = |c: char| matches!(c, ' ' | '-' | '_' | '.' | '"');
    let letters: String = text.chars().filter(|c| !separator(*c)).map(|c| c.to_ascii_lowercase()).collect();
    let zeros = letters.len() >= 7 && letters.bytes().all(|b| b == b'0');
    text.is_empty() || zeros || WORDS.contains(&letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withheld_caller_is_told_by_whatever_stands_in_its_place() {
        for text in [
            "",
            " ",
            "\"\"",
            "anonymous",
            "Anonymous",
            "ANONYMOUS",
            "Restricted",
            "unavailable",
            "unknown",
            "Private",
            "Private Number",
            "Caller ID Blocked",
            "0000000000",
            "sip:anonymous@anonymous.invalid",
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1",
            "sip:%61nonymous@anonymous.invalid:5060",
            "sip:thisis@anonymous.invalid",
            "sip:unavailable@unknown.invalid",
            "sip:anonymous@192.0.2.7",
            "sips:Restricted@example.onsip.com;user=phone",
            "\"Anonymous\"",
        ] {
            assert!(is_withheld(text), "{text:?}");
        }
    }

    #[test]
    fn a_named_party_is_not_withheld() {
        for text in [
            "alice",
            "+12025550101",
            "sip:alice@example.com",
            "\"Anonymous\" <sip:+12025550101@jnctn.net>",
            "private-office",
            "sip:unknown-callers@example.com",
            "sip:alice@invalid.example.com",
            "000",
        ] {
            assert!(!is_withheld(text), "{text:?}");
        }
    }
}
