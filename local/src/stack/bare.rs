//! The stack's database alone: the same engine with the same tables, and nothing that writes to them or reads their
//! stream. What a delivery costs beyond its write is measured beside it.

use std::path::Path;

use shared::aws::Aws;

use crate::stack::database::Database;
use crate::stack::environment::{Endpoints, Environment};
use crate::stack::shutdown::{Trigger, shutdown};
use crate::stack::template::Template;
use crate::stack::{Error, tables};

/// A running database with a stack's tables.
pub struct BareDatabase {
    database: Database,
    trigger: Trigger,
}

impl BareDatabase {
    /// Starts it as a stack starts its own: in that directory, or an empty one that ends with the process.
    ///
    /// # Errors
    /// [`Error`] with what is in the way.
    pub async fn start(directory: Option<&Path>) -> Result<Self, Error> {
        let template = Template::deployed()?;
        let (trigger, shutdown) = shutdown();
        let database = Database::start(directory, shutdown).await?;
        let environment = Environment::sdk(&Endpoints::of_database(database.url()));
        let aws = Aws::read(&|name: &str| environment.get(name))?;
        tables::ensure_all(&aws.dynamodb(), &template.tables).await?;
        Ok(Self { database, trigger })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.database.url()
    }

    /// Ends it once its running requests are answered.
    pub async fn shutdown(self) {
        self.trigger.pull();
        self.database.stopped().await;
    }
}
