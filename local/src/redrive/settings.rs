//! The settings of `redrive`: the variables of `notify`, from a file, and around them this process's own environment.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use index::IndexSettings;
use notify::NotifySettings;
use shared::aws::Aws;
use shared::settings::{Lookup, SettingsError, environment};

/// Why there is nothing to replay with.
#[derive(Debug, thiserror::Error)]
pub enum VariablesError {
    /// The file can't be read.
    #[error("--settings {} cannot be read", path.display())]
    Read {
        /// The file, `-` for standard input.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Nobody writes to standard input.
    #[error("pipe the environment of notify into it, or name a file with --settings; see --help")]
    Terminal,
    /// What was read is something else. Its text stays out: it may hold anything.
    #[error("--settings holds no JSON object of texts (line {line}, column {column})")]
    Form {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Variables are missing.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Settings(Vec<SettingsError>),
}

/// The variables of a file.
#[derive(Debug)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Reads the file, `-` for standard input.
    pub(crate) fn open(path: &Path) -> Result<Self, VariablesError> {
        let standard = path == Path::new("-");
        if standard && io::stdin().is_terminal() {
            return Err(VariablesError::Terminal);
        }
        let text = if standard { io::read_to_string(io::stdin()) } else { fs::read_to_string(path) };
        Self::read(&text.map_err(|source| VariablesError::Read { path: path.to_owned(), source })?)
    }

    fn read(text: &str) -> Result<Self, VariablesError> {
        let form = |error: serde_json::Error| VariablesError::Form { line: error.line(), column: error.column() };
        serde_json::from_str(text).map(Self).map_err(form)
    }

    /// The variable, else this process's own of that name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().or_else(|| environment(name))
    }
}

/// What the variables say.
pub(super) struct Settings {
    pub(super) aws: Aws,
    pub(super) notify: NotifySettings,
    /// Its variables are among those of `notify`.
    pub(super) index: IndexSettings,
}

impl Settings {
    /// Reads them, and reports all faults together.
    pub(super) fn read(lookup: Lookup<'_>) -> Result<Self, VariablesError> {
        match (Aws::read(lookup), NotifySettings::read(lookup), IndexSettings::read(lookup)) {
            (Ok(aws), Ok(notify), Ok(index)) => Ok(Self { aws, notify, index }),
            (aws, notify, _) => {
                let problems = [aws.err(), notify.err()];
                Err(VariablesError::Settings(problems.into_iter().flatten().collect()))
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn everything_missing_is_told_at_once() {
        let error = Settings::read(&|_| None).err().unwrap().to_string();
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "ALERTS_TABLE", "DEAD_LETTER_QUEUE_URL", "EVENTS_TABLE"] {
            assert!(error.contains(name), "{name}: {error}");
        }
        assert!(!error.contains('\n'), "{error}");
    }

    #[test]
    fn the_file_wins_over_the_environment() {
        let variables = Variables::read(r#"{"PATH": "mine"}"#).unwrap();
        assert_eq!(variables.get("PATH").as_deref(), Some("mine"));
        assert_eq!(variables.get("CARGO_MANIFEST_DIR"), environment("CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn what_is_no_object_of_texts_is_refused_without_showing_it() {
        for text in ["", "null", "[]", "{\"SECRET\": 12345}", "{\"SECRET\": \"12345\""] {
            let error = Variables::read(text).err().unwrap().to_string();
            assert!(!error.contains("12345") && error.contains("no JSON object"), "{error}");
        }
    }
}
