//! The whole stack in one process: services behind, the handlers over them, the gateway in front, the stream and the
//! schedule beside.

pub(crate) mod backend;
mod bare;
mod database;
pub(crate) mod environment;
mod error;
mod function;
mod gateway;
mod onsip;
mod options;
mod pattern;
mod poller;
mod schedule;
pub(crate) mod shutdown;
mod sns;
mod sqs;
mod stream;
mod tables;
mod template;

use std::sync::Arc;
use std::time::Duration;

use console::{Console, ConsoleSettings};
use drain::{Drain, DrainSettings};
use index::{Index, IndexSettings};
use jiff::Timestamp;
use notify::{Notify, NotifySettings};
use query::{Query, QuerySettings};
use renew::{Renew, RenewSettings};
use shared::access::Network;
use shared::aws::Aws;
use shared::ingest::{Ingest, IngestSettings};
use shared::metric::Metrics;
use shared::renewal::{Renewal, Renewals};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::backend::Backend;
pub use self::bare::BareDatabase;
use self::environment::{Endpoints, Environment};
pub use self::error::Error;
use self::function::Function;
use self::gateway::Gateway;
use self::onsip::Onsip;
pub use self::options::{Options, Subscription, Tokens};
use self::poller::Poller;
use self::schedule::Schedule;
use self::shutdown::{Trigger, shutdown};
pub use self::sns::{Publication, PublishedAttribute};
use self::stream::{Mapping, Position, Source};
use self::template::Template;

/// How long running requests and batches have to finish when the stack shuts down.
const GRACE: Duration = Duration::from_secs(5);

/// A running stack.
pub struct Stack {
    endpoints: Endpoints,
    tokens: Tokens,
    backend: Backend,
    trigger: Trigger,
    /// The gateway, the stream and the schedule.
    parts: JoinSet<()>,
    /// What `renew` remembers, where it runs.
    renewals: Option<Renewals>,
    /// `notify` at other times than now. It does not look at the subscription, which is renewed meanwhile.
    played: Notify,
}

impl Stack {
    /// Starts everything, and returns when it can be used.
    ///
    /// # Errors
    /// [`Error`] with what is in the way.
    pub async fn start(mut options: Options) -> Result<Self, Error> {
        check(&options)?;
        let tokens = Tokens::of(&options)?;
        let template = Template::deployed()?;
        let listener = listen(&options).await?;
        let backend = Backend::start(&template, &options).await?;
        let endpoints = endpoints(&listener, &backend)?;
        let onsip = match options.subscription {
            Subscription::Renewed => Some(Onsip::start(&tokens).await?),
            Subscription::ByHand => None,
        };
        options.environment.extend(onsip.iter().flat_map(|onsip| onsip.variables(&endpoints)));
        let environment = Environment::new(&template, &endpoints, &tokens, &options);
        let functions = Functions::new(&environment)?;
        let mappings = mappings(&template, (&endpoints, &backend), &options, &functions).await?;
        let (trigger, until) = shutdown();
        let mut parts = JoinSet::new();
        for mapping in mappings {
            parts.spawn(mapping.run(until.clone()));
        }
        parts.spawn(poller(&template, &endpoints, &options, functions.drain)?.run(until.clone()));
        let scheduled = vec![functions.notify, functions.index];
        let schedule = Schedule { functions: scheduled, expiry: backend.expiry(), every: options.every };
        parts.spawn(schedule.run(until.clone()));
        let timeless = |name: &str| if name == "RENEWAL" { None } else { environment.get(name) };
        let played = Notify::new(NotifySettings::read(&timeless)?, &Aws::read(&timeless)?);
        let published = Arc::clone(&backend.published);
        let notify = environment.asked(|lookup| drop((Aws::read(lookup), NotifySettings::read(lookup))));
        let Functions { ingest, query, console, .. } = functions;
        let gateway = Gateway { ingest, query, console, published, notify };
        parts.spawn(gateway::serve(listener, gateway, until.clone()));
        let mut renewals = None;
        if let Some(onsip) = onsip {
            let (renew, kept) = renewer(&environment)?;
            parts.spawn(onsip.keep(renew, until));
            renewals = Some(kept);
        }
        Ok(Self { endpoints, tokens, backend, trigger, parts, renewals, played })
    }

    /// Where the API is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.endpoints.gateway
    }

    /// Where the embedded database is, for a proxy in front of it.
    #[must_use]
    pub fn dynamodb_url(&self) -> &str {
        &self.endpoints.dynamodb
    }

    /// Where SNS is, for a proxy in front of it.
    #[must_use]
    pub fn sns_url(&self) -> &str {
        &self.endpoints.sns
    }

    /// Where SQS is: a test reads the dead letters there.
    #[must_use]
    pub fn sqs_url(&self) -> &str {
        &self.endpoints.sqs
    }

    /// The tokens that it accepts.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// What is known of the subscription at OnSIP, if `renew` runs.
    pub async fn renewal(&self) -> Option<Renewal> {
        Some(self.renewals.as_ref()?.recall().await.ok()?.renewal)
    }

    /// Runs the schedule of `notify` as if it were that time.
    ///
    /// # Errors
    /// That of `notify`.
    pub(crate) async fn schedule_at(&self, at: Timestamp) -> Result<(), notify::Error> {
        self.played.handle(serde_json::json!({}), at).await.map(drop)
    }

    /// What was published, newest first.
    #[must_use]
    pub fn published(&self) -> Vec<Publication> {
        self.backend.published.all()
    }

    /// Ends everything: no new request is taken, running ones and the stream's batch may finish for a few seconds.
    pub async fn shutdown(mut self) {
        self.trigger.pull();
        let ended = async { while self.parts.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("stopped with requests still running");
            self.parts.shutdown().await;
        }
        if tokio::time::timeout(GRACE, self.backend.stop()).await.is_err() {
            tracing::warn!("stopped with calls of the services still running");
        }
    }
}

/// The functions, each built as its own `main` builds it.
struct Functions {
    ingest: Ingest,
    query: Query,
    console: Console,
    notify: Function,
    index: Function,
    drain: Function,
}

impl Functions {
    fn new(environment: &Environment) -> Result<Self, Error> {
        let lookup = |name: &str| environment.get(name);
        let aws = Aws::read(&lookup)?;
        let ingest = IngestSettings::read(&lookup)?;
        let (query, console) = (QuerySettings::read(&lookup)?, ConsoleSettings::read(&lookup)?);
        let notify = Arc::new(Notify::new(NotifySettings::read(&lookup)?, &aws));
        let index = Arc::new(Index::new(IndexSettings::read(&lookup)?, &aws));
        let drain = Arc::new(Drain::new(DrainSettings::read(&lookup)?, &aws, Metrics::read(&lookup)));
        Ok(Self {
            query: Query::new(query, &aws),
            console: Console::new(console, &aws),
            ingest: Ingest::new(ingest, aws.clone(), Metrics::read(&lookup)),
            notify: Function::new(notify::READER, move |event| {
                let notify = Arc::clone(&notify);
                async move { notify.handle(event, Timestamp::now()).await }
            }),
            index: Function::new(index::READER, move |event| {
                let index = Arc::clone(&index);
                async move { index.handle(&event, Timestamp::now()).await }
            }),
            drain: Function::new(drain::NAME, move |event| {
                let drain = Arc::clone(&drain);
                async move { drain.handle(event).await }
            }),
        })
    }
}

/// The renewer as its own `main` builds it, and what it remembers.
fn renewer(environment: &Environment) -> Result<(Renew, Renewals), Error> {
    let lookup = |name: &str| environment.get(name);
    let (aws, settings) = (Aws::read(&lookup)?, RenewSettings::read(&lookup)?);
    let renewals = Renewals::new(&aws, settings.alerts_table.clone());
    Ok((Renew::new(settings, &aws)?, renewals))
}

fn check(options: &Options) -> Result<(), Error> {
    let wrong = options.opentact_allow.iter().find(|text| text.parse::<Network>().is_err());
    if let Some(text) = wrong {
        return Err(Error::Network { text: text.clone() });
    }
    let given = [&options.token, &options.read_token, &options.operator_token];
    if given.into_iter().flatten().any(String::is_empty) {
        return Err(Error::EmptyToken);
    }
    Ok(())
}

async fn listen(options: &Options) -> Result<TcpListener, Error> {
    let address = options.listen;
    TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })
}

fn endpoints(listener: &TcpListener, backend: &Backend) -> Result<Endpoints, Error> {
    let gateway = listener.local_addr().map_err(Error::Endpoint)?;
    Ok(Endpoints {
        gateway: format!("http://{gateway}"),
        dynamodb: backend.dynamodb(),
        sns: backend.sns.clone(),
        sqs: backend.sqs.clone(),
    })
}

/// Feeds `drain` from the spool.
fn poller(template: &Template, endpoints: &Endpoints, options: &Options, drain: Function) -> Result<Poller, Error> {
    let function = "DrainFunction";
    let mut mapping = template.queue_mappings.get(function).cloned().ok_or(Error::NotPolled { function })?;
    mapping.hidden = options.spool_hidden.unwrap_or(mapping.hidden);
    let environment = Environment::sdk(endpoints);
    let client = Aws::read(&|name: &str| environment.get(name))?.sqs();
    let url = sqs::queue_url(&endpoints.sqs, &mapping.queue);
    Ok(Poller { client, url, mapping, function: drain })
}

/// Makes the tables, and feeds the functions from the stream of the one that has one, each from where an earlier run left it.
async fn mappings(
    template: &Template,
    (endpoints, backend): (&Endpoints, &Backend),
    options: &Options,
    functions: &Functions,
) -> Result<Vec<Mapping>, Error> {
    let environment = Environment::sdk(endpoints);
    let aws = Aws::read(&|name: &str| environment.get(name))?;
    let stream_arn = tables::ensure_all(&aws.dynamodb(), &template.tables).await?.ok_or(Error::NoStream)?;
    let shard = backend.shard(stream_arn)?;
    let fed = [
        ("NotifyFunction", &functions.notify, "stream-position"),
        ("IndexFunction", &functions.index, "stream-position-index"),
    ];
    let mut mappings = Vec::new();
    for (id, function, position) in fed {
        let mapping = template.mappings.get(id).cloned().ok_or(Error::NotFed { function: id })?;
        let source = Source { shard: shard.clone(), mapping };
        let position = Position::open(options.data.as_deref(), position).map_err(Error::Position)?;
        let position = position.not_past(source.shard.newest());
        mappings.push(Mapping::new(source, function.clone(), position));
    }
    Ok(mappings)
}
