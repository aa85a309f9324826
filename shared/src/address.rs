//! SIP URIs, hosts and phone numbers: types that only a parser makes, in one written form each.

use std::fmt;
use std::net::IpAddr;

/// Longer user parts and hosts than any platform gives; what exceeds them is no address.
const MAX_USER: usize = 128;
const MAX_HOST: usize = 253;

/// A host name or IP address as it stands in a URI: lower case, without port or brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

impl Host {
    /// Reads a host name (RFC 1123) or an IP address, with or without a port. None for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?.0,
            None if text.parse::<IpAddr>().is_ok() => text,
            None => text.split_once(':').map_or(text, |(host, _port)| host),
        };
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Some(Self(ip.to_string()));
        }
        let bare = bare.strip_suffix('.').unwrap_or(bare);
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        (bare.len() <= MAX_HOST && bare.split('.').all(label)).then(|| Self(bare.to_ascii_lowercase()))
    }

    /// Whether the host has the form of a domain name of several labels, as a SIP domain has.
    #[must_use]
    pub fn is_domain(&self) -> bool {
        self.0.contains('.') && self.0.parse::<IpAddr>().is_err()
    }

    /// The host in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The user and host of a SIP URI (RFC 3261), without parameters, headers, password and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipUri {
    user: String,
    host: Host,
}

impl SipUri {
    /// Reads `sip:user@host`, the same without `sip:`, within `<…>` with a display name, and with port and parameters.
    /// The user is kept as written (RFC 3261: it tells upper from lower case); a control character, a space or a
    /// `/` in it makes it no SIP user. None when there is no user or no host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri = bare_uri(text);
        let uri = uri.split(['?', ';']).next().unwrap_or(uri);
        let (user, host) = uri.rsplit_once('@')?;
        let user = user.split_once(':').map_or(user, |(user, _password)| user);
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '/' | '@' | '<' | '>' | '"');
        let fits = !user.is_empty() && user.len() <= MAX_USER && user.chars().all(plain);
        fits.then_some(())?;
        Some(Self { user: user.to_owned(), host: Host::parse(host)? })
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
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sip:{}@{}", self.user, self.host)
    }
}

/// A URI's text without display name, angle brackets and scheme.
pub(crate) fn bare_uri(text: &str) -> &str {
    let text = text.trim();
    let inner = text.rsplit_once('<').map_or(text, |(_, rest)| rest.split_once('>').map_or(rest, |(uri, _)| uri));
    let scheme = |name: &str| inner.get(..name.len()).filter(|s| s.eq_ignore_ascii_case(name)).map(str::len);
    let cut = ["sip:", "sips:", "tel:"].iter().find_map(|name| scheme(name)).unwrap_or(0);
    inner.get(cut..).unwrap_or(inner)
}

/// How a number without its country code is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberingPlan {
    /// Numbers are written with their country code.
    International,
    /// Ten digits are a number of the North American Numbering Plan without its `1`.
    NorthAmerican,
}

/// A phone number (ITU-T E.164): country code and number, digits only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number with or without `tel:` or `sip:`, `+`, `00` and visual separators. None with fewer than 7 digits (an
    /// extension, no number), more than 15 (E.164's limit), or anything else among them.
    #[must_use]
    pub fn parse(text: &str, plan: NumberingPlan) -> Option<Self> {
        let bare = bare_uri(text).split(';').next()?.trim();
        let separator = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')');
        let (plus, rest) = bare.strip_prefix('+').map_or((false, bare), |rest| (true, rest));
        if !rest.chars().all(|c| c.is_ascii_digit() || separator(c)) {
            return None;
        }
        let written: String = rest.chars().filter(char::is_ascii_digit).collect();
        // No country code begins with 0: a leading 00 is the international prefix, also where a `+` stands before it.
        let mut digits = written.as_str();
        while let Some(rest) = digits.strip_prefix("00") {
            digits = rest;
        }
        let known = plus || digits.len() < written.len();
        let national = plan == NumberingPlan::NorthAmerican && !known && digits.len() == 10;
        let digits = if national { format!("1{digits}") } else { digits.to_owned() };
        (7..=15).contains(&digits.len()).then_some(Self(digits))
    }

    /// Country code and number, digits only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
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
            " sip:alice@example.com. ",
        ] {
            assert_eq!(SipUri::parse(text).unwrap().to_string(), "sip:alice@example.com", "{text}");
        }
    }

    #[test]
    fn what_is_no_uri_is_none() {
        let long = "a".repeat(MAX_USER + 1) + "@example.com";
        let texts = ["", "sip:", "@example.com", "alice@", "alice", "a b@example.com", "a\n@example.com", "a/b@x.y"];
        for text in texts.into_iter().chain([long.as_str(), "alice@exa mple.com", "alice@-x.com", "alice@x..y", "é@é"])
        {
            assert_eq!(SipUri::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_written_form_of_a_number_is_one_number() {
        for text in [
            "+12025550101",
            "12025550101",
            "tel:+1-202-555-0101",
            "+1 (202) 555.0101",
            "0012025550101",
            "+0012025550101",
            " 12025550101",
        ] {
            assert_eq!(
                PhoneNumber::parse(text, NumberingPlan::International).unwrap().as_str(),
                "12025550101",
                "{text}"
            );
        }
    }

    #[test]
    fn ten_digits_get_a_country_code_only_where_the_plan_says_so() {
        let parse = |text, plan| PhoneNumber::parse(text, plan).map(|n| n.as_str().to_owned());
        assert_eq!(parse("2025550101", NumberingPlan::NorthAmerican).as_deref(), Some("12025550101"));
        assert_eq!(parse("2025550101", NumberingPlan::International).as_deref(), Some("2025550101"));
        assert_eq!(parse("+2025550101", NumberingPlan::NorthAmerican).as_deref(), Some("2025550101"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "+", "700123", "1234567890123456", "1202555010x", "alice", "+1202+5550101", "١٢٣٤٥٦٧"] {
            assert_eq!(PhoneNumber::parse(text, NumberingPlan::International), None, "{text:?}");
        }
    }

    #[test]
    fn hosts_lose_port_and_case() {
        for (text, host) in [("Example.COM:5061", "example.com"), ("[2001:DB8::1]:5060", "2001:db8::1"), ("::1", "::1")]
        {
            assert_eq!(Host::parse(text).unwrap().as_str(), host);
        }
        assert!(Host::parse("example.com").unwrap().is_domain());
        assert!(!Host::parse("192.0.2.1").unwrap().is_domain());
    }

    proptest! {
        #[test]
        fn a_uri_survives_being_written_and_read(user in "[A-Za-z0-9._*#+-]{1,40}", host in "[a-z0-9]{1,20}(\\.[a-z0-9]{1,20}){0,3}") {
            let uri = SipUri::parse(&format!("sip:{user}@{host}")).unwrap();
            prop_assert_eq!(SipUri::parse(&uri.to_string()), Some(uri));
        }

        #[test]
        fn a_number_survives_being_written_and_read(digits in "[1-9][0-9]{6,14}") {
            let number = PhoneNumber::parse(&digits, NumberingPlan::International).unwrap();
            prop_assert_eq!(PhoneNumber::parse(&number.to_string(), NumberingPlan::International), Some(number));
        }

        #[test]
        fn parsers_never_panic(text in any::<String>()) {
            let _ = (SipUri::parse(&text), Host::parse(&text), PhoneNumber::parse(&text, NumberingPlan::NorthAmerican));
        }
    }
}
