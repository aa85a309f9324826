//! HTTP as the API is spoken to: one POST of a form, a bounded answer, no redirects, no retries.
//!
//! The roots that are trusted are the public ones, compiled in: the functions' AWS clients trust Amazon's alone.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};

use super::error::Fault;
use super::url::ApiUrl;
use crate::reply::{Reply, Unfit};
use crate::secret::Secret;

/// How long one request may take.
pub(super) const TIME: Duration = Duration::from_secs(10);
/// The largest answer that is read: a page of twenty subscriptions has a few KB.
pub(super) const MAX_ANSWER: usize = 1 << 20;

/// A client of HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    time: Duration,
}

/// Why further roots can't be trusted.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It is not PEM.
    #[error("not PEM")]
    Pem(#[source] pem::Error),
    /// A certificate in it is none that can be trusted.
    #[error("not a root certificate, or TLS can't be set up")]
    Tls(#[from] rustls::Error),
}

impl Http {
    /// A client that trusts the public roots, and those in that PEM.
    ///
    /// # Errors
    /// [`RootsError`] when the PEM holds something else.
    pub fn new(further_roots: &[u8]) -> Result<Self, RootsError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in CertificateDer::pem_slice_iter(further_roots) {
            roots.add(certificate.map_err(RootsError::Pem)?)?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let tls = tls.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), time: TIME })
    }

    /// The same, with that much time for a request.
    #[must_use]
    pub fn with_time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    pub(super) async fn post(&self, url: &ApiUrl, form: &str) -> Result<Answer, Fault> {
        let request = Request::post(url.uri())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
            .header(ACCEPT, "application/json");
        let request = request.body(Full::from(form.to_owned())).map_err(|_| Fault::Lacks("a request"))?;
        let exchange = async {
            let answer = self.client.request(request).await.map_err(Fault::Unreachable)?;
            let status = answer.status();
            Ok(Answer { status, body: body(answer.into_body()).await? })
        };
        tokio::time::timeout(self.time, exchange).await.unwrap_or(Err(Fault::Late(self.time.as_secs())))
    }
}

async fn body(body: Incoming) -> Result<Bytes, Fault> {
    let read = Limited::new(body, MAX_ANSWER).collect().await;
    let fault = |error: Box<dyn std::error::Error + Send + Sync>| {
        if error.is::<LengthLimitError>() { Fault::TooLarge(MAX_ANSWER) } else { Fault::BrokeOff }
    };
    Ok(read.map_err(fault)?.to_bytes())
}

/// An answer of HTTP. Not `Debug`: its body can hold a password.
pub(super) struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    /// What the API says in it. An error of the API counts whatever the status; nothing else does without a success.
    pub(super) fn reply(&self, action: &str, secrets: &[&Secret]) -> Result<Reply, Fault> {
        match Reply::read(action, &self.body, secrets) {
            Ok(reply) if self.status.is_success() => Ok(reply),
            Err(told @ (Unfit::Refused { .. } | Unfit::Locked { .. } | Unfit::Exception { .. })) => Err(told.into()),
            Err(unfit) if self.status.is_success() => Err(unfit.into()),
            _ => Err(Fault::Status(self.status.as_u16())),
        }
    }
}
