//! The flags of `redrive`, and what they ask for.

use std::path::PathBuf;

use super::readers::Reader;
use super::stretch::{Border, Stretch, StretchError};

/// What is replayed, and with which settings.
#[derive(clap::Args)]
pub(crate) struct RedriveFlags {
    /// The environment of notify, as a JSON object; - is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) settings: PathBuf,

    /// Instead of the dead letters: the events received from this day or time on
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<Border>,

    /// Up to the end of this day, or up to this time
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<Border>,

    /// Who gets these events
    #[arg(long, value_name = "FUNCTION", requires = "from", value_delimiter = ',', default_values = ["index", "notify"])]
    only: Vec<Reader>,

    /// Replay nothing: show each letter with its id and what it holds
    #[arg(long, conflicts_with_all = ["from", "discard"])]
    show: bool,

    /// Replay nothing: delete the letter of that id for good, unread
    #[arg(long, value_name = "ID", conflicts_with = "from")]
    discard: Option<String>,
}

/// What is to be done.
pub(crate) enum Task<'f> {
    /// To replay the letters.
    Replay,
    /// To give the events of a stretch to those readers.
    Again(Stretch, &'f [Reader]),
    /// To show the letters.
    Show,
    /// To delete one.
    Discard(&'f str),
}

impl RedriveFlags {
    /// # Errors
    /// [`StretchError`] when a stretch ends before it begins.
    pub(crate) fn task(&self) -> Result<Task<'_>, StretchError> {
        match (&self.discard, self.from.zip(self.to)) {
            (Some(id), _) => Ok(Task::Discard(id)),
            (None, Some((from, to))) => Ok(Task::Again(Stretch::new(from, to)?, &self.only)),
            (None, None) => Ok(if self.show { Task::Show } else { Task::Replay }),
        }
    }
}
