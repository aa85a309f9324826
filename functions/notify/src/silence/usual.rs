//! What a provider usually does in the same hours: the calls and messages that ended then in the last two weeks.

use jiff::{SignedDuration, Timestamp};
use shared::name::Provider;
use shared::store::counts::Slice;
use shared::store::{Store, StoreError};

use super::{STEP, SilentAfter};

/// A provider is silent after a time in which each of the last weeks had so many.
const ENOUGH: u64 = 10;
const WEEKS: [i64; 2] = [1, 2];
/// Nobody is silent sooner. What is counted comes in slices of five minutes.
pub(super) const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// No longer time is looked at.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What ended in each slice, of the weeks.
#[derive(Debug, Default)]
pub(super) struct Usual(Vec<(i64, Vec<(Slice, u64)>)>);

impl Usual {
    /// Reads what ended in the weeks before in the hours since then.
    pub(super) async fn read(
        store: &Store,
        provider: Provider,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let since = since.max(now.checked_sub(LONGEST).unwrap_or(since));
        let mut weeks = Vec::new();
        for week in WEEKS {
            let (from, to) = (Slice::of(weeks_before(since, week)), Slice::of(weeks_before(now, week)));
            let counts = store.counts_between(from, to).await?;
            weeks.push((week, counts.iter().map(|(slice, counts)| (*slice, counts.of(provider))).collect()));
        }
        Ok(Self(weeks))
    }

    /// Whether a provider that did nothing since then is silent: by the weeks before, or by what is set where too little of
    /// them is known.
    pub(super) fn is_quiet(&self, last: Timestamp, after: SilentAfter, now: Timestamp) -> bool {
        // A delivery that was not worth a write may be newer by up to a step.
        let lasts = now.duration_since(last) - STEP;
        let known = !self.0.is_empty() && self.0.iter().all(|(_, slices)| !slices.is_empty());
        match after {
            _ if known => lasts >= SHORTEST && self.had_enough(last, now),
            SilentAfter::Minutes(after) => lasts >= after,
            SilentAfter::Usual | SilentAfter::Off => false,
        }
    }

    fn had_enough(&self, last: Timestamp, now: Timestamp) -> bool {
        let ended = |(week, slices): &(i64, Vec<(Slice, u64)>)| {
            let (from, to) = (Slice::of(weeks_before(last, *week)), weeks_before(now, *week));
            slices.iter().filter(|(slice, _)| *slice > from && slice.end() <= to).map(|(_, number)| number).sum::<u64>()
        };
        self.0.iter().all(|week| ended(week) >= ENOUGH)
    }
}

fn weeks_before(time: Timestamp, weeks: i64) -> Timestamp {
    time.checked_sub(SignedDuration::from_hours(weeks * 7 * 24)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each week has that many in each five minutes of the last hour before minute 60.
    fn usual(weeks: [u64; 2]) -> Usual {
        let slices = |week: i64, number: u64| {
            let slice = |five: i64| (Slice::of(weeks_before(at(five * 5), week)), number);
            (week, (0..12).map(slice).collect())
        };
        Usual(WEEKS.into_iter().zip(weeks).map(|(week, number)| slices(week, number)).collect())
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::constant(1_793_642_400 + minute * 60, 0)
    }

    #[test]
    fn a_provider_is_silent_after_a_time_in_which_each_of_the_last_weeks_had_ten() {
        // From the slice after the one of the last delivery on, and whole slices only.
        for (weeks, silent_after) in [([10, 10], Some(10)), ([5, 6], Some(15)), ([2, 40], Some(30)), ([0, 40], None)] {
            let found = (0..60).find(|minute| usual(weeks).is_quiet(at(0), SilentAfter::Usual, at(*minute)));
            assert_eq!(found, silent_after, "{weeks:?}");
        }
        assert!(!usual([100, 100]).is_quiet(at(50), SilentAfter::Usual, at(55)), "nobody is silent after five minutes");
    }

    #[test]
    fn with_too_little_history_the_minutes_that_are_set_decide() {
        let (half, mut one) = (SilentAfter::Minutes(SignedDuration::from_mins(30)), usual([100, 100]));
        for usual in [Usual::default(), Usual(vec![(1, vec![]), (2, vec![])])] {
            assert!(!usual.is_quiet(at(0), half, at(30)) && usual.is_quiet(at(0), half, at(31)));
            assert!(!usual.is_quiet(at(0), SilentAfter::Usual, at(24 * 60)), "nothing is set");
        }
        if let Some((_, slices)) = one.0.last_mut() {
            slices.clear();
        }
        assert!(!one.is_quiet(at(0), half, at(30)), "one week is too little");
    }
}
