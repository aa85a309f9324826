//! When a balance is low: below one of two amounts, or when it lasts a few hours only at the rate of the last ones.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::Outlook;
use crate::state::State;

/// How low a balance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is time to top up: told by e-mail.
    Warning,
    /// It is about to be empty: told by SMS too.
    Critical,
}

impl Level {
    /// All levels, the worst first.
    const ALL: [Self; 2] = [Self::Critical, Self::Warning];

    /// A balance that lasts fewer hours is at that level.
    #[must_use]
    pub fn hours(self) -> Decimal {
        match self {
            Self::Warning => Decimal::from(24),
            Self::Critical => Decimal::from(3),
        }
    }

    /// The attribute that has the balance at which the level was told.
    fn attribute(self) -> &'static str {
        match self {
            Self::Warning => "warned_at",
            Self::Critical => "critical_at",
        }
    }
}

/// What a newer balance means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It fell to that level.
    Low(Level),
    /// It falls so fast that somebody else may use the account.
    Misuse,
    /// It was topped up. It was told to be as low as that.
    Recovered(Level),
    /// It falls as usual again.
    Usual,
}

/// The amounts below which a balance is low; one that is not set is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    warning: Option<Decimal>,
    critical: Option<Decimal>,
}

/// How far a balance must be from a limit to be on its other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Margin {
    None,
    /// A tenth of an amount, twice the hours: a balance that moves around a limit is told once.
    Wide,
}

impl Margin {
    fn is_below(self, amount: Decimal, limit: Decimal) -> bool {
        match self {
            Self::None => amount < limit,
            Self::Wide => amount <= limit.saturating_add(limit / Decimal::TEN),
        }
    }

    fn is_short(self, hours: Decimal, limit: Decimal) -> bool {
        match self {
            Self::None => hours < limit,
            Self::Wide => hours <= limit.saturating_add(limit),
        }
    }
}

impl Limits {
    /// The amount below which a balance is at that level.
    #[must_use]
    pub fn of(&self, level: Level) -> Option<Decimal> {
        match level {
            Level::Warning => self.warning,
            Level::Critical => self.critical,
        }
    }

    fn level(&self, outlook: &Outlook, margin: Margin) -> Option<Level> {
        let (amount, hours) = (outlook.balance.amount, outlook.hours());
        let below = |level: Level| self.of(level).is_some_and(|limit| margin.is_below(amount, limit));
        let short = |level: Level| hours.is_some_and(|hours| margin.is_short(hours, level.hours()));
        Level::ALL.into_iter().find(|level| below(*level) || short(*level))
    }

    /// Takes over a balance, and returns what it means. Each level is told once, until the balance has risen since.
    pub(super) fn turn(&self, state: &mut State, outlook: &Outlook) -> Option<Turn> {
        let amount = outlook.balance.amount;
        let was_low = is_low(state);
        let (reached, left) = (self.level(outlook, Margin::None), self.level(outlook, Margin::Wide));
        let mut news = None;
        for level in Level::ALL {
            match told_at(state, level) {
                None if reached >= Some(level) => {
                    state.set(level.attribute(), Some(amount.to_string()));
                    news = news.or(Some(level));
                }
                Some(told_at) if amount > told_at && left < Some(level) => state.set(level.attribute(), None),
                _ => {}
            }
        }
        if news == Some(Level::Critical) {
            page(state);
        }
        news.map(Turn::Low).or_else(|| (was_low && !is_low(state)).then(|| recovered(state)))
    }
}

/// Set from when an SMS told that the balance is low until it recovers.
const PAGED: &str = "paged";

/// Notes that an SMS told that the balance is low.
pub(super) fn page(state: &mut State) {
    state.set(PAGED, Some("yes".to_owned()));
}

fn recovered(state: &mut State) -> Turn {
    let paged = state.text(PAGED).is_some();
    state.set(PAGED, None);
    Turn::Recovered(if paged { Level::Critical } else { Level::Warning })
}

/// Whether it was told that the balance is low, and not yet that it recovered.
pub(super) fn is_low(state: &State) -> bool {
    Level::ALL.iter().any(|level| told_at(state, *level).is_some())
}

fn told_at(state: &State, level: Level) -> Option<Decimal> {
    state.text(level.attribute())?.parse().ok()
}

/// `20` is critical; `100,20` are a warning and critical; 0 is none.
impl FromStr for Limits {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let amount = |text: &str| {
            let amount = text.trim().parse::<Decimal>().ok().filter(|amount| !amount.is_sign_negative());
            amount.map(|amount| Some(amount).filter(|amount| !amount.is_zero())).ok_or(FORM)
        };
        match text.split_once(',') {
            None => Ok(Self { warning: None, critical: amount(text)? }),
            Some((warning, critical)) => {
                let limits = Self { warning: amount(warning)?, critical: amount(critical)? };
                let swapped =
                    limits.warning.is_some_and(|warning| limits.critical.is_some_and(|critical| warning < critical));
                if swapped { Err(ORDER) } else { Ok(limits) }
            }
        }
    }
}

const FORM: &str = "not an amount such as 20 or 12.50, or two such as 100,20";
const ORDER: &str = "the first amount, which warns, is below the second, which is critical";

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::balance::Balance;

    /// What balances mean that cost so much an hour.
    fn turns_at(per_hour: Option<i64>, limits: &str, amounts: &[&str]) -> Vec<(String, Turn)> {
        let (limits, mut state) = (limits.parse::<Limits>().unwrap(), State::default());
        let turn = |amount: &&str| {
            let balance = Balance { amount: amount.parse().unwrap(), at: Timestamp::UNIX_EPOCH };
            let outlook = Outlook { per_hour: per_hour.map(Decimal::from), ..Outlook::from(balance) };
            Some(((*amount).to_owned(), limits.turn(&mut state, &outlook)?))
        };
        amounts.iter().filter_map(turn).collect()
    }

    fn turns(limits: &str, amounts: &[&str]) -> Vec<(String, Turn)> {
        turns_at(None, limits, amounts)
    }

    #[test]
    fn hours_left_are_told_once_each_until_a_top_up_that_lasts() {
        let (warned, critical) = (Turn::Low(Level::Warning), Turn::Low(Level::Critical));
        let amounts = ["240", "239", "200", "30", "29", "28", "50", "29", "300", "481"];
        let told = [("239", warned), ("29", critical), ("481", Turn::Recovered(Level::Critical))];
        assert_eq!(turns_at(Some(10), "0", &amounts), told.map(|(amount, turn)| (amount.to_owned(), turn)));
        assert_eq!(turns_at(Some(10), "300", &["299"]), [("299".to_owned(), critical)], "the worse of the two");
    }

    #[test]
    fn without_a_top_up_a_quiet_night_recovers_nothing() {
        let (limits, mut state) = (Limits::default(), State::default());
        let mut turn = |amount: i64, per_hour: Option<i64>| {
            let balance = Balance { amount: amount.into(), at: Timestamp::UNIX_EPOCH };
            limits.turn(&mut state, &Outlook { per_hour: per_hour.map(Decimal::from), ..Outlook::from(balance) })
        };
        assert_eq!(turn(200, Some(10)), Some(Turn::Low(Level::Warning)));
        assert_eq!((turn(190, None), turn(180, Some(10))), (None, None));
        assert_eq!(turn(900, None), Some(Turn::Recovered(Level::Warning)));
    }

    #[test]
    fn a_balance_turns_once_each_way_however_often_it_moves() {
        let amounts = ["10.00", "9.9999", "10.01", "9.5", "11", "10.9", "11.0001", "10.5", "9.99999999"];
        let turns = turns("10", &amounts);
        let low = Turn::Low(Level::Critical);
        let recovered = Turn::Recovered(Level::Critical);
        let told = [("9.9999", low), ("11.0001", recovered), ("9.99999999", low)];
        assert_eq!(turns, told.map(|(amount, turn)| (amount.to_owned(), turn)));
    }

    #[test]
    fn of_two_limits_the_first_warns_and_what_told_the_worst_tells_the_recovery() {
        let (warned, critical) = (Turn::Low(Level::Warning), Turn::Low(Level::Critical));
        let amounts = ["101", "99", "98", "19", "18", "50", "19", "120", "99", "111"];
        let told = [
            ("99", warned),
            ("19", critical),
            // A small top-up in between recovers nothing yet, but the next fall is one.
            ("19", critical),
            ("120", Turn::Recovered(Level::Critical)),
            ("99", warned),
            ("111", Turn::Recovered(Level::Warning)),
        ];
        assert_eq!(turns("100,20", &amounts), told.map(|(amount, turn)| (amount.to_owned(), turn)));
        assert_eq!(turns("100,20", &["19"]), [("19".to_owned(), critical)], "both at once are one");
    }

    #[test]
    fn limits_are_one_amount_or_two_and_what_is_none_is_told() {
        let read = |text: &str| text.parse::<Limits>().map(|limits| (limits.warning, limits.critical));
        let amount = |text: &str| Some(text.parse::<Decimal>().unwrap());
        assert_eq!(read("12.50"), Ok((None, amount("12.50"))));
        assert_eq!(read("100,20"), Ok((amount("100"), amount("20"))));
        assert_eq!(read("100,0"), Ok((amount("100"), None)));
        assert_eq!(read("0,20"), Ok((None, amount("20"))));
        assert_eq!((read("0"), read("0,0")), (Ok((None, None)), Ok((None, None))));
        for wrong in ["", "-5", "12,5,1", "low", "20,", ",20"] {
            assert_eq!(read(wrong), Err(FORM), "{wrong}");
        }
        assert_eq!(read("20,100"), Err(ORDER));
    }
}
