//! Logins: one a run, and few that are refused.

use std::time::Duration;

use onsip_api::{Action, CarriedOut, FaultyAnswer};

use super::scene::{BAD, PASSWORD, Scene, TOKEN, fault};

#[tokio::test]
async fn no_login_comes_while_logins_are_locked_whatever_wakes_the_renewer() {
    let scene = Scene::start(|knobs| knobs.bad_logins = 1).await;
    scene.secret("wrong", TOKEN);
    assert_eq!(scene.failed().await.code(), "Accessor.LoginInvalid");
    // Somebody else's bad logins lock the account: the next login learns of it, and would be the last to be forgiven.
    scene.secret(PASSWORD, TOKEN);
    let run = scene.failed().await;
    assert_eq!(run.code(), "Accessor.LoginLocked");
    assert_eq!(scene.api.record().logins_while_locked, 1);
    for minutes in [0, 1, 8, 1] {
        scene.api.advance(Duration::from_secs(minutes * 60));
        assert_eq!(scene.failed().await.code(), "LoginsLocked");
    }
    assert_eq!(scene.count(Action::SessionCreate), 2);
    scene.api.advance(Duration::from_secs(60));
    let run = scene.run().await;
    assert!(matches!(run, renew::Run::Renewed), "{run:?}");
}

#[tokio::test]
async fn three_logins_with_one_secret_are_refused_in_a_day_and_no_more() {
    let scene = Scene::start(|knobs| knobs.bad_logins = 9).await;
    scene.secret("wrong", TOKEN);
    let mut codes = Vec::new();
    for _ in 0..7 {
        codes.push(scene.failed().await.code().into_owned());
        scene.hours_pass(3);
    }
    assert_eq!(codes[..3], ["Accessor.LoginInvalid"; 3]);
    assert_eq!(codes[3..], ["LoginsRefused"; 4]);
    assert_eq!(scene.count(Action::SessionCreate), 3);
    assert_eq!(scene.known().await.trouble.unwrap().code, "Accessor.LoginInvalid", "what it waits for is told");
    scene.secret(PASSWORD, TOKEN);
    scene.renewed().await;
    assert_eq!(scene.live().len(), 1);
}

#[tokio::test]
async fn a_refusal_for_another_reason_than_the_password_is_over_when_it_is_over() {
    let scene = Scene::start(|knobs| knobs.refuse(Action::SessionCreate)).await;
    for _ in 0..4 {
        assert_eq!(scene.failed().await.code(), "Action.Refused");
        assert_eq!(scene.known().await.trouble.unwrap().cause, shared::renewal::Cause::Api);
        scene.hours_pass(6);
    }
    scene.api.turn(|knobs| knobs.refuse.clear());
    scene.renewed().await;
}

#[tokio::test]
async fn an_api_that_is_down_costs_no_login() {
    let scene = Scene::start(|_| ()).await;
    for answer in BAD {
        scene.api.turn(|knobs| fault(knobs, Action::SessionCreate, answer, CarriedOut::No));
        scene.failed().await;
    }
    assert_eq!(scene.known().await.logins.refused, []);
    scene.api.turn(|knobs| knobs.faults.clear());
    scene.renewed().await;
}

#[tokio::test]
async fn a_secret_that_can_t_be_used_is_told_without_a_login() {
    let scene = Scene::start(|_| ()).await;
    scene.secrets.put("{}");
    assert_eq!(scene.failed().await.code(), "SecretIncomplete");
    assert_eq!(scene.known().await.trouble.unwrap().code, "SecretIncomplete");
    assert_eq!(scene.count(Action::SessionCreate), 0);
}

#[tokio::test]
async fn a_session_that_is_not_closed_is_no_failure() {
    let scene = Scene::start(|_| ()).await;
    scene.api.turn(|knobs| fault(knobs, Action::SessionDestroy, FaultyAnswer::Status(503), CarriedOut::Yes));
    scene.renewed().await;
    assert_eq!(scene.count(Action::SessionDestroy), 1);
}
