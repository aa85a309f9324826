//! What a message of the events topic is made of: an item of the events table, by its id.

use std::fmt;
use std::str::FromStr;

use shared::key::{EventId, IdError, Partition};

/// Stands before the id of a record's call or message, and its version behind that. No provider has that name, so an event's id
/// never begins with it.
const RECORD: &str = "record.";

/// An event, or a version of the record of a call or message: while one version is published, a later one may have to be kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The event of that id.
    Event(EventId),
    /// That version of the record of that call or message.
    Record(Partition, u32),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => id.fmt(f),
            Self::Record(id, version) => write!(f, "{RECORD}{id}~{version}"),
        }
    }
}

impl FromStr for Origin {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let Some(record) = text.strip_prefix(RECORD) else { return text.parse().map(Self::Event) };
        let (id, version) = record.split_once('~').ok_or(IdError)?;
        Ok(Self::Record(id.parse()?, version.parse().map_err(|_| IdError)?))
    }
}
