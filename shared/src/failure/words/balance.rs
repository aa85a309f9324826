//! Whether words say that the customer's balance is empty.
//!
//! Words of money and of lack must be about each other: that both stand somewhere is not enough. All attempts can be
//! exhausted and their charge go back to the balance.

mod clauses;
mod others;
mod terms;

use self::clauses::is_amount;
use self::terms as t;

/// Whether a text says so. It keeps its case: `InsufficientBalance` is two words.
pub(super) fn is_empty(text: &str) -> bool {
    let text = clauses::normal(text);
    !others::is_quoted(&text) && (clauses::of(&text).iter().any(|clause| lacks_money(clause)) || is_unpaid(&text))
}

/// The ways to say it, each told by the word at a place.
const LACKS: [for<'w> fn(&Words<'w>, usize) -> bool; 10] = [
    |words, at| words.is_short(at),
    |words, at| words.is_not_enough(at),
    |words, at| words.is_unavailable(at),
    |words, at| words.is_used_up(at),
    |words, at| words.is_out_of(at),
    |words, at| words.is_none(at),
    |words, at| words.is_amount(at),
    |words, at| words.is_limit(at),
    |words, at| words.is_account(at),
    |words, at| words.asks(at),
];

fn lacks_money(clause: &[&str]) -> bool {
    if clause.iter().any(|word| t::REFUNDS.contains(word)) {
        return false;
    }
    let words = Words(clause);
    let lack = (0..clause.len()).find(|at| LACKS.iter().any(|shows| shows(&words, *at)));
    lack.is_some_and(|at| !others::is_of_party(clause, at))
}

/// Whether an account is closed because its owner owes: `account suspended: non-payment`.
fn is_unpaid(text: &str) -> bool {
    text.split(';').any(|sentence| {
        let words: Vec<_> = clauses::words(sentence).collect();
        let owes = t::UNPAID.iter().any(|owed| sentence.contains(owed));
        let bills = words.contains(&"billing") && words.iter().any(|word| t::BILLED.contains(word));
        let closed = words.iter().position(|word| t::CLOSED.contains(word));
        closed.is_some_and(|at| (owes || bills) && !others::is_of_party(&words, at))
    })
}

/// How many places apart no two words are about each other.
const FAR: usize = 12;

/// The words of a clause.
struct Words<'c>(&'c [&'c str]);

impl<'c> Words<'c> {
    fn at(&self, place: usize) -> &'c str {
        self.0.get(place).copied().unwrap_or_default()
    }

    /// How many words that say something stand between two places. What is far away is not looked at.
    fn gap(&self, a: usize, b: usize) -> usize {
        if a.abs_diff(b) > FAR {
            return FAR;
        }
        let between = self.0.get(a.min(b) + 1..a.max(b)).unwrap_or_default();
        between.iter().filter(|word| !t::IDLE.contains(word) && !is_amount(word)).count()
    }

    /// The next word that says something.
    fn next(&self, place: usize) -> &'c str {
        self.0
            .iter()
            .skip(place + 1)
            .find(|word| !t::IDLE.contains(word) || t::ACCOUNT.contains(word))
            .copied()
            .unwrap_or_default()
    }

    /// The places of money that an account has: not of a credit score, nor of what it had before.
    fn money(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len()).filter(|place| {
            let of_another = t::COMPOUNDS.contains(&self.at(place + 1));
            let past = place.checked_sub(1).is_some_and(|before| t::PAST.contains(&self.at(before)));
            t::MONEY.contains(&self.at(*place)) && !of_another && !past
        })
    }

    /// Whether money stands beside that place, with at most one word between; `prepaid` says of much what it is.
    fn is_near_money(&self, place: usize) -> bool {
        self.money().any(|money| self.gap(money, place) <= usize::from(self.at(money) != "prepaid"))
    }

    /// Whether a word is denied: `is not low`, `not due to insufficient funds`.
    fn is_denied(&self, place: usize) -> bool {
        let mut before = self.0.get(..place).unwrap_or_default().iter().rev();
        before.find(|word| !t::LINKS.contains(word)).is_some_and(|word| clauses::denies(word))
    }

    /// `insufficient balance`, `balance too low`, `zero balance`.
    fn is_short(&self, at: usize) -> bool {
        let word = self.at(at);
        let shows = match word {
            "zero" | "nil" => !self.is_moved(at),
            "exceeded" => !self.is_other_limit(at),
            "below" => self.next(at) == "minimum",
            _ => t::is_empty(word),
        };
        shows && !self.is_denied(at) && self.is_near_money(at)
    }

    /// `not enough credit`, `balance is not sufficient`.
    fn is_not_enough(&self, at: usize) -> bool {
        matches!(self.at(at), "enough" | "sufficient") && self.is_denied_within(at) && self.is_near_money(at)
    }

    /// `funds unavailable`. Of a balance it says that nobody knows it.
    fn is_unavailable(&self, at: usize) -> bool {
        let cash =
            || self.money().any(|money| money < at && t::CASH.contains(&self.at(money)) && self.gap(money, at) == 0);
        match self.at(at) {
            "unavailable" => cash(),
            "not" => [self.at(at + 1), self.at(at + 2)].contains(&"available") && cash(),
            _ => false,
        }
    }

    /// `credit used up`, `balance below minimum`.
    fn is_used_up(&self, at: usize) -> bool {
        let follows = || self.money().any(|money| money < at && self.gap(money, at) == 0);
        let shows = matches!(
            (self.at(at), self.at(at + 1)),
            ("used", "up")
                | ("run" | "ran" | "runs" | "running", "out")
                | ("below" | "under" | "expired", _)
                | ("less", "than")
        );
        shows && !self.is_denied(at) && follows()
    }

    /// What is run out of follows at once: `out of credit`, not `credit repair is out of policy`.
    fn is_out_of(&self, at: usize) -> bool {
        let shows = matches!((self.at(at), self.at(at + 1)), ("out" | "lack" | "short", "of" | "on"));
        shows && !self.is_denied(at) && self.money().any(|money| money > at && self.gap(at + 1, money) == 0)
    }

    /// `no funds`, `no more credit`, but not `no credit was deducted`.
    fn is_none(&self, at: usize) -> bool {
        let has_none = |money: usize| money > at && self.gap(at, money) == 0 && self.at(money) != "prepaid";
        matches!(self.at(at), "no" | "without") && self.money().any(has_none) && !self.is_moved(at)
    }

    /// `balance is 0.00`, `balance -3.20`, `0 credits left`.
    fn is_amount(&self, at: usize) -> bool {
        let of_balance = |money: usize| match money.cmp(&at) {
            std::cmp::Ordering::Less => (money + 1..at).all(|between| t::IDLE.contains(&self.at(between))),
            _ => money == at + 1 && !at.checked_sub(1).is_some_and(|before| t::NUMBERED.contains(&self.at(before))),
        };
        clauses::is_nothing(self.at(at)) && self.money().any(of_balance) && !self.is_moved(at)
    }

    /// `credit limit reached`, `over the spending limit`.
    fn is_limit(&self, at: usize) -> bool {
        let of_money = at.checked_sub(1).is_some_and(|of| t::LIMITED.contains(&self.at(of)));
        let reached = |place: usize| {
            let (from, reach) = if place < at { (at - 1, 0) } else { (at, 1) };
            t::REACHED.contains(&self.at(place)) && !self.is_denied(place) && self.gap(place, from) <= reach
        };
        matches!(self.at(at), "limit" | "limits") && of_money && (0..self.0.len()).any(reached)
    }

    /// `account empty`, `account is overdrawn`.
    fn is_account(&self, at: usize) -> bool {
        let state = self.at(at) == "overdrawn" && !self.is_denied(at);
        state || (t::ACCOUNT.contains(&self.at(at)) && t::ACCOUNT_STATES.contains(&self.next(at)))
    }

    /// `payment required`, `please top up`, `recharge your account`.
    fn asks(&self, at: usize) -> bool {
        let next = |from: usize| self.next(from);
        let paid = |what: &str| t::MONEY.contains(&what) || t::ACCOUNT.contains(&what);
        let urged = || at == 0 || t::URGES.contains(&self.at(at - 1));
        let shows = match (self.at(at), self.at(at + 1)) {
            ("payment", _) => t::DUE.contains(&next(at)),
            ("please", "pay") | ("past", "due") => true,
            ("top", "up") => paid(next(at + 1)) || (urged() && t::ENDS.contains(&next(at + 1))),
            ("topup" | "recharge" | "refill" | "reload" | "replenish", _) => {
                paid(next(at)) || (urged() && t::ENDS.contains(&next(at)))
            }
            ("minimum", "balance" | "credit") => t::DUE.contains(&next(at + 1)) || next(at + 1) == "not",
            ("more", "credit" | "credits" | "funds" | "money") => t::DUE.contains(&next(at + 1)),
            ("need" | "needs", "more") => paid(next(at)),
            ("add" | "deposit" | "buy", _) => paid(next(at)),
            _ => false,
        };
        shows && !self.is_denied_within(at)
    }

    /// Whether one of the three words before denies.
    fn is_denied_within(&self, at: usize) -> bool {
        self.0.get(at.saturating_sub(3)..at).unwrap_or_default().iter().any(|word| clauses::denies(word))
    }

    /// Whether credit is said to be taken, needed or returned: there was none of that, and the account can be full.
    fn is_moved(&self, at: usize) -> bool {
        let cash = || self.money().any(|money| t::CASH.contains(&self.at(money)));
        let has = |words: &[&str]| self.0.iter().any(|word| words.contains(word));
        if clauses::denies(self.at(at)) { has(t::MOVED) } else { cash() && (has(t::MOVED) || has(t::PRICES)) }
    }

    /// Whether what is exceeded is a limit of something else.
    fn is_other_limit(&self, at: usize) -> bool {
        let limit = (0..at).rev().find(|place| self.at(*place) == "limit");
        limit.is_some_and(|limit| !limit.checked_sub(1).is_some_and(|of| t::LIMITED.contains(&self.at(of))))
    }
}

#[cfg(test)]
mod tests;
