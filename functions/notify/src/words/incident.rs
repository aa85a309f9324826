//! The texts of incidents: their opening, the summaries while they go on, their end, and what is told of many together.

use jiff::Timestamp;
use shared::entity::Entity;
use shared::failure::FailureClass;
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, Attributes};
use shared::provider::profile;
use shared::text::cut;

use super::class::advice_short;
use super::plain::short;
use super::{Words, capital, lasting, matter, rows};
use crate::bucket::{Bucket, Line};
use crate::case::Held;
use crate::incident::{self, Incident};
use crate::incidents::Evidence;
use crate::signal::{Scope, Severity};
use crate::tally::Tally;

/// How many of the most affected, and of the single failures, are named.
const NAMED: usize = 3;
const SHOWN: usize = 5;
/// How many lines a digest or a storm's summary has.
pub(super) const LINES: usize = 20;

impl Words {
    /// The alert that opens an incident, or tells that it has become critical.
    #[must_use]
    pub fn opened(&self, incident: &Incident, evidence: Evidence) -> Alert {
        let (class, tally) = (incident.class, &incident.next);
        let what = match evidence {
            Evidence::Failures => failed(incident, tally.number),
            Evidence::Share { failed, of } => format!("{failed} of {of} calls failed in 10 min"),
            Evidence::Answers { answered, of, usual } => {
                format!("{answered} of {of} calls answered in 30 min, usually {usual} of 100")
            }
        };
        let scope = self.scope(&incident.scope);
        let towards = towards(incident);
        let subject = format!("{what}: {} - {}", class.phrase(), short(&scope, 34));
        let often = format!(
            "while failures go on, a summary comes at most every {}; one message tells the end.",
            lasting(jiff::SignedDuration::from_secs(incident.window()))
        );
        let text = format!(
            "{what} on {scope}: {}. What to do: {}\n{}\n{}\n{}\nHow often: {often}\n\n{}",
            class.phrase(),
            towards.advice(),
            self.links.about(class, incident.provider),
            self.figures(tally),
            self.shown_failures(&incident.held),
            self.where_to_look(incident)
        );
        let sms = [
            format!("{what}: {}.", class.phrase()),
            advice_short(towards).to_owned(),
            format!("{},", short(&scope, 34)),
            tally.last.map(|at| self.time(at)).unwrap_or_default(),
        ];
        let alert =
            self.alert(incident.message(), &subject, text, (incident.severity == Severity::Critical).then_some(&sms));
        alert.with(attributes(incident, AlertState::Open)).of(tally.number).within(incident.part())
    }

    /// The summary of what failed since the last message, by mail alone.
    #[must_use]
    pub fn more(&self, incident: &Incident, now: Timestamp) -> Alert {
        let (class, tally) = (incident.class, &incident.next);
        // An opening by evidence may have come before any of its failures was certain enough to be listed.
        let number = if incident.told == 0 { failed } else { more_failed };
        let (scope, what) = (self.scope(&incident.scope), number(incident, tally.number));
        let since = incident.began_at.map(|at| lasting(now.duration_since(at))).unwrap_or_default();
        let subject = format!("{what}: {} - {}", class.phrase(), short(&scope, 34));
        let text = format!(
            "{what} on {scope}: {}. What to do: {}\n{}\nIt goes on for {since}; {} in all.\n\n{}\n{}\nHow often: while failures \
             go on, the next summary comes in {}; one message tells the end.\n\n{}",
            class.phrase(),
            towards(incident).advice(),
            self.links.about(class, incident.provider),
            incident.told + tally.number,
            self.figures(tally),
            self.shown_failures(&incident.held),
            lasting(incident.longer()),
            self.where_to_look(incident)
        );
        let alert = self.alert(incident.message(), &subject, text, None);
        alert.with(attributes(incident, AlertState::More)).of(tally.number).within(incident.part())
    }

    /// The end of an incident, by the ways by which its opening was told.
    #[must_use]
    pub fn over(&self, incident: &Incident, now: Timestamp) -> Alert {
        let (class, scope) = (incident.class, self.scope(&incident.scope));
        let (all, through) = (incident.told + incident.next.number, incident.through);
        let until = incident.last_at.filter(|at| incident.began_at <= Some(*at)).or(incident.failed_at).unwrap_or(now);
        let lasted = incident.began_at.map(|at| lasting(until.duration_since(at))).unwrap_or_default();
        let all_failed = format!("{all} {} failed", matter(incident.matter(), count(all)));
        let since = match through {
            0 => "none failed since".to_owned(),
            1 => "1 went through since".to_owned(),
            _ => format!("{through} went through since"),
        };
        let subject = format!("Over: {} - {}, {all_failed}", class.phrase(), short(&scope, 34));
        let facts = rows([
            ("Failed", Some(all.to_string())),
            ("Until", Some(self.time(until))),
            ("Lasted", Some(lasted.clone())),
            ("Since then", Some(since.clone())),
            ("Affected", Some(self.most(&incident.next)).filter(|_| incident.next.number > 0)),
        ]);
        let text = format!(
            "It is over: {} on {scope}. What to do: nothing.\n\n{all_failed} until {}; {since}.\n\n{facts}\n{}",
            class.phrase(),
            self.time(until),
            self.where_to_look(incident)
        );
        let sms = [
            format!("Over: {}, {}.", class.phrase(), short(&scope, 34)),
            format!("{all_failed} until {};", self.time(until)),
            format!("{since}."),
        ];
        let alert =
            self.alert(incident.message(), &subject, text, (incident.severity == Severity::Critical).then_some(&sms));
        alert.with(attributes(incident, AlertState::Over)).of(all).within(incident.part())
    }

    /// The failures of a day that were too few for an incident.
    #[must_use]
    pub fn digest(&self, id: String, bucket: &Bucket) -> Alert {
        let number = bucket.number();
        let failures = if number == 1 { "failure" } else { "failures" };
        let subject = format!("{number} single {failures} in the last day");
        let text = format!(
            "{number} calls or messages failed here and there. What to do: nothing, unless a line surprises you.\n\nThey were too \
             few for an alert of their own:\n{}\nHow often: once a day, if there is something to tell (Digest=off ends that).\n",
            self.lines(bucket)
        );
        self.alert(id, &subject, text, None)
            .with(Attributes { class: Some("digest".to_owned()), ..Attributes::default() })
            .of(number)
    }

    /// What a storm of messages held back.
    #[must_use]
    pub fn storm(&self, id: String, provider: Provider, bucket: &Bucket) -> Alert {
        let (number, of) = (bucket.number(), profile(provider).name);
        let subject = format!("{number} more failures of many kinds - {of}");
        let text = format!(
            "{number} more calls or messages failed at {of}, of {} kinds. What to do: look at the largest line first; many kinds at \
             once have one cause more often than many.\n\nThey were too many for a message each:\n{}\nHow often: at most every \
             15 min, while there are more messages than ten.\n",
            bucket.lines.len(),
            self.lines(bucket)
        );
        let about = Attributes { provider: Some(provider), class: Some("storm".to_owned()), ..Attributes::default() };
        self.alert(id, &subject, text, None).with(about).of(number)
    }

    fn lines(&self, bucket: &Bucket) -> String {
        let mut lines: Vec<_> = bucket.lines.values().collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.tally.number));
        let rest: u64 = bucket.others + lines.iter().skip(LINES).map(|line| line.tally.number).sum::<u64>();
        let others = if rest > 0 { format!("  {rest} others\n") } else { String::new() };
        lines.iter().take(LINES).map(|line| self.line(line) + "\n").collect::<String>() + &others
    }

    /// `  12 calls: congestion - Opentact`
    pub(super) fn line(&self, line: &Line) -> String {
        let matter = matter(incident::matter(line.class, line.family), count(line.tally.number));
        format!("  {} {matter}: {} - {}", line.tally.number, line.class.phrase(), self.scope(&line.scope))
    }

    fn figures(&self, tally: &Tally) -> String {
        rows([
            // None yet where all of an outage's are of the last seconds: the next message tells of them.
            ("How many", Some(tally.number.to_string()).filter(|_| tally.number > 0)),
            ("Affected", Some(self.most(tally))),
            ("First", tally.first.map(|at| self.time(at))),
            ("Last", tally.last.map(|at| self.time(at))),
        ])
    }

    fn most(&self, tally: &Tally) -> String {
        let most = tally.most();
        let named = most.iter().take(NAMED).map(|(who, count)| format!("{} ({count})", self.ours(who)));
        let rest = most.len().saturating_sub(NAMED);
        named.chain((rest > 0).then(|| format!("and {rest} more"))).collect::<Vec<_>>().join(", ")
    }

    /// An entity of ours, by its text.
    fn ours(&self, text: &str) -> String {
        text.parse().map_or_else(|_| self.shown(text), |entity| self.entity(&entity))
    }

    /// A party: only the address of one of ours may look like what one can open.
    fn party_of(&self, held: &Held, party: &Option<String>) -> String {
        let Some(text) = party.as_deref().filter(|text| !text.is_empty()) else { return "unknown".to_owned() };
        let entity = text.parse::<Entity>().ok();
        let shown = match &entity {
            Some(entity) if party == &held.who => self.own(entity),
            Some(entity) => self.anyones(entity),
            None => self.shown(text),
        };
        // Without dots where it is cut, which would make an address of what was none.
        let shown = cut(&shown, 40).to_owned();
        match entity {
            Some(entity) => self.with_name(&entity, shown),
            None => shown,
        }
    }

    fn shown_failures(&self, held: &[Held]) -> String {
        if held.is_empty() {
            return String::new();
        }
        let last = held.get(held.len().saturating_sub(SHOWN)..).unwrap_or_default();
        let told = last.iter().map(|held| {
            let why = [
                held.reason.as_ref().map(|reason| format!("\"{}\"", cut(&self.shown(reason), 80))),
                held.code.map(|code| code.name().map_or_else(|| code.to_string(), |name| format!("{code}, {name}"))),
            ];
            let why: Vec<_> = why.into_iter().flatten().collect();
            let (from, to) = (self.party_of(held, &held.from), self.party_of(held, &held.to));
            format!("  {}  {from} to {to}  {}\n", self.time(held.failed_at), why.join("; "))
        });
        format!("Such as:\n{}", told.collect::<String>())
    }

    fn where_to_look(&self, incident: &Incident) -> String {
        let last = incident.held.last().and_then(|held| {
            let place = match held.id.split_once('~')?.0 {
                "call" => "calls",
                "event" => "events",
                _ => return None,
            };
            Some(format!("{place}/{}", held.subject))
        });
        self.places([("the last one", last), ("all of them", Some(format!("alerts/{}", incident.message())))])
    }
}

/// What people choose an incident's messages by: those that it hit, and the entity that is its scope.
fn attributes(incident: &Incident, state: AlertState) -> Attributes {
    let scope = match &incident.scope {
        Scope::Entity(_, entity) => Some(entity.to_string()),
        Scope::Provider(_) => None,
    };
    let hit = incident.next.who.keys().filter(|who| who.parse::<Entity>().is_ok()).cloned();
    Attributes {
        provider: Some(incident.provider),
        class: Some(incident.class.as_str().to_owned()),
        severity: Some(incident.severity),
        state: Some(state),
        entities: hit.chain(scope).collect(),
    }
}

/// The class whose advice helps: where a provider's calls fail without a reason, there are no words to ask about.
fn towards(Incident { class, severity, scope, .. }: &Incident) -> FailureClass {
    match (class, severity, scope) {
        (FailureClass::Unknown | FailureClass::NoAnswer, Severity::Critical, Scope::Provider(_)) => {
            FailureClass::Congestion
        }
        _ => *class,
    }
}

pub(super) fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn failed(incident: &Incident, number: u64) -> String {
    capital(&format!("{number} {} failed", matter(incident.matter(), count(number))))
}

fn more_failed(incident: &Incident, number: u64) -> String {
    format!("{number} more {} failed", matter(incident.matter(), count(number)))
}
