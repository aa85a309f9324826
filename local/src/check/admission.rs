//! Whether the stack lets the provider's token in, and no other.

use hyper::StatusCode;

use super::error::{CheckError, Stop};
use crate::client::{StackClient, Token};
use crate::holder::{CheckTokens, TokenHolder};
use crate::random;

/// The report on a stack that lets the token in.
pub(crate) const ACCEPTED: &str = "the provider's is let in, a made-up one is refused";

/// Probes the OnSIP route with a token that nobody was given, then with the provider's; gives the latter.
pub(crate) async fn accepted<'t>(client: &StackClient, tokens: &'t CheckTokens) -> Result<&'t Token, Stop> {
    let token = tokens.of(TokenHolder::Onsip)?;
    let answer = client.deliver(&format!("token={}", random::uuid()), "{}").await?;
    if answer.status.is_success() {
        return Err(CheckError::Open { answer: answer.to_string() }.into());
    }
    if answer.status != StatusCode::UNAUTHORIZED {
        return Err(CheckError::answer("a probe with a made-up token", "CallFunction", &answer).into());
    }
    let answer = client.deliver(&token.query(), "{}").await?;
    if !answer.says(StatusCode::OK, "ready") {
        return Err(CheckError::refusal(TokenHolder::Onsip, "the probe", "CallFunction", &answer).into());
    }
    Ok(token)
}
