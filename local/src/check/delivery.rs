//! A marked test delivery: stored, read back to the byte, and known when it comes again.

use hyper::StatusCode;
use jiff::Timestamp;
use shared::event::TRIAL;
use shared::key::EventId;

use super::error::{CheckError, Stop};
use crate::client::{Answer, StackClient, Token};
use crate::holder::{CheckTokens, TokenHolder};
use crate::random;

/// The report on a stack that keeps its deliveries.
pub(crate) fn words(id: &EventId) -> String {
    format!("stored as {id}, read back to the byte, and told to be a duplicate when it came again")
}

/// Delivers as OnSIP, reads as a reader, and delivers the same once more; gives the event's id.
pub(crate) async fn deliver(
    client: &StackClient,
    accepted: Option<&Token>,
    tokens: &CheckTokens,
) -> Result<EventId, Stop> {
    let Some(provider) = accepted else {
        return Err(Stop::Skipped(format!("it needs an accepted {}", TokenHolder::Onsip.variable())));
    };
    let reader = tokens.of(TokenHolder::Reader)?;
    let body = body(Timestamp::now());
    let id = stored(&client.deliver(&provider.query(), &body).await?)?;
    let event = client.get(&format!("/events/{id}"), Some(reader)).await?;
    if event.status != StatusCode::OK || event.text("type").as_deref() != Some(TRIAL) {
        return Err(CheckError::refusal(TokenHolder::Reader, "reading the event back", "QueryFunction", &event).into());
    }
    let read = client.get(&format!("/events/{id}/body"), Some(reader)).await?;
    if read.status != StatusCode::OK {
        return Err(CheckError::answer("reading the body back", "QueryFunction", &read).into());
    }
    if read.body != body {
        return Err(CheckError::Body { sent: body.len(), read: read.body.len() }.into());
    }
    let repeat = client.deliver(&provider.query(), &body).await?;
    if !repeat.says(StatusCode::OK, "duplicate") || event_id(&repeat).as_ref() != Some(&id) {
        return Err(CheckError::answer("the same delivery again", "CallFunction", &repeat).into());
    }
    Ok(id)
}

fn stored(answer: &Answer) -> Result<EventId, CheckError> {
    let id = event_id(answer).filter(|_| answer.says(StatusCode::OK, "stored"));
    id.ok_or_else(|| CheckError::answer("the test delivery", "CallFunction", answer))
}

fn event_id(answer: &Answer) -> Option<EventId> {
    answer.text("id")?.parse().ok()
}

/// A complete OnSIP envelope, written so that parsing it and writing it again changes bytes.
fn body(now: Timestamp) -> String {
    format!(
        r#"{{ "id": "{id}", "streamId": "{stream}", "subscriptionId": "0", "type": "{TRIAL}",
  "payload": {{ "note": "sent by a check of this deployment \u2014 naïve", "number": 1.10 }}, "createdAt": "{now:.6}" }}
"#,
        id = random::uuid().replace('-', ""),
        stream = random::uuid(),
    )
}
