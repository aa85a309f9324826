//! Makes the template's tables through the real SDK. The ones found in a data directory get the indexes that they lack, and must be the
//! same in all else.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, GlobalSecondaryIndexUpdate, TableDescription,
    TimeToLiveSpecification,
};

use shared::aws::ServiceError;

use crate::stack::template::Table;

/// Why the tables are not there.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The embedded database refused.
    #[error("the table {table} cannot be made")]
    Refused {
        /// The table.
        table: String,
        /// What the call came to.
        source: ServiceError,
    },
    /// It answered without what it made.
    #[error("the table {table} cannot be made: the answer describes no table")]
    Undescribed {
        /// The table.
        table: String,
    },
    /// The attribute by which items expire is none.
    #[error("the table {table} cannot be made: its expiry")]
    Expiry {
        /// The table.
        table: String,
        /// What the SDK says.
        source: BuildError,
    },
    /// The data directory was filled by a version with other keys or indexes.
    #[error(
        "the data directory holds the table {table} with other keys or indexes than this version's: start with a new directory"
    )]
    Different {
        /// The table.
        table: String,
    },
}

/// Makes the tables that are not there already; gives the ARN of the first stream among them.
pub(crate) async fn ensure_all(client: &Client, tables: &[Table]) -> Result<Option<String>, TablesError> {
    let mut stream = None;
    for table in tables {
        stream = stream.or(ensure(client, table).await?);
    }
    Ok(stream)
}

/// Makes the table with its expiry, unless it is there already; gives its stream's ARN if it has one.
async fn ensure(client: &Client, table: &Table) -> Result<Option<String>, TablesError> {
    let found = describe(client, table).await?;
    let description = match found {
        Some(description) if same(table, &description) => description,
        Some(older) => extend(client, table, &older).await?,
        None => create(client, table).await?,
    };
    Ok(description.latest_stream_arn().map(str::to_owned))
}

async fn describe(client: &Client, table: &Table) -> Result<Option<TableDescription>, TablesError> {
    match client.describe_table().table_name(&table.name).send().await {
        Ok(found) => Ok(found.table),
        Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_not_found_exception()) => Ok(None),
        Err(error) => Err(refused(table, error)),
    }
}

async fn create(client: &Client, table: &Table) -> Result<TableDescription, TablesError> {
    let indexes = (!table.indexes.is_empty()).then(|| table.indexes.clone());
    let created = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(table.attributes.clone()))
        .set_key_schema(Some(table.keys.clone()))
        .set_global_secondary_indexes(indexes)
        .set_stream_specification(table.stream.clone())
        .send()
        .await
        .map_err(|error| refused(table, error))?;
    if let Some(attribute) = &table.ttl {
        expire_by(client, table, attribute).await?;
    }
    created.table_description.ok_or_else(|| TablesError::Undescribed { table: table.name.clone() })
}

/// Gives a table of an earlier version the indexes that it lacks, as an update of a deployed stack does.
async fn extend(client: &Client, table: &Table, older: &TableDescription) -> Result<TableDescription, TablesError> {
    let different = || TablesError::Different { table: table.name.clone() };
    let lacks = |index: &&GlobalSecondaryIndex| {
        !older.global_secondary_indexes().iter().any(|known| known.index_name() == Some(index.index_name()))
    };
    for index in table.indexes.iter().filter(lacks) {
        let create = CreateGlobalSecondaryIndexAction::builder()
            .index_name(index.index_name())
            .set_key_schema(Some(index.key_schema().to_vec()))
            .set_projection(index.projection().cloned());
        let create = create.build().map_err(|_| different())?;
        let update = GlobalSecondaryIndexUpdate::builder().create(create).build();
        let asked = client.update_table().table_name(&table.name).global_secondary_index_updates(update);
        let asked = asked.set_attribute_definitions(Some(table.attributes.clone()));
        asked.send().await.map_err(|error| refused(table, error))?;
    }
    describe(client, table).await?.filter(|found| same(table, found)).ok_or_else(different)
}

async fn expire_by(client: &Client, table: &Table, attribute: &str) -> Result<(), TablesError> {
    let expiry = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build();
    let expiry = expiry.map_err(|source| TablesError::Expiry { table: table.name.clone(), source })?;
    let asked = client.update_time_to_live().table_name(&table.name).time_to_live_specification(expiry);
    asked.send().await.map_err(|error| refused(table, error))?;
    Ok(())
}

/// Whether the table found has the template's keys, indexes and what they project.
fn same(table: &Table, found: &TableDescription) -> bool {
    let mut wanted: Vec<_> =
        table.indexes.iter().map(|i| shape(i.index_name(), i.key_schema(), i.projection())).collect();
    let found_indexes = found.global_secondary_indexes().iter();
    let mut there: Vec<_> =
        found_indexes.map(|i| shape(i.index_name().unwrap_or_default(), i.key_schema(), i.projection())).collect();
    wanted.sort();
    there.sort();
    table.keys == found.key_schema() && wanted == there && table.stream.is_some() == found.latest_stream_arn().is_some()
}

type Shape = (String, Vec<String>, Option<String>, Vec<String>);

fn shape(
    name: &str,
    keys: &[aws_sdk_dynamodb::types::KeySchemaElement],
    projection: Option<&aws_sdk_dynamodb::types::Projection>,
) -> Shape {
    let mut kept = projection.map(|p| p.non_key_attributes().to_vec()).unwrap_or_default();
    kept.sort();
    let kind = projection.and_then(|p| p.projection_type()).map(|kind| kind.as_str().to_owned());
    (name.to_owned(), keys.iter().map(|key| key.attribute_name().to_owned()).collect(), kind, kept)
}

fn refused(table: &Table, error: impl Into<ServiceError>) -> TablesError {
    TablesError::Refused { table: table.name.clone(), source: error.into() }
}
