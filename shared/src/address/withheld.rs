//! Callers who withhold who they are.

use crate::address::{Host, SipUri, bare_uri};

/// What networks and switches write in the place of a withheld caller, letters only: RFC 3323 and 3325 (`anonymous`),
/// 3GPP TS 23.003 (`unavailable`), FreeSWITCH, Asterisk and telephones (the others); and so in other languages.
const WORDS: [&str; 75] = [
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
    "privatecallerid",
    "privateid",
    "privatenumber",
    "withheld",
    "numberwithheld",
    "withheldnumber",
    "callerwithheld",
    "blocked",
    "blockednumber",
    "blockedcaller",
    "callerblocked",
    "calleridblocked",
    "callerid",
    "nocallerid",
    "nonumber",
    "callerunknown",
    "callerunavailable",
    "numberunavailable",
    "anonymouscaller",
    "anonymousnumber",
    "restrictednumber",
    "restrictedcaller",
    "outofarea",
    "hidden",
    "hiddennumber",
    "hiddencaller",
    "undisclosed",
    "n/a",
    "null",
    "none",
    "undefined",
    "anonyme",
    "inconnu",
    "numéroinconnu",
    "numeroinconnu",
    "numéromasqué",
    "numeromasque",
    "privé",
    "anonym",
    "unbekannt",
    "unbekanntenummer",
    "unterdrückt",
    "unterdrueckt",
    "anónimo",
    "anonimo",
    "desconocido",
    "númerodesconocido",
    "numerodesconocido",
    "privado",
    "oculto",
    "númerooculto",
    "numerooculto",
    "desconhecido",
    "anônimo",
    "sconosciuto",
    "numerosconosciuto",
    "privato",
    "numeroprivato",
    "anoniem",
    "onbekend",
    "afgeschermd",
    "okänt",
    "okand",
    "ukendt",
    "ukjent",
];

/// Such words on a telephone's keys, where a carrier can only send digits: ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN,
/// BLOCKED and PRIVATE.
const KEYS: [&str; 6] = ["266696687", "7378742833", "86282452253", "8656696", "2562533", "7748283"];

/// Those of them that are no number where they stand without a `+`.
const BARE_KEYS: usize = 1;

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

/// A word, also with escapes of a URI in it, or what stands for one in digits.
fn is_word(text: &str) -> bool {
    let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '"' | '(' | ')' | '<' | '>');
    let letters = text.to_lowercase().replace(separator, "");
    letters.is_empty() || is_nobodys_number(&letters) || WORDS.contains(&letters.as_str())
}

/// Zeros, which FreeSWITCH writes where it knows no number, also after the country code 1; or a word on the keys.
fn is_nobodys_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let zeros = digits.strip_prefix('1').unwrap_or(digits);
    let known = if digits == text { KEYS.get(..BARE_KEYS).unwrap_or_default() } else { &KEYS };
    (zeros.len() >= 7 && zeros.bytes().all(|digit| digit == b'0')) || known.contains(&digits)
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
            "+266696687",
            "266696687",
            "sip:+266696687@jnctn.net",
            "tel:+266696687",
            "+7378742833",
            "+86282452253",
            "+8656696",
            "+2562533",
            "+10000000000",
            "10000000000",
            "+1 (000) 000-0000",
            "+0000000000",
            "0000000",
            "sip:+10000000000@jnctn.net;user=phone",
            "sip:Anonymous%20Caller@jnctn.net",
            "sip:%41nonymous@example.onsip.com",
            "Private Caller ID",
            "Hidden",
            "N/A",
            "null",
            "NULL",
            "Anonyme",
            "unbekannt",
            "Número Desconocido",
            "Unknown Number",
            "No Caller ID",
            "Blocked",
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
            "1000000",
            "100",
            "7378742833",
            "8656696",
            "2562533",
            "+12666966870",
            "+12025550000",
            "+18000000001",
            "hidden-valley",
            "sip:na@example.com",
        ] {
            assert!(!is_withheld(text), "{text:?}");
        }
    }
}
