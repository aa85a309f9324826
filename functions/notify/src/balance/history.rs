//! The balances of the last two weeks: of the last hours the last one in each five minutes, before that the last one in each
//! hour. What is kept follows from all that was ever added, in whatever order and however often.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::Balance;

/// How long a balance is kept: two weeks, and the hours around the same time of that day.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24 + 3);
/// How long each five minutes have their own.
const CLOSE: SignedDuration = SignedDuration::from_hours(4);
const FIVE_MINUTES: i64 = 5 * 60;
const HOUR: i64 = 60 * 60;
/// The hours whose spending tells how long a balance lasts.
const RATES: [i64; 2] = [1, 3];
/// The days whose spending tells what is usual, and how many of them are enough.
const DAYS: i64 = 14;
const ENOUGH: i64 = 7;
/// As many falls are spending; fewer may be a fee.
const FALLS: usize = 3;
/// Nobody pays less at once, and less pays for no more than a few calls.
const PAYMENT: Decimal = Decimal::ONE;

/// The balances, by the time at which each was so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct History(BTreeMap<Timestamp, Decimal>);

impl History {
    /// Adds a balance. Of two of one time the lower counts.
    pub(super) fn add(&mut self, told: &Balance) {
        let amount = told.amount.normalize();
        let known = self.0.entry(told.at).or_insert(amount);
        *known = amount.min(*known);
        self.prune();
    }

    /// The newest balance.
    pub(super) fn last(&self) -> Option<Balance> {
        self.0.last_key_value().map(|(at, amount)| Balance { amount: *amount, at: *at })
    }

    /// When the account was last topped up: the balance rose to something that pays for calls, and by more than was charged at once. A
    /// smaller rise is a charge that was given back. The largest charge may be a fee, and says nothing.
    pub(super) fn last_top_up(&self) -> Option<Timestamp> {
        let mut charges = self.falls(Timestamp::MIN, Timestamp::MAX);
        charges.sort();
        let charge = charges.iter().rev().nth(1).copied().unwrap_or_default();
        let tops_up = |before: &Decimal, after: &Decimal| {
            let rise = after.saturating_sub(*before);
            rise > charge && rise >= PAYMENT && *after >= PAYMENT
        };
        let mut steps = self.0.iter().zip(self.0.iter().skip(1)).rev();
        steps.find(|((_, before), (_, after))| tops_up(before, after)).map(|(_, (at, _))| *at)
    }

    fn prune(&mut self) {
        let Some(newest) = self.last() else { return };
        let mut taken = BTreeSet::new();
        let keep = |at: &Timestamp| {
            let (age, second) = (newest.at.duration_since(*at), at.as_second());
            let last_of_hour = taken.insert((HOUR, second.div_euclid(HOUR)));
            let last_of_five = taken.insert((FIVE_MINUTES, second.div_euclid(FIVE_MINUTES)));
            age <= KEPT && (last_of_hour || age <= CLOSE && last_of_five)
        };
        let kept: BTreeSet<_> = self.0.keys().rev().copied().filter(keep).collect();
        self.0.retain(|at, _| kept.contains(at));
    }

    /// What an hour costs of late, where that can be told: the more of the last hour and of the last three.
    pub(super) fn per_hour(&self) -> Option<Decimal> {
        let now = self.last()?.at;
        let rate = |hours: &i64| {
            let from = now.checked_sub(SignedDuration::from_hours(*hours)).ok()?;
            self.spent(from, now)?.checked_div(Decimal::from(*hours))
        };
        RATES.iter().filter_map(rate).max()
    }

    /// What the last hour cost, where that can be told.
    pub(super) fn last_hour(&self) -> Option<Decimal> {
        let now = self.last()?.at;
        self.spent(now.checked_sub(SignedDuration::from_hours(1)).ok()?, now)
    }

    /// What an hour usually costs about this time of the day, and no less than any hour on the average: one call in a quiet night
    /// is no misuse. None where fewer than a week of days is known.
    pub(super) fn usual(&self) -> Option<Decimal> {
        let (now, first) = (self.last()?.at, *self.0.first_key_value()?.0);
        let ago = |hours: i64| now.checked_sub(SignedDuration::from_hours(hours)).ok();
        let all = |from, to| self.falls(from, to).into_iter().fold(Decimal::ZERO, Decimal::saturating_add);
        let same_hours = |day: i64| Some((ago(day * 24 + 2).filter(|from| *from >= first)?, ago(day * 24 - 1)?));
        let days: Vec<_> = (1..=DAYS).filter_map(same_hours).map(|(from, to)| all(from, to)).collect();
        let (number, until) = (i64::try_from(days.len()).ok().filter(|days| *days >= ENOUGH)?, ago(4)?);
        let sum = days.into_iter().fold(Decimal::ZERO, Decimal::saturating_add);
        let about_now = sum.checked_div(Decimal::from(number * 3))?;
        Some(about_now.max(all(first, until).checked_div(until.duration_since(first).as_hours().into())?))
    }

    /// What was spent in that time; None where there are too few falls to tell. The largest counts no more than the one that
    /// comes next to it: a fee, or what was not told of for a while, is no rate.
    fn spent(&self, from: Timestamp, to: Timestamp) -> Option<Decimal> {
        let mut falls = self.falls(from, to);
        falls.sort();
        let next = falls.iter().rev().nth(1).copied()?;
        let all = falls.len() >= FALLS;
        all.then(|| falls.into_iter().fold(Decimal::ZERO, |sum, fall| sum.saturating_add(fall.min(next))))
    }

    /// How far the balance fell each time that it did. A rise is a top-up.
    fn falls(&self, from: Timestamp, to: Timestamp) -> Vec<Decimal> {
        let steps = self.0.iter().zip(self.0.iter().skip(1)).filter(|(_, (at, _))| from < **at && **at <= to);
        let falls = steps.map(|((_, before), (_, after))| before.saturating_sub(*after));
        falls.filter(|fall| *fall > Decimal::ZERO).collect()
    }

    /// Reads what its text says; what can't be read is left out.
    pub(super) fn read(text: &str) -> Self {
        let mut at = 0_i64;
        let step = |step: &str| {
            let (passed, amount) = step.split_once(':')?;
            at = at.checked_add(passed.parse().ok()?)?;
            Some((Timestamp::from_millisecond(at).ok()?, amount.parse().ok()?))
        };
        Self(text.split(' ').filter_map(step).collect())
    }
}

/// Each with the milliseconds that passed since the one before: `1793640039665:873.0604 3600000:870.01`.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = 0;
        for (at, amount) in &self.0 {
            let (gap, at) = (if before == 0 { "" } else { " " }, at.as_millisecond());
            write!(f, "{gap}{}:{amount}", at - before)?;
            before = at;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Balances, each with the minute in which it was so.
    fn history(told: &[(i64, &str)]) -> History {
        let mut history = History::default();
        for (minute, amount) in told {
            let at = Timestamp::from_second(1_793_640_000 + minute * 60).unwrap();
            history.add(&Balance { amount: amount.parse().unwrap(), at });
        }
        history
    }

    fn per_hour(told: &[(i64, &str)]) -> Option<String> {
        history(told).per_hour().map(|rate| rate.normalize().to_string())
    }

    #[test]
    fn what_an_hour_costs_is_the_sum_of_the_falls_and_no_top_up_lessens_it() {
        let falls = [(0, "100"), (10, "98"), (20, "96"), (30, "94")];
        assert_eq!(per_hour(&falls).as_deref(), Some("6"));
        let topped_up = [(0, "100"), (10, "98"), (20, "96"), (25, "500"), (30, "498"), (40, "496")];
        assert_eq!(per_hour(&topped_up).as_deref(), Some("8"));
        // Two hours later these are a third of three hours' spending.
        let later = [(0, "100"), (10, "98"), (20, "96"), (30, "94"), (150, "94")];
        assert_eq!(per_hour(&later).as_deref(), Some("2"));
        assert_eq!(per_hour(&[(0, "100"), (10, "98"), (20, "96"), (30, "94"), (300, "94")]), None);
    }

    #[test]
    fn a_fee_or_a_gap_is_no_rate() {
        assert_eq!(per_hour(&[(0, "100"), (10, "40")]), None);
        assert_eq!(per_hour(&[(0, "100"), (10, "40"), (20, "39")]), None);
        assert_eq!(per_hour(&[(0, "100"), (10, "40"), (20, "39"), (30, "38")]).as_deref(), Some("3"));
    }

    /// Each day from 8 to 18 o'clock 6 an hour, for so many days, with what comes on the last day.
    fn days(days: i64, then: &[(i64, &str)]) -> History {
        let mut history = History::default();
        let mut left = 10_000;
        for hour in (0..days * 24).filter(|hour| (8..18).contains(&(hour % 24))) {
            for fall in 0..3 {
                left -= 2;
                let at = Timestamp::from_second(1_793_577_600 + hour * 3600 + fall * 1200).unwrap();
                history.add(&Balance { amount: left.into(), at });
            }
        }
        for (minute, fell) in then {
            let at = Timestamp::from_second(1_793_577_600 + (days - 1) * 86_400 + minute * 60).unwrap();
            let fell: Decimal = fell.parse().unwrap();
            history.add(&Balance { amount: Decimal::from(left) - fell, at });
        }
        history
    }

    #[test]
    fn what_is_usual_is_what_the_same_hours_cost_or_else_any_hour() {
        let usual = |history: History| history.usual().map(|usual| usual.round_dp(1).normalize().to_string());
        assert_eq!(usual(days(14, &[])).as_deref(), Some("4"), "at 17:40, of 16 to 18 two hours of three");
        let night = usual(days(14, &[(23 * 60 + 30, "1")])).unwrap();
        assert_eq!(night, "2.6", "no hour at this time cost anything, and 10 of 24 hours cost 6");
        assert_eq!(usual(days(6, &[])), None, "too few days");
    }

    #[test]
    fn what_the_last_hour_cost_is_told_apart_from_what_is_usual() {
        let fraud = days(14, &[(20 * 60, "28"), (20 * 60 + 15, "56"), (20 * 60 + 30, "84")]);
        assert_eq!((fraud.last_hour(), fraud.usual().map(|usual| usual < 6.into())), (Some(84.into()), Some(true)));
    }

    #[test]
    fn a_charge_given_back_is_no_top_up_nor_is_a_debt_made_smaller() {
        let topped_up = |told: &[&str]| {
            let told: Vec<_> = told.iter().enumerate().map(|(n, amount)| (n as i64 * 10, *amount)).collect();
            history(&told).last_top_up().map(|at| (at.as_second() - 1_793_640_000) / 600)
        };
        assert_eq!(topped_up(&["0.02", "0.07", "0.12"]), None, "a refund");
        assert_eq!(topped_up(&["-60", "-10"]), None, "still in debt");
        assert_eq!(topped_up(&["9", "6", "3", "0", "3"]), None, "what was reserved for a call");
        assert_eq!(topped_up(&["0.02", "5", "4.98", "4.99"]), Some(1));
        assert_eq!(topped_up(&["100", "0.5", "0.4", "20.4"]), Some(3), "a fee was no call");
    }

    #[test]
    fn of_one_time_the_lower_counts() {
        assert_eq!(history(&[(0, "5"), (0, "4"), (0, "6")]).last().unwrap().amount, Decimal::from(4));
    }

    #[test]
    fn two_weeks_are_kept_and_take_little_room() {
        let told: Vec<_> = (0..60 * 24 * 16 / 6).map(|step| (step * 6, "12345.6789")).collect();
        let history = history(&told);
        let first = history.0.first_key_value().unwrap().0;
        let span = history.last().unwrap().at.duration_since(*first);
        assert!(span > SignedDuration::from_hours(14 * 24) && span <= KEPT, "{span}");
        assert!(history.to_string().len() < 8_000, "{}", history.to_string().len());
    }

    #[test]
    fn what_is_no_history_is_read_as_none() {
        for text in ["", "x", "1:", ":1", "9223372036854775807:1 9223372036854775807:1"] {
            assert_eq!(History::read(text), History::default(), "{text}");
        }
    }

    fn balances() -> impl Strategy<Value = Vec<Balance>> {
        let day = 24 * 60 * 60 * 1000_i64;
        let at = prop_oneof![0..30 * day, 30 * day..30 * day + day / 4];
        let balance = (at, 0_i64..1000).prop_map(|(at, cents)| Balance {
            at: Timestamp::from_millisecond(1_793_640_000_000 + at).unwrap(),
            amount: Decimal::new(cents, 2),
        });
        proptest::collection::vec(balance, 1..120)
    }

    proptest! {
        #[test]
        fn shuffled_and_repeated_balances_make_the_same_history(
            (told, shuffled) in balances().prop_flat_map(|told| {
                let twice = told.iter().chain(&told).cloned().collect::<Vec<_>>();
                (Just(told), Just(twice).prop_shuffle())
            })
        ) {
            let of = |told: &[Balance]| {
                let mut history = History::default();
                told.iter().for_each(|balance| history.add(balance));
                history
            };
            let history = of(&told);
            prop_assert_eq!(&of(&shuffled), &history);
            prop_assert_eq!(&History::read(&history.to_string()), &history);
            let newest = told.iter().map(|balance| balance.at).max().unwrap();
            let lowest = told.iter().filter(|balance| balance.at == newest).map(|balance| balance.amount).min();
            prop_assert_eq!(history.last().map(|last| (last.at, last.amount)), lowest.map(|lowest| (newest, lowest)));
        }
    }
}
