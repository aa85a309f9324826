//! The index of what was told: the messages of each day, and what failed of which each message tells. Only what has its key stands
//! there: nothing of what else the table holds.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::failure::FailureClass;
use crate::key::Partition;
use crate::store::item::SEEN;
use crate::store::{Seen, Shards};
use crate::time;

/// The index, named as its partition key, sorted by position.
pub const LISTED: &str = "listed";
/// What it projects: what a list shows.
pub const PROJECTED: [&str; 17] = [
    "subject",
    "sms",
    "recorded_at",
    TRANSPORTS,
    "email_sent",
    "sms_sent",
    "chat_sent",
    "pages_sent",
    "decided_at",
    "provider",
    "class",
    "severity",
    "state",
    FAILURES,
    INCIDENT,
    GENERATION,
    super::EXPIRES,
];
/// The attribute that has the ways by which a message goes.
pub(crate) const TRANSPORTS: &str = "transports";
/// The attribute that has how many failures a message tells of.
pub(crate) const FAILURES: &str = "failures";
/// The attributes that name the incident of a message; of its generation its own item tells, too.
pub(crate) const INCIDENT: &str = "incident";
/// Which of the incidents of a class and scope.
pub const GENERATION: &str = "generation";
/// Stands in place of a message in the note of what did not fail after all.
pub const WITHDRAWN: &str = "none";

/// Stands before the day under which messages are listed.
pub(crate) const DAY: &str = "day/";

/// Where what failed is listed of which a message tells.
pub(crate) fn failures_of(message: &str) -> String {
    format!("of/{message}")
}

/// Where the messages are listed that were never sent, since another tells of what they would have told.
pub(crate) fn within(message: &str) -> String {
    format!("in/{message}")
}

/// The id of what failed, under which it is told once. That the balance is empty is told also of what was told otherwise.
#[must_use]
pub fn failure_id(partition: &Partition, class: FailureClass) -> String {
    match class {
        FailureClass::InsufficientBalance => format!("{}~{partition}~{class}", partition.subject()),
        _ => format!("{}~{partition}", partition.subject()),
    }
}

/// Where a message stands.
pub(super) fn place_of_message(id: &str, now: Timestamp) -> [(String, AttributeValue); 2] {
    place(Shards::ONE.key(&format!("{DAY}{}", time::day(now)), id), id, now)
}

/// Where a note stands that this message tells of a failure, or of what another message would have told.
pub fn place_of_note(id: &str, message: &str, now: Timestamp) -> Option<[(String, AttributeValue); 2]> {
    // The id of a failure has its subject before it; that of a message is a digest, which has no `~`.
    let key = if id.contains('~') { failures_of(message) } else { within(message) };
    (message != WITHDRAWN).then(|| place(key, id, now))
}

fn place(key: String, id: &str, now: Timestamp) -> [(String, AttributeValue); 2] {
    let seen = Seen::new(now, id).to_string();
    [(LISTED, key), (SEEN, seen)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
}
