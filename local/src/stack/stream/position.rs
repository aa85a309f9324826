//! How far the stream was handled. Beside the database it is kept in a file, so that a restart goes on where the last
//! run stopped; without a directory the database ends with the process, and so does the position.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The last sequence number that is done.
pub(crate) struct Position {
    file: Option<PathBuf>,
    last: Option<String>,
}

impl Position {
    /// Reads what an earlier run left in the directory, in a file of that name.
    ///
    /// # Errors
    /// When there is a position that cannot be read: beginning anew would hand a function the whole stream again.
    pub(crate) fn open(directory: Option<&Path>, name: &str) -> io::Result<Self> {
        let file = directory.map(|directory| directory.join(name));
        let last = match &file {
            None => None,
            Some(file) => match fs::read_to_string(file) {
                Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        Ok(Self { file, last })
    }

    /// The same, or that of the newest record where it is past all records. A power failure may take what was stored last and leave
    /// the position; what is stored next may get the same numbers again.
    pub(crate) fn not_past(mut self, newest: Option<&str>) -> Self {
        let newest = newest.map(str::to_owned);
        self.last = self
            .last
            .zip(newest)
            .and_then(|(last, newest)| [last, newest].into_iter().min_by_key(|number| number.parse::<u128>().ok()));
        self
    }

    /// The last sequence number that is done, if any is.
    pub(crate) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Goes on. A position that cannot be written costs a repetition after a restart, which each function bears.
    pub(crate) fn advance(&mut self, sequence_number: &str) {
        self.last = Some(sequence_number.to_owned());
        if let Some(file) = &self.file {
            let next = file.with_extension("next");
            // Renamed into place: a reader finds the old position or the new one, never half of it.
            if let Err(error) = fs::write(&next, sequence_number).and_then(|()| fs::rename(&next, file)) {
                tracing::warn!(%error, "the stream's position is not kept");
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn a_restart_goes_on_where_the_last_run_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let open = |name: &str| Position::open(Some(directory.path()), name).unwrap();
        let (mut position, mut other) = (open("stream-position"), open("stream-position-index"));
        assert_eq!((position.last(), other.last()), (None, None));
        position.advance("100000000000000000007");
        position.advance("100000000000000000008");
        other.advance("100000000000000000007");
        assert_eq!(open("stream-position").last(), Some("100000000000000000008"));
        assert_eq!(open("stream-position-index").last(), Some("100000000000000000007"));
        assert_eq!(Position::open(None, "stream-position").unwrap().last(), None);
    }

    #[test]
    fn records_that_a_power_failure_took_were_not_handled() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Position::open(Some(directory.path()), "stream-position").unwrap();
        assert_eq!(open().not_past(Some("7")).last(), None);
        open().advance("100000000000000000010");
        for (newest, last) in [
            (None, None),
            (Some("99999999999999999999"), Some("99999999999999999999")),
            (Some("100000000000000000009"), Some("100000000000000000009")),
            (Some("100000000000000000010"), Some("100000000000000000010")),
            (Some("100000000000000000011"), Some("100000000000000000010")),
        ] {
            assert_eq!(open().not_past(newest).last(), last);
        }
    }
}
