//! A renewer, the stand-in that it speaks to, its secret and its table.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use local::BareDatabase;
use onsip_api::{Action, Fault, FaultyAnswer, Knobs, OnsipApi, Probe, Record};
use renew::{Failure, Renew, RenewSettings, Run};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::renewal::{KEY, Renewal};
use tests::secrets::SecretsManager;

/// Our URL. Nobody is there: the stand-in does not probe it.
pub(super) const URL: &str = "https://receiver.example.com/v1/webhooks/onsip/call";
pub(super) const NAME: &str = "trunkline-us-east-1-123456789012-trunkline";
pub(super) const TOKEN: &str = "mark-token-7c1";
pub(super) const USERNAME: &str = "mark-user-7c1@example.onsip.com";
pub(super) const PASSWORD: &str = "mark-pass  w&rd-7c1";
pub(super) const ORGANIZATION: &str = "702170217021";

pub(super) struct Scene {
    pub(super) api: OnsipApi,
    pub(super) secrets: SecretsManager,
    pub(super) renew: Renew,
    aws: Aws,
    began: Timestamp,
    _database: BareDatabase,
}

impl Scene {
    /// A renewer that has not run, and an API without a subscription.
    pub(super) async fn start(change: impl FnOnce(&mut Knobs)) -> Self {
        let (database, secrets) = (BareDatabase::start().await.unwrap(), SecretsManager::start());
        let api = OnsipApi::start(0).await.unwrap();
        api.turn(|knobs| {
            (knobs.username, knobs.password) = (USERNAME.to_owned(), PASSWORD.to_owned());
            knobs.organization_ids = vec![ORGANIZATION.to_owned()];
            knobs.probe = Probe::Skipped;
            change(knobs);
        });
        let (dynamodb, secretsmanager, onsip) = (database.url(), secrets.url(), api.url());
        let lookup = |name: &str| {
            let value = match name {
                "AWS_ENDPOINT_URL_DYNAMODB" => &dynamodb,
                "AWS_ENDPOINT_URL_SECRETSMANAGER" => &secretsmanager,
                "ONSIP_API" => &onsip,
                "ONSIP_URL" => URL,
                "SUBSCRIPTION_NAME" => NAME,
                "ALERTS_TABLE" => "AlertsTable",
                "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "ONSIP_SECRET_ARN" => "us-east-1",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let aws = Aws::read(&lookup).unwrap().with_time(Duration::from_secs(20), Duration::from_secs(20));
        let renew = Renew::new(RenewSettings::read(&lookup).unwrap(), &aws).unwrap();
        let scene = Self { api, secrets, renew, aws, began: Timestamp::UNIX_EPOCH, _database: database };
        scene.secret(PASSWORD, TOKEN);
        scene
    }

    /// Puts a new version of the secret.
    pub(super) fn secret(&self, password: &str, token: &str) {
        let secret = json!({ "username": USERNAME, "password": password, "token": token });
        self.secrets.put(secret.to_string());
    }

    /// The time by the stand-in's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.began + SignedDuration::try_from(self.api.record().now).unwrap()
    }

    /// A run, now.
    pub(super) async fn run(&self) -> Run {
        self.renew.run(self.now()).await.unwrap()
    }

    pub(super) async fn renewed(&self) {
        let run = self.run().await;
        assert!(matches!(run, Run::Renewed), "{run:?}");
    }

    pub(super) async fn failed(&self) -> Failure {
        let Run::Failed(failure) = self.run().await else { panic!("it did not fail") };
        failure
    }

    pub(super) fn hours_pass(&self, hours: u64) {
        self.api.advance(Duration::from_secs(hours * 3600));
    }

    /// What is remembered, as it stands in the table.
    pub(super) async fn item(&self) -> Value {
        let request = self.aws.dynamodb().get_item().table_name("AlertsTable");
        let item = request.key("pk", AttributeValue::S(KEY.to_owned())).send().await.unwrap().item.unwrap();
        assert_eq!(item.len(), 4, "{item:?}");
        serde_json::from_str(item["renewal"].as_s().unwrap()).unwrap()
    }

    pub(super) async fn known(&self) -> Renewal {
        serde_json::from_value(self.item().await).unwrap()
    }

    /// What happened, once it is sure that all sessions are closed and no login came while logins were locked.
    pub(super) fn record(&self) -> Record {
        let record = self.api.record();
        assert!(record.open_sessions.is_empty(), "{:?}", record.open_sessions);
        assert_eq!((record.logins_while_locked, record.strays), (0, 0));
        record
    }

    /// The ids of ours that live.
    pub(super) fn live(&self) -> Vec<String> {
        self.record().live(URL).map(|one| one.id.clone()).collect()
    }

    /// How often that was asked for.
    pub(super) fn count(&self, action: Action) -> usize {
        self.api.record().count(action)
    }

    /// Ours with another token, or of before: added by somebody else than the renewer.
    pub(super) fn add(&self, name: &str, token: &str) -> String {
        self.api.add(name, &format!("{URL}?token={token}"))
    }
}

/// Every bad answer that comes at once.
pub(super) const BAD: [FaultyAnswer; 9] = [
    FaultyAnswer::Half,
    FaultyAnswer::Cut,
    FaultyAnswer::Xml,
    FaultyAnswer::Html,
    FaultyAnswer::Redirect,
    FaultyAnswer::Status(404),
    FaultyAnswer::Status(503),
    FaultyAnswer::Large,
    FaultyAnswer::Exception,
];

/// Answers that action badly, whether or not it is carried out.
pub(super) fn fault(knobs: &mut Knobs, action: Action, answer: FaultyAnswer, carried_out: onsip_api::CarriedOut) {
    knobs.faults = [(action, Fault { answer, carried_out })].into();
}
