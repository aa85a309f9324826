//! A renewer, the stand-in that it speaks to, its secret, and a stack with its table and a `notify` of the test's own.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use local::{Options, Stack};
use notify::{Notify, NotifySettings};
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
    pub(super) stack: Stack,
    pub(super) notify: Notify,
    aws: Aws,
    began: Timestamp,
}

impl Scene {
    /// A renewer that has not run, and an API without a subscription.
    pub(super) async fn start(change: impl FnOnce(&mut Knobs)) -> Self {
        let (stack, secrets, api) = (stack().await, SecretsManager::start(), OnsipApi::start(0).await.unwrap());
        api.turn(|knobs| {
            (knobs.username, knobs.password) = (USERNAME.to_owned(), PASSWORD.to_owned());
            knobs.organization_ids = vec![ORGANIZATION.to_owned()];
            knobs.probe = Probe::Skipped;
            change(knobs);
        });
        let settings = settings(&stack, &secrets, &api);
        let lookup = |name: &str| settings.get(name).cloned();
        let aws = Aws::read(&lookup).unwrap().with_time(Duration::from_secs(20), Duration::from_secs(20));
        let renew = Renew::new(RenewSettings::read(&lookup).unwrap(), &aws).unwrap();
        let notify = Notify::new(NotifySettings::read(&lookup).unwrap(), &aws);
        let scene = Self { api, secrets, renew, stack, notify, aws, began: Timestamp::UNIX_EPOCH };
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

    /// A tick of `notify`, now: the subjects that it sends by e-mail, and how many by SMS.
    pub(super) async fn tick(&self) -> (Vec<String>, usize) {
        let before = self.stack.published().len();
        self.notify.handle(json!({}), self.now()).await.unwrap();
        let all = self.stack.published();
        let new = all.iter().take(all.len() - before).rev();
        let mails = new.clone().filter(|one| one.topic == "AlertsTopic");
        let subjects = mails.map(|one| one.subject.clone().unwrap()).collect();
        (subjects, new.filter(|one| one.topic == "UrgentTopic").count())
    }

    /// What an on-call tool got: each state, and of what.
    pub(super) fn paged(&self) -> Vec<(String, String)> {
        let pages = self.stack.published().into_iter().rev().filter(|one| one.topic == "PagesTopic");
        let states = pages.map(|one| tests::forms::page(&one.message));
        let word = |page: &Value, name: &str| page[name].as_str().unwrap().to_owned();
        states.map(|page| (word(&page, "NewStateValue"), word(&page, "AlarmName"))).collect()
    }

    /// All that the functions keep: the whole alerts table.
    pub(super) async fn kept(&self) -> String {
        let all = self.aws.dynamodb().scan().table_name("AlertsTable").send().await.unwrap();
        format!("{:?}", all.items())
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

/// A stack whose own functions do nothing by themselves.
async fn stack() -> Stack {
    let environment = [("ALERTS_TABLE".to_owned(), "NoSuchTable".to_owned())].into();
    let every = Duration::from_secs(24 * 3600);
    Stack::start(Options { every, environment, ..Options::default() }).await.unwrap()
}

fn settings(stack: &Stack, secrets: &SecretsManager, api: &OnsipApi) -> BTreeMap<String, String> {
    let topic = |name: &str| format!("arn:aws:sns:us-east-1:000000000000:{name}");
    let all = [
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", stack.dynamodb_url().to_owned()),
        ("AWS_ENDPOINT_URL_SNS", stack.sns_url().to_owned()),
        ("AWS_ENDPOINT_URL_SQS", stack.sqs_url().to_owned()),
        ("AWS_ENDPOINT_URL_SECRETSMANAGER", secrets.url()),
        ("ONSIP_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:000000000000:secret:onsip".to_owned()),
        ("ONSIP_API", api.url()),
        ("ONSIP_URL", URL.to_owned()),
        ("SUBSCRIPTION_NAME", NAME.to_owned()),
        ("ALERTS_TABLE", "AlertsTable".to_owned()),
        ("EVENTS_TABLE", "EventsTable".to_owned()),
        ("ALERTS_TOPIC_ARN", topic("AlertsTopic")),
        ("URGENT_TOPIC_ARN", topic("UrgentTopic")),
        ("CHAT_TOPIC_ARN", topic("ChatTopic")),
        ("PAGES_TOPIC_ARN", topic("PagesTopic")),
        ("DEAD_LETTER_QUEUE_URL", stack.sqs_url().to_owned()),
        ("API_URL", stack.url().to_owned()),
        ("RENEWAL", "on".to_owned()),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).into()
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
