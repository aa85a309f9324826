//! What a person reads of a subscription.

use jiff::SignedDuration;
use shared::renewal::Trouble;

use super::*;
use crate::Numbers;
use crate::words::read_aloud;

const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

fn words() -> Words {
    Words::new("https://api.example.com/v1".to_owned(), Numbers::Shown)
}

/// One that was renewed so many hours ago, and fails for that cause.
fn known(hours: i64, cause: Option<Cause>) -> Renewal {
    let renewed = NOW - SignedDuration::from_hours(hours);
    let message = "SessionCreate: refused, Accessor.LoginInvalid: see https://evil.example".to_owned();
    let since = renewed + SignedDuration::from_hours(6);
    let trouble = cause.map(|cause| Trouble { code: "x".to_owned(), message, cause, since });
    let dead_at = renewed.checked_add(shared::renewal::LIFE).ok();
    Renewal { renewed_at: Some(renewed), dead_at, trouble, ..Renewal::default() }
}

#[test]
fn each_stage_says_what_is_left_and_what_to_do() {
    let told = |known: &Renewal| read_aloud(&words().not_renewed(String::new(), Stage::of(known, NOW), known, NOW));
    insta::assert_snapshot!("failing", told(&known(7, Some(Cause::Login))));
    insta::assert_snapshot!("short", told(&known(19, Some(Cause::Api))));
    insta::assert_snapshot!("dead", told(&known(25, None)));
    let never = Renewal { renewed_at: None, dead_at: None, ..known(0, Some(Cause::Secret)) };
    insta::assert_snapshot!("never", told(&never));
    let well = known(0, None);
    insta::assert_snapshot!("renewed", read_aloud(&words().renewed(String::new(), Stage::Dead, &well)));
    insta::assert_snapshot!("old", read_aloud(&words().old_subscription(String::new(), "300", NOW)));
}

#[test]
fn each_cause_has_its_own_advice() {
    let causes = [Cause::Secret, Cause::Login, Cause::Locked, Cause::Target, Cause::Api];
    let texts: std::collections::BTreeSet<_> = causes.map(advice).into_iter().chain([NO_RUN]).collect();
    assert_eq!(texts.len(), 6);
}

#[test]
fn the_last_six_hours_are_told_from_more() {
    for (hours, cause, stage) in [
        (0, None, Stage::Well),
        (17, None, Stage::Well),
        (17, Some(Cause::Api), Stage::Failing),
        (18, None, Stage::Short),
        (23, Some(Cause::Api), Stage::Short),
        (24, None, Stage::Dead),
    ] {
        assert_eq!(Stage::of(&known(hours, cause), NOW), stage, "{hours} h");
    }
    assert_eq!(Stage::of(&Renewal::default(), NOW), Stage::Well);
}
