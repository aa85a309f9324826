//! The function's settings, read once at start.

use std::str::FromStr;

use jiff::SignedDuration;
use shared::metric::Gauges;
use shared::name::Provider;
use shared::outbox::Label;
use shared::settings::{Fault, Lookup, Reader, SettingsError, Switch};
use shared::store::Shards;

use crate::balance::Limits;
use crate::channel::{ChannelSettings, Tests};
use crate::send::TopicArns;
use crate::signal::Severities;
use crate::silence::SilentAfter;
use crate::stored::Texts;
use crate::words::{Link, Links, Words, Zone};

/// The function's settings.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// The alerts table's name.
    pub alerts_table: String,
    /// The events table's name: summaries are counted there.
    pub events_table: String,
    /// The shards of its busy keys.
    pub shards: Shards,
    /// The topic of all events; None publishes none.
    pub events_topic: Option<String>,
    /// Whether that topic shows the texts of messages.
    pub texts: Texts,
    /// The topics of alerts.
    pub topics: TopicArns,
    /// The URL of the queue for items that can't be read.
    pub dead_letter_queue: String,
    /// How alerts are written.
    pub words: Words,
    /// The severities that differ from the defaults.
    pub severities: Severities,
    /// How many failures within ten minutes open an incident.
    pub after: u64,
    /// How long failures are gathered after an incident opened.
    pub window: SignedDuration,
    /// Whether what was too little for an incident is told once a day.
    pub digest: Switch,
    /// How many SMS may be sent within an hour.
    pub sms_per_hour: usize,
    /// The amounts below which a balance is low, in the account's currency.
    pub low_balance: Limits,
    /// When a provider that delivers nothing is silent.
    pub silence: SilentAfter,
    /// Whether the subscription at OnSIP renews itself, and is watched.
    pub renewal: Switch,
    /// How the alert channel itself is watched.
    pub channel: ChannelSettings,
    /// Where this function tells its numbers.
    pub gauges: Gauges,
    /// Those that are wrong.
    pub faults: Vec<Fault>,
}

/// How alerts show phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// As they are.
    Shown,
    /// Their last four digits only.
    Masked,
}

/// Whether they are masked.
impl From<Switch> for Numbers {
    fn from(masked: Switch) -> Self {
        match masked {
            Switch::Off => Self::Shown,
            Switch::On => Self::Masked,
        }
    }
}

/// The shortest and the longest window that may be set, and the longest that one grows to.
const WINDOW_SECONDS: std::ops::RangeInclusive<i64> = 1..=3600;

impl NotifySettings {
    /// Reads them. One that is wrong has its default, and is among the faults.
    ///
    /// # Errors
    /// [`SettingsError`] with all that are missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let settings = Self {
            alerts_table: reader.required("ALERTS_TABLE"),
            events_table: reader.required("EVENTS_TABLE"),
            shards: reader.parsed("SHARDS", Shards::default()),
            events_topic: reader.optional("EVENTS_TOPIC_ARN"),
            texts: reader.parsed("PUBLISH_TEXT", Switch::Off).into(),
            topics: TopicArns {
                alerts: reader.required("ALERTS_TOPIC_ARN"),
                urgent: reader.required("URGENT_TOPIC_ARN"),
                chat: reader.required("CHAT_TOPIC_ARN"),
                pages: reader.required("PAGES_TOPIC_ARN"),
            },
            dead_letter_queue: reader.required("DEAD_LETTER_QUEUE_URL"),
            words: words(&mut reader),
            severities: reader.parsed("ALERT_RULES", Severities::default()),
            after: reader.parsed("ALERT_AFTER", After(3)).0,
            digest: reader.parsed("DIGEST", Switch::On),
            window: reader.parsed("ALERT_WINDOW_SECONDS", WindowLength(SignedDuration::from_mins(15))).0,
            sms_per_hour: reader.parsed("SMS_PER_HOUR", PerHour(10)).0,
            low_balance: reader.parsed("LOW_BALANCE", Limits::default()),
            silence: reader.parsed("SILENCE_MINUTES", SilentAfter::Usual),
            renewal: reader.parsed("RENEWAL", Switch::Off),
            channel: ChannelSettings {
                email: reader.parsed("WATCH_EMAIL", Switch::Off),
                sms: reader.parsed("WATCH_SMS", Switch::Off),
                tests: reader.parsed("TEST_ALERT", Tests::Off),
            },
            gauges: Gauges::read(lookup),
            faults: Vec::new(),
        };
        let faults = reader.faults();
        reader.finish(Self { faults, ..settings })
    }
}

fn words(reader: &mut Reader<'_>) -> Words {
    let api_url = reader.required("API_URL").trim_end_matches('/').to_owned();
    let numbers = reader.parsed("MASK_NUMBERS", Switch::Off);
    Words {
        label: reader.parsed("STACK_LABEL", Label::default()),
        zone: reader.parsed("TIME_ZONE", Zone::default()),
        links: Links {
            top_up: link(reader, "TOP_UP_URL"),
            runbook: link(reader, "RUNBOOK_URL"),
            support: Provider::ALL.iter().filter_map(|of| Some((*of, link(reader, &support_variable(*of))?))).collect(),
        },
        ..Words::new(api_url, numbers.into())
    }
}

fn link(reader: &mut Reader<'_>, name: &str) -> Option<Link> {
    reader.parsed(name, GivenLink(None)).0
}

/// `ONSIP_SUPPORT_URL`.
fn support_variable(of: Provider) -> String {
    format!("{}_SUPPORT_URL", of.as_str().to_ascii_uppercase())
}

/// A link, or none.
struct GivenLink(Option<Link>);

impl FromStr for GivenLink {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|link| Self(Some(link)))
    }
}

/// A number of failures.
struct After(u64);

impl FromStr for After {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().filter(|n| (1..=50).contains(n)).map(Self).ok_or("not a number of failures from 1 to 50")
    }
}

/// A window's length.
struct WindowLength(SignedDuration);

impl FromStr for WindowLength {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().ok().filter(|seconds| WINDOW_SECONDS.contains(seconds));
        seconds.map(|seconds| Self(SignedDuration::from_secs(seconds))).ok_or("not a number of seconds from 1 to 3600")
    }
}

/// A number of SMS.
struct PerHour(usize);

impl FromStr for PerHour {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().filter(|n| *n <= 100).map(Self).ok_or("not a number of SMS from 0 to 100")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const REQUIRED: [&str; 8] = [
        "ALERTS_TABLE",
        "EVENTS_TABLE",
        "ALERTS_TOPIC_ARN",
        "URGENT_TOPIC_ARN",
        "CHAT_TOPIC_ARN",
        "PAGES_TOPIC_ARN",
        "DEAD_LETTER_QUEUE_URL",
        "API_URL",
    ];

    #[test]
    fn what_is_wrong_has_its_default_and_is_told() {
        let wrong = [
            ("ALERT_RULES", "busy=loud"),
            ("ALERT_WINDOW_SECONDS", "0"),
            ("SMS_PER_HOUR", "-1"),
            ("LOW_BALANCE", "-5"),
            ("SILENCE_MINUTES", "2"),
            ("MASK_NUMBERS", "yes"),
            ("PUBLISH_TEXT", "yes"),
            ("RENEWAL", "yes"),
            ("WATCH_EMAIL", "yes"),
            ("TEST_ALERT", "weekly"),
            ("STACK_LABEL", "[prod]"),
            ("TIME_ZONE", "Mars/Olympus"),
            ("TOP_UP_URL", "example.com"),
            ("RUNBOOK_URL", "http://example.com"),
            ("ONSIP_SUPPORT_URL", "mail us"),
        ];
        let lookup = |name: &str| match wrong.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => Some((*value).to_owned()),
            None => REQUIRED.contains(&name).then(|| "x".to_owned()),
        };
        let settings = NotifySettings::read(&lookup).unwrap();
        let told: BTreeSet<_> =
            settings.faults.iter().map(|fault| (fault.name.as_str(), fault.value.as_str())).collect();
        assert_eq!(told, wrong.into());
        assert_eq!((settings.window, settings.sms_per_hour), (SignedDuration::from_mins(15), 10));
    }

    #[test]
    fn what_is_required_and_missing_is_told_at_once() {
        let error = NotifySettings::read(&|_| None).unwrap_err().to_string();
        for name in REQUIRED {
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn nothing_that_can_be_left_out_must_be_set() {
        let settings = NotifySettings::read(&|name| REQUIRED.contains(&name).then(|| "x".to_owned())).unwrap();
        assert_eq!(settings.window, SignedDuration::from_mins(15));
        assert_eq!(
            (settings.sms_per_hour, settings.low_balance, settings.silence),
            (10, Limits::default(), SilentAfter::Usual)
        );
        let zero = |name: &str| Some(if REQUIRED.contains(&name) { "x" } else { "0" }.to_owned());
        let faults = NotifySettings::read(&zero).unwrap().faults;
        let named = |name: &str| faults.iter().any(|fault| fault.name.contains(name));
        assert!(!named("LOW_BALANCE") && !named("SILENCE"), "0 is no limit, and no minutes: {faults:?}");
    }
}
