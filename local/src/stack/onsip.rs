//! OnSIP, for a stack that subscribes itself: the stand-in for its API, and the secret for it. `renew` runs when the stack starts,
//! as when one is deployed, and then every six hours.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, header};
use jiff::Timestamp;
use onsip_api::OnsipApi;
use renew::{Renew, Run};
use serde_json::json;
use shared::log::chain;
use tokio::task::JoinSet;

use crate::random;
use crate::stack::backend::serve;
use crate::stack::environment::Endpoints;
use crate::stack::shutdown::{Shutdown, Trigger, shutdown};
use crate::stack::{Error, Tokens};

/// As deployed.
const EVERY: Duration = Duration::from_secs(6 * 3600);

/// The running services.
pub(crate) struct Onsip {
    api: OnsipApi,
    secrets: String,
    _trigger: Trigger,
    _tasks: JoinSet<()>,
}

impl Onsip {
    /// Starts them, for a stack that admits those tokens.
    ///
    /// # Errors
    /// When no port or no randomness can be had.
    pub(crate) async fn start(tokens: &Tokens) -> Result<Self, Error> {
        let (api, password) = (OnsipApi::start(0).await.map_err(Error::Endpoint)?, random::token()?);
        let mut username = String::new();
        api.turn(|knobs| {
            knobs.password.clone_from(&password);
            username.clone_from(&knobs.username);
        });
        let secret = json!({ "username": username, "password": password, "token": tokens.provider }).to_string();
        let (trigger, until) = shutdown();
        let mut tasks = JoinSet::new();
        let router = Router::new().fallback(answer).with_state(Arc::from(secret));
        let secrets = serve(router, &mut tasks, until).await.map_err(Error::Endpoint)?;
        Ok(Self { api, secrets, _trigger: trigger, _tasks: tasks })
    }

    /// What the functions get where the deployment has the secret's ARN.
    pub(crate) fn variables(&self, endpoints: &Endpoints) -> [(String, String); 6] {
        [
            ("AWS_ENDPOINT_URL_SECRETSMANAGER", self.secrets.clone()),
            ("ONSIP_SECRET_ARN", "onsip".to_owned()),
            ("ONSIP_API", self.api.url()),
            ("ONSIP_URL", format!("{}/webhooks/onsip/call", endpoints.gateway)),
            ("SUBSCRIPTION_NAME", "trunkline-local".to_owned()),
            ("RENEWAL", "on".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    /// Renews until the signal.
    pub(crate) async fn keep(self, renew: Renew, until: Shutdown) {
        loop {
            match renew.run(Timestamp::now()).await {
                Ok(Run::Renewed | Run::Busy) => {}
                Ok(Run::Failed(failure)) => tracing::warn!(error = chain(&failure), "the subscription was not renewed"),
                Err(error) => tracing::warn!(error = chain(&error), "renew failed"),
            }
            if until.within(EVERY).await {
                return;
            }
        }
    }
}

/// Secrets Manager's answer: the only secret, whatever is asked.
async fn answer(State(secret): State<Arc<str>>) -> Response<Body> {
    let answer = json!({ "Name": "onsip", "SecretString": &*secret, "VersionId": "1" });
    let mut response = Response::new(Body::from(answer.to_string()));
    let kind = HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
