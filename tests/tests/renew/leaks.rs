//! Nothing of the secret is in a log, an error, what is kept or what people are told, whatever the API answers. The stand-in does
//! as OnSIP: it repeats the parameters of a request, and a password in clear where the action was not carried out.

use onsip_api::{Action, CarriedOut, Place, Refusal};
use renew::Run;
use serde_json::json;
use shared::log::chain;
use tests::log::Log;
use tracing::Level;

use super::scene::{BAD, ORGANIZATION, PASSWORD, Scene, TOKEN, USERNAME, fault};

/// What is in the secret or follows from it, in each form in which it is sent.
const MARKS: [&str; 6] = ["mark-", "7c1@", "w&rd", "w%26rd", ORGANIZATION, "j2vtu1bk"];

/// All output since it was made.
struct Output {
    scene: Scene,
    log: Log,
    told: String,
}

impl Output {
    async fn start() -> Self {
        let scene = Scene::start(|_| ()).await;
        scene.secrets.put(secret(PASSWORD));
        Self { scene, log: Log::start(Level::INFO), told: String::new() }
    }

    /// A run; what it says, and what people are told after it.
    async fn run(&mut self) {
        let run = self.scene.run().await;
        let line = if let Run::Failed(failure) = &run { chain(failure) } else { String::new() };
        self.told.push_str(&format!("{run:?} {line}\n"));
        self.scene.tick().await;
        self.scene.hours_pass(7);
        self.scene.tick().await;
    }

    async fn search(self) -> String {
        let log = self.log.take();
        let published = serde_json::to_string(&self.scene.stack.published()).unwrap();
        let all = [self.told, log, published, self.scene.kept().await].join("\n");
        for mark in MARKS {
            let at = all.find(mark).map(|at| all.get(at.saturating_sub(300)..at + 60).unwrap_or_default());
            assert_eq!(at, None, "{mark}");
        }
        all
    }
}

fn secret(password: &str) -> String {
    let all = json!({ "username": USERNAME, "password": password, "token": TOKEN, "organizationId": ORGANIZATION });
    all.to_string()
}

/// What a run asks for.
const ASKED: [Action; 6] = [
    Action::SessionCreate,
    Action::WebhookSubscriptionBrowse,
    Action::WebhookSubscriptionAdd,
    Action::WebhookSubscriptionRenew,
    Action::WebhookSubscriptionDelete,
    Action::SessionDestroy,
];

/// A refusal that says all that it was sent.
fn talkative(place: Place, code: &str) -> Refusal {
    let message = format!(
        "{USERNAME} {PASSWORD} mark-pass++w%26rd-7c1 mark-pass%20%20w%26rd-7c1 {ORGANIZATION} https://x.example.com/?token={TOKEN}"
    );
    Refusal { place, code: format!("{code}{TOKEN}"), message }
}

#[tokio::test]
async fn nothing_of_the_secret_gets_out_whatever_the_api_answers() {
    let mut output = Output::start().await;
    for action in ASKED {
        for carried_out in [CarriedOut::Yes, CarriedOut::No] {
            for answer in BAD {
                output.scene.api.turn(|knobs| fault(knobs, action, answer, carried_out));
                output.run().await;
            }
        }
        output.scene.api.turn(|knobs| knobs.faults.clear());
        for place in [Place::Request, Place::Action] {
            let refusal = talkative(place, "Accessor.Odd");
            output.scene.api.turn(|knobs| knobs.refuse = [(action, refusal)].into());
            output.run().await;
        }
        output.scene.api.turn(|knobs| knobs.refuse.clear());
        // Each change of the secret allows logins again, and replaces the subscription.
        output.scene.secrets.put(secret(PASSWORD).replace(TOKEN, "mark-other"));
        output.run().await;
        output.scene.secrets.put(secret(PASSWORD));
        output.run().await;
    }
    output.scene.api.turn(|knobs| knobs.bad_logins = 1);
    // Locked logins, whose answer repeats the password; and a secret that is none.
    for text in [secret("mark-wrong"), secret("mark-wrong"), secret("mark-wrong"), secret(PASSWORD), "mark-".to_owned()]
    {
        output.scene.secrets.put(text.clone());
        output.scene.run().await;
        // A new version is tried at once.
        output.scene.secrets.put(text);
        output.run().await;
    }
    let all = output.search().await;
    for seen in ["renewed", "not renewed", "Accessor.LoginLocked", "Accessor.LoginInvalid", "SecretIncomplete", "… …"]
    {
        assert!(all.contains(seen), "no case of {seen}");
    }
}
