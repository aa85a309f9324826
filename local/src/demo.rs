//! `--demo`: plays an invented day through the front door, as the providers would, and says where to look.

mod evening;
pub(crate) mod script;
pub(crate) mod shift;

use std::time::Duration;

use hyper::header::InvalidHeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use self::script::{ANSWERED, DAY};
use crate::client::{Answer, ApiUrl, ClientError, StackClient, Token, UrlError};
use crate::guide::get;
use crate::stack::{Stack, Tokens};
use crate::terminal::Terminal;

/// How long to wait for the alert before pointing to where it will be.
const ALERT_WAIT: Duration = Duration::from_secs(10);

/// When what failed alone is left to the digest, and when that is told at the latest.
const GATHERED: SignedDuration = SignedDuration::from_mins(11);
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Plays the day and prints where to look; what goes wrong is printed, and ends the demo but not the stack.
pub(crate) async fn play(stack: &Stack, terminal: Terminal) {
    let played = async { Demo::new(stack.url(), stack.tokens())?.play().await };
    terminal.say(&played.await.unwrap_or_else(broken_off));
}

/// Plays how it went on: calls go through again, and the next morning has its digest. `window` is that of the alerts.
pub(crate) async fn go_on(stack: &Stack, window: Duration, terminal: Terminal) {
    let played = async { Demo::new(stack.url(), stack.tokens())?.go_on(stack, window).await };
    terminal.say(&played.await.unwrap_or_else(broken_off));
}

fn broken_off(error: DemoError) -> String {
    format!("the demo broke off: {error}")
}

struct Demo<'a> {
    client: StackClient,
    provider: Token,
    reader: Token,
    url: &'a str,
    tokens: &'a Tokens,
}

/// Why the demo does not go on.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    /// The stack has another URL than expected.
    #[error("the stack's URL: {0}")]
    Url(#[from] UrlError),
    /// The stack was given a token that no header holds.
    #[error("a token cannot be sent in a header")]
    Token(#[from] InvalidHeaderValue),
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An error.
    #[error("the stack answered {0}")]
    Refused(Answer),
    /// The schedule failed.
    #[error("the schedule failed")]
    Schedule(#[source] notify::Error),
    /// No JSON.
    #[error("the answer is no JSON")]
    Json(#[from] serde_json::Error),
}

impl<'a> Demo<'a> {
    fn new(url: &'a str, tokens: &'a Tokens) -> Result<Self, DemoError> {
        let (provider, reader) = (Token::new(tokens.provider.clone())?, Token::new(tokens.read.clone())?);
        Ok(Self { client: StackClient::new(&ApiUrl::of_own(url)?)?, provider, reader, url, tokens })
    }

    async fn play(&self) -> Result<String, DemoError> {
        let now = Timestamp::now();
        let (mut delivered, mut answered) = (0_usize, None);
        for (nth, (ago, scene)) in DAY.iter().enumerate() {
            let end = now.checked_sub(SignedDuration::from_mins(*ago)).unwrap_or(now);
            for (body, sample) in shift::shifted(scene, end, nth).into_iter().zip(scene.iter()) {
                let answer = self.post(sample.route, body).await?;
                delivered += 1;
                if ANSWERED.iter().any(|of_answered| of_answered.text == sample.text) {
                    answered = text(&answer, "id");
                }
            }
        }
        for (route, body) in evening::deliveries(now) {
            self.post(route, body).await?;
            delivered += 1;
        }
        let call = self.call_of(answered.as_deref()).await?;
        let alert = self.alert().await?;
        Ok(self.summary(delivered, &call, alert.as_deref()))
    }

    /// Nobody waits for a morning: the schedule is told that it is later.
    async fn go_on(&self, stack: &Stack, window: Duration) -> Result<String, DemoError> {
        // The window's summary comes first, and then the end of what fails no more.
        tokio::time::sleep(window + window / 2).await;
        for (route, body) in evening::recovery(Timestamp::now()) {
            self.post(route, body).await?;
        }
        tokio::time::sleep(window / 2).await;
        for later in [GATHERED, A_DAY] {
            let at = Timestamp::now().checked_add(later).unwrap_or(Timestamp::MAX);
            stack.schedule_at(at).await.map_err(DemoError::Schedule)?;
        }
        Ok("demo: it is the next day, and the digest is told".to_owned())
    }

    async fn post(&self, route: &str, body: String) -> Result<Value, DemoError> {
        accepted(self.client.post(route, &self.provider, body).await?)
    }

    async fn get(&self, path: &str) -> Result<Value, DemoError> {
        accepted(self.client.get(path, Some(&self.reader)).await?)
    }

    /// The call that an event belongs to.
    async fn call_of(&self, event: Option<&str>) -> Result<String, DemoError> {
        let path = format!("/events/{}", event.unwrap_or_default());
        let event = self.get(&path).await?;
        Ok(text(&event, "call").unwrap_or_default())
    }

    /// The subject of the latest alert, if one comes in time.
    async fn alert(&self) -> Result<Option<String>, DemoError> {
        let deadline = Instant::now() + ALERT_WAIT;
        loop {
            let published = self.get("/local/published").await?;
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

fn accepted(answer: Answer) -> Result<Value, DemoError> {
    if answer.status.is_success() { Ok(answer.json()?) } else { Err(DemoError::Refused(answer)) }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}
