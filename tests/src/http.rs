//! An HTTP client for tests: every status is an answer, no redirects, no proxy of the environment.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::contract;

/// Longer than anything under test may take, so that a hang fails the test instead of stopping it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends requests to one server.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    agent: ureq::Agent,
    hold: fn(&str, &str, &Answer),
}

/// The server's answer.
#[derive(Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Client {
    /// A client of the server at that address (`http://127.0.0.1:1234`).
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE));
        Self { base: base.into(), agent: config.build().into(), hold: |_, _, _| () }
    }

    /// A client of a stack, which holds each answer to the API's description.
    #[must_use]
    pub fn of_stack(base: impl Into<String>) -> Self {
        Self { hold: contract::hold, ..Self::new(base) }
    }

    /// Sends a request as given; the path may hold a query string.
    ///
    /// # Panics
    /// When the server can't be reached or gives no HTTP answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same, where the server may give no answer.
    ///
    /// # Errors
    /// The client's error.
    ///
    /// # Panics
    /// When a stack's answer is not as its description says.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            [] => self.agent.run(request.body(()).expect("a request"))?,
            body => self.agent.run(request.body(body).expect("a request"))?,
        };
        let body = response.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
        let answer = Answer { status: response.status().as_u16(), headers: response.headers().clone(), body };
        (self.hold)(method, path, &answer);
        Ok(answer)
    }

    /// `POST` with a JSON body and no credentials but those in the path.
    #[must_use]
    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.as_ref())
    }

    /// `GET` with a bearer token.
    #[must_use]
    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], b"")
    }
}

/// Status, headers and text, for the message of a failing test.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.body))
    }
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A value as it stands in a URL's query.
#[must_use]
pub fn escape(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// An address as a browser reads it on a page: both without a server.
#[must_use]
pub fn resolved(page: &str, address: &str) -> String {
    let page = page.split('?').next().unwrap_or_default();
    if let Some(query) = address.strip_prefix('?') {
        return format!("{page}?{query}");
    }
    let mut segments: Vec<&str> = page.split('/').collect();
    segments.pop();
    for segment in address.split('/') {
        match segment {
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}
