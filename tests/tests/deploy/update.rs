//! The update from the release before, while deliveries come and a window of alerts is open.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use tests::http::escape;
use tests::wait;

use super::command::timed;
use super::given::read;
use super::inbox::Inbox;
use super::redrive::{TO_INDEX, forget_the_rows, recorded, redrive};
use super::stack::{Api, Stack};
use super::traffic::{self, BEFORE, Kind, Taken, deliver};

/// The number that the user of each leg shows, and that is neither of the leg's parties.
const SHOWN: &str = "phone_number:12025550111";

/// Deploys the release before, stores events, and updates it to the working tree and to other parameters. What was taken before
/// and meanwhile is read and found, each failure told once, and records are made of all.
pub(super) fn from(before: &Stack<'_>, stack: &Stack<'_>, inbox: &Inbox<'_>, parameters: [&[(&str, &str)]; 2]) {
    let start = Timestamp::now();
    // A stack before had topics of the same names.
    inbox.take_rest();
    before.deploy(parameters[0]);
    inbox.subscribe(before, &["AlertsTopic", "UrgentTopic"], &json!({}));
    let mut api = before.api();
    let mut taken: Vec<_> =
        timed("the deliveries before", || (0..BEFORE).map(|n| deliver(before, &mut api, n)).collect());
    taken.extend(traffic::during(stack, BEFORE, || stack.deploy(parameters[1])));
    let api = stack.api();

    timed("reading all", || all_are_readable(&api, &taken));
    every_leg_is_found_by_the_number_shown(&api, &taken);
    // `index` begins with what the stream still holds. What it has forgotten is up to `redrive`.
    let calls = calls(&taken);
    wait::until("every call has its record", || (recorded(stack) == calls).then_some(()));
    forget_the_rows(stack);
    let told = timed("redrive", || redrive(stack, start, TO_INDEX));
    assert!(told.contains(&format!("\nin all: {} given, 0 left", taken.len())), "{told}");
    assert_eq!(recorded(stack), calls);
    every_leg_is_found_by_the_number_shown(&api, &taken);
    timed("all failures told", || each_failure_is_told_once(stack, inbox, &taken));
}

/// Each event is of a call of its own.
fn calls(taken: &[Taken]) -> BTreeSet<String> {
    let calls = taken.iter().map(|taken| taken.id.split('~').next().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(calls.len(), taken.len(), "calls that are one");
    calls
}

/// Nothing that was taken is lost.
fn all_are_readable(api: &Api, taken: &[Taken]) {
    for Taken { id, .. } in taken {
        assert_eq!(&read(api, &format!("/events/{id}"))["id"], id);
    }
}

/// By rows that the release before wrote, or `index`, which is a little behind; each once.
fn every_leg_is_found_by_the_number_shown(api: &Api, taken: &[Taken]) {
    let legs = taken.iter().filter(|taken| taken.kind != Kind::Dialog);
    let mut expected: Vec<_> = legs.map(|taken| taken.id.clone()).collect();
    expected.sort();
    wait::until("every leg is found", || {
        let found = listed(api, SHOWN);
        assert!(found.len() <= expected.len(), "{found:?}");
        (found == expected).then_some(())
    });
}

/// The ids of all of an entity's events, sorted.
fn listed(api: &Api, entity: &str) -> Vec<String> {
    let first = format!("/events?entity={}&limit=100", escape(entity));
    let (mut ids, mut path) = (Vec::new(), Some(first.clone()));
    while let Some(page) = path.map(|path| read(api, &path)) {
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        path = page["next"].as_str().map(|next| format!("{first}&cursor={}", escape(next)));
    }
    ids.sort();
    ids
}

/// By the release before the first one, by this one all of them: the first that comes after the update opens an incident, and
/// `redrive` brings those that the release before left to a window that nobody closes any more.
fn each_failure_is_told_once(stack: &Stack<'_>, inbox: &Inbox<'_>, taken: &[Taken]) {
    let failures = taken.iter().filter(|taken| taken.kind == Kind::FailedLeg).count();
    let topics = ["AlertsTopic", "UrgentTopic"].map(|topic| stack.resource(topic));
    let mut messages = Vec::new();
    wait::until("all failures are told", || {
        messages.extend(inbox.take_rest());
        let told = topics.each_ref().map(|topic| told(&messages, topic));
        let subjects: Vec<_> = messages.iter().map(|message| (&message["TopicArn"], &message["Subject"])).collect();
        assert!(
            told.iter().all(|told| told.0 <= 2 && told.1 < failures),
            "{failures} failures, {told:?}: {subjects:#?}"
        );
        (told == [(2, failures - 1), (2, 0)]).then_some(())
    });
}

/// How many failures a topic's messages tell of as the first of a window, and how many as further ones.
fn told(messages: &[Value], topic: &str) -> (usize, usize) {
    let texts = messages.iter().filter(|message| message["TopicArn"] == topic && !is_of_alarm(message));
    let texts = texts.map(|message| message["Message"].as_str().unwrap()).filter(|text| !is_end(text));
    let further: Vec<_> = texts.map(further).collect();
    (further.iter().filter(|further| further.is_none()).count(), further.iter().flatten().sum())
}

/// Whether CloudWatch sent it: a new alarm tells that it is well.
fn is_of_alarm(message: &Value) -> bool {
    message["Subject"].as_str().is_some_and(|subject| subject.starts_with("OK: "))
}

/// Whether it tells an incident's end.
fn is_end(text: &str) -> bool {
    text.starts_with("It is over") || text.starts_with("Over")
}

/// `37 more calls failed: …`
fn further(text: &str) -> Option<usize> {
    text.split_once(" more ")?.0.parse().ok()
}
