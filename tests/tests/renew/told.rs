//! What people are told of the subscription, and what not.

use std::time::Duration;

use onsip_api::{Action, CarriedOut, Delete, FaultyAnswer};

use super::scene::{PASSWORD, Scene, TOKEN, fault};

/// Nobody is told anything.
const SILENT: (Vec<String>, usize) = (Vec::new(), 0);

fn mail(subject: &str) -> (Vec<String>, usize) {
    (vec![subject.to_owned()], 0)
}

fn urgent(subject: &str) -> (Vec<String>, usize) {
    (vec![subject.to_owned()], 1)
}

#[tokio::test]
async fn success_is_silent() {
    let scene = Scene::start(|_| ()).await;
    assert_eq!(scene.tick().await, SILENT);
    for _ in 0..8 {
        scene.renewed().await;
        assert_eq!(scene.tick().await, SILENT);
        scene.hours_pass(6);
        assert_eq!(scene.tick().await, SILENT);
    }
}

#[tokio::test]
async fn the_first_failure_the_last_hours_the_death_and_the_recovery_are_told_once_each() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    scene.api.turn(|knobs| fault(knobs, Action::SessionCreate, FaultyAnswer::Status(503), CarriedOut::No));
    let mut told = Vec::new();
    // A day and a half by the hour; a run every six hours.
    for hour in 1..=36 {
        scene.hours_pass(1);
        if hour % 6 == 0 {
            scene.failed().await;
        }
        let new = scene.tick().await;
        assert_eq!(scene.tick().await, SILENT, "once");
        told.extend((new != SILENT).then_some((hour, new)));
    }
    let dead = "OnSIP's subscription is dead: nothing is delivered";
    let expected = [
        (6, mail("OnSIP's subscription was not renewed: 17 h 59 min left")),
        (18, urgent("OnSIP's subscription dies in 5 h 59 min")),
        (24, urgent(dead)),
    ];
    assert_eq!(told, expected);
    scene.api.turn(|knobs| knobs.faults.clear());
    scene.renewed().await;
    assert_eq!(scene.tick().await, urgent("OnSIP's subscription is renewed again"));
    assert_eq!(scene.tick().await, SILENT);
    let [(alarm, woken), (ok, ended)] = scene.paged().try_into().unwrap();
    assert_eq!((alarm.as_str(), ok.as_str(), &woken), ("ALARM", "OK", &ended), "once, however bad it gets");
}

#[tokio::test]
async fn a_failure_that_is_made_up_for_is_told_and_its_end_too_without_an_sms() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    let refused = [Action::WebhookSubscriptionBrowse, Action::WebhookSubscriptionRenew];
    scene.api.turn(|knobs| refused.into_iter().for_each(|action| knobs.refuse(action)));
    scene.failed().await;
    assert_eq!(scene.tick().await.1, 0);
    scene.api.turn(|knobs| knobs.refuse.clear());
    scene.renewed().await;
    assert_eq!(scene.tick().await, mail("OnSIP's subscription is renewed again"));
}

#[tokio::test]
async fn a_renewer_that_does_not_run_is_told_by_the_clock() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    scene.hours_pass(17);
    assert_eq!(scene.tick().await, SILENT);
    scene.hours_pass(1);
    assert_eq!(scene.tick().await.1, 1);
    let told = scene.stack.published().into_iter().find(|one| one.topic == "AlertsTopic").unwrap();
    assert!(told.message.contains("see the log of the function Renew"), "{}", told.message);
}

#[tokio::test]
async fn one_that_never_was_is_told_with_what_is_to_be_done() {
    let scene = Scene::start(|_| ()).await;
    scene.secret("wrong", TOKEN);
    scene.failed().await;
    assert_eq!(scene.tick().await, mail("OnSIP is not subscribed: nothing is delivered"));
    let told = scene.stack.published().into_iter().find(|one| one.topic == "AlertsTopic").unwrap();
    assert!(told.message.contains("put the right user name and password into the secret"), "{}", told.message);
}

#[tokio::test]
async fn an_old_one_that_is_not_deleted_is_told_once_while_it_lives() {
    let scene = Scene::start(|knobs| knobs.delete = Delete::Unknown).await;
    scene.renewed().await;
    assert_eq!(scene.tick().await, SILENT);
    scene.secret(PASSWORD, "another");
    for _ in 0..5 {
        scene.renewed().await;
        let told = scene.tick().await;
        let first = scene.count(Action::SessionCreate) == 2;
        let expected = if first { mail("An old subscription at OnSIP could not be deleted") } else { SILENT };
        assert_eq!(told, expected);
        scene.api.advance(Duration::from_secs(6 * 3600));
    }
}
