//! The rules of OnSIP's published JSON Schemas: what an event of each type must have and may have.
//!
//! All members named are strings but the payload, which is an object. A string may be empty, and further members are
//! allowed at both levels.

use crate::json::Json;
use crate::name::Status;
use crate::provider::{kept, time_of};

/// A type of the reference.
#[derive(Debug)]
pub(super) struct Kind {
    name: &'static str,
    /// What an event of the type says of its call.
    pub(super) status: Status,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const ENVELOPE: [&str; 5] = ["id", "streamId", "type", "subscriptionId", "createdAt"];

const PARTIES: &[&str] = &["fromUri", "toUri"];

static KINDS: [Kind; 12] = [
    Kind::dialog("call.dialog.created", Status::Started),
    Kind::dialog("call.dialog.requested", Status::Started),
    Kind::dialog("call.dialog.confirmed", Status::Answered),
    Kind::dialog("call.dialog.answered", Status::Answered),
    Kind::dialog("call.dialog.referred", Status::Transferred),
    Kind::dialog("call.dialog.terminated", Status::Ended),
    Kind::dialog("call.dialog.failed", Status::Failed),
    Kind {
        name: "call.recording.uploaded",
        status: Status::Info,
        required: &["service"],
        optional: &["bucket", "key"],
    },
    Kind::menu("app.attendant-menu.started", Status::Started, PARTIES),
    Kind::menu("app.attendant-menu.transferred", Status::Transferred, &["entry", "fromUri", "toUri", "referTo"]),
    Kind::menu("app.attendant-menu.invalid-dtmf", Status::Info, &["entry", "fromUri", "toUri"]),
    Kind::menu("app.attendant-menu.abandoned", Status::Ended, PARTIES),
];

impl Kind {
    const fn dialog(name: &'static str, status: Status) -> Self {
        Self { name, status, required: &["callId", "fromUri", "toUri"], optional: &[] }
    }

    const fn menu(name: &'static str, status: Status, required: &'static [&'static str]) -> Self {
        Self { name, status, required, optional: &["callId"] }
    }

    /// The type of that name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    fn breaches<'j>(&'j self, payload: &'j Json<'_>) -> impl Iterator<Item = String> + 'j {
        let given = self.optional.iter().filter(|name| payload.get(name).is_some());
        self.required.iter().chain(given).filter_map(|name| no_string(payload, "payload.", name))
    }
}

/// What breaks the rules: each thing that is missing, is of the wrong type or is nothing that the rules know.
pub(super) fn breaches(body: &Json<'_>) -> Vec<String> {
    let kind = body.str("type").and_then(Kind::named);
    let mut breaches: Vec<_> = ENVELOPE.iter().filter_map(|name| no_string(body, "", name)).collect();
    if is_string(body, "type") && kind.is_none() {
        breaches
            .push(body.str("type").map_or_else(|| "no type".to_owned(), |name| format!("unknown type {}", kept(name))));
    }
    if is_string(body, "createdAt") && time_of(body, "createdAt").is_none() {
        breaches.push("createdAt is no time".to_owned());
    }
    match (body.get("payload"), kind) {
        (None, _) => breaches.push("no payload".to_owned()),
        (Some(payload), _) if !payload.is_object() => breaches.push("payload is no object".to_owned()),
        (Some(payload), Some(kind)) => breaches.extend(kind.breaches(payload)),
        (Some(_), None) => (),
    }
    breaches
}

fn is_string(object: &Json<'_>, name: &str) -> bool {
    matches!(object.get(name), Some(Json::String(_)))
}

fn no_string(object: &Json<'_>, path: &str, name: &str) -> Option<String> {
    match object.get(name) {
        Some(Json::String(_)) => None,
        Some(_) => Some(format!("{path}{name} is no string")),
        None => Some(format!("no {path}{name}")),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;
