//! From an event to a signal: whether somebody is to be told, and how urgently. A pure function.

use shared::event::{Event, Family};
use shared::failure::FailureClass;
use shared::key::Subject;

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// By e-mail and SMS.
    Critical,
    /// By e-mail.
    Warning,
}

/// That somebody is to be told of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What failed.
    pub class: FailureClass,
    /// How urgent it is.
    pub severity: Severity,
    /// Signals of one id are one alert: a leg's end is told by several events, and one call has several legs.
    pub id: String,
}

/// The signal of an event, if it is one to be alerted. What happens every day is not: nobody answered, busy, a number that
/// does not exist, a failure for which nobody gives a reason.
#[must_use]
pub fn of(event: &Event) -> Option<Signal> {
    let failure = event.failure.as_ref()?;
    let severity = match failure.class {
        FailureClass::InsufficientBalance => Severity::Critical,
        FailureClass::NotPermitted | FailureClass::Congestion | FailureClass::Rejected | FailureClass::Undelivered => {
            Severity::Warning
        }
        FailureClass::Unknown if failure.reason.is_some() => Severity::Warning,
        FailureClass::Unknown | FailureClass::Busy | FailureClass::NoAnswer | FailureClass::InvalidNumber => {
            return None;
        }
    };
    let partition = event.id.partition();
    let matter = match partition.subject() {
        Subject::Event | Subject::Quarantine => event.id.to_string(),
        Subject::Call | Subject::Message | Subject::Order => partition.to_string(),
    };
    Some(Signal { class: failure.class, severity, id: format!("{matter}#{}", failure.class.as_str()) })
}

/// What failed, as a person says it.
#[must_use]
pub fn matter(event: &Event) -> &'static str {
    match event.family {
        Family::Call | Family::App => "call",
        Family::Sms => "SMS",
        Family::Account => "number order",
        Family::Other => "event",
    }
}
