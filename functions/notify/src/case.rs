//! A failure that an incident holds until a message tells of it: what the message says of each.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::event::{Event, Party};
use shared::failure::Failure;
use shared::name::Provider;
use shared::record::Record;
use shared::text::cut;

use crate::signal::Signal;
use crate::text;

/// How much of the provider's words is kept.
const WORDS: usize = 120;
/// What was received longer ago than this opens no incident: it is told with the digest. Calls last for hours.
const OLD: SignedDuration = SignedDuration::from_hours(6);

/// A failure, with its signal.
#[derive(Debug, Clone)]
pub struct Case {
    /// What kind of failure it is, and of what.
    pub signal: Signal,
    /// The provider.
    pub provider: Provider,
    /// What is said of it.
    pub held: Held,
}

/// What is said of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its id, which is the key of its note.
    pub id: String,
    /// Where it is read: the id of the call or message, or of the event.
    pub subject: String,
    /// When it was decided that it failed.
    #[serde(with = "text")]
    pub decided_at: Timestamp,
    /// When its first event was received.
    #[serde(with = "text")]
    pub received_at: Timestamp,
    /// When it failed, as the provider tells.
    #[serde(with = "text")]
    pub failed_at: Timestamp,
    /// Who called or sent, as an entity or as the provider wrote it.
    pub from: Option<String>,
    /// Who was called or sent to.
    pub to: Option<String>,
    /// Whom it hit: the customer's own party.
    pub who: Option<String>,
    /// Why, in the provider's words.
    pub reason: Option<String>,
    /// Why, by code.
    #[serde(with = "text::optional")]
    pub code: Option<shared::failure::Cause>,
}

impl Case {
    /// The case of what a call or message came to.
    #[must_use]
    pub fn of_record(record: &Record, signal: Signal, now: Timestamp) -> Self {
        let who = record.own.first().map(|own| own.entity.to_string());
        let facts = Facts { from: record.from.as_ref(), to: record.to.as_ref(), failure: record.failure.as_ref(), who };
        // A provider's clock may be ahead.
        let at = record.ended_at.unwrap_or(record.received_at).min(now);
        Self {
            provider: record.id.provider(),
            held: facts.held(&signal, record.id.to_string(), [record.received_at, at, now]),
            signal,
        }
    }

    /// The case of an event.
    #[must_use]
    pub fn of_event(event: &Event, signal: Signal, now: Timestamp) -> Self {
        let who = event.own.first().map(|own| own.entity.to_string());
        let facts = Facts { from: event.from.as_ref(), to: event.to.as_ref(), failure: event.failure.as_ref(), who };
        let at = event.occurred_at().unwrap_or(event.received_at).min(event.received_at);
        let subject = event.call().map_or_else(|| event.id.to_string(), |call| call.to_string());
        Self { provider: event.provider(), held: facts.held(&signal, subject, [event.received_at, at, now]), signal }
    }
}

impl Held {
    /// Whether it was received so long ago that it wakes nobody any more.
    pub(crate) fn is_old(&self) -> bool {
        self.decided_at.duration_since(self.received_at) > OLD
    }
}

struct Facts<'f> {
    from: Option<&'f Party>,
    to: Option<&'f Party>,
    failure: Option<&'f Failure>,
    who: Option<String>,
}

impl Facts<'_> {
    fn held(self, signal: &Signal, subject: String, [received_at, failed_at, decided_at]: [Timestamp; 3]) -> Held {
        let party = |party: &Party| match &party.entity {
            Some(entity) => entity.to_string(),
            None => cut(&party.raw, WORDS).to_owned(),
        };
        Held {
            id: signal.id.clone(),
            subject,
            decided_at,
            received_at,
            failed_at,
            from: self.from.map(party),
            to: self.to.map(party),
            who: self.who,
            reason: self.failure.and_then(|failure| Some(cut(failure.reason.as_deref()?, WORDS).to_owned())),
            code: self.failure.and_then(|failure| failure.code),
        }
    }
}
