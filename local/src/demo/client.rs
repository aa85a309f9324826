//! A provider's and a reader's side of HTTP.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Speaks to one stack.
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: String,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The address or the token does not fit into a request.
    #[error("the request cannot be made")]
    Request(#[from] hyper::http::Error),
    /// No connection.
    #[error("the stack does not answer")]
    Connection(#[from] hyper_util::client::legacy::Error),
    /// The answer broke off.
    #[error("the answer broke off")]
    Body(#[from] hyper::Error),
    /// The answer is no JSON.
    #[error("the answer is no JSON")]
    Json(#[from] serde_json::Error),
    /// The answer is an error.
    #[error("the stack answered {status}: {answer}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The problem document.
        answer: Value,
    },
}

impl Client {
    /// For the stack at that URL.
    pub(crate) fn new(base: &str) -> Self {
        Self { http: Http::builder(TokioExecutor::new()).build_http(), base: base.to_owned() }
    }

    /// Posts JSON with a token, as a provider does.
    pub(crate) async fn post(&self, path: &str, token: &str, body: String) -> Result<Value, ClientError> {
        self.send(Method::POST, path, token, Bytes::from(body)).await
    }

    /// Reads with a token.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Result<Value, ClientError> {
        self.send(Method::GET, path, token, Bytes::new()).await
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Bytes) -> Result<Value, ClientError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        let response = self.http.request(request).await?;
        let status = response.status();
        let answer = serde_json::from_slice(&response.into_body().collect().await?.to_bytes())?;
        if status.is_success() { Ok(answer) } else { Err(ClientError::Refused { status, answer }) }
    }
}
