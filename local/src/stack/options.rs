//! What can be chosen when a stack starts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::random;
use crate::terminal::Terminal;

/// What can be chosen when a stack starts. The default is a quiet stack that keeps nothing, on a free loopback port.
///
/// Not `Debug`, like [`Tokens`]: what holds tokens is not for logs.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 picks one.
    pub listen: SocketAddr,
    /// Where to keep everything; nothing outlives the process without it.
    pub data: Option<PathBuf>,
    /// The token of both providers; random without one.
    pub token: Option<String>,
    /// The readers' token; random without one.
    pub read_token: Option<String>,
    /// The operators' token; random without one.
    pub operator_token: Option<String>,
    /// The addresses or networks (CIDR) that Opentact may deliver from.
    pub opentact_allow: Vec<String>,
    /// How often the schedule runs: a minute, as deployed.
    pub every: Duration,
    /// How long failures are gathered after one was alerted; a quarter of an hour, as deployed.
    pub alert_window: Duration,
    /// How many failed calls of a kind within ten minutes are an incident.
    pub alert_after: u64,
    /// How long what `drain` could not store stays hidden from it; as deployed without.
    pub spool_hidden: Option<Duration>,
    /// The balance below which it is low; `0` watches none.
    pub low_balance: String,
    /// Who subscribes the stack at OnSIP.
    pub subscription: Subscription,
    /// Environment variables of the functions that replace the stack's own. A test puts a proxy between the functions
    /// and a service with `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_SNS` or `AWS_ENDPOINT_URL_SQS`.
    pub environment: BTreeMap<String, String>,
    /// Whether to print.
    pub terminal: Terminal,
}

/// Who subscribes a stack at OnSIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// Nobody here.
    ByHand,
    /// `renew`, at a stand-in for OnSIP's API.
    Renewed,
}

impl Options {
    /// Loopback, and the address that Opentact publishes.
    #[must_use]
    pub fn default_opentact_allow() -> Vec<String> {
        ["127.0.0.0/8", "::1/128", "72.21.26.35/32"].map(str::to_owned).into()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            data: None,
            token: None,
            read_token: None,
            operator_token: None,
            opentact_allow: Self::default_opentact_allow(),
            every: Duration::from_secs(60),
            alert_window: Duration::from_secs(900),
            alert_after: 3,
            spool_hidden: None,
            low_balance: "0".to_owned(),
            subscription: Subscription::ByHand,
            environment: BTreeMap::new(),
            terminal: Terminal::Quiet,
        }
    }
}

/// The tokens that a running stack accepts.
#[derive(Clone)]
pub struct Tokens {
    /// Of both providers: in the query, or as a bearer.
    pub provider: String,
    /// Of readers: as a bearer.
    pub read: String,
    /// Of operators: as a bearer.
    pub operator: String,
}

impl Tokens {
    /// The tokens given, and random ones in the place of the others.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub(crate) fn of(options: &Options) -> Result<Self, getrandom::Error> {
        let or_random = |given: &Option<String>| given.clone().map_or_else(random::token, Ok);
        Ok(Self {
            provider: or_random(&options.token)?,
            read: or_random(&options.read_token)?,
            operator: or_random(&options.operator_token)?,
        })
    }
}
