//! Weeks of an account, played minute by minute.

use super::*;

/// An account of an office that calls from 8 to 18 o'clock, seldom at night and on weekends.
struct Account {
    minute: i64,
    cents: i64,
    seed: u64,
    history: History,
    state: State,
    told: Vec<(i64, Turn)>,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

impl Account {
    /// One with that much, on a Monday at midnight.
    fn with(amount: i64, seed: u64) -> Self {
        let (history, state) = (History::default(), State::default());
        Self { minute: 0, cents: amount * 100, seed, history, state, told: Vec::new() }
    }

    /// A number below that (Knuth's MMIX generator).
    fn roll(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    /// Whether a call ends in this minute: in four of ten of the office's, in one of a hundred others.
    fn calls(&mut self) -> bool {
        let (day, hour) = (self.minute / DAY % 7, self.minute % DAY / HOUR);
        let busy = day < 5 && (8..18).contains(&hour);
        self.roll(100) < if busy { 40 } else { 1 }
    }

    fn pay(&mut self, cents: i64) {
        self.cents -= cents;
        // 2026-11-02 was a Monday.
        let at = Timestamp::constant(1_793_577_600, 0) + SignedDuration::from_mins(self.minute);
        self.history.add(&Balance { amount: Decimal::new(self.cents, 2), at });
        let turn = Outlook::of(&self.history).and_then(|outlook| turn(&mut self.state, &outlook, &Limits::default()));
        self.told.extend(turn.map(|turn| (self.minute, turn)));
    }

    /// Plays so many minutes: calls cost 4 to 47 cents each, about 6 an hour in the office's. Somebody else spends so many cents a
    /// minute.
    fn play(&mut self, minutes: i64, fraud: i64) {
        for _ in 0..minutes {
            self.minute += 1;
            if self.calls() {
                let cents = 4 + self.roll(44);
                self.pay(i64::try_from(cents).unwrap());
            }
            if fraud > 0 {
                self.pay(fraud);
            }
        }
    }
}

#[test]
fn usual_weeks_are_told_nothing_of() {
    for seed in 1..3 {
        let mut account = Account::with(5000, seed);
        account.play(21 * DAY, 0);
        assert_eq!(account.told, [], "seed {seed}");
    }
}

#[test]
fn misuse_in_a_weekends_night_is_told_two_hours_before_the_account_is_empty_and_once() {
    let mut account = Account::with(2500, 1);
    account.play(19 * DAY + 2 * HOUR, 0);
    account.cents = 30_000;
    let begun = account.minute;
    account.play(3 * HOUR, 140);
    let (at, turn) = *account.told.first().unwrap();
    assert_eq!(turn, Turn::Misuse, "{:?}", account.told);
    // 300 are empty after 3 hours and 34 minutes.
    assert!(at - begun <= 94, "{}", at - begun);
    let again = account.told.iter().filter(|(_, turn)| *turn == Turn::Misuse).count();
    assert_eq!(again, 1, "{:?}", account.told);
    // Until it is over, which is told once, too.
    account.play(2 * DAY + 10 * HOUR, 0);
    let over = account.told.iter().filter(|(_, turn)| matches!(turn, Turn::Usual)).count();
    assert_eq!(over, 1, "{:?}", account.told);
}

#[test]
fn an_account_that_runs_dry_is_told_twice_and_once_of_its_top_up() {
    let mut account = Account::with(1200, 2);
    account.play(17 * DAY, 0);
    account.cents = 10_000;
    while account.cents > 0 {
        account.play(1, 0);
    }
    account.pay(-500_000);
    account.play(2 * DAY, 0);
    let told: Vec<_> = account.told.iter().map(|(_, turn)| *turn).collect();
    let expected = [Turn::Low(Level::Warning), Turn::Low(Level::Critical), Turn::Recovered(Level::Critical)];
    assert_eq!(told, expected, "{:?}", account.told);
}
