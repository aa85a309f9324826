//! The subscription at OnSIP, kept alive by the deployed renewer against the stand-in for OnSIP's API, where it lives for a minute.

use std::net::{Ipv4Addr, SocketAddr};

use onsip_api::{Action, OnsipApi, Record, Route};
use serde_json::{Value, json};
use tests::samples::sample;
use tests::wait;
use tokio::runtime::Runtime;

use super::emulator::Emulator;
use super::given::ONSIP_TOKEN;
use super::inbox::Inbox;
use super::stack::{Api, Stack};

const USERNAME: &str = "renewer@example.onsip.com";
const PASSWORD: &str = "password-of-the-deployment-test";

/// Deploys the renewer with those other parameters. It adds the subscription and renews it; people are told when it can't, and when
/// it can again; without its secret's ARN nothing of it is left.
pub(super) fn renews_itself(stack: &Stack<'_>, inbox: &Inbox<'_>, parameters: &[(&str, &str)]) {
    let (runtime, secret) = (Runtime::new().unwrap(), create_secret(stack.emulator()));
    let onsip = Onsip::start(&runtime, &stack.api());
    let renewing = [("OnsipSecretArn", secret.as_str()), ("OnsipApi", &onsip.api.url())];
    stack.deploy(&[parameters, &renewing].concat());
    onsip.reach(&stack.api());

    let url = stack.output("OnsipUrl");
    wait::until("two renewals in a row", || {
        invoke(stack);
        onsip.record().live(&url).any(|one| one.renewed.len() >= 2).then_some(())
    });
    onsip.delivers(&runtime);

    let refused = [Action::WebhookSubscriptionBrowse, Action::WebhookSubscriptionRenew];
    onsip.api.turn(|knobs| refused.into_iter().for_each(|action| knobs.refuse(action)));
    invoke(stack);
    is_told(inbox, "OnSIP's subscription was not renewed: ");
    onsip.api.turn(|knobs| knobs.refuse.clear());
    invoke(stack);
    is_told(inbox, "OnSIP's subscription is renewed again");
    wait::until("it lives again", || {
        invoke(stack);
        (onsip.record().live(&url).count() == 1).then_some(())
    });
    onsip.delivers(&runtime);
    the_log_has_the_metric_and_no_secret(stack);

    // What is not given keeps its value.
    stack.deploy(&[parameters, &[("OnsipSecretArn", "\"\"")]].concat());
    let functions = stack.emulator().aws("lambda", "list_functions", &json!({})).to_string();
    assert!(!functions.contains("RenewFunction"), "the renewer is still there");
    let gone = json!({"SecretId": secret, "ForceDeleteWithoutRecovery": true});
    stack.emulator().aws("secretsmanager", "delete_secret", &gone);
}

fn create_secret(emulator: &Emulator) -> String {
    let secret = json!({"username": USERNAME, "password": PASSWORD, "token": ONSIP_TOKEN}).to_string();
    let made = emulator.aws("secretsmanager", "create_secret", &json!({"Name": "onsip", "SecretString": secret}));
    made["ARN"].as_str().unwrap().to_owned()
}

/// The stand-in.
struct Onsip {
    api: OnsipApi,
}

impl Onsip {
    fn start(runtime: &Runtime, api: &Api) -> Self {
        let onsip = Self { api: runtime.block_on(OnsipApi::start(0)).unwrap() };
        onsip.api.turn(|knobs| {
            (knobs.username, knobs.password) = (USERNAME.to_owned(), PASSWORD.to_owned());
            knobs.lifetime_seconds = 60;
        });
        onsip.reach(api);
        onsip
    }

    /// Lets its probe and its deliveries go to the emulator, where the stack's https URL is not served.
    fn reach(&self, api: &Api) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, api.port()));
        let route = Route { address, host: api.host().to_owned() };
        self.api.turn(|knobs| knobs.hosts = [(api.public_host().to_owned(), route)].into());
    }

    fn record(&self) -> Record {
        self.api.record()
    }

    /// An event goes to one subscription, and is taken.
    fn delivers(&self, runtime: &Runtime) {
        let event: Value = serde_json::from_slice(&sample("onsip-call.dialog.terminated")).unwrap();
        let delivered = runtime.block_on(self.api.deliver(&event));
        let statuses: Vec<_> = delivered.iter().map(|delivery| delivery.status).collect();
        assert_eq!(statuses, [Some(200)], "{delivered:?}");
    }
}

/// A run, as the schedule wakes it.
fn invoke(stack: &Stack<'_>) {
    let answer = stack.emulator().aws("lambda", "invoke", &json!({"FunctionName": stack.resource("RenewFunction")}));
    assert!(answer["FunctionError"].is_null(), "{answer}");
}

/// By the minute's run of `notify`.
fn is_told(inbox: &Inbox<'_>, beginning: &str) {
    let message = inbox.take_scheduled();
    assert!(message["Subject"].as_str().unwrap().starts_with(beginning), "{message}");
}

fn the_log_has_the_metric_and_no_secret(stack: &Stack<'_>) {
    let question = json!({"logGroupName": stack.resource("RenewLogGroup")});
    let events = stack.emulator().aws("logs", "filter_log_events", &question);
    let log: String =
        events["events"].as_array().unwrap().iter().filter_map(|event| event["message"].as_str()).collect();
    for part in ["CloudWatchMetrics", "HoursLeft", "renewed", "not renewed"] {
        assert!(log.contains(part), "no log shows {part}: {log}");
    }
    for secret in [ONSIP_TOKEN, PASSWORD, USERNAME] {
        assert!(!log.contains(secret), "the log shows {secret}");
    }
}
