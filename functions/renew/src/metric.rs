//! How many hours the subscription has left, as a metric: a line a run. An alarm rings when the line is missing, since a dead
//! renewer tells nobody.

use jiff::Timestamp;
use shared::renewal::Renewal;

/// The metric's name; it has no unit.
pub const NAME: &str = "HoursLeft";

/// The hours until it is dead; none where it is, or never lived.
pub(crate) fn hours_left(known: &Renewal, now: Timestamp) -> f64 {
    known.dead_at.map_or(0.0, |dead| dead.duration_since(now).as_secs_f64().max(0.0) / 3600.0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_hours_left_are_never_below_none() {
        let now = Timestamp::UNIX_EPOCH;
        for (minutes, hours) in [(330, 5.5), (-1, 0.0)] {
            let dead_at = Some(now + SignedDuration::from_mins(minutes));
            assert_eq!(hours_left(&Renewal { dead_at, ..Renewal::default() }, now), hours);
        }
        assert_eq!(hours_left(&Renewal::default(), now), 0.0);
    }
}
