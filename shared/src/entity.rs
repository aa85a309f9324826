//! What an event concerns (a SIP user, a domain, a number …) and in which category, as the platforms let one subscribe.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::address::{Host, NumberingPlan, PhoneNumber, SipUri, bare_uri};
use crate::name::{UnknownName, names, written_in_json};

/// Longer values are no entity: the event is kept, it is only not found by them. DynamoDB's limit for a key is 2,048 bytes.
const MAX_VALUE: usize = 400;

/// The kinds of entity that events are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A SIP domain, with all its users, auth IPs and auth hostnames.
    SipDomain,
    /// A SIP user: `user@domain`, or the user alone where the domain is not said.
    SipUser,
    /// The address of an external switch that may send calls to a domain.
    AuthIp,
    /// The host name of an external switch that may send calls to a domain.
    AuthHostname,
    /// A phone number, digits with country code.
    PhoneNumber,
    /// An attendant menu, by its SIP address.
    Menu,
    /// An account of the provider.
    Account,
}

names!(EntityKind, "kind of entity": SipDomain = "sip_domain", SipUser = "sip_user", AuthIp = "auth_ip",
    AuthHostname = "auth_hostname", PhoneNumber = "phone_number", Menu = "menu", Account = "account");

/// One entity, written `kind:value` (`sip_user:alice@example.com`), in the one form that all its spellings share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    kind: EntityKind,
    value: String,
}

impl EntityKind {
    /// An entity of that kind, as one writes it.
    const fn sample(self) -> &'static str {
        match self {
            Self::SipDomain => "sip_domain:example.com",
            Self::SipUser => "sip_user:alice@example.com",
            Self::AuthIp => "auth_ip:192.0.2.1",
            Self::AuthHostname => "auth_hostname:pbx.example.com",
            Self::PhoneNumber => "phone_number:12025550144, or 202-555-0144 with plan=nanp",
            Self::Menu => "menu:main@example.com",
            Self::Account => "account:9af21132",
        }
    }
}

/// Why a text names no entity.
#[derive(Debug, thiserror::Error)]
pub enum EntityError {
    /// No known kind stands before the colon.
    #[error("an entity is written kind:value: {0}")]
    Kind(UnknownName),
    /// The value does not have the form that its kind demands.
    #[error("not a valid {0}; give one such as {sample}", sample = .0.sample())]
    Value(EntityKind),
    /// No known category stands after the slash.
    #[error(transparent)]
    Category(UnknownName),
}

impl Entity {
    /// The domain's entity.
    #[must_use]
    pub fn sip_domain(host: &Host) -> Self {
        Self { kind: EntityKind::SipDomain, value: host.as_str().to_owned() }
    }

    /// The user's entity.
    #[must_use]
    pub fn sip_user(uri: &SipUri) -> Self {
        Self { kind: EntityKind::SipUser, value: format!("{}@{}", uri.user(), uri.host()) }
    }

    /// The menu's entity.
    #[must_use]
    pub fn menu(uri: &SipUri) -> Self {
        Self { kind: EntityKind::Menu, value: format!("{}@{}", uri.user(), uri.host()) }
    }

    /// The number's entity.
    #[must_use]
    pub fn phone_number(number: &PhoneNumber) -> Self {
        Self { kind: EntityKind::PhoneNumber, value: number.as_str().to_owned() }
    }

    /// Reads a value that is known to be of that kind.
    ///
    /// # Errors
    /// [`EntityError::Value`] when it does not have the kind's form.
    pub fn new(kind: EntityKind, value: &str) -> Result<Self, EntityError> {
        let invalid = || EntityError::Value(kind);
        let value = value.trim();
        let value = match kind {
            EntityKind::SipDomain | EntityKind::AuthHostname => host(value).ok_or_else(invalid)?.as_str().to_owned(),
            EntityKind::AuthIp => ip_or_network(value).ok_or_else(invalid)?,
            EntityKind::PhoneNumber => {
                PhoneNumber::of_message(value, NumberingPlan::International).ok_or_else(invalid)?.as_str().to_owned()
            }
            EntityKind::SipUser | EntityKind::Menu => match SipUri::parse(value) {
                Some(uri) => format!("{}@{}", uri.user(), uri.host()),
                None => plain(value).ok_or_else(invalid)?,
            },
            EntityKind::Account => plain(value).ok_or_else(invalid)?,
        };
        Ok(Self { kind, value })
    }

    /// Reads an entity whose number, if it is one, is written as that plan has it.
    ///
    /// # Errors
    /// As for any entity; [`EntityError::Value`] as well where it is no number.
    pub fn national(text: &str, plan: NumberingPlan) -> Result<Self, EntityError> {
        let (kind, value) = text.split_once(':').unwrap_or_default();
        let kind: EntityKind = kind.parse().map_err(EntityError::Kind)?;
        let number = Some(value).filter(|_| kind == EntityKind::PhoneNumber);
        let number = number.and_then(|value| PhoneNumber::of_message(value.trim(), plan));
        number.as_ref().map(Self::phone_number).ok_or(EntityError::Value(EntityKind::PhoneNumber))
    }

    /// The entity's kind.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        self.kind
    }

    /// What stands after the colon.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The domain within a user's or menu's address.
    #[must_use]
    pub fn domain(&self) -> Option<Host> {
        let (_, host) = self.value.rsplit_once('@')?;
        matches!(self.kind, EntityKind::SipUser | EntityKind::Menu).then(|| Host::parse(host)).flatten()
    }
}

/// A host as it stands alone or in a SIP URI, with or without user, port and parameters.
fn host(text: &str) -> Option<Host> {
    let bare = bare_uri(text).split([';', '?']).next()?;
    Host::parse(bare.rsplit_once('@').map_or(bare, |(_, host)| host))
}

/// An address, or a network where it is one of more than one address, in each form that switches and people write it in.
fn ip_or_network(text: &str) -> Option<String> {
    match network(bare_uri(text)) {
        Some(net) if net.prefix_len() < net.max_prefix_len() => Some(net.trunc().to_string()),
        Some(net) => Some(net.addr().to_string()),
        None => host(text)?.as_str().parse::<IpAddr>().ok().map(|address| address.to_string()),
    }
}

/// A network with its prefix's length or its mask. IPv4 that is written within IPv6 (`::ffff:192.0.2.0/120`) is IPv4.
fn network(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let net = match length.parse() {
        Ok(length) => IpNet::new(address, length),
        Err(_) => IpNet::with_netmask(address, length.parse().ok()?),
    };
    let net = net.ok()?;
    match (net.addr().to_canonical(), net.prefix_len().checked_sub(96)) {
        (IpAddr::V4(address), Some(length)) if net.addr().is_ipv6() => IpNet::new(address.into(), length).ok(),
        _ => Some(net),
    }
}

/// A value of no further form: bounded, and of characters that are seen and part nothing.
fn plain(text: &str) -> Option<String> {
    let fits = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '/' | '@');
    (!text.is_empty() && text.len() <= MAX_VALUE && text.chars().all(fits)).then(|| text.to_owned())
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}

impl FromStr for Entity {
    type Err = EntityError;

    fn from_str(text: &str) -> Result<Self, EntityError> {
        let (kind, value) = text.split_once(':').unwrap_or_default();
        Self::new(kind.parse().map_err(EntityError::Kind)?, value)
    }
}

/// In which role an event concerns an entity; the names that the platforms give their event categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The entity is called.
    InboundCall,
    /// The entity calls.
    OutboundCall,
    /// The entity is sent a message.
    InboundSms,
    /// The entity sends a message.
    OutboundSms,
    /// The entity is being ordered, or orders.
    NumberOrder,
    /// The account's balance.
    Balance,
    /// A sign-in.
    Auth,
    /// An attendant menu is played to the entity, or plays.
    Menu,
}

names!(Category, "category": InboundCall = "inbound_call", OutboundCall = "outbound_call", InboundSms = "inbound_sms",
    OutboundSms = "outbound_sms", NumberOrder = "number_order", Balance = "balance", Auth = "auth", Menu = "menu");

/// An entity and its category in one event, written `sip_user:bob@example.com/inbound_call`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// What the event concerns.
    pub entity: Entity,
    /// In which role.
    pub category: Category,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.entity, self.category)
    }
}

impl FromStr for Pair {
    type Err = EntityError;

    fn from_str(text: &str) -> Result<Self, EntityError> {
        let (entity, category) = text.rsplit_once('/').unwrap_or((text, ""));
        Ok(Self { entity: entity.parse()?, category: category.parse().map_err(EntityError::Category)? })
    }
}

written_in_json!(Entity, Pair);

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_one_however_it_is_written() {
        for (written, entity) in [
            ("phone_number:+12025550101", "phone_number:12025550101"),
            // A `+` that a URL turned into a space.
            ("phone_number: 12025550101", "phone_number:12025550101"),
            ("sip_user:sip:alice@Example.com", "sip_user:alice@example.com"),
            ("sip_user:alice", "sip_user:alice"),
            ("sip_domain:EXAMPLE.com", "sip_domain:example.com"),
            ("auth_ip:192.0.2.7", "auth_ip:192.0.2.7"),
            ("auth_ip:192.0.2.0/24", "auth_ip:192.0.2.0/24"),
            ("menu:menu@example.onsip.com", "menu:menu@example.onsip.com"),
            ("account:6e0f3a11", "account:6e0f3a11"),
        ] {
            assert_eq!(written.parse::<Entity>().unwrap().to_string(), entity);
            assert_eq!(entity.parse::<Entity>().unwrap().to_string(), entity);
        }
    }

    #[test]
    fn an_auth_ip_or_hostname_is_one_however_it_is_written() {
        for (kind, value, texts) in [
            (
                EntityKind::AuthIp,
                "192.0.2.7",
                &[
                    "192.0.2.7/32",
                    "192.0.2.7:5060",
                    "sip:192.0.2.7",
                    "sip:192.0.2.7:5060;transport=udp",
                    "sip:pbx@192.0.2.7",
                    "<sip:192.0.2.7>",
                    "::ffff:192.0.2.7",
                    "::FFFF:192.0.2.7/128",
                    "[::ffff:c000:207]:5060",
                    "192.0.2.7/255.255.255.255",
                ][..],
            ),
            (
                EntityKind::AuthIp,
                "2001:db8::7",
                &["2001:DB8:0::7", "[2001:db8::7]:5061", "2001:db8::7/128", "sip:[2001:db8::7]"],
            ),
            (EntityKind::AuthIp, "192.0.2.0/24", &["192.0.2.7/24", "192.0.2.0/255.255.255.0", "::ffff:192.0.2.7/120"]),
            (EntityKind::AuthIp, "2001:db8::/48", &["2001:DB8::1/48", "[2001:db8::]/48"]),
            (
                EntityKind::AuthHostname,
                "pbx.example.com",
                &[
                    "PBX.Example.com",
                    "pbx.example.com.",
                    "sip:pbx.example.com:5060",
                    "sips:trunk@pbx.example.com;lr",
                    "<sip:pbx.example.com>",
                ],
            ),
            (EntityKind::SipDomain, "example.com", &["sip:example.com", "EXAMPLE.com:5060"]),
        ] {
            for text in texts.iter().chain([&value]) {
                assert_eq!(Entity::new(kind, text).unwrap().value(), value, "{text}");
            }
        }
        for text in
            ["", "192.0.2.7/33", "192.0.2.7/", "/24", "pbx.example.com", "192.0.2.7/255.0.255.0", "2001:db8::/129"]
        {
            assert!(Entity::new(EntityKind::AuthIp, text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_names_no_entity_is_refused() {
        for text in
            ["", "alice", "user:alice", "phone_number:7001", "sip_domain:a b", "account:", "account:a/b", "auth_ip:x"]
        {
            assert!(text.parse::<Entity>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pair_survives_being_written_and_read() {
        for text in ["sip_user:bob@example.com/inbound_call", "auth_ip:192.0.2.0/24/inbound_call", "account:1/balance"]
        {
            assert_eq!(text.parse::<Pair>().unwrap().to_string(), text);
        }
    }
}
