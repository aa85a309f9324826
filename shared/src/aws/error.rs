//! Why a call to AWS failed, and how much of it a log may say.
//!
//! The rule: no data in a log. A service's message may quote what was sent to it, so only its code is displayed, and not
//! even `Debug` shows the message. Where there was no answer there is nothing to quote, and the chain of causes is kept:
//! a name that does not resolve, a TLS handshake that fails, a refused connection and a time-out read differently.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

type BoxError = Box<dyn Error + Send + Sync>;

/// Why a call to a service of AWS failed. Its text and its sources hold no data.
#[derive(Debug, thiserror::Error)]
#[error("{summary}")]
pub struct ServiceError {
    code: Option<String>,
    /// The service's code, or the SDK's name for the failure.
    summary: String,
    message: Option<Message>,
    #[source]
    source: Option<BoxError>,
}

/// A service's own words, which may quote data.
struct Message(String);

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ServiceError {
    /// The code that the service answered with.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What the service said, which may quote what was sent to it: not for a log.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_ref().map(|Message(text)| text.as_str())
    }

    /// The same, with the service's message in the chain of causes: for an operator's terminal, and not for a log.
    #[must_use]
    pub fn with_message(mut self) -> Self {
        self.source = self.message.take().map(|Message(text)| text.into()).or(self.source);
        self
    }
}

impl<E> From<SdkError<E, HttpResponse>> for ServiceError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if let SdkError::ServiceError(answer) = &error {
            let code = answer.err().code().map(str::to_owned);
            let summary = code.clone().unwrap_or_else(|| format!("HTTP status {}", answer.raw().status().as_u16()));
            let message = answer.err().message().map(|text| Message(text.to_owned()));
            return Self { code, summary, message, source: None };
        }
        Self { code: None, summary: error.to_string(), message: None, source: error.into_source().ok() }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener};
    use std::time::Duration;

    use super::*;
    use crate::aws::Aws;
    use crate::log::chain;

    /// Far more than loopback needs.
    const AMPLE: Duration = Duration::from_secs(20);

    /// The error of a call to that endpoint.
    async fn failure(url: String, time: Duration) -> ServiceError {
        let lookup = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some(url.clone()),
            "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("x".to_owned()),
            _ => None,
        };
        let client = Aws::read(&lookup).unwrap().with_time(time, time).dynamodb();
        let sent = client.describe_table().table_name("Events").send().await;
        sent.map(|_| ()).unwrap_err().into()
    }

    /// A port of loopback that answers every connection with these bytes.
    fn answering(answer: &'static str) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        port
    }

    #[tokio::test]
    async fn a_name_a_handshake_a_refusal_and_a_time_out_are_told_apart() {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mute = silent.local_addr().unwrap().port();
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        // No resolver asks for a label this long: no network is needed to fail.
        let nowhere = format!("http://{}.example.com", "x".repeat(64));
        for (url, time, expected) in [
            (nowhere, AMPLE, "dns error"),
            (format!("https://127.0.0.1:{}", answering("HTTP/1.1 400 no TLS\r\n\r\n")), AMPLE, "InvalidContentType"),
            (format!("http://127.0.0.1:{closed}"), AMPLE, "Connection refused"),
            (format!("http://127.0.0.1:{mute}"), Duration::from_millis(100), "timeout"),
        ] {
            let error = failure(url, time).await;
            let line = chain(&error);
            assert!(line.contains(expected), "{expected}: {line}");
            assert_eq!(error.code(), None, "{line}");
        }
    }

    #[tokio::test]
    async fn a_service_is_named_by_its_code_and_its_message_stays_out_of_the_log() {
        let port = answering(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\nconnection: close\r\n\r\n\
             {\"__type\":\"x#ValidationException\",\"message\":\"the key is 12025550101\"}",
        );
        let error = failure(format!("http://127.0.0.1:{port}"), AMPLE).await;
        assert_eq!((error.code(), error.message()), (Some("ValidationException"), Some("the key is 12025550101")));
        assert_eq!(chain(&error), "ValidationException");
        assert!(!format!("{error:?}").contains("12025550101"), "{error:?}");
        assert_eq!(chain(&error.with_message()), "ValidationException: the key is 12025550101");
    }

    #[tokio::test]
    async fn an_answer_without_a_code_is_named_by_its_status() {
        let port = answering("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}");
        assert_eq!(chain(&failure(format!("http://127.0.0.1:{port}"), AMPLE).await), "HTTP status 413");
    }
}
