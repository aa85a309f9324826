//! What stands in for AWS behind the functions: the embedded database, SNS and SQS, each on a loopback port of its own.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::stack::database::{Database, Expiry};
use crate::stack::shutdown::{Shutdown, Trigger, shutdown};
use crate::stack::sns::{self, Published, Sns};
use crate::stack::stream::{ReadError, Shard};
use crate::stack::template::Template;
use crate::stack::{Error, Options, sqs};

/// The running services.
pub(crate) struct Backend {
    pub(crate) published: Arc<Published>,
    pub(crate) sns: String,
    pub(crate) sqs: String,
    database: Database,
    trigger: Trigger,
    tasks: JoinSet<()>,
}

impl Backend {
    /// Starts the services that the template names.
    pub(crate) async fn start(template: &Template, options: &Options) -> Result<Self, Error> {
        let (trigger, shutdown) = shutdown();
        let database = Database::start(options.data.as_deref(), shutdown.clone()).await?;
        let published = Arc::new(Published::default());
        let topics = template.topics.clone();
        let sns = sns::router(Sns { topics, published: Arc::clone(&published), terminal: options.terminal });
        let sqs = sqs::router(&template.queues, options.data.as_deref(), options.terminal).map_err(Error::Messages)?;
        let mut tasks = JoinSet::new();
        let sns = serve(sns, &mut tasks, shutdown.clone()).await.map_err(Error::Endpoint)?;
        let sqs = serve(sqs, &mut tasks, shutdown).await.map_err(Error::Endpoint)?;
        Ok(Self { published, sns, sqs, database, trigger, tasks })
    }

    /// The database's URL.
    pub(crate) fn dynamodb(&self) -> String {
        self.database.url()
    }

    /// A handle on the expiry of items.
    pub(crate) fn expiry(&self) -> Expiry {
        self.database.expiry()
    }

    /// The shard of a table's stream.
    ///
    /// # Errors
    /// When the stream is not there.
    pub(crate) fn shard(&self, stream_arn: String) -> Result<Shard, ReadError> {
        self.database.shard(stream_arn)
    }

    /// Ends every service once its running requests are answered.
    pub(crate) async fn stop(mut self) {
        self.trigger.pull();
        while self.tasks.join_next().await.is_some() {}
        self.database.stopped().await;
    }
}

/// Serves on a free loopback port; gives the URL.
pub(crate) async fn serve(router: Router, tasks: &mut JoinSet<()>, shutdown: Shutdown) -> std::io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(shutdown.requested()).await {
            tracing::error!(%error, "a service stopped");
        }
    });
    Ok(url)
}
