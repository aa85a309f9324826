//! The words of the house: enums whose variants have one name each, for keys, settings, answers and logs.

use std::fmt;

/// Gives each variant of an enum its one name, for writing and for reading. A variant without a name does not compile.
///
/// `names!(Enum, "what one is": Variant = "name", …)`
#[macro_export]
macro_rules! names {
    ($type:ident, $what:literal: $($variant:ident = $name:literal),+ $(,)?) => {
        impl $type {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::name::serde::Serialize for $type {
            fn serialize<S: $crate::name::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::name::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    _ => Err($crate::name::UnknownName { what: $what, known: &[$($name),+] }),
                }
            }
        }
    };
}

pub use names;
// For the macro, wherever it is used.
#[doc(hidden)]
pub use serde;

/// Lets types stand in JSON as the text that they are written as.
macro_rules! written_in_json {
    ($($type:ty),+) => {$(
        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

pub(crate) use written_in_json;

/// A text that names none of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownName {
    /// What it should have named.
    pub what: &'static str,
    /// The names there are.
    pub known: &'static [&'static str],
}

impl std::error::Error for UnknownName {}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {}; known are {}", self.what, self.known.join(", "))
    }
}

/// The platforms whose webhooks are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// OnSIP
    Onsip,
    /// Opentact
    Opentact,
}

/// The families of events; an ingest function each, but for `other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// What happens on a call and its legs.
    Call,
    /// What happens to a message.
    Sms,
    /// What happens in an attendant menu.
    App,
    /// Orders, balances, sign-ins.
    Account,
    /// What is not known yet; kept whole.
    Other,
}

/// What a call, a message or an order came to with this event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Begun.
    Started,
    /// The called party is being alerted.
    Ringing,
    /// Picked up.
    Answered,
    /// Sent on to another party.
    Transferred,
    /// Over, in the ordinary way.
    Ended,
    /// Did not come about.
    Failed,
    /// Waiting at the provider.
    Queued,
    /// Handed on by the provider.
    Sent,
    /// Arrived.
    Delivered,
    /// A message for the customer came in.
    Received,
    /// Done in part.
    Partial,
    /// Done.
    Succeeded,
    /// Tells something, changes nothing.
    Info,
}

/// The place of a leg, as the platform sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Towards the platform: what a SIP user or an outside caller dials.
    In,
    /// From the platform to a user or to the telephone network.
    Out,
}

names!(Provider, "provider": Onsip = "onsip", Opentact = "opentact");
names!(Family, "family": Call = "call", Sms = "sms", App = "app", Account = "account", Other = "other");
names!(Status, "status": Started = "started", Ringing = "ringing", Answered = "answered", Transferred = "transferred",
    Ended = "ended", Failed = "failed", Queued = "queued", Sent = "sent", Delivered = "delivered", Received = "received",
    Partial = "partial", Succeeded = "succeeded", Info = "info");
names!(Direction, "direction": In = "in", Out = "out");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_what_it_is_written_for() {
        for status in Status::ALL {
            assert_eq!(status.to_string().parse(), Ok(*status));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "IN".parse::<Direction>().map_err(|error| error.to_string());
        assert_eq!(error, Err("unknown direction; known are in, out".to_owned()));
    }
}
