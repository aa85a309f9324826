//! Why calls and messages fail, in one vocabulary for all providers.
//!
//! Recognition goes by codes first, then by text; `insufficient_balance` wins wherever either shows it. The provider's own
//! words and code are kept beside the class.

mod advice;
mod causes;
mod words;
pub(crate) mod written;

use std::fmt;
use std::str::FromStr;

use self::causes::Meaning;
use crate::name::{names, written_in_json};
use crate::text::cut;

/// The classes of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureClass {
    /// The account's balance ran out.
    InsufficientBalance,
    /// Somebody forbids it: country permission, block list, a login that was refused.
    NotPermitted,
    /// The called party is busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The called party, or a network on the way, rejected it.
    Rejected,
    /// The number does not exist.
    InvalidNumber,
    /// The platform, its carrier, the called network or the destination could not take it.
    Congestion,
    /// A message that was not delivered.
    Undelivered,
    /// Anything else.
    Unknown,
}

names!(FailureClass, "failure class": InsufficientBalance = "insufficient_balance", NotPermitted = "not_permitted",
    Busy = "busy", NoAnswer = "no_answer", Rejected = "rejected", InvalidNumber = "invalid_number",
    Congestion = "congestion", Undelivered = "undelivered", Unknown = "unknown");

impl FailureClass {
    /// The class where a carrier says so: that the platform owes it is not the customer's balance.
    fn towards_carrier(self) -> Self {
        if self == Self::InsufficientBalance { Self::Rejected } else { self }
    }
}

/// A code that came with the end of a call or message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A cause value of ITU-T Q.850.
    Q850(u16),
    /// A SIP response status (RFC 3261).
    Sip(u16),
    /// A code of the provider's own API.
    Provider(u16),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Q850(n) => write!(f, "q850:{n}"),
            Self::Sip(n) => write!(f, "sip:{n}"),
            Self::Provider(n) => write!(f, "provider:{n}"),
        }
    }
}

written_in_json!(Cause);

impl FromStr for Cause {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, number) = text.split_once(':').unwrap_or(("", text));
        let number = number.parse()?;
        Ok(match kind {
            "q850" => Self::Q850(number),
            "sip" => Self::Sip(number),
            _ => Self::Provider(number),
        })
    }
}

impl Cause {
    /// What the code is called for a person; None for codes that nobody knows.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        causes::name(self)
    }

    /// Whether that is its name, however it is written.
    #[must_use]
    pub(crate) fn is_named(self, text: &str) -> bool {
        causes::is_named(self, text)
    }

    /// Whether anybody knows what it means.
    #[must_use]
    pub(crate) fn is_known(self) -> bool {
        causes::meaning(self).is_some()
    }

    /// Whether it says that the caller gave up.
    #[must_use]
    pub(crate) fn is_given_up(self) -> bool {
        causes::meaning(self) == Some(Meaning::GaveUp)
    }

    /// Whether it ends, of itself, a talk that neither side ended.
    #[must_use]
    pub(crate) fn is_drop(self) -> bool {
        matches!(causes::meaning(self), Some(Meaning::Drops(_)))
    }

    /// Whether it says that somebody answered elsewhere.
    #[must_use]
    pub(crate) fn is_elsewhere(self) -> bool {
        causes::meaning(self) == Some(Meaning::Elsewhere)
    }

    /// Whether it says that the platform ended the leg, or sent it on, and neither party did.
    #[must_use]
    pub(crate) fn is_by_platform(self) -> bool {
        matches!(causes::meaning(self), Some(Meaning::Ordinary | Meaning::Limits(_)))
    }

    /// Whether it says that a limit of time was reached.
    #[must_use]
    pub(crate) fn is_limit(self) -> bool {
        matches!(causes::meaning(self), Some(Meaning::Limits(_)))
    }

    /// The class that the code alone shows.
    fn class(self, channel: Channel) -> Option<FailureClass> {
        use FailureClass as F;
        match (self, channel) {
            (Self::Sip(402), Channel::Carrier) => Some(F::InsufficientBalance.towards_carrier()),
            (Self::Provider(402), _) | (Self::Provider(405), Channel::Message) => Some(F::InsufficientBalance),
            (Self::Provider(403 | 406), _) => Some(F::NotPermitted),
            _ => match causes::meaning(self) {
                Some(Meaning::Fails(class) | Meaning::Drops(class) | Meaning::Limits(class)) => Some(class),
                _ => None,
            },
        }
    }

    /// How much it says about how a leg ended: of several codes the one that says most counts. SIP's 487 says little: it
    /// also answers the platform's own CANCEL when nobody picks up in time, and Q.850's code then says so.
    fn weight(self, channel: Channel) -> u8 {
        match (self, causes::meaning(self), self.class(channel)) {
            (_, _, Some(FailureClass::InsufficientBalance)) => 5,
            (_, Some(Meaning::Ordinary | Meaning::Elsewhere), _) | (Self::Q850(_), Some(Meaning::GaveUp), _) => 4,
            (_, _, Some(class)) if class != FailureClass::Unknown => 3,
            (_, Some(Meaning::GaveUp), _) => 2,
            (_, Some(Meaning::Plain), _) | (Self::Provider(0..=399), ..) => 0,
            _ => 1,
        }
    }
}

/// What failed: the same code means different things on calls and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// A call towards the platform, or a number order.
    Call,
    /// A leg from the platform to a carrier or a telephone.
    Carrier,
    /// An SMS.
    Message,
}

/// What a delivery shows about its failure.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence<'a> {
    /// Codes, the most telling first.
    pub causes: Vec<Cause>,
    /// Texts that give a reason, the most telling first.
    pub reasons: Vec<&'a str>,
}

/// A failure as an event carries it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    /// The class.
    pub class: FailureClass,
    /// The provider's words, at most `MAX_REASON` bytes of them.
    pub reason: Option<String>,
    /// The code that came with it.
    pub code: Option<Cause>,
}

/// The most bytes of the provider's words that are kept beside the body.
pub(crate) const MAX_REASON: usize = 300;

impl Failure {
    /// Whether the called party declined, as people do every day (Q.850 21, SIP 603; RFC 3261, 21.6.2). A network that rejects is
    /// something else, also where it answers 603 and says in words alone that it took the caller for a nuisance.
    #[must_use]
    pub fn is_declined(&self) -> bool {
        let by_code = |code| matches!(code, Cause::Q850(21 | 616 | 816) | Cause::Sip(603));
        let names_network = ["carrier", "network", "gateway", "trunk"].iter().any(|name| self.says(name));
        self.class == FailureClass::Rejected
            && !self.is_marked()
            && self.code.map_or_else(|| self.reason.is_some() && !names_network, by_code)
    }

    /// Whether a network takes the calling number for a nuisance (RFC 8197, RFC 8688). A 603 says so in its words alone.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        matches!(self.code, Some(Cause::Sip(607 | 608) | Cause::Q850(619 | 819)))
            || ["network blocked", "spam", "unwanted", "robocall"].iter().any(|mark| self.says(mark))
    }

    fn says(&self, part: &str) -> bool {
        self.reason.as_deref().is_some_and(|reason| reason.to_lowercase().contains(part))
    }
}

impl Evidence<'_> {
    /// The class that is shown; None when nothing here speaks of a failure. The balance wins wherever it is shown, then
    /// the codes, then the texts. An end that is ordinary is no failure, whatever the leg went through.
    #[must_use]
    pub(crate) fn class(&self, channel: Channel) -> Option<FailureClass> {
        let texts = || self.reasons.iter().filter_map(|text| Self::class_of(text, channel));
        if texts().any(|class| class == FailureClass::InsufficientBalance) {
            return Some(FailureClass::InsufficientBalance);
        }
        let cause = self.cause(channel);
        match cause.map_or(0, |cause| cause.weight(channel)) {
            5 if channel == Channel::Message && cause == Some(Cause::Provider(405)) => {
                self.named_otherwise().or(Some(FailureClass::InsufficientBalance))
            }
            3 | 5 => cause.and_then(|cause| cause.class(channel)),
            2 | 4 => None,
            1 if channel != Channel::Message && !matches!(cause, Some(Cause::Provider(_))) => {
                texts().next().or(Some(FailureClass::Unknown))
            }
            _ => texts().next(),
        }
    }

    /// What the words beside a message's 405 name where that is not the balance: SIP and HTTP have that number, too. That it
    /// was rejected or not delivered goes without saying.
    fn named_otherwise(&self) -> Option<FailureClass> {
        let vague =
            |text: &str| matches!(words::class(text), None | Some(FailureClass::Rejected | FailureClass::Undelivered));
        let mut telling = self.reasons.iter().filter(|text| causes::named(text).is_some() || !vague(text));
        telling.find_map(|text| Self::class_of(text, Channel::Message))
    }

    /// Of several codes the one that says most.
    #[must_use]
    pub(crate) fn cause(&self, channel: Channel) -> Option<Cause> {
        let causes = || self.causes.iter().filter(|cause| !self.is_explained(**cause, channel));
        let heaviest = causes().map(|cause| cause.weight(channel)).max();
        causes().find(|cause| Some(cause.weight(channel)) == heaviest).copied()
    }

    /// Whether another code says what a SIP status of the platform's or a gateway's own making stands for: a far side that is
    /// silent is 102, for which FreeSWITCH makes a 408 (RFC 3261, 17.1.1.2); a gateway's 5xx bears Q.850's cause beside it (RFC
    /// 3326) where it knows more than that it failed.
    fn is_explained(&self, cause: Cause, channel: Channel) -> bool {
        let is_exact = |known: &Cause| match known {
            Cause::Q850(1..=30) => true,
            Cause::Q850(_) => known.class(channel) != Some(FailureClass::Congestion),
            _ => false,
        };
        let tells = |known: &Cause| is_exact(known) && known.weight(channel) == 3;
        match cause {
            Cause::Sip(408) => self.causes.contains(&Cause::Q850(102)),
            Cause::Sip(500 | 502..=504) => self.causes.iter().any(tells),
            _ => false,
        }
    }

    /// Whether a code says that the end was ordinary for a reason of its own.
    #[must_use]
    pub(crate) fn is_ordinary(&self, channel: Channel) -> bool {
        self.cause(channel).is_some_and(|cause| matches!(cause.weight(channel), 2 | 4))
    }

    /// What a text shows besides the codes in it. A header quotes its sender, and its codes are read.
    fn class_of(text: &str, channel: Channel) -> Option<FailureClass> {
        match causes::named(text) {
            Some(cause) => cause.class(channel).filter(|class| *class != FailureClass::Unknown),
            None if written::is_header(text) => None,
            None => words::class(text).map(|class| match channel {
                // The words of a carrier's own answer are about what the platform owes it.
                Channel::Carrier if !written::read(text, Cause::Sip).is_empty() => class.towards_carrier(),
                // Nobody answers a message: a handset that is off or out of reach does not get it.
                Channel::Message if class == FailureClass::NoAnswer => FailureClass::Undelivered,
                _ => class,
            }),
        }
    }

    /// The failure of that class with the words and the code that came with it.
    #[must_use]
    pub(crate) fn failure(&self, class: FailureClass, channel: Channel) -> Failure {
        let reason = self.reasons.first().map(|text| cut(text, MAX_REASON).to_owned());
        Failure { class, reason, code: self.cause(channel) }
    }
}

#[cfg(test)]
mod tests;
