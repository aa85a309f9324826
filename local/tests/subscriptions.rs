//! `subscriptions`, run as a person runs it, against a stand-in for OnSIP's API.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use local::{Options, Stack};
use onsip_api::{Action, AddAnswer, CarriedOut, Delete, Fault, FaultyAnswer, Field, Knobs, OnsipApi, Probe, Refusal};

const STACK: &str = "https://abc.execute-api.us-east-1.amazonaws.com/v1";
const TARGET: &str = "https://abc.execute-api.us-east-1.amazonaws.com/v1/webhooks/onsip/call?token=t0ken-%26-secret";
const PASSWORD: &str = "pass w&rd";
const TOKEN: &str = "t0ken-&-secret";

struct Done {
    status: i32,
    lines: Vec<String>,
    errors: String,
}

impl Done {
    fn tells(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }
}

struct Operator {
    api: OnsipApi,
}

impl Operator {
    /// An API that shows names and targets, and probes none.
    async fn new() -> Self {
        let api = OnsipApi::start(0).await.unwrap();
        api.turn(|knobs| {
            knobs.password = PASSWORD.to_owned();
            knobs.probe = Probe::Skipped;
            knobs.fields = vec![Field::Name, Field::TargetUrl];
        });
        Self { api }
    }

    async fn with(turn: impl FnOnce(&mut Knobs)) -> Self {
        let operator = Self::new().await;
        operator.api.turn(turn);
        operator
    }

    async fn run(&self, arguments: &[&str], answer: &str) -> Done {
        self.run_as(PASSWORD, arguments, answer).await
    }

    /// Runs the command. It shows no secret, and leaves no session open, whatever happens.
    async fn run_as(&self, password: &str, arguments: &[&str], answer: &str) -> Done {
        let variables = [
            ("ONSIP_API", self.api.url()),
            ("ONSIP_USERNAME", "admin@example.onsip.com".to_owned()),
            ("ONSIP_PASSWORD", password.to_owned()),
            ("TRUNKLINE_ONSIP_TOKEN", TOKEN.to_owned()),
        ];
        let done = run(&variables, arguments, answer).await;
        assert_eq!(self.api.record().open_sessions.len(), 0);
        done
    }
}

async fn run(variables: &[(&str, String)], arguments: &[&str], answer: &str) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    for name in ["ONSIP_API", "ONSIP_USERNAME", "ONSIP_PASSWORD", "ONSIP_ORGANIZATION", "TRUNKLINE_ONSIP_TOKEN"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (name, value))).arg("subscriptions").args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who asks nothing does not read.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    for secret in [PASSWORD, TOKEN, "pass+w%26rd", "t0ken-%26-secret", "j2vtu1bk7rsdpklo", "wr0ng"] {
        assert!(!out.contains(secret) && !errors.contains(secret), "{secret} is shown:\n{out}\n{errors}");
    }
    Done { status: output.status.code().unwrap(), lines: out.lines().map(str::to_owned).collect(), errors }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_listed_without_their_tokens_and_the_stack_s_own_is_marked() {
    let operator = Operator::new().await;
    let others: Vec<_> =
        (0..21).map(|n| operator.api.add(&format!("crm {n}"), "https://crm.example.com/?key=x")).collect();
    let own = operator.api.add("trunkline", TARGET);
    let listed = operator.run(&["list", "--url", STACK], "").await;
    assert_eq!((listed.status, listed.lines.len(), listed.errors.as_str()), (0, 23, ""));
    let first = others.first().unwrap();
    assert_eq!(listed.lines.first().unwrap(), &format!("{first}  crm 0  https://crm.example.com/"));
    assert!(listed.tells(&format!("{own}  trunkline  {STACK}/webhooks/onsip/call  this stack's")));
    assert_eq!(listed.lines.last().unwrap(), "22 in all");

    operator.api.turn(|knobs| knobs.fields = vec![Field::Name]);
    for (name, marked) in [("trunkline", &own), ("crm 0", first)] {
        let named = operator.run(&["list", "--url", STACK, "--name", name], "").await;
        let marks: Vec<_> = named.lines.iter().filter(|line| line.ends_with("this stack's")).collect();
        assert_eq!(marks, [&format!("{marked}  {name}  (target not told)  this stack's")]);
    }

    operator.api.turn(|knobs| knobs.fields.clear());
    let bare = operator.run(&["list"], "").await;
    assert!(bare.tells(&format!("{own}  (name not told)  (target not told)")), "{:?}", bare.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_s_own_is_renewed_and_a_second_one_told() {
    let operator = Operator::new().await;
    let [other, first, second] = [("crm", "https://crm.example.com/"), ("trunkline", TARGET), ("trunkline", TARGET)]
        .map(|(name, target)| operator.api.add(name, target));
    let renewed = operator.run(&["renew", "--url", STACK], "").await;
    assert_eq!((renewed.status, renewed.errors.as_str()), (0, ""));
    assert!(renewed.tells(&format!("renewed {second}")) && renewed.tells(&format!("{first} delivers there too")));
    let by_id = operator.run(&["renew", "--id", &other], "").await;
    assert!(by_id.tells(&format!("renewed {other}")));
    let renewals: Vec<_> = operator.api.record().subscriptions.iter().map(|one| one.renewed.len()).collect();
    assert_eq!(renewals, [1, 0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_one_with_another_token_is_told() {
    for (target, told) in [(TARGET.to_owned(), false), (TARGET.replace("t0ken", "0ld"), true)] {
        let operator = Operator::new().await;
        operator.api.add("trunkline", &target);
        let renewed = operator.run(&["renew", "--url", STACK], "").await;
        assert_eq!((renewed.status, renewed.tells("delivers with another one")), (0, told), "{:?}", renewed.lines);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_is_live_one_is_added_but_not_unasked() {
    let operator = Operator::with(|knobs| knobs.expired = onsip_api::Expired::Listed).await;
    operator.api.add("trunkline", TARGET);
    operator.api.advance(std::time::Duration::from_secs(24 * 60 * 60));
    for answer in ["", "n\n", "what?\n"] {
        let kept = operator.run(&["renew", "--url", STACK], answer).await;
        assert_eq!((kept.status, kept.errors.as_str()), (1, "trunkline: nothing was done\n"), "{answer:?}");
    }
    assert_eq!(operator.api.record().count(Action::WebhookSubscriptionAdd), 0);
    let added = operator.run(&["renew", "--url", STACK], "y\n").await;
    assert_eq!((added.status, added.tells("added 301")), (0, true), "{:?}", added.lines);
    let record = operator.api.record();
    let targets: Vec<_> = record.live(STACK).chain(record.live(TARGET)).map(|one| one.target.as_str()).collect();
    assert_eq!(targets, [TARGET]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_id_adds_one_and_no_more() {
    let operator = Operator::with(|knobs| knobs.add_answer = AddAnswer::WithoutId).await;
    let added = operator.run(&["renew", "--url", STACK, "--name", "phones"], "yes\n").await;
    assert_eq!((added.status, added.tells("added one whose id list shows")), (0, true));
    assert_eq!(operator.api.record().count(Action::WebhookSubscriptionAdd), 1);
    assert_eq!(operator.api.record().live(TARGET).map(|one| one.name.clone()).collect::<Vec<_>>(), ["phones"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_onsip_does_not_tell_is_said_before_another_one_is_added() {
    let operator = Operator::with(|knobs| knobs.fields.clear()).await;
    operator.api.add("trunkline", TARGET);
    let kept = operator.run(&["renew", "--url", STACK], "n\n").await;
    assert_eq!((kept.status, kept.tells("neither name nor target of 1: ")), (1, true), "{:?}", kept.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_removed_only_when_somebody_agrees() {
    let operator = Operator::new().await;
    let [own, other] = ["trunkline", "crm"].map(|name| operator.api.add(name, TARGET));
    let kept = operator.run(&["remove", &own], "n\n").await;
    assert_eq!((kept.status, kept.errors.as_str()), (1, "trunkline: nothing was done\n"));
    assert!(kept.tells(&format!("Remove {own}  trunkline  {STACK}/webhooks/onsip/call? [y/N]")), "{:?}", kept.lines);
    let removed = operator.run(&["remove", &own], "y\n").await;
    assert_eq!((removed.status, removed.tells(&format!("removed {own}"))), (0, true));
    let live: Vec<_> = operator.api.record().live(TARGET).map(|one| one.id.clone()).collect();
    assert_eq!(live, std::slice::from_ref(&other));
    let gone = operator.run(&["remove", &own], "y\n").await;
    assert_eq!((gone.status, gone.errors.contains("OnSIP lists no subscription 300")), (1, true));

    operator.api.turn(|knobs| knobs.delete = Delete::Unknown);
    let refused = operator.run(&["remove", &other], "y\n").await;
    assert_eq!((refused.status, refused.errors.contains("let it die")), (1, true), "{}", refused.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_login_says_how_long_to_wait_and_a_command_logs_in_once() {
    let operator = Operator::with(|knobs| knobs.bad_logins = 1).await;
    let wrong = operator.run_as("wr0ng", &["list"], "").await;
    assert_eq!((wrong.status, wrong.errors.contains("Accessor.LoginInvalid")), (1, true), "{}", wrong.errors);
    let locked = operator.run(&["list"], "").await;
    assert_eq!((locked.status, locked.errors.contains("wait eleven minutes")), (1, true), "{}", locked.errors);
    assert_eq!(operator.api.record().count(Action::SessionCreate), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_repeats_secrets_is_shown_without_them() {
    let message = format!("no {PASSWORD} and no {TOKEN}");
    let refusal = Refusal { message, ..Refusal::default() };
    let refuse = [(Action::WebhookSubscriptionRenew, refusal)].into();
    let refused = Operator::with(|knobs| knobs.refuse = refuse).await.run(&["renew", "--id", "300"], "").await;
    assert!(refused.errors.contains("no … and no …"), "{}", refused.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_add_without_an_answer_is_said_to_be_open() {
    let fault = Fault { answer: FaultyAnswer::Status(503), carried_out: CarriedOut::Yes };
    let operator = Operator::with(|knobs| knobs.faults = [(Action::WebhookSubscriptionAdd, fault)].into()).await;
    let lost = operator.run(&["renew", "--url", STACK], "y\n").await;
    assert_eq!((lost.status, lost.errors.contains("OnSIP may have added it")), (1, true), "{}", lost.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_names_both_ways_to_say_which() {
    let operator = Operator::new().await;
    for arguments in [&["renew"][..], &["renew", "--url", STACK, "--id", "300"]] {
        let misused = operator.run(arguments, "").await;
        let told = ["--url", "--id"].map(|flag| misused.errors.contains(flag));
        assert_eq!((misused.status, told), (2, [true, true]), "{}", misused.errors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_between_still_closes_the_session() {
    let operator = Operator::with(|knobs| knobs.refuse(Action::WebhookSubscriptionBrowse)).await;
    for arguments in [&["list"][..], &["renew", "--url", STACK], &["remove", "300"]] {
        let refused = operator.run(arguments, "y\n").await;
        assert_eq!((refused.status, refused.errors.contains("Action.Refused")), (1, true), "{}", refused.errors);
    }
    assert_eq!(operator.api.record().count(Action::SessionDestroy), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_subscription_delivers_to_the_local_stack() {
    let stack = Stack::start(Options { token: Some(TOKEN.to_owned()), ..Options::default() }).await.unwrap();
    let operator = Operator::with(|knobs| knobs.probe = Probe::Sent).await;
    let added = operator.run(&["renew", "--url", stack.url()], "y\n").await;
    assert_eq!(added.status, 0, "{}", added.errors);
    let event =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/onsip-call.dialog.created.json")).unwrap();
    let deliveries = operator.api.deliver(&serde_json::from_slice(&event).unwrap()).await;
    assert_eq!(deliveries.iter().map(|one| one.status).collect::<Vec<_>>(), [Some(200)]);
    stack.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_is_told_in_one_line_with_its_own_status() {
    let user = |url: &str| {
        let (name, password) = ("admin@example.onsip.com".to_owned(), PASSWORD.to_owned());
        vec![("ONSIP_API", url.to_owned()), ("ONSIP_USERNAME", name), ("ONSIP_PASSWORD", password)]
    };
    for (variables, arguments, told) in [
        (vec![], &["list"][..], "ONSIP_USERNAME and ONSIP_PASSWORD not set"),
        (user("http://example.com/api"), &["list"], "http is only for a loopback address such as 127.0.0.1"),
        (user(""), &["renew", "--url", STACK], "TRUNKLINE_ONSIP_TOKEN is not set"),
        (user(""), &["list", "--url", TARGET], "--url: give the stack's output ApiUrl"),
        (vec![], &["opentact", "--url", TARGET], "--url: give the stack's output ApiUrl"),
    ] {
        let misused = run(&variables, arguments, "").await;
        assert_eq!((misused.status, misused.lines.len()), (2, 0), "{}", misused.errors);
        assert!(misused.errors.contains(told), "{}", misused.errors);
        assert_eq!(misused.errors.lines().count(), 1, "{}", misused.errors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opentact_is_told_needs_no_login() {
    let shown = run(&[], &["opentact", "--url", STACK], "").await;
    assert_eq!((shown.status, shown.errors.as_str()), (0, ""));
    let call = format!("{STACK}/webhooks/opentact/call?token=TOKEN");
    for text in ["PATCH /sip/app/{uuid}", "PATCH /profile/messaging/{uuid}", "custom_callback_url", &call] {
        assert!(shown.tells(text), "{text}: {:#?}", shown.lines);
    }
    let body = shown.lines.iter().find(|line| line.contains("webhook_method")).unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body.get("webhook_url").unwrap(), &call);
}
