//! Weeks with random faults: deliveries are dead for no longer than a fault lasts, two subscriptions of ours live for no longer than
//! a run or a fault, and no login comes while logins are locked.

use std::time::Duration;

use onsip_api::{
    Action, AddAnswer, Call, CarriedOut, Delete, Expired, Fault, Field, Knobs, Place, Record, Refusal, Renewal, Span,
};
use tests::random::Random;

use super::scene::{BAD, PASSWORD, Scene, TOKEN, URL};

const WEEKS: usize = 12;
const WEEK: usize = 7 * 24 * 60;
/// A run every six hours.
const EVERY: usize = 360;
const ANOTHER_PASSWORD: &str = "another password";
/// Longer than a simulated run takes.
const RUN: Duration = Duration::from_secs(60);

fn minutes(minutes: usize) -> Duration {
    Duration::from_secs(60 * minutes as u64)
}

type Turn = Box<dyn Fn(&mut Knobs)>;

/// What goes wrong from one minute to another.
struct Trouble {
    from: usize,
    until: usize,
    knobs: Turn,
    name: String,
}

fn any<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len())]
}

const ASKED: [Action; 7] = [
    Action::SessionCreate,
    Action::UserRead,
    Action::WebhookSubscriptionBrowse,
    Action::WebhookSubscriptionAdd,
    Action::WebhookSubscriptionRenew,
    Action::WebhookSubscriptionDelete,
    Action::SessionDestroy,
];

/// One fault: the API is down, an action is, an action is refused, the password is another, logins are locked.
fn trouble(random: &mut Random, from: usize, until: usize) -> Trouble {
    let (action, answer) = (any(random, &ASKED), any(random, &BAD));
    let fault = Fault { answer, carried_out: any(random, &[CarriedOut::Yes, CarriedOut::No]) };
    let (name, knobs): (_, Turn) = match random.below(6) {
        0 => (format!("{fault:?} everywhere"), Box::new(move |knobs| knobs.fault_everywhere(fault))),
        1 | 2 => (format!("{fault:?} to {action}"), Box::new(move |knobs| knobs.faults = [(action, fault)].into())),
        3 => (format!("{action} refused"), Box::new(move |knobs| knobs.refuse(action))),
        4 => (ANOTHER_PASSWORD.to_owned(), Box::new(|knobs| knobs.password = "another".to_owned())),
        _ => {
            let code = "Accessor.LoginLocked".to_owned();
            let locked = Refusal { place: Place::Request, code, message: String::new() };
            let locks = move |knobs: &mut Knobs| knobs.refuse = [(Action::SessionCreate, locked.clone())].into();
            ("locked".to_owned(), Box::new(locks))
        }
    };
    Trouble { from, until, knobs, name }
}

/// A few faults, from minutes to more than a day long, one after the other. The last day has none.
fn troubles(random: &mut Random) -> Vec<Trouble> {
    let (mut all, mut at) = (Vec::new(), 60 + random.below(1200));
    while at < WEEK - 24 * 60 {
        let length = if random.below(3) == 0 { 30 + random.below(1800) } else { 10 + random.below(480) };
        let until = (at + length).min(WEEK - 24 * 60);
        all.push(trouble(random, at, until));
        at = until + 30 + random.below(1500);
    }
    all
}

/// What is not published, one way or another.
fn unpublished(random: &mut Random, knobs: &mut Knobs) {
    let fields = [vec![], vec![Field::Name], vec![Field::TargetUrl], vec![Field::Name, Field::TargetUrl]];
    knobs.fields = fields[random.below(4)].clone();
    knobs.expired = any(random, &[Expired::Gone, Expired::Listed]);
    knobs.renewal = any(random, &[Renewal::Refused, Renewal::Revives]);
    knobs.delete = any(random, &[Delete::Known, Delete::Known, Delete::Unknown]);
    knobs.add_answer = any(random, &[AddAnswer::WithId, AddAnswer::WithoutId]);
    knobs.page = 1 + random.below(20);
}

/// When runs come, and when the token changes: by the schedule, and as stacks are deployed.
fn times(random: &mut Random) -> Vec<(usize, bool)> {
    let mut all: Vec<_> = (0..WEEK).step_by(EVERY).map(|at| (at, false)).collect();
    all.extend((0..10).map(|n| (random.below(WEEK), n == 0)));
    all.sort_unstable();
    all
}

/// Lives through a week.
async fn live(scene: &Scene, random: &mut Random) -> Vec<Trouble> {
    let (troubles, good) = (troubles(random), scene.api.record());
    assert_eq!(good.subscriptions.len(), 3, "somebody else's");
    let mut unspoiled = Knobs::default();
    scene.api.turn(|knobs| unspoiled = knobs.clone());
    let mut now = 0;
    for (at, changes) in times(random) {
        scene.api.advance(minutes(at - now));
        now = at;
        scene.api.turn(|knobs| {
            *knobs = unspoiled.clone();
            troubles
                .iter()
                .filter(|trouble| (trouble.from..trouble.until).contains(&at))
                .for_each(|one| (one.knobs)(knobs));
        });
        if changes {
            scene.secret(PASSWORD, "mark-token-new");
        }
        scene.run().await;
    }
    troubles
}

/// How long a fault lasts, in minutes. A password that was another has a day's logins refused: there are no more until the first of
/// them is a day ago.
fn lasted(trouble: &Trouble) -> usize {
    let refused = if trouble.name == ANOTHER_PASSWORD { 24 * 60 } else { 0 };
    trouble.until - trouble.from + refused
}

/// Faults that touch that stretch.
fn around<'t>(troubles: &'t [Trouble], span: &Span, before: Duration) -> impl Iterator<Item = &'t Trouble> {
    let (from, until) = (span.from.saturating_sub(before), span.until);
    troubles.iter().filter(move |one| minutes(one.from) <= until && minutes(one.until) + RUN >= from)
}

/// How many of ours were ever live at a time.
fn most_at_once(record: &Record) -> usize {
    let lives: Vec<_> =
        record.subscriptions.iter().filter(|one| one.place() == URL).flat_map(|one| &one.lives).collect();
    lives.iter().map(|life| lives.iter().filter(|other| other.holds(life.from)).count()).max().unwrap_or_default()
}

fn no_login_while_locked(calls: &[Call], told: &str) {
    let logins: Vec<_> = calls.iter().filter(|call| call.action == Some(Action::SessionCreate)).collect();
    for (first, next) in logins.iter().zip(logins.iter().skip(1)) {
        let locked = first.error.as_deref() == Some("Accessor.LoginLocked") && !first.spoiled;
        assert!(!locked || next.at >= first.at + minutes(11), "{told}: {first:?} {next:?}");
    }
    for refused in logins.iter().filter(|call| call.error.as_deref() == Some("Accessor.LoginInvalid")) {
        let day = Span { from: refused.at, until: refused.at + minutes(24 * 60) };
        let count = logins.iter().filter(|call| call.error == refused.error && day.holds(call.at)).count();
        // The change of the secret, if it comes meanwhile, allows three more.
        assert!(count <= 6, "{told}: {count} refused logins within a day");
    }
}

#[tokio::test]
async fn weeks_of_faults_cost_no_more_than_the_faults_do() {
    let (mut random, seed) = Random::new();
    for week in 0..WEEKS {
        let scene = Scene::start(|knobs| unpublished(&mut random, knobs)).await;
        for n in 0..3 {
            scene.api.add(&format!("somebody's {n}"), &format!("https://example.org/{n}?token={TOKEN}"));
        }
        let troubles = live(&scene, &mut random).await;
        let record = scene.api.record();
        let mut knobs = Knobs::default();
        scene.api.turn(|turned| knobs = turned.clone());
        let faults: Vec<_> = troubles.iter().map(|one| format!("{}..{} {}", one.from, one.until, one.name)).collect();
        let told = format!("SEED={seed}, week {week}, {faults:#?} {knobs:?}");
        no_login_while_locked(&record.calls, &told);
        for silent in record.silent(URL) {
            let lasted: usize = around(&troubles, &silent, minutes(24 * 60)).map(lasted).sum();
            assert!(silent.length() <= minutes(lasted), "{told}: dead {silent:?}");
        }
        assert!(most_at_once(&record) <= 3, "{told}");
        // What can't be deleted dies by itself, and may have to be replaced before it does.
        for doubled in record.doubled(URL).into_iter().filter(|_| knobs.delete == Delete::Known) {
            let faults =
                around(&troubles, &doubled, Duration::ZERO).map(|one| minutes(one.until) + minutes(EVERY)).max();
            let until = faults.unwrap_or(doubled.from) + RUN;
            assert!(doubled.until <= until, "{told}: two live {doubled:?}");
        }
        let others: Vec<_> = record.subscriptions.iter().filter(|one| one.place() != URL).collect();
        assert!(
            others.len() == 3 && others.iter().all(|one| !one.deleted && one.renewed.is_empty()),
            "{told}: {others:?}"
        );
        assert!(record.live(URL).count() >= 1, "{told}");
        if knobs.delete == Delete::Known {
            assert_eq!(record.live(URL).count(), 1, "{told}");
        }
    }
}
