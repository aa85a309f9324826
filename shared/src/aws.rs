//! The one way to build AWS clients.
//!
//! Region and credentials come from the function's environment: `aws-config` would add its whole chain of providers to each
//! cold start.
//!
//! TLS is rustls with `ring`, whose only random source is the operating system's (`getrandom`). On Lambda that is the
//! kernel's generator, seeded from the processor and the hypervisor before a function runs. The SDK's default, aws-lc, mixes
//! in entropy that it gathers from the jitter of the processor's own timing at the first handshake: 20 ms and more of CPU in
//! each cold start, for a second opinion that a kernel in good order does not need.
//!
//! Clients trust the roots of Amazon's own authority, which every endpoint of AWS in the commercial regions chains to, and
//! not the hundred others of the system, any of which could vouch for a false DynamoDB. The roots are compiled in, since
//! reading the system's costs up to 1.5 ms. `EXTRA_CA_CERTS` adds a company's own, or the system's where a partition needs them.

mod batch;
mod effort;
mod error;
mod roots;

use std::sync::OnceLock;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::BehaviorVersion;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_types::SdkConfig;
use aws_types::region::Region;

pub use self::batch::{batch_find, batch_insert, batch_write};
use self::effort::{ATTEMPT, Effort, ServerErrors};
pub use self::error::ServiceError;
use self::roots::Roots;
use crate::settings::{Fault, Lookup, Reader, SettingsError};

/// What clients are made from: one HTTP client, and so one connection a service, for all of them.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    effort: Effort,
    endpoints: Vec<(&'static str, String)>,
    faults: Vec<Fault>,
    /// One for all that ask: each one more is a part of a cold start.
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
}

impl Aws {
    /// Reads `AWS_REGION`, the credentials that Lambda puts into the environment, `AWS_ENDPOINT_URL` with its per-service
    /// forms (`AWS_ENDPOINT_URL_DYNAMODB`, `_LAMBDA`, `_SECRETSMANAGER`, `_SNS`, `_SQS`), which point at an emulator, and `EXTRA_CA_CERTS`, the path of a
    /// PEM file with roots to trust beside Amazon's. Where that can't be read, Amazon's alone are trusted, and it is a fault: it must
    /// not stop what needs no other roots.
    ///
    /// # Errors
    /// [`SettingsError`] names each missing setting.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::lenient(lookup);
        let credentials = Credentials::new(
            reader.required("AWS_ACCESS_KEY_ID"),
            reader.required("AWS_SECRET_ACCESS_KEY"),
            reader.optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let region = Region::new(reader.required("AWS_REGION"));
        let tls = reader.parsed("EXTRA_CA_CERTS", Roots::default()).context();
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls).build_https();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http);
        config.set_endpoint_url(reader.optional("AWS_ENDPOINT_URL"));
        let endpoint = |service| Some((service, reader.optional(&format!("AWS_ENDPOINT_URL_{service}"))?));
        let endpoints =
            ["DYNAMODB", "LAMBDA", "SECRETSMANAGER", "SNS", "SQS"].into_iter().filter_map(endpoint).collect();
        let faults = reader.faults();
        reader.finish(Self {
            config: config.build(),
            effort: Effort::default(),
            endpoints,
            faults,
            dynamodb: OnceLock::new(),
        })
    }

    /// The settings that can't be read.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The same, with that much time for each attempt of a call and for all of them: a client that waits for messages, or is
    /// far from the region, needs more than a function has.
    #[must_use]
    pub fn with_time(self, attempt: Duration, operation: Duration) -> Self {
        self.with(Effort::usual(attempt, operation))
    }

    /// The same, for calls that are worth all of that time: what a repeat may cure is tried again until it is over.
    #[must_use]
    pub fn persistent(self, operation: Duration) -> Self {
        self.with(Effort::persistent(operation))
    }

    /// The same, for a client that is far from the region and has that much time for each attempt of a call, and tries again what a
    /// repeat may cure until all of that time is over.
    #[must_use]
    pub fn patient(self, attempt: Duration, operation: Duration) -> Self {
        self.with(Effort::patient(attempt, operation))
    }

    /// The same, for calls that are tried once, for that long.
    #[must_use]
    pub fn once(self, attempt: Duration) -> Self {
        self.with(Effort::once(attempt))
    }

    fn with(self, effort: Effort) -> Self {
        Self { effort, dynamodb: OnceLock::new(), ..self }
    }

    /// A client of DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        self.dynamodb.get_or_init(|| self.new_dynamodb()).clone()
    }

    fn new_dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.service("DYNAMODB"));
        if let Some(budget) = self.effort.budget() {
            config = config.retry_partition(budget).retry_classifier(ServerErrors);
        }
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A client of SQS.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        let mut config = aws_sdk_sqs::config::Builder::from(&self.service("SQS"));
        if let Some(budget) = self.effort.budget() {
            config = config.retry_partition(budget).retry_classifier(ServerErrors);
        }
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    /// The configuration of the service's clients; the name as in `AWS_ENDPOINT_URL_…`.
    #[must_use]
    pub fn service(&self, name: &str) -> SdkConfig {
        let config = self.effort.applied_to(self.config.to_builder());
        match self.endpoints.iter().find(|(service, _)| *service == name) {
            Some((_, url)) => config.endpoint_url(url).build(),
            None => config.build(),
        }
    }
}

/// Clients of a configuration that was made elsewhere.
impl From<SdkConfig> for Aws {
    fn from(config: SdkConfig) -> Self {
        let effort = Effort::default();
        Self { config, effort, endpoints: Vec::new(), faults: Vec::new(), dynamodb: OnceLock::new() }
    }
}

/// Opens the connection to DynamoDB, so that the first request finds it open. If it fails, the first request opens one.
///
/// The request reads and changes nothing. DynamoDB answers it whatever a role allows, and bills no unit for it:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/inter-network-traffic-privacy.html>.
pub async fn connect(client: &aws_sdk_dynamodb::Client) {
    ahead(client.describe_endpoints().send()).await;
}

/// Waits for a request that a function makes during its init, where no request waits, for at most the time of one attempt.
pub async fn ahead(request: impl Future) {
    let _ = tokio::time::timeout(ATTEMPT, request).await;
}

#[cfg(test)]
pub(crate) mod fake;
