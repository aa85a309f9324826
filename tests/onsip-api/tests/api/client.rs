//! A client of the API, and a target to subscribe.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use onsip_api::OnsipApi;
use serde_json::Value;

pub(crate) const USER: &str = "admin@example.onsip.com";
pub(crate) const PASSWORD: &str = "correct-horse";

pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: String,
}

/// An answer as HTTP gives it; without a body where the connection ended in it.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) body: Option<String>,
}

impl Client {
    pub(crate) fn new(api: &OnsipApi) -> Self {
        Self::at(&api.url())
    }

    pub(crate) fn at(url: &str) -> Self {
        let base = url.strip_suffix("/api").unwrap().to_owned();
        Self { http: Http::builder(TokioExecutor::new()).build_http(), base }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: String) -> Raw {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let answer = self.http.request(request.body(Full::from(body)).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.ok();
        Raw { status, body: body.map(|body| String::from_utf8(body.to_bytes().to_vec()).unwrap()) }
    }

    pub(crate) async fn raw(&self, action: &str, parameters: &[(&str, &str)]) -> Raw {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Output", "json").extend_pairs(parameters);
        self.send("POST", "/api", form.finish()).await
    }

    /// The element `Response` of a reply, which comes with 200 whatever it says.
    pub(crate) async fn ask(&self, action: &str, parameters: &[(&str, &str)]) -> Value {
        let raw = self.raw(action, parameters).await;
        assert_eq!(raw.status, 200);
        let reply: Value = serde_json::from_str(&raw.body.unwrap()).unwrap();
        reply["Response"].clone()
    }

    pub(crate) async fn log_in(&self) -> String {
        let reply = self.ask("SessionCreate", &[("Username", USER), ("Password", PASSWORD)]).await;
        reply["Context"]["Session"]["SessionId"].as_str().unwrap().to_owned()
    }

    /// An action of subscriptions: its result, or the code of its error.
    pub(crate) async fn webhook(&self, session: &str, action: &str, more: &[(&str, &str)]) -> Result<Value, String> {
        let action = format!("WebhookSubscription{action}");
        let parameters = [&[("SessionId", session), ("OrganizationId", "38"), ("SslVerify", "true")], more].concat();
        result(&self.ask(&action, &parameters).await, &action)
    }
}

/// A reply's result, or the code of its only error.
pub(crate) fn result(reply: &Value, action: &str) -> Result<Value, String> {
    let context = &reply["Context"];
    if context["Action"]["IsCompleted"] == "true" {
        return Ok(reply["Result"][action].clone());
    }
    assert_eq!(reply["Result"], Value::Null, "{reply}");
    let code = |place: &str| context[place]["Errors"]["Error"]["Code"].as_str();
    Err(code("Request").or(code("Action")).unwrap().to_owned())
}

/// Takes deliveries, and answers them with a status.
pub(crate) struct Target {
    pub(crate) url: String,
    taken: Arc<Mutex<Vec<(String, String)>>>,
}

impl Target {
    pub(crate) async fn start(status: StatusCode) -> Self {
        let taken: Arc<Mutex<Vec<_>>> = Arc::default();
        let kept = Arc::clone(&taken);
        let app = Router::new().fallback(async move |headers: HeaderMap, body: String| {
            kept.lock().unwrap().push((headers["host"].to_str().unwrap().to_owned(), body));
            status
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/onsip/call?token=secret", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, taken }
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    /// The header `Host` of each request.
    pub(crate) fn hosts(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|(host, _)| host.clone()).collect()
    }
}
