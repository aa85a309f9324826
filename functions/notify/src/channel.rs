//! The alert channel itself. SNS takes an alert for a topic that nobody is subscribed to: so each hour it is asked how many
//! confirmed subscribers each way has, and where people are meant to have one that reaches nobody, the other tells. And once a
//! month, if wanted, a test goes by every way.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use shared::log::chain;
use shared::metric::Gauges;
use shared::outbox::{OutboxError, Pending};
use shared::settings::Switch;
use shared::text::digest;
use shared::time;

use crate::send::Topics;
use crate::state::{Decision, State, States};
use crate::words::Words;

/// How often each way is looked at. The first time an hour after the stack was made: a person has to find the first mail.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The hours in which a test alert wakes nobody.
const DAYTIME: std::ops::Range<i8> = 9..17;
/// What is remembered of tests.
const TESTED: &str = "tested";

/// How often a test alert goes out by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tests {
    /// Never.
    Off,
    /// Once a month.
    Monthly,
}

impl FromStr for Tests {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "monthly" => Ok(Self::Monthly),
            _ => Err("not monthly or off"),
        }
    }
}

/// What is watched, and how.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// Whether people are meant to get mails.
    pub email: Switch,
    /// Whether people are meant to get SMS.
    pub sms: Switch,
    /// How often a test goes out.
    pub tests: Tests,
}

/// A way that is watched: one whose subscribers the parameters name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By e-mail.
    Email,
    /// By SMS.
    Sms,
}

/// The metric of how many confirmed subscribers a way has.
#[must_use]
pub fn metric(way: Way) -> &'static str {
    match way {
        Way::Email => "EmailSubscribers",
        Way::Sms => "SmsSubscribers",
    }
}

/// The watch over the channel.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) states: States,
    pub(crate) words: Words,
    pub(crate) gauges: Gauges,
    pub(crate) topics: Topics,
    pub(crate) settings: ChannelSettings,
}

impl Channel {
    /// Looks at each way that is due, and sends a test where one is.
    pub(crate) async fn look(&self, now: Timestamp, alerts: &mut Vec<Pending>) -> Result<(), OutboxError> {
        for (way, watch) in [(Way::Email, self.settings.email), (Way::Sms, self.settings.sms)] {
            if watch == Switch::On {
                self.look_at(way, now, alerts).await?;
            }
        }
        if self.settings.tests == Tests::Monthly && DAYTIME.contains(&self.words.zone.hour(now)) {
            let decide = |state: &mut State| self.test(state, now);
            alerts.extend(self.states.update(TESTED, "noting a test", now, decide).await?);
        }
        Ok(())
    }

    async fn look_at(&self, way: Way, now: Timestamp, alerts: &mut Vec<Pending>) -> Result<(), OutboxError> {
        let key = format!("told#{}", metric(way));
        let looked = self.states.read(&key).await?.time("looked");
        let count = match looked.map(|looked| now.duration_since(looked) >= EVERY) {
            Some(false) => return Ok(()),
            Some(true) => self.topics.confirmed(way).await,
            None => Ok(None),
        };
        let count = match count {
            Ok(count) => count,
            Err(error) => {
                tracing::error!(error = chain(&error), "SNS did not say who is subscribed; it is asked again");
                return Ok(());
            }
        };
        if let Some(count) = count {
            self.gauges.tell(metric(way), count.into(), now);
        }
        let decide = |state: &mut State| self.decide(state, way, count, now);
        alerts.extend(self.states.update(&key, "noting subscribers", now, decide).await?);
        Ok(())
    }

    /// Tells once that a way reaches nobody.
    fn decide(&self, state: &mut State, way: Way, count: Option<u32>, now: Timestamp) -> Decision {
        state.set_time("looked", Some(now));
        let (was_told, is_none) = (state.text("none").is_some(), count == Some(0));
        state.set("none", is_none.then(|| "yes".to_owned()));
        let id = || format!("channel-{}", digest(&[metric(way), &time::stamp(Some(now))]));
        Decision::Changed((is_none && !was_told).then(|| self.words.unheard(id(), way)))
    }

    fn test(&self, state: &mut State, now: Timestamp) -> Decision {
        let month = self.words.zone.month(now);
        if state.text("month") == Some(&month) {
            return Decision::Unchanged;
        }
        let id = format!("test-{}", digest(&[&month]));
        state.set("month", Some(month));
        Decision::Changed(Some(self.words.test(id, now)))
    }
}
