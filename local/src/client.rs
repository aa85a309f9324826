//! HTTP to a stack, over TLS with the machine's own root certificates. Every request ends in time, and no redirect is
//! followed: a webhook's provider follows none, and a token is for the stack alone.

mod answer;
mod token;
mod url;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LINK};
use hyper::{Method, Request};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::Error as HttpError;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

pub(crate) use self::answer::Answer;
pub(crate) use self::token::Token;
use self::url::Scheme;
pub(crate) use self::url::{ApiUrl, UrlError};

/// How long a request may take, from connecting to the answer's last byte: as long as a function may run.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read, in bytes: the most that a function can give.
const ANSWER_LIMIT: usize = 6 * 1024 * 1024;

/// Speaks to one stack.
pub(crate) struct StackClient {
    http: Http<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: ApiUrl,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up on this machine: {0}")]
    Setup(#[from] rustls::Error),
    /// Nobody could be trusted.
    #[error("this machine has no root certificates for TLS: install ca-certificates, or name a file in SSL_CERT_FILE")]
    Roots(#[source] io::Error),
    /// DNS has no such name.
    #[error("the name {host} is not found ({reason}): is the URL the stack's output ApiUrl, and this machine online?")]
    Name {
        /// The name.
        host: String,
        /// What the system says.
        #[source]
        reason: io::Error,
    },
    /// No connection.
    #[error("no connection to {host} port {port} ({reason}): is the URL the stack's output ApiUrl?")]
    Connection {
        /// The name or address.
        host: String,
        /// The port.
        port: u16,
        /// The last cause.
        reason: String,
    },
    /// The other side cannot prove that it is that host, or speaks no TLS.
    #[error("TLS with {host} failed ({reason}): is it https there, and does nothing stand between?")]
    Tls {
        /// The name or address.
        host: String,
        /// What is wrong with the other side.
        #[source]
        reason: rustls::Error,
    },
    /// No answer in time.
    #[error("no answer within {} seconds: is the way there open, and does the function's log show time-outs?", TIMEOUT.as_secs())]
    Late,
    /// The answer broke off, or does not end.
    #[error("the answer cannot be read ({0})")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    /// URL and path make no address.
    #[error("the request cannot be made")]
    Request(#[from] hyper::http::Error),
}

impl StackClient {
    /// For the stack at that URL.
    pub(crate) fn new(url: &ApiUrl) -> Result<Self, ClientError> {
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls(url.scheme())?).https_or_http().enable_http1();
        Ok(Self { http: Http::builder(TokioExecutor::new()).build(connector.build()), url: url.clone() })
    }

    /// Looks the host's name up, so that a wrong name and a host that does not answer give different messages.
    pub(crate) async fn resolve(&self) -> Result<(), ClientError> {
        let found = tokio::net::lookup_host((self.url.host(), self.url.port()));
        match tokio::time::timeout(TIMEOUT, found).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(reason)) => Err(ClientError::Name { host: self.url.host().to_owned(), reason }),
            Err(_) => Err(ClientError::Late),
        }
    }

    /// Reads, with a token or without.
    pub(crate) async fn get(&self, path: &str, token: Option<&Token>) -> Result<Answer, ClientError> {
        self.send(Method::GET, path, token, String::new()).await
    }

    /// Reads a list as CSV.
    pub(crate) async fn get_csv(&self, path: &str, token: &Token) -> Result<Answer, ClientError> {
        let request = Request::get(format!("{}{path}", self.url)).header(ACCEPT, "text/csv");
        self.in_time(request.header(AUTHORIZATION, token.bearer()).body(Full::default())?).await
    }

    /// Delivers, or sets something off.
    pub(crate) async fn post(&self, path: &str, token: &Token, body: String) -> Result<Answer, ClientError> {
        self.send(Method::POST, path, Some(token), body).await
    }

    /// Delivers as OnSIP does, with the token in the query string.
    pub(crate) async fn deliver(&self, query: &str, body: &str) -> Result<Answer, ClientError> {
        self.send(Method::POST, &format!("/webhooks/onsip/call?{query}"), None, body.to_owned()).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&Token>,
        body: String,
    ) -> Result<Answer, ClientError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        // API Gateway gives the bytes of what it holds to be binary only to who says what it takes.
        request = request.header(ACCEPT, "*/*").header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.bearer());
        }
        self.in_time(request.body(Full::from(body))?).await
    }

    async fn in_time(&self, request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        tokio::time::timeout(TIMEOUT, self.answer(request)).await.unwrap_or(Err(ClientError::Late))
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        let answer = self.http.request(request).await.map_err(|error| self.unanswered(&error))?;
        let status = answer.status();
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (content_type, link) = (header(CONTENT_TYPE).to_owned(), header(LINK).to_owned());
        let body = Limited::new(answer.into_body(), ANSWER_LIMIT).collect().await.map_err(ClientError::Body)?;
        Ok(Answer { status, content_type, link, body: body.to_bytes() })
    }

    fn unanswered(&self, error: &HttpError) -> ClientError {
        let host = self.url.host().to_owned();
        match tls_error(error) {
            Some(reason) => ClientError::Tls { host, reason: reason.clone() },
            None => ClientError::Connection { host, port: self.url.port(), reason: last_cause(error).to_string() },
        }
    }
}

/// With ring, named here since rustls would choose by what other crates switch on.
fn tls(scheme: Scheme) -> Result<ClientConfig, ClientError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?;
    let config = match scheme {
        Scheme::Https => config.with_native_roots().map_err(ClientError::Roots)?,
        // In the clear nobody proves anything, and a machine without certificates will do.
        Scheme::Http => config.with_root_certificates(RootCertStore::empty()),
    };
    Ok(config.with_no_client_auth())
}

fn last_cause<'e>(error: &'e (dyn std::error::Error + 'static)) -> &'e (dyn std::error::Error + 'static) {
    error.source().map_or(error, last_cause)
}

/// TLS's own error: an `io::Error` carries it, and its `source` passes over what it carries.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let next = carried.map_or_else(|| error.source(), |carried| Some(carried as _));
    error.downcast_ref().or_else(|| tls_error(next?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn client() -> (TcpListener, StackClient) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        (listener, StackClient::new(&url).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_answers_is_given_up() {
        let (_listener, client) = client().await;
        assert!(matches!(client.get("/events", None).await, Err(ClientError::Late)));
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_its_end() {
        let (listener, client) = client().await;
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        });
        assert!(matches!(client.get("/events", None).await, Err(ClientError::Body(_))));
    }
}
