//! Who may deliver and who may read. A delivery can't be looked into before it is verified: only [`Rules::verify`] makes
//! a [`Verified`], and only that has a body.

mod token;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use jiff::Timestamp;

pub use self::token::{KnownToken, Right, TokenDigest, TokenDigests};
use crate::name::Provider;
use crate::settings::Reader;

/// What a provider's delivery must present.
#[derive(Debug, Clone)]
pub struct Rule {
    /// One of these tokens.
    pub tokens: TokenDigests,
    /// One of these addresses; None: any.
    pub addresses: Option<Vec<Network>>,
}

/// A network in CIDR notation, or one address.
#[derive(Debug, Clone, Copy)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = || text.parse::<std::net::IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| one()).map(Self).map_err(|_| "not an address or a network in CIDR notation")
    }
}

impl Network {
    /// Those that a variable lists; None where it is not set.
    pub fn listed(reader: &mut Reader<'_>, variable: &str) -> Option<Vec<Self>> {
        reader.optional(variable)?;
        Some(reader.list(variable))
    }
}

/// Whether a request may come from there; without a list, from anywhere.
#[must_use]
pub fn admits_address(networks: Option<&[Network]>, source: Option<IpAddr>) -> bool {
    networks.is_none_or(|networks| is_listed(networks, source))
}

/// The rules of all providers.
#[derive(Debug, Clone)]
pub struct Rules(BTreeMap<Provider, Rule>);

/// Why a delivery is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No accepted token. A missing and a wrong token look alike from outside.
    #[error("a valid token is required")]
    Token,
    /// The address is not one of the provider's.
    #[error("this address may not deliver")]
    Address,
}

/// The largest accepted body, in bytes: every body of this size fits into one item.
pub const MAX_BODY: usize = 256 * 1024;

/// How the delivery carries its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// As the body of a POST.
    Body,
    /// As the query string of a GET; the content is that, without the token.
    QueryString,
}

/// A delivery as it came, closed until it is verified.
#[derive(Debug)]
pub struct Delivery {
    provider: Provider,
    source: Option<IpAddr>,
    tokens: Vec<String>,
    content: Content,
}

/// What a delivery says and how it came.
#[derive(Debug, Clone)]
pub struct Content {
    /// The path that it was sent to.
    pub path: String,
    /// The id of the request.
    pub request_id: String,
    /// Body or query string.
    pub carrier: Carrier,
    /// The content type, where one was given.
    pub content_type: Option<String>,
    /// The bytes, as sent.
    pub body: Vec<u8>,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Delivery {
    /// A delivery to that provider's route from `source` (as the request context has it, never a header) with those tokens.
    #[must_use]
    pub fn new(provider: Provider, source: Option<IpAddr>, tokens: Vec<String>, content: Content) -> Self {
        Self { provider, source, tokens, content }
    }
}

/// A verified delivery.
#[derive(Debug)]
pub struct Verified {
    provider: Provider,
    content: Content,
}

impl Verified {
    /// A delivery that was verified when it came, and has waited in quarantine or in the spool since.
    #[must_use]
    pub fn before(provider: Provider, content: Content) -> Self {
        Self { provider, content }
    }

    /// Who sent it.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }
}

/// Whose a request that was refused may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The provider's.
    Provider,
    /// Anyone's.
    Stranger,
}

impl Rules {
    /// The rules, one of each provider.
    pub fn new(mut rule: impl FnMut(Provider) -> Rule) -> Self {
        Self(Provider::ALL.iter().map(|provider| (*provider, rule(*provider))).collect())
    }

    /// The providers without a token, whose every delivery is refused.
    pub fn closed(&self) -> impl Iterator<Item = Provider> {
        self.0.iter().filter(|(_, rule)| rule.tokens.is_empty()).map(|(provider, _)| *provider)
    }

    /// Whether a request that is refused may be the provider's nevertheless, with a token that is wrong: it bears one, or comes from
    /// one of the provider's addresses. Anything else is a stranger's.
    #[must_use]
    pub fn origin(&self, delivery: &Delivery) -> Origin {
        let rule = self.0.get(&delivery.provider);
        let networks = rule.and_then(|rule| rule.addresses.as_ref());
        let bears_token = delivery.tokens.iter().any(|token| !token.is_empty());
        let is_theirs = bears_token || networks.is_some_and(|networks| is_listed(networks, delivery.source));
        if is_theirs { Origin::Provider } else { Origin::Stranger }
    }

    /// Checks a delivery's address first, then its token.
    ///
    /// # Errors
    /// [`Refusal`] says which rule it broke.
    pub fn verify(&self, delivery: Delivery) -> Result<Verified, Refusal> {
        // Each has one: `new` asks for it.
        let rule = self.0.get(&delivery.provider).ok_or(Refusal::Token)?;
        if !admits_address(rule.addresses.as_deref(), delivery.source) {
            return Err(Refusal::Address);
        }
        if rule.tokens.admit(&delivery.tokens).is_none() {
            return Err(Refusal::Token);
        }
        Ok(Verified { provider: delivery.provider, content: delivery.content })
    }
}

fn is_listed(networks: &[Network], source: Option<IpAddr>) -> bool {
    source.is_some_and(|source| networks.iter().any(|network| network.0.contains(&source.to_canonical())))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
pub(crate) mod tests {
    use super::*;

    /// A verified delivery of that body, for the tests of what comes after.
    pub(crate) fn verified(provider: Provider, body: &[u8]) -> Verified {
        let content = Content {
            path: format!("/webhooks/{provider}/call"),
            request_id: "request".to_owned(),
            carrier: Carrier::Body,
            content_type: Some("application/json".to_owned()),
            body: body.to_vec(),
            received_at: "2026-01-12T00:00:00Z".parse().unwrap(),
        };
        Verified { provider, content }
    }

    fn rules() -> Rules {
        let tokens = |tokens: &[&str]| TokenDigests::new(tokens.iter().map(|t| TokenDigest::of(t)).collect());
        let networks = ["192.0.2.0/24", "2001:db8::/32"].map(|n| n.parse().unwrap());
        Rules::new(|provider| match provider {
            Provider::Onsip => Rule { tokens: tokens(&["old", "new"]), addresses: None },
            Provider::Opentact => Rule { tokens: tokens(&["tact"]), addresses: Some(networks.to_vec()) },
        })
    }

    fn delivery(provider: Provider, source: Option<&str>, tokens: &[&str]) -> Delivery {
        let tokens = tokens.iter().map(|t| (*t).to_owned()).collect();
        Delivery::new(provider, source.map(|s| s.parse().unwrap()), tokens, verified(provider, b"").content)
    }

    fn outcome(provider: Provider, source: Option<&str>, tokens: &[&str]) -> Result<(), Refusal> {
        rules().verify(delivery(provider, source, tokens)).map(|_| ())
    }

    #[test]
    fn a_request_without_a_token_from_nowhere_known_is_a_strangers() {
        let (listed, other) = (Some("192.0.2.9"), Some("198.51.100.1"));
        for (provider, source, tokens, origin) in [
            (Provider::Onsip, other, &["mistyped"][..], Origin::Provider),
            (Provider::Onsip, other, &[], Origin::Stranger),
            (Provider::Onsip, other, &[""], Origin::Stranger),
            (Provider::Opentact, listed, &[], Origin::Provider),
            (Provider::Opentact, other, &["tact"], Origin::Provider),
            (Provider::Opentact, other, &[], Origin::Stranger),
            (Provider::Opentact, None, &[], Origin::Stranger),
        ] {
            assert_eq!(rules().origin(&delivery(provider, source, tokens)), origin, "{provider} {source:?} {tokens:?}");
        }
    }

    #[test]
    fn a_provider_is_let_in_by_any_of_its_own_tokens() {
        assert_eq!(outcome(Provider::Onsip, None, &["old"]), Ok(()));
        assert_eq!(outcome(Provider::Onsip, Some("198.51.100.1"), &["wrong", "new"]), Ok(()));
        for tokens in [&[][..], &[""], &["tact"], &["ol"], &["old "], &["OLD"]] {
            assert_eq!(outcome(Provider::Onsip, None, tokens), Err(Refusal::Token), "{tokens:?}");
        }
    }

    #[test]
    fn where_addresses_are_listed_both_rules_hold() {
        for source in ["192.0.2.9", "2001:db8::5", "::ffff:192.0.2.9"] {
            assert_eq!(outcome(Provider::Opentact, Some(source), &["tact"]), Ok(()));
            assert_eq!(outcome(Provider::Opentact, Some(source), &["old"]), Err(Refusal::Token));
        }
        for source in [None, Some("198.51.100.1"), Some("2001:db9::5")] {
            assert_eq!(outcome(Provider::Opentact, source, &["tact"]), Err(Refusal::Address));
        }
    }

    #[test]
    fn without_digests_nobody_is_let_in() {
        let rules = Rules::new(|_| Rule { tokens: TokenDigests::default(), addresses: None });
        assert_eq!(rules.closed().collect::<Vec<_>>(), Provider::ALL);
        for provider in Provider::ALL.iter().copied() {
            let delivery = Delivery::new(provider, None, vec![String::new()], verified(provider, b"").content);
            assert_eq!(rules.verify(delivery).err(), Some(Refusal::Token));
        }
    }

    #[test]
    fn a_digest_never_shows_itself_in_a_log() {
        assert!(!format!("{:?}", rules()).contains(&TokenDigest::of("old").to_string()));
    }
}
