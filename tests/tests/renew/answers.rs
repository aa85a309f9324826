//! What the API does not answer as it should.

use onsip_api::{Action, AddAnswer, CarriedOut, FaultyAnswer, Field, Place, Refusal};
use renew::Failure;

use super::scene::{BAD, PASSWORD, Scene, URL, fault};

#[tokio::test]
async fn a_renewal_that_is_refused_in_whatever_way_is_made_up_for_by_a_new_one() {
    let refusals = [Place::Request, Place::Action].map(|place| Refusal { place, ..Refusal::default() });
    for fields in [vec![], vec![Field::TargetUrl]] {
        let scene = Scene::start(|knobs| knobs.fields = fields).await;
        scene.renewed().await;
        for refusal in refusals.clone() {
            scene.api.turn(|knobs| knobs.refuse = [(Action::WebhookSubscriptionRenew, refusal)].into());
            let before = scene.live();
            scene.renewed().await;
            assert!(scene.live().len() == 1 && scene.live() != before);
            scene.api.turn(|knobs| knobs.refuse.clear());
        }
        for answer in BAD.into_iter().filter(|answer| *answer != FaultyAnswer::Cut) {
            scene.api.turn(|knobs| fault(knobs, Action::WebhookSubscriptionRenew, answer, CarriedOut::No));
            let before = scene.live();
            scene.renewed().await;
            assert!(scene.live().len() == 1 && scene.live() != before, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_renewal_without_an_answer_waits_for_the_next_run_while_there_is_one_before_the_death() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    let ours = scene.live();
    scene.api.turn(|knobs| fault(knobs, Action::WebhookSubscriptionRenew, FaultyAnswer::Cut, CarriedOut::No));
    for _ in 0..2 {
        scene.hours_pass(6);
        assert_eq!(scene.failed().await.code(), "Unreachable");
        assert_eq!(scene.live(), ours);
    }
    // The next run may be too late.
    scene.hours_pass(6);
    scene.renewed().await;
    assert!(scene.live().len() == 1 && scene.live() != ours);
}

#[tokio::test]
async fn one_that_was_added_without_an_answer_that_says_so_is_found_and_not_added_again() {
    for fields in [vec![], vec![Field::Name], vec![Field::TargetUrl]] {
        for answer in BAD.map(Some).into_iter().chain([None]) {
            let scene = Scene::start(|knobs| knobs.fields = fields.clone()).await;
            scene.api.add("somebody's", "https://example.org/?token=x");
            scene.api.turn(|knobs| match answer {
                Some(answer) => fault(knobs, Action::WebhookSubscriptionAdd, answer, CarriedOut::Yes),
                None => knobs.add_answer = AddAnswer::WithoutId,
            });
            scene.renewed().await;
            assert_eq!(scene.live().len(), 1, "{answer:?}");
            scene.renewed().await;
            let asked = [Action::WebhookSubscriptionAdd, Action::WebhookSubscriptionRenew];
            assert_eq!(asked.map(|action| scene.count(action)), [1, 1], "{fields:?} {answer:?}");
        }
    }
}

#[tokio::test]
async fn one_that_was_not_added_is_added_by_the_next_run() {
    for answer in BAD.into_iter() {
        let scene = Scene::start(|_| ()).await;
        scene.api.turn(|knobs| fault(knobs, Action::WebhookSubscriptionAdd, answer, CarriedOut::No));
        let failure = scene.failed().await;
        assert!(matches!(failure, Failure::Api(_) | Failure::Unlisted), "{failure:?}");
        assert_eq!(scene.known().await.trouble.unwrap().code, failure.code());
        scene.api.turn(|knobs| knobs.faults.clear());
        scene.renewed().await;
        assert_eq!(scene.live().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn what_somebody_adds_after_an_add_that_came_to_nothing_stays_somebody_s() {
    let scene = Scene::start(|_| ()).await;
    scene.api.turn(|knobs| fault(knobs, Action::WebhookSubscriptionAdd, FaultyAnswer::Status(503), CarriedOut::No));
    scene.failed().await;
    scene.api.add("somebody's", "https://example.org/?token=x");
    scene.api.turn(|knobs| knobs.faults.clear());
    scene.renewed().await;
    let record = scene.record();
    let theirs = record.subscriptions.iter().find(|one| one.place() != URL).unwrap();
    assert!(theirs.renewed.is_empty() && !theirs.deleted && record.live(URL).count() == 1);
}

#[tokio::test]
async fn a_target_that_the_api_does_not_accept_is_told_and_nothing_else_is_tried() {
    let scene = Scene::start(|knobs| knobs.refuse(Action::WebhookSubscriptionAdd)).await;
    let failure = scene.failed().await;
    assert_eq!(failure.code(), "Action.Refused");
    assert_eq!(scene.count(Action::WebhookSubscriptionAdd), 1);
    let known = scene.known().await;
    assert_eq!((known.adding, known.dead_at), (None, None));
    let trouble = known.trouble.unwrap();
    assert_eq!(trouble.message, "WebhookSubscriptionAdd: refused, Action.Refused: Please try again later.");
}

#[tokio::test]
async fn where_nobody_can_tell_what_there_is_the_remembered_one_is_renewed() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    let ours = scene.live();
    for action in [Action::WebhookSubscriptionBrowse, Action::UserRead] {
        for answer in BAD {
            scene.hours_pass(6);
            scene.api.turn(|knobs| fault(knobs, action, answer, CarriedOut::Yes));
            scene.renewed().await;
            assert_eq!(scene.live(), ours, "{answer:?}");
        }
    }
    assert_eq!(scene.count(Action::WebhookSubscriptionAdd), 1);
}

#[tokio::test]
async fn without_a_list_a_changed_token_is_no_success_though_the_old_one_lives() {
    let scene = Scene::start(|_| ()).await;
    scene.renewed().await;
    scene.secret(PASSWORD, "another");
    scene.api.turn(|knobs| knobs.refuse(Action::WebhookSubscriptionBrowse));
    for _ in 0..5 {
        scene.hours_pass(6);
        scene.failed().await;
    }
    assert_eq!((scene.live().len(), scene.record().silent(URL)), (1, vec![]));
}

#[tokio::test]
async fn a_run_ends_in_time_and_logs_out_however_slow_the_api_is() {
    let scene = Scene::start(|knobs| {
        let slow = onsip_api::Fault { answer: FaultyAnswer::Slow(9), carried_out: CarriedOut::Yes };
        knobs.fault_everywhere(slow);
    })
    .await;
    assert!(matches!(scene.failed().await, Failure::OverTime));
    let asked = [Action::SessionCreate, Action::SessionDestroy];
    assert_eq!(asked.map(|action| scene.count(action)), [1, 1]);
    assert_eq!(scene.known().await.leased_until, None);
}
