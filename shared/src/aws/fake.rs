//! Services of AWS for tests: they answer at once, and Tokio's own time passes only while all wait.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use tokio::time::Instant;

use super::Aws;

/// What a service does with each request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    Status(u16, &'static str),
    /// The connection is refused or lost.
    Lost,
    Hangs,
}

/// Services that do all that they are asked for, but for those that have a fault.
#[derive(Debug, Clone, Default)]
pub(crate) struct Service {
    faults: Arc<Mutex<BTreeMap<&'static str, Fault>>>,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap().to_owned();
        self.asked.lock().unwrap().push((Instant::now(), operation.clone()));
        let faults = self.faults.lock().unwrap();
        let fault = faults.iter().find(|(service, _)| operation.starts_with(**service)).map(|(_, fault)| *fault);
        let answer = |status: u16, body: String| {
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
        };
        match fault {
            None => answer(200, "{}".to_owned()),
            Some(Fault::Status(status, code)) => answer(status, format!(r#"{{"__type":"x#{code}","message":"m"}}"#)),
            Some(Fault::Lost) => HttpConnectorFuture::ready(Err(ConnectorError::io("connection lost".into()))),
            Some(Fault::Hangs) => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl Service {
    /// With that fault of DynamoDB.
    pub(crate) fn of(fault: Fault) -> Self {
        let service = Self::default();
        service.break_with("DynamoDB", fault);
        service
    }

    /// From now on the service of that name (`DynamoDB`, `AmazonSQS`) has the fault.
    pub(crate) fn break_with(&self, service: &'static str, fault: Fault) {
        self.faults.lock().unwrap().insert(service, fault);
    }

    pub(crate) fn aws(&self) -> Aws {
        let service = self.clone();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(service.clone())));
        Aws::from(config.build())
    }

    /// The waits between the requests since this was asked last.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }

    /// How many requests of the service there were since this was asked last.
    pub(crate) fn asked(&self, service: &str) -> usize {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.len();
        asked.retain(|(_, operation)| !operation.starts_with(service));
        before - asked.len()
    }
}
