//! SIP URIs (RFC 3261, section 19.1).

use std::fmt;

use crate::address::{Host, NumberingPlan, PhoneNumber};

/// What names something else than a SIP user, and must not be taken for a user with a password.
const OTHER_SCHEMES: [&str; 18] = [
    "im", "pres", "h323", "xmpp", "mailto", "urn", "http", "https", "ws", "wss", "acct", "skype", "callto", "facetime",
    "iax", "iax2", "sms", "msrp",
];

/// Longer user parts than any platform gives; what exceeds them is no address.
const MAX_USER: usize = 128;

/// The user and host of a SIP URI, without parameters, headers, password and port.
#[derive(Debug, Clone)]
pub struct SipUri {
    user: String,
    host: Host,
    kind: UserKind,
}

/// What a URI says of its user part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UserKind {
    /// It is a telephone number: `user=phone`, or a `phone-context` within (sections 19.1.1 and 19.1.6).
    Phone,
    /// Nothing, or that it is a name.
    Other,
}

// The same user is called whatever is said of it.
impl PartialEq for SipUri {
    fn eq(&self, other: &Self) -> bool {
        (&self.user, &self.host) == (&other.user, &other.host)
    }
}

impl Eq for SipUri {}

impl SipUri {
    /// Reads `sip:user@host`, the same without `sip:`, within `<…>` with a display name, and with port and parameters.
    /// The user keeps its case and its own parameters (`alice;day=tuesday`), and an escape that need not be one is undone
    /// (`%61lice`), so that equal users are written alike. None when there is no user or no host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if is_of_other_scheme(text) {
            return None;
        }
        // No `@` stands in user, parameters or headers but as an escape, while `;`, `?` and `/` stand in a user as well.
        let (userinfo, rest) = bare_uri(text).split_once('@')?;
        let user = normal(userinfo.split_once(':').map_or(userinfo, |(user, _password)| user))?;
        let host = rest.split([';', '?', '/']).next()?;
        let kind = kind_of(&user, rest);
        let fits = !user.is_empty() && user.len() <= MAX_USER;
        fits.then_some(())?;
        Some(Self { user, host: Host::parse(host)?, kind })
    }

    /// The part before the `@`.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The host, without its port.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The user part read as a telephone number (section 19.1.6), with or without the number's parameters.
    #[must_use]
    pub fn number(&self, plan: NumberingPlan) -> Option<PhoneNumber> {
        PhoneNumber::parse(&percent_encoding::percent_decode_str(&self.user).decode_utf8_lossy(), plan)
    }

    /// Whether the user part is said to be a telephone number, or is written as an international one.
    pub(crate) fn is_number(&self) -> bool {
        self.kind == UserKind::Phone || self.user.starts_with('+') || self.user.starts_with("%2B")
    }
}

/// What the parameters within a user part, and those behind the host, say of it.
fn kind_of(user: &str, after: &str) -> UserKind {
    let after = after.split('?').next().unwrap_or_default();
    let says = |parameter: &str, what: &str| parameter.trim().to_ascii_lowercase().starts_with(what);
    let within = user.split(';').skip(1).any(|parameter| says(parameter, "phone-context="));
    let behind = after.split(';').skip(1).any(|parameter| parameter.trim().eq_ignore_ascii_case("user=phone"));
    if within || behind { UserKind::Phone } else { UserKind::Other }
}

/// A user part in its one written form (section 19.1.4): a character that is not reserved and its escape are equal, so
/// only what can't stand as it is stays escaped. None for what stands in no user part.
fn normal(user: &str) -> Option<String> {
    let mut out = String::with_capacity(user.len());
    let mut rest = user.as_bytes();
    while let [byte, after @ ..] = rest {
        let escaped = if *byte == b'%' { escape(after) } else { None };
        match escaped {
            Some((byte, after)) => {
                put(&mut out, byte, is_plain);
                rest = after;
            }
            None if byte.is_ascii_control() || matches!(byte, b' ' | b'<' | b'>' | b'"') => return None,
            None => {
                put(&mut out, *byte, |byte| is_plain(byte) || b";?/&=+$,".contains(&byte));
                rest = after;
            }
        }
    }
    (!user.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(out)
}

/// The byte that two hexadecimal digits stand for, and what follows them.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, after @ ..] = text else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(high)? * 16 + digit(low)?, after))
}

/// RFC 3261's unreserved characters, and the `#` that telephones send as it is.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()#".contains(&byte)
}

/// Writes a byte as it is where it may stand so, else as its escape.
fn put(out: &mut String, byte: u8, may_stand: impl Fn(u8) -> bool) {
    if may_stand(byte) {
        out.push(char::from(byte));
    } else {
        out.push_str(&format!("%{byte:02X}"));
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sip:{}@{}", self.user, self.host)
    }
}

/// A URI's text without display name, angle brackets and scheme.
pub(crate) fn bare_uri(text: &str) -> &str {
    let inner = without_display_name(text);
    let rest = ["sip", "sips", "tel"].iter().find_map(|name| after_scheme(inner, name));
    rest.map_or(inner, |rest| rest.strip_prefix("//").unwrap_or(rest))
}

/// Whether the text is a URI that is none of a telephone or a SIP user.
pub(crate) fn is_of_other_scheme(text: &str) -> bool {
    let inner = without_display_name(text);
    OTHER_SCHEMES.iter().any(|name| after_scheme(inner, name).is_some())
}

/// Whether an emergency service is called by its name (RFC 5031): `urn:service:sos`, `urn:service:sos.fire`.
pub(crate) fn is_emergency_service(text: &str) -> bool {
    let service = without_display_name(text).split([';', '?']).next().unwrap_or_default().to_ascii_lowercase();
    service == "urn:service:sos" || service.starts_with("urn:service:sos.")
}

fn without_display_name(text: &str) -> &str {
    let text = text.trim();
    text.rsplit_once('<').map_or(text, |(_, rest)| rest.split_once('>').map_or(rest, |(uri, _)| uri)).trim()
}

fn after_scheme<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (scheme, rest) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case(name).then_some(rest)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_written_form_of_a_uri_is_one_uri() {
        for text in [
            "sip:alice@example.com",
            "alice@example.com",
            "SIP:alice@EXAMPLE.com:5060",
            "sips:alice@example.com;transport=tls",
            "\"Alice\" <sip:alice@example.com>;tag=1",
            "sip:alice:secret@example.com?subject=x",
            "sip:%61lic%65@example.com:5060;lr?a=b",
            " sip:alice@example.com. ",
            "sip://alice@example.com",
            "<SIPS://alice@example.com:5061>",
            "sip:alice@example.com;user=phone",
        ] {
            assert_eq!(SipUri::parse(text).unwrap().to_string(), "sip:alice@example.com", "{text}");
        }
    }

    #[test]
    fn a_user_part_keeps_its_own_parameters_and_what_only_an_escape_can_say() {
        for (text, user) in [
            ("sip:alice;day=tuesday@example.com;lr", "alice;day=tuesday"),
            ("sip:sales/east@example.com", "sales/east"),
            ("sip:alice?x@example.com", "alice?x"),
            ("sip:%2A97@example.com", "*97"),
            ("sip:%2397@example.com", "#97"),
            ("sip:a%40b@example.com", "a%40b"),
            ("sip:a%2fb@example.com", "a%2Fb"),
            ("sip:a%20b@[2001:db8::1]:5060", "a%20b"),
            ("sip:50%@example.com", "50%25"),
            ("sip:zo\u{eb}@example.com", "zo%C3%AB"),
            ("sip:zo%c3%ab@example.com", "zo%C3%AB"),
        ] {
            let uri = SipUri::parse(text).unwrap();
            assert_eq!(uri.user(), user, "{text}");
            assert_eq!(SipUri::parse(&uri.to_string()), Some(uri), "{text}");
        }
    }

    #[test]
    fn what_is_no_uri_is_none() {
        let long = "a".repeat(MAX_USER + 1) + "@example.com";
        let texts = ["", "sip:", "sip:example.com:5060", "@example.com", "alice@", "alice", "a b@example.com"];
        let further = [long.as_str(), "a\n@example.com", "alice@exa mple.com", "alice@-x.com", "alice@x..y", "a@b@x.y"];
        for text in texts.into_iter().chain(further) {
            assert_eq!(SipUri::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_uri_of_another_scheme_is_no_sip_user() {
        for text in OTHER_SCHEMES {
            for uri in
                [format!("{text}:alice@example.com"), format!("\"A\" <{}:alice@example.com>", text.to_uppercase())]
            {
                assert_eq!(SipUri::parse(&uri), None, "{uri}");
                assert!(is_of_other_scheme(&uri), "{uri}");
            }
        }
        for text in ["sip:im@example.com", "im@example.com", "alice:secret@example.com", "tel:+12025550101"] {
            assert!(!is_of_other_scheme(text), "{text}");
        }
    }

    #[test]
    fn an_emergency_service_is_known_by_its_name() {
        for text in ["urn:service:sos", "<URN:service:SOS>", "urn:service:sos.fire"] {
            assert!(is_emergency_service(text), "{text}");
        }
        for text in ["urn:service:counseling", "urn:service:sosa", "sip:sos@example.com", "911"] {
            assert!(!is_emergency_service(text), "{text}");
        }
    }

    #[test]
    fn a_user_part_is_a_number_where_the_uri_says_so() {
        for (text, says) in [
            ("sip:12025550101@example.com;user=phone", true),
            ("sip:12025550101@example.com:5060;transport=udp;USER=Phone?a=b", true),
            ("<sip:2025550101;phone-context=+1@example.com>", true),
            ("sip:+12025550101@example.com", true),
            ("sip:12025550101@example.com", false),
            ("sip:12025550101@example.com;user=ip", false),
            ("sip:12025550101@example.com?x=;user=phone", false),
        ] {
            assert_eq!(SipUri::parse(text).unwrap().is_number(), says, "{text}");
        }
    }

    #[test]
    fn a_user_part_is_a_number_with_or_without_its_parameters() {
        for text in ["sip:+12025550101;npdi;rn=+12025550199@example.com;user=phone", "sip:%2B12025550101@example.com"] {
            let uri = SipUri::parse(text).unwrap();
            assert!(uri.is_number(), "{text}");
            assert_eq!(uri.number(NumberingPlan::International).unwrap().as_str(), "12025550101", "{text}");
        }
    }

    /// The grammar of RFC 3261, section 25.1.
    fn written() -> impl Strategy<Value = String> {
        let user = "([A-Za-z0-9_.!~*'()&=+$,;?/-]|%[0-9A-Fa-f]{2}){1,30}";
        let host = "([a-z0-9]{1,10}\\.){1,3}[a-z]{2,6}|192\\.0\\.2\\.[1-9]|\\[2001:db8::[1-9]\\]";
        let tail = "(:[1-9][0-9]{0,4})?(;[a-z]{1,5}(=[a-z0-9:/&+$]{1,8})?){0,3}(\\?[a-z]{1,5}=[a-z0-9/:?+$]{0,8})?";
        (prop_oneof![Just("sip:"), Just("sips:"), Just("")], user, "(:[a-z&=+$,]{0,8})?", host, tail)
            .prop_map(|(scheme, user, password, host, tail)| format!("{scheme}{user}{password}@{host}{tail}"))
    }

    proptest! {
        #[test]
        fn what_the_grammar_writes_is_read_and_survives(text in written()) {
            let uri = SipUri::parse(&text).unwrap();
            prop_assert_eq!(SipUri::parse(&uri.to_string()), Some(uri));
        }

        #[test]
        fn what_is_read_of_any_text_survives(text in "(sips?:|tel:|<sip:)?[@:;?=&%+.0-9a-f\\[\\]<> \"é-]{0,40}") {
            if let Some(uri) = SipUri::parse(&text) {
                prop_assert_eq!(SipUri::parse(&uri.to_string()), Some(uri));
            }
        }
    }
}
