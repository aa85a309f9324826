//! Alerts about the alerts: that a way reaches nobody, and that both work.

use jiff::Timestamp;
use shared::outbox::{Alert, Attributes, Severity};

use super::Words;
use crate::channel::Way;

impl Words {
    /// The alert, for those whom the other way reaches, that a way reaches nobody.
    #[must_use]
    pub fn unheard(&self, id: String, way: Way) -> Alert {
        let (story, step, advice) = match way {
            Way::Email => (
                "Nobody gets alerts by e-mail",
                "Confirm the subscription.",
                "confirm the subscription of each of AlertEmails: AWS's mail about it may be among the spam. One that is gone, as \
                 by a link that unsubscribes, comes again when its address is taken out of the parameter, deployed, and put in \
                 again.",
            ),
            Way::Sms => (
                "Nobody gets alerts by SMS",
                "Subscribe a phone.",
                "look at the subscriptions of UrgentTopic in the SNS console. A number that is gone comes again when it is taken out \
                 of AlertPhones, deployed, and put in again; one that opted out must opt in.",
            ),
        };
        let text = format!(
            "{story}. What to do: {advice}\n\nThe topic has no confirmed subscriber, so SNS takes each alert and delivers it to \
             nobody.\n\nHow often: once, until somebody is subscribed again. It is looked at every hour.\n"
        );
        let sms = [format!("{story}."), step.to_owned()];
        // By SMS only where mails reach nobody.
        let alert = self.alert(id, story, text, (way == Way::Email).then_some(sms.as_slice()));
        alert.with(about("channel", Some(Severity::Critical)))
    }

    /// A test by every way.
    #[must_use]
    pub fn test(&self, id: String, now: Timestamp) -> Alert {
        let at = self.time(now);
        let text = format!(
            "This is the monthly test: nothing has failed. What to do: nothing, if it came by each of your ways.\n\nWhen:      {at}\n\nAlerts \
             of failed calls come this way. How often: once a month (TestAlert).\n"
        );
        let sms = ["Trunkline test alert: nothing has failed.".to_owned(), at];
        self.alert(id, "Trunkline test alert: alerts reach you", text, Some(&sms)).with(about("test", None))
    }
}

fn about(class: &str, severity: Option<Severity>) -> Attributes {
    Attributes { class: Some(class.to_owned()), severity, ..Attributes::default() }
}
