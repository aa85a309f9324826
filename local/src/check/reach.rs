//! Whether anything answers at the URL, and whether that is a Trunkline: without a token, its events are a 401 and a
//! problem document.

use hyper::StatusCode;

use super::error::{CheckError, Stop};
use crate::client::{Answer, ApiUrl, StackClient};

/// A client of the stack, once it is known to be one.
pub(crate) async fn reach(url: &ApiUrl) -> Result<StackClient, Stop> {
    let client = StackClient::new(url)?;
    client.resolve().await?;
    let answer = client.get("/events", None).await?;
    match stranger(&answer) {
        Some(words) => Err(CheckError::Stranger { answer: answer.to_string(), words }.into()),
        None => Ok(client),
    }
}

/// Who answered, if it is not a Trunkline that works.
fn stranger(answer: &Answer) -> Option<&'static str> {
    const PATH: &str = "no such path or stage: is the URL the stack's output ApiUrl, with its stage (/v1) and no more?";
    match answer.status {
        StatusCode::UNAUTHORIZED if answer.is_problem() => None,
        StatusCode::NOT_FOUND if answer.is_problem() => Some(PATH),
        // What API Gateway itself says where a stack's own words do not reach: another stage, or another API.
        StatusCode::FORBIDDEN
            if answer.text("message").is_some_and(|m| m == "Missing Authentication Token" || m == "Forbidden") =>
        {
            Some(PATH)
        }
        StatusCode::FORBIDDEN => Some("a policy or a firewall in front of the API refuses this address"),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Some("too many requests (ReadRate, ReadBurst), or the account's Lambda concurrency is used up; try again")
        }
        status if status.is_server_error() => {
            Some("the API is there, but its function fails; QueryFunction's log in CloudWatch tells why")
        }
        status if status.is_redirection() => {
            Some("it redirects, and no redirect is followed: give the URL it leads to")
        }
        _ => Some("this is no Trunkline: give the stack's output ApiUrl"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use hyper::body::Bytes;

    use super::*;

    #[test]
    fn what_answers_is_named_in_words() {
        const PROBLEM: &str = "application/problem+json";
        const JSON: &str = "application/json";
        for (status, content_type, body, words) in [
            (404, PROBLEM, r#"{"detail":"There is nothing at this path."}"#, "stage"),
            (403, JSON, r#"{"message":"Missing Authentication Token"}"#, "stage"),
            (403, JSON, r#"{"message":"Forbidden"}"#, "stage"),
            (403, PROBLEM, r#"{"detail":"This address may not send requests here."}"#, "address"),
            (403, "text/html", "<h1>Forbidden</h1>", "firewall"),
            (401, "text/html", "", "no Trunkline"),
            (404, "text/html", "", "no Trunkline"),
            (200, JSON, "{}", "no Trunkline"),
            (301, "text/html", "", "redirects"),
            (429, JSON, r#"{"message":"Too Many Requests"}"#, "ReadRate"),
            (503, PROBLEM, r#"{"detail":"Too many requests. Try again."}"#, "try again"),
            (500, PROBLEM, "{}", "QueryFunction"),
            (502, JSON, r#"{"message":"Internal server error"}"#, "QueryFunction"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let answer =
                Answer { status, content_type: content_type.to_owned(), link: String::new(), body: Bytes::from(body) };
            assert!(stranger(&answer).is_some_and(|told| told.contains(words)), "{status} {content_type} {body}");
        }
    }

    #[test]
    fn a_trunkline_wants_a_token() {
        let content_type = "application/problem+json".to_owned();
        let answer = Answer { status: StatusCode::UNAUTHORIZED, content_type, link: String::new(), body: Bytes::new() };
        assert_eq!(stranger(&answer), None);
    }
}
