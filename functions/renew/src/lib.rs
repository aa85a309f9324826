//! Keeps the webhook subscription at OnSIP alive: it dies after 24 hours unless it is renewed.
//!
//! A run logs in once, sees to it that exactly one subscription of ours lives, and logs out, whatever happened. One run at a time:
//! a lease in what is remembered sees to that. What became of it is remembered, and `notify` tells people. Nothing of the user's
//! secret leaves this crate but towards OnSIP: not into a log, an error or what is remembered.

pub mod api;
mod credentials;
mod error;
mod login;
pub mod metric;
mod policy;
pub mod reply;
pub mod secret;
mod settings;
mod upkeep;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use shared::aws::Aws;
use shared::log::chain;
use shared::metric::Gauges;
use shared::renewal::{Remembered, Renewal, Renewals, Trouble};
use shared::settings::environment;

use crate::api::{Api, Http, RootsError, Session, Wanted};
pub use crate::credentials::{Credentials, CredentialsError, Secrets};
pub use crate::error::{Error, Failure};
use crate::policy::Policy;
pub use crate::settings::{FurtherRoots, RenewSettings};
use crate::upkeep::Upkeep;

/// A run has 40 seconds: so many to log in and to work, and the rest to log out.
const WORK: Duration = Duration::from_secs(35);
const LOG_OUT: Duration = Duration::from_secs(5);
/// Longer than a run with its calls to AWS: the function's time-out ends it before.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Runs the function in Lambda.
///
/// # Errors
/// When the settings are wrong, or the runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    shared::log::init(&environment);
    let (settings, aws) = (RenewSettings::read(&environment)?, Aws::read(&environment)?);
    Gauges::read(&environment).tell_faults([&settings.faults, aws.faults()], Timestamp::now());
    let renew = &Renew::new(settings, &aws)?;
    lambda_runtime::run(service_fn(|_: LambdaEvent<Value>| async move { renew.run(Timestamp::now()).await.map(drop) }))
        .await
}

/// What became of a run.
#[derive(Debug)]
pub enum Run {
    /// Ours lives for another 24 hours.
    Renewed,
    /// It does not, for that reason. It is remembered.
    Failed(Failure),
    /// Another run is under way.
    Busy,
}

/// The renewer.
#[derive(Debug)]
pub struct Renew {
    secrets: Secrets,
    store: Renewals,
    api: Api,
    url: String,
    name: String,
    gauges: Gauges,
}

impl Renew {
    /// A renewer of that subscription.
    ///
    /// # Errors
    /// [`RootsError`] when TLS can't be set up.
    pub fn new(settings: RenewSettings, aws: &Aws) -> Result<Self, RootsError> {
        let RenewSettings { alerts_table, secret, api, further_roots, url, name, gauges, .. } = settings;
        let (secrets, store) = (Secrets::new(aws, secret), Renewals::new(aws, alerts_table));
        let api = Api::new(Http::new(further_roots.pem())?, api);
        Ok(Self { secrets, store, api, url, name, gauges })
    }

    /// One run. Its clock stands still: what it says of a subscription's life is early rather than late.
    ///
    /// # Errors
    /// [`Error`] when what became of it could not be remembered. Any other failure is.
    pub async fn run(&self, now: Timestamp) -> Result<Run, Error> {
        // Boxed: the SDK's futures are deep, and the callers' futures contain them.
        let credentials = Box::pin(self.secrets.read()).await.map_err(Failure::from);
        let mut remembered = self.store.recall().await?;
        let known = &mut remembered.renewal;
        if known.leased_until.is_some_and(|until| until > now) {
            return Ok(Run::Busy);
        }
        known.leased_until = now.checked_add(LEASE).ok();
        let admitted = credentials.and_then(|credentials| {
            login::admit(known, &credentials.version, now)?;
            Ok(credentials)
        });
        if !self.store.keep(&mut remembered, now).await? {
            return Ok(Run::Busy);
        }
        let done = match admitted {
            Ok(credentials) => Box::pin(self.session(&credentials, &mut remembered, now)).await,
            Err(failure) => Err(failure),
        };
        self.conclude(remembered, done, now).await
    }

    /// Logs in, works and logs out.
    async fn session(
        &self,
        credentials: &Credentials,
        remembered: &mut Remembered,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        let api = self.api.hiding(credentials.hidden());
        let session = login::log_in(&api, &credentials.login, &mut remembered.renewal, now).await?;
        let work = self.work(&session, credentials, remembered, now);
        let done = tokio::time::timeout(WORK.saturating_sub(begun.elapsed()), work).await;
        if !matches!(tokio::time::timeout(LOG_OUT, session.log_out()).await, Ok(Ok(()))) {
            tracing::warn!("the session was not closed; it ends by itself");
        }
        done.unwrap_or(Err(Failure::OverTime))
    }

    async fn work(
        &self,
        session: &Session<'_>,
        credentials: &Credentials,
        remembered: &mut Remembered,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let organization = credentials.organization.as_ref().map(|organization| organization.expose().to_owned());
        let wanted = Wanted { name: self.name.clone(), url: self.url.clone(), token: credentials.token.clone() };
        let (policy, store) = (&Policy::new(&wanted), &self.store);
        Upkeep { session, organization, wanted: &wanted, policy, store, remembered, now }.run().await
    }

    /// Writes down what became of the run, and gives the lease back.
    async fn conclude(
        &self,
        mut remembered: Remembered,
        done: Result<(), Failure>,
        now: Timestamp,
    ) -> Result<Run, Error> {
        let known = &mut remembered.renewal;
        known.leased_until = None;
        known.trouble = done.as_ref().err().map(|failure| trouble(known, failure, now));
        match &done {
            Ok(()) => tracing::info!(hours_left = metric::hours_left(known, now), "renewed"),
            Err(failure) => tracing::error!(code = &*failure.code(), error = chain(failure), "not renewed"),
        }
        self.gauges.tell(metric::NAME, metric::hours_left(known, now), now);
        if !self.store.keep(&mut remembered, now).await? {
            tracing::error!("another run took over; what became of this one is not remembered");
        }
        Ok(done.map_or_else(Run::Failed, |()| Run::Renewed))
    }
}

/// What is told of that failure. One that only waits says nothing new: people must know what it waits for.
fn trouble(known: &Renewal, failure: &Failure, now: Timestamp) -> Trouble {
    let before = known.trouble.as_ref();
    if let Some(before) = before.filter(|before| failure.is_wait() && before.cause == failure.cause()) {
        return before.clone();
    }
    let since = before.map_or(now, |trouble| trouble.since);
    Trouble { code: failure.code().into_owned(), message: chain(failure), cause: failure.cause(), since }
}
