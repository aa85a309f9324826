//! The brake on messages about failures: so many for each provider in a quarter of an hour, and in a day.

use jiff::{SignedDuration, Timestamp};
use shared::name::Provider;
use shared::outbox::OutboxError;

use crate::signal::Severity;
use crate::state::{Decision, State, States};

/// The stretch in which messages are counted, and how long they are remembered.
const QUARTER: SignedDuration = SignedDuration::from_mins(15);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Of ten messages in a quarter of an hour warnings take six, and the storm's summary the last.
const WARNINGS: usize = 6;
const IN_QUARTER: usize = 9;
/// Of forty in a day.
const IN_DAY: usize = 39;

/// Whether a message may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It may.
    Free,
    /// It is told with others.
    Full,
}

/// Takes a place for a message, once however often it is asked for. What is critical always has one.
pub(crate) async fn room(
    states: &States,
    (provider, severity): (Provider, Severity),
    message: &str,
    now: Timestamp,
) -> Result<Room, OutboxError> {
    let mut room = Room::Full;
    let decide = |state: &mut State| {
        let decision;
        (room, decision) = take_place(state, severity, message, now);
        decision
    };
    states.update(&format!("brake#{provider}"), "counting messages", now, decide).await?;
    Ok(room)
}

fn take_place(state: &mut State, severity: Severity, message: &str, now: Timestamp) -> (Room, Decision) {
    let name = format!("{severity} {message}");
    if state.text(&name).is_some() {
        return (Room::Free, Decision::Unchanged);
    }
    let age = |state: &State, sent: &str| state.time(sent).map_or(DAY, |at| now.duration_since(at));
    let all = || [Severity::Critical, Severity::Warning].map(|severity| format!("{severity} "));
    let sent: Vec<_> = all().iter().flat_map(|prefix| state.names(prefix)).collect();
    for old in sent.iter().filter(|sent| age(state, sent) >= DAY).cloned().collect::<Vec<_>>() {
        state.set(&old, None);
    }
    let day: Vec<_> = sent.into_iter().filter(|sent| state.text(sent).is_some()).collect();
    let quarter: Vec<_> = day.iter().filter(|sent| age(state, sent) < QUARTER).collect();
    let warnings = quarter.iter().filter(|sent| sent.starts_with(Severity::Warning.as_str())).count();
    let free = warnings < WARNINGS && quarter.len() < IN_QUARTER && day.len() < IN_DAY;
    if severity == Severity::Warning && !free {
        return (Room::Full, Decision::Unchanged);
    }
    state.set_time(&name, Some(now));
    (Room::Free, Decision::Changed(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_leave_room_and_what_is_critical_always_has_it() {
        let mut state = State::default();
        let start: Timestamp = Timestamp::UNIX_EPOCH;
        let at = |minutes: i64| start.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(start);
        let mut ask = |severity, message: &str, minutes| take_place(&mut state, severity, message, at(minutes)).0;
        let free = (0..8).filter(|n| ask(Severity::Warning, &format!("w{n}"), 0) == Room::Free).count();
        assert_eq!(free, WARNINGS);
        assert_eq!(ask(Severity::Warning, "w1", 1), Room::Free, "asked again it takes no second place");
        for n in 0..20 {
            assert_eq!(ask(Severity::Critical, &format!("c{n}"), 1), Room::Free);
        }
        assert_eq!(ask(Severity::Warning, "later", 14), Room::Full);
        assert_eq!(ask(Severity::Warning, "later", 17), Room::Free);
        let of_day = (2..=90).filter(|n| ask(Severity::Warning, &format!("d{n}"), n * 15) == Room::Free).count();
        assert_eq!(of_day, IN_DAY - WARNINGS - 21, "{of_day}");
    }
}
