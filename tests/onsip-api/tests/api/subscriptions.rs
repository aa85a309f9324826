//! How subscriptions live, and how they are shown. Targets are not probed here.

use std::time::Duration;

use onsip_api::{AddAnswer, Delete, Expired, Field, Knobs, OnsipApi, Probe, Renewal};
use serde_json::{Value, json};

use super::client::{Client, result};

const TARGET: &str = "https://example.com/webhooks/onsip/call?token=secret";
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn start() -> (OnsipApi, Client, String) {
    let api = OnsipApi::start(0).await.unwrap();
    api.turn(|knobs| {
        knobs.probe = Probe::Skipped;
        knobs.session_seconds = 60 * 24 * 60 * 60;
    });
    let client = Client::new(&api);
    let session = client.log_in().await;
    (api, client, session)
}

async fn add(client: &Client, session: &str) -> String {
    let added = client.webhook(session, "Add", &[("Name", "trunkline"), ("TargetUrl", TARGET)]).await.unwrap();
    added["WebhookSubscription"]["WebhookSubscriptionId"].as_str().unwrap().to_owned()
}

async fn listed(client: &Client, session: &str) -> Value {
    client.webhook(session, "Browse", &[]).await.unwrap()["WebhookSubscriptions"].clone()
}

#[tokio::test]
async fn a_subscription_dies_after_24_hours_unless_it_is_renewed() {
    let (api, client, session) = start().await;
    let id = add(&client, &session).await;
    api.advance(23 * HOUR);
    let renewed = client.webhook(&session, "Renew", &[("WebhookSubscriptionId", &id)]).await.unwrap();
    assert_eq!(renewed, json!({ "WebhookSubscription": { "WebhookSubscriptionId": id } }));
    api.advance(23 * HOUR);
    assert_eq!(api.record().live(TARGET).count(), 1);
    api.advance(HOUR);
    assert_eq!(api.record().live(TARGET).count(), 0);
    for action in ["Renew", "Read", "Delete"] {
        let refused = client.webhook(&session, action, &[("WebhookSubscriptionId", &id)]).await;
        assert_eq!(refused, Err("WebhookSubscription.NotFound".to_owned()), "{action}");
    }
    assert_eq!(listed(&client, &session).await, json!({}));
}

#[tokio::test]
async fn an_expired_one_can_be_listed_and_revived() {
    let (api, client, session) = start().await;
    api.turn(|knobs| {
        knobs.lifetime_seconds = 60;
        knobs.expired = Expired::Listed;
    });
    let id = add(&client, &session).await;
    api.advance(Duration::from_secs(90));
    assert_eq!(listed(&client, &session).await["WebhookSubscription"]["WebhookSubscriptionId"], id.as_str());
    let renew = [("WebhookSubscriptionId", id.as_str())];
    assert!(client.webhook(&session, "Renew", &renew).await.is_err());
    api.turn(|knobs| knobs.renewal = Renewal::Revives);
    client.webhook(&session, "Renew", &renew).await.unwrap();
    let record = api.record();
    assert_eq!(record.live(TARGET).count(), 1);
    let silent = record.silent(TARGET);
    assert_eq!(silent.len(), 1);
    assert!((30..35).contains(&silent[0].length().as_secs()), "{silent:?}");
}

#[tokio::test]
async fn two_that_live_at_once_are_noticed_until_one_is_deleted() {
    let (api, client, session) = start().await;
    let first = add(&client, &session).await;
    api.advance(HOUR);
    let _ = add(&client, &session).await;
    assert_eq!(api.record().live("https://example.com/webhooks/onsip/call?token=another").count(), 2);
    api.advance(HOUR);
    client.webhook(&session, "Delete", &[("WebhookSubscriptionId", &first)]).await.unwrap();
    api.advance(HOUR);
    let record = api.record();
    assert_eq!((record.live(TARGET).count(), record.silent(TARGET)), (1, vec![]));
    let doubled = record.doubled(TARGET);
    assert_eq!(doubled.len(), 1);
    assert!((3600..3605).contains(&doubled[0].length().as_secs()), "{doubled:?}");
}

#[tokio::test]
async fn a_list_is_an_empty_object_an_object_or_an_array() {
    let (_api, client, session) = start().await;
    assert_eq!(listed(&client, &session).await, json!({}));
    let first = add(&client, &session).await;
    assert_eq!(listed(&client, &session).await, json!({ "WebhookSubscription": { "WebhookSubscriptionId": first } }));
    let second = add(&client, &session).await;
    let both = [json!({ "WebhookSubscriptionId": first }), json!({ "WebhookSubscriptionId": second })];
    assert_eq!(listed(&client, &session).await, json!({ "WebhookSubscription": both }));
}

#[tokio::test]
async fn a_page_holds_20_without_a_limit() {
    let (api, client, session) = start().await;
    let ids: Vec<_> = (0..41).map(|n| api.add(&format!("other {n}"), "https://other.example.com/")).collect();
    for (page, expected) in [
        (vec![], &ids[..20]),
        (vec![("Offset", "20")], &ids[20..40]),
        (vec![("Offset", "40")], &ids[40..]),
        (vec![("Offset", "41")], &[]),
        (vec![("Limit", "25000")], &ids[..]),
        (vec![("Limit", "2"), ("Offset", "1")], &ids[1..3]),
    ] {
        let found = client.webhook(&session, "Browse", &page).await.unwrap();
        assert_eq!(found["Found"], "41");
        let shown = match &found["WebhookSubscriptions"]["WebhookSubscription"] {
            Value::Array(several) => several.clone(),
            Value::Null => vec![],
            one => vec![one.clone()],
        };
        let shown: Vec<_> = shown.iter().map(|one| one["WebhookSubscriptionId"].as_str().unwrap()).collect();
        assert_eq!(shown, expected, "{page:?}");
    }
    let refused = client.webhook(&session, "Browse", &[("Limit", "25001")]).await;
    assert_eq!(refused, Err("Integer.TooBig".to_owned()));
}

/// Adds one with those knobs; the answers to Add and to Read.
async fn shown(turn: impl FnOnce(&mut Knobs)) -> (Value, Value) {
    let (api, client, session) = start().await;
    api.turn(turn);
    let added = client.webhook(&session, "Add", &[("Name", "trunkline"), ("TargetUrl", TARGET)]).await.unwrap();
    let id = api.record().subscriptions[0].id.clone();
    (added, client.webhook(&session, "Read", &[("WebhookSubscriptionId", &id)]).await.unwrap())
}

#[tokio::test]
async fn what_is_shown_beside_the_id_is_a_knob_and_so_is_the_id_that_add_gives() {
    let alone = json!({ "WebhookSubscription": { "WebhookSubscriptionId": "300" } });
    assert_eq!(shown(|_| ()).await, (alone.clone(), alone.clone()));
    let (added, read) = shown(|knobs| knobs.fields = vec![Field::Name, Field::TargetUrl]).await;
    assert_eq!(added, read);
    assert_eq!(read["WebhookSubscription"]["Name"], "trunkline");
    assert_eq!(read["WebhookSubscription"]["TargetUrl"], TARGET);
    let (_, masked) = shown(|knobs| knobs.fields = vec![Field::MaskedTargetUrl]).await;
    assert_eq!(masked["WebhookSubscription"]["TargetUrl"], TARGET.replace("secret", "******"));
    assert_eq!(shown(|knobs| knobs.add_answer = AddAnswer::WithoutId).await, (json!({}), alone));
}

#[tokio::test]
async fn delete_may_be_no_action_at_all() {
    let (api, client, session) = start().await;
    let id = add(&client, &session).await;
    api.turn(|knobs| knobs.delete = Delete::Unknown);
    let parameters = [("SessionId", session.as_str()), ("WebhookSubscriptionId", &id)];
    let reply = client.ask("WebhookSubscriptionDelete", &parameters).await;
    assert_eq!(result(&reply, "WebhookSubscriptionDelete"), Err("Action.Unknown".to_owned()));
    assert_eq!(api.record().live(TARGET).count(), 1);
}

#[tokio::test]
async fn another_organization_is_not_ours_to_look_at() {
    let (_api, client, session) = start().await;
    let parameters = [("SessionId", session.as_str()), ("OrganizationId", "40")];
    let reply = client.ask("WebhookSubscriptionBrowse", &parameters).await;
    assert_eq!(reply["Context"]["Action"]["Errors"]["Error"]["Code"], "AccountAuthorization.Required");
    assert_eq!(reply["Context"]["Request"]["IsValid"], "true");
}
