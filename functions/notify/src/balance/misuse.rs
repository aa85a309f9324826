//! Misuse, as far as spending shows it: a multiple of what the same hours usually cost. A stolen password is found by this.

use rust_decimal::Decimal;
use shared::entity::{Entity, EntityKind};
use shared::event::Side;
use shared::record::Record;

use super::Outlook;
use crate::state::State;
use crate::words::Whose;

/// So many times the usual are told,
const TIMES: i64 = 5;
/// and the same is over at so many times of it.
const OVER: i64 = 2;
/// How many of those that called most are named.
const NAMED: usize = 5;
/// Set while misuse is told and not over.
const MISUSE: &str = "misuse";

/// Whether misuse begins to show, and has to be told.
pub(super) fn begins(state: &mut State, outlook: &Outlook) -> bool {
    let shows = outlook.times_usual().is_some_and(|(spent, usual)| spent > usual.saturating_mul(TIMES.into()));
    let begins = shows && !is_told(state);
    if begins {
        state.set(MISUSE, Some("yes".to_owned()));
    }
    begins
}

/// Whether misuse is told and not over.
pub(super) fn is_told(state: &State) -> bool {
    state.text(MISUSE).is_some()
}

/// Whether misuse that was told is over.
pub(super) fn ends(state: &mut State, outlook: &Outlook) -> bool {
    let shows = outlook.times_usual().is_some_and(|(spent, usual)| spent > usual.saturating_mul(OVER.into()));
    let ends = !shows && is_told(state);
    if ends {
        state.set(MISUSE, None);
    }
    ends
}

impl Outlook {
    /// What the last hour cost, and what it usually costs.
    fn times_usual(&self) -> Option<(Decimal, Decimal)> {
        Some((self.last_hour.unwrap_or_default(), self.usual?))
    }
}

/// A user or a number of the customer's that called.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// Who.
    pub who: Entity,
    /// How many calls.
    pub calls: usize,
    /// How long these talked, in seconds.
    pub talk_seconds: f64,
}

/// Those of the customer's that made the most of these calls.
pub(super) fn called_most(calls: &[Record], whose: Whose<'_>) -> Vec<Caller> {
    let mut callers: Vec<Caller> = Vec::new();
    for call in calls.iter().filter(|call| concerns(call, whose)) {
        let (Some(who), talked) = (caller(call), call.talk_seconds.unwrap_or_default()) else { continue };
        match callers.iter_mut().find(|caller| caller.who == *who) {
            Some(known) => (known.calls, known.talk_seconds) = (known.calls + 1, known.talk_seconds + talked),
            None => callers.push(Caller { who: who.clone(), calls: 1, talk_seconds: talked }),
        }
    }
    let least = |a: &Caller, b: &Caller| {
        b.calls.cmp(&a.calls).then(b.talk_seconds.total_cmp(&a.talk_seconds)).then(a.who.cmp(&b.who))
    };
    callers.sort_by(least);
    callers.truncate(NAMED);
    callers
}

fn concerns(call: &Record, Whose { provider, account }: Whose<'_>) -> bool {
    let other = account.zip(call.account.as_ref()).is_some_and(|(account, of_call)| account != of_call);
    call.id.provider() == provider && !other
}

/// The user that called, else the number.
fn caller(call: &Record) -> Option<&Entity> {
    let from = || call.own.iter().filter(|own| own.side == Side::From).map(|own| &own.entity);
    from().find(|entity| entity.kind() == EntityKind::SipUser).or_else(|| from().next())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::balance::Balance;

    #[test]
    fn misuse_begins_above_five_times_the_usual_and_is_over_at_twice() {
        let mut state = State::default();
        let mut told = |spent: i64, usual: Option<i64>| {
            let balance = Balance { amount: 100.into(), at: Timestamp::UNIX_EPOCH };
            let (last_hour, usual) = (Some(spent.into()), usual.map(Decimal::from));
            let outlook = Outlook { last_hour, usual, ..Outlook::from(balance) };
            (begins(&mut state, &outlook), ends(&mut state, &outlook))
        };
        let (begun, over, nothing) = ((true, false), (false, true), (false, false));
        assert_eq!((told(30, Some(6)), told(31, Some(6)), told(84, Some(6))), (nothing, begun, nothing));
        assert_eq!((told(13, Some(6)), told(12, Some(6)), told(5, Some(6))), (nothing, over, nothing));
        assert_eq!(told(84, None), nothing, "what is usual is not known");
    }
}
