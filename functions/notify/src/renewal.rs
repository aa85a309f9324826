//! The subscription at OnSIP: what `renew` remembers of it, and what of that people must know. It is watched by the clock too,
//! since a renewer that is dead remembers nothing.

use jiff::{SignedDuration, Timestamp};
use shared::aws::Aws;
use shared::outbox::{OutboxError, Pending};
use shared::renewal::{Renewal, Renewals};
use shared::settings::Switch;
use shared::text::digest;
use shared::time;

use crate::state::{Decision, State, States};
use crate::words::Words;

/// A subscription that has no more than that left is a matter of now.
const SHORT: SignedDuration = SignedDuration::from_hours(6);

/// The keys of what was told: of its life, and of old ones that are still there.
const TOLD: &str = "told#renewal#onsip";
const TOLD_OLD: &str = "told#renewal-old#onsip";

/// How it stands, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It lives for long, and the last run renewed it.
    Well,
    /// The last run failed.
    Failing,
    /// It has a few hours left.
    Short,
    /// It is dead.
    Dead,
}

const STAGES: [(Stage, &str); 4] =
    [(Stage::Well, "well"), (Stage::Failing, "failing"), (Stage::Short, "short"), (Stage::Dead, "dead")];

impl Stage {
    /// How it stands at that time.
    pub(crate) fn of(known: &Renewal, now: Timestamp) -> Self {
        match known.dead_at.map(|dead| dead.duration_since(now)) {
            Some(left) if left <= SignedDuration::ZERO => Self::Dead,
            Some(left) if left <= SHORT => Self::Short,
            Some(_) | None if known.trouble.is_some() => Self::Failing,
            Some(_) | None => Self::Well,
        }
    }

    fn name(self) -> &'static str {
        STAGES.iter().find(|(stage, _)| *stage == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        STAGES.iter().find(|(_, known)| *known == name).map(|(stage, _)| *stage)
    }
}

/// The watch over it.
#[derive(Debug)]
pub(crate) struct RenewalWatch {
    renewals: Renewals,
    states: States,
    words: Words,
    renewing: Switch,
}

impl RenewalWatch {
    pub(crate) fn new(aws: &Aws, table: &str, states: States, words: Words, renewing: Switch) -> Self {
        Self { renewals: Renewals::new(aws, table.to_owned()), states, words, renewing }
    }

    /// Alerts what has become worse, and that all is well again.
    pub(crate) async fn look(&self, now: Timestamp, alerts: &mut Vec<Pending>) -> Result<(), OutboxError> {
        if self.renewing == Switch::Off {
            return Ok(());
        }
        let known = self.renewals.recall().await?.renewal;
        let decide = |state: &mut State| self.stands(state, &known, now);
        alerts.extend(self.states.update(TOLD, "noting how the subscription stands", now, decide).await?);
        let old: Vec<_> = known.retired.iter().filter(|(_, dead)| **dead > now).collect();
        if let Some(dead) = old.iter().map(|(_, dead)| **dead).max() {
            let ids = old.into_iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" ");
            let decide = |state: &mut State| self.are_left(state, &ids, dead);
            alerts.extend(self.states.update(TOLD_OLD, "noting old subscriptions", now, decide).await?);
        }
        Ok(())
    }

    fn stands(&self, state: &mut State, known: &Renewal, now: Timestamp) -> Decision {
        let (told, stage) = (state.text("stage").and_then(Stage::named).unwrap_or(Stage::Well), Stage::of(known, now));
        if told == stage {
            return Decision::Unchanged;
        }
        state.set("stage", Some(stage.name().to_owned()));
        let id = format!("renewal-{}", digest(&[stage.name(), &time::stamp(Some(now))]));
        Decision::Changed(match stage {
            Stage::Well => Some(state.ending(self.words.renewed(id, told, known))),
            worse if worse > told => {
                let alert = self.words.not_renewed(id, worse, known, now);
                Some(if worse > Stage::Failing { state.opening(alert) } else { alert })
            }
            // Renewed, and failing again, since the last look.
            _ => None,
        })
    }

    fn are_left(&self, state: &mut State, ids: &str, dead: Timestamp) -> Decision {
        if state.text("ids") == Some(ids) {
            return Decision::Unchanged;
        }
        state.set("ids", Some(ids.to_owned()));
        let id = format!("renewal-{}", digest(&["old", &time::stamp(Some(dead))]));
        Decision::Changed(Some(self.words.old_subscription(id, ids, dead)))
    }
}
