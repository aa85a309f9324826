//! `--demo`: plays an invented day through the front door, as the providers would, and says where to look.

mod client;
mod evening;
mod script;
mod shift;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use self::client::{Client, ClientError};
use self::script::{ANSWERED, DAY};
use crate::guide::get;
use crate::{Terminal, Tokens};

/// How long to wait for the alert before pointing to where it will be.
const ALERT_WAIT: Duration = Duration::from_secs(10);

/// Plays the day and prints where to look; what goes wrong is printed, and ends the demo but not the stack.
pub(crate) async fn play(url: &str, tokens: &Tokens, terminal: Terminal) {
    let demo = Demo { client: Client::new(url), url, tokens };
    let summary = demo.play().await.unwrap_or_else(|error| format!("the demo broke off: {error}"));
    terminal.say(&summary);
}

struct Demo<'a> {
    client: Client,
    url: &'a str,
    tokens: &'a Tokens,
}

impl Demo<'_> {
    async fn play(&self) -> Result<String, ClientError> {
        let now = Timestamp::now();
        let (mut delivered, mut answered) = (0_usize, None);
        for (nth, (ago, scene)) in DAY.iter().enumerate() {
            let end = now.checked_sub(SignedDuration::from_mins(*ago)).unwrap_or(now);
            for (body, sample) in shift::shifted(scene, end, nth).into_iter().zip(scene.iter()) {
                let answer = self.client.post(sample.route, &self.tokens.provider, body).await?;
                delivered += 1;
                if ANSWERED.iter().any(|of_answered| of_answered.text == sample.text) {
                    answered = text(&answer, "id");
                }
            }
        }
        for (route, body) in evening::deliveries(now) {
            self.client.post(route, &self.tokens.provider, body).await?;
            delivered += 1;
        }
        let call = self.call_of(answered.as_deref()).await?;
        let alert = self.alert().await?;
        Ok(self.summary(delivered, &call, alert.as_deref()))
    }

    /// The call that an event belongs to.
    async fn call_of(&self, event: Option<&str>) -> Result<String, ClientError> {
        let path = format!("/events/{}", event.unwrap_or_default());
        let event = self.client.get(&path, &self.tokens.read).await?;
        Ok(text(&event, "call").unwrap_or_default())
    }

    /// The subject of the latest alert, if one comes in time.
    async fn alert(&self) -> Result<Option<String>, ClientError> {
        let deadline = Instant::now() + ALERT_WAIT;
        loop {
            let published = self.client.get("/local/published", &self.tokens.read).await?;
            let mut all = published.as_array().into_iter().flatten();
            let alert = all.find(|publication| text(publication, "topic").as_deref() == Some("AlertsTopic"));
            if alert.is_some() || Instant::now() > deadline {
                return Ok(alert.and_then(|alert| text(alert, "subject")));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn summary(&self, delivered: usize, call: &str, alert: Option<&str>) -> String {
        let read = Some(self.tokens.read.as_str());
        let alert = alert.unwrap_or("not published yet");
        format!(
            "\ndemo: a day of traffic, {delivered} deliveries\n\n# one call with both of its legs\n{}\n\n# the latest alert: {alert}\n# (a summary of the other failed calls follows when \
             its window closes)\n{}\n",
            get(&format!("{}/calls/{call}", self.url), read),
            get(&format!("{}/local/published", self.url), None),
        )
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}
