//! `check`, as README says to run it after each deployment.

use super::command::trunkline;
use super::given::{ONSIP_TOKEN, OPERATOR_TOKEN, READ_TOKEN};
use super::redrive::settings;
use super::stack::Stack;

/// What MiniStack does not know, and so can't tell.
const UNKNOWN: [&str; 2] = ["subscribers", "sms"];

/// All that can be looked at is in order, and a test alert is on its way.
pub(super) fn passes(stack: &Stack<'_>) {
    let (is_well, told) = check(stack);
    assert!(is_well, "{told}");
    for step in ["reachable", "version", "token", "delivery", "settings", "stream", "pending", "alert"] {
        assert!(told.contains(&format!("ok   {step} ")), "{step}: {told}");
    }
    for step in UNKNOWN {
        assert!(told.contains(&format!("skip {step} ")) && told.contains("could not look"), "{step}: {told}");
    }
}

/// Whether it holds, and what is said.
pub(super) fn check(stack: &Stack<'_>) -> (bool, String) {
    let settings = settings(stack);
    let mut command = trunkline(&["check", "--url", &stack.api().url(), "--settings"]);
    let tokens = [("ONSIP", ONSIP_TOKEN), ("READ", READ_TOKEN), ("OPERATOR", OPERATOR_TOKEN)];
    command.arg(settings.path()).envs(tokens.map(|(name, token)| (format!("TRUNKLINE_{name}_TOKEN"), token)));
    let output = stack.emulator().serve(&mut command).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}
