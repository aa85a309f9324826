//! Sends to a target: a probe, or an event. Nothing leaves this machine.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::knobs::Route;

/// How long a target may take. guess: not published
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub(crate) struct Sender(Client<HttpConnector, Full<Bytes>>);

/// Where a target is on this machine, if it is there.
#[derive(Debug)]
pub(crate) struct Target(Option<Here>);

#[derive(Debug)]
struct Here {
    url: String,
    host: Option<String>,
}

impl Target {
    pub(crate) fn of(target: &str, hosts: &BTreeMap<String, Route>) -> Self {
        Self(here(target, hosts))
    }
}

fn here(target: &str, hosts: &BTreeMap<String, Route>) -> Option<Here> {
    let uri: Uri = target.parse().ok()?;
    match hosts.get(uri.host()?) {
        Some(Route { address, host }) if address.ip().is_loopback() => {
            let url = format!("http://{address}{}", uri.path_and_query()?);
            Some(Here { url, host: Some(host.clone()) })
        }
        Some(_) => None,
        None => is_loopback(target).then(|| Here { url: target.to_owned(), host: None }),
    }
}

impl Sender {
    pub(crate) fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    /// Posts JSON, and follows no redirect; the status, if an answer came.
    pub(crate) async fn post(&self, Target(here): &Target, body: String) -> Option<u16> {
        let Here { url, host } = here.as_ref()?;
        let mut request = Request::post(url).header(CONTENT_TYPE, "application/json");
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let answer = self.0.request(request.body(Full::from(body)).ok()?);
        Some(tokio::time::timeout(TIMEOUT, answer).await.ok()?.ok()?.status().as_u16())
    }
}

/// Whether it is plain http on this machine.
fn is_loopback(target: &str) -> bool {
    let Ok(uri) = target.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    uri.scheme_str() == Some("http") && here
}

/// Whether a subscription may have it: https (doc), and here plain http on this machine too.
pub(crate) fn is_allowed(target: &str) -> bool {
    let https = target.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    https || is_loopback(target)
}

/// doc for the probe; guess for deliveries: what counts as taken
pub(crate) fn is_taken(status: Option<u16>) -> bool {
    status.is_some_and(|status| (200..300).contains(&status))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_on_this_machine_or_nowhere() {
        let target = "https://example.com/v1/call?token=t";
        for (address, url) in [("127.0.0.1:1", Some("http://127.0.0.1:1/v1/call?token=t")), ("192.0.2.1:1", None)] {
            let route = Route { address: address.parse().unwrap(), host: "other.example.com".to_owned() };
            let found = here(target, &BTreeMap::from([("example.com".to_owned(), route)]));
            assert_eq!(found.map(|here| here.url).as_deref(), url);
        }
        assert!(here(target, &BTreeMap::new()).is_none());
    }

    #[test]
    fn nothing_is_sent_off_this_machine() {
        for target in ["http://127.0.0.1:1/a?token=t", "http://localhost:1", "http://[::1]:1"] {
            assert!(is_loopback(target) && is_allowed(target), "{target}");
        }
        for target in ["http://192.0.2.1/", "http://example.com/", "http://localhost.example.com/", "nonsense", "/a"] {
            assert!(!is_loopback(target) && !is_allowed(target), "{target}");
        }
        assert!(is_allowed("https://example.com/a") && !is_loopback("https://127.0.0.1/a"));
    }
}
