//! Exactly one live subscription that is ours, and none of somebody else's touched.

use jiff::SignedDuration;
use onsip_api::{Action, Delete, Expired, Field};

use super::scene::{NAME, Scene, TOKEN, URL, fault};

#[tokio::test]
async fn one_is_added_and_then_renewed_for_as_long_as_it_runs() {
    for fields in [vec![], vec![Field::Name], vec![Field::TargetUrl], vec![Field::Name, Field::TargetUrl]] {
        let scene = Scene::start(|knobs| knobs.fields = fields).await;
        for _ in 0..5 {
            scene.renewed().await;
            scene.hours_pass(6);
        }
        let record = scene.record();
        assert_eq!(record.live(URL).count(), 1);
        assert_eq!((record.silent(URL), record.doubled(URL)), (vec![], vec![]));
        let asked = [Action::SessionCreate, Action::WebhookSubscriptionAdd, Action::WebhookSubscriptionRenew];
        assert_eq!(asked.map(|action| record.count(action)), [5, 1, 4]);
        let ours = record.live(URL).next().unwrap();
        assert_eq!((ours.name.as_str(), ours.target.as_str()), (NAME, format!("{URL}?token={TOKEN}").as_str()));
        let known = scene.known().await;
        assert_eq!(known.subscription.unwrap().id, ours.id);
        assert_eq!((known.trouble, known.leased_until, known.adding), (None, None, None));
    }
}

#[tokio::test]
async fn ours_behind_a_page_of_others_is_found_and_the_others_stay_as_they_are() {
    let scene = Scene::start(|_| ()).await;
    for number in 0..21 {
        scene.api.add(&format!("somebody's {number}"), &format!("https://example.org/{number}?token={TOKEN}"));
    }
    scene.renewed().await;
    scene.hours_pass(6);
    scene.renewed().await;
    assert_eq!(scene.live().len(), 1);
    assert_eq!(scene.count(Action::WebhookSubscriptionAdd), 1);
    let record = scene.record();
    let others: Vec<_> = record.subscriptions.iter().filter(|one| one.place() != URL).collect();
    assert_eq!(others.len(), 21);
    assert!(others.iter().all(|one| !one.deleted && one.renewed.is_empty()));
}

#[tokio::test]
async fn one_that_nobody_remembers_is_known_by_its_url_where_lists_show_it() {
    let scene = Scene::start(|knobs| knobs.fields = vec![Field::TargetUrl]).await;
    let by_hand = scene.add("by hand", TOKEN);
    scene.renewed().await;
    assert_eq!(scene.live(), [by_hand]);
    assert_eq!(scene.count(Action::WebhookSubscriptionAdd), 0);
}

#[tokio::test]
async fn one_that_nobody_remembers_is_replaced_where_lists_show_only_its_name() {
    let scene = Scene::start(|knobs| knobs.fields = vec![Field::Name]).await;
    let (ours, others) = (scene.add(NAME, "who knows"), scene.add("trunkline", TOKEN));
    scene.renewed().await;
    let live = scene.live();
    assert_eq!(live.len(), 2, "somebody's of another name stays");
    assert!(live.contains(&others) && !live.contains(&ours), "{live:?}");
}

#[tokio::test]
async fn a_changed_token_adds_the_new_one_before_the_old_one_goes() {
    for fields in [vec![], vec![Field::TargetUrl]] {
        let scene = Scene::start(|knobs| knobs.fields = fields).await;
        scene.renewed().await;
        let old = scene.live();
        scene.secret(super::scene::PASSWORD, "another");
        scene.renewed().await;
        let record = scene.record();
        let live: Vec<_> = record.live(URL).collect();
        assert_eq!(live.len(), 1);
        assert!(live[0].target.ends_with("?token=another") && !old.contains(&live[0].id));
        assert_eq!(record.silent(URL), []);
        assert!(scene.known().await.retired.is_empty());
    }
}

#[tokio::test]
async fn the_old_one_is_renewed_for_as_long_as_the_new_one_can_t_be_added() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    let old = scene.live();
    scene.secret(super::scene::PASSWORD, "another");
    scene.api.turn(|knobs| knobs.refuse(Action::WebhookSubscriptionAdd));
    for _ in 0..5 {
        scene.hours_pass(6);
        assert_eq!(scene.failed().await.code(), "Action.Refused");
    }
    assert_eq!((scene.live(), scene.record().silent(URL)), (old, vec![]));
    assert!(scene.known().await.dead_at.unwrap() > scene.now() + SignedDuration::from_hours(23));
    scene.api.turn(|knobs| knobs.refuse.clear());
    scene.renewed().await;
    assert!(scene.record().live(URL).all(|one| one.target.ends_with("another")));
}

#[tokio::test]
async fn an_old_one_that_the_api_will_not_delete_is_remembered_until_it_is_gone() {
    let scene = Scene::start(|knobs| knobs.delete = Delete::Unknown).await;
    scene.renewed().await;
    let old = scene.live().remove(0);
    scene.secret(super::scene::PASSWORD, "another");
    scene.renewed().await;
    let known = scene.known().await;
    assert_eq!(known.retired.keys().collect::<Vec<_>>(), [&old]);
    assert!(known.retired[&old] > scene.now() && known.trouble.is_none());
    scene.hours_pass(18);
    scene.renewed().await;
    scene.hours_pass(7);
    scene.renewed().await;
    assert!(scene.known().await.retired.is_empty());
    assert_eq!(scene.live().len(), 1);
}

#[tokio::test]
async fn an_old_one_is_deleted_by_the_next_run_if_this_one_could_not() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    scene.secret(super::scene::PASSWORD, "another");
    scene.api.turn(|knobs| knobs.refuse(Action::WebhookSubscriptionDelete));
    scene.renewed().await;
    assert_eq!(scene.live().len(), 2);
    scene.api.turn(|knobs| knobs.refuse.clear());
    scene.renewed().await;
    assert_eq!(scene.live().len(), 1);
    assert_eq!(scene.count(Action::WebhookSubscriptionAdd), 2);
}

#[tokio::test]
async fn where_nothing_is_deleted_refusals_do_not_pile_up_subscriptions() {
    let scene = Scene::start(|knobs| knobs.delete = Delete::Unknown).await;
    scene.renewed().await;
    scene.api.turn(|knobs| knobs.refuse(Action::WebhookSubscriptionRenew));
    for added in [2, 2, 2, 3] {
        scene.hours_pass(6);
        scene.run().await;
        assert_eq!(scene.count(Action::WebhookSubscriptionAdd), added);
    }
    assert_eq!((scene.record().silent(URL), scene.live().len()), (vec![], 2));
}

#[tokio::test]
async fn of_two_of_ours_the_younger_is_renewed_and_the_other_deleted() {
    let scene = Scene::start(|knobs| knobs.fields = vec![Field::TargetUrl]).await;
    scene.renewed().await;
    let younger = scene.add("by hand", TOKEN);
    scene.renewed().await;
    assert_eq!(scene.live(), [younger]);
}

#[tokio::test]
async fn the_remembered_one_is_not_given_up_before_another_one_is_renewed() {
    let scene = Scene::start(|knobs| knobs.fields = vec![Field::TargetUrl]).await;
    scene.renewed().await;
    let before = scene.known().await;
    scene.add("by hand", TOKEN);
    let answer = onsip_api::FaultyAnswer::Cut;
    scene.api.turn(|knobs| fault(knobs, Action::WebhookSubscriptionRenew, answer, onsip_api::CarriedOut::No));
    scene.failed().await;
    let known = scene.known().await;
    assert_eq!((known.subscription, known.retired), (before.subscription, before.retired));
    assert_eq!(scene.count(Action::WebhookSubscriptionRenew), 2, "both were tried");
}

#[tokio::test]
async fn after_its_death_it_is_added_anew() {
    for expired in [Expired::Gone, Expired::Listed] {
        for fields in [vec![], vec![Field::TargetUrl]] {
            let scene = Scene::start(|knobs| (knobs.expired, knobs.fields) = (expired, fields)).await;
            scene.renewed().await;
            scene.hours_pass(25);
            assert_eq!(scene.live(), Vec::<String>::new());
            scene.renewed().await;
            assert_eq!(scene.live().len(), 1, "{expired:?}");
            scene.hours_pass(6);
            scene.renewed().await;
            assert_eq!(scene.count(Action::WebhookSubscriptionAdd), 2);
        }
    }
}

#[tokio::test]
async fn two_runs_at_a_time_are_one() {
    let scene = Scene::start(|_| ()).await;
    let runs = tokio::join!(scene.run(), scene.run());
    let is_busy = |run: &renew::Run| matches!(run, renew::Run::Busy);
    assert!(is_busy(&runs.0) != is_busy(&runs.1), "{runs:?}");
    assert_eq!((scene.count(Action::SessionCreate), scene.live().len()), (1, 1));
    scene.renewed().await;
}
