//! Whether calls are answered as they usually are: where the provider tells no reason, that is the only sign of an outage.

use jiff::{SignedDuration, Timestamp};
use shared::call::Outcome;
use shared::failure::FailureClass;
use shared::name::Provider;
use shared::store::counts::{Counts, Slice};
use shared::store::{Store, StoreError};

/// The slices of five minutes that are looked at: half an hour, of what is counted.
const LOOKED_AT: i32 = 6;
/// Counting comes so many slices behind at most.
const BEHIND: i32 = 3;
/// From so many calls on their share is worth something.
const CALLS: u64 = 20;
/// Fewer than one in so many of the usual share is an outage.
const SHARE: u64 = 4;
/// The days that tell what is usual, and how many of them must have calls.
const DAYS: i64 = 14;
const KNOWN: usize = 5;

/// What was answered of how many calls.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) answered: u64,
    pub(crate) of: u64,
}

impl Answers {
    /// Those of a provider, but for the calls that failed as a class that is left out.
    fn of(provider: Provider, counted: &[(Slice, Counts)], left_out: impl Fn(FailureClass) -> bool) -> Self {
        let mut all = Self::default();
        for (group, tally) in counted.iter().flat_map(|(_, counts)| &counts.calls) {
            let mut parts = group.split('/');
            if parts.next() == Some(provider.as_str()) {
                let answered = parts.nth(1) == Some(Outcome::Answered.as_str());
                let class = parts.next().and_then(|class| class.parse().ok());
                if class.is_some_and(&left_out) {
                    continue;
                }
                all.of += tally.number;
                all.answered += if answered { tally.number } else { 0 };
            }
        }
        all
    }

    /// So many of a hundred.
    pub(crate) fn percent(self) -> u64 {
        (self.answered * 100).checked_div(self.of).unwrap_or_default()
    }

    /// Whether the share is less than a quarter of another.
    fn is_far_below(self, usual: Self) -> bool {
        u128::from(self.answered) * u128::from(usual.of) * u128::from(SHARE)
            < u128::from(usual.answered) * u128::from(self.of)
    }
}

/// The providers whose calls of the last half hour, but for those that failed as a class that is left out, were answered far less than in
/// the same hour of the last two weeks, with both.
pub(crate) async fn missing(
    store: &Store,
    left_out: impl Fn(Provider, FailureClass) -> bool,
    now: Timestamp,
) -> Result<Vec<(Provider, [Answers; 2])>, StoreError> {
    let mut counted = store.counts_between(Slice::of(now).before(LOOKED_AT + BEHIND), Slice::of(now)).await?;
    counted.sort_by_key(|(slice, _)| *slice);
    let last = counted.len().saturating_sub(usize::try_from(LOOKED_AT).unwrap_or_default());
    let counted = counted.split_off(last);
    let mut missing = Vec::new();
    for provider in Provider::ALL.iter().copied() {
        let lately = Answers::of(provider, &counted, |class| left_out(provider, class));
        // However many are usual.
        if lately.of < CALLS || !lately.is_far_below(Answers { answered: 1, of: 1 }) {
            continue;
        }
        if let Some(usual) = usual(store, provider, now).await?.filter(|usual| lately.is_far_below(*usual)) {
            missing.push((provider, [lately, usual]));
        }
    }
    Ok(missing)
}

/// What was answered within an hour of this time of the day; None where too few days had calls then.
async fn usual(store: &Store, provider: Provider, now: Timestamp) -> Result<Option<Answers>, StoreError> {
    let (mut usual, mut days) = (Answers::default(), 0);
    for day in 1..=DAYS {
        let then = now.checked_sub(SignedDuration::from_hours(24 * day)).unwrap_or(now);
        let counted = store.counts_between(Slice::of(then).before(2 * LOOKED_AT), Slice::of(then)).await?;
        let answers = Answers::of(provider, &counted, |_| false);
        days += usize::from(answers.of > 0);
        usual = Answers { answered: usual.answered + answers.answered, of: usual.of + answers.of };
    }
    Ok(Some(usual).filter(|usual| days >= KNOWN && usual.of >= CALLS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_far_below_another_from_a_quarter_down() {
        let of = |answered, of| Answers { answered, of };
        assert!(of(0, 20).is_far_below(of(60, 100)) && of(2, 20).is_far_below(of(60, 100)));
        assert!(!of(3, 20).is_far_below(of(60, 100)), "exactly a quarter");
        assert!(!of(0, 20).is_far_below(of(0, 100)), "where nothing is usual");
        assert_eq!((of(13, 20).percent(), of(0, 0).percent()), (65, 0));
    }
}
