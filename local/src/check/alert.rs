//! A test alert, which takes the way of a failed call's alert. Whether it arrives, only its reader can tell.

use hyper::StatusCode;

use super::error::{CheckError, Stop};
use crate::client::StackClient;
use crate::holder::{CheckTokens, TokenHolder};

/// The report on a stack that recorded the alert.
pub(crate) const SENT: &str = "recorded, and sent within two minutes: look at the mail of AlertEmails, the phones of \
    AlertPhones and the chat; if nothing comes: are these set, is the subscription in AWS's first e-mail confirmed (see the spam \
    folder), and has SMS left its sandbox?";

/// Records a test alert.
pub(crate) async fn send(client: &StackClient, tokens: &CheckTokens) -> Result<(), Stop> {
    let operator = tokens.of(TokenHolder::Operator)?;
    let answer = client.post("/alerts/test", operator, String::new()).await?;
    if !answer.says(StatusCode::ACCEPTED, "recorded") {
        return Err(CheckError::refusal(TokenHolder::Operator, "the test alert", "QueryFunction", &answer).into());
    }
    Ok(())
}
