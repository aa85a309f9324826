//! What is told when a mute ends.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::entity::Entity;
use shared::mute::{Mute, Target};
use shared::outbox::{Alert, Attributes, Severity};
use shared::provider::profile;

use super::incident::{LINES, count};
use super::plain::short;
use super::{MOST_ENTITIES, Words, matter, rows};
use crate::bucket::{Bucket, Line};
use crate::signal::Scope;

impl Words {
    /// What a mute held back, of which the lines of these keys go on.
    #[must_use]
    pub fn unmuted(
        &self,
        id: String,
        (mute, bucket): (&Mute, &Bucket),
        going_on: &BTreeSet<String>,
        now: Timestamp,
    ) -> Alert {
        let (number, target) = (bucket.number(), self.target(&mute.target));
        let (still, advice) = match going_on.len() {
            0 => ("", "nothing, unless a line surprises you: none of it goes on."),
            _ => ("; some of it goes on", "look at what goes on; it is told as ever from now on."),
        };
        let subject = format!("Mute ended: {} - {number} failed meanwhile{still}", short(&target, 40));
        let facts = rows([
            ("Muted", Some(target)),
            ("Because", Some(self.shown(&mute.reason))),
            ("From", Some(self.time(mute.set_at))),
            ("To", Some(self.time(now))),
        ]);
        let text = format!(
            "{number} {} failed while muted{still}. What to do: {advice}\n\n{facts}\nHeld back:\n{}\nHow often: \
             once, when a mute ends that held something back.\n",
            matter(None, count(number)),
            self.held_back(bucket, going_on)
        );
        self.alert(id, &subject, text, None).with(attributes(&mute.target, bucket)).of(bucket.number())
    }

    /// What still fails first, then by how much failed; the other alerts last.
    fn held_back(&self, bucket: &Bucket, going_on: &BTreeSet<String>) -> String {
        let still = |key: &str, words: &'static str| if going_on.contains(key) { words } else { "" };
        let mut lines: Vec<_> = bucket.lines.iter().collect();
        lines.sort_by_key(|(key, line)| (!going_on.contains(*key), Reverse(line.tally.number)));
        let told = lines
            .iter()
            .take(LINES)
            .map(|(key, line)| format!("{}{}{}\n", self.line(line), self.last(line), still(key, "; STILL FAILING")));
        let rest = bucket.others + lines.iter().skip(LINES).map(|(_, line)| line.tally.number).sum::<u64>();
        let others = (rest > 0).then(|| format!("  {rest} others\n"));
        let alerts = bucket
            .subjects
            .iter()
            .map(|(key, alert)| format!("  {}, {}{}\n", alert.text, self.time(alert.at), still(key, "; STILL SO")));
        told.chain(others).chain(alerts).collect()
    }

    fn last(&self, line: &Line) -> String {
        match (line.over_at, line.tally.last) {
            (Some(over), _) => format!("; over, the last one {}", self.time(over)),
            (None, Some(last)) => format!("; the last one {}", self.time(last)),
            (None, None) => String::new(),
        }
    }

    /// `congestion, Opentact, example.com`, as far as it is named.
    fn target(&self, Target { class, provider, scope }: &Target) -> String {
        let names = [
            class.map(|class| class.phrase().to_owned()),
            provider.map(|provider| profile(provider).name.to_owned()),
            scope.as_ref().map(|scope| self.entity(scope)),
        ];
        names.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Who chose the muted class gets it; where none is named, it is a class of its own.
fn attributes(target: &Target, bucket: &Bucket) -> Attributes {
    let scopes = bucket.lines.values().filter_map(|line| match &line.scope {
        Scope::Entity(_, entity) => Some(entity.to_string()),
        Scope::Provider(_) => None,
    });
    let hit = bucket.lines.values().flat_map(|line| line.tally.who.keys());
    let hit = hit.filter(|who| who.parse::<Entity>().is_ok()).cloned();
    Attributes {
        provider: target.provider,
        class: Some(target.class.map_or("mute", |class| class.as_str()).to_owned()),
        severity: Some(Severity::Warning),
        state: None,
        entities: scopes.chain(hit).take(MOST_ENTITIES).collect(),
    }
}
