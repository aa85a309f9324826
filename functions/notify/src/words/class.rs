//! The classes of failure in words, and what to do about each.

use shared::failure::FailureClass;

/// A class in two or three words.
pub(super) fn phrase(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => "insufficient balance",
        FailureClass::NotPermitted => "not permitted",
        FailureClass::Busy => "busy",
        FailureClass::NoAnswer => "no answer",
        FailureClass::Rejected => "rejected",
        FailureClass::InvalidNumber => "invalid number",
        FailureClass::Congestion => "congestion",
        FailureClass::Undelivered => "not delivered",
        FailureClass::Unknown => "unknown reason",
    }
}

/// A class as the end of a sentence that begins with what failed.
pub(super) fn sentence(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => "the account balance is too low",
        FailureClass::NotPermitted => "the platform does not permit it",
        FailureClass::Busy => "the called party is busy",
        FailureClass::NoAnswer => "nobody answered",
        FailureClass::Rejected => "the called party declined",
        FailureClass::InvalidNumber => "the number does not exist",
        FailureClass::Congestion => "the network had no free capacity",
        FailureClass::Undelivered => "the message was not delivered",
        FailureClass::Unknown => "the reason is unknown",
    }
}

/// What to do next.
pub(super) fn advice(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => {
            "top up the account at the provider. Until then further calls and messages fail for the same reason."
        }
        FailureClass::NotPermitted => {
            "check the account's country permissions and block lists, and whether the number called is what was meant."
        }
        FailureClass::Congestion => {
            "try the call again; if it keeps failing, check the route and the provider's status page."
        }
        FailureClass::Undelivered => {
            "check that the number takes messages and that the sending number is registered for them."
        }
        FailureClass::Rejected | FailureClass::Busy | FailureClass::NoAnswer => {
            "nothing, unless it happens often: then ask the called party."
        }
        FailureClass::InvalidNumber => "correct the number.",
        FailureClass::Unknown => "look at the event; if it happens often, ask the provider what its words mean.",
    }
}

/// What to do next, in an SMS.
pub(super) fn advice_short(class: FailureClass) -> &'static str {
    match class {
        FailureClass::InsufficientBalance => "Top up now.",
        FailureClass::NotPermitted => "Check the permissions.",
        FailureClass::Congestion => "Check the route.",
        _ => "See the e-mail.",
    }
}
