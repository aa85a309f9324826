//! What to do about each class of failure, as far as an SMS has room; at length [`Failure::advice`] says it.

use shared::failure::{Failure, FailureClass};

/// What to do next about a failure, in an SMS.
pub(super) fn advice_short_of(failure: &Failure) -> &'static str {
    let by_code = failure.class == FailureClass::NotPermitted && failure.advice() != failure.class.advice();
    if by_code { "See the e-mail." } else { advice_short(failure.class) }
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
