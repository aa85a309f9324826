//! How the invented day ends, so that every kind of alert is seen: the balance runs low, then out for everybody at once, a carrier
//! has no lines for a while, and a message and a call fail alone.

use jiff::{SignedDuration, Timestamp};

use super::script::{ANSWERED, BALANCE, CONGESTED, NOT_PERMITTED, OUT_OF_MONEY, SMS_UNDELIVERED, Scene};
use super::shift::shifted;

/// Calls that fail at once, and the users who make them.
const CALLS: usize = 50;
const USERS: usize = 20;
/// Calls that meet congestion: a tenth of all at least.
const OUTAGE: usize = 12;
/// What the samples' balance and their user are, and the balance that is low.
const BALANCE_OF_SAMPLE: &str = "873.0604";
const LOW: &str = "12.3056";
const USER_OF_SAMPLE: &str = "alice";

/// Where each delivery goes, and its body.
pub(crate) fn deliveries(now: Timestamp) -> Vec<(&'static str, String)> {
    let ago = |seconds: i64| now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(now);
    let low =
        played(BALANCE, ago(90), 0).into_iter().map(|(route, body)| (route, body.replace(BALANCE_OF_SAMPLE, LOW)));
    let burst = (0..CALLS).flat_map(|nth| {
        let user = format!("user{:02}", nth % USERS + 1);
        let call = played(OUT_OF_MONEY, ago(60 - i64::try_from(nth).unwrap_or_default()), nth);
        call.into_iter().map(move |(route, body)| (route, body.replace(USER_OF_SAMPLE, &user)))
    });
    let outage =
        (0..OUTAGE).flat_map(|nth| played(CONGESTED, ago(40 - i64::try_from(nth).unwrap_or_default()), CALLS + nth));
    let alone = played(NOT_PERMITTED, ago(8), CALLS).into_iter().chain(played(SMS_UNDELIVERED, ago(5), CALLS));
    low.chain(burst).chain(outage).chain(alone).collect()
}

/// A call that goes through again.
pub(crate) fn recovery(now: Timestamp) -> Vec<(&'static str, String)> {
    played(ANSWERED, now, 0)
}

fn played(scene: Scene, end: Timestamp, nth: usize) -> Vec<(&'static str, String)> {
    scene.iter().map(|sample| sample.route).zip(shifted(scene, end, nth)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_samples_still_hold_what_is_replaced() {
        let all = deliveries("2027-01-01T12:00:00Z".parse().unwrap());
        let with = |text: &str| all.iter().filter(|(_, body)| body.contains(text)).count();
        assert_eq!((with(LOW), with("\"user20\"")), (1, 2 * OUT_OF_MONEY.len()));
        let failed: BTreeSet<_> =
            all.iter().filter(|(_, body)| body.contains("Insufficient")).map(|(_, b)| b).collect();
        assert_eq!(failed.len(), CALLS);
    }
}
