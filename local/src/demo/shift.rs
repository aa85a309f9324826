//! A scene moved to another time and given new ids, so that the same samples make many conversations, and a second demo
//! on the same data adds to the first. Only what belongs to the conversation changes: accounts, users and own numbers
//! stay who they are. The text stays as the provider writes it; nothing is parsed and printed again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::script::Scene;
use crate::random;

/// What an event says about those who take part, not about the conversation.
const PARTICIPANTS: [&str; 7] =
    ["account", "sip_user", "sip_domain", "sip_control_app", "sip_connection", "messaging_profile", "tn"];

/// Members that name an event or a conversation.
const IDS: [&str; 6] = ["id", "uuid", "ref_id", "streamId", "thread", "stream_id"];

/// The samples' outside parties, who change from scene to scene; 555-01xx is nobody's number.
const OUTSIDERS: [&str; 8] = [
    "12025550103",
    "12025550104",
    "12025550105",
    "12025550121",
    "12025550124",
    "12025550142",
    "12025550143",
    "12025550144",
];

/// The scene's bodies as they would read had its last event happened at `end`, with the `nth` outsider of the day.
pub(crate) fn shifted(scene: Scene, end: Timestamp, nth: usize) -> Vec<String> {
    let mut found = Found::default();
    for sample in scene {
        // A sample that is no JSON is sent as it is.
        let body: Value = serde_json::from_str(sample.text).unwrap_or_default();
        found.collect(&body, "");
    }
    let replacements = found.replacements(end, nth);
    let change = |text: &str| replacements.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new));
    scene.iter().map(|sample| change(sample.text)).collect()
}

#[derive(Default)]
struct Found {
    ids: BTreeSet<String>,
    times: BTreeMap<String, Timestamp>,
}

impl Found {
    fn collect(&mut self, value: &Value, name: &str) {
        match value {
            Value::Object(members) => {
                let own = members.iter().filter(|(name, _)| !PARTICIPANTS.contains(&name.as_str()));
                own.for_each(|(name, value)| self.collect(value, name));
            }
            Value::Array(values) => values.iter().for_each(|value| self.collect(value, name)),
            Value::String(text) => self.note(text, name),
            _ => {}
        }
    }

    fn note(&mut self, text: &str, name: &str) {
        if let Ok(time) = text.parse() {
            self.times.insert(text.to_owned(), time);
        } else if IDS.contains(&name) && is_random(text) {
            self.ids.insert(text.to_owned());
        }
    }

    fn replacements(&self, end: Timestamp, nth: usize) -> Vec<(String, String)> {
        let by = self.times.values().max().map_or(SignedDuration::ZERO, |last| end.duration_since(*last));
        let times = self.times.iter().map(|(old, time)| (quoted(old), quoted(&moved(old, *time, by))));
        let ids = self.ids.iter().map(|old| (old.clone(), like(old)));
        let outsider = format!("120255501{:02}", 20 + nth % 60);
        let outsiders = OUTSIDERS.iter().map(|old| ((*old).to_owned(), outsider.clone()));
        times.chain(ids).chain(outsiders).collect()
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// The time written with as many digits, and the same sign for UTC.
fn moved(old: &str, time: Timestamp, by: SignedDuration) -> String {
    let digits =
        old.split_once('.').map_or(0, |(_, fraction)| fraction.chars().take_while(char::is_ascii_digit).count());
    let new = time.checked_add(by).unwrap_or(time);
    let new = format!("{new:.digits$}");
    if old.ends_with('Z') { new } else { new.replace('Z', "+00:00") }
}

fn is_random(id: &str) -> bool {
    let digits = id.chars().filter(char::is_ascii_hexdigit).count();
    digits == 32 && (id.len() == 32 || id.len() == 36)
}

/// A new id of the old one's form: 32 hex digits, or a UUID.
fn like(old: &str) -> String {
    let new = random::uuid();
    if old.len() == 32 { new.replace('-', "") } else { new }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]
mod tests {
    use super::*;
    use crate::demo::script::{ANSWERED, DAY};

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_scene_ends_when_told_and_keeps_its_distances() {
        let end: Timestamp = "2027-01-01T12:00:00Z".parse().unwrap();
        let bodies = shifted(ANSWERED, end, 3);
        let time = |text: &str| -> Timestamp { json(text)["created_on"].as_str().unwrap().parse().unwrap() };
        assert_eq!(time(bodies.last().unwrap()), end);
        let (first, last) = (&ANSWERED[0], &ANSWERED[ANSWERED.len() - 1]);
        assert_eq!(time(&bodies[0]).duration_until(end), time(first.text).duration_until(time(last.text)));
    }

    #[test]
    fn legs_still_join_and_participants_stay() {
        let bodies = shifted(ANSWERED, Timestamp::UNIX_EPOCH, 3);
        let (inbound, outbound) = (json(&bodies[0]), json(&bodies[2]));
        assert_eq!(inbound["call"]["uuid"], outbound["call"]["parent"]["uuid"]);
        let sent = json(ANSWERED[0].text);
        assert_ne!(inbound["call"]["uuid"], sent["call"]["uuid"]);
        assert_eq!(inbound["call"]["account"], sent["call"]["account"]);
        assert_eq!(inbound["call"]["to"], "12025550123");
    }

    #[test]
    fn every_scene_of_the_day_is_json_and_new_each_time() {
        for (_, scene) in DAY {
            let (one, other) = (shifted(scene, Timestamp::UNIX_EPOCH, 1), shifted(scene, Timestamp::UNIX_EPOCH, 1));
            for (body, sample) in one.iter().zip(scene.iter()) {
                json(body);
                assert_ne!(body, sample.text);
            }
            assert!(scene.len() == 1 || one != other);
        }
    }
}
