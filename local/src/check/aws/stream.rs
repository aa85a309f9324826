//! Whether `notify` and `index` follow the stream that the events table has now. A table that was restored has another one than
//! before, and nothing else says that nobody reads it.

use aws_sdk_lambda::types::EventSourceMappingConfiguration;

use super::super::error::{CheckError, Stop};
use super::{StackAws, missing, unseen};
use crate::redrive::Reader;

/// The report on a stream that is followed.
pub(super) const FOLLOWED: &str = "notify and index follow the events table's stream";

/// Both readers, with the names by which people know them.
const READERS: [(Reader, &str); 2] = [(Reader::Notify, "NotifyFunction"), (Reader::Index, "IndexFunction")];

impl StackAws {
    /// Both readers have a mapping on the table's newest stream that polls it.
    pub(super) async fn stream(&self) -> Result<(), Stop> {
        let stream = self.newest_stream().await?;
        let client = aws_sdk_lambda::Client::new(&self.aws.service("LAMBDA"));
        let asked = client.list_event_source_mappings().event_source_arn(&stream).send().await;
        let mappings = asked.map_err(|error| unseen("lambda:ListEventSourceMappings", error))?;
        let mappings = mappings.event_source_mappings();
        for (reader, name) in READERS {
            follows(mappings, reader).map_err(|state| CheckError::Unfollowed {
                name,
                state,
                stream: stream.clone(),
            })?;
        }
        Ok(())
    }

    async fn newest_stream(&self) -> Result<String, Stop> {
        let table = &self.notify.events_table;
        let asked = self.aws.dynamodb().describe_table().table_name(table).send().await;
        let gone = CheckError::NoTable { table: table.clone() };
        let told = asked.map_err(|e| missing("dynamodb:DescribeTable", e, &["ResourceNotFoundException"], gone))?;
        let table = told.table.ok_or_else(|| Stop::Skipped("could not look: no table is described".to_owned()))?;
        let streams = table.stream_specification.is_some_and(|specification| specification.stream_enabled);
        Ok(table.latest_stream_arn.filter(|_| streams).ok_or(CheckError::NoStream)?)
    }
}

/// Whether a reader's mapping polls; else what there is of it.
fn follows(mappings: &[EventSourceMappingConfiguration], reader: Reader) -> Result<(), String> {
    let arn = |mapping: &EventSourceMappingConfiguration| mapping.function_arn.clone().unwrap_or_default();
    let mut own = mappings.iter().filter(|mapping| Reader::of_arn(&arn(mapping)) == reader);
    let Some(mapping) = own.next() else {
        return Err("has no mapping on it".to_owned());
    };
    let (state, last) = (mapping.state().unwrap_or("unknown"), mapping.last_processing_result().unwrap_or_default());
    match state {
        "Enabled" if !last.starts_with("PROBLEM") => Ok(()),
        "Enabled" => Err(format!("can't take what it reads ({last})")),
        _ => Err(format!("has a mapping that is {state}")),
    }
}
