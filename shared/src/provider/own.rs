//! Which hosts are the customer's, where a provider does not say whose a party is.

use std::str::FromStr;

use crate::address::Host;

/// The host that all of OnSIP's own domains end with.
const DEFAULT: &str = "onsip.com";

/// The customer's SIP domains, each with its subdomains. Written as hosts, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDomains(Vec<Host>);

impl Default for OwnDomains {
    fn default() -> Self {
        Self(Host::parse(DEFAULT).into_iter().collect())
    }
}

impl FromStr for OwnDomains {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let hosts = text.split(',').map(str::trim).filter(|host| !host.is_empty());
        let host = |text: &str| {
            let host = Host::parse(text).filter(|host| host.is_domain() && host.as_str().len() == text.len());
            host.ok_or_else(|| format!("{text:?} is no domain such as example.com"))
        };
        hosts.map(host).collect::<Result<_, _>>().map(Self)
    }
}

impl OwnDomains {
    /// Whether somebody said which they are. Until then no host is known to be a stranger's.
    pub(super) fn are_said(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the host is one of them, or a subdomain of one.
    pub(super) fn have(&self, host: &Host) -> bool {
        self.0.iter().any(|own| is_within(host.as_str(), own.as_str()))
    }
}

/// Whether the host is the domain or one of its subdomains.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_its_subdomains_and_no_host_that_is_written_alike() {
        let own: OwnDomains = "onsip.com, Voice.Example.COM".parse().unwrap();
        let has = |host: &str| own.have(&Host::parse(host).unwrap());
        for host in
            ["onsip.com", "x.onsip.com", "ONSIP.com", "onsip.com:5060", "voice.example.com", "b.voice.example.com"]
        {
            assert!(has(host), "{host}");
        }
        for host in ["notonsip.com", "onsip.com.example", "example.com", "com", "192.0.2.7"] {
            assert!(!has(host), "{host}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused_by_name() {
        for text in ["localhost", "192.0.2.7", "a b.com", "example.com:5060", "sip:example.com", "*.example.com"] {
            assert!(text.parse::<OwnDomains>().unwrap_err().contains(text), "{text}");
        }
        assert!(!"onsip.com".parse::<OwnDomains>().unwrap().are_said());
        assert!("example.com".parse::<OwnDomains>().unwrap().are_said());
    }
}
