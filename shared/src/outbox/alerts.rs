//! What is told: an alert, with its words, what it is part of, and the ways by which it goes.

use super::attributes::Attributes;
use crate::key::digest_of;
use crate::name::names;

/// An alert with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id: equal ids are one alert.
    pub id: String,
    /// The e-mail's subject: ASCII, at most 99 characters.
    pub subject: String,
    /// The e-mail's text.
    pub text: String,
    /// The SMS, for a critical alert: GSM-7, at most 160 characters.
    pub sms: Option<String>,
    /// The ways by which it goes.
    pub transports: Vec<Transport>,
    /// What people choose it by.
    pub attributes: Attributes,
    /// How many failures it tells of, if it tells of failures.
    pub failures: Option<u64>,
    /// The incident that it is part of.
    pub incident: Option<Part>,
    /// What it does at an on-call tool.
    pub page: Option<Page>,
}

/// What an alert does at an on-call tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// It wakes somebody.
    Alarm,
    /// It ends what the alert of that id woke somebody for.
    Ok(String),
}

/// The incident that an alert is part of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The key of its class and scope, in which a telephone number may stand.
    pub key: String,
    /// Which of the incidents of these.
    pub generation: u64,
}

impl Part {
    /// The incident's id: without a number in it.
    #[must_use]
    pub fn id(&self) -> String {
        digest_of(format!("{}#{}", self.key, self.generation).as_bytes())
    }
}

impl Alert {
    /// The alert with those attributes.
    #[must_use]
    pub fn with(self, attributes: Attributes) -> Self {
        Self { attributes, ..self }
    }

    /// The alert of so many failures.
    #[must_use]
    pub fn of(self, failures: u64) -> Self {
        Self { failures: Some(failures), ..self }
    }

    /// The alert as part of an incident.
    #[must_use]
    pub fn within(self, incident: Part) -> Self {
        Self { incident: Some(incident), ..self }
    }

    /// The alert that does that at an on-call tool, too.
    #[must_use]
    pub fn paging(mut self, page: Page) -> Self {
        self.transports.push(Transport::Pages);
        Self { page: Some(page), ..self }
    }

    /// What is left of it where people are not to be told: that what woke somebody is over. None where it says no such thing.
    #[must_use]
    pub fn silenced(&self) -> Option<Self> {
        let ends = matches!(self.page, Some(Page::Ok(_)));
        ends.then(|| Self { transports: vec![Transport::Pages], ..self.clone() })
    }

    /// What an on-call tool knows its matter by: the incident's id, else that of the alert that woke somebody.
    #[must_use]
    pub fn alarm(&self) -> String {
        match (&self.incident, &self.page) {
            (Some(incident), _) => incident.id(),
            (None, Some(Page::Ok(of))) => of.clone(),
            (None, Some(Page::Alarm) | None) => self.id.clone(),
        }
    }
}

/// How an alert travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The alerts topic, by e-mail.
    Email,
    /// The urgent topic, by SMS.
    Sms,
    /// The chat topic, in Slack or Teams.
    Chat,
    /// The pages topic, at an on-call tool.
    Pages,
}

names!(Transport, "transport": Email = "email", Sms = "sms", Chat = "chat", Pages = "pages");

impl Transport {
    /// The attribute that says that the transport has taken the alert.
    pub(crate) fn sent(self) -> &'static str {
        match self {
            Self::Email => "email_sent",
            Self::Sms => "sms_sent",
            Self::Chat => "chat_sent",
            Self::Pages => "pages_sent",
        }
    }
}
