//! Alerts of a provider that falls silent, or delivers what can't be read.

use jiff::Timestamp;
use shared::name::Provider;
use shared::outbox::{Alert, AlertState, Attributes, Severity};
use shared::provider::profile;

use super::{Words, lasting, rows};

impl Words {
    /// The alert of a provider that has not delivered for a while.
    #[must_use]
    pub fn silent(&self, id: String, provider: Provider, last: Timestamp, now: Timestamp) -> Alert {
        let (checks, silent) = (profile(provider).silence_checks, lasting(now.duration_since(last)));
        let of = profile(provider).name;
        let facts = rows([("Last", Some(self.time(last))), ("Provider", Some(of.to_owned()))]);
        let text = format!(
            "{of} has delivered nothing for {silent}. What to do: check: {checks}\n\nEvents may be getting lost: what is not \
             received is not sent again.\n\n{facts}\nHow often: once. The next message comes when {of} delivers \
             again.\n"
        );
        self.alert(id, &format!("Silence: {of} has delivered nothing for {silent}"), text, None)
            .with(attributes(provider, AlertState::Open))
    }

    /// The news that a provider delivers again.
    #[must_use]
    pub fn back(&self, id: String, provider: Provider, last: Timestamp, now: Timestamp) -> Alert {
        let (of, silent) = (profile(provider).name, lasting(now.duration_since(last)));
        let facts = rows([("Silent", Some(format!("since {}", self.time(last)))), ("Back", Some(self.time(now)))]);
        let text = format!(
            "{of} delivers again, after {silent}. What to do: nothing; what happened meanwhile may be missing.\n\n{facts}"
        );
        self.alert(id, &format!("{of} delivers again, after {silent}"), text, None)
            .with(attributes(provider, AlertState::Over))
    }

    /// The alert of a provider that delivers, but nothing that can be read.
    #[must_use]
    pub fn unreadable(&self, id: String, provider: Provider, last: Timestamp, now: Timestamp) -> Alert {
        let (of, lasts) = (profile(provider).name, lasting(now.duration_since(last)));
        let facts = rows([("Last event", Some(self.time(last))), ("Provider", Some(of.to_owned()))]);
        let text = format!(
            "{of} delivers, but nothing that can be read for {lasts}. What to do: look at what is in the quarantine and why. Where \
             {of} changed what it sends, Trunkline needs a change; then retry the quarantine.\n\n{facts}\nHow often: once. The next message comes when something can be read again, or nothing comes \
             at all.\n\n{}",
            self.places([("the deliveries", Some("quarantine".to_owned()))])
        );
        self.alert(id, &format!("{of} delivers, but nothing that can be read for {lasts}"), text, None)
            .with(attributes(provider, AlertState::Open))
    }
}

/// What people choose an alert of a silence by.
fn attributes(provider: Provider, state: AlertState) -> Attributes {
    Attributes {
        provider: Some(provider),
        class: Some("silence".to_owned()),
        severity: Some(Severity::Warning),
        state: Some(state),
        ..Attributes::default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;
    use crate::settings::Numbers;
    use crate::words::read_aloud;

    #[test]
    fn a_silence_and_its_end_are_told_so() {
        let words = Words::new("https://api.example.com/v1".to_owned(), Numbers::Shown);
        let [last, now] = ["2026-11-02T16:40:00Z", "2026-11-02T18:45:00Z"].map(|at| at.parse().unwrap());
        let id = String::new;
        insta::assert_snapshot!("silence-onsip", read_aloud(&words.silent(id(), Provider::Onsip, last, now)));
        insta::assert_snapshot!("silence-opentact", read_aloud(&words.silent(id(), Provider::Opentact, last, now)));
        insta::assert_snapshot!("unreadable", read_aloud(&words.unreadable(id(), Provider::Onsip, last, now)));
        insta::assert_snapshot!("silence-over", read_aloud(&words.back(id(), Provider::Onsip, last, now)));
    }
}
