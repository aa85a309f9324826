//! Each failed call is in one message, and each incident has one end, whatever dies or is refused meanwhile.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::store::item::Item;
use tests::proxy::Fault;

use super::deaths::Deaths;
use super::incidents::{after, call, subjects, two_at_night};
use super::played::{End, Play};

fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// What the alerts table holds of messages and of the calls that they tell of.
struct Account {
    /// The messages, in the order in which they were recorded.
    messages: Vec<Item>,
    /// The message of each call that is in one.
    notes: BTreeMap<String, String>,
    told: String,
}

impl Account {
    fn of(play: &Play) -> Self {
        let items = play.bench.alerts();
        let noted = |item: &Item| Some((text(item, "pk")?.to_owned(), text(item, "message")?.to_owned()));
        let notes = items.iter().filter_map(noted).filter(|(_, message)| message != "none").collect();
        let mut messages: Vec<_> = items.into_iter().filter(|item| item.contains_key("subject")).collect();
        messages.sort_by_key(|item| text(item, "recorded_at").map(str::to_owned));
        Self { messages, notes, told: format!("SEED={} {:#?}", play.seed, subjects(play)) }
    }

    fn number_of(&self, message: &str) -> usize {
        self.notes.values().filter(|of| *of == message).count()
    }

    /// Each message was sent, and tells of as many calls as are noted under it.
    fn messages_hold(&self) {
        let mut in_all: BTreeMap<&str, usize> = BTreeMap::new();
        for message in self.messages.iter().filter(|message| text(message, "class") != Some("balance")) {
            assert!(message.contains_key("email_sent"), "{message:?} {}", self.told);
            let (class, noted) = (text(message, "class").unwrap(), self.number_of(text(message, "pk").unwrap()));
            let of_class = in_all.entry(class).or_default();
            *of_class += noted;
            let says = says(message);
            if text(message, "state") == Some("over") {
                assert_eq!(says, std::mem::take(of_class), "{message:?} {}", self.told);
            } else {
                assert_eq!(says, noted, "{message:?} {}", self.told);
            }
        }
        let known: usize = self.messages.iter().map(|message| self.number_of(text(message, "pk").unwrap())).sum();
        assert_eq!(known, self.notes.len(), "each note names a message: {:?} {}", self.notes, self.told);
    }

    /// Each incident that opened was over once: the states of the messages of each class.
    fn states(&self, class: &str) -> String {
        let of_class = self.messages.iter().filter(|message| text(message, "class") == Some(class));
        of_class.map(|message| text(message, "state").unwrap_or("-")).collect::<Vec<_>>().join(" ")
    }

    fn is_noted(&self, nth: usize) -> bool {
        self.notes.keys().any(|id| id.starts_with(&format!("call~opentact.call.{nth:08}-in")))
    }
}

/// How many calls a message says that it tells of; an end says how many there were.
fn says(message: &Item) -> usize {
    let told = text(message, "text").unwrap();
    let row = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    let first = || told.contains("How many: this is the first").then_some(1);
    // An outage all of whose calls are of the last seconds: the next message tells of them.
    let none = || told.contains(" calls failed in 10 min on ").then_some(0);
    let subject = || text(message, "subject")?.split(' ').next()?.parse().ok();
    row("How many:")
        .or_else(|| row("Failed:"))
        .or_else(first)
        .or_else(none)
        .or_else(subject)
        .unwrap_or_else(|| panic!("{told}"))
}

/// An outage of twenty minutes in which every other call fails, then an empty balance, a top-up, and quiet.
fn a_bad_night(play: &mut Play, start: Timestamp) -> Vec<(usize, End)> {
    let end = |n: usize| match n {
        0..30 => End::Congested,
        30..90 if n.is_multiple_of(2) => End::Congested,
        150..160 => End::NoBalance,
        _ if n % 10 == 9 => End::Declined,
        _ => End::Answered,
    };
    let at = |n: usize| if n < 30 { 2 * n as i64 } else { 60 + (n as i64 - 30) * 20 };
    let all: Vec<_> = (0..240).map(|n| (n, end(n))).collect();
    for (n, end) in &all {
        play.call(&call(*n, after(start, at(*n)), *end));
    }
    for (second, amount) in [(-30, "50"), (at(150) - 5, "0.01"), (paid(), "200")] {
        play.balance(after(start, second), amount);
    }
    all
}

/// When the account is topped up: the last call that it could not pay for is over.
fn paid() -> i64 {
    60 + (162 - 30) * 20
}

fn each_is_told_once(play: &Play, calls: &[(usize, End)], start: Timestamp) {
    let account = Account::of(play);
    for (n, end) in calls {
        let failed = matches!(end, End::Congested | End::NoBalance);
        assert_eq!(account.is_noted(*n), failed, "{n} {end:?} {}", account.told);
    }
    account.messages_hold();
    for told in play.told.iter().filter(|told| told.at > after(start, paid() + 60)) {
        assert!(!told.text.to_lowercase().contains("top up"), "{} {}", told.text, account.told);
    }
    for class in ["congestion", "insufficient_balance"] {
        let states = account.states(class);
        let (opened, ended) = (states.matches("open").count(), states.matches("over").count());
        assert!(opened == 1 && ended == 1 && states.ends_with("over"), "{class}: {states} {}", account.told);
    }
}

#[test]
fn what_failed_while_sns_refused_is_told_once_when_it_is_back() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("ALERT_WINDOW_SECONDS", "600")]);
    let calls = a_bad_night(&mut play, start);
    play.sns.break_with(Fault::Status(403));
    play.until(after(start, 1_500));
    assert_eq!(play.told, []);
    play.sns.heal();
    play.until(after(start, 7_200));
    each_is_told_once(&play, &calls, start);
    let mut all = subjects(&play);
    let before = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), before, "nothing twice: {all:#?}");
}

#[test]
fn instances_that_die_at_any_call_leave_each_failed_call_in_one_message() {
    let start = two_at_night();
    let mut play = Play::new(after(start, -60), &[("ALERT_WINDOW_SECONDS", "600")]);
    play.lag = 15;
    play.deaths = Some(Deaths::new(&play));
    let calls = a_bad_night(&mut play, start);
    play.until(after(start, 7_800));
    let most = play.deaths.take().unwrap().most();
    // A batch sends seldom.
    let [of_batch, _, of_tick, sent] = most[..] else { panic!("{most:?}") };
    assert!(of_batch >= 5 && of_tick >= 12 && sent >= 1, "fewer calls than there must be: {most:?}");
    play.until(after(start, 8_400));
    each_is_told_once(&play, &calls, start);
}
