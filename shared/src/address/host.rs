//! Host names and IP addresses.

use std::fmt;
use std::net::IpAddr;

/// Longer hosts than DNS allows are none.
const MAX_HOST: usize = 253;

/// A host name or IP address as it stands in a URI: lower case, without port or brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

impl Host {
    /// Reads a host name (RFC 1123) or an IP address, with or without a port. An IPv4 address that is written as IPv6
    /// (`::ffff:192.0.2.1`) is the IPv4 address. None for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bare = without_port(text.trim())?;
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Some(Self(ip.to_canonical().to_string()));
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
    pub(crate) fn is_domain(&self) -> bool {
        self.0.contains('.') && self.0.parse::<IpAddr>().is_err()
    }

    /// The host in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host without brackets and port; None where what stands in the port's place is no port.
fn without_port(text: &str) -> Option<&str> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, if after.is_empty() { Some("") } else { after.strip_prefix(':') })
        }
        None if text.parse::<IpAddr>().is_ok() => (text, Some("")),
        None => text.split_once(':').map_or((text, Some("")), |(host, port)| (host, Some(port))),
    };
    port.filter(|port| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit())).map(|_| host)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_port_and_case() {
        for (text, host) in [
            ("Example.COM:5061", "example.com"),
            ("example.com.", "example.com"),
            ("[2001:DB8::1]:5060", "2001:db8::1"),
            ("[2001:db8:0::1]", "2001:db8::1"),
            ("::1", "::1"),
            ("192.0.2.7:5060", "192.0.2.7"),
            ("[::ffff:192.0.2.7]:5060", "192.0.2.7"),
        ] {
            assert_eq!(Host::parse(text).unwrap().as_str(), host);
        }
        assert!(Host::parse("example.com").unwrap().is_domain());
        assert!(!Host::parse("192.0.2.1").unwrap().is_domain());
    }

    #[test]
    fn what_is_no_host_is_none() {
        for text in
            ["", ".", "a..b", "-a.com", "a b", "é.com", "example.com:sip", "[::1", "[::1]5060", "a/b", "a:123456"]
        {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}
