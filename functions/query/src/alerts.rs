//! Alerts: a test alert, so that an operator sees that alerts arrive.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::json;
use shared::outbox::{Alert, Attributes};
use shared::{answer, time};

use crate::{Answer, Query};

impl Query {
    /// Records an alert as a failure would: `notify` finds it pending and sends it with its next tick.
    pub(crate) async fn test_alert(&self, now: Timestamp) -> Answer {
        let (at, mark) = (time::readable(now), self.settings.label.mark());
        let alert = Alert {
            id: format!("test#{}", time::stamp(Some(now))),
            subject: format!("Trunkline test alert: alerts reach you{mark}"),
            text: format!(
                "This is a test, asked for at {at}.\n\nNothing has failed. Alerts of failed calls come this way.\n"
            ),
            sms: Some(format!("Trunkline test alert, asked for at {at}. Nothing has failed.{mark}")),
            attributes: Attributes { class: Some("test".to_owned()), ..Attributes::default() },
        };
        let id = alert.id.clone();
        self.outbox.record_due(&alert, now).await?;
        Ok(answer::json(StatusCode::ACCEPTED, &json!({"status": "recorded", "id": id})))
    }
}
