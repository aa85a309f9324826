//! Logins, and how few there are: too many bad ones lock the user's account at OnSIP for everybody.

use jiff::{SignedDuration, Timestamp};
use shared::renewal::{Logins, Renewal};

use crate::api::{Api, Login, Session};
use crate::error::Failure;

/// The API locks logins for ten minutes; its clock and ours may differ by the rest.
const LOCK: SignedDuration = SignedDuration::from_mins(11);
/// So many logins may be refused in that time, until the secret changes.
const REFUSED_AT_MOST: usize = 3;
const REFUSED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// And no two of them sooner, however often the function is invoked.
const APART: SignedDuration = SignedDuration::from_hours(1);

/// Whether a login with that version of the secret may be tried. It is noted as refused ahead, so that one whose run dies counts.
pub(crate) fn admit(known: &mut Renewal, version: &str, now: Timestamp) -> Result<(), Failure> {
    if let Some(until) = known.locked_until.filter(|until| *until > now) {
        return Err(Failure::Locked { until });
    }
    if known.logins.secret != version {
        known.logins = Logins { secret: version.to_owned(), refused: Vec::new() };
    }
    let refused = &mut known.logins.refused;
    refused.retain(|at| now.duration_since(*at) < REFUSED_WITHIN);
    let full = refused.first().filter(|_| refused.len() >= REFUSED_AT_MOST).map(|first| (first, REFUSED_WITHIN));
    let waits = full.into_iter().chain(refused.last().map(|last| (last, APART)));
    let until = waits.map(|(at, wait)| at.saturating_add(wait).unwrap_or(now)).max();
    if let Some(until) = until.filter(|until| *until > now) {
        return Err(Failure::LoginsRefused { until });
    }
    refused.push(now);
    Ok(())
}

/// The one login of a run.
pub(crate) async fn log_in<'a>(
    api: &'a Api,
    login: &Login,
    known: &mut Renewal,
    now: Timestamp,
) -> Result<Session<'a>, Failure> {
    let session = api.log_in(login).await;
    match &session {
        Err(error) if error.is_locked() => known.locked_until = now.checked_add(LOCK).ok(),
        Err(error) if error.is_bad_login() => return Ok(session?),
        Ok(_) | Err(_) => {}
    }
    // It was not refused, or not for what the secret says.
    known.logins.refused.pop();
    Ok(session?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_refused_logins_a_day_are_all_until_the_secret_changes() {
        let hours = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let mut known = Renewal::default();
        for (version, at, admitted) in [
            ("v1", 0, true),
            ("v1", 6, true),
            ("v1", 12, true),
            ("v1", 18, false),
            ("v1", 23, false),
            ("v1", 24, true),
            ("v1", 25, false),
            ("v2", 25, true),
            ("v2", 26, true),
        ] {
            assert_eq!(admit(&mut known, version, hours(at)).is_ok(), admitted, "{version} at {at} h");
        }
    }

    #[test]
    fn invocations_in_a_row_are_one_refused_login_an_hour() {
        let mut known = Renewal::default();
        for (version, minutes, admitted) in [("v1", 0, true), ("v1", 1, false), ("v1", 59, false), ("v1", 60, true)] {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
            assert_eq!(admit(&mut known, version, at).is_ok(), admitted, "{minutes} min");
        }
        assert!(admit(&mut known, "v2", Timestamp::UNIX_EPOCH + SignedDuration::from_mins(61)).is_ok());
    }

    #[test]
    fn a_lock_holds_whatever_the_secret_is() {
        let now = Timestamp::UNIX_EPOCH;
        let mut known = Renewal { locked_until: now.checked_add(LOCK).ok(), ..Renewal::default() };
        for (version, seconds, admitted) in [("v1", 0, false), ("v2", 659, false), ("v2", 660, true)] {
            let at = now + SignedDuration::from_secs(seconds);
            assert_eq!(admit(&mut known, version, at).is_ok(), admitted, "{seconds} s");
        }
    }
}
